//! Branches and loops as functions: eager and compiled alike. In compiled functions, `if`, `while` and `loop` on tensors do the same; these
//! serve where a graph must branch or loop whatever is around it, and in closures, which the attribute leaves alone.
//!
//! Operands, states and results are tensors, or tuples, lists, options and maps of them; host values among them must stay as they are.
//! Closures may use tensors from around them. What they compute must leave them by their results alone.

mod walk;

use std::borrow::Borrow;

use ferrodyne_plan::Source;

use crate::capture::{self, Body, Tree, collected, replaced};
use crate::error::{Error, Result};
use crate::fault::expect;
use crate::tensor::Tensor;

pub use walk::{associative_scan, map, scan, try_scan};

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

/// A value taken apart: its tensors become values of a graph, and all else waits for what comes back.
struct Apart<T> {
    value: T,
    hosts: String,
}

impl<T: Tree> Apart<T> {
    fn of(mut value: T) -> (Apart<T>, Vec<Tensor>) {
        let all = collected(&mut value);
        (Apart { value, hosts: all.print }, all.tensors)
    }

    /// The value with other tensors.
    fn with(self, tensors: impl IntoIterator<Item = Tensor>) -> T {
        replaced(self.value, tensors)
    }

    /// Checks that another value holds the same beside its tensors.
    fn same(&self, other: &Apart<T>, what: &str, source: &Source) -> Result<()> {
        if self.hosts == other.hosts {
            return Ok(());
        }
        let (one, other) = (self.hosts.trim_end_matches(';'), other.hosts.trim_end_matches(';'));
        let text = format!("{what} `{one}` and `{other}` beside tensors: only tensors may differ");
        Err(Error::at("host", text, source.clone()))
    }
}

/// What `then` gives of the operands where the condition, one value, is not zero, and `otherwise` where it is. Both must give as many
/// tensors, of equal types. Compiled, only one of the two is computed where that is worth asking.
///
/// # Panics
/// When the condition is not one value, or the arms give different types; [`try_cond`] gives an error instead.
///
/// ```
/// use ferrodyne::prelude::*;
///
/// let f = compile(|x: &Tensor| flow::cond(x.sum().gt(0), |x| x * 2, |x| -x, x));
/// let x = |v: f32| Tensor::from_vec(vec![v, 1.0], [2], &Device::cpu());
/// assert_eq!(f.call(&x(2.0))?.to_vec::<f32>()?, [4.0, 2.0]);
/// assert_eq!(f.call(&x(-3.0))?.to_vec::<f32>()?, [3.0, -1.0]);
/// assert_eq!(f.stats().compilations, 1);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[track_caller]
pub fn cond<O: ?Sized, R: Tree>(
    condition: impl Borrow<Tensor>,
    then: impl FnOnce(&O) -> R,
    otherwise: impl FnOnce(&O) -> R,
    operands: &O,
) -> R {
    expect(try_cond(condition, then, otherwise, operands))
}

/// As [`cond`].
///
/// # Errors
/// A condition that is not one value, arms that give different types or host values; faults of the device.
#[track_caller]
pub fn try_cond<O: ?Sized, R: Tree>(
    condition: impl Borrow<Tensor>,
    then: impl FnOnce(&O) -> R,
    otherwise: impl FnOnce(&O) -> R,
    operands: &O,
) -> Result<R> {
    let (source, condition) = (Source::caller(), condition.borrow());
    if !capture::records_flow() {
        return Ok(if read(condition, &source)? { then(operands) } else { otherwise(operands) });
    }
    let condition = truth(condition, &source)?;
    let (mut first, mut second) = (None, None);
    let joined = capture::decide_between(
        &condition,
        || kept(&mut first, then(operands)),
        || kept(&mut second, otherwise(operands)),
        &source,
    )?;
    let (first, second) = first.zip(second).expect("both arms were run to be recorded");
    first.same(&second, "cond: the arms give", &source)?;
    Ok(first.with(joined))
}

/// The tensors of a value; the rest is put aside.
fn kept<T: Tree>(rest: &mut Option<Apart<T>>, value: T) -> Vec<Tensor> {
    let (apart, tensors) = Apart::of(value);
    *rest = Some(apart);
    tensors
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
///     let (_, bits) =
///         flow::while_loop(|(x, _)| x.ge(2), |(x, bits)| (x / 2, bits + 1), (x.clone(), zero));
///     bits
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
pub fn while_loop<S: Tree + Clone>(
    condition: impl Fn(&S) -> Tensor,
    body: impl Fn(&S) -> S,
    init: S,
) -> S {
    expect(try_while_loop(condition, body, init))
}

/// As [`while_loop`].
///
/// # Errors
/// A condition that is not one value, a state that changes its type; faults of the device.
#[track_caller]
pub fn try_while_loop<S: Tree + Clone>(
    condition: impl Fn(&S) -> Tensor,
    body: impl Fn(&S) -> S,
    init: S,
) -> Result<S> {
    let source = Source::caller();
    let (first, mut tensors) = Apart::of(init);
    let value = |tensors: &[Tensor]| replaced(first.value.clone(), tensors.iter().cloned());
    let round = |state: &S| {
        let (next, tensors) = Apart::of(body(state));
        first.same(&next, CHANGES, &source).map(|()| tensors)
    };
    if capture::records_flow() {
        let round = |state: &[Tensor], _: &[Tensor]| {
            let state = value(state);
            let head = Some(truth(&condition(&state), &source)?);
            Ok(Body { head, next: round(&state)?, parts: Vec::new() })
        };
        let (state, _) = capture::walk(&tensors, &[], round, &source)?;
        return Ok(value(&state));
    }
    let mut state = value(&tensors);
    while read(&condition(&state), &source)? {
        let next = round(&state)?;
        keeps(&tensors, &next, &source)?;
        state = value(&next);
        tensors = next;
    }
    Ok(state)
}

/// Begins the text of a fault.
const CHANGES: &str = "the state of a loop has";

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
