//! Resizing by weighted sums where sizes are symbols: the matrix of weights is part of the graph.

use ferrodyne_compiler::graph::{Builder, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::resize_filter::Filter;
use crate::context::Cx;

type Made = Result<NodeId, Diagnostic>;

/// An axis: its sizes before and after, the ratio of both where the file gives one, and the region that is resized.
pub(super) struct Axis<'a> {
    pub(super) from: &'a Dim,
    pub(super) to: &'a Dim,
    pub(super) scale: Option<f64>,
    pub(super) region: (f64, f64),
}

/// Resizes an axis: a product of the data, whose ends are repeated as far as weights reach, with the matrix of weights.
pub(super) fn along(
    cx: &mut Cx<'_>,
    x: NodeId,
    axis: usize,
    filter: &Filter,
    sizes: &Axis<'_>,
) -> Made {
    let margin = margin(filter, sizes);
    let at = places(cx, filter, sizes)?;
    let weights = weights(cx, filter, sizes, &margin, at)?;
    let extended = extended(cx, x, axis, sizes.from, &margin)?;
    let turned = cx.m.b.transpose(extended, axis as i64, -1)?;
    let mut product = cx.m.b.matmul(turned, weights)?;
    if filter.is_crop() {
        let last = cx.m.b.size(&(sizes.from - 1), DType::F32)?;
        let before = cx.m.b.with_number("lt", at, 0.0)?;
        let behind = cx.m.b.binary("gt", at, last)?;
        let outside = cx.m.b.binary("or", before, behind)?;
        let value = cx.float("extrapolation_value").unwrap_or(0.0);
        let value = cx.m.b.scalar(DType::F32, value)?;
        product = cx.m.b.select(outside, value, product)?;
    }
    cx.m.b.transpose(product, axis as i64, -1)
}

/// How many elements before and behind the data have weights.
fn margin(filter: &Filter, sizes: &Axis<'_>) -> Dim {
    if filter.exclude_outside || filter.mode == "nearest" {
        return Dim::constant(0);
    }
    let reach = Dim::constant(filter.reach() as i64);
    let widened = match sizes.scale {
        _ if !filter.antialias => reach.clone(),
        Some(scale) => Dim::constant((filter.reach() / scale).ceil() as i64),
        None => (sizes.from * &reach).ceil_div(&Dim::max(sizes.to, &Dim::constant(1))),
    };
    Dim::max(&widened, &reach) + 1
}

/// The place in the data that each element of the result stands for: a row.
fn places(cx: &mut Cx<'_>, filter: &Filter, sizes: &Axis<'_>) -> Made {
    let b = &mut cx.m.b;
    let i = b.iota(std::slice::from_ref(sizes.to), 0, DType::F32)?;
    let (from, to) = (b.size(sizes.from, DType::F32)?, b.size(sizes.to, DType::F32)?);
    let (last, last_to) = (b.with_number("sub", from, 1.0)?, b.with_number("sub", to, 1.0)?);
    let divisor = b.with_number("max", last_to, 1.0)?;
    let several = b.with_number("gt", to, 1.0)?;
    let shrunk = |b: &mut Builder, x: NodeId| match sizes.scale {
        Some(scale) => b.with_number("div", x, scale),
        None => {
            let scaled = b.binary("mul", x, from)?;
            b.binary("div", scaled, to)
        }
    };
    match filter.coordinate.as_str() {
        "asymmetric" => return shrunk(b, i),
        "align_corners" => {
            let scaled = b.binary("mul", i, last)?;
            return b.binary("div", scaled, divisor);
        }
        _ if filter.is_crop() => {
            let (start, end) = sizes.region;
            let (share, half) = (b.binary("div", i, divisor)?, b.scalar(DType::F32, 0.5)?);
            let share = b.select(several, share, half)?;
            let part = b.with_number("mul", share, end - start)?;
            let part = b.with_number("add", part, start)?;
            return b.binary("mul", part, last);
        }
        _ => {}
    }
    let middle = b.with_number("add", i, 0.5)?;
    let place = shrunk(b, middle)?;
    let place = b.with_number("sub", place, 0.5)?;
    match (filter.coordinate.as_str(), sizes.scale) {
        ("pytorch_half_pixel", _) => {
            let zero = b.scalar(DType::F32, 0.0)?;
            b.select(several, place, zero)
        }
        ("half_pixel_symmetric", Some(scale)) => {
            let (half, reach) =
                (b.with_number("mul", from, 0.5)?, b.with_number("div", to, 2.0 * scale)?);
            let offset = b.binary("sub", half, reach)?;
            b.binary("add", place, offset)
        }
        _ => Ok(place),
    }
}

/// The data, its first and its last element repeated.
fn extended(cx: &mut Cx<'_>, x: NodeId, axis: usize, from: &Dim, margin: &Dim) -> Made {
    if margin.is_zero() {
        return Ok(x);
    }
    let index = cx.m.b.iota(&[from + margin * 2], 0, DType::I64)?;
    let (margin, last) = (cx.m.b.size(margin, DType::I64)?, cx.m.b.size(&(from - 1), DType::I64)?);
    let index = cx.m.b.binary("sub", index, margin)?;
    let index = cx.m.b.with_number("max", index, 0.0)?;
    let index = cx.m.b.binary("min", index, last)?;
    cx.m.b.gather(x, index, axis as i64)
}

/// The weight of each element of the extended data for each element of the result; those of a result sum to 1.
fn weights(cx: &mut Cx<'_>, filter: &Filter, sizes: &Axis<'_>, margin: &Dim, at: NodeId) -> Made {
    let b = &mut cx.m.b;
    let rows = b.iota(&[sizes.from + margin * 2, Dim::constant(1)], 0, DType::F32)?;
    let margin = b.size(margin, DType::F32)?;
    let place = b.binary("sub", rows, margin)?;
    if filter.mode == "nearest" {
        let nearest = nearest(b, filter, at)?;
        let last = b.size(&(sizes.from - 1), DType::F32)?;
        let inside = b.with_number("max", nearest, 0.0)?;
        let inside = b.binary("min", inside, last)?;
        let hit = b.binary("eq", place, inside)?;
        return b.cast(hit, DType::F32);
    }
    let mut distance = b.binary("sub", place, at)?;
    match sizes.scale {
        _ if !filter.antialias => {}
        Some(scale) => distance = b.with_number("mul", distance, scale.min(1.0))?,
        None => {
            let (from, to) = (b.size(sizes.from, DType::F32)?, b.size(sizes.to, DType::F32)?);
            let shrink = b.binary("div", to, from)?;
            let shrink = b.with_number("min", shrink, 1.0)?;
            distance = b.binary("mul", distance, shrink)?;
        }
    }
    let distance = b.unary("abs", distance)?;
    let weights = weight(b, filter, distance)?;
    let sum = b.reduce("sum", weights, &[0], true)?;
    b.binary("div", weights, sum)
}

fn nearest(b: &mut Builder, filter: &Filter, at: NodeId) -> Made {
    match filter.rounding.as_str() {
        "floor" => b.unary("floor", at),
        "ceil" => b.unary("ceil", at),
        "round_prefer_ceil" => {
            let moved = b.with_number("add", at, 0.5)?;
            b.unary("floor", moved)
        }
        _ => {
            let moved = b.with_number("sub", at, 0.5)?;
            b.unary("ceil", moved)
        }
    }
}

/// The weights at distances: a triangle, or the cubic kernel of Keys (1981).
fn weight(b: &mut Builder, filter: &Filter, distance: NodeId) -> Made {
    if filter.mode != "cubic" {
        let rest = b.number_with("sub", 1.0, distance)?;
        return b.with_number("max", rest, 0.0);
    }
    let a = filter.cubic;
    let near = b.polynomial(distance, &[a + 2.0, -(a + 3.0), 0.0, 1.0])?;
    let far = b.polynomial(distance, &[a, -5.0 * a, 8.0 * a, -4.0 * a])?;
    let (is_near, is_far) =
        (b.with_number("le", distance, 1.0)?, b.with_number("lt", distance, 2.0)?);
    let zero = b.scalar(DType::F32, 0.0)?;
    let far = b.select(is_far, far, zero)?;
    b.select(is_near, near, far)
}
