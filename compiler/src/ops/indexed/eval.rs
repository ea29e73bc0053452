//! What joining, picking and scattering mean.

use ndarray::{ArrayD, Axis, IxDyn};

use crate::ops::element::wrap;
use crate::ops::pointwise::{greatest, least};
use crate::ops::row::{EvalCx, EvalError};

type Array = Result<ArrayD<f64>, EvalError>;

fn axis(cx: &EvalCx<'_>) -> usize {
    cx.node.attrs.get_int("axis") as usize
}

pub(super) fn concat(cx: &EvalCx<'_>) -> Array {
    let views: Vec<_> = cx.inputs.iter().map(|x| x.view()).collect();
    ndarray::concatenate(Axis(axis(cx)), &views).map_err(|e| cx.fault(e))
}

/// Indices as positions in an axis of the given size.
fn positions(cx: &EvalCx<'_>, size: usize) -> Result<ArrayD<usize>, EvalError> {
    let mut outside = None;
    let positions = cx.inputs[1].map(|&index| {
        let from_start = if index < 0.0 { index + size as f64 } else { index };
        if !(0.0..size as f64).contains(&from_start) {
            outside = Some(index);
            return 0;
        }
        from_start as usize
    });
    match outside {
        None => Ok(positions),
        Some(index) => {
            Err(cx.fault(format!("index {index} is out of range for an axis of size {size}")))
        }
    }
}

pub(super) fn gather(cx: &EvalCx<'_>) -> Array {
    let (x, axis) = (cx.inputs[0], axis(cx));
    let at: Vec<usize> = positions(cx, x.shape()[axis])?.into_iter().collect();
    let picked = x.select(Axis(axis), &at).as_standard_layout().into_owned();
    picked.to_shape(IxDyn(cx.out_dims)).map(|a| a.into_owned()).map_err(|e| cx.fault(e))
}

pub(super) fn take_along(cx: &EvalCx<'_>) -> Array {
    let (x, axis) = (cx.inputs[0], axis(cx));
    let at = positions(cx, x.shape()[axis])?;
    Ok(ArrayD::from_shape_fn(IxDyn(cx.out_dims), |ix| {
        let mut from = ix.clone();
        from[axis] = at[&ix];
        x[from]
    }))
}

pub(super) fn scatter(cx: &EvalCx<'_>) -> Array {
    let (dtype, axis) = (cx.dtype(), axis(cx));
    let mut result = cx.inputs[0].clone();
    let at = positions(cx, result.shape()[axis])?;
    let mode = cx.node.attrs.get_str("mode");
    for (ix, &update) in cx.inputs[2].indexed_iter() {
        let mut to = ix.clone();
        to[axis] = at[&ix];
        let old = result[&to];
        result[to] = match mode {
            "add" if dtype.is_float() => old + update,
            "add" => wrap(dtype, (old as i64).wrapping_add(update as i64)),
            "mul" if dtype.is_float() => old * update,
            "mul" => wrap(dtype, (old as i64).wrapping_mul(update as i64)),
            "min" => least(old, update),
            "max" => greatest(old, update),
            _ => update,
        };
    }
    Ok(result)
}
