//! Reductions over axes, running sums, and places of extremes.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results, known};

pub(super) static ALL: &[Row] = &[
    Row::new("ReduceSum", &[1, 11, 13], "sum", reduce),
    Row::new("ReduceMean", &[1, 11, 13, 18], "mean", reduce),
    Row::new("ReduceMax", &[1, 11, 12, 13, 18, 20], "amax", reduce),
    Row::new("ReduceMin", &[1, 11, 12, 13, 18, 20], "amin", reduce),
    Row::new("ReduceProd", &[1, 11, 13, 18], "prod", reduce),
    Row::new("ReduceL1", &[1, 11, 13, 18], "l1", reduce),
    Row::new("ReduceL2", &[1, 11, 13, 18], "l2", reduce),
    Row::new("ReduceSumSquare", &[1, 11, 13, 18], "sum_square", reduce),
    Row::new("ReduceLogSum", &[1, 11, 13, 18, 28], "log_sum", reduce),
    Row::new("ReduceLogSumExp", &[1, 11, 13, 18, 28], "logsumexp", reduce),
    Row::new("ArgMax", &[1, 11, 12, 13], "argmax", arg_reduce),
    Row::new("ArgMin", &[1, 11, 12, 13], "argmin", arg_reduce),
    Row::new("CumSum", &[11, 14], "cumsum", running),
    Row::new("CumProd", &[26], "cumprod", running),
];

/// The axes of a reduction, an attribute before a version that depends on the operator; none where nothing is reduced.
fn axes(cx: &Cx<'_>, rank: usize) -> Result<Option<Vec<usize>>, Diagnostic> {
    let given = match cx.ints("axes") {
        Some(axes) => Some(axes),
        None => cx.integers(1, "axes")?,
    };
    match given {
        Some(axes) if !axes.is_empty() => cx.axes(&axes, rank).map(Some),
        _ if cx.flag("noop_with_empty_axes") => Ok(None),
        _ => Ok(Some((0..rank).collect())),
    }
}

fn reduce(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.value(0)?;
    let keep = cx.int("keepdims").unwrap_or(1) != 0;
    let axes = axes(cx, x.rank())?;
    let binary = match op {
        "sum" => Some("add"),
        "prod" => Some("mul"),
        "amax" => Some("max"),
        "amin" => Some("min"),
        _ => None,
    };
    if let (Some(on_host), Some(binary), Some(axes)) = (x.as_known(), binary, &axes)
        && let Some(result) = on_host.folded(binary, axes, keep, cx.facts())
    {
        return known(result);
    }
    let node = x.on_graph(cx.m)?;
    let axes: Vec<i64> = axes.unwrap_or_default().iter().map(|&axis| axis as i64).collect();
    let before = before(cx, op, node)?;
    let folded = match axes.is_empty() {
        true => before,
        false => fold(cx, op, before, &axes, keep)?,
    };
    let result = match op {
        "l2" => cx.m.b.unary("sqrt", folded)?,
        "log_sum" => cx.m.b.unary("log", folded)?,
        _ => folded,
    };
    cx.done(result)
}

/// What is done to each element before it is summed.
fn before(cx: &mut Cx<'_>, op: &str, x: NodeId) -> Result<NodeId, Diagnostic> {
    match op {
        "l1" => cx.m.b.unary("abs", x),
        "l2" | "sum_square" => cx.m.b.binary("mul", x, x),
        _ => Ok(x),
    }
}

fn fold(
    cx: &mut Cx<'_>,
    op: &str,
    x: NodeId,
    axes: &[i64],
    keep: bool,
) -> Result<NodeId, Diagnostic> {
    let dtype = cx.m.b.dtype(x);
    let op = match (op, dtype) {
        ("amax", DType::Bool) => "any",
        ("amin", DType::Bool) => "all",
        ("l1" | "l2" | "sum_square" | "log_sum", _) => "sum",
        (op, _) => op,
    };
    if op == "mean" && !dtype.is_float() {
        let dims = cx.m.b.dims(x);
        let count: Dim = axes.iter().map(|&axis| dims[axis as usize].clone()).product();
        let sum = cx.m.b.reduce("sum", x, axes, keep)?;
        let count = cx.m.b.size(&count, dtype)?;
        return cx.m.b.binary("div", sum, count);
    }
    cx.m.b.reduce(op, x, axes, keep)
}

/// The last of several extremes is the first of the reversed axis.
fn arg_reduce(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    let axis = cx.axis(cx.int("axis").unwrap_or(0), cx.m.b.rank(x))? as i64;
    let keep = cx.int("keepdims").unwrap_or(1) != 0;
    if !cx.flag("select_last_index") {
        let result = cx.m.b.arg_reduce(op, x, axis, keep)?;
        return cx.done(result);
    }
    let last = &cx.m.b.dims(x)[axis as usize] - 1;
    let reversed = cx.m.b.flip(x, &[axis])?;
    let place = cx.m.b.arg_reduce(op, reversed, axis, keep)?;
    let last = cx.m.b.size(&last, cx.m.b.dtype(place))?;
    let result = cx.m.b.binary("sub", last, place)?;
    cx.done(result)
}

fn running(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    let axis = cx.integers(1, "an axis")?.and_then(|axes| axes.first().copied());
    let axis = axis.ok_or_else(|| cx.fault("the axis is missing"))?;
    let axis = cx.axis(axis, cx.m.b.rank(x))? as i64;
    let attrs = Attrs::new()
        .int("axis", axis)
        .bool("exclusive", cx.flag("exclusive"))
        .bool("reverse", cx.flag("reverse"));
    cx.add(op, &[x], attrs)
}
