//! Functions of one float.

use ferrodyne_plan::loops::Math;
use ferrodyne_plan::{DType, Diagnostic};

use super::{map1, op, same};
use crate::graph::{TensorType, TypeCx};
use crate::ops::Lower;
use crate::ops::case::{Case, Domain};
use crate::ops::row::{Arity, Op, OpClass};
use crate::ops::typing::one;

fn float(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    cx.float(0)?;
    same(cx)
}

fn float_to_bool(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    cx.float(0)?;
    one(DType::Bool, cx.inputs[0].dims.clone())
}

/// Numbers of the domain in a vector and in a matrix with a symbolic size.
fn reals(low: f64, high: f64) -> Vec<Case> {
    let rows = ferrodyne_plan::Dim::sym("rows");
    vec![
        Case::new().operand(DType::F32, &[13], Domain::Real(low, high)),
        Case::new()
            .symbolic(DType::F32, vec![rows, 5i64.into()], Domain::Real(low, high))
            .size("rows", 7),
    ]
}

/// Halves and integers around zero, where rounding rules differ.
fn halves() -> Vec<Case> {
    let values = vec![-2.5, -2.0, -1.5, -1.25, -0.5, 0.0, 0.5, 0.75, 1.5, 2.5, 3.5, 1e7];
    vec![Case::new().operand(DType::F32, &[12], Domain::Values(values))]
}

macro_rules! rows {
    ($($row:ident = $name:literal, $math:ident, $eval:expr, $cases:expr, $doc:literal;)*) => { $(
        #[doc = $doc]
        pub(super) static $row: Op = Op::new($name, $doc, OpClass::Pointwise, Arity::Exactly(1))
            .types(float)
            .eval(|cx| map1(cx, $eval))
            .lower(Lower::Pointwise(|_, x| op(Math::$math, x)))
            .cases(|| $cases);
    )* };
}

rows! {
    EXP = "exp", Exp, f64::exp, reals(-20.0, 20.0), "e to the power `x`.";
    EXPM1 = "expm1", Expm1, f64::exp_m1, reals(-1.0, 1.0), "`e^x - 1`, accurate near 0.";
    LOG = "log", Log, f64::ln, reals(1e-3, 100.0), "Natural logarithm; -inf at 0, NaN below.";
    LOG1P = "log1p", Log1p, f64::ln_1p, reals(-0.9, 10.0), "`ln(1 + x)`, accurate near 0.";
    SIN = "sin", Sin, f64::sin, reals(-50.0, 50.0), "Sine of radians.";
    COS = "cos", Cos, f64::cos, reals(-50.0, 50.0), "Cosine of radians.";
    TANH = "tanh", Tanh, f64::tanh, reals(-10.0, 10.0), "Hyperbolic tangent.";
    SQRT = "sqrt", Sqrt, f64::sqrt, reals(0.0, 100.0), "Square root; NaN below 0.";
    RSQRT = "rsqrt", Rsqrt, |x| 1.0 / x.sqrt(), reals(1e-2, 100.0), "`1 / sqrt(x)`; inf at 0.";
    RECIP = "recip", Recip, |x| 1.0 / x, reals(0.1, 10.0), "`1 / x`; inf at 0.";
    FLOOR = "floor", Floor, f64::floor, halves(), "Largest integer not above `x`.";
    CEIL = "ceil", Ceil, f64::ceil, halves(), "Smallest integer not below `x`.";
    ROUND = "round", Round, f64::round_ties_even, halves(), "Nearest integer; halves go to the even one.";
    TRUNC = "trunc", Trunc, f64::trunc, halves(), "Integer part, towards 0.";
    ERF = "erf", Erf, erf, reals(-4.0, 4.0), "Error function.";
}

/// Whether `x` is not a number; a truth value.
pub(super) static IS_NAN: Op = Op::new(
    "is_nan",
    "Whether `x` is not a number; a truth value.",
    OpClass::Pointwise,
    Arity::Exactly(1),
)
.types(float_to_bool)
.eval(|cx| map1(cx, |x| f64::from(x.is_nan())))
.lower(Lower::Pointwise(|_, x| op(Math::IsNan, x)))
.cases(|| {
    let values = vec![0.0, f64::NAN, f64::INFINITY, -1.0];
    vec![Case::new().operand(DType::F32, &[6], Domain::Values(values))]
});

/// The error function, to within a few units in the last place: its power series below 3, the continued fraction of its
/// complement above (Abramowitz and Stegun 7.1.6 and 7.1.14).
pub(crate) fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let size = x.abs();
    let scale = (-size * size).exp() / std::f64::consts::PI.sqrt();
    let value = if size < 3.0 {
        let (mut term, mut sum, mut n) = (2.0 * size, 0.0, 0.0);
        while term > sum * 1e-17 {
            sum += term;
            n += 1.0;
            term *= 2.0 * size * size / (2.0 * n + 1.0);
        }
        scale * sum
    } else if size < 7.0 {
        let fraction = (1..=60).rev().fold(size, |below, k| size + f64::from(k) / 2.0 / below);
        1.0 - scale / fraction
    } else {
        1.0
    };
    value.copysign(x)
}

#[cfg(test)]
mod tests {
    use super::erf;

    #[test]
    fn erf_has_the_tabulated_values() {
        let table = [
            (0.0, 0.0),
            (0.1, 0.112_462_916_018_284_9),
            (0.5, 0.520_499_877_813_046_5),
            (1.0, 0.842_700_792_949_714_9),
            (2.0, 0.995_322_265_018_952_7),
            (3.0, 0.999_977_909_503_001_4),
            (4.0, 0.999_999_984_582_742_1),
        ];
        for (x, want) in table {
            assert!((erf(x) - want).abs() < 1e-15, "erf({x}) = {}", erf(x));
            assert_eq!(erf(-x), -erf(x));
        }
        assert_eq!(erf(f64::INFINITY), 1.0);
        assert!(erf(f64::NAN).is_nan());
    }
}
