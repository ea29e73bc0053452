//! Normalisation.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::Source;

use super::pair::{example, pairs};
use super::{Tensor, apply};
use crate::error::{Error, Result};
use crate::shape::Shape;

/// Refuses a normalised shape that is not the end of the tensor's.
#[track_caller]
fn check_end(op: &str, x: &Tensor, shape: &Shape) -> Result<()> {
    let own = x.shape();
    let offset = own.rank().checked_sub(shape.rank()).filter(|_| shape.rank() > 0);
    let fits = |offset: usize| own.sizes()[offset..].iter().zip(shape.sizes()).all(|(a, b)| a == b);
    if offset.is_some_and(fits) {
        return Ok(());
    }
    let message = format!("{op}: the shape {own} of `x` must end with {shape}");
    Err(Error::at("shape", message, Source::caller()))
}

/// Weight and bias as operators take them: a bias needs a weight before it.
#[track_caller]
fn affine(x: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>) -> Vec<Tensor> {
    let mut operands = vec![x.clone()];
    match (weight, bias) {
        (None, None) => {}
        (Some(weight), None) => operands.push(weight.clone()),
        (Some(weight), Some(bias)) => operands.extend([weight.clone(), bias.clone()]),
        (None, Some(bias)) => operands.extend([bias.ones_like(), bias.clone()]),
    }
    operands
}

#[track_caller]
fn normal(
    op: &'static str,
    x: &Tensor,
    weight: Option<&Tensor>,
    bias: Option<&Tensor>,
    attrs: Attrs,
) -> Result<Tensor> {
    let operands = affine(x, weight, bias);
    apply(op, &operands.iter().collect::<Vec<_>>(), attrs)
}

pairs! {
    /// Normalises over the last axes, whose sizes are `shape`, then scales and shifts each element.
    #[doc = example!("x.layer_norm([2], None, None, 1e-5).to_vec::<f32>()?", "[-1.000, 1.000, -1.000, 1.000]")]
    fn layer_norm | try_layer_norm(self, shape: impl Into<Shape>, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) {
        let shape = shape.into();
        check_end("layer_norm", self, &shape)?;
        let attrs = Attrs::new().float("eps", eps).int("rank", shape.rank() as i64);
        normal("layer_norm", self, weight, bias, attrs)
    }

    /// Divides by the root of the mean square over the last axes, whose sizes are `shape`, then scales.
    #[doc = example!("x.rms_norm([2], None, 1e-5).to_vec::<f32>()?", "[-1.265, 0.632, 0.784, 1.177]")]
    fn rms_norm | try_rms_norm(self, shape: impl Into<Shape>, weight: Option<&Tensor>, eps: f64) {
        let shape = shape.into();
        check_end("rms_norm", self, &shape)?;
        let attrs = Attrs::new().float("eps", eps).int("rank", shape.rank() as i64);
        normal("rms_norm", self, weight, None, attrs)
    }

    /// Normalises each channel (axis 1) by a given mean and variance, then scales and shifts it.
    #[doc = example!("let (mean, variance) = (Tensor::zeros([2], &device), Tensor::ones([2], &device));", "x.batch_norm(&mean, &variance, None, None, 1e-5).to_vec::<f32>()?", "[-1.000, 0.500, 2.000, 3.000]")]
    fn batch_norm | try_batch_norm(self, mean: impl AsRef<Tensor>, variance: impl AsRef<Tensor>, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) {
        let (mean, variance) = (mean.as_ref(), variance.as_ref());
        let weight = weight.map_or_else(|| mean.ones_like(), Tensor::clone);
        let bias = bias.map_or_else(|| mean.zeros_like(), Tensor::clone);
        apply("batch_norm", &[self, &weight, &bias, mean, variance], Attrs::new().float("eps", eps))
    }

    /// Normalises each sample over groups of channels and all that follows, then scales and shifts each channel.
    #[doc = example!("let image = x.reshape([1, 1, 2, 2]);", "image.group_norm(1, None, None, 1e-5).to_vec::<f32>()?", "[-1.402, -0.412, 0.577, 1.237]")]
    fn group_norm | try_group_norm(self, groups: usize, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) {
        let attrs = Attrs::new().float("eps", eps).int("groups", groups as i64);
        normal("group_norm", self, weight, bias, attrs)
    }

    /// Normalises each channel of each sample, then scales and shifts each channel.
    #[doc = example!("let image = x.reshape([1, 1, 2, 2]);", "image.instance_norm(None, None, 1e-5).to_vec::<f32>()?", "[-1.402, -0.412, 0.577, 1.237]")]
    fn instance_norm | try_instance_norm(self, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) {
        normal("instance_norm", self, weight, bias, Attrs::new().float("eps", eps))
    }
}
