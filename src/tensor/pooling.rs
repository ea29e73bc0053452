//! Pooling over windows, and images made larger or smaller.

use ferrodyne_plan::{DType, Source};

use super::Tensor;
use super::create::counted;
use super::pair::pairs;
use super::views::{pad_axis, windows};
use crate::error::{Error, Result};
use crate::shape::Size;

#[track_caller]
fn fault<T>(message: String) -> Result<T> {
    Err(Error::at("shape", message, Source::caller()))
}

/// The windows of the last two axes, with padding around; their elements are two new axes at the end.
#[track_caller]
fn planes(
    x: &Tensor,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    value: f64,
) -> Result<Tensor> {
    if x.rank() < 2 {
        return fault(format!("pooling: a tensor of rank {} has no planes", x.rank()));
    }
    let first = x.rank() - 2;
    let mut data = x.clone();
    for k in 0..2 {
        if padding[k] > 0 {
            data = pad_axis(&data, first + k, padding[k].into(), padding[k].into(), value)?;
        }
    }
    let ints = |v: [usize; 2]| [v[0] as i64, v[1] as i64];
    windows(&data, &[first, first + 1], &kernel.map(Size::from), &ints(stride), &ints(dilation))
}

/// Start of part `k` of `n` parts of an axis, and its end.
fn part(k: usize, n: usize, size: usize) -> (usize, usize) {
    (k * size / n, ((k + 1) * size).div_ceil(n))
}

/// The means of `n` overlapping parts of an axis: a product with the matrix that has one part's weights in each row.
#[track_caller]
fn averaged(x: &Tensor, axis: usize, n: usize) -> Result<Tensor> {
    let size = x.shape().size(axis).get();
    if n == 0 || size == 0 {
        return fault(format!(
            "adaptive_avg_pool2d: cannot make {n} parts of axis {axis} of shape {}",
            x.shape()
        ));
    }
    if size % n == 0 {
        let parts = x.try_unflatten(axis as isize, [n, size / n])?;
        return parts.try_mean_dim(axis as isize + 1, false);
    }
    let mut weights = vec![0f32; n * size];
    for k in 0..n {
        let (start, end) = part(k, n, size);
        weights[k * size + start..k * size + end].fill(1.0 / (end - start) as f32);
    }
    let weights = Tensor::try_from_vec(weights, [n, size], x.device())?.try_to_dtype(x.dtype())?;
    let last = x.try_transpose(axis as isize, -1)?.try_linear(&weights, None)?;
    last.try_transpose(axis as isize, -1)
}

/// Where each of `n` new elements lies among `size` old ones.
#[track_caller]
fn positions(x: &Tensor, n: usize, size: usize, align_corners: bool) -> Result<Tensor> {
    let index = counted([n].into(), 0, DType::F32, x.device())?;
    match align_corners {
        true => index.try_mul(if n > 1 { (size - 1) as f64 / (n - 1) as f64 } else { 0.0 }),
        false => {
            let middle = index.try_add(0.5)?.try_mul(size as f64 / n as f64)?.try_sub(0.5)?;
            middle.try_maximum(0.0)
        }
    }
}

/// One axis with another number of elements, each between its two neighbours.
#[track_caller]
fn resized(x: &Tensor, axis: usize, n: usize, align_corners: bool) -> Result<Tensor> {
    let size = x.shape().size(axis).get();
    if n == size {
        return Ok(x.clone());
    }
    let at = positions(x, n, size, align_corners)?;
    let low = at.try_floor()?;
    let mut along = vec![1; x.rank()];
    along[axis] = n;
    let weight = at.try_sub(&low)?.try_to_dtype(x.dtype())?.try_reshape(along)?;
    let low = low.try_to_dtype(DType::I32)?;
    let high = low.try_add(1)?.try_minimum(size - 1)?;
    let (low, high) =
        (x.try_index_select(axis as isize, &low)?, x.try_index_select(axis as isize, &high)?);
    low.try_lerp(&high, &weight)
}

pairs! {
    /// The largest element of each window of the last two axes. Outside of the data is minus infinity.
    fn max_pool2d | try_max_pool2d(self, kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2], dilation: [usize; 2]) {
        let lowest = if self.dtype().is_float() { f64::NEG_INFINITY } else { f64::from(i32::MIN) };
        planes(self, kernel, stride, padding, dilation, lowest)?.try_amax([-2, -1], false)
    }

    /// The mean of each window of the last two axes. Outside of the data is 0, which is counted only if `count_padding`.
    fn avg_pool2d | try_avg_pool2d(self, kernel: [usize; 2], stride: [usize; 2], padding: [usize; 2], count_padding: bool) {
        let sums = planes(self, kernel, stride, padding, [1, 1], 0.0)?.try_sum_dim([-2, -1], false)?;
        if count_padding || padding == [0, 0] {
            return sums.try_div(kernel[0] * kernel[1]);
        }
        let shape = self.shape();
        let plane = crate::Shape::from(&shape.sizes()[shape.rank() - 2..]);
        let ones = super::create::filled(plane, 1.0, self.dtype(), self.device())?;
        let counts = planes(&ones, kernel, stride, padding, [1, 1], 0.0)?.try_sum_dim([-2, -1], false)?;
        sums.try_div(&counts)
    }

    /// The means of as many parts of the last two axes as asked for; parts overlap where the sizes do not divide.
    fn adaptive_avg_pool2d | try_adaptive_avg_pool2d(self, size: [usize; 2]) {
        if self.rank() < 2 {
            return fault(format!("adaptive_avg_pool2d: a tensor of rank {} has no planes", self.rank()));
        }
        if size == [1, 1] {
            return self.try_mean_dim([-2, -1], true);
        }
        let rows = averaged(self, self.rank() - 2, size[0])?;
        averaged(&rows, self.rank() - 1, size[1])
    }

    /// The last two axes of `[N, C, H, W]` with other sizes. `mode` is `"nearest"` or `"bilinear"`.
    fn interpolate | try_interpolate(self, size: [usize; 2], mode: &str, align_corners: bool) {
        if self.rank() != 4 {
            return fault(format!("interpolate: `x` is {}, but must be [N, C, H, W]", self.shape()));
        }
        match mode {
            "bilinear" => {
                let rows = resized(self, 2, size[0], align_corners)?;
                resized(&rows, 3, size[1], align_corners)
            }
            "nearest" => {
                let mut result = self.clone();
                for (axis, n) in [(2, size[0]), (3, size[1])] {
                    let old = self.shape().size(axis).get();
                    let index: Vec<i32> = (0..n).map(|k| (k * old / n) as i32).collect();
                    let index = Tensor::try_from_vec(index, [n], self.device())?;
                    result = result.try_index_select(axis as isize, &index)?;
                }
                Ok(result)
            }
            other => {
                let message = format!("interpolate: there is no mode `{other}`; there are: nearest, bilinear");
                Err(Error::at("option", message, Source::caller()))
            }
        }
    }

    /// Channels spread over space: `[N, C * r * r, H, W]` becomes `[N, C, H * r, W * r]`.
    fn pixel_shuffle | try_pixel_shuffle(self, factor: usize) {
        if self.rank() != 4 {
            return fault(format!("pixel_shuffle: `x` is {}, but must be [N, C, H, W]", self.shape()));
        }
        let shape = self.shape();
        let [n, c, h, w] = [0, 1, 2, 3].map(|axis| shape.size(axis));
        let c = c / (factor * factor);
        let r = Size::from(factor);
        let parts = self.try_reshape(vec![n.clone(), c.clone(), r.clone(), r, h.clone(), w.clone()])?;
        parts.try_permute(&[0, 1, 4, 2, 5, 3])?.try_reshape(vec![n, c, h * factor, w * factor])
    }
}
