//! Comparisons, whose results are truth values, and the choice by one.

use ferrodyne_plan::loops::Math;
use ferrodyne_plan::{DType, Diagnostic};

use super::{joined, map2, map3, op};
use crate::graph::{TensorType, TypeCx};
use crate::ops::Lower;
use crate::ops::case::{Case, Domain};
use crate::ops::row::{Arity, Op, OpClass};
use crate::ops::typing::one;

fn equals(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let mut types = joined(cx)?;
    types[0].dtype = DType::Bool;
    Ok(types)
}

fn order(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let types = equals(cx)?;
    cx.number(0)?;
    Ok(types)
}

fn cases() -> Vec<Case> {
    let few = || Domain::Values(vec![0.0, 1.0, -1.0, f64::NAN, f64::INFINITY]);
    vec![
        Case::new().i32(&[4, 5]).i32(&[5]),
        Case::new().operand(DType::F32, &[5, 1], few()).operand(DType::F32, &[5], few()),
        Case::new().f32(&[2, 3]).f32(&[2, 3]),
    ]
}

macro_rules! rows {
    ($($row:ident = $name:literal, $math:ident, $types:ident, $op:tt, $doc:literal;)*) => { $(
        #[doc = $doc]
        pub(super) static $row: Op = Op::new($name, $doc, OpClass::Pointwise, Arity::Exactly(2))
            .types($types)
            .eval(|cx| map2(cx, |a, b| f64::from(a $op b)))
            .lower(Lower::Pointwise(|_, x| op(Math::$math, x)))
            .cases(cases);
    )* };
}

rows! {
    EQ = "eq", Eq, equals, ==, "Whether `x == y`; NaN equals nothing.";
    NE = "ne", Ne, equals, !=, "Whether `x != y`; NaN differs from everything.";
    LT = "lt", Lt, order, <, "Whether `x < y`; false with NaN.";
    LE = "le", Le, order, <=, "Whether `x <= y`; false with NaN.";
    GT = "gt", Gt, order, >, "Whether `x > y`; false with NaN.";
    GE = "ge", Ge, order, >=, "Whether `x >= y`; false with NaN.";
}

fn choice(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    cx.require(0, |d| d == DType::Bool, "the condition must be bool; make one with a comparison")?;
    let dtype = cx.one_dtype(&[1, 2])?;
    let dims = cx.broadcast(&[0, 1, 2])?;
    one(dtype, dims)
}

/// The second operand where the first holds, else the third.
pub(super) static SELECT: Op = Op::new(
    "select",
    "For operands `c, x, y`: `x` where `c` holds, else `y`. All three broadcast.",
    OpClass::Pointwise,
    Arity::Exactly(3),
)
.types(choice)
.eval(|cx| map3(cx, |c, a, b| if c != 0.0 { a } else { b }))
.lower(Lower::Pointwise(|_, x| op(Math::Select, x)))
.cases(|| {
    vec![
        Case::new().bool(&[3, 4]).f32(&[4]).f32(&[3, 1]),
        Case::new().bool(&[1, 5]).i32(&[2, 5]).i32(&[]),
        Case::new().bool(&[6]).bool(&[6]).bool(&[6]),
    ]
});
