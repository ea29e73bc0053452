//! Layers, with the names, layouts and initial values of PyTorch, so that its state dicts load.
//!
//! ```
//! use ferrodyne::prelude::*;
//! let device = Device::cpu();
//! let net = Sequential::new().add(Linear::new(4, 8, &device)).add(Relu::new()).add(Linear::new(8, 2, &device));
//! let y = net.forward(&Tensor::ones([3, 4], &device));
//! assert_eq!(y.shape(), [3, 2]);
//! assert_eq!(net.named_parameters()[0].0, "0.weight");
//! ```

mod activation;
mod attention;
mod container;
mod conv;
mod dropout;
mod embedding;
mod init;
mod linear;
mod norm;
mod pooling;
mod repr;

pub use activation::{
    Elu, Gelu, Hardsigmoid, Hardswish, LeakyRelu, LogSoftmax, Mish, Relu, Relu6, Sigmoid, Silu,
    Softmax, Softplus, Tanh,
};
pub use attention::MultiheadAttention;
pub use container::{Flatten, Identity, Sequential};
pub use conv::{Conv1d, Conv2d, ConvTranspose2d};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use linear::Linear;
pub use norm::{BatchNorm2d, GroupNorm, LayerNorm, RmsNorm};
pub use pooling::{AdaptiveAvgPool2d, AvgPool2d, MaxPool2d};

use crate::module::Module;
use crate::tensor::Tensor;

/// A module from one tensor to one tensor: what a [`Sequential`] is made of. `#[module]` implements it.
pub trait Layer: Module {
    /// The layer's result.
    fn apply(&self, x: &Tensor) -> Tensor;
}

impl<L: Layer + ?Sized> Layer for Box<L> {
    fn apply(&self, x: &Tensor) -> Tensor {
        (**self).apply(x)
    }
}
