//! Resizing an axis whose size is a symbol: indices and weights are part of the graph.

use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::{Plan, accumulated};
use crate::graph::{Builder, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The place in the operand that each element of the result stands for, as f32.
fn places(b: &mut Builder, plan: &Plan<'_>, from: &Dim, to: &Dim, scale: Option<f64>) -> Value {
    let i = b.iota(std::slice::from_ref(to), 0, DType::F32)?;
    let (old, new) = (b.size(from, DType::F32)?, b.size(to, DType::F32)?);
    if plan.coordinate == "align_corners" {
        let (old, new) = (b.with_number("sub", old, 1.0)?, b.with_number("sub", new, 1.0)?);
        let new = b.with_number("max", new, 1.0)?;
        let scaled = b.binary("mul", i, old)?;
        return b.binary("div", scaled, new);
    }
    let shrunk = |b: &mut Builder, x: NodeId| match scale {
        Some(scale) => b.with_number("div", x, scale),
        None => {
            let scaled = b.binary("mul", x, old)?;
            b.binary("div", scaled, new)
        }
    };
    if plan.coordinate == "asymmetric" {
        return shrunk(b, i);
    }
    let middle = b.with_number("add", i, 0.5)?;
    let place = shrunk(b, middle)?;
    let place = b.with_number("sub", place, 0.5)?;
    match (plan.coordinate, scale) {
        ("pytorch_half_pixel", _) => {
            let several = b.with_number("gt", new, 1.0)?;
            let zero = b.scalar(DType::F32, 0.0)?;
            b.select(several, place, zero)
        }
        ("half_pixel_symmetric", Some(scale)) => {
            let half = b.with_number("mul", old, 0.5)?;
            let reach = b.with_number("div", new, 2.0 * scale)?;
            let offset = b.binary("sub", half, reach)?;
            b.binary("add", place, offset)
        }
        _ => Ok(place),
    }
}

fn nearest(b: &mut Builder, plan: &Plan<'_>, place: NodeId) -> Value {
    match plan.rounding {
        "floor" => b.unary("floor", place),
        "ceil" => b.unary("ceil", place),
        "round_prefer_ceil" => {
            let moved = b.with_number("add", place, 0.5)?;
            b.unary("floor", moved)
        }
        _ => {
            let moved = b.with_number("sub", place, 0.5)?;
            b.unary("ceil", moved)
        }
    }
}

/// Elements of an axis at places given as f32 integers, kept inside.
fn picked(b: &mut Builder, x: NodeId, axis: usize, place: NodeId) -> Value {
    let last = b.size(&(&b.dims(x)[axis] - 1), DType::F32)?;
    let low = b.with_number("max", place, 0.0)?;
    let inside = b.binary("min", low, last)?;
    let index = b.cast(inside, DType::I64)?;
    b.gather(x, index, axis as i64)
}

/// The cubic kernel of Keys (1981) at distances known to lie within 1, or between 1 and 2.
fn cubic_weight(b: &mut Builder, plan: &Plan<'_>, distance: NodeId, near: bool) -> Value {
    let a = plan.cubic;
    let factors = match near {
        true => [a + 2.0, -(a + 3.0), 0.0, 1.0],
        false => [a, -5.0 * a, 8.0 * a, -4.0 * a],
    };
    b.polynomial(distance, &factors)
}

/// Weights of the elements around each place: for each its distance from the one below, and its weight.
fn taps(
    b: &mut Builder,
    plan: &Plan<'_>,
    fraction: NodeId,
) -> Result<Vec<(f64, NodeId)>, Diagnostic> {
    let rest = b.number_with("sub", 1.0, fraction)?;
    if plan.mode == "linear" {
        return Ok(vec![(0.0, rest), (1.0, fraction)]);
    }
    let (before, after) = (b.with_number("add", fraction, 1.0)?, b.with_number("add", rest, 1.0)?);
    let distances =
        [(-1.0, before, false), (0.0, fraction, true), (1.0, rest, true), (2.0, after, false)];
    let mut taps = Vec::new();
    for (at, distance, near) in distances {
        taps.push((at, cubic_weight(b, plan, distance, near)?));
    }
    Ok(taps)
}

/// An axis brought to a size.
pub(super) fn axis(
    b: &mut Builder,
    plan: &Plan<'_>,
    x: NodeId,
    axis: usize,
    to: &Dim,
    scale: Option<f64>,
) -> Value {
    let from = b.dims(x)[axis].clone();
    let places = places(b, plan, &from, to, scale)?;
    if plan.mode == "nearest" {
        let place = nearest(b, plan, places)?;
        return picked(b, x, axis, place);
    }
    let below = b.unary("floor", places)?;
    let fraction = b.binary("sub", places, below)?;
    let mut sum = None;
    for (at, weight) in taps(b, plan, fraction)? {
        let place = b.with_number("add", below, at)?;
        let part = picked(b, x, axis, place)?;
        let weight = b.cast(weight, b.dtype(x))?;
        sum = Some(accumulated(b, sum, part, weight, axis)?);
    }
    sum.map_or(Ok(x), Ok)
}
