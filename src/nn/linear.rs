//! The linear layer.

use super::init::kaiming;
use super::repr;
use crate::device::Device;
use crate::module::Parameter;
use crate::tensor::Tensor;
use ferrodyne_macros::{Module, module};

/// `x @ weight^T + bias`, over the last axis.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct Linear {
    /// Size of the last axis of the input.
    pub in_features: usize,
    /// Size of the last axis of the result.
    pub out_features: usize,
    /// `[out, in]`.
    pub weight: Parameter,
    /// `[out]`.
    pub bias: Option<Parameter>,
}

impl Linear {
    /// A layer with a bias.
    #[track_caller]
    pub fn new(in_features: usize, out_features: usize, device: &Device) -> Linear {
        let bias = Some(kaiming(&[out_features], in_features, device));
        Linear { bias, ..Linear::without_bias(in_features, out_features, device) }
    }

    /// A layer without a bias.
    #[track_caller]
    pub fn without_bias(in_features: usize, out_features: usize, device: &Device) -> Linear {
        let weight = kaiming(&[out_features, in_features], in_features, device);
        Linear { in_features, out_features, weight, bias: None }
    }

    fn extra_repr(&self) -> String {
        let Linear { in_features, out_features, bias, .. } = self;
        let bias = repr::truth(bias.is_some());
        format!("in_features={in_features}, out_features={out_features}, bias={bias}")
    }
}

#[module]
impl Linear {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight.tensor(), self.bias.as_ref().map(Parameter::tensor).as_ref())
    }
}
