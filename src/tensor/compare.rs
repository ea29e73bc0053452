//! Comparisons, logic and choice, element by element.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{DType, Source};

use super::arithmetic::{binary, unary};
use super::create::filled;
use super::pair::{example, pairs};
use super::{Operand, Tensor, apply, constant};
use crate::error::{Error, Result};

/// Two operands of one element type: a tensor's, where either is one.
fn together(mask: &Tensor, x: &impl Operand, y: &impl Operand) -> Result<(Tensor, Tensor)> {
    let like = match (x.as_tensor(), y.as_tensor()) {
        (Some(x), _) => x.clone(),
        (None, Some(y)) => y.clone(),
        (None, None) if x.is_float() || y.is_float() => constant(mask.device(), DType::F32, 0.0)?,
        (None, None) => constant(mask.device(), DType::I32, 0.0)?,
    };
    Ok((x.beside(&like)?, y.beside(&like)?))
}

pairs! {
    /// Whether elements are equal, as bool; NaN equals nothing.
    #[doc = example!(truth "x.eq(0.5).to_vec::<bool>()?", "[false, true, false, false]")]
    fn eq | try_eq(self, other: impl Operand) {
        binary("eq", self, other)
    }

    /// Whether elements differ, as bool.
    #[doc = example!(truth "x.ne(0.5).to_vec::<bool>()?", "[true, false, true, true]")]
    fn ne | try_ne(self, other: impl Operand) {
        binary("ne", self, other)
    }

    /// Whether `x < y`, as bool; false with NaN.
    #[doc = example!(truth "x.lt(0.5).to_vec::<bool>()?", "[true, false, false, false]")]
    fn lt | try_lt(self, other: impl Operand) {
        binary("lt", self, other)
    }

    /// Whether `x <= y`, as bool; false with NaN.
    #[doc = example!(truth "x.le(0.5).to_vec::<bool>()?", "[true, true, false, false]")]
    fn le | try_le(self, other: impl Operand) {
        binary("le", self, other)
    }

    /// Whether `x > y`, as bool; false with NaN.
    #[doc = example!(truth "x.gt(0.5).to_vec::<bool>()?", "[false, false, true, true]")]
    fn gt | try_gt(self, other: impl Operand) {
        binary("gt", self, other)
    }

    /// Whether `x >= y`, as bool; false with NaN.
    #[doc = example!(truth "x.ge(0.5).to_vec::<bool>()?", "[false, true, true, true]")]
    fn ge | try_ge(self, other: impl Operand) {
        binary("ge", self, other)
    }

    /// Whether both are true; numbers are true where they are not 0.
    #[doc = example!(truth "let (a, b) = (x.gt(0.0), x.lt(1.0));", "a.logical_and(&b).to_vec::<bool>()?", "[false, true, false, false]")]
    fn logical_and | try_logical_and(self, other: impl AsRef<Tensor>) {
        let other = other.as_ref();
        binary("logical_and", self, other)
    }

    /// Whether either is true; numbers are true where they are not 0.
    #[doc = example!(truth "let (a, b) = (x.gt(0.0), x.lt(1.0));", "a.logical_or(&b).to_vec::<bool>()?", "[true, true, true, true]")]
    fn logical_or | try_logical_or(self, other: impl AsRef<Tensor>) {
        let other = other.as_ref();
        binary("logical_or", self, other)
    }

    /// Whether exactly one is true; numbers are true where they are not 0.
    #[doc = example!(truth "let (a, b) = (x.gt(0.0), x.lt(1.0));", "a.logical_xor(&b).to_vec::<bool>()?", "[true, false, true, true]")]
    fn logical_xor | try_logical_xor(self, other: impl AsRef<Tensor>) {
        let other = other.as_ref();
        binary("logical_xor", self, other)
    }

    /// Whether it is false; numbers are false where they are 0.
    #[doc = example!(truth "x.gt(0.0).logical_not().to_vec::<bool>()?", "[true, false, false, false]")]
    fn logical_not | try_logical_not(self) {
        unary("logical_not", self)
    }

    /// Conjunction of truth values, or of the bits of integers; also `&`.
    #[doc = example!("let n = Tensor::from_vec(vec![1i64, 6, 12], [3], &device);", "n.bitwise_and(4).to_vec::<i64>()?", "[0, 4, 4]")]
    fn bitwise_and | try_bitwise_and(self, other: impl Operand) {
        binary("and", self, other)
    }

    /// Disjunction of truth values, or of the bits of integers; also `|`.
    #[doc = example!("let n = Tensor::from_vec(vec![1i64, 6, 12], [3], &device);", "n.bitwise_or(1).to_vec::<i64>()?", "[1, 7, 13]")]
    fn bitwise_or | try_bitwise_or(self, other: impl Operand) {
        binary("or", self, other)
    }

    /// Exclusive or of truth values, or of the bits of integers; also `^`.
    #[doc = example!("let n = Tensor::from_vec(vec![1i64, 6, 12], [3], &device);", "n.bitwise_xor(5).to_vec::<i64>()?", "[4, 3, 9]")]
    fn bitwise_xor | try_bitwise_xor(self, other: impl Operand) {
        binary("xor", self, other)
    }

    /// Complement of truth values, or of the bits of integers; also `!`.
    #[doc = example!("let n = Tensor::from_vec(vec![1i64, 6, 12], [3], &device);", "n.bitwise_not().to_vec::<i64>()?", "[-2, -7, -13]")]
    fn bitwise_not | try_bitwise_not(self) {
        unary("not", self)
    }

    /// `x << y` of integers; the amount is taken modulo the width of the type.
    #[doc = example!("let n = Tensor::from_vec(vec![1i64, 6, 12], [3], &device);", "n.bitwise_left_shift(1).to_vec::<i64>()?", "[2, 12, 24]")]
    fn bitwise_left_shift | try_bitwise_left_shift(self, by: impl Operand) {
        binary("shl", self, by)
    }

    /// `x >> y` of integers, arithmetic for signed types.
    #[doc = example!("let n = Tensor::from_vec(vec![1i64, 6, 12], [3], &device);", "n.bitwise_right_shift(1).to_vec::<i64>()?", "[0, 3, 6]")]
    fn bitwise_right_shift | try_bitwise_right_shift(self, by: impl Operand) {
        binary("shr", self, by)
    }

    /// Of a bool tensor: `x` where it holds, else `y`. All three broadcast. A number beside a tensor takes its type; two numbers make
    /// f32, or i32 where both are integers.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::from_vec(vec![-1.0, 2.0], [2], &Device::cpu());
    /// let y = x.gt(0).where_(&x, 0.0);
    /// assert_eq!(y.to_vec::<f32>()?, [0.0, 2.0]);
    /// assert_eq!(x.gt(0).where_(1.0, -1.0).to_vec::<f32>()?, [-1.0, 1.0]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn where_ | try_where_(self, x: impl Operand, y: impl Operand) {
        if self.dtype() != DType::Bool {
            let (dtype, shape) = (self.dtype(), self.shape());
            let message = format!(
                "where_: it is called on the condition, which must be bool, but is {dtype}{shape}: write `condition.where_(x, y)`"
            );
            return Err(Error::at("dtype", message, Source::caller()));
        }
        let (x, y) = together(self, &x, &y)?;
        apply("select", &[self, &x, &y], Attrs::new())
    }

    /// `value` where the mask holds, else this tensor.
    #[doc = example!("x.masked_fill(x.gt(1.0), 0.0).to_vec::<f32>()?", "[-1.000, 0.500, 0.000, 0.000]")]
    fn masked_fill | try_masked_fill(self, mask: impl AsRef<Tensor>, value: impl Operand) {
        let mask = mask.as_ref();
        let value = value.beside(self)?;
        apply("select", &[mask, &value, self], Attrs::new())
    }

    /// Whether it is not a number.
    #[doc = example!(truth "let x = (x - 0.5) / 0.0;", "x.isnan().to_vec::<bool>()?", "[false, true, false, false]")]
    fn isnan | try_isnan(self) {
        if self.dtype().is_integer() {
            return filled(self.shape(), 0.0, DType::Bool, self.device());
        }
        unary("is_nan", self)
    }

    /// Whether it is an infinity.
    #[doc = example!(truth "let x = (x - 0.5) / 0.0;", "x.isinf().to_vec::<bool>()?", "[true, false, true, true]")]
    fn isinf | try_isinf(self) {
        unary("is_inf", self)
    }

    /// Whether it is neither NaN nor an infinity.
    #[doc = example!(truth "let x = (x - 0.5) / 0.0;", "x.isfinite().to_vec::<bool>()?", "[false, false, false, false]")]
    fn isfinite | try_isfinite(self) {
        unary("is_finite", self)
    }
}
