//! Elements picked and placed by index tensors.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{DType, Dim, Source};

use super::pair::{example, pairs};
use super::views::cut;
use super::{Tensor, apply};
use crate::error::{Error, Result};
use crate::shape::Size;

#[track_caller]
fn along(op: &'static str, x: &Tensor, index: &Tensor, axis: isize) -> Result<Tensor> {
    let (row, axis) = x.along(axis)?;
    apply(op, &[&row, index], Attrs::new().int("axis", axis as i64))
}

#[track_caller]
fn picked(x: &Tensor, index: &Tensor, axis: isize) -> Result<Tensor> {
    along("take_along", x, &index.with_axis()?, axis)?.without_axis_of(index)
}

/// The updates that an index has places for: those in the index's shape.
#[track_caller]
fn within(index: &Tensor, updates: &Tensor) -> Result<Tensor> {
    let (wanted, own) = (index.shape(), updates.shape());
    let mut part = updates.clone();
    if own.rank() == wanted.rank() {
        for (axis, size) in wanted.sizes().iter().enumerate() {
            if own.size(axis).dim() != size.dim() {
                part = cut(&part, axis, &Size::from(0), size, 1)?;
            }
        }
    }
    Ok(part)
}

#[track_caller]
fn scattered(
    x: &Tensor,
    axis: isize,
    index: &Tensor,
    updates: &Tensor,
    mode: &str,
) -> Result<Tensor> {
    let (row, axis) = x.along(axis)?;
    let (index, updates) = (index.with_axis()?, updates.with_axis()?);
    let axis = axis as i64;
    let attrs = Attrs::new().int("axis", axis).str("mode", mode);
    apply("scatter", &[&row, &index, &within(&index, &updates)?], attrs)?.without_axis_of(x)
}

pairs! {
    /// The slices along an axis named by a vector of indices, or by one index. An index out of range gives a slice of zeros; the backend
    /// `reference` refuses it.
    #[doc = example!("let index = Tensor::from_vec(vec![1i64, 0], [2], &device);", "x.index_select(0, &index).to_vec::<f32>()?", "[2.000, 3.000, -1.000, 0.500]")]
    fn index_select | try_index_select(self, axis: isize, index: impl AsRef<Tensor>) {
        let index = index.as_ref();
        if index.rank() > 1 {
            let message = format!("index_select: the index must be a vector, but its shape is {}", index.shape());
            return Err(Error::at("shape", message, Source::caller()));
        }
        along("gather", self, &index.with_axis()?, axis)?.without_axis_of(self)
    }

    /// The rows of this matrix named by an index tensor of any shape. An index out of range gives a row of zeros; the backend `reference`
    /// refuses it.
    #[doc = example!("let index = Tensor::from_vec(vec![1i64, 0], [2], &device);", "x.embedding(&index).to_vec::<f32>()?", "[2.000, 3.000, -1.000, 0.500]")]
    fn embedding | try_embedding(self, index: impl AsRef<Tensor>) {
        let index = index.as_ref();
        apply("embedding", &[self, index], Attrs::new())
    }

    /// Elements picked along an axis: the result has the index's shape, and its element is the one of this tensor whose coordinate
    /// along `axis` is the index and whose others are its own. An index out of range gives 0; the
    /// backend `reference` refuses it.
    #[doc = example!("let index = Tensor::from_vec(vec![1i64, 0], [2, 1], &device);", "x.gather(1, &index).to_vec::<f32>()?", "[0.500, 2.000]")]
    fn gather | try_gather(self, axis: isize, index: impl AsRef<Tensor>) {
        let index = index.as_ref();
        picked(self, index, axis)
    }

    /// As [`Tensor::gather`], under numpy's name.
    #[doc = example!("let index = Tensor::from_vec(vec![1i64, 0], [2, 1], &device);", "x.take_along(&index, 1).to_vec::<f32>()?", "[0.500, 2.000]")]
    fn take_along | try_take_along(self, index: impl AsRef<Tensor>, axis: isize) {
        let index = index.as_ref();
        picked(self, index, axis)
    }

    /// This tensor with `updates` written where the index says along an axis. The index may be smaller than this tensor and than the
    /// updates: the first of those are written then. Which of several updates of one element stays is not defined, and an index out of
    /// range writes nothing; the backend `reference` refuses it.
    #[doc = example!("let index = Tensor::from_vec(vec![1i64, 0], [2, 1], &device); let updates = Tensor::full([2, 1], 9.0f32, &device);", "x.scatter(1, &index, &updates).to_vec::<f32>()?", "[-1.000, 9.000, 9.000, 3.000]")]
    fn scatter | try_scatter(self, axis: isize, index: impl AsRef<Tensor>, updates: impl AsRef<Tensor>) {
        let (index, updates) = (index.as_ref(), updates.as_ref());
        scattered(self, axis, index, updates, "set")
    }

    /// This tensor with `updates` added where the index says along an axis; see [`Tensor::scatter`] for the index.
    #[doc = example!("let index = Tensor::from_vec(vec![1i64, 0], [2, 1], &device); let updates = Tensor::full([2, 1], 9.0f32, &device);", "x.scatter_add(1, &index, &updates).to_vec::<f32>()?", "[-1.000, 9.500, 11.000, 3.000]")]
    fn scatter_add | try_scatter_add(self, axis: isize, index: impl AsRef<Tensor>, updates: impl AsRef<Tensor>) {
        let (index, updates) = (index.as_ref(), updates.as_ref());
        scattered(self, axis, index, updates, "add")
    }

    /// Integer classes as i64 vectors that are 1 at the class and 0 elsewhere; a class out of range has no 1.
    #[doc = example!("let index = Tensor::from_vec(vec![1i64, 0], [2], &device);", "index.one_hot(3).to_vec::<i64>()?", "[0, 1, 0, 1, 0, 0]")]
    fn one_hot | try_one_hot(self, classes: usize) {
        let attrs = Attrs::new().dims("depth", &[Dim::from(classes)]).dtype("dtype", DType::I64);
        apply("one_hot", &[self], attrs)
    }
}
