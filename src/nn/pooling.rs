//! Pooling layers.

use ferrodyne_macros::{Module, module};

use super::repr;
use crate::tensor::{Sides, Tensor};

/// The largest element of each window.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct MaxPool2d {
    /// Size of the window.
    pub kernel_size: [usize; 2],
    /// Distance between windows.
    pub stride: [usize; 2],
    /// Elements added at each end, which never win.
    pub padding: [usize; 2],
}

impl MaxPool2d {
    /// Windows side by side.
    pub fn new(kernel_size: impl Sides) -> MaxPool2d {
        let kernel_size = kernel_size.sides();
        MaxPool2d { kernel_size, stride: kernel_size, padding: [0, 0] }
    }

    /// With a stride.
    pub fn stride(self, stride: impl Sides) -> MaxPool2d {
        MaxPool2d { stride: stride.sides(), ..self }
    }

    /// With a padding.
    pub fn padding(self, padding: impl Sides) -> MaxPool2d {
        MaxPool2d { padding: padding.sides(), ..self }
    }

    fn extra_repr(&self) -> String {
        let [kernel, stride, padding] =
            [self.kernel_size, self.stride, self.padding].map(repr::sizes);
        format!(
            "kernel_size={kernel}, stride={stride}, padding={padding}, dilation=1, ceil_mode=False"
        )
    }
}

#[module]
impl MaxPool2d {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.max_pool2d(self.kernel_size, self.stride, self.padding, [1, 1])
    }
}

/// The mean of each window.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct AvgPool2d {
    /// Size of the window.
    pub kernel_size: [usize; 2],
    /// Distance between windows.
    pub stride: [usize; 2],
    /// Zeros added at each end, which count.
    pub padding: [usize; 2],
}

impl AvgPool2d {
    /// Windows side by side.
    pub fn new(kernel_size: impl Sides) -> AvgPool2d {
        let kernel_size = kernel_size.sides();
        AvgPool2d { kernel_size, stride: kernel_size, padding: [0, 0] }
    }

    /// With a stride.
    pub fn stride(self, stride: impl Sides) -> AvgPool2d {
        AvgPool2d { stride: stride.sides(), ..self }
    }

    /// With a padding.
    pub fn padding(self, padding: impl Sides) -> AvgPool2d {
        AvgPool2d { padding: padding.sides(), ..self }
    }

    fn extra_repr(&self) -> String {
        let [kernel, stride, padding] =
            [self.kernel_size, self.stride, self.padding].map(repr::sizes);
        format!("kernel_size={kernel}, stride={stride}, padding={padding}")
    }
}

#[module]
impl AvgPool2d {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.avg_pool2d(self.kernel_size, self.stride, self.padding, true)
    }
}

/// The means of as many parts as asked for.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct AdaptiveAvgPool2d {
    /// Size of the result.
    pub output_size: [usize; 2],
}

impl AdaptiveAvgPool2d {
    /// A layer.
    pub fn new(output_size: impl Sides) -> AdaptiveAvgPool2d {
        AdaptiveAvgPool2d { output_size: output_size.sides() }
    }

    fn extra_repr(&self) -> String {
        format!("output_size={}", repr::tuple(&self.output_size))
    }
}

#[module]
impl AdaptiveAvgPool2d {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.adaptive_avg_pool2d(self.output_size)
    }
}
