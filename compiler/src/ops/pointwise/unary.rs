//! Functions of one number or truth value of any type.

use ferrodyne_plan::loops::{Literal, Math, Val};
use ferrodyne_plan::{DType, Diagnostic, Scalar};
use ndarray::ArrayD;

use super::{map1, narrow, op, same};
use crate::graph::{Node, TensorType, TypeCx};
use crate::ops::Lower;
use crate::ops::case::{Case, Domain};
use crate::ops::element::wrap;
use crate::ops::row::{Arity, EvalCx, EvalError, Op, OpClass};
use crate::ops::typing::converted;

const fn row(name: &'static str, doc: &'static str) -> Op {
    Op::new(name, doc, OpClass::Pointwise, Arity::Exactly(1)).types(number).cases(numbers)
}

fn number(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    cx.number(0)?;
    same(cx)
}

fn bits(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    cx.require(0, |d| !d.is_float(), converted!("it must be bool or an integer", "it"))?;
    same(cx)
}

fn numbers() -> Vec<Case> {
    vec![
        Case::new().f32(&[3, 5]),
        Case::new().i32(&[7]),
        Case::new().operand(DType::U32, &[5], Domain::Int(0, 9)),
        Case::new().operand(DType::I8, &[6], Domain::Values(vec![-128.0, -1.0, 0.0, 5.0, 127.0])),
    ]
}

fn eval(
    cx: &EvalCx<'_>,
    float: fn(f64) -> f64,
    integer: fn(i64) -> i64,
) -> Result<ArrayD<f64>, EvalError> {
    let dtype = cx.dtype();
    match dtype.is_float() {
        true => map1(cx, float),
        false => map1(cx, |x| wrap(dtype, integer(x as i64))),
    }
}

fn is_unsigned(node: &Node) -> bool {
    node.ty().dtype.scalar() == Scalar::U32
}

fn sign(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() { x } else { x.signum() }
}

const ZERO: Val = Val::Const(Literal::U32(0));
const ONE: Val = Val::Const(Literal::U32(1));

/// `-x`; integers wrap.
pub(super) static NEG: Op = row("neg", "`-x`; integers wrap.")
    .eval(|cx| eval(cx, |x| -x, i64::wrapping_neg))
    .lower(Lower::Pointwise(|node, x| {
        let negated = match is_unsigned(node) {
            true => Val::Op(Math::Sub, vec![ZERO, x[0].clone()]),
            false => op(Math::Neg, x),
        };
        narrow(node.ty().dtype, negated)
    }));

/// `|x|`; the smallest integer wraps to itself.
pub(super) static ABS: Op = row("abs", "`|x|`; the smallest integer wraps to itself.")
    .eval(|cx| eval(cx, f64::abs, i64::wrapping_abs))
    .lower(Lower::Pointwise(|node, x| match is_unsigned(node) {
        true => x[0].clone(),
        false => narrow(node.ty().dtype, op(Math::Abs, x)),
    }));

/// -1, 0 or 1; NaN for NaN.
pub(super) static SIGN: Op = row("sign", "-1, 0 or 1 by the sign of `x`; NaN for NaN.")
    .eval(|cx| eval(cx, sign, i64::signum))
    .lower(Lower::Pointwise(|node, x| match is_unsigned(node) {
        true => {
            let positive = Val::Op(Math::Ne, vec![x[0].clone(), ZERO]);
            Val::Op(Math::Select, vec![positive, ONE, ZERO])
        }
        false => op(Math::Sign, x),
    }));

/// Complement of a truth value, or of the bits of an integer.
pub(super) static NOT: Op =
    row("not", "Complement of a truth value, or of the bits of an integer.")
        .types(bits)
        .eval(|cx| match cx.dtype() {
            DType::Bool => map1(cx, |x| 1.0 - x),
            dtype => map1(cx, |x| wrap(dtype, !(x as i64))),
        })
        .lower(Lower::Pointwise(|node, x| narrow(node.ty().dtype, op(Math::Not, x))))
        .cases(|| {
            vec![
                Case::new().bool(&[6]),
                Case::new().i32(&[7]),
                Case::new().operand(DType::U8, &[5], Domain::Int(0, 255)),
            ]
        });
