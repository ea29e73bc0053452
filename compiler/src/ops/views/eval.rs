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
    let (x, low) = (cx.inputs[0], sizes(cx, "low"));
    let value = cx.node.attrs.get_float("value");
    Ok(ArrayD::from_shape_fn(IxDyn(cx.out_dims), |ix| {
        let from: Option<Vec<usize>> = (0..x.ndim())
            .map(|k| usize::try_from(ix[k] as i64 - low[k]).ok().filter(|&at| at < x.shape()[k]))
            .collect();
        from.map_or(value, |from| x[IxDyn(&from)])
    }))
}

pub(super) fn window(cx: &EvalCx<'_>) -> Array {
    let x = cx.inputs[0];
    let (strides, dilations) =
        (cx.node.attrs.get_ints("strides"), cx.node.attrs.get_ints("dilations"));
    let axes: Vec<usize> = axes(cx).collect();
    Ok(ArrayD::from_shape_fn(IxDyn(cx.out_dims), |ix| {
        let mut from: Vec<usize> = (0..x.ndim()).map(|k| ix[k]).collect();
        for (k, &axis) in axes.iter().enumerate() {
            from[axis] = ix[axis] * strides[k] as usize + ix[x.ndim() + k] * dilations[k] as usize;
        }
        x[IxDyn(&from)]
    }))
}
