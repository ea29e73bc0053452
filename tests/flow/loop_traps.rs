//! What trips through a loop change that a graph cannot hold: each is found, and conditions are read instead; no trip is baked in.

use std::cell::{Cell, RefCell};

use ferrodyne::Result;
use ferrodyne::prelude::*;

use super::traps::{Counter, traps};
use crate::tensor::close;

traps! {
    fn a_counter_changes(x: &Tensor) -> Tensor {
        let (mut y, mut n) = (x.abs(), 0);
        while y.sum() < 9 {
            y = y + 1;
            n += 1;
        }
        y * n
    }

    fn a_counter_changes_behind_an_alias(x: &Tensor) -> Tensor {
        let (mut y, mut n) = (x.abs(), 0);
        let r = &mut n;
        while y.sum() < 9 {
            y = y + 1;
            *r += 1;
        }
        y * n
    }

    fn a_tensor_changes_behind_an_alias(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        let r = &mut y;
        while r.sum() < 6 {
            *r = &*r + 1;
        }
        y
    }

    fn a_closure_counts(x: &Tensor) -> Tensor {
        let (mut y, mut n) = (x.abs(), 0);
        let mut count = || n += 1;
        while y.sum() < 9 {
            y = y + 1;
            count();
        }
        y * n
    }

    fn a_cell_counts(x: &Tensor) -> Tensor {
        let (mut y, n) = (x.abs(), Cell::new(0));
        while y.sum() < 9 {
            y = y + 1;
            n.set(n.get() + 1);
        }
        y * n.get()
    }

    fn a_late_trip_differs(x: &Tensor) -> Tensor {
        let (mut y, n) = (x.abs(), Cell::new(0));
        while y.sum() < 30 {
            y = if n.get() == 6 { &y * 3 } else { &y + 1 };
            n.set(n.get() + 1);
        }
        y
    }

    fn a_function_counts_for_its_caller(x: &Tensor) -> Tensor {
        fn next(n: &Cell<i32>) -> i32 {
            n.set(n.get() + 1);
            n.get()
        }
        let (mut y, n) = (x.abs(), Cell::new(0));
        while y.sum() < 30 {
            y = &y + next(&n);
        }
        y
    }

    fn the_condition_counts(x: &Tensor) -> Tensor {
        let (mut y, n) = (x.abs(), Cell::new(10));
        let limit = || {
            n.set(n.get() - 1);
            n.get()
        };
        while y.sum() < limit() {
            y = &y + 1;
        }
        y
    }

    fn a_list_behind_a_cell_grows(x: &Tensor) -> Tensor {
        let (mut y, list) = (x.abs(), RefCell::new(Vec::new()));
        while y.sum() < 9 {
            y = y + 1;
            list.borrow_mut().push(y.clone());
        }
        list.into_inner().iter().fold(y, |sum, t| sum + t)
    }

    fn a_list_grows(x: &Tensor) -> Tensor {
        let (mut y, mut list) = (x.abs(), Vec::new());
        while y.sum() < 9 {
            y = y + 1;
            list.push(y.clone());
        }
        list.iter().fold(y, |sum, t| sum + t)
    }

    fn a_value_of_a_type_of_the_users_changes(x: &Tensor) -> Tensor {
        let mut counter = Counter { total: x.abs(), steps: 0 };
        while counter.total.sum() < 9 {
            counter.count(&(x * 0 + 1));
        }
        counter.total * counter.steps
    }

    fn a_shape_changes(x: &Tensor) -> Tensor {
        let mut y = x.abs() + 1;
        while y.sum() < 20 {
            y = Tensor::cat(&[&y, &y], 0);
        }
        y.sum() + x
    }

    fn an_element_type_changes(x: &Tensor) -> Tensor {
        let mut y = Tensor::scalar(1, x.device());
        let mut z = x.abs() + 1;
        while z.sum() < 20 {
            z = z * 2;
            y = &z.sum() + &y.to_dtype(DType::F32);
        }
        y + x
    }

    fn a_function_returns_in_a_loop(x: &Tensor) -> Tensor {
        let mut y = x.abs();
        while y.sum() < 9 {
            y = y + 1;
            if y.select(0, 0) > 5 {
                return y * 100;
            }
        }
        y
    }

    fn two_loops_are_left_at_once(x: &Tensor) -> Tensor {
        let mut y = x.abs();
        'outer: while y.sum() < 30 {
            while y.select(0, 0) < 8 {
                y = y + 1;
                if y.sum() > 10 {
                    break 'outer;
                }
            }
            y = y * 2;
        }
        y
    }

    fn a_value_is_read_in_a_loop(x: &Tensor) -> Tensor {
        let (mut y, mut n) = (x.abs(), 0.0);
        while y.sum() < 9 {
            y = y + 1;
            n += y.sum().item::<f32>().unwrap();
        }
        y + n
    }

    fn random_numbers_are_drawn_in_a_loop(x: &Tensor) -> Tensor {
        let mut y = x.abs();
        while y.sum() < 9 {
            y = y + 1 + x.rand_like() * 0;
        }
        y
    }

    fn a_loop_gives_a_value(x: &Tensor) -> Tensor {
        let mut y = x.abs();
        let z = loop {
            y = y + 1;
            if y.sum() > 9 {
                break &y * 2;
            }
        };
        z + y
    }

    fn a_variable_gets_its_value_on_the_way_out(x: &Tensor) -> Tensor {
        let mut y = x.abs();
        let z;
        loop {
            y = y + 1;
            if y.sum() > 9 {
                z = &y * 3;
                break;
            }
        }
        z + y
    }

    fn a_condition_decides(x: &Tensor) -> Tensor {
        let mut y = x.clone();
        while { if y.select(0, 0) < 0 { y = y.abs(); } y.sum() < 9 } {
            y = y + 1;
        }
        y
    }

    fn an_error_ends_a_loop(x: &Tensor) -> Tensor {
        fn step(y: &Tensor) -> Result<Tensor> {
            y.try_add(y)
        }
        let run = || -> Result<Tensor> { Ok(x.abs() + 1) };
        let mut y = run().unwrap();
        while y.sum() < 9 {
            y = match step(&y) {
                Ok(next) => next,
                Err(_) => break,
            };
        }
        y
    }

    fn a_loop_makes_hundreds_of_trips(x: &Tensor) -> Tensor {
        let mut y = x.abs();
        while y.sum() < 1000 {
            y = y + 1;
        }
        y
    }
}

#[test]
fn what_cannot_be_a_graph_is_an_error_under_fullgraph_that_says_where() {
    #[compile(fullgraph, backend = "reference")]
    fn counts(x: &Tensor) -> Result<Tensor> {
        let (mut y, mut n) = (x.abs(), 0);
        while y.sum() < 9 {
            y = y + 1;
            n += 1;
        }
        Ok(y * n)
    }
    let x = Tensor::from_vec(vec![1.0f32, 0.5], [2], &Device::cpu());
    let text = counts(&x).unwrap_err().to_string();
    assert!(
        text.contains("`n` changes on the host in a loop on a tensor (tests/flow/loop_traps.rs:"),
        "{text}"
    );
    assert!(text.contains("keep the value in a tensor"), "{text}");
}

/// A buffer that a loop's condition or body sets takes as many steps as the loop.
#[test]
fn a_buffer_is_set_in_a_loop() {
    #[derive(Module)]
    struct Steps {
        seen: Buffer,
    }
    #[module]
    impl Steps {
        fn forward(&self, x: &Tensor) -> Tensor {
            let mut y = x.clone();
            while {
                self.seen.set(&(self.seen.tensor() + 1)).unwrap();
                y.sum() < 3
            } {
                y = y + 1;
            }
            while y.sum() < 6 {
                self.seen.set(&(self.seen.tensor() + 10)).unwrap();
                y = y + 1;
            }
            y
        }
    }
    let device = Device::cpu();
    let steps = Steps { seen: Buffer::new(Tensor::zeros([1], &device)) };
    let compiled = compile(&steps).backend("reference").unwrap();
    for (value, want) in [(0.0, 34.0), (5.0, 45.0), (-1.0, 80.0)] {
        compiled.call(&Tensor::from_vec(vec![value], [1], &device)).unwrap();
        close(&steps.seen.tensor(), &[want], "the buffer");
    }
}
