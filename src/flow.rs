//! Branches and loops as functions: eager and compiled alike. In compiled functions, `if`, `while` and `loop` on tensors do the same; these
//! serve where a graph must branch or loop whatever is around it, and in closures, which the attribute leaves alone.
//!
//! Closures may use tensors from around them. What they compute must leave them by their results alone.

use ferrodyne_plan::Source;

use crate::capture::{self, Body};
use crate::error::{Error, Result};
use crate::fault::expect;
use crate::tensor::Tensor;

/// The value of a condition.
fn read(condition: &Tensor, source: &Source) -> Result<bool> {
    one_value(condition, source)?;
    condition.value("a condition", source.clone())?;
    Ok(condition.to_dtype(crate::DType::Bool).to_vec::<bool>()?[0])
}

fn one_value(condition: &Tensor, source: &Source) -> Result<()> {
    match condition.numel() == 1 {
        true => Ok(()),
        false => {
            let text =
                format!("a condition must be one value, but has the shape {}", condition.shape());
            Err(Error::at("shape", text, source.clone()))
        }
    }
}

/// A condition as a truth value.
fn truth(condition: &Tensor, source: &Source) -> Result<Tensor> {
    one_value(condition, source)?;
    Ok(if condition.dtype() == crate::DType::Bool { condition.clone() } else { condition.ne(0) })
}

/// The results of `then` on the operands where the condition, one value, is not zero, and of `otherwise` where it is. Both must give
/// as many tensors, of equal types. Compiled, only one of the two is computed where that is worth asking.
///
/// # Panics
/// When the condition is not one value, or the arms give different types; [`try_cond`] gives an error instead.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// let f = compile(|x: &Tensor| {
///     let y = flow::cond(&x.sum().gt(0), |x| vec![&x[0] * 2], |x| vec![-&x[0]], &[x.clone()]);
///     y[0].clone()
/// });
/// let x = |v: f32| Tensor::from_vec(vec![v, 1.0], [2], &Device::cpu());
/// assert_eq!(f.call(&x(2.0))?.to_vec::<f32>()?, [4.0, 2.0]);
/// assert_eq!(f.call(&x(-3.0))?.to_vec::<f32>()?, [3.0, -1.0]);
/// assert_eq!(f.stats().compilations, 1);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn cond(
    condition: &Tensor,
    then: impl FnOnce(&[Tensor]) -> Vec<Tensor>,
    otherwise: impl FnOnce(&[Tensor]) -> Vec<Tensor>,
    operands: &[Tensor],
) -> Vec<Tensor> {
    expect(try_cond(condition, then, otherwise, operands))
}

/// As [`cond`].
///
/// # Errors
/// A condition that is not one value, arms that give different types; faults of the device.
#[track_caller]
pub fn try_cond(
    condition: &Tensor,
    then: impl FnOnce(&[Tensor]) -> Vec<Tensor>,
    otherwise: impl FnOnce(&[Tensor]) -> Vec<Tensor>,
    operands: &[Tensor],
) -> Result<Vec<Tensor>> {
    let source = Source::caller();
    if capture::records_flow() {
        let condition = truth(condition, &source)?;
        let (then, otherwise) = (|| then(operands), || otherwise(operands));
        return capture::decide_between(&condition, then, otherwise, &source);
    }
    Ok(if read(condition, &source)? { then(operands) } else { otherwise(operands) })
}

/// The state after as many rounds of `body` as `condition` of the state holds; the state itself where it does not hold at once. A round must
/// keep the number and the types of the tensors.
///
/// # Panics
/// When the condition is not one value, or the state changes its type; [`try_while_loop`] gives an error instead.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// /// The integer part of a logarithm to base 2.
/// fn log2(x: &Tensor) -> Tensor {
///     let zero = Tensor::scalar(0, x.device());
///     let state = flow::while_loop(
///         |s| s[0].ge(2),
///         |s| vec![&s[0] / 2, &s[1] + 1],
///         &[x.clone(), zero],
///     );
///     state[1].clone()
/// }
/// let f = compile(log2);
/// for (value, want) in [(1.0, 0), (9.0, 3), (1000.0, 9)] {
///     let x = Tensor::scalar(value, &Device::cpu());
///     assert_eq!(f.call(&x)?.item::<i32>()?, want);
///     assert_eq!(log2(&x).item::<i32>()?, want);
/// }
/// assert_eq!(f.stats().compilations, 1);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn while_loop(
    condition: impl Fn(&[Tensor]) -> Tensor,
    body: impl Fn(&[Tensor]) -> Vec<Tensor>,
    init: &[Tensor],
) -> Vec<Tensor> {
    expect(try_while_loop(condition, body, init))
}

/// As [`while_loop`].
///
/// # Errors
/// A condition that is not one value, a state that changes its type; faults of the device.
#[track_caller]
pub fn try_while_loop(
    condition: impl Fn(&[Tensor]) -> Tensor,
    body: impl Fn(&[Tensor]) -> Vec<Tensor>,
    init: &[Tensor],
) -> Result<Vec<Tensor>> {
    let source = Source::caller();
    if capture::records_flow() {
        let round = |state: &[Tensor], _: &[Tensor]| {
            let head = Some(truth(&condition(state), &source)?);
            Ok(Body { head, next: body(state), parts: Vec::new() })
        };
        return capture::walk(init, &[], round, &source).map(|(state, _)| state);
    }
    let mut state = init.to_vec();
    while read(&condition(&state), &source)? {
        let next = body(&state);
        keeps(&state, &next, &source)?;
        state = next;
    }
    Ok(state)
}

/// A round keeps the number and the types of a state.
fn keeps(state: &[Tensor], next: &[Tensor], source: &Source) -> Result<()> {
    let same = |(a, b): (&Tensor, &Tensor)| a.dtype() == b.dtype() && a.shape() == b.shape();
    if state.len() == next.len() && state.iter().zip(next).all(same) {
        return Ok(());
    }
    let types = |all: &[Tensor]| {
        let one = |t: &Tensor| format!("{}{}", t.dtype(), t.shape());
        all.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let text =
        format!("the state of a loop is {}, but its body gives {}", types(state), types(next));
    Err(Error::at("shape", text, source.clone()))
}

/// Walks along the first axis of `xs`: for each position in order, `f` takes the state and the slices there, and gives the next state and
/// tensors of its own. The results are the last state, and those tensors stacked along a new first axis.
///
/// # Panics
/// When `xs` is empty, its axes differ in length, or the state changes its type; [`try_scan`] gives an error instead.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// /// A running mean with a weight for the past.
/// fn smooth(x: &Tensor) -> Tensor {
///     let start = Tensor::scalar(0.0, x.device());
///     let (_, all) = flow::scan(
///         |state, x| {
///             let next = &state[0] * 0.5 + &x[0] * 0.5;
///             (vec![next.clone()], vec![next])
///         },
///         &[start],
///         &[x.clone()],
///     );
///     all[0].clone()
/// }
/// let x = Tensor::from_vec(vec![8.0f32, 0.0, 4.0], [3], &Device::cpu());
/// assert_eq!(smooth(&x).to_vec::<f32>()?, [4.0, 2.0, 3.0]);
/// assert_eq!(compile(smooth).call(&x)?.to_vec::<f32>()?, [4.0, 2.0, 3.0]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn scan(
    f: impl Fn(&[Tensor], &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>),
    init: &[Tensor],
    xs: &[Tensor],
) -> (Vec<Tensor>, Vec<Tensor>) {
    expect(try_scan(f, init, xs))
}

/// As [`scan`].
///
/// # Errors
/// No tensors to walk along, axes of different lengths, a state that changes its type; faults of the device.
#[track_caller]
pub fn try_scan(
    f: impl Fn(&[Tensor], &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>),
    init: &[Tensor],
    xs: &[Tensor],
) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
    let source = Source::caller();
    let length = length(xs, &source)?;
    if capture::records_flow() {
        let round = |state: &[Tensor], slices: &[Tensor]| {
            let (next, parts) = f(state, slices);
            Ok(Body { head: None, next, parts })
        };
        return capture::walk(init, xs, round, &source);
    }
    let mut state = init.to_vec();
    let mut all: Vec<Vec<Tensor>> = Vec::new();
    for at in 0..length {
        let slices: Vec<Tensor> = xs.iter().map(|x| x.select(0, at as i64)).collect();
        let (next, parts) = f(&state, &slices);
        keeps(&state, &next, &source)?;
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
    let (_, parts) = f(&state, &xs.iter().map(slice).collect::<Vec<Tensor>>());
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

/// Applies `f` to each slice along the first axis, and stacks its results.
///
/// # Panics
/// When `x` has no axis, or the results differ in type.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0f32, 3.0, -2.0, 4.0], [2, 2], &Device::cpu());
/// let y = flow::map(|row| row / row.sum(), &x);
/// assert_eq!(y.to_vec::<f32>()?, [0.25, 0.75, -1.0, 2.0]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn map(f: impl Fn(&Tensor) -> Tensor, x: &Tensor) -> Tensor {
    let each = |_: &[Tensor], x: &[Tensor]| (Vec::new(), vec![f(&x[0])]);
    let (_, mut all) = expect(try_scan(each, &[], std::slice::from_ref(x)));
    all.remove(0)
}

/// Running results of an associative function along an axis: element `i` combines elements `0..=i` in order. `f` takes two pieces of as
/// many elements along the axis and combines them element by element, the earlier one first. About `log2(n)` rounds for `n` elements.
///
/// # Panics
/// When there is no such axis; while a function is captured, the axis is taken to have the length that it has in this call.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// let x = Tensor::from_vec(vec![1.0f32, 2.0, 3.0, 4.0], [4], &Device::cpu());
/// let y = flow::associative_scan(|a, b| a * b, &x, 0);
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0, 6.0, 24.0]);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn associative_scan(f: impl Fn(&Tensor, &Tensor) -> Tensor, x: &Tensor, axis: isize) -> Tensor {
    let n = x.dim(axis).get();
    let mut all = x.clone();
    let mut step = 1;
    while step < n {
        let (early, late) = (all.narrow(axis, 0, n - step), all.narrow(axis, step, n - step));
        let combined = f(&early, &late);
        all = Tensor::cat(&[&all.narrow(axis, 0, step), &combined], axis);
        step *= 2;
    }
    all
}
