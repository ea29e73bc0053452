//! Convolutions.

use ferrodyne_macros::{Module, module};

use super::init::kaiming;
use super::repr;
use crate::device::Device;
use crate::module::Parameter;
use crate::tensor::{Sides, Tensor};

fn tensor(bias: &Option<Parameter>) -> Option<Tensor> {
    bias.as_ref().map(Parameter::tensor)
}

macro_rules! setters {
    ($size:ty $(, $sides:ident)?) => {
        /// With a stride.
        pub fn stride(mut self, stride: $size) -> Self {
            self.stride = stride$(.$sides())?;
            self
        }

        /// With zeros around the data.
        pub fn padding(mut self, padding: $size) -> Self {
            self.padding = padding$(.$sides())?;
            self
        }

        /// With elements of the window so far apart.
        pub fn dilation(mut self, dilation: $size) -> Self {
            self.dilation = dilation$(.$sides())?;
            self
        }

        /// Without a bias.
        pub fn without_bias(mut self) -> Self {
            self.bias = None;
            self
        }
    };
}

/// Convolution over one axis: `[N, C, L]`, or `[C, L]` for one sample.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct Conv1d {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the result.
    pub out_channels: usize,
    /// Size of the window.
    pub kernel_size: usize,
    /// Distance between windows.
    pub stride: usize,
    /// Zeros at each end.
    pub padding: usize,
    /// Distance between the elements of a window.
    pub dilation: usize,
    /// Groups of channels that do not mix.
    pub groups: usize,
    /// `[out, in / groups, kernel]`.
    pub weight: Parameter,
    /// `[out]`.
    pub bias: Option<Parameter>,
}

impl Conv1d {
    /// A layer with stride 1, no padding, and a bias.
    #[track_caller]
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel_size: usize,
        device: &Device,
    ) -> Conv1d {
        Conv1d::grouped(in_channels, out_channels, kernel_size, 1, device)
    }

    /// A layer whose channels are convolved in groups.
    #[track_caller]
    pub fn grouped(
        in_channels: usize,
        out_channels: usize,
        kernel_size: usize,
        groups: usize,
        device: &Device,
    ) -> Conv1d {
        let fan_in = in_channels / groups * kernel_size;
        let weight = kaiming(&[out_channels, in_channels / groups, kernel_size], fan_in, device);
        let bias = Some(kaiming(&[out_channels], fan_in, device));
        Conv1d {
            in_channels,
            out_channels,
            kernel_size,
            stride: 1,
            padding: 0,
            dilation: 1,
            groups,
            weight,
            bias,
        }
    }

    setters!(usize);

    fn extra_repr(&self) -> String {
        window(&Window {
            channels: [self.in_channels, self.out_channels],
            kernel_size: &[self.kernel_size],
            stride: &[self.stride],
            padding: &[self.padding],
            output_padding: &[0],
            dilation: &[self.dilation],
            groups: self.groups,
            bias: self.bias.is_some(),
        })
    }
}

#[module]
impl Conv1d {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let bias = tensor(&self.bias);
        x.conv1d(
            &self.weight.tensor(),
            bias.as_ref(),
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )
    }
}

/// Convolution over two axes: `[N, C, H, W]`, or `[C, H, W]` for one sample.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct Conv2d {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the result.
    pub out_channels: usize,
    /// Size of the window.
    pub kernel_size: [usize; 2],
    /// Distance between windows.
    pub stride: [usize; 2],
    /// Zeros at each end.
    pub padding: [usize; 2],
    /// Distance between the elements of a window.
    pub dilation: [usize; 2],
    /// Groups of channels that do not mix.
    pub groups: usize,
    /// `[out, in / groups, height, width]`.
    pub weight: Parameter,
    /// `[out]`.
    pub bias: Option<Parameter>,
}

impl Conv2d {
    /// A layer with stride 1, no padding, and a bias.
    #[track_caller]
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel_size: impl Sides,
        device: &Device,
    ) -> Conv2d {
        Conv2d::grouped(in_channels, out_channels, kernel_size, 1, device)
    }

    /// A layer whose channels are convolved in groups.
    #[track_caller]
    pub fn grouped(
        in_channels: usize,
        out_channels: usize,
        kernel_size: impl Sides,
        groups: usize,
        device: &Device,
    ) -> Conv2d {
        let kernel_size @ [height, width] = kernel_size.sides();
        let fan_in = in_channels / groups * height * width;
        let weight = kaiming(&[out_channels, in_channels / groups, height, width], fan_in, device);
        let bias = Some(kaiming(&[out_channels], fan_in, device));
        let (stride, padding, dilation) = ([1, 1], [0, 0], [1, 1]);
        Conv2d {
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            weight,
            bias,
        }
    }

    setters!(impl Sides, sides);

    fn extra_repr(&self) -> String {
        window(&Window {
            channels: [self.in_channels, self.out_channels],
            kernel_size: &self.kernel_size,
            stride: &self.stride,
            padding: &self.padding,
            output_padding: &[0; 2],
            dilation: &self.dilation,
            groups: self.groups,
            bias: self.bias.is_some(),
        })
    }
}

#[module]
impl Conv2d {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let bias = tensor(&self.bias);
        x.conv2d(
            &self.weight.tensor(),
            bias.as_ref(),
            self.stride,
            self.padding,
            self.dilation,
            self.groups,
        )
    }
}

/// Transposed convolution over two axes: `[N, C, H, W]`, or `[C, H, W]` for one sample.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct ConvTranspose2d {
    /// Channels of the input.
    pub in_channels: usize,
    /// Channels of the result.
    pub out_channels: usize,
    /// Size of the window.
    pub kernel_size: [usize; 2],
    /// Distance between windows.
    pub stride: [usize; 2],
    /// Elements taken away at each end.
    pub padding: [usize; 2],
    /// Elements added at the far end.
    pub output_padding: [usize; 2],
    /// Distance between the elements of a window.
    pub dilation: [usize; 2],
    /// Groups of channels that do not mix.
    pub groups: usize,
    /// `[in, out / groups, height, width]`.
    pub weight: Parameter,
    /// `[out]`.
    pub bias: Option<Parameter>,
}

impl ConvTranspose2d {
    /// A layer with stride 1, no padding, and a bias.
    #[track_caller]
    pub fn new(
        in_channels: usize,
        out_channels: usize,
        kernel_size: impl Sides,
        device: &Device,
    ) -> ConvTranspose2d {
        let kernel_size @ [height, width] = kernel_size.sides();
        let fan_in = out_channels * height * width;
        ConvTranspose2d {
            in_channels,
            out_channels,
            kernel_size,
            stride: [1, 1],
            padding: [0, 0],
            output_padding: [0, 0],
            dilation: [1, 1],
            groups: 1,
            weight: kaiming(&[in_channels, out_channels, height, width], fan_in, device),
            bias: Some(kaiming(&[out_channels], fan_in, device)),
        }
    }

    /// With elements added at the far end.
    pub fn output_padding(mut self, output_padding: impl Sides) -> Self {
        self.output_padding = output_padding.sides();
        self
    }

    setters!(impl Sides, sides);

    fn extra_repr(&self) -> String {
        window(&Window {
            channels: [self.in_channels, self.out_channels],
            kernel_size: &self.kernel_size,
            stride: &self.stride,
            padding: &self.padding,
            output_padding: &self.output_padding,
            dilation: &self.dilation,
            groups: self.groups,
            bias: self.bias.is_some(),
        })
    }
}

#[module]
impl ConvTranspose2d {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.conv_transpose2d(
            &self.weight.tensor(),
            tensor(&self.bias).as_ref(),
            self.stride,
            self.padding,
            self.output_padding,
            self.dilation,
            self.groups,
        )
    }
}

/// What is printed of a convolution.
struct Window<'a> {
    channels: [usize; 2],
    kernel_size: &'a [usize],
    stride: &'a [usize],
    padding: &'a [usize],
    output_padding: &'a [usize],
    dilation: &'a [usize],
    groups: usize,
    bias: bool,
}

/// A convolution as PyTorch prints it, which says of the last five only what is not usual.
fn window(it: &Window<'_>) -> String {
    let [from, to] = it.channels;
    let (kernel, stride) = (repr::tuple(it.kernel_size), repr::tuple(it.stride));
    let mut text = format!("{from}, {to}, kernel_size={kernel}, stride={stride}");
    let sizes = [
        ("padding", it.padding, 0),
        ("dilation", it.dilation, 1),
        ("output_padding", it.output_padding, 0),
    ];
    for (name, sizes, usual) in sizes {
        if sizes.iter().any(|&size| size != usual) {
            text += &format!(", {name}={}", repr::tuple(sizes));
        }
    }
    if it.groups != 1 {
        text += &format!(", groups={}", it.groups);
    }
    if !it.bias {
        text += ", bias=False";
    }
    text
}
