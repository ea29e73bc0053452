//! What views mean: each element fetched from where the view's description says.

use ndarray::{ArrayD, Axis, IxDyn, Slice};

use crate::ops::row::{EvalCx, EvalError};

type Array = Result<ArrayD<f64>, EvalError>;

fn sizes(cx: &EvalCx<'_>, attr: &str) -> Vec<i64> {
    cx.node.attrs.get_dims(attr).iter().map(cx.sizes).collect()
}

fn axes(cx: &EvalCx<'_>) -> impl Iterator<Item = usize> {
    cx.node.attrs.get_ints("axes").iter().map(|&axis| axis as usize)
}

pub(super) fn reshape(cx: &EvalCx<'_>) -> Array {
    let elements = cx.inputs[0].iter().copied().collect();
    ArrayD::from_shape_vec(IxDyn(cx.out_dims), elements).map_err(|e| cx.fault(e))
}

pub(super) fn permute(cx: &EvalCx<'_>) -> Array {
    let order: Vec<usize> = axes(cx).collect();
    let permuted = cx.inputs[0].view().permuted_axes(IxDyn(&order));
    Ok(permuted.as_standard_layout().into_owned())
}

pub(super) fn expand(cx: &EvalCx<'_>) -> Array {
    let fault = || format!("shape {:?} does not repeat to {:?}", cx.inputs[0].shape(), cx.out_dims);
    let view = cx.inputs[0].broadcast(IxDyn(cx.out_dims));
    Ok(view.ok_or_else(|| cx.fault(fault()))?.to_owned())
}

pub(super) fn slice(cx: &EvalCx<'_>) -> Array {
    let (starts, ends) = (sizes(cx, "starts"), sizes(cx, "ends"));
    let steps = cx.node.attrs.get_ints("steps");
    let mut view = cx.inputs[0].view();
    for axis in 0..view.ndim() {
        let (start, end, size) = (starts[axis], ends[axis], view.len_of(Axis(axis)) as i64);
        if !(0 <= start && start <= end && end <= size) {
            return Err(cx.fault(format!("{start}..{end} does not lie in 0..{size}")));
        }
        view.slice_axis_inplace(
            Axis(axis),
            Slice::new(start as isize, Some(end as isize), steps[axis] as isize),
        );
    }
    Ok(view.to_owned())
}

pub(super) fn flip(cx: &EvalCx<'_>) -> Array {
    let mut view = cx.inputs[0].view();
    for axis in axes(cx) {
        view.invert_axis(Axis(axis));
    }
    Ok(view.as_standard_layout().into_owned())
}

pub(super) fn pad(cx: &EvalCx<'_>) -> Array {
    let value = cx.node.attrs.get_float("value");
    Ok(padded(cx.inputs[0], &sizes(cx, "low"), cx.out_dims, value))
}

/// An array of the given shape that holds `x`, moved by `low` along every axis and cut to the shape, and `value` elsewhere.
pub(in crate::ops) fn padded(
    x: &ArrayD<f64>,
    low: &[i64],
    shape: &[usize],
    value: f64,
) -> ArrayD<f64> {
    let mut result = ArrayD::from_elem(IxDyn(shape), value);
    let mut from = x.view();
    let mut to = result.view_mut();
    for (axis, (&low, &size)) in low.iter().zip(shape).enumerate() {
        let have = x.shape()[axis] as i64;
        let start = (-low).clamp(0, have);
        let end = (size as i64 - low).clamp(start, have);
        let length = (end - start) as isize;
        let at = if length == 0 { 0 } else { (start + low) as isize };
        from.slice_axis_inplace(Axis(axis), Slice::new(start as isize, Some(end as isize), 1));
        to.slice_axis_inplace(Axis(axis), Slice::new(at, Some(at + length), 1));
    }
    to.assign(&from);
    result
}

/// For each element of a window, the elements of the operand that all windows have there.
pub(super) fn window(cx: &EvalCx<'_>) -> Array {
    let x = cx.inputs[0];
    let (strides, dilations) =
        (cx.node.attrs.get_ints("strides"), cx.node.attrs.get_ints("dilations"));
    let axes: Vec<usize> = axes(cx).collect();
    let mut result = ArrayD::zeros(IxDyn(cx.out_dims));
    for tap in ndarray::indices(&cx.out_dims[x.ndim()..]) {
        let (mut from, mut to) = (x.view(), result.view_mut());
        for (k, &axis) in axes.iter().enumerate() {
            let start = tap[k] as i64 * dilations[k];
            let end = start + (cx.out_dims[axis] as i64 - 1) * strides[k] + 1;
            let part = Slice::new(start as isize, Some(end as isize), strides[k] as isize);
            from.slice_axis_inplace(Axis(axis), part);
        }
        for k in (0..axes.len()).rev() {
            to = to.index_axis_move(Axis(x.ndim() + k), tap[k]);
        }
        to.assign(&from);
    }
    Ok(result)
}
