//! Graph breaks: values that are read inside of compiled functions.

use std::cell::{Cell, RefCell};

use ferrodyne::prelude::*;
use ferrodyne::{Error, Result};

use crate::tensor::{close, devices, sample};

fn vec(values: &[f32]) -> Tensor {
    Tensor::from_slice(values, [values.len()], &Device::cpu())
}

#[test]
fn a_value_that_is_read_ends_a_segment() {
    for device in devices() {
        let f = compile(|x: &Tensor| -> Result<Tensor> {
            let y = x * 2 + 1;
            let n: f32 = y.sum().item()?;
            Ok((y * n).relu())
        });
        for k in 0..4 {
            let x = sample(&[3], &device) + k;
            let want = f.inner()(&x).unwrap().to_vec::<f32>().unwrap();
            close(&f.call(&x).unwrap().unwrap(), &want, "replayed");
        }
        let stats = f.stats();
        // The sum, which reads an argument that has no name the first time; the product with a number, then with an input.
        assert!(stats.segments <= 4 * devices().len(), "{stats:?}");
        assert_eq!(stats.breaks.len(), 1, "{stats:?}");
        assert!(stats.breaks[0].count >= 4, "{stats:?}");
        assert!(stats.breaks[0].source.contains("tests/flow/replay.rs"), "{stats:?}");
    }
}

#[test]
fn host_code_between_breaks_runs_on_every_call() {
    let log = RefCell::new(Vec::new());
    let f = compile(|x: &Tensor| {
        let y = x.sin();
        log.borrow_mut().push(y.to_string());
        y + 1
    });
    let x = vec(&[0.0, 1.5]);
    for _ in 0..3 {
        f.call(&x).unwrap();
    }
    assert_eq!(log.borrow().len(), 3);
    assert_eq!(log.borrow()[0], x.sin().to_string());
}

#[test]
fn a_function_with_side_effects_may_ask_for_replay() {
    let count = Cell::new(0);
    let f = compile(|x: &Tensor| {
        count.set(count.get() + 1);
        x * count.get()
    })
    .replay();
    for k in 1..5 {
        assert_eq!(f.call(&vec(&[2.0])).unwrap().item::<f32>().unwrap(), 2.0 * k as f32);
    }
    let stats = f.stats();
    assert!(stats.breaks.is_empty(), "{stats:?}");
    assert_eq!(stats.segments, 2, "a number that varies becomes an input: {stats:?}");
}

#[test]
fn a_full_graph_names_all_of_its_breaks() {
    let f = compile(|x: &Tensor| -> Result<Tensor> {
        let n: f32 = x.sum().item()?;
        let y = x * n;
        println!("{y}");
        Ok(&y + y.sum().to_vec::<f32>()?[0])
    })
    .named("broken")
    .fullgraph();
    let error = f.call(&vec(&[1.0, 2.0])).unwrap_err().to_string();
    assert!(
        error.contains("`broken` must be one graph (fullgraph), but it breaks in 3 places"),
        "{error}"
    );
    assert!(error.contains("reading needs a tensor's value (tests/flow/replay.rs:"), "{error}");
    assert!(error.contains("printing needs a tensor's value"), "{error}");
    assert!(error.contains("help: "), "{error}");
}

#[compile(replay)]
fn collatz(x: &Tensor) -> Result<(Tensor, usize)> {
    let (mut x, mut steps) = (x.clone(), 0);
    while x.item::<f32>()? != 1.0 {
        x = if x.item::<f32>()? % 2.0 == 0.0 { x / 2 } else { x * 3 + 1 };
        steps += 1;
    }
    Ok((x, steps))
}

#[test]
fn a_loop_may_be_driven_by_values() {
    for (start, steps) in [(6.0, 8), (1.0, 0), (7.0, 16), (6.0, 8)] {
        let (x, n) = collatz(&vec(&[start])).unwrap();
        assert_eq!((x.item::<f32>().unwrap(), n), (1.0, steps));
    }
}

#[test]
fn sizes_that_vary_are_symbols_of_segments() {
    let f = compile(|x: &Tensor| -> Result<Tensor> {
        let y = x.reshape([x.dim(0) * 2, 2.into()]) * 2;
        let top: f32 = y.sum().item()?;
        let z = y.sum_dim(0, false) + y.dim(0);
        Ok(if top > 1.0 { z + y } else { z - y })
    });
    for n in [2, 3, 4, 5, 9, 2] {
        let x = sample(&[n, 4], &Device::cpu());
        let want = f.inner()(&x).unwrap().to_vec::<f32>().unwrap();
        let got = f.call(&x).unwrap().unwrap();
        assert_eq!(got.shape(), [2 * n, 2]);
        close(&got, &want, "replayed");
    }
    assert!(f.stats().segments <= 6, "{:?}", f.stats());
}

#[test]
fn random_numbers_are_drawn_once_a_call() {
    let f = compile(|x: &Tensor| -> Result<(Tensor, f32)> {
        let noise = x.rand_like();
        let sum: f32 = noise.sum().item()?;
        Ok((noise * 2, sum))
    });
    let x = vec(&[0.0; 5]);
    let mut before = 0.0;
    for _ in 0..3 {
        let (noise, sum) = f.call(&x).unwrap().unwrap();
        assert_ne!(sum, before);
        close(&noise.sum(), &[2.0 * sum], "the same numbers on both sides of the break");
        before = sum;
    }
}

#[test]
fn state_is_written_before_a_value_is_read() {
    let device = Device::cpu();
    let total = Buffer::new(Tensor::zeros([1], &device));
    let f = compile(|x: &Tensor| -> Result<f32> {
        total.set(&(total.tensor() + x))?;
        let seen = total.tensor().item::<f32>()?;
        total.set(&(total.tensor() * 2))?;
        Ok(seen)
    });
    let x = Tensor::ones([1], &device);
    let seen: Vec<f32> = (0..3).map(|_| f.call(&x).unwrap().unwrap()).collect();
    assert_eq!(seen, [1.0, 3.0, 7.0]);
    assert_eq!(total.tensor().item::<f32>().unwrap(), 14.0);
}

#[test]
fn an_error_in_a_replayed_function_is_its_result() {
    let f = compile(|x: &Tensor| -> Result<Tensor> {
        match x.sum().item::<f32>()? > 0.0 {
            true => x.try_matmul(&Tensor::ones([7, 7], x.device())),
            false => Ok(x.clone()),
        }
    });
    for _ in 0..2 {
        let error = f.call(&Tensor::ones([2, 3], &Device::cpu())).unwrap().unwrap_err();
        assert!(matches!(error, Error::Tensor(_)), "{error}");
        f.call(&Tensor::zeros([2, 3], &Device::cpu())).unwrap().unwrap();
    }
}

#[test]
fn one_kind_of_call_may_break_while_others_do_not() {
    let f = compile(|x: &Tensor, debug: bool| {
        let y = x.exp();
        if debug {
            assert!(!y.to_string().is_empty());
        }
        y * 2
    });
    let x = vec(&[1.0]);
    for debug in [false, true, false, true] {
        let want = f.inner()(&x, debug).to_vec::<f32>().unwrap();
        close(&f.call((&x, debug)).unwrap(), &want, "either");
    }
    assert_eq!((f.stats().programs, f.stats().hits), (1, 1));
}

#[test]
fn an_argument_that_is_printed_is_named() {
    let f = compile(|x: &Tensor, y: &Tensor| x + y.to_string().len()).arguments(&["x", "noise"]);
    f.call((&vec(&[1.0]), &vec(&[2.0]))).unwrap();
    let breaks = f.stats().breaks;
    assert_eq!(breaks[0].reason, "printing `noise` needs a tensor's value", "{breaks:?}");
}
