//! Normalisations by mean and variance, and their relatives.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("BatchNormalization", &[7, 9, 14, 15], "", batch)
        .limits("training mode from version 14 on"),
    Row::new("InstanceNormalization", &[6, 22], "", instance),
    Row::new("LayerNormalization", &[17], "layer_norm", trailing),
    Row::new("RMSNormalization", &[23], "rms_norm", trailing),
    Row::new("GroupNormalization", &[18, 21], "", group),
    Row::new("LRN", &[1, 13], "", local_response),
    Row::new("LpNormalization", &[1, 22], "", lp),
    Row::new("MeanVarianceNormalization", &[9, 13], "", mean_variance),
];

fn eps(cx: &Cx<'_>) -> Attrs {
    Attrs::new().float("eps", cx.float("epsilon").unwrap_or(1e-5))
}

fn batch(cx: &mut Cx<'_>, _: &'static str) -> Results {
    if cx.flag("training_mode") {
        return batch_in_training(cx);
    }
    if cx.opset < 9 && cx.int("spatial") == Some(0) {
        return Err(cx.unsupported("normalising each place by itself (`spatial` 0)"));
    }
    let operands = cx.all()?;
    let attrs = eps(cx);
    cx.add("batch_norm", &operands, attrs)
}

/// Normalisation by the statistics of the data, and the running statistics moved towards them.
fn batch_in_training(cx: &mut Cx<'_>) -> Results {
    let (x, scale, bias) = (cx.x(0)?, cx.x(1)?, cx.x(2)?);
    let axes: Vec<i64> = (0..cx.m.b.rank(x) as i64).filter(|&axis| axis != 1).collect();
    let wide = cx.m.b.reduce("mean", x, &axes, true)?;
    let centred = cx.m.b.binary("sub", x, wide)?;
    let square = cx.m.b.binary("mul", centred, centred)?;
    let variance = cx.m.b.reduce("mean", square, &axes, false)?;
    let channels = cx.m.b.dims(variance);
    let mean = cx.m.b.reshape(wide, &channels)?;
    let attrs = eps(cx);
    let result = cx.m.b.add("batch_norm", &[x, scale, bias, mean, variance], attrs)?;
    let momentum = cx.float("momentum").unwrap_or(0.9);
    let mut results = vec![Value::node(cx.m, result)];
    for (k, new) in [(3, mean), (4, variance)] {
        let old = cx.x(k)?;
        let old = cx.m.b.with_number("mul", old, momentum)?;
        let new = cx.m.b.with_number("mul", new, 1.0 - momentum)?;
        let moved = cx.m.b.binary("add", old, new)?;
        results.push(Value::node(cx.m, moved));
    }
    Ok(results)
}

fn instance(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let operands = cx.all()?;
    let attrs = eps(cx);
    cx.add("instance_norm", &operands, attrs)
}

/// Narrow floats are normalised in 32 bits, as `stash_type` says, and scaled in their own type.
pub(super) fn trailing(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    let (rank, dtype) = (cx.m.b.rank(x), cx.m.b.dtype(x));
    let axis = cx.axis(cx.int("axis").unwrap_or(-1), rank)?;
    let attrs = eps(cx).int("rank", (rank - axis) as i64);
    let mut params: Vec<NodeId> = Vec::new();
    for k in 1..cx.inputs.len() {
        if cx.maybe(k).is_some() {
            params.push(cx.x(k)?);
        }
    }
    let wanted = cx.node.output.iter().skip(1).any(|name| !name.is_empty());
    let axes: Vec<i64> = (axis as i64..rank as i64).collect();
    let narrow = matches!(dtype, DType::F16 | DType::BF16);
    if !narrow || cx.int("stash_type").unwrap_or(1) != 1 {
        let operands: Vec<NodeId> = [x].into_iter().chain(params).collect();
        let mut results = cx.add(op, &operands, attrs)?;
        if wanted {
            results.extend(statistics(cx, x, &axes)?);
        }
        return Ok(results);
    }
    let wide = cx.m.b.cast(x, DType::F32)?;
    let value = cx.m.b.add(op, &[wide], attrs)?;
    let mut value = cx.m.b.cast(value, dtype)?;
    for (op, param) in ["mul", "add"].into_iter().zip(params) {
        value = cx.m.b.binary(op, value, param)?;
    }
    let mut results = cx.done(value)?;
    if wanted {
        results.extend(statistics(cx, wide, &axes)?);
    }
    Ok(results)
}

/// The mean and the inverse of the deviation, which training needs.
fn statistics(cx: &mut Cx<'_>, x: NodeId, axes: &[i64]) -> Results {
    let mean = cx.m.b.reduce("mean", x, axes, true)?;
    let centred = cx.m.b.binary("sub", x, mean)?;
    let square = cx.m.b.binary("mul", centred, centred)?;
    let variance = cx.m.b.reduce("mean", square, axes, true)?;
    let moved = cx.m.b.with_number("add", variance, cx.float("epsilon").unwrap_or(1e-5))?;
    let inverse = cx.m.b.unary("rsqrt", moved)?;
    Ok([mean, inverse].map(|node| Value::node(cx.m, node)).to_vec())
}

/// Before version 21 scale and bias were one number a group.
fn group(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, mut params) = (cx.x(0)?, [cx.x(1)?, cx.x(2)?]);
    let groups =
        cx.int("num_groups").ok_or_else(|| cx.fault("the attribute `num_groups` is missing"))?;
    let dims = cx.m.b.dims(x);
    let channels = dims.get(1).ok_or_else(|| cx.fault("the data must have rank 2 or more"))?;
    if cx.opset < 21 {
        let each = channels.floor_div(&Dim::constant(groups));
        for param in &mut params {
            let column = cx.m.b.reshape(*param, &[Dim::constant(groups), Dim::constant(1)])?;
            let wide = cx.m.b.expand(column, &[Dim::constant(groups), each.clone()])?;
            *param = cx.m.b.reshape(wide, std::slice::from_ref(channels))?;
        }
    }
    let attrs = eps(cx).int("groups", groups);
    cx.add("group_norm", &[x, params[0], params[1]], attrs)
}

fn local_response(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let size = cx.int("size").filter(|size| (1..=i64::from(i32::MAX)).contains(size));
    let size = size.ok_or_else(|| cx.fault("the attribute `size` must be at least 1"))?;
    let attrs = Attrs::new()
        .int("size", size)
        .float("alpha", cx.float("alpha").unwrap_or(1e-4))
        .float("beta", cx.float("beta").unwrap_or(0.75))
        .float("bias", cx.float("bias").unwrap_or(1.0));
    cx.add("local_response_norm", &[x], attrs)
}

fn lp(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let axis = cx.axis(cx.int("axis").unwrap_or(-1), cx.m.b.rank(x))? as i64;
    let p = cx.int("p").unwrap_or(2) as f64;
    let attrs = Attrs::new().ints("axes", &[axis]).bool("keepdim", true).float("p", p);
    let norm = cx.m.b.add("norm", &[x], attrs)?;
    let some = cx.m.b.with_number("ne", norm, 0.0)?;
    let ratio = cx.m.b.binary("div", x, norm)?;
    let zero = cx.m.b.scalar_like(x, 0.0)?;
    cx.add("select", &[some, ratio, zero], Attrs::new())
}

fn mean_variance(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let axes = cx.ints("axes").unwrap_or_else(|| vec![0, 2, 3]);
    let mean = cx.m.b.reduce("mean", x, &axes, true)?;
    let centred = cx.m.b.binary("sub", x, mean)?;
    let square = cx.m.b.binary("mul", centred, centred)?;
    let variance = cx.m.b.reduce("mean", square, &axes, true)?;
    let deviation = deviation(cx, variance)?;
    cx.add("div", &[centred, deviation], Attrs::new())
}

/// The specification adds `1e-9` to the deviation.
fn deviation(cx: &mut Cx<'_>, variance: NodeId) -> Result<NodeId, Diagnostic> {
    let root = cx.m.b.unary("sqrt", variance)?;
    cx.m.b.with_number("add", root, 1e-9)
}
