//! Elements added around a tensor.

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results};

pub(super) static ALL: &[Row] =
    &[Row::new("Pad", &[2, 11, 13, 18, 19, 21, 23, 24, 25], "", pad)
        .limits("pads may not be data")];

/// The elements before and after each axis.
fn amounts(cx: &Cx<'_>, rank: usize) -> Result<(Vec<Dim>, Vec<Dim>), Diagnostic> {
    let pads: Option<Vec<Dim>> = match cx.opset < 11 {
        true => cx.ints("pads").map(|pads| pads.into_iter().map(Dim::constant).collect()),
        false => cx.sizes(1, "pads")?,
    };
    let pads = pads.ok_or_else(|| cx.fault("the pads are missing"))?;
    let axes = match cx.integers(3, "axes")? {
        Some(axes) => cx.axes(&axes, rank)?,
        None => (0..rank).collect(),
    };
    if pads.len() != 2 * axes.len() {
        let (got, want) = (pads.len(), 2 * axes.len());
        return Err(cx.fault(format_args!("{got} pads, but {want} are needed")));
    }
    let mut low = vec![Dim::constant(0); rank];
    let mut high = low.clone();
    for (k, &axis) in axes.iter().enumerate() {
        low[axis] = pads[k].clone();
        high[axis] = pads[axes.len() + k].clone();
    }
    Ok((low, high))
}

fn pad(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let (low, high) = amounts(cx, cx.m.b.rank(x))?;
    let mode = cx.text("mode").unwrap_or_else(|| "constant".to_owned());
    if mode == "constant" {
        let value = match cx.opset < 11 {
            true => cx.float("value"),
            false => cx.numbers(2, "a value")?.and_then(|values| values.first().copied()),
        };
        let result = cx.m.b.pad(x, &low, &high, value.unwrap_or(0.0))?;
        return cx.done(result);
    }
    let mut result = x;
    for axis in 0..low.len() {
        if low[axis].as_const() != Some(0) || high[axis].as_const() != Some(0) {
            let index = source_index(cx, result, axis, &low[axis], &high[axis], &mode)?;
            result = cx.m.b.gather(result, index, axis as i64)?;
        }
    }
    cx.done(result)
}

/// For each place of a padded axis, the place of the operand that it repeats.
fn source_index(
    cx: &mut Cx<'_>,
    x: NodeId,
    axis: usize,
    low: &Dim,
    high: &Dim,
    mode: &str,
) -> Result<NodeId, Diagnostic> {
    let size = cx.m.b.dims(x)[axis].clone();
    let place = cx.m.b.iota(&[&(&size + low) + high], 0, DType::I64)?;
    let low = cx.m.b.size(low, DType::I64)?;
    let place = cx.m.b.binary("sub", place, low)?;
    let last = cx.m.b.size(&(&size - 1), DType::I64)?;
    match mode {
        "edge" => {
            let place = cx.m.b.with_number("max", place, 0.0)?;
            cx.m.b.binary("min", place, last)
        }
        "reflect" => {
            let place = cx.m.b.unary("abs", place)?;
            let behind = cx.m.b.binary("sub", last, place)?;
            let behind = cx.m.b.unary("abs", behind)?;
            cx.m.b.binary("sub", last, behind)
        }
        "wrap" => {
            let size = cx.m.b.size(&size, DType::I64)?;
            cx.m.b.binary("mod_floor", place, size)
        }
        other => {
            let rule = format!("mode `{other}` must be constant, edge, reflect or wrap");
            Err(cx.fault(rule))
        }
    }
}
