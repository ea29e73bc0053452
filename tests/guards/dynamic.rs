//! Dynamic shapes: found by the second call, declared, or refused; equal sizes and sizes of 1 matter only where an operation
//! needs them.

use ferrodyne::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{panic_of, values};
use crate::tensor::{close, devices, sample};

fn ones(shape: &[usize]) -> Tensor {
    Tensor::ones(shape, &Device::cpu())
}

#[test]
fn a_size_that_differs_at_the_second_call_is_a_symbol() {
    let f = compile(|x: &Tensor| (x * 2).sum_dim(1, false));
    for (rows, compilations) in [(4, 1), (7, 2), (9, 2), (1, 2), (0, 2), (4, 2)] {
        assert_eq!(values(&f.call(&ones(&[rows, 3])).unwrap()), vec![6.0; rows]);
        assert_eq!(f.stats().compilations, compilations, "{rows} rows: {:?}", f.stats().reasons);
    }
    assert_eq!(f.stats().reasons, ["x0's dim 0 was 4, and is 7"]);
}

#[test]
fn sizes_of_0_and_1_are_like_any_other() {
    let f = compile(|x: &Tensor| x.softmax(1).sum_dim(0, false)).dynamic(0, 0, "rows", 0..=100);
    for rows in [1, 0, 5, 1, 2] {
        let x = sample(&[rows, 3], &Device::cpu());
        close(&f.call(&x).unwrap(), &values(&f.inner()(&x)), "compiled");
    }
    assert_eq!(f.stats().compilations, 1);
    let guards = f.programs()[0].guards.join("; ");
    assert!(!guards.contains("== 1"), "{guards}");
}

#[test]
fn rows_of_any_length_are_sorted() {
    for (k, device) in devices().into_iter().enumerate() {
        let f = compile(|x: &Tensor| x.sort(-1, true));
        for n in [40usize, 300, 1, 128, 129, 512, 513, 5000] {
            // Few values, so that the order of equal ones shows.
            let x: Vec<f32> = (0..2 * n).map(|k| ((k * 7919) % 101) as f32).collect();
            let (values, places) = f.call(&Tensor::from_vec(x.clone(), [2, n], &device)).unwrap();
            let rows = values.to_vec::<f32>().unwrap();
            let places = places.to_vec::<i64>().unwrap();
            for (row, x) in x.chunks(n).enumerate() {
                let mut want: Vec<usize> = (0..n).collect();
                want.sort_by(|&i, &j| x[j].total_cmp(&x[i]));
                let got = &places[row * n..][..n];
                assert!(got.iter().zip(&want).all(|(a, b)| *a == *b as i64), "{device}: {n}");
                let sorted = want.iter().map(|&k| x[k]);
                assert!(rows[row * n..][..n].iter().copied().eq(sorted), "{device}: {n}");
            }
        }
        assert_eq!(f.stats().compilations, 2 * (k + 1), "{:?}", f.stats().reasons);
    }
}

#[test]
fn a_size_of_1_is_guarded_where_it_is_broadcast() {
    let f = compile(|x: &Tensor, y: &Tensor| x + y)
        .arguments(&["x", "y"])
        .dynamic(0, 0, "n", 1..=100)
        .dynamic(1, 0, "m", 1..=100);
    for (n, m) in [(1, 5), (1, 9), (4, 4), (7, 7), (6, 1), (1, 1), (3, 1)] {
        assert_eq!(values(&f.call((&ones(&[n]), &ones(&[m]))).unwrap()), vec![2.0; n.max(m)]);
    }
    let stats = f.stats();
    assert_eq!(
        stats.compilations, 3,
        "equal, and one beside many on either side: {:?}",
        stats.reasons
    );
    let reason = &stats.reasons[0];
    assert!(
        reason.starts_with("`n` must be 1, and is 4, because of `x + y` (tests/guards/dynamic.rs:"),
        "{reason}"
    );
}

#[test]
fn equal_sizes_are_two_symbols_until_an_operation_needs_one() {
    let apart = compile(|x: &Tensor, y: &Tensor| (x.sum(), y.sum()))
        .dynamic(0, 0, "n", 1..=100)
        .dynamic(1, 0, "m", 1..=100);
    for (n, m) in [(4, 4), (4, 5), (6, 6), (1, 9)] {
        let (a, b) = apart.call((&ones(&[n]), &ones(&[m]))).unwrap();
        assert_eq!((values(&a)[0], values(&b)[0]), (n as f32, m as f32));
    }
    assert_eq!(apart.stats().compilations, 1, "{:?}", apart.stats().reasons);
    let found = compile(|x: &Tensor, y: &Tensor| x.sum() + y.sum());
    for (n, m) in [(4, 4), (5, 5), (5, 6), (9, 2)] {
        assert_eq!(values(&found.call((&ones(&[n]), &ones(&[m]))).unwrap()), [(n + m) as f32]);
    }
    assert_eq!(found.stats().compilations, 2, "{:?}", found.stats().reasons);
}

#[test]
fn an_equality_that_an_operation_needs_is_told_in_the_users_names() {
    let f = compile(|x: &Tensor, y: &Tensor| x + y).arguments(&["x", "y"]).dynamic(
        0,
        0,
        "batch",
        1..=4096,
    );
    f.call((&ones(&[4]), &ones(&[4]))).unwrap();
    f.call((&ones(&[6]), &ones(&[6]))).unwrap();
    let before = f.stats();
    assert_eq!(before.compilations, 1, "what equals a declared dim is one: {:?}", before.reasons);
    f.call((&ones(&[9]), &ones(&[1]))).unwrap();
    let reason = f.stats().reasons[before.reasons.len()].clone();
    let want = "`batch` must equal y's dim 0, and they are 9 and 1, because of `x + y` (tests/guards/dynamic.rs:";
    assert!(reason.starts_with(want), "{reason}");
    let guards = f.programs().iter().map(|p| p.guards.join("; ")).collect::<Vec<_>>().join("; ");
    assert!(
        guards
            .contains("`batch` must equal y's dim 0, because of `x + y` (tests/guards/dynamic.rs:"),
        "{guards}"
    );
    let text = f.call((&ones(&[9]), &ones(&[4]))).unwrap_err().to_string();
    assert!(text.contains("must be equal"), "{text}");
    let note = "note: in earlier calls `batch` must equal y's dim 0, and they are 9 and 4, because of `x + y`";
    assert!(text.contains(note), "{text}");
}

#[test]
fn a_divisibility_that_an_operation_needs_is_guarded() {
    let f = compile(|x: &Tensor| x.reshape(shape![-1, 4]).sum_dim(0, false))
        .arguments(&["x"])
        .dynamic(0, 0, "n", 1..=100);
    for n in [8, 4, 12] {
        assert_eq!(values(&f.call(&ones(&[n])).unwrap()), [(n / 4) as f32; 4]);
    }
    assert_eq!(f.stats().compilations, 1);
    let guards = f.programs()[0].guards.join("; ");
    assert!(guards.contains("reshape") && guards.contains("(tests/guards/dynamic.rs:"), "{guards}");
    assert!(f.call(&ones(&[6])).unwrap_err().to_string().contains("reshape"));
}

#[compile(dynamic(x[0] = "batch" in 2..=8, y[0] = "batch"))]
fn paired(x: &Tensor, y: &Tensor) -> Tensor {
    x.sum() + y.sum()
}

#[test]
fn a_call_that_breaks_what_was_declared_is_an_error() {
    assert_eq!(values(&paired(&ones(&[4]), &ones(&[4]))), [8.0]);
    let above = panic_of(|| paired(&ones(&[9]), &ones(&[9])));
    assert!(
        above.starts_with("`paired`: x's dim 0, `batch`, must be in 2..=8, and is 9"),
        "{above}"
    );
    let apart = panic_of(|| paired(&ones(&[4]), &ones(&[5])));
    let want = "`paired`: `batch` must be one size: x's dim 0 is 4, and y's dim 0 is 5";
    assert!(apart.starts_with(want), "{apart}");
    let f = compile(|x: &Tensor| x + 1).dynamic(0, 3, "n", 1..=4);
    let absent = f.call(&ones(&[2])).unwrap_err().to_string();
    assert!(absent.contains("tensor 0 has rank 1, so there is no dim 3"), "{absent}");
}

#[compile(dynamic(x[0] = static, x[1] = "columns"), programs_max = 3)]
fn fixed(x: &Tensor) -> Tensor {
    x.sum_dim(0, false)
}

#[test]
fn a_dim_that_is_static_is_a_number_in_every_program() {
    let f = compile(|x: &Tensor| x.sum_dim(0, false)).static_dim(0, 0);
    for (rows, columns) in [(2, 3), (4, 3), (4, 5), (2, 9), (7, 1)] {
        assert_eq!(values(&f.call(&ones(&[rows, columns])).unwrap()), vec![rows as f32; columns]);
        assert_eq!(values(&fixed(&ones(&[rows, columns]))), vec![rows as f32; columns]);
    }
    for program in f.programs() {
        let fixed = |guard: &&String| guard.starts_with("x0.dim(0) == ");
        assert_eq!(program.guards.iter().filter(fixed).count(), 1, "{:?}", program.guards);
    }
    assert_eq!(f.stats().compilations, 5, "{:?}", f.stats().reasons);
}

#[test]
fn a_declared_dim_that_the_body_fixes_is_told() {
    let f = compile(|x: &Tensor| x.sum() * x.dim(0).get()).dynamic(0, 0, "batch", 1..=64);
    for batch in [4, 6] {
        assert_eq!(values(&f.call(&ones(&[batch])).unwrap()), [(batch * batch) as f32]);
    }
    let events = f.stats().events;
    let told = events.iter().find(|event| event.kind == ferrodyne::EventKind::Fallback).unwrap();
    assert_eq!(told.reason, "`batch` was declared, but is 4 in this program");
    assert!(told.source.starts_with("tests/guards/dynamic.rs:"), "{told:?}");
}

#[test]
fn a_kernel_for_sizes_that_vectors_divide_stands_beside_the_general_one() {
    let devices = crate::tensor::devices();
    for device in devices.iter().filter(|device| **device != Device::cpu()) {
        let f = compile(|x: &Tensor| x.softmax(-1)).dynamic(0, 1, "n", 1..=4096).named("variants");
        for n in [64, 63, 128, 6, 1, 68] {
            let x = sample(&[5, n], device);
            close(&f.call(&x).unwrap(), &values(&f.inner()(&x)), "compiled");
        }
        assert_eq!(f.stats().compilations, 1, "{:?}", f.stats().reasons);
        let plan = f.explain().unwrap().remove(0).plan.to_string();
        assert!(plan.contains("if n % 4 == 0: dispatch"), "{plan}");
        assert_eq!(plan.matches("step 0:").count(), 2, "{plan}");
        let guards = f.programs().remove(0).guards;
        assert!(!guards.iter().any(|guard| guard.contains("multiple")), "{guards:?}");
    }
}

/// What a model assumes of its arguments for a hint.
fn guards(rows: usize, model: impl Fn(&Tensor) -> Tensor + 'static) -> Vec<String> {
    let f = compile(move |x: &Tensor| model(x)).dynamic(0, 0, "rows", 0..=1 << 20);
    f.call(&sample(&[rows, 64], &Device::cpu())).unwrap();
    f.programs().remove(0).guards
}

#[test]
fn choices_of_the_compiler_are_no_guards() {
    type Body = fn(&Tensor) -> Tensor;
    let bodies: [Body; 4] = [
        |x| (x * 2 + 1).sin(),
        |x| x.softmax(-1),
        |x| x.sum_dim(0, false),
        |x| x.matmul(&x.t()).relu(),
    ];
    for body in bodies {
        let first = guards(1, body);
        for rows in [2, 3, 4, 7, 64, 100, 1000, 1024] {
            assert_eq!(guards(rows, body), first, "{rows} rows");
        }
    }
}

/// A model that needs no size to be anything.
fn model(x: &Tensor, w: &Tensor) -> Tensor {
    let h = x.matmul(w).gelu("none");
    (&h - h.mean_dim(-1, true)).sum_dim(0, false)
}

#[test]
fn two_hundred_sequences_of_shapes_compile_each_program_once() {
    let mut runner = TestRunner::new(Config { cases: 200, ..Config::default() });
    let shapes = prop::collection::vec((1usize..6, 1usize..6, 1usize..6), 1..6);
    let cases = std::cell::Cell::new(0);
    let run = runner.run(&shapes, |shapes| {
        // A function without captured values is one function under one name.
        cases.set(cases.get() + 1);
        let f =
            compile(|x: &Tensor, w: &Tensor| model(x, w)).named(&format!("case{}", cases.get()));
        let mut wobbled = [false; 3];
        for (n, k, m) in &shapes {
            let first = shapes[0];
            let same = [*n == first.0, *k == first.1, *m == first.2];
            same.iter().zip(&mut wobbled).for_each(|(same, wobbled)| *wobbled |= !same);
            let (x, w) = (sample(&[*n, *k], &Device::cpu()), sample(&[*k, *m], &Device::cpu()));
            close(&f.call((&x, &w)).unwrap(), &values(&model(&x, &w)), "compiled");
        }
        let stats = f.stats();
        let most = 1 + wobbled.iter().filter(|wobbled| **wobbled).count();
        prop_assert!(stats.compilations <= most, "{shapes:?}: {:?}", stats.reasons);
        let mut graphs: Vec<String> = f.programs().into_iter().map(|p| p.graph).collect();
        graphs.sort();
        graphs.dedup();
        prop_assert_eq!(graphs.len(), stats.compilations, "a program was compiled twice");
        Ok(())
    });
    run.unwrap();
}

#[test]
fn a_dim_of_an_argument_that_is_no_tensor_cannot_be_declared() {
    let f = compile(|x: &Tensor, y: &Tensor| x + y).arguments(&["x", "y"]);
    let fault = f.dynamic(2, 0, "rows", 1..=4).call((&ones(&[2]), &ones(&[2]))).unwrap_err();
    assert!(
        fault.to_string().contains(
            "there is no tensor 2 whose dim could be declared; of the tensors, 0 is `x`, 1 is `y`"
        ),
        "{fault}"
    );
    let f = compile(|x: &Tensor, n: i64| x * n).static_dim(1, 0);
    let fault = f.call((&ones(&[2]), 3)).unwrap_err();
    assert!(fault.to_string().contains("of the tensors, 0 is `x0`"), "{fault}");
}

#[derive(Clone, Arg)]
struct Batch {
    data: Tensor,
    length: i64,
}

#[compile(dynamic(batch.length[0] = "rows"))]
fn scaled(batch: Batch) -> Result<Tensor, ferrodyne::Error> {
    Ok(&batch.data * batch.length)
}

#[test]
fn a_dim_of_a_field_that_is_no_tensor_cannot_be_declared() {
    let fault = scaled(Batch { data: ones(&[2]), length: 3 }).unwrap_err().to_string();
    assert!(
        fault.contains("there is no `batch.length` whose dim could be declared; of the tensors, 0 is `batch.data`"),
        "{fault}"
    );
}

#[test]
fn a_tensor_with_a_declared_dim_may_be_absent_from_some_calls() {
    let f = compile(|x: &Tensor, mask: Option<&Tensor>| match mask {
        Some(mask) => x * mask,
        None => x + 1,
    })
    .dynamic(1, 0, "rows", 1..=64);
    assert_eq!(values(&f.call((&ones(&[2]), None)).unwrap()), [2.0; 2]);
    for rows in [3, 5, 7] {
        let mask = ones(&[rows]);
        assert_eq!(values(&f.call((&ones(&[rows]), Some(&mask))).unwrap()), vec![1.0; rows]);
    }
    assert_eq!(f.stats().compilations, 2, "{:?}", f.stats().reasons);
}

#[test]
fn a_fault_names_sizes_by_their_numbers() {
    let f = compile(|x: &Tensor, y: &Tensor| (x * 2) + y).arguments(&["x", "y"]).dynamic(
        1,
        0,
        "rows",
        0..=64,
    );
    for rows in [4, 7, 9] {
        f.call((&ones(&[rows, 3]), &ones(&[rows, 3]))).unwrap();
    }
    let fault = f.call((&ones(&[4, 3]), &ones(&[5, 3]))).unwrap_err().to_string();
    assert!(fault.contains("is f32[4, 3] but `y` is f32[5, 3]: 4 and 5 must be equal"), "{fault}");
    assert!(
        fault.contains("in earlier calls x's dim 0 must equal `rows`, and they are 4 and 5"),
        "{fault}"
    );
}

#[test]
fn sizes_that_grow_far_cost_no_precision_and_are_the_same_program() {
    let f = compile(|x: &Tensor| x.var(1, 1, false));
    for (nth, device) in devices().into_iter().enumerate() {
        for (rows, columns) in [(4, 10), (3, 11), (3, 1_000_003), (2, 200_001), (3, 9)] {
            device.manual_seed(5);
            let x = Tensor::rand([rows, columns], &device);
            let host = x.to_vec::<f32>().unwrap();
            let row = host[..columns].iter().map(|v| f64::from(*v));
            let mean = row.clone().sum::<f64>() / columns as f64;
            let squares = row.map(|v| (v - mean).powi(2)).sum::<f64>();
            let want = squares / (columns - 1) as f64;
            for got in [f.call(&x).unwrap(), f.inner()(&x)] {
                let got = f64::from(got.to_vec::<f32>().unwrap()[0]);
                let error = (got / want - 1.0).abs();
                assert!(error < 5e-6, "{device}, {columns} columns: {got} is not {want}");
            }
        }
        assert_eq!(f.stats().compilations, 2 * (nth + 1), "{:?}", f.stats().reasons);
    }
}
