//! Functions of one or a few numbers, made of primitives.

use std::f64::consts::LN_2;

use ferrodyne_plan::{DType, Diagnostic};

use super::case::{Case, Domain};
use super::row::Op;
use super::statistics::float_only;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[
    &SQUARE,
    &EXP2,
    &LOG2,
    &LOG10,
    &TAN,
    &ASIN,
    &ACOS,
    &ATAN,
    &FRAC,
    &IS_INF,
    &IS_FINITE,
    &FLOOR_DIV,
    &MOD_FLOOR,
    &CLAMP,
    &LERP,
    &LOGICAL_AND,
    &LOGICAL_OR,
    &LOGICAL_XOR,
    &LOGICAL_NOT,
    &WHERE,
    &POW_INT,
];

pub(super) fn reals(low: f64, high: f64) -> Vec<Case> {
    vec![Case::new().operand(DType::F32, &[3, 7], Domain::Real(low, high))]
}

fn truths() -> Vec<Case> {
    vec![Case::new().f32(&[3, 4]).bool(&[4]), Case::new().bool(&[5]).bool(&[5])]
}

static SQUARE: Op = Op::composite("square", "`x * x`.", 1, |b, _, x| b.binary("mul", x[0], x[0]))
    .cases(|| vec![Case::new().f32(&[5]), Case::new().i32(&[5])]);

static EXP2: Op = Op::composite("exp2", "2 to the power `x`.", 1, |b, node, x| {
    float_only(b, node, x[0])?;
    b.number_with("pow", 2.0, x[0])
})
.cases(|| reals(-8.0, 8.0));

static LOG2: Op = Op::composite("log2", "Logarithm to the base 2.", 1, |b, _, x| {
    let log = b.unary("log", x[0])?;
    b.with_number("mul", log, 1.0 / LN_2)
})
.cases(|| reals(0.01, 50.0));

static LOG10: Op = Op::composite("log10", "Logarithm to the base 10.", 1, |b, _, x| {
    let log = b.unary("log", x[0])?;
    b.with_number("mul", log, 1.0 / std::f64::consts::LN_10)
})
.cases(|| reals(0.01, 50.0));

static TAN: Op = Op::composite("tan", "Tangent of radians.", 1, |b, _, x| {
    let (sin, cos) = (b.unary("sin", x[0])?, b.unary("cos", x[0])?);
    b.binary("div", sin, cos)
})
.cases(|| reals(-1.4, 1.4));

/// The leg beside `x` in a right triangle with hypotenuse 1.
fn other_leg(b: &mut Builder, x: NodeId) -> Value {
    let (low, high) = (b.number_with("sub", 1.0, x)?, b.with_number("add", x, 1.0)?);
    let square = b.binary("mul", low, high)?;
    b.unary("sqrt", square)
}

static ASIN: Op = Op::composite(
    "asin",
    "Angle in radians whose sine is `x`; NaN outside -1..1.",
    1,
    |b, node, x| {
        float_only(b, node, x[0])?;
        let leg = other_leg(b, x[0])?;
        b.binary("atan2", x[0], leg)
    },
)
.cases(|| reals(-0.99, 0.99));

static ACOS: Op = Op::composite(
    "acos",
    "Angle in radians whose cosine is `x`; NaN outside -1..1.",
    1,
    |b, node, x| {
        float_only(b, node, x[0])?;
        let leg = other_leg(b, x[0])?;
        b.binary("atan2", leg, x[0])
    },
)
.cases(|| reals(-0.99, 0.99));

static ATAN: Op = Op::composite("atan", "Angle in radians whose tangent is `x`.", 1, |b, _, x| {
    b.with_number("atan2", x[0], 1.0)
})
.cases(|| reals(-5.0, 5.0));

static FRAC: Op = Op::composite("frac", "`x` without its integer part.", 1, |b, _, x| {
    let whole = b.unary("trunc", x[0])?;
    b.binary("sub", x[0], whole)
})
.cases(|| reals(-5.0, 5.0));

fn specials() -> Vec<Case> {
    let values = Domain::Values(vec![1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.0]);
    vec![Case::new().operand(DType::F32, &[7], values)]
}

static IS_INF: Op = Op::composite("is_inf", "Whether `x` is an infinity.", 1, |b, _, x| {
    let size = b.unary("abs", x[0])?;
    b.with_number("eq", size, f64::INFINITY)
})
.cases(specials);

static IS_FINITE: Op =
    Op::composite("is_finite", "Whether `x` is neither an infinity nor NaN.", 1, |b, _, x| {
        let size = b.unary("abs", x[0])?;
        b.with_number("lt", size, f64::INFINITY)
    })
    .cases(specials);

/// Whether a remainder that is not zero has another sign than the divisor.
fn overshoots(b: &mut Builder, rem: NodeId, divisor: NodeId) -> Value {
    let some = b.with_number("ne", rem, 0.0)?;
    let (a, c) = (b.with_number("lt", rem, 0.0)?, b.with_number("lt", divisor, 0.0)?);
    let differ = b.binary("ne", a, c)?;
    b.binary("and", some, differ)
}

fn floor_div(b: &mut Builder, _: &Node, x: &[NodeId]) -> Value {
    let quotient = b.binary("div", x[0], x[1])?;
    let rem = b.binary("rem", x[0], x[1])?;
    let over = overshoots(b, rem, x[1])?;
    let is_float = b.dtype(quotient).is_float();
    let whole = if is_float { whole_quotient(b, x, rem)? } else { quotient };
    let less = b.with_number("sub", whole, 1.0)?;
    let result = b.select(over, less, whole)?;
    if !is_float {
        return Ok(result);
    }
    let by_zero = b.with_number("eq", x[1], 0.0)?;
    b.select(by_zero, quotient, result)
}

/// The quotient of floats without the remainder, as Python's `//` has it: dividing first would round `1 / 0.1` up to 10.
fn whole_quotient(b: &mut Builder, x: &[NodeId], rem: NodeId) -> Value {
    let multiple = b.binary("sub", x[0], rem)?;
    let quotient = b.binary("div", multiple, x[1])?;
    b.unary("round", quotient)
}

fn divisors() -> Vec<Case> {
    let divisor = || Domain::Values(vec![2.0, -3.0, 1.0, 5.0]);
    vec![
        Case::new().operand(DType::I32, &[3, 4], Domain::Int(-20, 20)).operand(
            DType::I32,
            &[4],
            divisor(),
        ),
        Case::new().f32(&[3, 4]).operand(DType::F32, &[4], divisor()),
        Case::new().operand(DType::F32, &[4], Domain::Values(vec![1.0, -1.0, 7.5, 3.0])).operand(
            DType::F32,
            &[4],
            Domain::Values(vec![0.5, 0.5, -2.0, f64::INFINITY]),
        ),
    ]
}

static FLOOR_DIV: Op =
    Op::composite(
        "floor_div",
        "The largest integer not above `x / y`, as Python's `//`: NaN for an infinite `x`, and `x / 0` for floats.",
        2,
        floor_div,
    )
    .cases(divisors);

static MOD_FLOOR: Op = Op::composite(
    "mod_floor",
    "Remainder of `x / y` with the sign of `y`, as Python's `%`.",
    2,
    |b, _, x| {
        let rem = b.binary("rem", x[0], x[1])?;
        let over = overshoots(b, rem, x[1])?;
        let moved = b.binary("add", rem, x[1])?;
        b.select(over, moved, rem)
    },
)
.cases(divisors);

static CLAMP: Op = Op::composite(
    "clamp",
    "`min(max(x, low), high)`, so that `high` wins where the bounds cross; a bound that is absent bounds nothing. NaN stays.",
    1,
    |b, node, x| {
        let mut value = x[0];
        for (name, op) in [("low", "max"), ("high", "min")] {
            if node.attrs.get(name).is_some() {
                value = b.with_number(op, value, node.attrs.get_float(name))?;
            }
        }
        Ok(value)
    },
)
.attrs(&[AttrSpec::optional("low", AttrKind::Float), AttrSpec::optional("high", AttrKind::Float)])
.cases(|| {
    vec![
        Case::new().f32(&[9]).with(Attrs::new().float("low", -0.5).float("high", 1.0)),
        Case::new().i32(&[9]).with(Attrs::new().float("high", 2.0)),
    ]
});

static LERP: Op =
    Op::composite("lerp", "`x + (y - x) * w` for operands `x, y, w`.", 3, |b, _, x| {
        let span = b.binary("sub", x[1], x[0])?;
        let step = b.binary("mul", span, x[2])?;
        b.binary("add", x[0], step)
    })
    .cases(|| vec![Case::new().f32(&[3, 4]).f32(&[4]).f32(&[])]);

/// Whether a number is not zero; a truth value as it is.
fn truth(b: &mut Builder, x: NodeId) -> Value {
    b.cast(x, DType::Bool)
}

fn logical(b: &mut Builder, op: &str, x: &[NodeId]) -> Value {
    let (a, c) = (truth(b, x[0])?, truth(b, x[1])?);
    b.binary(op, a, c)
}

static LOGICAL_AND: Op = Op::composite(
    "logical_and",
    "Whether both are true; numbers are true where they are not 0.",
    2,
    |b, _, x| logical(b, "and", x),
)
.cases(truths);

static LOGICAL_OR: Op = Op::composite(
    "logical_or",
    "Whether either is true; numbers are true where they are not 0.",
    2,
    |b, _, x| logical(b, "or", x),
)
.cases(truths);

static LOGICAL_XOR: Op = Op::composite(
    "logical_xor",
    "Whether one alone is true; numbers are true where they are not 0.",
    2,
    |b, _, x| logical(b, "xor", x),
)
.cases(truths);

static LOGICAL_NOT: Op = Op::composite(
    "logical_not",
    "Whether `x` is false; numbers are true where they are not 0.",
    1,
    |b, _, x| {
        let x = truth(b, x[0])?;
        b.unary("not", x)
    },
)
.cases(|| vec![Case::new().bool(&[5]), Case::new().i32(&[5])]);

static WHERE: Op = Op::composite(
    "where",
    "For operands `c, x, y`: `x` where `c` is true (a number: not 0), else `y`.",
    3,
    |b, _, x| {
        let c = truth(b, x[0])?;
        b.select(c, x[1], x[2])
    },
)
.cases(|| {
    vec![Case::new().bool(&[3, 1]).f32(&[4]).f32(&[]), Case::new().i32(&[4]).i32(&[4]).i32(&[4])]
});

/// Powers of 64 bits by squaring: the exponent's bits choose among `x, x^2, x^4, ..`.
fn pow_long(b: &mut Builder, x: NodeId, y: NodeId) -> Value {
    let exponent = b.unary("abs", y)?;
    let mut result = b.scalar_like(x, 1.0)?;
    let mut power = x;
    for bit in 0..31 {
        let shifted = b.with_number("shr", exponent, f64::from(bit))?;
        let lowest = b.with_number("and", shifted, 1.0)?;
        let taken = b.with_number("ne", lowest, 0.0)?;
        let more = b.binary("mul", result, power)?;
        result = b.select(taken, more, result)?;
        power = b.binary("mul", power, power)?;
    }
    let (negative, size) = (b.with_number("lt", y, 0.0)?, b.unary("abs", x)?);
    let (whole, zero) = (b.with_number("eq", size, 1.0)?, b.scalar_like(x, 0.0)?);
    let inverse = b.select(whole, result, zero)?;
    b.select(negative, inverse, result)
}

fn pow_int(b: &mut Builder, _: &Node, x: &[NodeId]) -> Value {
    if !b.dtype(x[0]).is_integer() {
        let rule = format!("{}: it must be an integer; use `pow`", b.describe(x[0]));
        return Err(b.fault("pow_int", "dtype", rule));
    }
    match b.dtype(x[0]) {
        DType::Long => pow_long(b, x[0], x[1]),
        _ => b.binary("pow", x[0], x[1]),
    }
}

static POW_INT: Op = Op::composite(
    "pow_int",
    "`x` to the power `y` for integers, wrapping; a negative power truncates towards 0.",
    2,
    pow_int,
)
.cases(|| {
    let bases = Domain::Values(vec![2.0, 3.0, -1.0, 1.0, 0.0, -2.0, 5.0]);
    let exponents = Domain::Values(vec![0.0, 1.0, 2.0, 3.0, -1.0, -2.0, 31.0, -3.0]);
    let small = |high| Domain::Int(0, high);
    vec![
        Case::new().operand(DType::I32, &[7, 1], bases).operand(DType::I32, &[8], exponents),
        Case::new().operand(DType::U8, &[6], small(5)).operand(DType::U8, &[6], small(9)),
    ]
});
