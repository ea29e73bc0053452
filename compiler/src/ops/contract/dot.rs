//! What `dot` means, and how it is read at an index.

use ferrodyne_plan::Dim;
use ferrodyne_plan::loops::{FoldKind, Math, Val};
use ndarray::{ArrayD, ArrayView2, Axis, Ix3, IxDyn};

use crate::graph::Node;
use crate::ops::element::wrap;
use crate::ops::pointwise::narrow;
use crate::ops::row::{EvalCx, EvalError};
use crate::ops::{Lowering, coords};

/// The axes of one operand by their part in the product.
struct Parts {
    batch: Vec<usize>,
    free: Vec<usize>,
    contract: Vec<usize>,
}

fn parts(node: &Node, side: &str, rank: usize) -> Parts {
    let axes = |part: &str| -> Vec<usize> {
        let attr = format!("{side}_{part}");
        node.attrs.get_ints(&attr).iter().map(|&axis| axis as usize).collect()
    };
    let (batch, contract) = (axes("batch"), axes("contract"));
    let free = (0..rank).filter(|a| !batch.contains(a) && !contract.contains(a)).collect();
    Parts { batch, free, contract }
}

pub(super) fn at(cx: &mut dyn Lowering, node: &Node, at: &[Dim]) -> Val {
    let sides = [cx.dims(0), cx.dims(1)];
    let lhs = parts(node, "lhs", sides[0].len());
    let rhs = parts(node, "rhs", sides[1].len());
    let extents: Vec<Dim> = lhs.contract.iter().map(|&axis| sides[0][axis].clone()).collect();
    let (batch, free) = at.split_at(lhs.batch.len());
    let (lhs_free, rhs_free) = free.split_at(lhs.free.len());
    let place = |parts: &Parts, free: &[Dim], inner: &[Dim]| {
        let mut to =
            vec![Dim::constant(0); parts.batch.len() + parts.free.len() + parts.contract.len()];
        for (axes, values) in [(&parts.batch, batch), (&parts.free, free), (&parts.contract, inner)]
        {
            for (&axis, value) in axes.iter().zip(values) {
                to[axis] = value.clone();
            }
        }
        coords(to)
    };
    let mut term = |cx: &mut dyn Lowering, inner: &[Dim]| {
        let x = cx.input(0, &place(&lhs, lhs_free, inner), None);
        let y = cx.input(1, &place(&rhs, rhs_free, inner), None);
        vec![Val::Op(Math::Mul, vec![x, y])]
    };
    let sum = match extents.is_empty() {
        true => term(cx, &[]).remove(0),
        false => cx.fold(FoldKind::Sum, &extents, &mut term).remove(0),
    };
    narrow(node.ty().dtype, sum)
}

/// An operand as `[batch, rows, columns]` with the given axes as each.
fn matrices(
    x: &ArrayD<f64>,
    batch: &[usize],
    rows: &[usize],
    columns: &[usize],
) -> ndarray::Array3<f64> {
    let order: Vec<usize> = [batch, rows, columns].concat();
    let size = |axes: &[usize]| axes.iter().map(|&axis| x.shape()[axis]).product();
    let shape = Ix3(size(batch), size(rows), size(columns));
    let elements = x.view().permuted_axes(IxDyn(&order)).iter().copied().collect();
    ndarray::Array3::from_shape_vec(shape, elements)
        .expect("a permutation keeps the number of elements")
}

pub(super) fn eval(cx: &EvalCx<'_>) -> Result<ArrayD<f64>, EvalError> {
    let (x, y) = (cx.inputs[0], cx.inputs[1]);
    let (lhs, rhs) = (parts(cx.node, "lhs", x.ndim()), parts(cx.node, "rhs", y.ndim()));
    let a = matrices(x, &lhs.batch, &lhs.free, &lhs.contract);
    let b = matrices(y, &rhs.batch, &rhs.contract, &rhs.free);
    if a.shape()[0] != b.shape()[0] || a.shape()[2] != b.shape()[1] {
        return Err(cx.fault(format!("{:?} and {:?} do not contract", x.shape(), y.shape())));
    }
    let mut elements = Vec::with_capacity(cx.out_dims.iter().product());
    for (a, b) in a.axis_iter(Axis(0)).zip(b.axis_iter(Axis(0))) {
        elements.extend(product(cx, a, b));
    }
    ArrayD::from_shape_vec(IxDyn(cx.out_dims), elements).map_err(|e| cx.fault(e))
}

fn product(cx: &EvalCx<'_>, a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>) -> Vec<f64> {
    let dtype = cx.dtype();
    if dtype.is_float() {
        return a.dot(&b).iter().copied().collect();
    }
    let (a, b) = (a.map(|&x| x as i64), b.map(|&x| x as i64));
    a.dot(&b).iter().map(|&x| wrap(dtype, x)).collect()
}
