//! Pooling.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use super::convolution::{Windows, windows};
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("MaxPool", &[1, 8, 10, 11, 12, 22], "max_pool", pool),
    Row::new("AveragePool", &[1, 7, 10, 11, 19, 22], "avg_pool", pool),
    Row::new("LpPool", &[2, 11, 18, 22], "lp_pool", pool),
    Row::new("GlobalAveragePool", &[1, 22], "global_avg_pool", global),
    Row::new("GlobalMaxPool", &[1, 22], "global_max_pool", global),
    Row::new("GlobalLpPool", &[2, 22], "", global_lp),
];

fn pool(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    let dims = cx.m.b.dims(x);
    if dims.len() < 3 {
        let x = cx.m.b.describe(x);
        return Err(cx.fault(format_args!("{x}: it must have rank 3 or more")));
    }
    let kernel = cx
        .ints("kernel_shape")
        .ok_or_else(|| cx.fault("the attribute `kernel_shape` is missing"))?;
    let windows = windows(cx, kernel, &dims[2..])?;
    let fill = if op == "max_pool" { least(cx.m.b.dtype(x)) } else { 0.0 };
    let (padded, pads) = windows.padded(cx, x, fill)?;
    let mut attrs = Attrs::new()
        .ints("sizes", &windows.kernel)
        .ints("strides", &windows.strides)
        .ints("dilations", &windows.dilations)
        .ints("pads", &pads)
        .bool("ceil_mode", cx.flag("ceil_mode"));
    match op {
        "avg_pool" => attrs = attrs.bool("count_include_pad", cx.flag("count_include_pad")),
        "lp_pool" => attrs = attrs.int("p", cx.int("p").unwrap_or(2)),
        _ => {}
    }
    let mut result = cx.m.b.add(op, &[padded], attrs.clone())?;
    if op == "avg_pool" && padded != x && !cx.flag("count_include_pad") {
        let share = share_of_data(cx, x, &windows, attrs)?;
        result = cx.m.b.binary("div", result, share)?;
    }
    let mut results = cx.done(result)?;
    if op == "max_pool" && cx.node.output.get(1).is_some_and(|name| !name.is_empty()) {
        let largest = results[0].on_graph(cx.m)?;
        let places = places(cx, x, largest, &windows)?;
        results.push(Value::node(cx.m, places));
    }
    Ok(results)
}

/// The share of each window that is data, where the padding around it was put there before.
fn share_of_data(
    cx: &mut Cx<'_>,
    x: NodeId,
    windows: &Windows,
    attrs: Attrs,
) -> Result<NodeId, Diagnostic> {
    let (dtype, mut dims) = (cx.m.b.dtype(x), cx.m.b.dims(x));
    dims[..2].fill(Dim::constant(1));
    let ones = cx.m.b.full(dtype, &dims, 1.0)?;
    let (ones, _) = windows.padded(cx, ones, 0.0)?;
    cx.m.b.add("avg_pool", &[ones], attrs)
}

/// What is no larger than any number of a type.
fn least(dtype: DType) -> f64 {
    match dtype {
        DType::I8 => -128.0,
        DType::U8 => 0.0,
        _ => f64::NEG_INFINITY,
    }
}

/// The position in the data of each window's first largest element, counted through all axes; with `storage_order` 1 the
/// spatial axes are counted in reverse order.
fn places(
    cx: &mut Cx<'_>,
    x: NodeId,
    largest: NodeId,
    windows: &Windows,
) -> Result<NodeId, Diagnostic> {
    let (dims, out) = (cx.m.b.dims(x), cx.m.b.dims(largest));
    let spatial = windows.kernel.len();
    let (mut low, mut high) = (vec![Dim::constant(0); 2], vec![Dim::constant(0); 2]);
    for k in 0..spatial {
        let span = (windows.kernel[k] - 1) * windows.dilations[k] + 1;
        let end = &(&out[2 + k] - 1) * windows.strides[k] + span;
        low.push(windows.pads[k].0.clone());
        high.push(&end - &(&dims[2 + k] + &windows.pads[k].0));
    }
    let least = least(cx.m.b.dtype(x));
    let padded = cx.m.b.pad(x, &low, &high, least)?;
    let axes: Vec<i64> = (2..2 + spatial as i64).collect();
    let sizes: Vec<Dim> = windows.kernel.iter().map(|&size| Dim::constant(size)).collect();
    let (strides, dilations) = (&windows.strides, &windows.dilations);
    let each = cx.m.b.window(padded, &axes, &sizes, strides, dilations)?;
    let rank = cx.m.b.rank(each) as i64;
    let each = cx.m.b.flatten(each, rank - spatial as i64, rank - 1)?;
    let mut inside = cx.m.b.arg_reduce("argmax", each, -1, false)?;
    let mut at = vec![cx.m.b.iota(&out, 0, DType::I64)?, cx.m.b.iota(&out, 1, DType::I64)?];
    let mut own = Vec::new();
    for k in (0..spatial).rev() {
        let kernel = windows.kernel[k] as f64;
        let tap = cx.m.b.with_number("rem", inside, kernel)?;
        inside = cx.m.b.with_number("div", inside, kernel)?;
        let tap = cx.m.b.with_number("mul", tap, windows.dilations[k] as f64)?;
        let start = cx.m.b.iota(&out, 2 + k, DType::I64)?;
        let start = cx.m.b.with_number("mul", start, windows.strides[k] as f64)?;
        let pad = cx.m.b.size(&windows.pads[k].0, DType::I64)?;
        let start = cx.m.b.binary("sub", start, pad)?;
        own.push((cx.m.b.binary("add", start, tap)?, dims[2 + k].clone()));
    }
    let mut sizes = dims[..2].to_vec();
    if !cx.flag("storage_order") {
        own.reverse();
    }
    for (place, size) in own {
        at.push(place);
        sizes.push(size);
    }
    let mut flat = at[0];
    for (place, size) in at.into_iter().zip(sizes).skip(1) {
        let size = cx.m.b.size(&size, DType::I64)?;
        let scaled = cx.m.b.binary("mul", flat, size)?;
        flat = cx.m.b.binary("add", scaled, place)?;
    }
    Ok(flat)
}

fn global(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    cx.add(op, &[x], Attrs::new())
}

fn global_lp(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let axes: Vec<i64> = (2..cx.m.b.rank(x) as i64).collect();
    let p = cx.int("p").unwrap_or(2) as f64;
    cx.add("norm", &[x], Attrs::new().ints("axes", &axes).bool("keepdim", true).float("p", p))
}
