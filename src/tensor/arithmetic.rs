//! Arithmetic and elementary functions, element by element.
//!
//! Operands broadcast as in numpy. Element types must agree: nothing is converted silently; a number takes the tensor's type.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::Source;

use super::pair::{example, pairs};
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
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.sub(&y).to_vec::<f32>()?", "[-3.000, 3.500, 0.000, 6.000]")]
    fn sub | try_sub(self, other: impl Operand) {
        binary("sub", self, other)
    }

    /// Product.
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.mul(&y).to_vec::<f32>()?", "[-2.000, -1.500, 4.000, -9.000]")]
    fn mul | try_mul(self, other: impl Operand) {
        binary("mul", self, other)
    }

    /// Quotient; that of integers is truncated.
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.div(&y).to_vec::<f32>()?", "[-0.500, -0.167, 1.000, -1.000]")]
    fn div | try_div(self, other: impl Operand) {
        binary("div", self, other)
    }

    /// Remainder with the sign of the dividend, as Rust's `%`.
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.rem(&y).to_vec::<f32>()?", "[-1.000, 0.500, 0.000, 0.000]")]
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
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.minimum(&y).to_vec::<f32>()?", "[-1.000, -3.000, 2.000, -3.000]")]
    fn minimum | try_minimum(self, other: impl Operand) {
        binary("min", self, other)
    }

    /// The larger of two numbers, element by element; NaN if either is.
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.maximum(&y).to_vec::<f32>()?", "[2.000, 0.500, 2.000, 3.000]")]
    fn maximum | try_maximum(self, other: impl Operand) {
        binary("max", self, other)
    }

    /// Angle of the point `(other, self)` in radians, in the right quadrant.
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.atan2(&y).to_vec::<f32>()?", "[-0.464, 2.976, 0.785, 2.356]")]
    fn atan2 | try_atan2(self, other: impl Operand) {
        binary("atan2", self, other)
    }

    /// `-x`.
    #[doc = example!("x.neg().to_vec::<f32>()?", "[1.000, -0.500, -2.000, -3.000]")]
    fn neg | try_neg(self) {
        unary("neg", self)
    }

    /// `|x|`.
    #[doc = example!("x.abs().to_vec::<f32>()?", "[1.000, 0.500, 2.000, 3.000]")]
    fn abs | try_abs(self) {
        unary("abs", self)
    }

    /// -1, 0 or 1 by the sign; NaN for NaN.
    #[doc = example!("x.sign().to_vec::<f32>()?", "[-1.000, 1.000, 1.000, 1.000]")]
    fn sign | try_sign(self) {
        unary("sign", self)
    }

    /// `1 / x`.
    #[doc = example!("x.reciprocal().to_vec::<f32>()?", "[-1.000, 2.000, 0.500, 0.333]")]
    fn reciprocal | try_reciprocal(self) {
        unary("recip", self)
    }

    /// Square root; NaN below 0.
    #[doc = example!("let x = x.abs();", "x.sqrt().to_vec::<f32>()?", "[1.000, 0.707, 1.414, 1.732]")]
    fn sqrt | try_sqrt(self) {
        unary("sqrt", self)
    }

    /// `1 / sqrt(x)`.
    #[doc = example!("let x = x.abs();", "x.rsqrt().to_vec::<f32>()?", "[1.000, 1.414, 0.707, 0.577]")]
    fn rsqrt | try_rsqrt(self) {
        unary("rsqrt", self)
    }

    /// e to the power `x`.
    #[doc = example!("x.exp().to_vec::<f32>()?", "[0.368, 1.649, 7.389, 20.086]")]
    fn exp | try_exp(self) {
        unary("exp", self)
    }

    /// `e^x - 1`, accurate near 0.
    #[doc = example!("x.expm1().to_vec::<f32>()?", "[-0.632, 0.649, 6.389, 19.086]")]
    fn expm1 | try_expm1(self) {
        unary("expm1", self)
    }

    /// Natural logarithm.
    #[doc = example!("let x = x.abs();", "x.log().to_vec::<f32>()?", "[0.000, -0.693, 0.693, 1.099]")]
    fn log | try_log(self) {
        unary("log", self)
    }

    /// `ln(1 + x)`, accurate near 0.
    #[doc = example!("let x = x.abs();", "x.log1p().to_vec::<f32>()?", "[0.693, 0.405, 1.099, 1.386]")]
    fn log1p | try_log1p(self) {
        unary("log1p", self)
    }

    /// Sine of radians.
    #[doc = example!("x.sin().to_vec::<f32>()?", "[-0.841, 0.479, 0.909, 0.141]")]
    fn sin | try_sin(self) {
        unary("sin", self)
    }

    /// Cosine of radians.
    #[doc = example!("x.cos().to_vec::<f32>()?", "[0.540, 0.878, -0.416, -0.990]")]
    fn cos | try_cos(self) {
        unary("cos", self)
    }

    /// Hyperbolic tangent.
    #[doc = example!("x.tanh().to_vec::<f32>()?", "[-0.762, 0.462, 0.964, 0.995]")]
    fn tanh | try_tanh(self) {
        unary("tanh", self)
    }

    /// Error function.
    #[doc = example!("x.erf().to_vec::<f32>()?", "[-0.843, 0.520, 0.995, 1.000]")]
    fn erf | try_erf(self) {
        unary("erf", self)
    }

    /// Largest integer not above.
    #[doc = example!("x.floor().to_vec::<f32>()?", "[-1.000, 0.000, 2.000, 3.000]")]
    fn floor | try_floor(self) {
        rounded("floor", self)
    }

    /// Smallest integer not below.
    #[doc = example!("x.ceil().to_vec::<f32>()?", "[-1.000, 1.000, 2.000, 3.000]")]
    fn ceil | try_ceil(self) {
        rounded("ceil", self)
    }

    /// Nearest integer; halves go to the even one.
    #[doc = example!("x.round().to_vec::<f32>()?", "[-1.000, 0.000, 2.000, 3.000]")]
    fn round | try_round(self) {
        rounded("round", self)
    }

    /// Integer part, towards 0.
    #[doc = example!("x.trunc().to_vec::<f32>()?", "[-1.000, 0.000, 2.000, 3.000]")]
    fn trunc | try_trunc(self) {
        rounded("trunc", self)
    }

    /// The largest integer not above `x / y`, of floats and of integers, as Python's `//`: NaN for an infinite `x`, and the quotient
    /// where a float is divided by 0.
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.floor_div(&y).to_vec::<f32>()?", "[-1.000, -1.000, 1.000, -1.000]")]
    fn floor_div | try_floor_div(self, other: impl Operand) {
        binary("floor_div", self, other)
    }

    /// `x * x`.
    #[doc = example!("x.square().to_vec::<f32>()?", "[1.000, 0.250, 4.000, 9.000]")]
    fn square | try_square(self) {
        unary("square", self)
    }

    /// 2 to the power `x`.
    #[doc = example!("x.exp2().to_vec::<f32>()?", "[0.500, 1.414, 4.000, 8.000]")]
    fn exp2 | try_exp2(self) {
        unary("exp2", self)
    }

    /// Logarithm to base 2.
    #[doc = example!("let x = x.abs();", "x.log2().to_vec::<f32>()?", "[0.000, -1.000, 1.000, 1.585]")]
    fn log2 | try_log2(self) {
        unary("log2", self)
    }

    /// Logarithm to base 10.
    #[doc = example!("let x = x.abs();", "x.log10().to_vec::<f32>()?", "[0.000, -0.301, 0.301, 0.477]")]
    fn log10 | try_log10(self) {
        unary("log10", self)
    }

    /// Tangent of radians.
    #[doc = example!("x.tan().to_vec::<f32>()?", "[-1.557, 0.546, -2.185, -0.143]")]
    fn tan | try_tan(self) {
        unary("tan", self)
    }

    /// Inverse sine, in radians; NaN outside of -1..=1.
    #[doc = example!("let x = x.clamp(-0.9, 0.9);", "x.asin().to_vec::<f32>()?", "[-1.120, 0.524, 1.120, 1.120]")]
    fn asin | try_asin(self) {
        unary("asin", self)
    }

    /// Inverse cosine, in radians; NaN outside of -1..=1.
    #[doc = example!("let x = x.clamp(-0.9, 0.9);", "x.acos().to_vec::<f32>()?", "[2.691, 1.047, 0.451, 0.451]")]
    fn acos | try_acos(self) {
        unary("acos", self)
    }

    /// Inverse tangent, in radians.
    #[doc = example!("x.atan().to_vec::<f32>()?", "[-0.785, 0.464, 1.107, 1.249]")]
    fn atan | try_atan(self) {
        unary("atan", self)
    }

    /// Hyperbolic sine.
    #[doc = example!("x.sinh().to_vec::<f32>()?", "[-1.175, 0.521, 3.627, 10.018]")]
    fn sinh | try_sinh(self) {
        unary("sinh", self)
    }

    /// Hyperbolic cosine.
    #[doc = example!("x.cosh().to_vec::<f32>()?", "[1.543, 1.128, 3.762, 10.068]")]
    fn cosh | try_cosh(self) {
        unary("cosh", self)
    }

    /// Inverse hyperbolic sine.
    #[doc = example!("x.asinh().to_vec::<f32>()?", "[-0.881, 0.481, 1.444, 1.818]")]
    fn asinh | try_asinh(self) {
        unary("asinh", self)
    }

    /// Inverse hyperbolic cosine; NaN below 1.
    #[doc = example!("let x = x.abs() + 1.0;", "x.acosh().to_vec::<f32>()?", "[1.317, 0.962, 1.763, 2.063]")]
    fn acosh | try_acosh(self) {
        unary("acosh", self)
    }

    /// Inverse hyperbolic tangent; NaN outside of -1..=1.
    #[doc = example!("let x = x.clamp(-0.9, 0.9);", "x.atanh().to_vec::<f32>()?", "[-1.472, 0.549, 1.472, 1.472]")]
    fn atanh | try_atanh(self) {
        unary("atanh", self)
    }

    /// What is left of `x` beside its integer part.
    #[doc = example!("x.frac().to_vec::<f32>()?", "[0.000, 0.500, 0.000, 0.000]")]
    fn frac | try_frac(self) {
        unary("frac", self)
    }

    /// `1 - erf(x)`, without cancellation for large `x`.
    #[doc = example!("x.erfc().to_vec::<f32>()?", "[1.843, 0.480, 0.005, 0.000]")]
    fn erfc | try_erfc(self) {
        unary("erfc", self)
    }

    /// `x` held between two numbers; NaN stays.
    #[doc = example!("x.clamp(0.0, 2.0).to_vec::<f32>()?", "[0.000, 0.500, 2.000, 2.000]")]
    fn clamp | try_clamp(self, low: impl Operand, high: impl Operand) {
        self.try_maximum(low)?.try_minimum(high)
    }

    /// `x + weight * (end - x)`.
    #[doc = example!("let y = Tensor::from_vec(vec![2.0f32, -3.0], [2], &device);", "x.lerp(&y, 0.5).to_vec::<f32>()?", "[0.500, -1.250, 2.000, 0.000]")]
    fn lerp | try_lerp(self, end: impl AsRef<Tensor>, weight: impl Operand) {
        let end = end.as_ref();
        let weight = weight.beside(self)?;
        apply("lerp", &[self, end, &weight], Attrs::new())
    }
}
