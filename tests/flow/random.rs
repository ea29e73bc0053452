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
#[derive(Debug, Default)]
pub(super) struct Tally {
    graphs: usize,
    replayed: usize,
}

/// Runs a function compiled on several inputs.
pub(super) fn run<F>(f: F, inputs: &[Tensor], tally: &mut Tally) -> Vec<Made>
where
    F: Fn(&Tensor) -> Made,
{
    let f: Compiled<F> = compile(f).backend("reference").expect("there is this backend");
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

#[test]
fn compiled_functions_agree_with_eager_ones() {
    let device = Device::cpu();
    let inputs: Vec<Tensor> = [
        [0.3125f32, 0.1875],
        [-0.75, 0.125],
        [1.5, -0.375],
        [-0.25, 0.875],
        [0.0, 0.0],
        [2.5, 1.0],
    ]
    .iter()
    .map(|values| Tensor::from_slice(values, [2], &device))
    .collect();
    let (mut tally, mut wrong) = (Tally::default(), Vec::new());
    for case in functions::CASES {
        let got = (case.compiled)(&inputs, &mut tally);
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
    eprintln!("{tally:?}");
    assert!(wrong.is_empty(), "{} disagree:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tally.graphs * 4 > functions::CASES.len(), "too few are graphs: {tally:?}");
}
