//! Branches and loops as functions: eager, as graphs for the interpreter, and on devices.

use ferrodyne::Result;
use ferrodyne::prelude::*;

use crate::tensor::close;

fn devices() -> Vec<Device> {
    let mut devices = vec![Device::cpu()];
    devices.extend(Device::named("gpu").map_err(|error| eprintln!("skipped: {error}")).ok());
    devices
}

/// Compares a function eager and compiled on several inputs, with one program for all.
fn check(f: impl Fn(&Tensor) -> Vec<Tensor> + Copy, inputs: &[(&[f32], &[usize])]) {
    for device in devices() {
        for backend in ["reference", "inductor"] {
            let compiled = compile(f).backend(backend).unwrap().fullgraph();
            let mut first = None;
            for (values, dims) in inputs {
                let x = Tensor::from_vec(values.to_vec(), *dims, &device);
                let (want, got) = (f(&x), compiled.call(&x).unwrap());
                let compilations = compiled.stats().compilations;
                assert_eq!(*first.get_or_insert(compilations), compilations);
                assert_eq!(got.len(), want.len());
                for (got, want) in got.iter().zip(&want) {
                    assert_eq!(got.shape(), want.shape());
                    let want = want.to_dtype(DType::F32).to_vec::<f32>().unwrap();
                    close(got, &want, &format!("{backend} on {device}"));
                }
            }
        }
    }
}

#[test]
fn branches_nest_and_use_what_is_around_them() {
    let f = |x: &Tensor| {
        let (shift, s) = (x * 3, x.sum());
        flow::cond(
            s.gt(0),
            |x| {
                let inner = flow::cond(s.gt(4), |()| &shift + 1, |()| x.exp(), &());
                vec![inner * 2, x.clone()]
            },
            |x| vec![-x, &shift * x],
            x,
        )
    };
    check(f, &[(&[1.0, 0.5], &[2]), (&[5.0, 0.5], &[2]), (&[-2.0, 1.0], &[2])]);
}

#[test]
fn loops_carry_tensors() {
    let f = |x: &Tensor| {
        let limit = x.sum() + 5;
        let (y, rounds, same) = flow::while_loop(
            |(y, ..)| y.sum().lt(&limit),
            |(y, rounds, same)| (y * 1.5 + 1, rounds + 1, same.clone()),
            (x.clone(), Tensor::scalar(0, x.device()), x * 2),
        );
        vec![y, rounds, same]
    };
    check(f, &[(&[1.0, 0.5], &[2]), (&[-1.0, 0.5], &[2]), (&[100.0, 1.0], &[2])]);
}

#[test]
fn scans_carry_and_stack() {
    let f = |x: &Tensor| {
        let weight = x.amax((), false) + 1;
        let ((mean, count), all) = flow::scan(
            |(mean, count), [x, mirrored]| {
                let next = mean * 0.5 + x * &weight;
                ((next.clone(), count + 1), [next.sum(), x - mirrored])
            },
            (x.select(0, 0), Tensor::scalar(0, x.device())),
            &[x.clone(), x.flip(0)],
        );
        [mean, count].into_iter().chain(all).collect()
    };
    check(f, &[(&[1.0, 0.5, -3.0, 2.0, 4.0, 0.25], &[3, 2]), (&[0.0; 6], &[3, 2])]);
}

#[test]
fn a_map_is_a_scan_without_a_state() {
    let f = |x: &Tensor| vec![flow::map(|row: &Tensor| row.softmax(-1).cumsum(0), x)];
    check(f, &[(&[1.0, 0.5, -3.0, 2.0, 4.0, 0.25], &[2, 3])]);
}

#[test]
fn an_associative_scan_keeps_the_order() {
    // Affine maps x -> a x + b, applied one after the other: associative, and not commutative.
    let compose = |f: &Tensor, g: &Tensor| {
        let (fa, fb) = (f.narrow(-1, 0, 1), f.narrow(-1, 1, 1));
        let (ga, gb) = (g.narrow(-1, 0, 1), g.narrow(-1, 1, 1));
        Tensor::cat(&[&(&fa * &ga), &(&fb * &ga + &gb)], -1)
    };
    let maps: Vec<f32> = (0..14).map(|i| (i as f32 * 0.7).sin()).collect();
    let x = Tensor::from_vec(maps.clone(), [7, 2], &Device::cpu());
    let got = flow::associative_scan(compose, &x, 0).to_vec::<f32>().unwrap();
    let (mut a, mut b) = (1.0, 0.0);
    for (pair, got) in maps.chunks(2).zip(got.chunks(2)) {
        (a, b) = (a * pair[0], b * pair[0] + pair[1]);
        assert!((a - got[0]).abs() < 1e-5 && (b - got[1]).abs() < 1e-5, "{got:?}");
    }
    let f = |x: &Tensor| vec![flow::associative_scan(|a: &Tensor, b| a.maximum(b), x, 1)];
    check(f, &[(&[1.0, 0.5, -3.0, 2.0, 4.0, 0.25, 9.0], &[1, 7])]);
}

#[test]
fn a_scan_along_nothing_leaves_its_state() {
    let x = Tensor::zeros([0, 2], &Device::cpu());
    let run = |x: &Tensor| {
        let (state, all) = flow::scan(
            |state: &Tensor, x: &Tensor| (state + x, vec![x.sum()]),
            Tensor::ones([2], x.device()),
            x,
        );
        (state, all[0].clone())
    };
    for (state, all) in [run(&x), compile(run).call(&x).unwrap()] {
        assert_eq!(state.to_vec::<f32>().unwrap(), [1.0, 1.0]);
        assert_eq!(all.shape(), [0]);
    }
}

#[test]
fn faults_name_what_differs() {
    let x = Tensor::ones([2], &Device::cpu());
    let grows = |x: &Tensor| -> Result<Tensor> {
        let state =
            flow::try_while_loop(|s| s.sum().lt(9), |s| Tensor::cat(&[s, s], 0), x.clone())?;
        Ok(state)
    };
    let text = grows(&x).unwrap_err().to_string();
    assert!(text.contains("the state of a loop is f32[2], but its body gives f32[4]"), "{text}");
    let text = compile(grows).call(&x).and_then(|made| made).unwrap_err().to_string();
    assert!(text.contains("is f32[2], but its body gives f32[4]"), "{text}");
    let text = flow::try_cond(&x, Tensor::clone, Tensor::clone, &x).unwrap_err();
    assert!(text.to_string().contains("a condition must be one value"), "{text}");
    let differ = |x: &Tensor| flow::try_cond(x.sum(), |x| x.clone(), |x| x.sum(), x);
    let text = compile(differ).call(&x).and_then(|made| made).unwrap_err().to_string();
    assert!(text.contains("result 0 of cond is f32[2] in one branch"), "{text}");
    let text = flow::try_scan(|(), ()| ((), ()), (), &()).unwrap_err().to_string();
    assert!(text.contains("there is no tensor to walk along"), "{text}");
}

/// A state of tensors under names and a host value.
#[test]
fn what_is_carried_may_be_nested_but_its_host_values_stay() {
    let f = |x: &Tensor| {
        let start = (Some(x.clone()), vec![(x * 0, 3i64)]);
        let (y, sums) = flow::while_loop(
            |(y, _)| y.as_ref().unwrap_or(x).sum().lt(20),
            |(y, sums)| {
                let y = y.as_ref().map(|y| y * sums[0].1);
                (y.clone(), vec![(&sums[0].0 + y.as_ref().unwrap_or(x), 3)])
            },
            start,
        );
        vec![y.unwrap_or_else(|| x.clone()), sums[0].0.clone()]
    };
    check(f, &[(&[1.0, 0.5], &[2]), (&[11.0, 9.5], &[2])]);

    let counts = |x: &Tensor| -> Result<Tensor> {
        let state = flow::try_while_loop(
            |(y, _)| y.sum().lt(9),
            |(y, n)| (y * 2, n + 1),
            (x.clone(), 0i64),
        )?;
        Ok(state.0)
    };
    let x = Tensor::ones([2], &Device::cpu());
    for fault in
        [counts(&x).unwrap_err(), compile(counts).call(&x).and_then(|made| made).unwrap_err()]
    {
        let text = fault.to_string();
        assert!(
            text.contains(
                "the state of a loop has `0` and `1` beside tensors: only tensors may differ"
            ),
            "{text}"
        );
    }
    let arms =
        |x: &Tensor| flow::try_cond(x.sum(), |x| (x.clone(), 1), |x| (-x, 2), x).map(|(y, _)| y);
    let text = compile(arms).call(&x).and_then(|made| made).unwrap_err().to_string();
    assert!(text.contains("cond: the arms give `1` and `2` beside tensors"), "{text}");
}
