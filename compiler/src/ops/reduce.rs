//! Reductions: axes folded away.

use std::ops::ControlFlow;

use ferrodyne_plan::loops::{FoldKind, Val};
use ferrodyne_plan::{DType, Diagnostic, Dim, Scalar};
use ndarray::{ArrayD, Axis, IxDyn};

use super::case::{Case, Domain};
use super::element::wrap;
use super::pointwise::{greatest, least};
use super::row::{Arity, EvalCx, EvalError, Op, OpClass};
use super::typing::one;
use super::{Lower, Lowering, coords};
use crate::graph::{AttrKind, AttrSpec, Attrs, Node, TensorType, TypeCx};

/// The family.
pub(super) static ALL: &[&Op] = &[&SUM, &PROD, &MAX, &MIN, &ANY, &ALL_OF, &ARGMAX, &ARGMIN];

const AXES: &[AttrSpec] =
    &[AttrSpec::required("axes", AttrKind::Ints), AttrSpec::optional("keepdim", AttrKind::Bool)];

const fn row(name: &'static str, doc: &'static str) -> Op {
    Op::new(name, doc, OpClass::Reduce, Arity::Exactly(1))
        .attrs(AXES)
        .types(number)
        .cases(number_cases)
}

/// The shape without the given axes, or with size 1 there.
fn without(dims: &[Dim], axes: &[usize], keep: bool) -> Vec<Dim> {
    let kept = dims.iter().enumerate().filter_map(|(axis, size)| match axes.contains(&axis) {
        true => keep.then(|| Dim::constant(1)),
        false => Some(size.clone()),
    });
    kept.collect()
}

fn reduced(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let x = cx.inputs[0];
    let axes = cx.axes("axes", x.rank())?;
    one(x.dtype, without(&x.dims, &axes, cx.attrs.get_bool("keepdim")))
}

fn number(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    cx.number(0)?;
    reduced(cx)
}

fn truth(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    cx.require(0, |d| d == DType::Bool, "it must be bool; make it so with a comparison")?;
    reduced(cx)
}

fn index(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    cx.number(0)?;
    let x = cx.inputs[0];
    let axis = cx.axis("axis", x.rank())?;
    if x.dims[axis].as_const() == Some(0) {
        let rule = format!("axis {axis} has no elements, so that none of them is at a place");
        return Err(cx.fault("shape", format_args!("{}: {rule}", cx.operand(0))));
    }
    one(DType::I64, without(&x.dims, &[axis], cx.attrs.get_bool("keepdim")))
}

/// The coordinates of an operand from those of the result and of the folded axes.
fn operand_at(rank: usize, axes: &[i64], keep: bool, at: &[Dim], folded: &[Dim]) -> Vec<Dim> {
    let mut outer = at.iter();
    (0..rank)
        .filter_map(|axis| match axes.iter().position(|&a| a == axis as i64) {
            Some(k) => {
                if keep {
                    outer.next();
                }
                folded.get(k).cloned()
            }
            None => outer.next().cloned(),
        })
        .collect()
}

fn fold(cx: &mut dyn Lowering, node: &Node, at: &[Dim], kind: FoldKind) -> Val {
    let (axes, keep) = (node.attrs.get_ints("axes"), node.attrs.get_bool("keepdim"));
    let dims = cx.dims(0);
    if axes.is_empty() {
        return cx.input(0, &coords(at.to_vec()), None);
    }
    let extents: Vec<Dim> = axes.iter().map(|&axis| dims[axis as usize].clone()).collect();
    let mut result = cx.fold(kind, &extents, &mut |cx, folded| {
        let from = operand_at(dims.len(), axes, keep, at, folded);
        vec![cx.input(0, &coords(from), None)]
    });
    let value = result.remove(0);
    super::pointwise::narrow(node.ty().dtype, value)
}

fn arg_fold(cx: &mut dyn Lowering, node: &Node, at: &[Dim], kind: FoldKind) -> Val {
    let (axis, keep) = (node.attrs.get_int("axis"), node.attrs.get_bool("keepdim"));
    let dims = cx.dims(0);
    let extent = dims[axis as usize].clone();
    let mut result = cx.fold(kind, &[extent], &mut |cx, folded| {
        let from = operand_at(dims.len(), &[axis], keep, at, folded);
        let value = cx.input(0, &coords(from), None);
        vec![value, Val::Index(folded[0].clone(), Scalar::I32)]
    });
    result.remove(1)
}

/// The axes of this node, largest first, so that taking one away leaves the others in place.
fn eval(cx: &EvalCx<'_>, unit: f64, f: impl Fn(f64, f64) -> f64) -> Result<ArrayD<f64>, EvalError> {
    let mut axes: Vec<usize> = cx.node.attrs.get_ints("axes").iter().map(|&a| a as usize).collect();
    axes.sort_unstable();
    let mut result = cx.inputs[0].clone();
    for &axis in axes.iter().rev() {
        result = result.fold_axis(Axis(axis), unit, |&a, &b| f(a, b));
    }
    result.to_shape(IxDyn(cx.out_dims)).map(|a| a.into_owned()).map_err(|e| cx.fault(e))
}

fn eval_number(
    cx: &EvalCx<'_>,
    unit: i64,
    float: fn(f64, f64) -> f64,
    integer: fn(i64, i64) -> i64,
) -> Result<ArrayD<f64>, EvalError> {
    let dtype = cx.dtype();
    match dtype.is_float() {
        true => eval(cx, unit as f64, float),
        false => eval(cx, unit as f64, |a, b| wrap(dtype, integer(a as i64, b as i64))),
    }
}

/// The least value of an element type, or the greatest: what a maximum or minimum over nothing gives.
pub(in crate::ops) fn extreme(dtype: DType, greatest: bool) -> f64 {
    let (low, high) = match dtype {
        DType::I64 | DType::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
        DType::Long => (i64::MIN as f64, i64::MAX as f64),
        DType::U32 => (0.0, f64::from(u32::MAX)),
        DType::I8 => (-128.0, 127.0),
        DType::U8 => (0.0, 255.0),
        DType::Bool => (0.0, 1.0),
        DType::F32 | DType::F16 | DType::BF16 | DType::F64 => (f64::NEG_INFINITY, f64::INFINITY),
    };
    if greatest { high } else { low }
}

fn eval_arg(cx: &EvalCx<'_>, better: fn(f64, f64) -> bool) -> Result<ArrayD<f64>, EvalError> {
    let axis = Axis(cx.node.attrs.get_int("axis") as usize);
    if cx.inputs[0].len_of(axis) == 0 {
        return Err(cx.fault("an axis of size 0 has no largest or smallest element"));
    }
    let result = cx.inputs[0].map_axis(axis, |lane| {
        let walk = lane.iter().enumerate().skip(1).try_fold(0, |best, (k, &value)| {
            if lane[best].is_nan() {
                return ControlFlow::Break(best);
            }
            ControlFlow::Continue(if value.is_nan() || better(value, lane[best]) {
                k
            } else {
                best
            })
        });
        match walk {
            ControlFlow::Break(best) | ControlFlow::Continue(best) => best as f64,
        }
    });
    result.to_shape(IxDyn(cx.out_dims)).map(|a| a.into_owned()).map_err(|e| cx.fault(e))
}

fn over(axes: &[i64], keep: bool) -> Attrs {
    Attrs::new().ints("axes", axes).bool("keepdim", keep)
}

fn number_cases() -> Vec<Case> {
    let dims = || vec![Dim::sym("n"), 5i64.into(), Dim::sym("k")];
    vec![
        Case::new().f32(&[3, 37]).with(over(&[1], false)),
        Case::new().f32(&[4, 3, 5]).with(over(&[0, 2], true)),
        Case::new().f32(&[6, 7]).with(over(&[0, 1], false)),
        Case::new().i32(&[3, 4]).with(over(&[0], false)),
        Case::new().f32(&[3, 0]).with(over(&[1], false)),
        Case::new().f32(&[0, 3]).with(over(&[1], true)),
        Case::new().f32(&[2, 1031]).with(over(&[1], true)),
        Case::new()
            .symbolic(DType::F32, dims(), Domain::Real(-2.0, 2.0))
            .size("n", 3)
            .size("k", 4)
            .with(over(&[2], false)),
    ]
}

fn truth_cases() -> Vec<Case> {
    vec![
        Case::new().bool(&[3, 4]).with(over(&[1], false)),
        Case::new().bool(&[2, 3, 2]).with(over(&[0, 2], true)),
    ]
}

fn arg_cases() -> Vec<Case> {
    let along = |axis, keep| Attrs::new().int("axis", axis).bool("keepdim", keep);
    let ties = Domain::Values(vec![1.0, 3.0, 3.0, -2.0, -2.0]);
    vec![
        Case::new().f32(&[3, 37]).with(along(1, false)),
        Case::new().operand(DType::F32, &[4, 5], ties).with(along(1, true)),
        Case::new().i32(&[6, 4]).with(along(0, false)),
    ]
}

/// Sum.
static SUM: Op = row("sum", "Sum over `axes`; 0 over nothing. Integers wrap.")
    .eval(|cx| eval_number(cx, 0, |a, b| a + b, i64::wrapping_add))
    .lower(Lower::At(|cx, node, at| fold(cx, node, at, FoldKind::Sum)));

/// Product.
static PROD: Op = row("prod", "Product over `axes`; 1 over nothing. Integers wrap.")
    .eval(|cx| eval_number(cx, 1, |a, b| a * b, i64::wrapping_mul))
    .lower(Lower::At(|cx, node, at| fold(cx, node, at, FoldKind::Prod)));

/// Largest element.
static MAX: Op = row(
    "amax",
    "Largest element over `axes`; NaN if any is, and -inf (the least integer) over nothing.",
)
.eval(|cx| eval(cx, extreme(cx.dtype(), false), greatest))
.lower(Lower::At(|cx, node, at| fold(cx, node, at, FoldKind::Max)));

/// Smallest element.
static MIN: Op = row(
    "amin",
    "Smallest element over `axes`; NaN if any is, and inf (the greatest integer) over nothing.",
)
.eval(|cx| eval(cx, extreme(cx.dtype(), true), least))
.lower(Lower::At(|cx, node, at| fold(cx, node, at, FoldKind::Min)));

/// Whether any element is true.
static ANY: Op = row("any", "Whether any element over `axes` is true; false over nothing.")
    .types(truth)
    .eval(|cx| eval(cx, 0.0, f64::max))
    .lower(Lower::At(|cx, node, at| fold(cx, node, at, FoldKind::Or)))
    .cases(truth_cases);

/// Whether all elements are true.
static ALL_OF: Op = row("all", "Whether all elements over `axes` are true; true over nothing.")
    .types(truth)
    .eval(|cx| eval(cx, 1.0, f64::min))
    .lower(Lower::At(|cx, node, at| fold(cx, node, at, FoldKind::And)))
    .cases(truth_cases);

const ARG: &[AttrSpec] =
    &[AttrSpec::required("axis", AttrKind::Int), AttrSpec::optional("keepdim", AttrKind::Bool)];

/// Index of the largest element.
static ARGMAX: Op = row(
    "argmax",
    "Index along `axis` of the first largest element, as i64; NaN counts as largest.",
)
.attrs(ARG)
.types(index)
.eval(|cx| eval_arg(cx, |a, b| a > b))
.lower(Lower::At(|cx, node, at| arg_fold(cx, node, at, FoldKind::ArgMax)))
.cases(arg_cases);

/// Index of the smallest element.
static ARGMIN: Op = row(
    "argmin",
    "Index along `axis` of the first smallest element, as i64; NaN counts as smallest.",
)
.attrs(ARG)
.types(index)
.eval(|cx| eval_arg(cx, |a, b| a < b))
.lower(Lower::At(|cx, node, at| arg_fold(cx, node, at, FoldKind::ArgMin)))
.cases(arg_cases);
