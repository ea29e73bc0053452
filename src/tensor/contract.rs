//! Matrix products and convolutions.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{Dim, Source};

use super::activation::channelwise;
use super::pair::pairs;
use super::views::{cut, pad_axis};
use super::{Operand, Tensor, apply};
use crate::error::{Error, Result};
use crate::shape::{Shape, Size};

#[track_caller]
fn fault<T>(message: String) -> Result<T> {
    Err(Error::at("shape", message, Source::caller()))
}

/// A product with batch and contracted axes; the result has the batch axes, then the others of both.
#[track_caller]
pub(super) fn contracted(
    x: &Tensor,
    y: &Tensor,
    batch: (&[i64], &[i64]),
    contract: (&[i64], &[i64]),
) -> Result<Tensor> {
    let attrs = Attrs::new()
        .ints("lhs_batch", batch.0)
        .ints("rhs_batch", batch.1)
        .ints("lhs_contract", contract.0)
        .ints("rhs_contract", contract.1);
    apply("dot", &[x, y], attrs)
}

/// How a convolution moves over its data.
pub(super) struct Movement<'a> {
    pub(super) strides: &'a [usize],
    pub(super) pads: &'a [usize],
    pub(super) dilations: &'a [usize],
    pub(super) groups: usize,
}

#[track_caller]
fn convolved(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    by: &Movement<'_>,
) -> Result<Tensor> {
    let ints = |v: &[usize]| v.iter().map(|&n| n as i64).collect::<Vec<i64>>();
    let attrs = Attrs::new()
        .ints("strides", &ints(by.strides))
        .ints("pads", &ints(&[by.pads, by.pads].concat()))
        .ints("dilations", &ints(by.dilations))
        .int("groups", by.groups as i64)
        .str("layout", "nchw");
    with_bias(apply("conv", &[x, weight], attrs)?, bias)
}

#[track_caller]
fn with_bias(y: Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    match bias {
        Some(bias) => y.try_add(&channelwise(bias, y.rank())?),
        None => Ok(y),
    }
}

/// A transposed convolution: the convolution of data with zeros between its elements, by the reversed weight.
#[track_caller]
fn convolved_transposed(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    by: &Movement<'_>,
    output_pads: &[usize],
) -> Result<Tensor> {
    let spatial = by.strides.len();
    if x.rank() != spatial + 2 || weight.rank() != spatial + 2 {
        return fault(format!(
            "conv_transpose: `x` is {} and `weight` is {}, but both must have rank {}",
            x.shape(),
            weight.shape(),
            spatial + 2
        ));
    }
    let mut data = x.clone();
    for k in 0..spatial {
        data = spread(&data, k + 2, by.strides[k])?;
        let taps = weight.shape().size(k + 2);
        let reach = (taps - 1) * by.dilations[k] - by.pads[k];
        data = pad_axis(&data, k + 2, reach.clone(), reach + output_pads[k], 0.0)?;
    }
    let axes: Vec<isize> = (2..spatial as isize + 2).collect();
    let weight = exchanged(&weight.try_flip(axes)?, by.groups)?;
    let none = vec![0; spatial];
    let once = vec![1; spatial];
    let by = Movement { strides: &once, pads: &none, dilations: by.dilations, groups: by.groups };
    convolved(&data, &weight, bias, &by)
}

/// Zeros between the elements of an axis, so that they are `stride` apart.
#[track_caller]
fn spread(x: &Tensor, axis: usize, stride: usize) -> Result<Tensor> {
    if stride == 1 {
        return Ok(x.clone());
    }
    let size = x.shape().size(axis);
    let apart = pad_axis(
        &x.try_unsqueeze(axis as isize + 1)?,
        axis + 1,
        Size::from(0),
        Size::from(stride - 1),
        0.0,
    )?;
    let long = apart.try_flatten(axis as isize, axis as isize + 1)?;
    cut(&long, axis, &Size::from(0), &((size - 1) * stride + 1), 1)
}

/// A weight `[in, out / groups, ..]` as `[out, in / groups, ..]`.
#[track_caller]
fn exchanged(weight: &Tensor, groups: usize) -> Result<Tensor> {
    if groups == 1 {
        return weight.try_transpose(0, 1);
    }
    let apart = weight.try_unflatten(0, [Size::from(groups), Size::from(-1)])?;
    apart.try_transpose(1, 2)?.try_flatten(0, 1)
}

pairs! {
    /// Matrix product with the rules of numpy: vectors are rows or columns as needed, and axes in front broadcast.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let a = Tensor::ones([5, 2, 3], &Device::cpu());
    /// let b = Tensor::ones([3, 4], &Device::cpu());
    /// assert_eq!(a.matmul(&b).shape(), [5, 2, 4]);
    /// ```
    fn matmul | try_matmul(self, other: &Tensor) {
        match (self.rank(), other.rank()) {
            (0, _) | (_, 0) => fault(format!("matmul: {} and {} must both have a rank of at least 1", self.shape(), other.shape())),
            (m, 1) => contracted(self, other, (&[], &[]), (&[m as i64 - 1], &[0])),
            (1, 2) => contracted(self, other, (&[], &[]), (&[0], &[0])),
            (1, _) => {
                let row = self.try_unsqueeze(0)?.try_matmul(other)?;
                row.try_squeeze(-2)
            }
            (m, 2) => contracted(self, other, (&[], &[]), (&[m as i64 - 1], &[0])),
            _ => batched(self, other),
        }
    }

    /// Product of two matrices.
    fn mm | try_mm(self, other: &Tensor) {
        match (self.rank(), other.rank()) {
            (2, 2) => self.try_matmul(other),
            _ => fault(format!("mm: {} and {} must both be matrices; use `matmul`", self.shape(), other.shape())),
        }
    }

    /// Product of two batches of matrices.
    fn bmm | try_bmm(self, other: &Tensor) {
        match (self.rank(), other.rank()) {
            (3, 3) => contracted(self, other, (&[0], &[0]), (&[2], &[1])),
            _ => fault(format!("bmm: {} and {} must both have rank 3; use `matmul`", self.shape(), other.shape())),
        }
    }

    /// Sum of the products of two vectors.
    fn dot | try_dot(self, other: &Tensor) {
        match (self.rank(), other.rank()) {
            (1, 1) => contracted(self, other, (&[], &[]), (&[0], &[0])),
            _ => fault(format!("dot: {} and {} must both be vectors; use `matmul`", self.shape(), other.shape())),
        }
    }

    /// All products of the elements of two vectors.
    fn outer | try_outer(self, other: &Tensor) {
        match (self.rank(), other.rank()) {
            (1, 1) => self.try_unsqueeze(1)?.try_mul(&other.try_unsqueeze(0)?),
            _ => fault(format!("outer: {} and {} must both be vectors", self.shape(), other.shape())),
        }
    }

    /// `beta * self + alpha * (a @ b)`.
    fn addmm | try_addmm(self, a: &Tensor, b: &Tensor, beta: f64, alpha: f64) {
        let product = a.try_mm(b)?;
        let product = if alpha == 1.0 { product } else { product.try_mul(alpha)? };
        let own = if beta == 1.0 { self.clone() } else { self.try_mul(beta)? };
        own.try_add(&product)
    }

    /// `x @ weight^T + bias`, for a weight `[out, in]`.
    fn linear | try_linear(self, weight: &Tensor, bias: Option<&Tensor>) {
        if self.rank() == 0 || weight.rank() != 2 {
            return fault(format!("linear: `x` is {} and `weight` is {}, but the weight must be [out, in]", self.shape(), weight.shape()));
        }
        let y = contracted(self, weight, (&[], &[]), (&[self.rank() as i64 - 1], &[1]))?;
        match bias {
            Some(bias) => y.try_add(bias),
            None => Ok(y),
        }
    }

    /// `x^T weight[k] y + bias[k]` for each `k`, for a weight `[out, in1, in2]`.
    fn bilinear | try_bilinear(self, other: &Tensor, weight: &Tensor, bias: Option<&Tensor>) {
        let y = Tensor::try_einsum("...i,oij,...j->...o", &[self, weight, other])?;
        match bias {
            Some(bias) => y.try_add(bias),
            None => Ok(y),
        }
    }

    /// Convolution over one axis: data `[N, C, L]`, weight `[O, C / groups, K]`.
    fn conv1d | try_conv1d(self, weight: &Tensor, bias: Option<&Tensor>, stride: usize, padding: usize, dilation: usize, groups: usize) {
        let by = Movement { strides: &[stride], pads: &[padding], dilations: &[dilation], groups };
        convolved(self, weight, bias, &by)
    }

    /// Convolution over two axes: data `[N, C, H, W]`, weight `[O, C / groups, KH, KW]`.
    fn conv2d | try_conv2d(self, weight: &Tensor, bias: Option<&Tensor>, stride: [usize; 2], padding: [usize; 2], dilation: [usize; 2], groups: usize) {
        let by = Movement { strides: &stride, pads: &padding, dilations: &dilation, groups };
        convolved(self, weight, bias, &by)
    }

    /// Transposed convolution over one axis: data `[N, C, L]`, weight `[C, O / groups, K]`.
    fn conv_transpose1d | try_conv_transpose1d(self, weight: &Tensor, bias: Option<&Tensor>, stride: usize, padding: usize, output_padding: usize, dilation: usize, groups: usize) {
        let by = Movement { strides: &[stride], pads: &[padding], dilations: &[dilation], groups };
        convolved_transposed(self, weight, bias, &by, &[output_padding])
    }

    /// Transposed convolution over two axes: data `[N, C, H, W]`, weight `[C, O / groups, KH, KW]`.
    fn conv_transpose2d | try_conv_transpose2d(self, weight: &Tensor, bias: Option<&Tensor>, stride: [usize; 2], padding: [usize; 2], output_padding: [usize; 2], dilation: [usize; 2], groups: usize) {
        let by = Movement { strides: &stride, pads: &padding, dilations: &dilation, groups };
        convolved_transposed(self, weight, bias, &by, &output_padding)
    }

    /// Attention: `softmax(q k^T * scale + mask) v` over the last two axes. The scale is `1 / sqrt(width)` unless given. A bool mask
    /// is true where a key may be seen; a float mask is added. `causal` hides keys behind the query's own position.
    fn scaled_dot_product_attention | try_scaled_dot_product_attention(self, key: &Tensor, value: &Tensor, mask: Option<&Tensor>, causal: bool, scale: Option<f64>) {
        let width = self.dim(-1);
        let scores = self.try_matmul(&key.try_transpose(-2, -1)?)?;
        let scores = match scale {
            Some(scale) => scores.try_mul(scale)?,
            None => scores.try_mul(width.beside(&scores)?.try_rsqrt()?)?,
        };
        let scores = match mask {
            Some(mask) if mask.dtype() == ferrodyne_plan::DType::Bool => mask.try_where_(&scores, f64::NEG_INFINITY)?,
            Some(mask) => scores.try_add(mask)?,
            None => scores,
        };
        let scores = if causal { hidden_ahead(&scores)? } else { scores };
        scores.try_softmax(-1)?.try_matmul(value)
    }
}

/// Scores with minus infinity where the key lies behind the query.
#[track_caller]
fn hidden_ahead(scores: &Tensor) -> Result<Tensor> {
    let shape = Shape::from(&scores.shape().sizes()[scores.rank() - 2..]);
    let queries =
        super::create::counted(shape.clone(), 0, ferrodyne_plan::DType::I32, scores.device())?;
    let keys = super::create::counted(shape, 1, ferrodyne_plan::DType::I32, scores.device())?;
    keys.try_le(&queries)?.try_where_(scores, f64::NEG_INFINITY)
}

/// The product of matrices in the last two axes, whose other axes broadcast.
#[track_caller]
fn batched(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let rank = x.rank().max(y.rank());
    let (xs, ys) = (x.shape(), y.shape());
    let at =
        |shape: &Shape, axis: usize| (axis + shape.rank()).checked_sub(rank).map(|k| shape.size(k));
    let mut outer = Vec::new();
    for axis in 0..rank - 2 {
        let size = match (at(&xs, axis), at(&ys, axis)) {
            (Some(a), Some(b)) if is_one(&a) => b,
            (Some(a), _) => a,
            (None, Some(b)) => b,
            (None, None) => Size::from(1),
        };
        outer.push(size);
    }
    let matrices = |tensor: &Tensor, shape: &Shape| {
        tensor.try_expand([outer.as_slice(), &shape.sizes()[shape.rank() - 2..]].concat())
    };
    let batch: Vec<i64> = (0..rank as i64 - 2).collect();
    let (m, k) = (rank as i64 - 1, rank as i64 - 2);
    contracted(&matrices(x, &xs)?, &matrices(y, &ys)?, (&batch, &batch), (&[m], &[k]))
}

fn is_one(size: &Size) -> bool {
    size.dim() == &Dim::constant(1)
}
