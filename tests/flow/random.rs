//! Random structured functions, compiled against eager. Their text is written by the generator into `random/functions.rs`, which a test
//! holds to be up to date; `FERRODYNE_BLESS=1` writes it anew, with `FERRODYNE_FLOW_SEED` and `FERRODYNE_FLOW_FUNCTIONS` for others.

mod functions;

use ferrodyne::prelude::*;
use ferrodyne::{Compiled, Result};

use super::generator::file;

/// What a function gives.
pub(super) type Made = Result<(Tensor, Tensor, i32)>;

/// A module without parameters, whose methods are the functions.
#[derive(Module)]
pub(super) struct Functions;

/// A function, eager and compiled.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) eager: fn(&Tensor) -> Made,
    pub(super) compiled: fn(&[Tensor], &mut Tally) -> Vec<Made>,
}

/// What became of the functions.
#[derive(Debug)]
pub(super) struct Tally {
    backend: &'static str,
    graphs: usize,
    replayed: usize,
}

/// Runs a function compiled on several inputs: for the interpreter at first, then for the device.
pub(super) fn run<F>(f: F, inputs: &[Tensor], tally: &mut Tally) -> Vec<Made>
where
    F: Fn(&Tensor) -> Made,
{
    let f: Compiled<F> = compile(f).backend(tally.backend).expect("there is this backend");
    let made = inputs.iter().map(|x| f.call(x).and_then(|made| made)).collect();
    match f.stats().breaks.is_empty() {
        true => tally.graphs += 1,
        false => tally.replayed += 1,
    }
    made
}

const SEED: u64 = 7;
const FUNCTIONS: usize = 300;

#[test]
fn the_functions_are_what_the_generator_writes() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/flow/random/functions.rs");
    let seed = number("FERRODYNE_FLOW_SEED", SEED);
    let count = number("FERRODYNE_FLOW_FUNCTIONS", FUNCTIONS as u64) as usize;
    let want = file(seed, 0..count);
    if std::env::var_os("FERRODYNE_BLESS").is_some() {
        std::fs::write(path, &want).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap() == want, "run with FERRODYNE_BLESS=1");
}

fn same(a: &Tensor, b: &Tensor) -> bool {
    let (a, b) = (a.to_vec::<f32>().unwrap(), b.to_vec::<f32>().unwrap());
    a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-4 + 1e-4 * b.abs())
}

/// Compares functions on a device with eager execution on the CPU.
fn compare(backend: &'static str, device: &Device, cases: &[Case]) -> Tally {
    let host = [
        [0.3125f32, 0.1875],
        [-0.75, 0.125],
        [1.5, -0.375],
        [-0.25, 0.875],
        [0.0, 0.0],
        [2.5, 1.0],
    ];
    let on = |device: &Device| -> Vec<Tensor> {
        host.iter().map(|values| Tensor::from_slice(values, [2], device)).collect()
    };
    let (inputs, theirs) = (on(&Device::cpu()), on(device));
    let (mut tally, mut wrong) = (Tally { backend, graphs: 0, replayed: 0 }, Vec::new());
    for case in cases {
        let got = (case.compiled)(&theirs, &mut tally);
        for (x, got) in inputs.iter().zip(got) {
            let agree = match ((case.eager)(x), &got) {
                (Ok(a), Ok(b)) => same(&a.0, &b.0) && same(&a.1, &b.1) && a.2 == b.2,
                _ => false,
            };
            if !agree {
                wrong.push(format!(
                    "{} at {x}: {:?}",
                    case.name,
                    got.map(|made| (made.0.to_string(), made.1.to_string(), made.2))
                ));
            }
        }
    }
    eprintln!("{tally:?} on {device}");
    assert!(wrong.is_empty(), "{} disagree:\n{}", wrong.len(), wrong.join("\n"));
    tally
}

#[test]
fn compiled_functions_agree_with_eager_ones() {
    let tally = compare("reference", &Device::cpu(), functions::CASES);
    assert!(tally.graphs * 4 > functions::CASES.len(), "too few are graphs: {tally:?}");
}

#[test]
fn compiled_functions_agree_with_eager_ones_on_the_cpu_executor() {
    compare("inductor", &Device::cpu(), functions::CASES);
}

/// Drivers take long over a kernel: a few functions are enough for them.
#[test]
fn compiled_functions_agree_with_eager_ones_on_an_adapter() {
    match Device::named("gpu") {
        Ok(gpu) => {
            let count = functions::CASES.len().min(12);
            compare("inductor", &gpu, &functions::CASES[..count]);
        }
        Err(error) => eprintln!("skipped random functions on GPUs: {error}"),
    }
}
