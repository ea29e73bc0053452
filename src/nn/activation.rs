//! Activations as modules.

use ferrodyne_macros::{Module, module};

use super::repr::Python;
use crate::tensor::Tensor;

macro_rules! activations {
    ($($(#[$doc:meta])* $name:ident => $method:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Module)]
        pub struct $name;

        impl $name {
            /// The layer.
            pub fn new() -> $name {
                $name
            }
        }

        #[module]
        impl $name {
            /// The layer's result.
            #[track_caller]
            pub fn forward(&self, x: &Tensor) -> Tensor {
                x.$method()
            }
        }
    )*};
}
activations! {
    /// [`Tensor::relu`] as a module.
    Relu => relu;
    /// [`Tensor::relu6`] as a module.
    Relu6 => relu6;
    /// [`Tensor::sigmoid`] as a module.
    Sigmoid => sigmoid;
    /// [`Tensor::tanh`] as a module.
    Tanh => tanh;
    /// [`Tensor::silu`] as a module.
    Silu => silu;
    /// [`Tensor::mish`] as a module.
    Mish => mish;
    /// [`Tensor::hardsigmoid`] as a module.
    Hardsigmoid => hardsigmoid;
    /// [`Tensor::hardswish`] as a module.
    Hardswish => hardswish;
    /// [`Tensor::softplus`] as a module.
    Softplus => softplus;
}

macro_rules! configured {
    ($($(#[$doc:meta])* $name:ident($field:ident: $type:ty) => $call:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Module)]
        #[module(extra_repr)]
        pub struct $name {
            /// The parameter of the function.
            pub $field: $type,
        }

        impl $name {
            /// The layer.
            pub fn new($field: $type) -> $name {
                $name { $field }
            }

            fn extra_repr(&self) -> String {
                format!("{}={}", stringify!($field), self.$field.python())
            }
        }

        #[module]
        impl $name {
            /// The layer's result.
            #[track_caller]
            pub fn forward(&self, x: &Tensor) -> Tensor {
                let call: fn(&Tensor, $type) -> Tensor = $call;
                call(x, self.$field)
            }
        }
    )*};
}
configured! {
    /// [`Tensor::leaky_relu`] as a module.
    LeakyRelu(negative_slope: f64) => |x, slope| x.leaky_relu(slope);
    /// [`Tensor::elu`] as a module.
    Elu(alpha: f64) => |x, alpha| x.elu(alpha);
    /// [`Tensor::softmax`] as a module.
    Softmax(dim: isize) => |x, dim| x.softmax(dim);
    /// [`Tensor::log_softmax`] as a module.
    LogSoftmax(dim: isize) => |x, dim| x.log_softmax(dim);
    /// [`Tensor::gelu`] as a module; `approximate` is `"none"` or `"tanh"`.
    Gelu(approximate: &'static str) => |x, approximate| x.gelu(approximate);
}
