//! Matrix products, convolutions and attention.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::Source;

use super::pair::{example, pairs};
use super::sides::Sides;
use super::{Tensor, apply};
use crate::error::{Error, Result};
use crate::fault::{Method, expect};

#[track_caller]
fn fault<T>(message: String) -> Result<T> {
    Err(Error::at("shape", message, Source::caller()))
}

fn ints(values: &[usize]) -> Vec<i64> {
    values.iter().map(|&v| v as i64).collect()
}

/// Operands of which the last may be absent.
pub(super) fn with_optional<'a>(first: &[&'a Tensor], last: Option<&'a Tensor>) -> Vec<&'a Tensor> {
    first.iter().copied().chain(last).collect()
}

/// The attributes by which convolutions move over their data.
fn movement(strides: &[usize], pads: &[usize], dilations: &[usize], groups: usize) -> Attrs {
    Attrs::new()
        .ints("strides", &ints(strides))
        .ints("pads", &ints(&[pads, pads].concat()))
        .ints("dilations", &ints(dilations))
        .int("groups", groups as i64)
}

/// A convolution of data with a batch axis, or of one sample without it.
#[track_caller]
fn convolved(
    op: &'static str,
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    attrs: Attrs,
) -> Result<Tensor> {
    if x.rank() + 1 != weight.rank() {
        return apply(op, &with_optional(&[x, weight], bias), attrs);
    }
    let batch = x.try_unsqueeze(0)?;
    apply(op, &with_optional(&[&batch, weight], bias), attrs)?.try_squeeze(0)
}

/// Refuses more padding of a transposed convolution's result than its steps leave open.
#[track_caller]
fn check_output_padding(padding: &[usize], strides: &[usize], dilations: &[usize]) -> Result<()> {
    let fits = |axis: usize| padding[axis] < strides[axis].max(dilations[axis]);
    match (0..padding.len()).all(fits) {
        true => Ok(()),
        false => fault(format!(
            "conv_transpose: the output padding {padding:?} must be smaller than the stride {strides:?} or the dilation {dilations:?}"
        )),
    }
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
    fn matmul | try_matmul(self, other: impl AsRef<Tensor>) {
        let other = other.as_ref();
        apply("matmul", &[self, other], Attrs::new())
    }

    /// Product of two matrices.
    #[doc = example!("let y = Tensor::eye(2, &device) * 2.0;", "x.mm(&y).to_vec::<f32>()?", "[-2.000, 1.000, 4.000, 6.000]")]
    fn mm | try_mm(self, other: impl AsRef<Tensor>) {
        let other = other.as_ref();
        match (self.rank(), other.rank()) {
            (2, 2) => apply("matmul", &[self, other], Attrs::new()),
            _ => fault(format!("mm: {} and {} must both be matrices; use `matmul`", self.shape(), other.shape())),
        }
    }

    /// Product of two batches of as many matrices.
    #[doc = example!("let x = x.reshape([1, 2, 2]);", "x.bmm(&x).to_vec::<f32>()?", "[2.000, 1.000, 4.000, 10.000]")]
    fn bmm | try_bmm(self, other: impl AsRef<Tensor>) {
        let other = other.as_ref();
        let fits = self.rank() == 3 && other.rank() == 3 && self.dim(0) == other.dim(0);
        match fits {
            true => apply("matmul", &[self, other], Attrs::new()),
            false => fault(format!(
                "bmm: {} and {} must both have rank 3 and one batch size; use `matmul`",
                self.shape(),
                other.shape()
            )),
        }
    }

    /// Sum of the products of two vectors.
    #[doc = example!("let v = Tensor::from_vec(vec![1.0f32, 2.0], [2], &device);", "v.dot(&v).to_vec::<f32>()?", "[5.000]")]
    fn dot | try_dot(self, other: impl AsRef<Tensor>) {
        let other = other.as_ref();
        match (self.rank(), other.rank()) {
            (1, 1) => apply("matmul", &[self, other], Attrs::new()),
            _ => fault(format!("dot: {} and {} must both be vectors; use `matmul`", self.shape(), other.shape())),
        }
    }

    /// All products of the elements of two vectors.
    #[doc = example!("let v = Tensor::from_vec(vec![1.0f32, 2.0], [2], &device);", "v.outer(&v).to_vec::<f32>()?", "[1.000, 2.000, 2.000, 4.000]")]
    fn outer | try_outer(self, other: impl AsRef<Tensor>) {
        let other = other.as_ref();
        match (self.rank(), other.rank()) {
            (1, 1) => apply("outer", &[self, other], Attrs::new()),
            _ => fault(format!("outer: {} and {} must both be vectors", self.shape(), other.shape())),
        }
    }

    /// `beta * self + alpha * (a @ b)`.
    #[doc = example!("x.addmm(&x, &x, 1.0, 0.5).to_vec::<f32>()?", "[0.000, 1.000, 4.000, 8.000]")]
    fn addmm | try_addmm(self, a: impl AsRef<Tensor>, b: impl AsRef<Tensor>, beta: f64, alpha: f64) {
        let (a, b) = (a.as_ref(), b.as_ref());
        let product = a.try_mm(b)?;
        let product = if alpha == 1.0 { product } else { product.try_mul(alpha)? };
        if beta == 0.0 {
            self.try_expand(product.shape())?;
            return Ok(product);
        }
        let own = if beta == 1.0 { self.clone() } else { self.try_mul(beta)? };
        own.try_add(&product)
    }

    /// `x @ weight^T + bias`, for a weight `[out, in]`.
    #[doc = example!("let weight = Tensor::ones([3, 2], &device);", "x.linear(&weight, None).to_vec::<f32>()?", "[-0.500, -0.500, -0.500, 5.000, 5.000, 5.000]")]
    fn linear | try_linear(self, weight: impl AsRef<Tensor>, bias: Option<&Tensor>) {
        let weight = weight.as_ref();
        apply("linear", &with_optional(&[self, weight], bias), Attrs::new())
    }

    /// `x^T weight[k] y + bias[k]` for each `k`, for a weight `[out, in1, in2]`.
    #[doc = example!("let weight = Tensor::ones([1, 2, 2], &device);", "x.bilinear(&x, &weight, None).to_vec::<f32>()?", "[0.250, 25.000]")]
    fn bilinear | try_bilinear(self, other: impl AsRef<Tensor>, weight: impl AsRef<Tensor>, bias: Option<&Tensor>) {
        let (other, weight) = (other.as_ref(), weight.as_ref());
        apply("bilinear", &with_optional(&[self, other, weight], bias), Attrs::new())
    }

    /// Convolution over one axis: data `[N, C, L]`, or `[C, L]` for one sample, weight `[O, C / groups, K]`.
    #[doc = example!("let (signal, weight) = (x.reshape([1, 1, 4]), Tensor::ones([1, 1, 2], &device));", "signal.conv1d(&weight, None, 1, 0, 1, 1).to_vec::<f32>()?", "[-0.500, 2.500, 5.000]")]
    fn conv1d | try_conv1d(self, weight: impl AsRef<Tensor>, bias: Option<&Tensor>, stride: usize, padding: usize, dilation: usize, groups: usize) {
        let weight = weight.as_ref();
        let attrs = movement(&[stride], &[padding], &[dilation], groups);
        convolved("conv_bias", self, weight, bias, attrs)
    }

    /// Convolution over two axes: data `[N, C, H, W]`, or `[C, H, W]` for one sample, weight `[O, C / groups, KH, KW]`.
    #[doc = example!("let (image, weight) = (x.reshape([1, 1, 2, 2]), Tensor::ones([1, 1, 2, 2], &device));", "image.conv2d(&weight, None, 1, 0, 1, 1).to_vec::<f32>()?", "[4.500]")]
    fn conv2d | try_conv2d(self, weight: impl AsRef<Tensor>, bias: Option<&Tensor>, stride: impl Sides, padding: impl Sides, dilation: impl Sides, groups: usize) {
        let weight = weight.as_ref();
        let attrs = movement(&stride.sides(), &padding.sides(), &dilation.sides(), groups);
        convolved("conv_bias", self, weight, bias, attrs)
    }

    /// Transposed convolution over one axis: data `[N, C, L]`, or `[C, L]` for one sample, weight `[C, O / groups, K]`.
    #[doc = example!("let (signal, weight) = (x.reshape([1, 1, 4]), Tensor::ones([1, 1, 2], &device));", "signal.conv_transpose1d(&weight, None, 2, 0, 0, 1, 1).to_vec::<f32>()?", "[-1.000, -1.000, 0.500, 0.500, 2.000, 2.000, 3.000, 3.000]")]
    fn conv_transpose1d | try_conv_transpose1d(self, weight: impl AsRef<Tensor>, bias: Option<&Tensor>, stride: usize, padding: usize, output_padding: usize, dilation: usize, groups: usize) {
        let weight = weight.as_ref();
        check_output_padding(&[output_padding], &[stride], &[dilation])?;
        let attrs = movement(&[stride], &[padding], &[dilation], groups);
        let attrs = attrs.ints("output_pads", &ints(&[output_padding]));
        convolved("conv_transpose", self, weight, bias, attrs)
    }

    /// Transposed convolution over two axes: data `[N, C, H, W]`, or `[C, H, W]` for one sample, weight `[C, O / groups, KH, KW]`.
    #[doc = example!("let (image, weight) = (x.reshape([1, 1, 2, 2]), Tensor::ones([1, 1, 2, 2], &device));", "image.conv_transpose2d(&weight, None, 1, 0, 0, 1, 1).to_vec::<f32>()?", "[-1.000, -0.500, 0.500, 1.000, 4.500, 3.500, 2.000, 5.000, 3.000]")]
    fn conv_transpose2d | try_conv_transpose2d(self, weight: impl AsRef<Tensor>, bias: Option<&Tensor>, stride: impl Sides, padding: impl Sides, output_padding: impl Sides, dilation: impl Sides, groups: usize) {
        let weight = weight.as_ref();
        let (stride, dilation, output_padding) = (stride.sides(), dilation.sides(), output_padding.sides());
        check_output_padding(&output_padding, &stride, &dilation)?;
        let attrs = movement(&stride, &padding.sides(), &dilation, groups);
        let attrs = attrs.ints("output_pads", &ints(&output_padding));
        convolved("conv_transpose", self, weight, bias, attrs)
    }

    /// Attention: `softmax(q k^T * scale + mask) v` over the last two axes. The scale is `1 / sqrt(width)` unless given. A bool mask
    /// is true where a key may be seen; a float mask is added. `causal` hides keys behind the query's own position.
    #[doc = example!("let x = x.reshape([1, 1, 2, 2]);", "x.scaled_dot_product_attention(&x, &x, None, true, None).to_vec::<f32>()?", "[-1.000, 0.500, 2.000, 3.000]")]
    fn scaled_dot_product_attention | try_scaled_dot_product_attention(self, key: impl AsRef<Tensor>, value: impl AsRef<Tensor>, mask: Option<&Tensor>, causal: bool, scale: Option<f64>) {
        let (key, value) = (key.as_ref(), value.as_ref());
        let attrs = Attrs::new().bool("causal", causal);
        let attrs = match scale {
            Some(scale) => attrs.float("scale", scale),
            None => attrs,
        };
        apply("scaled_dot_product_attention", &with_optional(&[self, key, value], mask), attrs)
    }
}

impl Tensor {
    /// The sum of products that an equation says: `"bij,bjk->bik"`. Without `->` the result has the labels that occur once, in
    /// alphabetical order; `...` stands for leading axes, which broadcast.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let a = Tensor::ones([2, 3], &Device::cpu());
    /// assert_eq!(Tensor::einsum("ij,kj->ik", &[&a, &a]).to_vec::<f32>()?, [3.0; 4]);
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    ///
    /// # Panics
    /// When the operands do not fit the equation; [`Tensor::try_einsum`] returns the fault instead.
    #[track_caller]
    pub fn einsum(equation: &str, operands: &[impl AsRef<Tensor>]) -> Tensor {
        expect(Tensor::try_einsum(equation, operands))
    }

    /// [`Tensor::einsum`] with faults as errors.
    ///
    /// # Errors
    /// A malformed equation, and operands that do not fit it.
    #[track_caller]
    pub fn try_einsum(equation: &str, operands: &[impl AsRef<Tensor>]) -> Result<Tensor> {
        let _method = Method::begin("einsum");
        if operands.is_empty() {
            return fault(format!("einsum: `{equation}` has no operands"));
        }
        let operands: Vec<&Tensor> = operands.iter().map(AsRef::as_ref).collect();
        apply("einsum", &operands, Attrs::new().str("equation", equation))
    }
}
