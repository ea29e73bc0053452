//! Normalisation layers.

use ferrodyne_macros::{Module, module};
use ferrodyne_plan::Source;

use super::init::{ones, zeros};
use super::repr;
use crate::device::Device;
use crate::error::Error;
use crate::fault::raise;
use crate::module::{Buffer, Parameter};
use crate::shape::Shape;
use crate::tensor::Tensor;

/// Normalises each channel of `[N, C, H, W]`: by the statistics of the batch in training, else by running ones.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct BatchNorm2d {
    /// Channels.
    pub num_features: usize,
    /// Added to the variance.
    pub eps: f64,
    /// Share of the batch in the running statistics.
    pub momentum: f64,
    #[module(training)]
    training: bool,
    /// Scale of each channel.
    pub weight: Parameter,
    /// Shift of each channel.
    pub bias: Parameter,
    /// Mean of each channel so far.
    pub running_mean: Buffer,
    /// Variance of each channel so far.
    pub running_var: Buffer,
    /// Number of batches seen in training.
    pub num_batches_tracked: Buffer,
}

impl BatchNorm2d {
    /// A layer in inference mode, with mean 0 and variance 1.
    #[track_caller]
    pub fn new(num_features: usize, device: &Device) -> BatchNorm2d {
        BatchNorm2d {
            num_features,
            eps: 1e-5,
            momentum: 0.1,
            training: false,
            weight: ones(num_features, device),
            bias: zeros(num_features, device),
            running_mean: Buffer::new(Tensor::zeros([num_features], device)),
            running_var: Buffer::new(Tensor::ones([num_features], device)),
            num_batches_tracked: Buffer::new(Tensor::scalar(0i64, device)),
        }
    }

    /// Takes the statistics of a batch into the running ones, and gives the batch's.
    #[track_caller]
    fn track(&self, x: &Tensor) -> (Tensor, Tensor) {
        let (mean, variance) = (x.mean_dim([0, 2, 3], false), x.var([0, 2, 3], 0, false));
        let unbiased = x.var([0, 2, 3], 1, false);
        let count = self.num_batches_tracked.tensor() + 1;
        let new_mean = self.running_mean.tensor().lerp(&mean, self.momentum);
        let new_variance = self.running_var.tensor().lerp(&unbiased, self.momentum);
        let set = self
            .running_mean
            .set(&new_mean)
            .and_then(|()| self.running_var.set(&new_variance))
            .and_then(|()| self.num_batches_tracked.set(&count));
        if let Err(error) = set {
            panic!("batch norm in training mode: {error}");
        }
        (mean, variance)
    }

    fn extra_repr(&self) -> String {
        let (eps, momentum) = (repr::float(self.eps), repr::float(self.momentum));
        let channels = self.num_features;
        format!(
            "{channels}, eps={eps}, momentum={momentum}, affine=True, bias=True, track_running_stats=True"
        )
    }
}

#[module]
impl BatchNorm2d {
    /// The layer's result.
    ///
    /// # Panics
    /// For another number of axes or channels.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.rank() != 4 {
            let message =
                format!("BatchNorm2d: `x` is {}{}, but must be [N, C, H, W]", x.dtype(), x.shape());
            raise(Error::at("shape", message, Source::caller()));
        }
        let (mean, variance) = match self.training {
            true => self.track(x),
            false => (self.running_mean.tensor(), self.running_var.tensor()),
        };
        let (weight, bias) = (self.weight.tensor(), self.bias.tensor());
        x.batch_norm(&mean, &variance, Some(&weight), Some(&bias), self.eps)
    }
}

/// Normalises over the last axes.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct LayerNorm {
    /// Sizes of the axes.
    pub normalized_shape: Vec<usize>,
    /// Added to the variance.
    pub eps: f64,
    /// Scale of each element.
    pub weight: Parameter,
    /// Shift of each element.
    pub bias: Parameter,
}

impl LayerNorm {
    /// A layer over axes of these sizes.
    #[track_caller]
    pub fn new(normalized_shape: impl Into<Shape>, device: &Device) -> LayerNorm {
        let shape = normalized_shape.into();
        LayerNorm {
            weight: Parameter::new(Tensor::ones(&shape, device)),
            bias: Parameter::new(Tensor::zeros(&shape, device)),
            eps: 1e-5,
            normalized_shape: shape.numbers(),
        }
    }

    fn extra_repr(&self) -> String {
        let (shape, eps) = (repr::tuple(&self.normalized_shape), repr::float(self.eps));
        format!("{shape}, eps={eps}, elementwise_affine=True, bias=True")
    }
}

#[module]
impl LayerNorm {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.layer_norm(
            self.normalized_shape.as_slice(),
            Some(&self.weight.tensor()),
            Some(&self.bias.tensor()),
            self.eps,
        )
    }
}

/// Divides by the root of the mean square over the last axes.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct RmsNorm {
    /// Sizes of the axes.
    pub normalized_shape: Vec<usize>,
    /// Added to the mean square.
    pub eps: f64,
    /// Scale of each element.
    pub weight: Parameter,
}

impl RmsNorm {
    /// A layer over axes of these sizes.
    #[track_caller]
    pub fn new(normalized_shape: impl Into<Shape>, device: &Device) -> RmsNorm {
        let shape = normalized_shape.into();
        let weight = Parameter::new(Tensor::ones(&shape, device));
        RmsNorm { normalized_shape: shape.numbers(), eps: 1e-6, weight }
    }

    fn extra_repr(&self) -> String {
        let (shape, eps) = (repr::tuple(&self.normalized_shape), repr::float(self.eps));
        format!("{shape}, eps={eps}, elementwise_affine=True")
    }
}

#[module]
impl RmsNorm {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.rms_norm(self.normalized_shape.as_slice(), Some(&self.weight.tensor()), self.eps)
    }
}

/// Normalises each sample over groups of channels.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct GroupNorm {
    /// Groups.
    pub num_groups: usize,
    /// Channels.
    pub num_channels: usize,
    /// Added to the variance.
    pub eps: f64,
    /// Scale of each channel.
    pub weight: Parameter,
    /// Shift of each channel.
    pub bias: Parameter,
}

impl GroupNorm {
    /// A layer.
    #[track_caller]
    pub fn new(num_groups: usize, num_channels: usize, device: &Device) -> GroupNorm {
        let (weight, bias) = (ones(num_channels, device), zeros(num_channels, device));
        GroupNorm { num_groups, num_channels, eps: 1e-5, weight, bias }
    }

    fn extra_repr(&self) -> String {
        let eps = repr::float(self.eps);
        format!("{}, {}, eps={eps}, affine=True, bias=True", self.num_groups, self.num_channels)
    }
}

#[module]
impl GroupNorm {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.group_norm(
            self.num_groups,
            Some(&self.weight.tensor()),
            Some(&self.bias.tensor()),
            self.eps,
        )
    }
}
