//! Activation functions of networks.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use ferrodyne_plan::{DType, Diagnostic};

use super::case::{Case, Domain};
use super::row::Op;
use super::shorthand::{float_or, in_f32, int_or, str_or};
use super::statistics::float_only;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[
    &RELU,
    &RELU6,
    &LEAKY_RELU,
    &ELU,
    &SELU,
    &CELU,
    &GELU,
    &SILU,
    &MISH,
    &SIGMOID,
    &HARDSIGMOID,
    &HARDSWISH,
    &HARDTANH,
    &SOFTPLUS,
    &SOFTSIGN,
    &SOFTMAX,
    &LOG_SOFTMAX,
    &GLU,
    &PRELU,
];

const fn number(name: &'static str) -> AttrSpec {
    AttrSpec::optional(name, AttrKind::Float)
}

const AXIS: &[AttrSpec] = &[AttrSpec::optional("axis", AttrKind::Int)];

fn around_zero() -> Vec<Case> {
    let real = Domain::Real(-6.0, 6.0);
    vec![Case::new().operand(DType::F32, &[4, 9], real)]
}

fn clamped(b: &mut Builder, x: NodeId, low: f64, high: f64) -> Value {
    let bounded = b.with_number("max", x, low)?;
    b.with_number("min", bounded, high)
}

static RELU: Op =
    Op::composite("relu", "`max(x, 0)`; NaN stays.", 1, |b, _, x| b.with_number("max", x[0], 0.0))
        .cases(|| vec![Case::new().f32(&[4, 9]), Case::new().i32(&[5])]);

static RELU6: Op =
    Op::composite("relu6", "`min(max(x, 0), 6)`.", 1, |b, _, x| clamped(b, x[0], 0.0, 6.0))
        .cases(around_zero);

/// `x` where it is positive, else another value.
fn positive_or(b: &mut Builder, x: NodeId, other: NodeId) -> Value {
    let positive = b.with_number("gt", x, 0.0)?;
    b.select(positive, x, other)
}

static LEAKY_RELU: Op = Op::composite(
    "leaky_relu",
    "`x` where positive, else `slope * x`; `slope` is 0.01 unless given.",
    1,
    |b, node, x| {
        let low = b.with_number("mul", x[0], float_or(node, "slope", 0.01))?;
        positive_or(b, x[0], low)
    },
)
.attrs(&[number("slope")])
.cases(around_zero);

/// `scale * (e^(x / width) - 1)`; its argument is kept from the positive side, which others choose.
fn exponential(b: &mut Builder, x: NodeId, scale: f64, width: f64) -> Value {
    let mut low = b.with_number("min", x, 0.0)?;
    if width != 1.0 {
        low = b.with_number("div", low, width)?;
    }
    let exp = b.unary("expm1", low)?;
    b.with_number("mul", exp, scale)
}

static ELU: Op = Op::composite(
    "elu",
    "`x` where positive, else `alpha * (e^x - 1)`; `alpha` is 1 unless given.",
    1,
    |b, node, x| {
        let low = exponential(b, x[0], float_or(node, "alpha", 1.0), 1.0)?;
        positive_or(b, x[0], low)
    },
)
.attrs(&[number("alpha")])
.cases(around_zero);

static SELU: Op = Op::composite(
    "selu",
    "`scale * elu(x, alpha)` with the constants of Klambauer et al. (2017) unless given.",
    1,
    |b, node, x| {
        let alpha = float_or(node, "alpha", 1.673_263_242_354_377_2);
        let low = exponential(b, x[0], alpha, 1.0)?;
        let value = positive_or(b, x[0], low)?;
        b.with_number("mul", value, float_or(node, "scale", 1.050_700_987_355_480_5))
    },
)
.attrs(&[number("alpha"), number("scale")])
.cases(around_zero);

static CELU: Op = Op::composite(
    "celu",
    "`x` where positive, else `alpha * (e^(x / alpha) - 1)`; `alpha` is 1 unless given.",
    1,
    |b, node, x| {
        let alpha = float_or(node, "alpha", 1.0);
        let low = exponential(b, x[0], alpha, alpha)?;
        positive_or(b, x[0], low)
    },
)
.attrs(&[number("alpha")])
.cases(|| vec![Case::new().f32(&[9]).with(Attrs::new().float("alpha", 1.5))]);

fn gelu(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let half = b.with_number("mul", x[0], 0.5)?;
    let share = match str_or(node, "approximate", "none") {
        "none" => {
            let scaled = b.with_number("mul", x[0], FRAC_1_SQRT_2)?;
            b.unary("erf", scaled)?
        }
        "tanh" => {
            let square = b.binary("mul", x[0], x[0])?;
            let cubic = b.with_number("mul", square, 0.044_715)?;
            let factor = b.with_number("add", cubic, 1.0)?;
            let inner = b.binary("mul", x[0], factor)?;
            let inner = b.with_number("mul", inner, (2.0 / PI).sqrt())?;
            b.unary("tanh", inner)?
        }
        other => {
            let rule = format!("`approximate` is `{other}`, but must be none or tanh");
            return Err(b.fault("gelu", "attribute", rule));
        }
    };
    let share = b.with_number("add", share, 1.0)?;
    b.binary("mul", half, share)
}

static GELU: Op = Op::composite(
    "gelu",
    "`x` times the standard normal distribution function of `x`; with `approximate` tanh, its usual approximation.",
    1,
    gelu,
)
.attrs(&[AttrSpec::optional("approximate", AttrKind::Str)])
.cases(|| {
    let tanh = Attrs::new().str("approximate", "tanh");
    vec![Case::new().f32(&[4, 9]), Case::new().f32(&[9]).with(tanh)]
});

static SIGMOID: Op = Op::composite("sigmoid", "`1 / (1 + e^-x)`.", 1, |b, _, x| {
    let negated = b.unary("neg", x[0])?;
    let exp = b.unary("exp", negated)?;
    let sum = b.with_number("add", exp, 1.0)?;
    b.unary("recip", sum)
})
.cases(around_zero);

static SILU: Op = Op::composite("silu", "`x * sigmoid(x)`.", 1, |b, _, x| {
    let gate = b.unary("sigmoid", x[0])?;
    b.binary("mul", x[0], gate)
})
.cases(around_zero);

static MISH: Op = Op::composite("mish", "`x * tanh(softplus(x))`.", 1, |b, _, x| {
    let soft = b.unary("softplus", x[0])?;
    let gate = b.unary("tanh", soft)?;
    b.binary("mul", x[0], gate)
})
.cases(around_zero);

fn hardsigmoid(b: &mut Builder, x: NodeId, alpha: f64, beta: f64) -> Value {
    let scaled = b.with_number("mul", x, alpha)?;
    let moved = b.with_number("add", scaled, beta)?;
    clamped(b, moved, 0.0, 1.0)
}

static HARDSIGMOID: Op = Op::composite(
    "hardsigmoid",
    "`min(max(alpha * x + beta, 0), 1)`; `alpha` is 1/6 and `beta` 1/2 unless given.",
    1,
    |b, node, x| {
        float_only(b, node, x[0])?;
        hardsigmoid(b, x[0], float_or(node, "alpha", 1.0 / 6.0), float_or(node, "beta", 0.5))
    },
)
.attrs(&[number("alpha"), number("beta")])
.cases(around_zero);

static HARDSWISH: Op = Op::composite("hardswish", "`x * hardsigmoid(x)`.", 1, |b, node, x| {
    float_only(b, node, x[0])?;
    let gate = hardsigmoid(b, x[0], 1.0 / 6.0, 0.5)?;
    b.binary("mul", x[0], gate)
})
.cases(around_zero);

static HARDTANH: Op = Op::composite(
    "hardtanh",
    "`min(max(x, low), high)`; the bounds are -1 and 1 unless given.",
    1,
    |b, node, x| clamped(b, x[0], float_or(node, "low", -1.0), float_or(node, "high", 1.0)),
)
.attrs(&[number("low"), number("high")])
.cases(around_zero);

/// `max(x, 0) + log1p(e^-|x|)`: neither overflows nor loses what is small.
fn softplus(b: &mut Builder, x: NodeId) -> Value {
    let size = b.unary("abs", x)?;
    let negated = b.unary("neg", size)?;
    let exp = b.unary("exp", negated)?;
    let tail = b.unary("log1p", exp)?;
    let positive = b.with_number("max", x, 0.0)?;
    b.binary("add", positive, tail)
}

static SOFTPLUS: Op = Op::composite(
    "softplus",
    "`log(1 + e^(beta * x)) / beta`; `beta` is 1 unless given.",
    1,
    |b, node, x| {
        let beta = float_or(node, "beta", 1.0);
        if beta == 1.0 {
            return softplus(b, x[0]);
        }
        let scaled = b.with_number("mul", x[0], beta)?;
        let soft = softplus(b, scaled)?;
        b.with_number("div", soft, beta)
    },
)
.attrs(&[number("beta")])
.cases(|| vec![Case::new().f32(&[9]), Case::new().f32(&[9]).with(Attrs::new().float("beta", 2.0))]);

static SOFTSIGN: Op = Op::composite("softsign", "`x / (1 + |x|)`.", 1, |b, node, x| {
    float_only(b, node, x[0])?;
    let size = b.unary("abs", x[0])?;
    let below = b.with_number("add", size, 1.0)?;
    b.binary("div", x[0], below)
})
.cases(around_zero);

fn along() -> Vec<Case> {
    vec![
        Case::new().f32(&[3, 17]),
        Case::new().f32(&[2, 4, 3]).with(Attrs::new().int("axis", 1)),
        Case::new().operand(DType::F32, &[2, 5], Domain::Real(80.0, 120.0)),
    ]
}

/// The operand less its maximum along the axis, so that exponentials cannot overflow.
fn below_maximum(b: &mut Builder, node: &Node, x: NodeId) -> Result<(NodeId, i64), Diagnostic> {
    let axis = b.axis(&node.op, x, int_or(node, "axis", -1))? as i64;
    let max = b.reduce("amax", x, &[axis], true)?;
    Ok((b.binary("sub", x, max)?, axis))
}

static SOFTMAX: Op = Op::composite(
    "softmax",
    "`e^x` divided by its sum along `axis`, the last one unless given.",
    1,
    |b, node, x| {
        in_f32(b, x[0], |b, x| {
            let (low, axis) = below_maximum(b, node, x)?;
            let exp = b.unary("exp", low)?;
            let sum = b.reduce("sum", exp, &[axis], true)?;
            b.binary("div", exp, sum)
        })
    },
)
.attrs(AXIS)
.cases(along);

static LOG_SOFTMAX: Op = Op::composite(
    "log_softmax",
    "Logarithm of the softmax along `axis`, the last one unless given.",
    1,
    |b, node, x| {
        in_f32(b, x[0], |b, x| {
            let (low, axis) = below_maximum(b, node, x)?;
            let exp = b.unary("exp", low)?;
            let sum = b.reduce("sum", exp, &[axis], true)?;
            let log = b.unary("log", sum)?;
            b.binary("sub", low, log)
        })
    },
)
.attrs(AXIS)
.cases(along);

static GLU: Op = Op::composite(
    "glu",
    "The first half along `axis` (the last one unless given) times the sigmoid of the second half.",
    1,
    |b, node, x| {
        let axis = b.axis("glu", x[0], int_or(node, "axis", -1))?;
        let size = b.dims(x[0])[axis].clone();
        if !b.divides("glu", 2, &size) {
            let rule = format!("{}: the size {size} of axis {axis} must be even", b.describe(x[0]));
            return Err(b.fault("glu", "shape", rule));
        }
        let half = size.floor_div(&2i64.into());
        let first = b.slice_axis(x[0], axis as i64, &0i64.into(), &half, 1)?;
        let second = b.slice_axis(x[0], axis as i64, &half, &(&half * 2), 1)?;
        let gate = b.unary("sigmoid", second)?;
        b.binary("mul", first, gate)
    },
)
.attrs(AXIS)
.cases(|| {
    vec![Case::new().f32(&[3, 8]), Case::new().f32(&[4, 3]).with(Attrs::new().int("axis", 0))]
});

static PRELU: Op = Op::composite(
    "prelu",
    "`x` where positive, else `slope * x` for operands `x, slope`; the slope broadcasts.",
    2,
    |b, _, x| {
        let low = b.binary("mul", x[0], x[1])?;
        positive_or(b, x[0], low)
    },
)
.cases(|| vec![Case::new().f32(&[2, 3, 4]).f32(&[3, 1])]);
