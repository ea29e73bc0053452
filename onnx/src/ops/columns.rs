//! Images put together from the columns of their windows.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::Dim;

use super::Row;
use super::convolution::windows;
use crate::context::{Cx, Results};

pub(super) static ALL: &[Row] = &[Row::new("Col2Im", &[18], "", from_columns)
    .limits("the number of channels and the windows must be fixed")];

/// A transposed convolution in which each channel of columns has one tap: the place in its window that it stands for.
fn from_columns(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let image = cx.sizes(1, "image_shape")?.ok_or_else(|| cx.fault("image_shape is missing"))?;
    let block = cx.integers(2, "block_shape")?.ok_or_else(|| cx.fault("block_shape is missing"))?;
    let windows = windows(cx, block, &image)?;
    let taps: i64 = windows.kernel.iter().product();
    let dims = cx.m.b.dims(x);
    let channels = match &dims[..] {
        [_, rows, _] => rows.as_const().filter(|rows| rows % taps == 0).map(|rows| rows / taps),
        _ => None,
    };
    let Some(channels) = channels else {
        let x = cx.m.b.describe(x);
        return Err(cx.fault(format_args!("{x}: it must be [N, C * {taps}, L]")));
    };
    let mut split = dims[..2].to_vec();
    let mut padded = Vec::new();
    for (k, size) in image.iter().enumerate() {
        let (low, high) = &windows.pads[k];
        let span = (windows.kernel[k] - 1) * windows.dilations[k] + 1;
        padded.push(size + low + high);
        let steps = (&padded[k] - span).floor_div(&Dim::constant(windows.strides[k]));
        split.push(cx.facts().simplify(&(steps + 1)));
    }
    let columns = cx.m.b.reshape(x, &split)?;
    let rows = (channels * taps) as usize;
    let one = |at: usize| {
        if (at / taps as usize) % taps as usize == at % taps as usize { 1.0 } else { 0.0 }
    };
    let values: Vec<f64> = (0..rows * taps as usize).map(one).collect();
    let mut shape = vec![rows, 1];
    shape.extend(windows.kernel.iter().map(|&size| size as usize));
    let weight = cx.m.b.constant(element::host(cx.m.b.dtype(columns), &shape, &values))?;
    let attrs = Attrs::new()
        .ints("strides", &windows.strides)
        .ints("dilations", &windows.dilations)
        .int("groups", channels);
    let mut result = cx.m.b.add("conv_transpose", &[columns, weight], attrs)?;
    for (k, size) in image.iter().enumerate() {
        let axis = k as i64 + 2;
        let behind = &padded[k] - &cx.m.b.dims(result)[k + 2];
        result = cx.m.b.pad_axis(result, axis, &Dim::constant(0), &behind, 0.0)?;
        let low = &windows.pads[k].0;
        result = cx.m.b.slice_axis(result, axis, low, &(low + size), 1)?;
    }
    cx.done(result)
}
