//! Loops on tensors: one program makes as many trips as the values ask for.

use ferrodyne::Result;
use ferrodyne::prelude::*;

use super::branches::List;
use crate::tensor::close;

/// Defines a function three times: as one graph for the interpreter and for the device, and eagerly, and checks that they agree on
/// several inputs.
macro_rules! agree {
    ($($(#[$meta:meta])* fn $name:ident($x:ident: &Tensor) -> $ret:ty $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            #[compile(fullgraph, backend = "reference")]
            fn graph($x: &Tensor) -> $ret $body
            #[compile(fullgraph)]
            fn device($x: &Tensor) -> $ret $body
            #[compile(backend = "eager")]
            fn eager($x: &Tensor) -> $ret $body
            for start in [-4.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 7.0] {
                let x = Tensor::from_vec(vec![start, 0.5, -0.25], [3], &Device::cpu());
                let want = eager(&x).list();
                let (graph, device) = (graph(&x).list(), device(&x).list());
                for ((graph, device), want) in graph.iter().zip(&device).zip(&want) {
                    let want = want.to_dtype(DType::F32).to_vec::<f32>().unwrap();
                    close(graph, &want, &format!("graph at {start}"));
                    close(device, &want, &format!("device at {start}"));
                }
            }
        }
    )*};
}

/// A state of a user's own, with a host value that stays.
#[derive(Clone, Tree)]
struct Cells {
    hidden: Tensor,
    memory: (Tensor, Option<Tensor>),
    kind: Kind,
}

#[derive(Clone, Copy, Tree)]
enum Kind {
    Plain,
    Scaled(i64),
}

agree! {
    fn a_struct_is_changed_in_branches_and_carried_by_loops(x: &Tensor) -> (Tensor, Tensor) {
        let mut cells = Cells { hidden: x * 2, memory: (x + 1, None), kind: Kind::Plain };
        cells.memory.1 = Some(x.abs());
        if x.sum() > 0 {
            cells.hidden = &cells.hidden + x;
        } else {
            let swapped = (cells.hidden.clone(), cells.memory.1.clone());
            cells = Cells { hidden: cells.memory.0, memory: swapped, kind: cells.kind };
        }
        cells.kind = Kind::Scaled(3);
        let mut rounds = x.sum() * 0;
        while &rounds < 3 {
            let scale = match cells.kind {
                Kind::Plain => 1,
                Kind::Scaled(by) => by,
            };
            cells.memory.0 = &cells.memory.0 * 0.5 + &cells.hidden;
            cells.memory.1 = cells.memory.1.map(|kept| kept * scale);
            cells.kind = Kind::Scaled(scale);
            rounds = rounds + 1;
        }
        let kept = cells.memory.1.unwrap_or_else(|| x.clone());
        (cells.hidden + kept, cells.memory.0)
    }

    fn a_condition_ends_a_loop(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        while y.sum() < 10 {
            y = y * 0.5 + 2;
        }
        y
    }

    fn a_loop_counts_its_trips(x: &Tensor) -> (Tensor, Tensor) {
        let mut y = x.abs() + 0.1;
        let mut n = Tensor::scalar(0, x.device());
        while y.sum() < 50.0 {
            y = &y * 2;
            n = n + 1;
        }
        (y, n)
    }

    fn a_break_ends_a_loop(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        loop {
            y = y + 1;
            if y.sum() > 12 {
                break;
            }
        }
        y * 2
    }

    fn a_break_stands_first(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        loop {
            if y.sum() > 6 {
                break;
            }
            y = y + 1;
        }
        y
    }

    fn a_condition_and_a_break(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let mut z = x * 0;
        while y.sum() < 20 {
            y = y + 1;
            if z.sum() > 8 {
                y = y * 10;
                break;
            }
            z = z + &y * 0.1;
        }
        y + z
    }

    fn a_trip_may_end_early(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let mut z = x * 0;
        while y.sum() < 9 {
            y = y + 1;
            if y.select(0, 0) < 1 {
                continue;
            }
            z = z + &y;
        }
        z
    }

    fn a_branch_in_a_loop(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        while y.sum() < 15 {
            if y.select(0, 0) < 0 {
                y = y.abs() + 0.25;
            } else if y.select(0, 1) > 3 {
                y = y * 2;
            } else {
                y = y + 1;
            }
        }
        y
    }

    fn a_break_in_the_second_branch(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        loop {
            y = y + 0.5;
            if y.sum() < 7 {
                y = y * 1.125;
            } else {
                break;
            }
        }
        y
    }

    fn loops_nest(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let mut all = x * 0;
        while all.sum() < 30 {
            y = y * 0.5 + 1;
            let mut z = y.clone();
            while z.sum() < 8 {
                z = z + &y;
            }
            all = all + z;
        }
        all + y
    }

    fn a_loop_in_a_branch(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        if x.sum() > 0 {
            while y.sum() < 8 {
                y = y + 1;
            }
        } else {
            y = y - 1;
        }
        y
    }

    fn two_loops_in_a_row(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        while y.sum() < 5 {
            y = y + 1;
        }
        let s = y.sum();
        while y.sum() > -3 {
            y = y - 0.75;
        }
        y + s
    }

    fn a_list_is_carried(x: &Tensor) -> Vec<Tensor> {
        let mut list = vec![x.clone(), x * 2];
        while list[0].sum() < 6 {
            list[0] = &list[0] + 1;
            for t in list.iter_mut() {
                *t = &*t * 0.75 + 1;
            }
        }
        list
    }

    fn a_value_moves_on_the_way_out(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let mut kept = x * 0;
        while y.sum() < 9 {
            if y.select(0, 0) > 2 {
                kept = y;
                break;
            }
            y = y + 1;
        }
        kept
    }

    fn host_values_do_not_change(x: &Tensor) -> Tensor {
        let (mut y, step, mut n) = (x.clone(), 2, 0);
        while y.sum() < 9 {
            for k in 0..step {
                y = y + k + 0.25;
            }
        }
        n += step;
        y * n
    }

    fn unrolled_loops_may_hold_tensors(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let mut n = 0;
        while n < 3 {
            if y.sum() > 4 {
                break;
            }
            y = y + 1;
            n += 1;
        }
        y
    }

    fn a_loop_in_an_unrolled_one(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        for k in 1..4 {
            while y.sum() < 3 * k {
                y = y + 0.5;
            }
            y = y * 0.75;
        }
        y
    }

    fn labels_name_loops(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        'outer: while y.sum() < 20 {
            for k in 0..3 {
                y = y + k + 0.25;
                if y.select(0, 0) > 5 {
                    continue 'outer;
                }
            }
            y = y * 1.25 + 1;
        }
        y
    }

    fn a_tensor_ends_a_range(x: &Tensor) -> Tensor {
        let (mut y, n) = (x.clone(), x.abs().sum().to_dtype(DType::I32));
        for i in 0..&n {
            y = y * 0.5 + i.to_dtype(DType::F32);
        }
        y + n.to_dtype(DType::F32)
    }

    fn a_range_includes_its_end(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        for i in 1..=x.abs().sum() {
            if i == 2 {
                continue;
            }
            if y.sum() > 20 {
                break;
            }
            y = y + &i * 2;
        }
        y
    }

    fn ranges_nest(x: &Tensor) -> Tensor {
        let (mut y, n) = (x * 0, x.abs().sum());
        for i in 0..&n {
            for j in 0..&i {
                y = y + &j + x;
            }
        }
        y
    }

    fn tensors_begin_and_end_a_range(x: &Tensor) -> Tensor {
        let (mut y, n) = (x.clone(), x.abs());
        for i in n.select(0, 2)..n.sum() {
            y = y + i;
        }
        y
    }

    fn host_ends_unroll_a_range(x: &Tensor) -> Tensor {
        let (mut y, list) = (x.clone(), [1.0, 2.0, 3.0]);
        let n = list.len();
        for i in 0..n {
            if y.sum() > 3 {
                continue;
            }
            y = y + list[i];
        }
        for (i, j) in (0..n).zip(1..) {
            y = y + i * j;
        }
        for k in 0..x.dim(0) {
            y = y + k;
        }
        y
    }

    fn a_step_may_fail_on_the_host(x: &Tensor) -> Result<Tensor> {
        let mut y = x.clone();
        while y.sum() < 10 {
            y = y.try_add(x.abs() + 0.5)?;
        }
        Ok(y)
    }
}

/// `x` and a limit; counts the trips that a program makes, and what its host read.
#[test]
fn a_device_reads_the_condition_once_in_a_chunk_of_trips() {
    let double = |x: &Tensor, limit: &Tensor| {
        let program = |x: &Tensor, limit: &Tensor| {
            flow::while_loop(
                |(y, _)| y.lt(limit),
                |(y, trips)| (y * 2, trips + 1),
                (x.clone(), Tensor::scalar(0, x.device())),
            )
        };
        program(x, limit)
    };
    let mut devices = vec![Device::cpu()];
    devices.extend(Device::named("gpu").map_err(|error| eprintln!("skipped: {error}")).ok());
    for device in devices {
        let double = compile(double).fullgraph();
        for trips in [0, 1, 7, 8, 9, 40, 100] {
            let limit = Tensor::scalar(2f32.powi(trips), &device);
            let made = double.call((&Tensor::scalar(1.0, &device), &limit)).unwrap();
            assert_eq!(made.1.item::<i32>().unwrap(), trips, "{device}");
            assert_eq!(made.0.item::<f32>().unwrap(), 2f32.powi(trips), "{device}");
            let reads = double
                .programs()
                .last()
                .and_then(|program| program.run.clone())
                .unwrap()
                .condition_reads as i32;
            // Chunks of 8, 16, 32 and then 64 trips; the CPU executor looks where the value lies.
            let most = if device.name() == "cpu" { trips + 1 } else { 1 + trips / 8 };
            assert!(reads <= most, "{reads} reads for {trips} trips on {device}");
            assert!(
                device.name() == "cpu" || trips < 100 || reads <= 4,
                "{reads} reads on {device}"
            );
        }
    }
}
