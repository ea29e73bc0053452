//! `ferrodyne check`: compares a model's outputs with expected ones, or with the interpreter.

use std::process::ExitCode;

use ferrodyne::{BackendKind, HostTensor, Session, SessionOptions};
use serde::Serialize;

use crate::args::Check;
use crate::values::{self, Arrays, Failure, Opened, Outcome};

/// How one output compares.
#[derive(Debug, Serialize)]
struct Comparison {
    case: usize,
    output: String,
    agrees: bool,
    worst_absolute: f64,
    worst_relative: f64,
    at: Vec<usize>,
    message: Option<String>,
}

/// Runs the subcommand.
///
/// # Errors
/// Faults of files, inputs and devices.
pub(crate) fn run(args: &Check) -> Outcome {
    if args.inputs.len() != args.expect.len() {
        let (inputs, expect) = (args.inputs.len(), args.expect.len());
        return Err(Failure::Usage(format!(
            "--inputs is given {inputs} times but --expect {expect} times"
        )));
    }
    let opened = values::open(&args.model)?;
    let comparisons = match args.inputs.is_empty() {
        true => against_interpreter(args, &opened)?,
        false => against_files(args, &opened)?,
    };
    for comparison in &comparisons {
        report(args, comparison)?;
    }
    say!("programs: {}", opened.session.programs());
    match comparisons.iter().all(|c| c.agrees) {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}

fn report(args: &Check, comparison: &Comparison) -> Result<(), Failure> {
    if args.json {
        return super::print_json(comparison);
    }
    let Comparison { case, output, agrees, worst_absolute, worst_relative, at, message } =
        comparison;
    let verdict = if *agrees { "agrees" } else { "DIFFERS" };
    match message {
        Some(message) => say!("case {case}: `{output}` {verdict}: {message}"),
        None => say!(
            "case {case}: `{output}` {verdict}: worst absolute error {worst_absolute:.3e}, relative {worst_relative:.3e}, at {at:?}"
        ),
    }
    Ok(())
}

fn against_files(args: &Check, opened: &Opened) -> Result<Vec<Comparison>, Failure> {
    let mut comparisons = Vec::new();
    for (case, (inputs, expect)) in args.inputs.iter().zip(&args.expect).enumerate() {
        let (inputs, expected) = (values::load(inputs)?, values::load(expect)?);
        for output in opened.model.outputs() {
            if !expected.iter().any(|(name, _)| *name == output.name) {
                return Err(Failure::Request(format!(
                    "{}: output `{}` is missing",
                    args.expect[case].display(),
                    output.name
                )));
            }
        }
        if let Some((name, _)) =
            expected.iter().find(|(n, _)| !opened.model.outputs().iter().any(|o| o.name == *n))
        {
            return Err(Failure::Request(format!(
                "{}: the model has no output `{name}`",
                args.expect[case].display()
            )));
        }
        let got = opened.run(&inputs)?;
        for (name, got) in &got {
            if let Some((_, want)) = expected.iter().find(|(n, _)| n == name) {
                comparisons.push(compare(case + 1, name, got, want, args.rtol, args.atol));
            }
        }
    }
    Ok(comparisons)
}

/// Compares element by element: `|got - want| <= atol + rtol |want|`; equal infinities and NaN in both agree.
fn compare(
    case: usize,
    name: &str,
    got: &HostTensor,
    want: &HostTensor,
    rtol: f64,
    atol: f64,
) -> Comparison {
    let mut result = Comparison {
        case,
        output: name.to_owned(),
        agrees: true,
        worst_absolute: 0.0,
        worst_relative: 0.0,
        at: vec![0; want.dims.len()],
        message: None,
    };
    if got.dims != want.dims || got.dtype != want.dtype {
        result.agrees = false;
        let (got, want) =
            (super::type_text(got.dtype, &got.dims), super::type_text(want.dtype, &want.dims));
        result.message = Some(format!("it is {got}, but {want} was expected"));
        return result;
    }
    let dims = want.dims.clone();
    let mut worst_excess = f64::NEG_INFINITY;
    for (index, (got, want)) in
        values::doubles(got).into_iter().zip(values::doubles(want)).enumerate()
    {
        if got == want || (got.is_nan() && want.is_nan()) {
            continue;
        }
        let error = (got - want).abs();
        let error = if error.is_nan() { f64::INFINITY } else { error };
        let allowed = atol + rtol * want.abs();
        // An infinite value allows an infinite error, but agrees with none but itself.
        result.agrees &= error.is_finite() && error <= allowed;
        result.worst_absolute = result.worst_absolute.max(error);
        // Beside an expected 0 every error is huge; one that is allowed says nothing.
        if want != 0.0 || error > allowed {
            let relative = error / want.abs().max(f64::MIN_POSITIVE);
            result.worst_relative = result.worst_relative.max(relative);
        }
        if error - allowed > worst_excess {
            worst_excess = error - allowed;
            result.at = coordinates(index, &dims);
        }
    }
    result
}

/// The coordinates of an element by its position in row-major order.
fn coordinates(mut index: usize, dims: &[usize]) -> Vec<usize> {
    let mut at = vec![0; dims.len()];
    for (axis, &dim) in dims.iter().enumerate().rev() {
        at[axis] = index % dim.max(1);
        index /= dim.max(1);
    }
    at
}

/// Judges random inputs by the float64 rule.
fn against_interpreter(args: &Check, opened: &Opened) -> Result<Vec<Comparison>, Failure> {
    let (inputs, note) = values::random_inputs(&opened.model, &args.random)?;
    match note {
        Some(note) if args.json => eprintln!("{note}"),
        Some(note) => say!("{note}"),
        None => {}
    }
    let got = opened.run(&inputs)?;
    let reference = run_on(opened, &inputs, BackendKind::Reference)?;
    let eager = run_on(opened, &inputs, BackendKind::Eager)?;
    let outputs = got.iter().zip(&reference).zip(&eager);
    Ok(outputs
        .map(|(((name, got), (_, want)), (_, eager))| judged(name, got, want, eager))
        .collect())
}

fn run_on(opened: &Opened, inputs: &Arrays, backend: BackendKind) -> Result<Arrays, Failure> {
    let mut options = SessionOptions { backend, ..SessionOptions::default() };
    options.compiler.int64 = opened.session.options().compiler.int64;
    let session = Session::new(&opened.model, opened.session.device(), options)?;
    let tensors = opened.upload(inputs)?;
    let outputs = session.run(&values::borrowed(&tensors))?;
    opened.downloaded(&outputs)
}

/// The share of the values' size up to which an error says nothing: what rounding makes of 16 bits stays below.
const TELLING: f64 = 0.05;

/// Judges one output by the float64 rule. Eager execution can be wrong in the same way, which a person should know.
fn judged(name: &str, got: &HostTensor, want: &HostTensor, eager: &HostTensor) -> Comparison {
    let exact = compare(1, name, got, want, 0.0, 0.0);
    if exact.message.is_some() {
        return exact;
    }
    let verdict = ferrodyne::judge(got, want, eager);
    if verdict.agrees && verdict.error > TELLING * verdict.scale {
        eprintln!(
            "warning: `{name}` is off by {:.1e} where the interpreter's values are of the size {:.1e}; it agrees only because \
             eager execution is off by {:.1e}",
            verdict.error, verdict.scale, verdict.eager_error
        );
    }
    Comparison { agrees: verdict.agrees, ..exact }
}
