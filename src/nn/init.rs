//! Initial values of weights, drawn from the device's seed.

use crate::device::Device;
use crate::module::Parameter;
use crate::tensor::Tensor;

/// Numbers that are equally likely in `-1 / sqrt(fan_in) ..= 1 / sqrt(fan_in)`: He's uniform initialisation as PyTorch's layers
/// use it.
#[track_caller]
pub(super) fn kaiming(shape: &[usize], fan_in: usize, device: &Device) -> Parameter {
    let bound = 1.0 / (fan_in.max(1) as f64).sqrt();
    Parameter::new((Tensor::rand(shape, device) * 2.0 - 1.0) * bound)
}

/// Glorot's uniform initialisation of a matrix.
#[track_caller]
pub(super) fn xavier(rows: usize, columns: usize, device: &Device) -> Parameter {
    let bound = (6.0 / (rows + columns) as f64).sqrt();
    Parameter::new((Tensor::rand([rows, columns], device) * 2.0 - 1.0) * bound)
}

/// Ones.
#[track_caller]
pub(super) fn ones(n: usize, device: &Device) -> Parameter {
    Parameter::new(Tensor::ones([n], device))
}

/// Zeros.
#[track_caller]
pub(super) fn zeros(n: usize, device: &Device) -> Parameter {
    Parameter::new(Tensor::zeros([n], device))
}
