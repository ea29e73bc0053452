//! Order along an axis.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::Dim;

use super::pair::pairs;
use super::{Tensor, apply};

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
        let attrs = Attrs::new().int("axis", self.axis(axis)? as i64).bool("descending", descending);
        Ok((apply("sort", &[self], attrs.clone())?, apply("argsort", &[self], attrs)?))
    }

    /// The indices that [`Tensor::sort`] takes its values from.
    fn argsort | try_argsort(self, axis: isize, descending: bool) {
        let attrs = Attrs::new().int("axis", self.axis(axis)? as i64).bool("descending", descending);
        apply("argsort", &[self], attrs)
    }

    /// The `k` largest values along an axis (the smallest, if not `largest`), in order, and their indices.
    fn topk | try_topk(self, k: usize, axis: isize, largest: bool) -> (Tensor, Tensor) {
        let attrs = Attrs::new()
            .dims("k", &[Dim::from(k)])
            .int("axis", self.axis(axis)? as i64)
            .bool("smallest", !largest);
        Ok((apply("top_k", &[self], attrs.clone())?, apply("top_k_indices", &[self], attrs)?))
    }
}
