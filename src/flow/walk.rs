//! Walks along the first axis of tensors: `scan`, `map` and `associative_scan`.

use ferrodyne_plan::Source;

use super::{Apart, CHANGES, keeps};
use crate::capture::{self, Body, Tree, collected, replaced};
use crate::error::{Error, Result};
use crate::fault::expect;
use crate::tensor::Tensor;

/// Walks along the first axis of the tensors of `xs`: for each position in order, `f` takes the state and the slices there, and gives the
/// next state and a value of its own. The results are the last state, and those values stacked along a new first axis.
///
/// # Panics
/// When `xs` has no tensors, their axes differ in length, or the state changes its type; [`try_scan`] gives an error instead.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// /// A running mean with a weight for the past.
/// fn smooth(x: &Tensor) -> Tensor {
///     let step = |mean: &Tensor, x: &Tensor| {
///         let next = mean * 0.5 + x * 0.5;
///         (next.clone(), next)
///     };
///     let (_last, all) = flow::scan(step, Tensor::scalar(0.0, x.device()), x);
///     all
/// }
/// let x = Tensor::from_vec(vec![8.0f32, 0.0, 4.0], [3], &Device::cpu());
/// assert_eq!(smooth(&x).to_vec::<f32>()?, [4.0, 2.0, 3.0]);
/// assert_eq!(compile(smooth).call(&x)?.to_vec::<f32>()?, [4.0, 2.0, 3.0]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn scan<S: Tree + Clone, X: Tree + Clone, Y: Tree>(
    f: impl Fn(&S, &X) -> (S, Y),
    init: S,
    xs: &X,
) -> (S, Y) {
    expect(try_scan(f, init, xs))
}

/// As [`scan`].
///
/// # Errors
/// No tensors to walk along, axes of different lengths, a state that changes its type; faults of the device.
#[track_caller]
pub fn try_scan<S: Tree + Clone, X: Tree + Clone, Y: Tree>(
    f: impl Fn(&S, &X) -> (S, Y),
    init: S,
    xs: &X,
) -> Result<(S, Y)> {
    let source = Source::caller();
    let walked = collected(&mut xs.clone()).tensors;
    let length = length(&walked, &source)?;
    let (first, begin) = Apart::of(init);
    let mut part: Option<Apart<Y>> = None;
    let mut trip = |state: &[Tensor], slices: &[Tensor]| {
        let state = replaced(first.value.clone(), state.iter().cloned());
        let (next, own) = f(&state, &replaced(xs.clone(), slices.iter().cloned()));
        let ((next, state), (own, parts)) = (Apart::of(next), Apart::of(own));
        first.same(&next, CHANGES, &source)?;
        if let Some(known) = &part {
            known.same(&own, "scan: two trips give", &source)?;
        }
        part = Some(own);
        Ok((state, parts))
    };
    let (state, stacked) = match capture::records_flow() {
        true => {
            let round = |state: &[Tensor], slices: &[Tensor]| {
                let (next, parts) = trip(state, slices)?;
                Ok(Body { head: None, next, parts })
            };
            capture::walk(&begin, &walked, round, &source)?
        }
        false => eager(&mut trip, begin, &walked, length, &source)?,
    };
    let part = part.expect("at least one trip was made to know what is stacked");
    Ok((first.with(state), part.with(stacked)))
}

/// A trip of a walk: the state and the slices give the next state and the parts.
type Trip<'a> = dyn FnMut(&[Tensor], &[Tensor]) -> Result<(Vec<Tensor>, Vec<Tensor>)> + 'a;

/// Makes a trip for each position.
fn eager(
    trip: &mut Trip<'_>,
    mut state: Vec<Tensor>,
    walked: &[Tensor],
    length: usize,
    source: &Source,
) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
    let mut all: Vec<Vec<Tensor>> = Vec::new();
    for at in 0..length {
        let slices: Vec<Tensor> = walked.iter().map(|x| x.select(0, at as i64)).collect();
        let (next, parts) = trip(&state, &slices)?;
        keeps(&state, &next, source)?;
        state = next;
        all.resize_with(parts.len(), Vec::new);
        all.iter_mut().zip(parts).for_each(|(all, part)| all.push(part));
    }
    if length > 0 {
        let stacked = all.iter().map(|parts| Tensor::try_stack(parts, 0));
        return Ok((state, stacked.collect::<Result<_>>()?));
    }
    // What is stacked is known by a trip alone, made on zeros.
    let slice = |x: &Tensor| {
        let dims: Vec<usize> = x.shape().sizes()[1..].iter().map(|size| size.get()).collect();
        Tensor::zeros(&dims[..], x.device()).to_dtype(x.dtype())
    };
    let (_, parts) = trip(&state, &walked.iter().map(slice).collect::<Vec<Tensor>>())?;
    let none = |part: &Tensor| part.unsqueeze(0).narrow(0, 0, 0);
    Ok((state, parts.iter().map(none).collect()))
}

/// The common length of the first axes.
fn length(xs: &[Tensor], source: &Source) -> Result<usize> {
    let fault = |text: String| Err(Error::at("shape", text, source.clone()));
    let Some(first) = xs.first() else {
        return fault("scan: there is no tensor to walk along".to_owned());
    };
    if let Some(scalar) = xs.iter().find(|x| x.rank() == 0) {
        return fault(format!("scan: a {} of rank 0 has no axis to walk along", scalar.dtype()));
    }
    if let Some(other) = xs.iter().find(|x| x.dim(0) != first.dim(0)) {
        let text =
            format!("scan: first axes of {} and {} must be equal", first.dim(0), other.dim(0));
        return fault(text);
    }
    Ok(if capture::records_flow() { 0 } else { first.dim(0).get() })
}

/// Applies `f` to each slice along the first axis of the tensors of `xs`, and stacks its results.
///
/// # Panics
/// When a tensor has no axis, their lengths differ, or the results differ in type.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0f32, 3.0, -2.0, 4.0], [2, 2], &Device::cpu());
/// let y = flow::map(|row: &Tensor| row / row.sum(), &x);
/// assert_eq!(y.to_vec::<f32>()?, [0.25, 0.75, -1.0, 2.0]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn map<X: Tree + Clone, Y: Tree>(f: impl Fn(&X) -> Y, xs: &X) -> Y {
    expect(try_scan(|(), x: &X| ((), f(x)), (), xs)).1
}

/// Running results of an associative function along an axis: element `i` combines elements `0..=i` in order. `f` takes two pieces of as
/// many elements along the axis and combines them element by element, the earlier one first. About `log2(n)` rounds for `n` elements.
///
/// # Panics
/// When there is no such axis, or the tensors of `xs` differ in length along it; while a function is captured, the axis is taken to have
/// the length that it has in this call.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0], [4], &Device::cpu());
/// let y = flow::associative_scan(|a: &Tensor, b: &Tensor| a * b, &x, 0);
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0, 6.0, 24.0]);
///
/// // A linear recurrence `h[i] = a[i] * h[i - 1] + b[i]`, by composing its steps.
/// let compose = |(a, b): &(Tensor, Tensor), (c, d): &(Tensor, Tensor)| (a * c, b * c + d);
/// let (_, h) = flow::associative_scan(compose, &(&x * 0 + 0.5, x.clone()), 0);
/// assert_eq!(h.to_vec::<f32>()?, [1.0, 2.5, 4.25, 6.125]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn associative_scan<X: Tree + Clone>(f: impl Fn(&X, &X) -> X, xs: &X, axis: isize) -> X {
    let mut all = collected(&mut xs.clone()).tensors;
    let n = all.first().map_or(0, |x| x.dim(axis).get());
    let mut step = 1;
    while step < n {
        let part = |from: usize| {
            let part = all.iter().map(|x| x.narrow(axis, from, n - step));
            replaced(xs.clone(), part)
        };
        let combined = collected(&mut f(&part(0), &part(step))).tensors;
        let first = all.iter().map(|x| x.narrow(axis, 0, step));
        all = first.zip(&combined).map(|(a, b)| Tensor::cat(&[&a, b], axis)).collect();
        step *= 2;
    }
    replaced(xs.clone(), all)
}
