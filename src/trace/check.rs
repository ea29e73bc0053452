//! Whether a trace holds for other inputs: the function is recorded and run again, and compared with the trace.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrodyne_compiler::ops::element;
use ferrodyne_plan::{DType, HostTensor};

use super::part::parting;
use super::record::{self, tensors_of};
use super::{TraceOptions, Traced};
use crate::capture::{Lifted, Origin};
use crate::compile::{Arg, CallSite, Callable, EachTensor, Ret};
use crate::error::Result;
use crate::tensor::{Stored, Tensor};

/// A difference between a trace and the function that was traced.
#[derive(Clone, Debug, PartialEq)]
pub enum Divergence {
    /// Recorded again, the function did something else.
    Graphs {
        /// With which inputs.
        inputs: String,
        /// The first node that differs, as the trace has it.
        traced: String,
        /// What the function did in its place.
        again: String,
        /// File and line of the trace's node, and its module; empty where that is not known.
        source: String,
    },
    /// The trace gives another result.
    Values {
        /// With which inputs.
        inputs: String,
        /// Name of the output.
        output: String,
        /// Position of the element with the largest error, in row-major order.
        at: usize,
        /// Its value in the trace's result.
        got: f64,
        /// Its value in the function's result.
        want: f64,
    },
    /// The trace gives another host value, or results of other shapes.
    Results {
        /// With which inputs.
        inputs: String,
        /// What the trace gives, in words.
        got: String,
        /// What the function gives.
        want: String,
    },
    /// The function or the trace cannot be run.
    Fails {
        /// With which inputs.
        inputs: String,
        /// What went wrong.
        message: String,
    },
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Divergence::Graphs { inputs, traced, again, source } => {
                let place = if source.is_empty() { String::new() } else { format!(" at {source}") };
                write!(
                    f,
                    "recorded again with {inputs}, the graphs part{place}: the trace has `{traced}`, but now it is `{again}`"
                )
            }
            Divergence::Values { inputs, output, at, got, want } => write!(
                f,
                "with {inputs}, `{output}` differs most at element {at}: the trace gives {got}, and the function {want}"
            ),
            Divergence::Results { inputs, got, want } => {
                write!(f, "with {inputs}, the trace gives {got}, and the function {want}")
            }
            Divergence::Fails { inputs, message } => write!(f, "with {inputs}: {message}"),
        }
    }
}

/// The check that comes with tracing: the same examples, other values, other sizes where they may differ.
pub(super) fn usual<A: Arg, F: Callable<A>>(
    traced: &Traced<F::Out>,
    f: &F,
    examples: &A,
) -> Result<Vec<Divergence>> {
    let mut found = with(traced, f, examples, "the same examples")?;
    let other = replaced(examples, &mut |_, tensor| reversed(tensor))?;
    found.extend(with(traced, f, &other, "the examples reversed and negated")?);
    if !traced.options.options.dynamic.is_empty() {
        let other =
            replaced(examples, &mut |index, tensor| resized(&traced.options, index, tensor))?;
        found.extend(with(traced, f, &other, "the examples in other sizes")?);
    }
    Ok(found)
}

/// Arguments with their tensors replaced, given each tensor's number.
fn replaced<A: Arg>(args: &A, make: &mut dyn FnMut(usize, &Tensor) -> Result<Tensor>) -> Result<A> {
    let (mut index, mut fault) = (0, None);
    let mut fresh = EachTensor(|tensor: &Tensor| {
        let made = make(index, tensor);
        index += 1;
        made.unwrap_or_else(|error| {
            fault.get_or_insert(error);
            tensor.clone()
        })
    });
    let new = args.fresh(&mut fresh);
    fault.map_or(Ok(new), Err)
}

/// The values in reverse order, floats with the other sign: integers may be positions, so they stay in their range.
fn reversed(tensor: &Tensor) -> Result<Tensor> {
    let host = tensor.to_host()?;
    let sign = if host.dtype.is_float() { -1.0 } else { 1.0 };
    let values: Vec<f64> = element::values(&host).iter().rev().map(|v| v * sign).collect();
    Tensor::from_host(&element::host(host.dtype, &host.dims, &values), tensor.device())
}

/// A tensor whose declared dims have other sizes in their ranges, filled with its values again and again.
fn resized(options: &TraceOptions, index: usize, tensor: &Tensor) -> Result<Tensor> {
    let host = tensor.to_host()?;
    let mut dims = host.dims.clone();
    for declared in options.options.dynamic.iter().filter(|d| d.at.tensor.is(index, "")) {
        if let Some(size) = dims.get_mut(declared.at.axis) {
            let steps = [1, -1, 2, -2].map(|step| *size as i64 + step);
            let other = steps.into_iter().find(|&n| n > 0 && declared.range.contains(n));
            *size = other.map_or(*size, |n| n as usize);
        }
    }
    let values = element::values(&host);
    let count = dims.iter().product();
    let values: Vec<f64> = values.iter().copied().cycle().take(count).collect();
    if values.len() < count {
        return Ok(tensor.clone());
    }
    Tensor::from_host(&element::host(host.dtype, &dims, &values), tensor.device())
}

/// Records and runs a function with inputs, and compares.
pub(super) fn with<A: Arg, F: Callable<A>>(
    traced: &Traced<F::Out>,
    f: &F,
    inputs: &A,
    what: &str,
) -> Result<Vec<Divergence>> {
    let fails = |message: String| Divergence::Fails { inputs: what.to_owned(), message };
    let options = &traced.options.options;
    let site = CallSite { options, arguments: f.arguments(), module: f.module(), progress: None };
    let device = record::noted(inputs, &site).device(f.module())?;
    let seed = device.present_seed();
    let state = State::of(&traced.lifted);
    let restore = || {
        device.restore_seed(seed);
        state.restore();
    };
    let mut found = Vec::new();
    let again = guarded(|| record::run(&site, inputs, &|args| f.invoke(args)));
    restore();
    match again {
        Err(message) => found.push(fails(format!("recording the function again: {message}"))),
        Ok(again) => found.extend(parting(traced.graph(), &again.graph).map(|part| {
            let (traced, again, source) = (part.one, part.other, part.source);
            Divergence::Graphs { inputs: what.to_owned(), traced, again, source }
        })),
    }
    let copy = || inputs.fresh(&mut EachTensor(Tensor::clone));
    let want = guarded(|| Ok(f.invoke(copy())));
    restore();
    let want = match want {
        Ok(want) => want,
        Err(message) => {
            found.push(fails(format!("running the function: {message}")));
            return Ok(found);
        }
    };
    let got = guarded(|| traced.call(copy()));
    restore();
    match got {
        Err(message) => found.push(fails(message)),
        Ok(got) => found.extend(results_part(got, want, what, &traced.options)?),
    }
    Ok(found)
}

/// Runs a function; a panic or an error is its text.
fn guarded<T>(f: impl FnOnce() -> Result<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(format!("it panicked: {}", text.unwrap_or("without a message")))
        }
    }
}

/// The first difference of two results.
fn results_part<R: Ret>(
    got: R,
    want: R,
    what: &str,
    options: &TraceOptions,
) -> Result<Option<Divergence>> {
    let results = |got: &str, want: &str| Divergence::Results {
        inputs: what.to_owned(),
        got: got.to_owned(),
        want: want.to_owned(),
    };
    let (got, want) = match (tensors_of(got), tensors_of(want)) {
        (Some(got), Some(want)) => (got, want),
        (Some(_), None) => return Ok(Some(results("a result", "an error"))),
        (None, Some(_)) => return Ok(Some(results("an error", "a result"))),
        (None, None) => return Ok(None),
    };
    if got.1 != want.1 {
        return Ok(Some(results(&format!("`{}`", got.1), &format!("`{}`", want.1))));
    }
    for ((name, got), (_, want)) in got.0.iter().zip(&want.0) {
        let (got, want) = (got.to_host()?, want.to_host()?);
        if got.dims != want.dims || got.dtype != want.dtype {
            let text = |host: &HostTensor| format!("`{name}` as {}{:?}", host.dtype, host.dims);
            return Ok(Some(results(&text(&got), &text(&want))));
        }
        if let Some((at, got, want)) = worst(&got, &want, options.tolerance) {
            let (inputs, output) = (what.to_owned(), name.to_string());
            return Ok(Some(Divergence::Values { inputs, output, at, got, want }));
        }
    }
    Ok(None)
}

/// The element with the largest error, if that is too large: its position and both values.
fn worst(got: &HostTensor, want: &HostTensor, tolerance: Option<f64>) -> Option<(usize, f64, f64)> {
    let (g, w) = (element::values(got), element::values(want));
    let finite = w.iter().filter(|v| v.is_finite());
    let (sum, count) = finite.fold((0.0, 0u32), |(sum, n), v| (sum + v * v, n + 1));
    let scale = (sum / f64::from(count.max(1))).sqrt();
    let usual = if matches!(want.dtype, DType::F16 | DType::BF16) { 0.02 } else { 1e-4 };
    let allowed = match want.dtype.is_float() {
        true => tolerance.unwrap_or(usual) * scale,
        false => 0.0,
    };
    let error = |a: f64, b: f64| match a == b || (a.is_nan() && b.is_nan()) {
        true => 0.0,
        false if (a - b).is_nan() => f64::INFINITY,
        false => (a - b).abs(),
    };
    let errors = g.iter().zip(&w).map(|(a, b)| error(*a, *b)).enumerate();
    let (at, most) = errors.fold((0, 0.0), |most, next| if next.1 > most.1 { next } else { most });
    (most > allowed).then(|| (at, g[at], w[at]))
}

/// Values of the parameters and buffers that a trace knows, to be put back.
struct State(Vec<(Lifted, Stored)>);

impl State {
    fn of(lifted: &[Lifted]) -> State {
        let cell = |lifted: &Lifted| match &lifted.origin {
            Origin::Cell(cell) => Some((lifted.clone(), cell.value())),
            Origin::Tensor(_) | Origin::Draw(_) => None,
        };
        State(lifted.iter().filter_map(cell).collect())
    }

    fn restore(&self) {
        for (lifted, value) in &self.0 {
            if let Origin::Cell(cell) = &lifted.origin {
                cell.set(value.clone());
            }
        }
    }
}
