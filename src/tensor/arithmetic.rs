//! Arithmetic and elementary functions, element by element.
//!
//! Operands broadcast as in numpy. Element types must agree: nothing is converted silently; a number takes the tensor's type.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::Source;

use super::pair::pairs;
use super::{Operand, Tensor, apply};
use crate::error::{Error, Result};

/// Applies an operator of two operands.
#[track_caller]
pub(super) fn binary(op: &'static str, x: &Tensor, y: impl Operand) -> Result<Tensor> {
    let y = y.beside(x)?;
    apply(op, &[x, &y], Attrs::new())
}

/// Applies an operator of one operand without attributes.
#[track_caller]
pub(super) fn unary(op: &'static str, x: &Tensor) -> Result<Tensor> {
    apply(op, &[x], Attrs::new())
}

/// A rounding, which leaves integers as they are.
#[track_caller]
fn rounded(op: &'static str, x: &Tensor) -> Result<Tensor> {
    if x.dtype().is_integer() { Ok(x.clone()) } else { unary(op, x) }
}

pairs! {
    /// Sum. Shapes broadcast as in numpy; element types must agree.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::from_vec(vec![1.0, 2.0], [2, 1], &Device::cpu());
    /// let y = &x * 2.0 + x.t() - 1;
    /// assert_eq!(y.to_vec::<f32>()?, [2.0, 3.0, 4.0, 5.0]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn add | try_add(self, other: impl Operand) {
        binary("add", self, other)
    }

    /// Difference.
    fn sub | try_sub(self, other: impl Operand) {
        binary("sub", self, other)
    }

    /// Product.
    fn mul | try_mul(self, other: impl Operand) {
        binary("mul", self, other)
    }

    /// Quotient; that of integers is truncated.
    fn div | try_div(self, other: impl Operand) {
        binary("div", self, other)
    }

    /// Remainder with the sign of the dividend, as Rust's `%`.
    fn rem | try_rem(self, other: impl Operand) {
        binary("rem", self, other)
    }

    /// Power. One of integers is an integer and wraps: a negative number as its exponent is refused, and a negative one in a tensor
    /// of exponents gives 0, or 1 and -1 for bases of that size. The numbers 0.5 and -0.5 take the root, which is NaN below 0.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::arange(-2..3, &Device::cpu());
    /// assert_eq!(x.pow(3).to_vec::<i64>()?, [-8, -1, 0, 1, 8]);
    /// assert!(x.try_pow(-1).is_err());
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn pow | try_pow(self, other: impl Operand) {
        match (self.dtype().is_float(), other.as_number()) {
            (true, Some(0.5)) => unary("sqrt", self),
            (true, Some(-0.5)) => unary("rsqrt", self),
            (true, _) => binary("pow", self, other),
            (false, Some(exponent)) if exponent < 0.0 => {
                let (dtype, shape) = (self.dtype(), self.shape());
                let message = format!(
                    "pow: `x` is {dtype}{shape}, and {exponent} as the exponent of integers makes none: convert `x` with `to_dtype`"
                );
                Err(Error::at("dtype", message, Source::caller()))
            }
            (false, _) => binary("pow_int", self, other),
        }
    }

    /// The smaller of two numbers, element by element; NaN if either is.
    fn minimum | try_minimum(self, other: impl Operand) {
        binary("min", self, other)
    }

    /// The larger of two numbers, element by element; NaN if either is.
    fn maximum | try_maximum(self, other: impl Operand) {
        binary("max", self, other)
    }

    /// Angle of the point `(other, self)` in radians, in the right quadrant.
    fn atan2 | try_atan2(self, other: impl Operand) {
        binary("atan2", self, other)
    }

    /// `-x`.
    fn neg | try_neg(self) {
        unary("neg", self)
    }

    /// `|x|`.
    fn abs | try_abs(self) {
        unary("abs", self)
    }

    /// -1, 0 or 1 by the sign; NaN for NaN.
    fn sign | try_sign(self) {
        unary("sign", self)
    }

    /// `1 / x`.
    fn reciprocal | try_reciprocal(self) {
        unary("recip", self)
    }

    /// Square root; NaN below 0.
    fn sqrt | try_sqrt(self) {
        unary("sqrt", self)
    }

    /// `1 / sqrt(x)`.
    fn rsqrt | try_rsqrt(self) {
        unary("rsqrt", self)
    }

    /// e to the power `x`.
    fn exp | try_exp(self) {
        unary("exp", self)
    }

    /// `e^x - 1`, accurate near 0.
    fn expm1 | try_expm1(self) {
        unary("expm1", self)
    }

    /// Natural logarithm.
    fn log | try_log(self) {
        unary("log", self)
    }

    /// `ln(1 + x)`, accurate near 0.
    fn log1p | try_log1p(self) {
        unary("log1p", self)
    }

    /// Sine of radians.
    fn sin | try_sin(self) {
        unary("sin", self)
    }

    /// Cosine of radians.
    fn cos | try_cos(self) {
        unary("cos", self)
    }

    /// Hyperbolic tangent.
    fn tanh | try_tanh(self) {
        unary("tanh", self)
    }

    /// Error function.
    fn erf | try_erf(self) {
        unary("erf", self)
    }

    /// Largest integer not above.
    fn floor | try_floor(self) {
        rounded("floor", self)
    }

    /// Smallest integer not below.
    fn ceil | try_ceil(self) {
        rounded("ceil", self)
    }

    /// Nearest integer; halves go to the even one.
    fn round | try_round(self) {
        rounded("round", self)
    }

    /// Integer part, towards 0.
    fn trunc | try_trunc(self) {
        rounded("trunc", self)
    }

    /// The largest integer not above `x / y`, of floats and of integers, as Python's `//`: NaN for an infinite `x`, and the quotient
    /// where a float is divided by 0.
    fn floor_div | try_floor_div(self, other: impl Operand) {
        binary("floor_div", self, other)
    }

    /// `x * x`.
    fn square | try_square(self) {
        unary("square", self)
    }

    /// 2 to the power `x`.
    fn exp2 | try_exp2(self) {
        unary("exp2", self)
    }

    /// Logarithm to base 2.
    fn log2 | try_log2(self) {
        unary("log2", self)
    }

    /// Logarithm to base 10.
    fn log10 | try_log10(self) {
        unary("log10", self)
    }

    /// Tangent of radians.
    fn tan | try_tan(self) {
        unary("tan", self)
    }

    /// Inverse sine, in radians; NaN outside of -1..=1.
    fn asin | try_asin(self) {
        unary("asin", self)
    }

    /// Inverse cosine, in radians; NaN outside of -1..=1.
    fn acos | try_acos(self) {
        unary("acos", self)
    }

    /// Inverse tangent, in radians.
    fn atan | try_atan(self) {
        unary("atan", self)
    }

    /// Hyperbolic sine.
    fn sinh | try_sinh(self) {
        unary("sinh", self)
    }

    /// Hyperbolic cosine.
    fn cosh | try_cosh(self) {
        unary("cosh", self)
    }

    /// Inverse hyperbolic sine.
    fn asinh | try_asinh(self) {
        unary("asinh", self)
    }

    /// Inverse hyperbolic cosine; NaN below 1.
    fn acosh | try_acosh(self) {
        unary("acosh", self)
    }

    /// Inverse hyperbolic tangent; NaN outside of -1..=1.
    fn atanh | try_atanh(self) {
        unary("atanh", self)
    }

    /// What is left of `x` beside its integer part.
    fn frac | try_frac(self) {
        unary("frac", self)
    }

    /// `1 - erf(x)`, without cancellation for large `x`.
    fn erfc | try_erfc(self) {
        unary("erfc", self)
    }

    /// `x` held between two numbers; NaN stays.
    fn clamp | try_clamp(self, low: impl Operand, high: impl Operand) {
        self.try_maximum(low)?.try_minimum(high)
    }

    /// `x + weight * (end - x)`.
    fn lerp | try_lerp(self, end: impl AsRef<Tensor>, weight: impl Operand) {
        let end = end.as_ref();
        let weight = weight.beside(self)?;
        apply("lerp", &[self, end, &weight], Attrs::new())
    }
}
