//! Normalisation.

use ferrodyne_plan::Source;

use super::Tensor;
use super::activation::channelwise;
use super::pair::pairs;
use super::reduce::Axes;
use crate::error::{Error, Result};
use crate::shape::Size;

#[track_caller]
fn fault<T>(message: String) -> Result<T> {
    Err(Error::at("shape", message, Source::caller()))
}

/// The values with mean 0 and variance 1 along axes.
#[track_caller]
fn standard(x: &Tensor, axes: impl Into<Axes>, eps: f64) -> Result<Tensor> {
    let axes = axes.into();
    let centred = x.try_sub(&x.try_mean_dim(axes.clone(), true)?)?;
    let variance = centred.try_square()?.try_mean_dim(axes, true)?;
    centred.try_mul(&variance.try_add(eps)?.try_rsqrt()?)
}

#[track_caller]
fn affine(x: Tensor, weight: Option<Tensor>, bias: Option<Tensor>) -> Result<Tensor> {
    let x = match weight {
        Some(weight) => x.try_mul(&weight)?,
        None => x,
    };
    match bias {
        Some(bias) => x.try_add(&bias),
        None => Ok(x),
    }
}

#[track_caller]
fn by_channel(vector: Option<&Tensor>, rank: usize) -> Result<Option<Tensor>> {
    match vector {
        Some(vector) => channelwise(vector, rank).map(Some),
        None => Ok(None),
    }
}

/// The last `n` axes.
fn last_axes(n: usize) -> Vec<isize> {
    (1..=n as isize).map(|axis| -axis).collect()
}

/// Refuses a normalised shape that is not the end of the tensor's.
#[track_caller]
fn check_end(op: &str, x: &Tensor, shape: &[usize]) -> Result<()> {
    let own = x.shape();
    let offset = own.rank().checked_sub(shape.len()).filter(|_| !shape.is_empty());
    match offset {
        Some(offset) if own.sizes()[offset..].iter().zip(shape).all(|(a, b)| a == b) => Ok(()),
        _ => fault(format!("{op}: the shape {own} of `x` must end with {shape:?}")),
    }
}

pairs! {
    /// Normalises over the last axes, whose sizes are `shape`, then scales and shifts each element.
    fn layer_norm | try_layer_norm(self, shape: &[usize], weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) {
        check_end("layer_norm", self, shape)?;
        affine(standard(self, last_axes(shape.len()), eps)?, weight.cloned(), bias.cloned())
    }

    /// Divides by the root of the mean square over the last axes, whose sizes are `shape`, then scales.
    fn rms_norm | try_rms_norm(self, shape: &[usize], weight: Option<&Tensor>, eps: f64) {
        check_end("rms_norm", self, shape)?;
        let mean = self.try_square()?.try_mean_dim(last_axes(shape.len()), true)?;
        affine(self.try_mul(&mean.try_add(eps)?.try_rsqrt()?)?, weight.cloned(), None)
    }

    /// Normalises each channel (axis 1) by a given mean and variance, then scales and shifts it.
    fn batch_norm | try_batch_norm(self, mean: &Tensor, variance: &Tensor, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) {
        if self.rank() < 2 {
            return fault(format!("batch_norm: `x` is {}, but must have channels in axis 1", self.shape()));
        }
        let rank = self.rank();
        let scale = variance.try_add(eps)?.try_rsqrt()?;
        let scale = match weight {
            Some(weight) => scale.try_mul(weight)?,
            None => scale,
        };
        let centred = self.try_sub(&channelwise(mean, rank)?)?;
        affine(centred, Some(channelwise(&scale, rank)?), by_channel(bias, rank)?)
    }

    /// Normalises each sample over groups of channels and all that follows, then scales and shifts each channel.
    fn group_norm | try_group_norm(self, groups: usize, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) {
        if self.rank() < 2 {
            return fault(format!("group_norm: `x` is {}, but must have channels in axis 1", self.shape()));
        }
        let shape = self.shape();
        let parts = self.try_reshape([shape.size(0), Size::from(groups), Size::from(-1)])?;
        let normal = standard(&parts, 2isize, eps)?.try_reshape(&shape)?;
        affine(normal, by_channel(weight, shape.rank())?, by_channel(bias, shape.rank())?)
    }

    /// Normalises each channel of each sample, then scales and shifts each channel.
    fn instance_norm | try_instance_norm(self, weight: Option<&Tensor>, bias: Option<&Tensor>, eps: f64) {
        if self.rank() < 3 {
            return fault(format!("instance_norm: `x` is {}, but must be [N, C, ..]", self.shape()));
        }
        let axes: Vec<isize> = (2..self.rank() as isize).collect();
        affine(standard(self, axes, eps)?, by_channel(weight, self.rank())?, by_channel(bias, self.rank())?)
    }
}
