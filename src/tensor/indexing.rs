//! Elements picked and placed by index tensors.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{DType, Dim};

use super::pair::pairs;
use super::{Tensor, apply};
use crate::error::Result;

#[track_caller]
fn along(op: &'static str, inputs: &[&Tensor], axis: isize) -> Result<Tensor> {
    let axis = inputs[0].axis(axis)? as i64;
    apply(op, inputs, Attrs::new().int("axis", axis))
}

#[track_caller]
fn scattered(
    x: &Tensor,
    axis: isize,
    index: &Tensor,
    updates: &Tensor,
    mode: &str,
) -> Result<Tensor> {
    let axis = x.axis(axis)? as i64;
    apply("scatter", &[x, index, updates], Attrs::new().int("axis", axis).str("mode", mode))
}

pairs! {
    /// The slices along an axis named by a vector of indices.
    fn index_select | try_index_select(self, axis: isize, index: impl AsRef<Tensor>) {
        let index = index.as_ref();
        along("gather", &[self, index], axis)
    }

    /// The rows of this matrix named by an index tensor of any shape.
    fn embedding | try_embedding(self, index: impl AsRef<Tensor>) {
        let index = index.as_ref();
        apply("embedding", &[self, index], Attrs::new())
    }

    /// Elements picked along an axis: the result has the index's shape, and its element is the one of this tensor whose coordinate
    /// along `axis` is the index and whose others are its own.
    fn gather | try_gather(self, axis: isize, index: impl AsRef<Tensor>) {
        let index = index.as_ref();
        along("take_along", &[self, index], axis)
    }

    /// As [`Tensor::gather`], under numpy's name.
    fn take_along | try_take_along(self, index: impl AsRef<Tensor>, axis: isize) {
        let index = index.as_ref();
        along("take_along", &[self, index], axis)
    }

    /// This tensor with `updates` written where the index says along an axis. Which of several updates of one element stays is
    /// not defined.
    fn scatter | try_scatter(self, axis: isize, index: impl AsRef<Tensor>, updates: impl AsRef<Tensor>) {
        let (index, updates) = (index.as_ref(), updates.as_ref());
        scattered(self, axis, index, updates, "set")
    }

    /// This tensor with `updates` added where the index says along an axis.
    fn scatter_add | try_scatter_add(self, axis: isize, index: impl AsRef<Tensor>, updates: impl AsRef<Tensor>) {
        let (index, updates) = (index.as_ref(), updates.as_ref());
        scattered(self, axis, index, updates, "add")
    }

    /// Integer classes as i64 vectors that are 1 at the class and 0 elsewhere.
    fn one_hot | try_one_hot(self, classes: usize) {
        let attrs = Attrs::new().dims("depth", &[Dim::from(classes)]).dtype("dtype", DType::I64);
        apply("one_hot", &[self], attrs)
    }
}
