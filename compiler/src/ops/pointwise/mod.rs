//! Element-by-element operators. Operands broadcast as in numpy; element types must agree and are never converted silently.

mod binary;
mod compare;
mod convert;
mod float;
mod unary;

use ferrodyne_plan::loops::{Literal, Math, Val};
use ferrodyne_plan::{DType, Diagnostic};
use ndarray::{ArrayD, ArrayViewD, IxDyn};

use super::row::{EvalCx, EvalError, Op};
use super::typing::one;
use crate::graph::{TensorType, TypeCx};

use binary::{ADD, AND, ATAN2, DIV, MAX, MIN, MUL, OR, POW, REM, SHL, SHR, SUB, XOR};
pub(super) use binary::{greatest, least};
use compare::{EQ, GE, GT, LE, LT, NE, SELECT};
use convert::{BITCAST, CAST};
use float::{
    CEIL, COS, ERF, EXP, EXPM1, FLOOR, IS_NAN, LOG, LOG1P, RECIP, ROUND, RSQRT, SIN, SQRT, TANH,
    TRUNC,
};
use unary::{ABS, NEG, NOT, SIGN};

#[cfg(test)]
pub(crate) use float::erf;

/// The family.
pub(super) static ALL: &[&Op] = &[
    &NEG, &ABS, &SIGN, &NOT, &EXP, &EXPM1, &LOG, &LOG1P, &SIN, &COS, &TANH, &SQRT, &RSQRT, &RECIP,
    &FLOOR, &CEIL, &ROUND, &TRUNC, &ERF, &IS_NAN, &CAST, &BITCAST, &ADD, &SUB, &MUL, &DIV, &REM,
    &POW, &MIN, &MAX, &ATAN2, &AND, &OR, &XOR, &SHL, &SHR, &EQ, &NE, &LT, &LE, &GT, &GE, &SELECT,
];

/// The result has the operand's type.
fn same(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    Ok(vec![cx.inputs[0].clone()])
}

/// A value made by one operation.
fn op(math: Math, args: &[Val]) -> Val {
    Val::Op(math, args.to_vec())
}

/// A value that is stored in fewer bits than it is computed in, wrapped as storing it would.
pub(in crate::ops) fn narrow(dtype: DType, val: Val) -> Val {
    match dtype {
        DType::I8 => {
            let by = Val::Const(Literal::U32(24));
            let up = Val::Op(Math::Shl, vec![val, by.clone()]);
            Val::Op(Math::Shr, vec![up, by])
        }
        DType::U8 => Val::Op(Math::And, vec![val, Val::Const(Literal::U32(255))]),
        _ => val,
    }
}

/// The operands, repeated to the shape of the result.
fn broadcast<'a>(cx: &'a EvalCx<'_>) -> Result<Vec<ArrayViewD<'a, f64>>, EvalError> {
    let shape = IxDyn(cx.out_dims);
    cx.inputs
        .iter()
        .map(|x| {
            let fault = || format!("shape {:?} does not broadcast to {:?}", x.shape(), cx.out_dims);
            x.broadcast(shape.clone()).ok_or_else(|| cx.fault(fault()))
        })
        .collect()
}

fn map1(cx: &EvalCx<'_>, f: impl Fn(f64) -> f64) -> Result<ArrayD<f64>, EvalError> {
    let x = broadcast(cx)?;
    Ok(x[0].map(|&x| f(x)))
}

fn map2(cx: &EvalCx<'_>, f: impl Fn(f64, f64) -> f64) -> Result<ArrayD<f64>, EvalError> {
    let x = broadcast(cx)?;
    Ok(ndarray::Zip::from(&x[0]).and(&x[1]).map_collect(|&a, &b| f(a, b)))
}

fn map3(cx: &EvalCx<'_>, f: impl Fn(f64, f64, f64) -> f64) -> Result<ArrayD<f64>, EvalError> {
    let x = broadcast(cx)?;
    Ok(ndarray::Zip::from(&x[0]).and(&x[1]).and(&x[2]).map_collect(|&a, &b, &c| f(a, b, c)))
}

/// Two operands of one dtype, broadcast; the result keeps the dtype.
fn joined(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let dtype = cx.one_dtype(&[0, 1])?;
    let dims = cx.broadcast(&[0, 1])?;
    one(dtype, dims)
}
