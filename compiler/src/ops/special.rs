//! Functions of one number that take care at the ends of their range.

use std::f64::consts::LN_2;

use ferrodyne_plan::{DType, Diagnostic};

use super::case::{Case, Domain};
use super::elementwise::reals;
use super::row::Op;
use super::shorthand::in_f32;
use super::statistics::float_only;
use crate::graph::{Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&SINH, &COSH, &ASINH, &ACOSH, &ATANH, &ERFC];

/// `e^|x| / 2`, where `e^|x|` itself would overflow.
fn half_exponential(b: &mut Builder, x: NodeId) -> Result<(NodeId, NodeId), Diagnostic> {
    let size = b.unary("abs", x)?;
    let half = b.with_number("mul", size, 0.5)?;
    let root = b.unary("exp", half)?;
    let scaled = b.with_number("mul", root, 0.5)?;
    Ok((b.binary("mul", scaled, root)?, root))
}

static SINH: Op = Op::composite("sinh", "Hyperbolic sine.", 1, |b, _, x| {
    let negated = b.unary("neg", x[0])?;
    let (up, down) = (b.unary("expm1", x[0])?, b.unary("expm1", negated)?);
    let twice = b.binary("sub", up, down)?;
    let near = b.with_number("mul", twice, 0.5)?;
    let (size, sign) = (half_exponential(b, x[0])?.0, b.unary("sign", x[0])?);
    let far = b.binary("mul", size, sign)?;
    let is_far = b.with_number("gt", size, 1e10)?;
    b.select(is_far, far, near)
})
.cases(|| [reals(-3.0, 3.0), reals(-89.0, 89.0)].concat());

static COSH: Op = Op::composite("cosh", "Hyperbolic cosine.", 1, |b, _, x| {
    let (up, root) = half_exponential(b, x[0])?;
    let down = b.number_with("div", 0.5, root)?;
    let down = b.binary("div", down, root)?;
    b.binary("add", up, down)
})
.cases(|| [reals(-3.0, 3.0), reals(-89.0, 89.0)].concat());

/// `sign(x) * log1p(|x| + x^2 / (1 + sqrt(x^2 + 1)))`, and `log(2 |x|)` where `x^2` would leave the range of f32.
fn asinh(b: &mut Builder, _: &Node, x: &[NodeId]) -> Value {
    let size = b.unary("abs", x[0])?;
    let bounded = b.with_number("min", size, 1e10)?;
    let square = b.binary("mul", bounded, bounded)?;
    let root = b.with_number("add", square, 1.0)?;
    let root = b.unary("sqrt", root)?;
    let below = b.with_number("add", root, 1.0)?;
    let part = b.binary("div", square, below)?;
    let inner = b.binary("add", bounded, part)?;
    let near = b.unary("log1p", inner)?;
    let far = b.unary("log", size)?;
    let far = b.with_number("add", far, LN_2)?;
    let is_far = b.with_number("gt", size, 1e10)?;
    let value = b.select(is_far, far, near)?;
    let sign = b.unary("sign", x[0])?;
    b.binary("mul", sign, value)
}

static ASINH: Op = Op::composite("asinh", "Inverse hyperbolic sine.", 1, asinh).cases(|| {
    let wide = Domain::Values(vec![-1e15, -3.0, -1e-4, 0.0, 1e-3, 2.0, 1e9, 1e12]);
    vec![Case::new().operand(DType::F32, &[8], wide)]
});

static ACOSH: Op =
    Op::composite("acosh", "Inverse hyperbolic cosine; NaN below 1.", 1, |b, _, x| {
        let (low, high) = (b.with_number("sub", x[0], 1.0)?, b.with_number("add", x[0], 1.0)?);
        let (low_root, high_root) = (b.unary("sqrt", low)?, b.unary("sqrt", high)?);
        let root = b.binary("mul", low_root, high_root)?;
        let inner = b.binary("add", low, root)?;
        let near = b.unary("log1p", inner)?;
        let far = b.unary("log", x[0])?;
        let far = b.with_number("add", far, LN_2)?;
        let is_far = b.with_number("gt", x[0], 1e10)?;
        b.select(is_far, far, near)
    })
    .cases(|| [reals(1.0, 20.0), reals(1e37, 3e38)].concat());

static ATANH: Op =
    Op::composite("atanh", "Inverse hyperbolic tangent; NaN outside -1..1.", 1, |b, _, x| {
        let negated = b.unary("neg", x[0])?;
        let (up, down) = (b.unary("log1p", x[0])?, b.unary("log1p", negated)?);
        let twice = b.binary("sub", up, down)?;
        b.with_number("mul", twice, 0.5)
    })
    .cases(|| reals(-0.95, 0.95));

/// The coefficients of the exponent in `erfc(z) = t * e^(-z^2 + p(t))` for `t = 1 / (1 + z / 2)`, the highest first; the relative error
/// is below 1.2e-7 for all `z >= 0` (Press et al., Numerical Recipes, section 6.2).
const ERFC_EXPONENT: [f64; 10] = [
    0.170_872_77,
    -0.822_152_23,
    1.488_515_87,
    -1.135_203_98,
    0.278_868_07,
    -0.186_288_06,
    0.096_784_18,
    0.374_091_96,
    1.000_023_68,
    -1.265_512_23,
];

/// `erfc(z)` for `z >= 0`. The square is split, so that it is not rounded before the exponential makes that large.
fn erfc_above_0(b: &mut Builder, z: NodeId) -> Value {
    let half = b.with_number("mul", z, 0.5)?;
    let below = b.with_number("add", half, 1.0)?;
    let t = b.unary("recip", below)?;
    let exponent = b.polynomial(t, &ERFC_EXPONENT)?;
    let sixteenths = b.with_number("mul", z, 16.0)?;
    let sixteenths = b.unary("floor", sixteenths)?;
    let coarse = b.with_number("mul", sixteenths, 1.0 / 16.0)?;
    let (less, sum) = (b.binary("sub", coarse, z)?, b.binary("add", coarse, z)?);
    let rest = b.binary("mul", less, sum)?;
    let exponent = b.binary("add", exponent, rest)?;
    let square = b.binary("mul", coarse, coarse)?;
    let square = b.unary("neg", square)?;
    let (large, small) = (b.unary("exp", square)?, b.unary("exp", exponent)?);
    let tail = b.binary("mul", small, t)?;
    b.binary("mul", large, tail)
}

fn erfc(b: &mut Builder, x: NodeId) -> Value {
    let size = b.unary("abs", x)?;
    // Nothing is left in f32 from there on, and the square of an infinity has no rest.
    let bounded = b.with_number("min", size, 10.5)?;
    let above = erfc_above_0(b, bounded)?;
    let below = b.number_with("sub", 2.0, above)?;
    let negative = b.with_number("lt", x, 0.0)?;
    b.select(negative, below, above)
}

static ERFC: Op =
    Op::composite("erfc", "`1 - erf(x)`, without cancellation for large `x`.", 1, |b, node, x| {
        float_only(b, node, x[0])?;
        in_f32(b, x[0], erfc)
    })
    .cases(|| {
        let tail = Domain::Values(vec![-9.0, -1.0, -0.1, 0.0, 0.3, 1.0, 2.5, 4.0]);
        [reals(-3.0, 3.0), reals(5.0, 9.0), vec![Case::new().operand(DType::F32, &[8], tail)]]
            .concat()
    });
