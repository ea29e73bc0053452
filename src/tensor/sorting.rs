//! Order along an axis.
//!
//! An element's place is the number of elements that come before it. Counting them reads all pairs: right for any type, and one
//! fused kernel, but its time grows with the square of the axis.

use ferrodyne_plan::{DType, Source};

use super::Tensor;
use super::create::counted;
use super::pair::pairs;
use super::views::cut;
use crate::error::{Error, Result};
use crate::shape::Size;

/// For a tensor whose last axis is to be ordered: each element's place, as i64.
#[track_caller]
fn places(x: &Tensor, descending: bool) -> Result<Tensor> {
    let n = x.shape().size(x.rank() - 1);
    let index = counted([n].into(), 0, DType::I32, x.device())?;
    let (own, other) = (x.try_unsqueeze(-1)?, x.try_unsqueeze(-2)?);
    let mut before = if descending { other.try_gt(&own)? } else { other.try_lt(&own)? };
    let mut tied = other.try_eq(&own)?;
    if x.dtype().is_float() {
        let (own_nan, other_nan) = (own.try_isnan()?, other.try_isnan()?);
        let larger = if descending {
            other_nan.try_logical_and(&own_nan.try_logical_not()?)?
        } else {
            own_nan.try_logical_and(&other_nan.try_logical_not()?)?
        };
        before = before.try_logical_or(&larger)?;
        tied = tied.try_logical_or(&own_nan.try_logical_and(&other_nan)?)?;
    }
    let earlier = index.try_unsqueeze(0)?.try_lt(&index.try_unsqueeze(1)?)?;
    let before = before.try_logical_or(&tied.try_logical_and(&earlier)?)?;
    before.try_to_dtype(DType::I64)?.try_sum_dim(-1, false)
}

#[track_caller]
fn sorted(x: &Tensor, axis: isize, descending: bool) -> Result<(Tensor, Tensor)> {
    if x.dtype() == DType::Bool {
        let message = "sort: `x` is bool, but must be a number: convert it with `to_dtype`";
        return Err(Error::at("dtype", message, Source::caller()));
    }
    let last = x.try_transpose(axis, -1)?;
    let places = places(&last, descending)?;
    let shape = last.shape();
    let index = counted(shape.clone(), shape.rank() - 1, DType::I64, x.device())?;
    let order = index.try_scatter(-1, &places, &index)?;
    let values = last.try_gather(-1, &order)?;
    Ok((values.try_transpose(axis, -1)?, order.try_transpose(axis, -1)?))
}

pairs! {
    /// Values in order along an axis, and the indices where they were. Equal values keep their order; NaN is the largest.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::from_vec(vec![3.0, 1.0, 2.0], [3], &Device::cpu());
    /// let (values, indices) = x.sort(0, false);
    /// assert_eq!(values.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
    /// assert_eq!(indices.to_vec::<i64>()?, [1, 2, 0]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    fn sort | try_sort(self, axis: isize, descending: bool) -> (Tensor, Tensor) {
        sorted(self, axis, descending)
    }

    /// The `k` largest values along an axis (the smallest, if not `largest`), in order, and their indices.
    fn topk | try_topk(self, k: usize, axis: isize, largest: bool) -> (Tensor, Tensor) {
        let at = self.axis(axis)?;
        let (values, indices) = sorted(self, axis, largest)?;
        let (zero, k) = (Size::from(0), Size::from(k));
        Ok((cut(&values, at, &zero, &k, 1)?, cut(&indices, at, &zero, &k, 1)?))
    }
}
