//! Arithmetic and bit operators on two operands.

use ferrodyne_plan::loops::{Literal, Math, Val};
use ferrodyne_plan::{DType, Diagnostic, Dim};
use ndarray::ArrayD;

use super::{joined, map2, narrow, op};
use crate::graph::{Node, TensorType, TypeCx};
use crate::ops::Lower;
use crate::ops::case::{Case, Domain};
use crate::ops::element::wrap;
use crate::ops::row::{Arity, EvalCx, EvalError, Op, OpClass};
use crate::ops::typing::converted;

fn numbers(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let types = joined(cx)?;
    cx.number(0)?;
    Ok(types)
}

fn floats(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let types = joined(cx)?;
    cx.float(0)?;
    Ok(types)
}

fn bits(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let types = joined(cx)?;
    cx.require(0, |d| !d.is_float(), converted!("it must be bool or an integer", "it"))?;
    Ok(types)
}

fn integers(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let types = joined(cx)?;
    cx.require(0, DType::is_integer, converted!("it must be an integer", "it"))?;
    Ok(types)
}

fn powers(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let narrow = |d: DType| d != DType::Bool && d != DType::Long;
    let types = joined(cx)?;
    cx.require(0, narrow, "it must be a number of at most 32 bits; use `pow_int`")?;
    Ok(types)
}

/// A power of integers: what `1 / x^-y` truncates to for a negative exponent, and 0 for that of 0.
fn whole_power(x: i64, y: i64) -> i64 {
    match (x, y) {
        (1, _) => 1,
        (-1, _) => 1 - 2 * (y & 1),
        (_, ..0) => 0,
        _ => x.wrapping_pow(u32::try_from(y).unwrap_or(u32::MAX)),
    }
}

fn eval(
    cx: &EvalCx<'_>,
    float: fn(f64, f64) -> f64,
    integer: fn(i64, i64) -> i64,
) -> Result<ArrayD<f64>, EvalError> {
    let dtype = cx.dtype();
    match dtype.is_float() {
        true => map2(cx, float),
        false => map2(cx, |a, b| wrap(dtype, integer(a as i64, b as i64))),
    }
}

/// The number of bits in which an integer is held.
fn width(dtype: DType) -> u32 {
    8 * dtype.device_bytes() as u32
}

fn shift(cx: &EvalCx<'_>, by: fn(i64, u32) -> i64) -> Result<ArrayD<f64>, EvalError> {
    let dtype = cx.dtype();
    map2(cx, |a, b| wrap(dtype, by(a as i64, (b as i64 & i64::from(width(dtype) - 1)) as u32)))
}

fn shift_val(node: &Node, x: &[Val], math: Math) -> Val {
    let dtype = node.ty().dtype;
    let by = Val::Op(Math::Cast(ferrodyne_plan::Scalar::U32), vec![x[1].clone()]);
    let mask = Val::Const(Literal::U32(width(dtype) - 1));
    let by = Val::Op(Math::And, vec![by, mask]);
    narrow(dtype, Val::Op(math, vec![x[0].clone(), by]))
}

pub(in crate::ops) fn least(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

pub(in crate::ops) fn greatest(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Broadcast operands, a symbolic size against 1 and against itself, and integers.
fn arithmetic() -> Vec<Case> {
    let n = || Dim::sym("n");
    let real = || Domain::Real(-2.0, 2.0);
    vec![
        Case::new().f32(&[3, 4]).f32(&[4]),
        Case::new().f32(&[2, 1, 3]).f32(&[4, 1]),
        Case::new()
            .symbolic(DType::F32, vec![n(), 3i64.into()], real())
            .symbolic(DType::F32, vec![n(), 1i64.into()], real())
            .size("n", 5),
        Case::new().i32(&[5]).i32(&[5]),
        Case::new().f32(&[0, 3]).f32(&[3]),
        Case::new().f32(&[101, 37]).f32(&[101, 1]),
    ]
}

/// Divisors away from zero, and integers over zero.
fn quotients() -> Vec<Case> {
    vec![
        Case::new().f32(&[3, 4]).operand(DType::F32, &[4], Domain::Real(0.5, 3.0)),
        Case::new().operand(DType::F32, &[8], Domain::Real(-9.0, 9.0)).operand(
            DType::F32,
            &[8],
            Domain::Real(-3.0, -1.0),
        ),
        Case::new().operand(DType::I32, &[9], Domain::Int(-20, 20)).i32(&[9]),
        Case::new().operand(DType::U32, &[9], Domain::Int(0, 20)).operand(
            DType::U32,
            &[9],
            Domain::Int(0, 5),
        ),
    ]
}

fn words() -> Vec<Case> {
    let words = Domain::Values(vec![0.0, 1.0, 4294967295.0, 305419896.0, 2147483648.0]);
    vec![
        Case::new().bool(&[3, 4]).bool(&[4]),
        Case::new().i32(&[9]).i32(&[9]),
        Case::new().operand(DType::U32, &[5], words).operand(DType::U32, &[5], Domain::Int(0, 99)),
    ]
}

fn shifts() -> Vec<Case> {
    let words = Domain::Values(vec![1.0, 4294967295.0, 305419896.0, 2147483648.0]);
    vec![
        Case::new().i32(&[9]).operand(DType::I32, &[9], Domain::Int(0, 31)),
        Case::new().operand(DType::U32, &[8], words).operand(DType::U32, &[8], Domain::Int(0, 31)),
    ]
}

macro_rules! rows {
    ($($row:ident = $name:literal, $math:ident, $types:ident, $eval:expr, $cases:expr, $doc:literal;)*) => { $(
        #[doc = $doc]
        pub(super) static $row: Op = Op::new($name, $doc, OpClass::Pointwise, Arity::Exactly(2))
            .types($types)
            .eval($eval)
            .lower(Lower::Pointwise(|node, x| narrow(node.ty().dtype, op(Math::$math, x))))
            .cases($cases);
    )* };
}

rows! {
    ADD = "add", Add, numbers, |cx| eval(cx, |a, b| a + b, i64::wrapping_add), arithmetic,
        "`x + y`; integers wrap.";
    SUB = "sub", Sub, numbers, |cx| eval(cx, |a, b| a - b, i64::wrapping_sub), arithmetic,
        "`x - y`; integers wrap.";
    MUL = "mul", Mul, numbers, |cx| eval(cx, |a, b| a * b, i64::wrapping_mul), arithmetic,
        "`x * y`; integers wrap.";
    DIV = "div", Div, numbers,
        |cx| eval(cx, |a, b| a / b, |a, b| if b == 0 { a } else { a.wrapping_div(b) }), quotients,
        "`x / y`; integers truncate, and a zero divisor gives `x`.";
    REM = "rem", Rem, numbers,
        |cx| eval(cx, |a, b| a % b, |a, b| if b == 0 { 0 } else { a.wrapping_rem(b) }), quotients,
        "Remainder of `x / y` with the sign of `x`; a zero divisor gives 0 for integers, NaN for floats.";
    POW = "pow", Pow, powers, |cx| eval(cx, f64::powf, whole_power), || vec![
            Case::new().operand(DType::F32, &[3, 4], Domain::Real(0.1, 4.0)).f32(&[4]),
            Case::new().f32(&[6]).operand(DType::F32, &[1], Domain::Values(vec![3.0])),
        ],
        "`x` to the power `y`. Floats as IEEE `pow`: a negative base with an integral exponent has a value. Integers wrap, and a \
         negative exponent truncates towards 0.";
    MIN = "min", Min, numbers, |cx| eval(cx, least, i64::min), arithmetic,
        "The smaller of two numbers; NaN if either is.";
    MAX = "max", Max, numbers, |cx| eval(cx, greatest, i64::max), arithmetic,
        "The larger of two numbers; NaN if either is.";
    ATAN2 = "atan2", Atan2, floats, |cx| map2(cx, f64::atan2),
        || vec![Case::new().f32(&[3, 4]).f32(&[4])],
        "Angle of the point `(y, x)` for operands `x`, `y` in that order: `atan(x / y)` in the right quadrant, in radians.";
    AND = "and", And, bits, |cx| eval(cx, |a, _| a, |a, b| a & b), words,
        "Conjunction of truth values, or of bits.";
    OR = "or", Or, bits, |cx| eval(cx, |a, _| a, |a, b| a | b), words,
        "Disjunction of truth values, or of bits.";
    XOR = "xor", Xor, bits, |cx| eval(cx, |a, _| a, |a, b| a ^ b), words,
        "Exclusive or of truth values, or of bits.";
}

/// `x << y`.
pub(super) static SHL: Op = Op::new(
    "shl",
    "`x << y`: the amount is taken modulo the width of the type.",
    OpClass::Pointwise,
    Arity::Exactly(2),
)
.types(integers)
.eval(|cx| shift(cx, i64::wrapping_shl))
.lower(Lower::Pointwise(|node, x| shift_val(node, x, Math::Shl)))
.cases(shifts);

/// `x >> y`.
pub(super) static SHR: Op = Op::new(
    "shr",
    "`x >> y`, arithmetic for signed types: the amount is taken modulo the width of the type.",
    OpClass::Pointwise,
    Arity::Exactly(2),
)
.types(integers)
.eval(|cx| shift(cx, i64::wrapping_shr))
.lower(Lower::Pointwise(|node, x| shift_val(node, x, Math::Shr)))
.cases(shifts);
