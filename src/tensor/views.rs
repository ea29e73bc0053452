//! Other shapes and orders of the same elements, and tensors put together.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{Dim, Source};

use super::pair::{example, pairs};
use super::reduce::{Axes, ints};
use super::{Tensor, apply};
use crate::error::{Error, Result};
use crate::fault::{Method, expect};
use crate::shape::{Shape, Size};

#[track_caller]
fn fault<T>(message: String) -> Result<T> {
    Err(Error::at("shape", message, Source::caller()))
}

#[track_caller]
fn permuted(x: &Tensor, axes: &[usize]) -> Result<Tensor> {
    apply("permute", &[x], Attrs::new().ints("axes", &ints(axes)))
}

/// Elements `start..end` of one axis, each `step`-th.
#[track_caller]
pub(super) fn cut(x: &Tensor, axis: usize, start: &Size, end: &Size, step: i64) -> Result<Tensor> {
    let mut starts = vec![Dim::constant(0); x.rank()];
    let mut ends = x.shape().dims();
    let mut steps = vec![1; x.rank()];
    starts[axis] = start.dim().clone();
    ends[axis] = end.dim().clone();
    steps[axis] = step;
    apply(
        "slice",
        &[x],
        Attrs::new().dims("starts", &starts).dims("ends", &ends).ints("steps", &steps),
    )
}

#[track_caller]
fn pad_all(x: &Tensor, low: &[Dim], high: &[Dim], value: f64) -> Result<Tensor> {
    apply("pad", &[x], Attrs::new().dims("low", low).dims("high", high).float("value", value))
}

/// Overlapping windows of axes; their elements are new axes at the end.
#[track_caller]
pub(super) fn windows(
    x: &Tensor,
    axes: &[usize],
    sizes: &[Size],
    strides: &[i64],
    dilations: &[i64],
) -> Result<Tensor> {
    let sizes: Vec<Dim> = sizes.iter().map(|size| size.dim().clone()).collect();
    let attrs = Attrs::new()
        .ints("axes", &ints(axes))
        .dims("sizes", &sizes)
        .ints("strides", strides)
        .ints("dilations", dilations);
    apply("window", &[x], attrs)
}

/// An index that may count from the end.
fn from_end(index: i64, size: &Size) -> Size {
    if index < 0 { size + index } else { Size::from(index) }
}

pairs! {
    /// The same elements in row-major order under another shape; one size may be -1.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::arange(0..12, &Device::cpu());
    /// assert_eq!(x.reshape([3, -1]).shape(), [3, 4]);
    /// ```
    fn reshape | try_reshape(self, shape: impl Into<Shape>) {
        let shape = shape.into().filled("reshape", &self.numel())?;
        apply("reshape", &[self], Attrs::new().dims("dims", &shape.dims()))
    }

    /// As [`Tensor::reshape`]; every tensor is dense, so that there is always a view.
    #[doc = example!("x.view(shape![1, -1]).shape()", "[1, 4]")]
    fn view | try_view(self, shape: impl Into<Shape>) {
        self.try_reshape(shape)
    }

    /// Axes `start` to `end`, both included, as one.
    #[doc = example!("x.flatten(0, -1).shape()", "[4]")]
    fn flatten | try_flatten(self, start: isize, end: isize) {
        if self.rank() == 0 {
            return self.try_reshape([1]);
        }
        let (start, end) = (self.axis(start)?, self.axis(end)?);
        if start > end {
            return fault(format!("flatten: axis {start} lies behind axis {end}"));
        }
        let shape = self.shape();
        let merged = shape.sizes()[start..=end].iter().fold(Size::from(1), |n, size| n * size);
        let sizes = [&shape.sizes()[..start], &[merged], &shape.sizes()[end + 1..]].concat();
        self.try_reshape(sizes)
    }

    /// One axis as several; one of their sizes may be -1.
    #[doc = example!("x.unflatten(0, [2, 1]).shape()", "[2, 1, 2]")]
    fn unflatten | try_unflatten(self, axis: isize, sizes: impl Into<Shape>) {
        let axis = self.axis(axis)?;
        let shape = self.shape();
        let parts = sizes.into().filled("unflatten", &shape.size(axis))?;
        self.try_reshape([&shape.sizes()[..axis], parts.sizes(), &shape.sizes()[axis + 1..]].concat())
    }

    /// Axes in another order: axis `k` of the result is axis `axes[k]` of this tensor.
    #[doc = example!("x.permute([1, 0]).to_vec::<f32>()?", "[-1.000, 2.000, 0.500, 3.000]")]
    fn permute | try_permute(self, axes: impl AsRef<[isize]>) {
        let mut positions = Vec::new();
        for &axis in axes.as_ref() {
            positions.push(self.axis(axis)?);
        }
        permuted(self, &positions)
    }

    /// Two axes exchanged.
    #[doc = example!("x.transpose(0, 1).to_vec::<f32>()?", "[-1.000, 2.000, 0.500, 3.000]")]
    fn transpose | try_transpose(self, a: isize, b: isize) {
        if self.is_axis_of_scalar(a) && self.is_axis_of_scalar(b) {
            return Ok(self.clone());
        }
        let mut axes: Vec<usize> = (0..self.rank()).collect();
        axes.swap(self.axis(a)?, self.axis(b)?);
        permuted(self, &axes)
    }

    /// A matrix transposed; tensors of rank 0 and 1 stay as they are.
    #[doc = example!("x.t().to_vec::<f32>()?", "[-1.000, 2.000, 0.500, 3.000]")]
    fn t | try_t(self) {
        match self.rank() {
            0 | 1 => Ok(self.clone()),
            2 => permuted(self, &[1, 0]),
            rank => fault(format!("t: a tensor of rank {rank} is no matrix; use `transpose`")),
        }
    }

    /// Without an axis of size 1; an axis of another size stays.
    #[doc = example!("x.unsqueeze(0).squeeze(0).shape()", "[2, 2]")]
    fn squeeze | try_squeeze(self, axis: isize) {
        if self.is_axis_of_scalar(axis) {
            return Ok(self.clone());
        }
        let axis = self.axis(axis)?;
        let shape = self.shape();
        if shape.size(axis) != 1 {
            return Ok(self.clone());
        }
        self.try_reshape([&shape.sizes()[..axis], &shape.sizes()[axis + 1..]].concat())
    }

    /// With a new axis of size 1 at a position; -1 is behind the last.
    #[doc = example!("x.unsqueeze(-1).shape()", "[2, 2, 1]")]
    fn unsqueeze | try_unsqueeze(self, axis: isize) {
        let rank = self.rank() as isize;
        if !(-rank - 1..=rank).contains(&axis) {
            return fault(format!("unsqueeze: axis {axis} is out of range for a tensor of rank {rank}"));
        }
        let at = axis.rem_euclid(rank + 1) as usize;
        let shape = self.shape();
        self.try_reshape([&shape.sizes()[..at], &[Size::from(1)], &shape.sizes()[at..]].concat())
    }

    /// Axes of size 1 repeated, and new axes in front; a size of -1 stays as it is.
    #[doc = example!("x.unsqueeze(0).expand([3, 2, 2]).shape()", "[3, 2, 2]")]
    fn expand | try_expand(self, shape: impl Into<Shape>) {
        let (to, own) = (shape.into(), self.shape());
        let offset = to.rank().saturating_sub(own.rank());
        let kept = |(k, size): (usize, &Size)| match (size.dim().as_const(), k.checked_sub(offset)) {
            (Some(-1), Some(axis)) => own.size(axis),
            _ => size.clone(),
        };
        let sizes: Vec<Size> = to.sizes().iter().enumerate().map(kept).collect();
        let dims = Shape::from(sizes).counted("expand")?.dims();
        if dims == own.dims() {
            return Ok(self.clone());
        }
        apply("expand", &[self], Attrs::new().dims("dims", &dims))
    }

    /// As [`Tensor::expand`].
    #[doc = example!("x.broadcast_to([3, 2, 2]).shape()", "[3, 2, 2]")]
    fn broadcast_to | try_broadcast_to(self, shape: impl Into<Shape>) {
        self.try_expand(shape)
    }

    /// The whole repeated along each axis; more numbers than axes add axes in front.
    #[doc = example!("x.repeat([1, 2]).to_vec::<f32>()?", "[-1.000, 0.500, -1.000, 0.500, 2.000, 3.000, 2.000, 3.000]")]
    fn repeat | try_repeat(self, times: impl AsRef<[usize]>) {
        let times = times.as_ref();
        let rank = times.len();
        if rank < self.rank() {
            return fault(format!("repeat: {rank} numbers for a tensor of rank {}; give one for each axis", self.rank()));
        }
        let times: Vec<Dim> = times.iter().map(|&n| Dim::from(n)).collect();
        apply("tile", &[self], Attrs::new().dims("repeats", &times))
    }

    /// As [`Tensor::repeat`]; missing numbers in front are 1.
    #[doc = example!("x.tile([2]).to_vec::<f32>()?", "[-1.000, 0.500, -1.000, 0.500, 2.000, 3.000, 2.000, 3.000]")]
    fn tile | try_tile(self, times: impl AsRef<[usize]>) {
        let times = times.as_ref();
        let mut all = vec![1; self.rank().saturating_sub(times.len())];
        all.extend_from_slice(times);
        self.try_repeat(&all)
    }

    /// Parts of `size` elements along an axis; the last may be smaller.
    #[doc = example!("let parts = x.split(1, 0);", "parts[1].to_vec::<f32>()?", "[2.000, 3.000]")]
    fn split | try_split(self, size: usize, axis: isize) -> Vec<Tensor> {
        if size == 0 {
            return fault("split: parts of 0 elements never end".to_owned());
        }
        let axis = self.axis(axis)?;
        let n = self.shape().size(axis).get();
        let mut parts = Vec::new();
        for start in (0..n.max(1)).step_by(size) {
            parts.push(cut(self, axis, &start.into(), &(start + size).min(n).into(), 1)?);
        }
        Ok(parts)
    }

    /// Parts of the given sizes along an axis; they must add up to it.
    #[doc = example!("let parts = x.split_sizes([1, 1], 0);", "parts[1].to_vec::<f32>()?", "[2.000, 3.000]")]
    fn split_sizes | try_split_sizes(self, sizes: impl AsRef<[usize]>, axis: isize) -> Vec<Tensor> {
        let sizes = sizes.as_ref();
        let at = self.axis(axis)?;
        let total: usize = sizes.iter().sum();
        if self.shape().size(at) != total {
            return fault(format!("split: parts {sizes:?} have {total} elements, but axis {axis} of shape {}", self.shape()));
        }
        let mut start = 0;
        let mut parts = Vec::new();
        for &size in sizes {
            parts.push(cut(self, at, &start.into(), &(start + size).into(), 1)?);
            start += size;
        }
        Ok(parts)
    }

    /// At most `n` parts of equal size along an axis; the last may be smaller. An axis without elements gives `n` parts without any.
    #[doc = example!("let parts = x.chunk(2, 0);", "parts[1].to_vec::<f32>()?", "[2.000, 3.000]")]
    fn chunk | try_chunk(self, n: usize, axis: isize) -> Vec<Tensor> {
        if n == 0 {
            return fault("chunk: there must be at least 1 part".to_owned());
        }
        let size = self.shape().size(self.axis(axis)?).get();
        if size == 0 {
            return Ok(vec![self.clone(); n]);
        }
        self.try_split(size.div_ceil(n).max(1), axis)
    }

    /// The slices along an axis, without it.
    #[doc = example!("let parts = x.unbind(0);", "parts[1].to_vec::<f32>()?", "[2.000, 3.000]")]
    fn unbind | try_unbind(self, axis: isize) -> Vec<Tensor> {
        let n = self.shape().size(self.axis(axis)?).get();
        let mut parts = Vec::new();
        for index in 0..n {
            parts.push(self.try_select(axis, index as i64)?);
        }
        Ok(parts)
    }

    /// `length` elements of an axis from `start` on; a negative start counts from the end.
    #[doc = example!("x.narrow(0, 1, 1).to_vec::<f32>()?", "[2.000, 3.000]")]
    fn narrow | try_narrow(self, axis: isize, start: impl Into<Size>, length: impl Into<Size>) {
        let (axis, start) = (self.axis(axis)?, start.into());
        let start = match start.dim().as_const() {
            Some(number) => from_end(number, &self.shape().size(axis)),
            None => start,
        };
        cut(self, axis, &start, &(&start + length.into()), 1)
    }

    /// One slice of an axis, without the axis; a negative index counts from the end.
    #[doc = example!("x.select(0, -1).to_vec::<f32>()?", "[2.000, 3.000]")]
    fn select | try_select(self, axis: isize, index: i64) {
        let axis = self.axis(axis)?;
        let shape = self.shape();
        let start = from_end(index, &shape.size(axis));
        let one = cut(self, axis, &start, &(&start + 1), 1)?;
        one.try_reshape([&shape.sizes()[..axis], &shape.sizes()[axis + 1..]].concat())
    }

    /// Elements `start..end` of an axis, each `step`-th. Negative bounds count from the end, and bounds beyond it are cut off
    /// there: `x.slice(0, 1, i64::MAX, 1)` is all but the first.
    #[doc = example!("x.slice(1, 0, 2, 2).to_vec::<f32>()?", "[-1.000, 2.000]")]
    fn slice | try_slice(self, axis: isize, start: i64, end: i64, step: usize) {
        if step == 0 {
            return fault("slice: the step is 0, but must be at least 1".to_owned());
        }
        let axis = self.axis(axis)?;
        let size = self.shape().size(axis);
        let bound = |index: i64| {
            let at = from_end(index, &size);
            let (low, high) = (at.hint() < 0, at.hint() > size.hint());
            if low { Size::from(0) } else if high { size.clone() } else { at }
        };
        let (start, end) = (bound(start), bound(end));
        let end = if end.hint() < start.hint() { start.clone() } else { end };
        cut(self, axis, &start, &end, step as i64)
    }

    /// The order of elements along axes reversed.
    #[doc = example!("x.flip(1).to_vec::<f32>()?", "[0.500, -1.000, 3.000, 2.000]")]
    fn flip | try_flip(self, axes: impl Into<Axes>) {
        let axes = axes.into().of(self)?;
        apply("flip", &[self], Attrs::new().ints("axes", &ints(&axes)))
    }

    /// Elements moved along an axis; what leaves at the end comes in at the front.
    #[doc = example!("x.roll(1, 1).to_vec::<f32>()?", "[0.500, -1.000, 3.000, 2.000]")]
    fn roll | try_roll(self, shift: i64, axis: isize) {
        let axis = self.axis(axis)? as i64;
        apply("roll", &[self], Attrs::new().ints("shifts", &[shift]).ints("axes", &[axis]))
    }

    /// Elements of one value added around: a pair for each of the last axes, the last axis first, as in PyTorch. Negative numbers
    /// take elements away.
    #[doc = example!("x.pad(&[(0, 0), (1, 0)], 0.0).to_vec::<f32>()?", "[0.000, 0.000, -1.000, 0.500, 2.000, 3.000]")]
    fn pad | try_pad(self, pads: &[(i64, i64)], value: f64) {
        if pads.len() > self.rank() {
            return fault(format!("pad: {} pairs for a tensor of rank {}", pads.len(), self.rank()));
        }
        let mut low = vec![Dim::constant(0); self.rank()];
        let mut high = low.clone();
        for (k, &(before, after)) in pads.iter().enumerate() {
            let axis = self.rank() - 1 - k;
            low[axis] = Dim::constant(before);
            high[axis] = Dim::constant(after);
        }
        pad_all(self, &low, &high, value)
    }

    /// All windows of `size` elements along an axis, one each `step` elements; their elements are a new last axis.
    #[doc = example!("x.flatten(0, -1).unfold(0, 2, 1).to_vec::<f32>()?", "[-1.000, 0.500, 0.500, 2.000, 2.000, 3.000]")]
    fn unfold | try_unfold(self, axis: isize, size: usize, step: usize) {
        let (row, axis) = self.along(axis)?;
        let all = windows(&row, &[axis], &[size.into()], &[step as i64], &[1])?;
        if self.rank() == 0 { all.try_reshape([size]) } else { Ok(all) }
    }

    /// The matrices' elements on and below a diagonal; zeros above. Diagonal 0 is the main one, 1 the one above it.
    #[doc = example!("x.tril(0).to_vec::<f32>()?", "[-1.000, 0.000, 2.000, 3.000]")]
    fn tril | try_tril(self, diagonal: i64) {
        apply("tril", &[self], Attrs::new().int("k", diagonal))
    }

    /// The matrices' elements on and above a diagonal; zeros below.
    #[doc = example!("x.triu(0).to_vec::<f32>()?", "[-1.000, 0.500, 0.000, 3.000]")]
    fn triu | try_triu(self, diagonal: i64) {
        apply("triu", &[self], Attrs::new().int("k", diagonal))
    }

    /// The diagonal of two axes as a new last axis; `offset` chooses one above (positive) or below the main one.
    #[doc = example!("x.diagonal(0, 0, 1).to_vec::<f32>()?", "[-1.000, 3.000]")]
    fn diagonal | try_diagonal(self, offset: i64, a: isize, b: isize) {
        let (a, b) = (self.axis(a)? as i64, self.axis(b)? as i64);
        apply("diagonal", &[self], Attrs::new().int("offset", offset).int("axis1", a).int("axis2", b))
    }
}

impl Tensor {
    /// Tensors one behind the other along an axis; their other axes must be equal.
    ///
    /// # Panics
    /// When they do not fit; [`Tensor::try_cat`] returns the fault instead.
    #[doc = example!("Tensor::cat(&[&x, &x], 1).to_vec::<f32>()?", "[-1.000, 0.500, -1.000, 0.500, 2.000, 3.000, 2.000, 3.000]")]
    #[track_caller]
    pub fn cat<T: AsRef<Tensor>>(tensors: &[T], axis: isize) -> Tensor {
        expect(Tensor::try_cat(tensors, axis))
    }

    /// [`Tensor::cat`] with faults as errors.
    ///
    /// # Errors
    /// No tensors, or tensors that do not fit.
    #[track_caller]
    pub fn try_cat<T: AsRef<Tensor>>(tensors: &[T], axis: isize) -> Result<Tensor> {
        let _method = Method::begin("cat");
        let Some(first) = tensors.first() else {
            return fault("cat: there are no tensors to join".to_owned());
        };
        let axis = first.as_ref().axis(axis)? as i64;
        let tensors: Vec<&Tensor> = tensors.iter().map(AsRef::as_ref).collect();
        apply("concat", &tensors, Attrs::new().int("axis", axis))
    }

    /// Tensors of one shape one behind the other along a new axis.
    ///
    /// # Panics
    /// When they do not fit; [`Tensor::try_stack`] returns the fault instead.
    #[doc = example!("Tensor::stack(&[&x, &x], 0).shape()", "[2, 2, 2]")]
    #[track_caller]
    pub fn stack<T: AsRef<Tensor>>(tensors: &[T], axis: isize) -> Tensor {
        expect(Tensor::try_stack(tensors, axis))
    }

    /// [`Tensor::stack`] with faults as errors.
    ///
    /// # Errors
    /// No tensors, or tensors that do not fit.
    #[track_caller]
    pub fn try_stack<T: AsRef<Tensor>>(tensors: &[T], axis: isize) -> Result<Tensor> {
        let _method = Method::begin("stack");
        let mut rows = Vec::new();
        for tensor in tensors {
            rows.push(tensor.as_ref().try_unsqueeze(axis)?);
        }
        Tensor::try_cat(&rows, axis)
    }
}

impl AsRef<Tensor> for Tensor {
    fn as_ref(&self) -> &Tensor {
        self
    }
}
