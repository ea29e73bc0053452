//! Order along an axis.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::Dim;

use super::pair::{example, pairs};
use super::{Tensor, apply};
use crate::error::Result;

/// Values and indices that two operators make of a row, in the shape of the tensor that the row is.
#[track_caller]
fn both(
    values: &'static str,
    indices: &'static str,
    x: &Tensor,
    row: &Tensor,
    attrs: Attrs,
) -> Result<(Tensor, Tensor)> {
    let (values, indices) = (apply(values, &[row], attrs.clone())?, apply(indices, &[row], attrs)?);
    Ok((values.without_axis_of(x)?, indices.without_axis_of(x)?))
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
        let (row, axis) = self.along(axis)?;
        let attrs = Attrs::new().int("axis", axis as i64).bool("descending", descending);
        both("sort", "argsort", self, &row, attrs)
    }

    /// The indices that [`Tensor::sort`] takes its values from.
    #[doc = example!("x.argsort(1, true).to_vec::<i64>()?", "[1, 0, 1, 0]")]
    fn argsort | try_argsort(self, axis: isize, descending: bool) {
        let (row, axis) = self.along(axis)?;
        let attrs = Attrs::new().int("axis", axis as i64).bool("descending", descending);
        apply("argsort", &[&row], attrs)?.without_axis_of(self)
    }

    /// The `k` largest values along an axis (the smallest, if not `largest`), in order, and their indices.
    #[doc = example!("let (values, indices) = x.flatten(0, -1).topk(2, 0, true);", "(values.to_vec::<f32>()?, indices.to_vec::<i64>()?)", "([3.000, 2.000], [3, 2])")]
    fn topk | try_topk(self, k: usize, axis: isize, largest: bool) -> (Tensor, Tensor) {
        let (row, axis) = self.along(axis)?;
        let attrs = Attrs::new()
            .dims("k", &[Dim::from(k)])
            .int("axis", axis as i64)
            .bool("smallest", !largest);
        both("top_k", "top_k_indices", self, &row, attrs)
    }
}
