//! Activation functions.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::Dim;

use super::Row;
use crate::context::{Cx, Results};

pub(super) static ALL: &[Row] = &[
    Row::new("Relu", &[6, 13, 14], "relu", plain),
    Row::new("Sigmoid", &[6, 13], "sigmoid", plain),
    Row::new("Softsign", &[1, 22], "softsign", plain),
    Row::new("Softplus", &[1, 22], "softplus", plain),
    Row::new("HardSwish", &[14, 22], "hardswish", plain),
    Row::new("Mish", &[18, 22], "mish", plain),
    Row::new("LeakyRelu", &[6, 16], "", |cx, _| {
        with(cx, "leaky_relu", &[("alpha", "slope", 0.01)])
    }),
    Row::new("Elu", &[6, 22], "", |cx, _| with(cx, "elu", &[("alpha", "alpha", 1.0)])),
    Row::new("Celu", &[12, 28], "", |cx, _| with(cx, "celu", &[("alpha", "alpha", 1.0)])),
    Row::new("Selu", &[6, 22], "", |cx, _| {
        let alpha = ("alpha", "alpha", 1.673_263_192_176_818_8);
        with(cx, "selu", &[alpha, ("gamma", "scale", 1.050_701_022_148_132_3)])
    }),
    Row::new("HardSigmoid", &[6, 22], "", |cx, _| {
        with(cx, "hardsigmoid", &[("alpha", "alpha", 0.2), ("beta", "beta", 0.5)])
    }),
    Row::new("Gelu", &[20], "", gelu),
    Row::new("Swish", &[24], "", swish),
    Row::new("PRelu", &[7, 9, 16], "", prelu),
    Row::new("ThresholdedRelu", &[10, 22], "", thresholded_relu),
    Row::new("Shrink", &[9], "", shrink),
    Row::new("Softmax", &[1, 11, 13], "softmax", softmax),
    Row::new("LogSoftmax", &[1, 11, 13], "log_softmax", softmax),
    Row::new("Hardmax", &[1, 11, 13], "", hardmax),
];

fn plain(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    cx.add(op, &[x], Attrs::new())
}

/// An operator with number attributes: their names in ONNX, here, and their defaults.
fn with(cx: &mut Cx<'_>, op: &str, numbers: &[(&str, &str, f64)]) -> Results {
    let x = cx.x(0)?;
    let attrs = numbers.iter().fold(Attrs::new(), |attrs, (theirs, ours, default)| {
        attrs.float(ours, cx.float(theirs).unwrap_or(*default))
    });
    cx.add(op, &[x], attrs)
}

fn gelu(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let attrs = match cx.text("approximate").as_deref() {
        None | Some("none") => Attrs::new(),
        Some("tanh") => Attrs::new().str("approximate", "tanh"),
        Some(other) => {
            return Err(cx.fault(format_args!("approximate `{other}` must be none or tanh")));
        }
    };
    cx.add("gelu", &[x], attrs)
}

fn swish(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let alpha = cx.float("alpha").unwrap_or(1.0);
    if alpha == 1.0 {
        return cx.add("silu", &[x], Attrs::new());
    }
    let scaled = cx.m.b.with_number("mul", x, alpha)?;
    let gate = cx.m.b.unary("sigmoid", scaled)?;
    cx.add("mul", &[x, gate], Attrs::new())
}

/// The slope broadcasts to the data; older exporters give one number a channel as `[C]`, `[C, 1, 1]`.
fn prelu(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, mut slope) = (cx.x(0)?, cx.x(1)?);
    let (dims, of_slope) = (cx.m.b.dims(x), cx.m.b.dims(slope));
    let per_channel = of_slope.len() == 1 && dims.len() > 2 && of_slope[0] == dims[1];
    if per_channel && of_slope[0] != dims[dims.len() - 1] {
        let mut column = of_slope;
        column.extend(std::iter::repeat_n(Dim::constant(1), dims.len() - 2));
        slope = cx.m.b.reshape(slope, &column)?;
    }
    cx.add("prelu", &[x, slope], Attrs::new())
}

fn thresholded_relu(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let above = cx.m.b.with_number("gt", x, cx.float("alpha").unwrap_or(1.0))?;
    let zero = cx.m.b.scalar_like(x, 0.0)?;
    cx.add("select", &[above, x, zero], Attrs::new())
}

fn shrink(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let (bias, lambda) = (cx.float("bias").unwrap_or(0.0), cx.float("lambd").unwrap_or(0.5));
    let (low, high) = (cx.m.b.with_number("add", x, bias)?, cx.m.b.with_number("sub", x, bias)?);
    let (below, above) =
        (cx.m.b.with_number("lt", x, -lambda)?, cx.m.b.with_number("gt", x, lambda)?);
    let zero = cx.m.b.scalar_like(x, 0.0)?;
    let positive = cx.m.b.select(above, high, zero)?;
    cx.add("select", &[below, low, positive], Attrs::new())
}

/// Before version 13, the axes from `axis` on are one.
fn softmax(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    let rank = cx.m.b.rank(x);
    let default = if cx.opset < 13 { 1 } else { -1 };
    let axis = cx.axis(cx.int("axis").unwrap_or(default), rank)?;
    if cx.opset >= 13 || axis + 1 == rank {
        return cx.add(op, &[x], Attrs::new().int("axis", axis as i64));
    }
    let dims = cx.m.b.dims(x);
    let flat = cx.m.b.flatten(x, axis as i64, -1)?;
    let result = cx.m.b.add(op, &[flat], Attrs::new().int("axis", axis as i64))?;
    let result = cx.m.b.reshape(result, &dims)?;
    cx.done(result)
}

/// 1 at the first largest element along the axis, else 0.
fn hardmax(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let (dims, dtype) = (cx.m.b.dims(x), cx.m.b.dtype(x));
    let default = if cx.opset < 13 { 1 } else { -1 };
    let axis = cx.axis(cx.int("axis").unwrap_or(default), dims.len())?;
    let flat = if cx.opset < 13 { cx.m.b.flatten(x, axis as i64, -1)? } else { x };
    let first = cx.m.b.arg_reduce("argmax", flat, axis as i64, true)?;
    let shape = cx.m.b.dims(flat);
    let place = cx.m.b.iota(&shape, axis, cx.m.b.dtype(first))?;
    let hit = cx.m.b.binary("eq", place, first)?;
    let result = cx.m.b.cast(hit, dtype)?;
    let result = cx.m.b.reshape(result, &dims)?;
    cx.done(result)
}
