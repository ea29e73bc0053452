//! Quantisation: integers with a scale and a zero point.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use super::convolution;
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("QuantizeLinear", &[10, 13, 19, 21, 23, 24, 25, 28], "", quantize)
        .limits("to int8 and uint8"),
    Row::new("DequantizeLinear", &[10, 13, 19, 21, 23, 24, 25, 28], "", dequantize)
        .limits("of int8, uint8 and int32"),
    Row::new("DynamicQuantizeLinear", &[11], "", dynamic),
    Row::new("MatMulInteger", &[10], "", matmul_integer),
    Row::new("ConvInteger", &[10], "", conv_integer),
    Row::new("QLinearMatMul", &[10, 21], "", qlinear_matmul),
    Row::new("QLinearConv", &[10], "", qlinear_conv),
];

/// A scale or zero point of one number a place of an axis, shaped to broadcast along it.
fn along(cx: &mut Cx<'_>, param: NodeId, x: NodeId) -> Result<NodeId, Diagnostic> {
    if cx.m.b.rank(param) == 0 {
        return Ok(param);
    }
    if let Some(block) = cx.int("block_size").filter(|&block| block > 0) {
        return by_blocks(cx, param, x, block);
    }
    if cx.m.b.rank(param) > 1 {
        return Err(cx.unsupported("a scale of more than one axis"));
    }
    if cx.m.b.dims(param)[0].as_const() == Some(1) {
        return cx.m.b.reshape(param, &[]);
    }
    let rank = cx.m.b.rank(x);
    let axis = cx.axis(cx.int("axis").unwrap_or(1), rank)?;
    let mut dims = cx.m.b.dims(param);
    dims.extend(std::iter::repeat_n(Dim::constant(1), rank - axis - 1));
    cx.m.b.reshape(param, &dims)
}

/// A parameter with one number for each block of an axis, repeated for the places of the block.
fn by_blocks(cx: &mut Cx<'_>, param: NodeId, x: NodeId, block: i64) -> Result<NodeId, Diagnostic> {
    let axis = cx.axis(cx.int("axis").unwrap_or(1), cx.m.b.rank(x))?;
    if cx.m.b.rank(param) != cx.m.b.rank(x) {
        let (param, x) = (cx.m.b.describe(param), cx.m.b.describe(x));
        return Err(cx.fault(format_args!("{param} but {x}: both must have the same rank")));
    }
    let attrs = Attrs::new().int("repeats", block);
    let wide = cx.m.b.along("repeat_interleave", &[param], axis as i64, attrs)?;
    // The last block may be a part of one.
    let size = cx.m.b.dims(x)[axis].clone();
    cx.m.b.slice_axis(wide, axis as i64, &Dim::constant(0), &size, 1)
}

/// A scaled value as an integer type: rounded to even, moved by the zero point, kept in range.
fn stored(
    cx: &mut Cx<'_>,
    scaled: NodeId,
    zero: Option<NodeId>,
    dtype: DType,
) -> Result<NodeId, Diagnostic> {
    let (low, high) = match dtype {
        DType::I8 => (-128.0, 127.0),
        DType::U8 => (0.0, 255.0),
        other => return Err(cx.unsupported(format_args!("quantising to {other}"))),
    };
    let mut value = cx.m.b.unary("round", scaled)?;
    if let Some(zero) = zero {
        let zero = cx.m.b.cast(zero, DType::F32)?;
        value = cx.m.b.binary("add", value, zero)?;
    }
    let bounds = Attrs::new().float("low", low).float("high", high);
    let inside = cx.m.b.add("clamp", &[value], bounds)?;
    cx.m.b.cast(inside, dtype)
}

fn quantize(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, scale) = (cx.x(0)?, cx.x(1)?);
    let scale = along(cx, scale, x)?;
    let zero = match cx.maybe(2) {
        Some(_) => {
            let zero = cx.x(2)?;
            Some(along(cx, zero, x)?)
        }
        None => None,
    };
    let dtype = match (zero, cx.int("output_dtype").filter(|&code| code != 0)) {
        (Some(zero), _) => cx.m.b.dtype(zero),
        (None, Some(code)) => cx.dtype(code)?,
        (None, None) => DType::U8,
    };
    let (x, scale) = (cx.m.b.cast(x, DType::F32)?, cx.m.b.cast(scale, DType::F32)?);
    let scaled = cx.m.b.binary("div", x, scale)?;
    let result = stored(cx, scaled, zero, dtype)?;
    cx.done(result)
}

fn dequantize(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, scale) = (cx.x(0)?, cx.x(1)?);
    let dtype = cx.m.b.dtype(scale);
    let scale = along(cx, scale, x)?;
    let mut value = cx.m.b.cast(x, dtype)?;
    let is_zero = cx
        .known(2)
        .and_then(|zero| zero.as_numbers())
        .is_none_or(|zeros| zeros.iter().all(|&z| z == 0.0));
    if cx.maybe(2).is_some() && !(is_zero && cx.known(2).is_some()) {
        let zero = cx.x(2)?;
        let zero = along(cx, zero, x)?;
        let zero = cx.m.b.cast(zero, dtype)?;
        value = cx.m.b.binary("sub", value, zero)?;
    }
    let value = cx.m.b.binary("mul", value, scale)?;
    let result = match cx.int("output_dtype").filter(|&code| code != 0) {
        Some(code) => {
            let dtype = cx.dtype(code)?;
            cx.m.b.cast(value, dtype)?
        }
        None => value,
    };
    cx.done(result)
}

/// Quantisation to uint8 by the range of the data, which is widened to hold 0.
fn dynamic(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let (low, high) =
        (cx.m.b.reduce("amin", x, &[], false)?, cx.m.b.reduce("amax", x, &[], false)?);
    let (low, high) = (cx.m.b.with_number("min", low, 0.0)?, cx.m.b.with_number("max", high, 0.0)?);
    let span = cx.m.b.binary("sub", high, low)?;
    let scale = cx.m.b.with_number("div", span, 255.0)?;
    let negated = cx.m.b.unary("neg", low)?;
    // Data that is 0 throughout has a scale of 0; its zero point is 0.
    let empty = cx.m.b.with_number("eq", scale, 0.0)?;
    let one = cx.m.b.scalar(DType::F32, 1.0)?;
    let divisor = cx.m.b.select(empty, one, scale)?;
    let zero = cx.m.b.binary("div", negated, divisor)?;
    let zero = stored(cx, zero, None, DType::U8)?;
    let scaled = cx.m.b.binary("div", x, divisor)?;
    let result = stored(cx, scaled, Some(zero), DType::U8)?;
    Ok([result, scale, zero].map(|node| Value::node(cx.m, node)).to_vec())
}

/// An operand in 32 bits less its zero point. A zero point of one number a row or column gets an axis of size 1 there.
fn centred(
    cx: &mut Cx<'_>,
    k: usize,
    zero: usize,
    new_axis: Option<i64>,
) -> Result<NodeId, Diagnostic> {
    let x = cx.x(k)?;
    let x = cx.m.b.cast(x, DType::I32)?;
    if cx.maybe(zero).is_none() {
        return Ok(x);
    }
    let mut point = cx.x(zero)?;
    if cx.m.b.rank(point) == 1 {
        point = match (cx.m.b.dims(point)[0].as_const(), new_axis) {
            (Some(1), _) => cx.m.b.reshape(point, &[])?,
            (_, Some(axis)) => cx.m.b.unsqueeze(point, axis)?,
            _ => point,
        };
    }
    let point = cx.m.b.cast(point, DType::I32)?;
    cx.m.b.binary("sub", x, point)
}

fn matmul_integer(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, y) = (centred(cx, 0, 2, Some(-1))?, centred(cx, 1, 3, None)?);
    let result = cx.m.b.matmul(x, y)?;
    cx.done(result)
}

/// Padding is 0 once the zero point is taken off, as the specification has it.
fn conv_integer(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = centred(cx, 0, 2, None)?;
    let mut w = cx.x(1)?;
    let dims = cx.m.b.dims(w);
    w = cx.m.b.cast(w, DType::I32)?;
    if cx.maybe(3).is_some() {
        let mut zero = cx.x(3)?;
        if cx.m.b.rank(zero) == 1 {
            let mut column = cx.m.b.dims(zero);
            column.extend(std::iter::repeat_n(Dim::constant(1), dims.len().saturating_sub(1)));
            zero = cx.m.b.reshape(zero, &column)?;
        }
        let zero = cx.m.b.cast(zero, DType::I32)?;
        w = cx.m.b.binary("sub", w, zero)?;
    }
    convolution::plain(cx, x, w)
}

/// An operand with its scale and zero point as a real number; those of one number a place lie along an axis.
fn real(cx: &mut Cx<'_>, k: usize, axis: Option<usize>) -> Result<NodeId, Diagnostic> {
    let (x, mut scale, mut zero) = (cx.x(k)?, cx.x(k + 1)?, cx.x(k + 2)?);
    for param in [&mut scale, &mut zero] {
        if cx.m.b.rank(*param) == 1 {
            let mut dims = cx.m.b.dims(*param);
            let behind = axis.map_or(0, |axis| cx.m.b.rank(x).saturating_sub(axis + 1));
            dims.extend(std::iter::repeat_n(Dim::constant(1), behind));
            *param = match dims[0].as_const() {
                Some(1) => cx.m.b.reshape(*param, &[])?,
                _ => cx.m.b.reshape(*param, &dims)?,
            };
        }
    }
    let x = cx.m.b.cast(x, DType::F32)?;
    let zero = cx.m.b.cast(zero, DType::F32)?;
    let centred = cx.m.b.binary("sub", x, zero)?;
    let scale = cx.m.b.cast(scale, DType::F32)?;
    cx.m.b.binary("mul", centred, scale)
}

/// A real result as the integers that the operands after `k` describe.
fn requantised(cx: &mut Cx<'_>, value: NodeId, k: usize) -> Results {
    let (scale, zero) = (cx.x(k)?, cx.x(k + 1)?);
    let dtype = cx.m.b.dtype(zero);
    let scale = cx.m.b.cast(scale, DType::F32)?;
    let scaled = cx.m.b.binary("div", value, scale)?;
    let result = stored(cx, scaled, Some(zero), dtype)?;
    cx.done(result)
}

/// Scales of one number a row of the first operand, or a column of the second.
fn qlinear_matmul(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (rows, columns) = (cx.value(0)?.rank(), cx.value(3)?.rank());
    let x = real(cx, 0, rows.checked_sub(2))?;
    let y = real(cx, 3, columns.checked_sub(1))?;
    let product = cx.m.b.matmul(x, y)?;
    requantised(cx, product, 6)
}

/// The bias is in units of the product of both scales.
fn qlinear_conv(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, w) = (real(cx, 0, None)?, real(cx, 3, Some(0))?);
    let mut sum = convolution::plain(cx, x, w)?.remove(0).on_graph(cx.m)?;
    if cx.maybe(8).is_some() {
        let (bias, of_x, of_w) = (cx.x(8)?, cx.x(1)?, cx.x(4)?);
        let bias = cx.m.b.cast(bias, DType::F32)?;
        let unit = cx.m.b.binary("mul", of_x, of_w)?;
        let bias = cx.m.b.binary("mul", bias, unit)?;
        let mut column = cx.m.b.dims(bias);
        column.extend(std::iter::repeat_n(Dim::constant(1), cx.m.b.rank(x).saturating_sub(2)));
        let bias = cx.m.b.reshape(bias, &column)?;
        sum = cx.m.b.binary("add", sum, bias)?;
    }
    requantised(cx, sum, 6)
}
