//! Rows of layers and whole models.

use ferrodyne::Device;
use ferrodyne::nn::{BatchNorm2d, Conv2d, Relu, Sequential};

use super::super::encoder::EncoderLayer;
use super::super::subject::{function, layer, onnx};
use super::super::{Bound, Group, Workload};
use super::{compute, with};
use crate::baseline::{Baseline, Sizes};
use crate::resnet::ResNet;

pub(super) fn convolution() -> Vec<Workload> {
    let row = |name, shapes, work, build| compute(Group::Convolution, name, shapes, work, build);
    // A square image in and out, and a square kernel.
    let work = |(from, side_in): (usize, usize), (to, side_out): (usize, usize), kernel: usize| {
        let weights = from * to * kernel * kernel;
        let images = from * side_in * side_in + to * side_out * side_out;
        (weights * side_out * side_out, weights + images)
    };
    let depthwise = (256 * 9 * 56 * 56, 256 * (9 + 2 * 56 * 56));
    let same = |channels: usize, side: usize, shapes, build| {
        let baseline = Baseline::Convolution { from: channels, to: channels, side };
        let work = work((channels, side), (channels, side), 3);
        with(baseline, row("3x3", shapes, work, build))
    };
    vec![
        same(64, 56, "[1,64,56,56] -> 64", |d| layer(d, &[1, 64, 56, 56], |d| conv3x3(64, d))),
        same(128, 28, "[1,128,28,28] -> 128", |d| layer(d, &[1, 128, 28, 28], |d| conv3x3(128, d))),
        same(256, 14, "[1,256,14,14] -> 256", |d| layer(d, &[1, 256, 14, 14], |d| conv3x3(256, d))),
        same(512, 7, "[1,512,7,7] -> 512", |d| layer(d, &[1, 512, 7, 7], |d| conv3x3(512, d))),
        row("7x7, stride 2", "[1,3,224,224] -> 64", work((3, 224), (64, 112), 7), |d| {
            layer(d, &[1, 3, 224, 224], |d| {
                Conv2d::new(3, 64, [7, 7], d).stride([2, 2]).padding([3, 3])
            })
        }),
        row("1x1", "[1,256,56,56] -> 64", work((256, 56), (64, 56), 1), |d| {
            layer(d, &[1, 256, 56, 56], |d| Conv2d::new(256, 64, [1, 1], d).without_bias())
        }),
        with(
            Baseline::Depthwise { channels: 256, side: 56 },
            Workload {
                bound: Bound::Memory,
                ..row("depthwise 3x3", "[1,256,56,56]", depthwise, |d| {
                    layer(d, &[1, 256, 56, 56], |d| {
                        Conv2d::grouped(256, 256, [3, 3], 256, d).padding([1, 1]).without_bias()
                    })
                })
            },
        ),
        row("3x3 + batch norm + relu", "[1,64,56,56] -> 64", work((64, 56), (64, 56), 3), |d| {
            layer(d, &[1, 64, 56, 56], |d| {
                let conv = conv3x3(64, d);
                Sequential::new().add(conv).add(BatchNorm2d::new(64, d)).add(Relu::new())
            })
        }),
    ]
}

fn conv3x3(channels: usize, device: &Device) -> Conv2d {
    Conv2d::new(channels, channels, [3, 3], device).padding([1, 1]).without_bias()
}

pub(super) fn attention() -> Vec<Workload> {
    // Twelve heads of width 64: the scores, then the mixture of the values.
    let row = |name, shapes, queries: usize, keys: usize, build| {
        let work = (2 * 12 * queries * keys * 64, 12 * 64 * 2 * (queries + keys));
        compute(Group::Attention, name, shapes, work, build)
    };
    let sizes = |length| Sizes { heads: 12, queries: length, keys: length, width: 64 };
    vec![
        with(
            Baseline::Attention(sizes(128)),
            row("attention", "[1,12,128,64]", 128, 128, |d| {
                function(d, &[&[1, 12, 128, 64], &[1, 12, 128, 64], &[1, 12, 128, 64]], |x| {
                    x[0].scaled_dot_product_attention(&x[1], &x[2], None, false, None)
                })
            }),
        ),
        with(
            Baseline::Attention(sizes(512)),
            row("attention", "[1,12,512,64]", 512, 512, |d| {
                function(d, &[&[1, 12, 512, 64], &[1, 12, 512, 64], &[1, 12, 512, 64]], |x| {
                    x[0].scaled_dot_product_attention(&x[1], &x[2], None, false, None)
                })
            }),
        ),
        row("causal attention", "[1,12,512,64]", 512, 512, |d| {
            function(d, &[&[1, 12, 512, 64], &[1, 12, 512, 64], &[1, 12, 512, 64]], |x| {
                x[0].scaled_dot_product_attention(&x[1], &x[2], None, true, None)
            })
        }),
        row("one query", "[1,12,1,64] over 1024", 1, 1024, |d| {
            function(d, &[&[1, 12, 1, 64], &[1, 12, 1024, 64], &[1, 12, 1024, 64]], |x| {
                x[0].scaled_dot_product_attention(&x[1], &x[2], None, false, None)
            })
        }),
    ]
}

/// Multiply-adds of ResNet-18's convolutions for each 32x32 pixels of the image, and of its last layer.
const RESNET18: (usize, usize) = (37_011_456, 512_000);
const RESNET18_PARAMETERS: usize = 11_689_512;

/// Multiply-adds of the encoder layer: projections, scores and mixture, perceptron; and its numbers.
const ENCODER: (usize, usize) = (
    128 * (4 * 384 * 384 + 2 * 384 * 1536) + 2 * 128 * 128 * 384,
    4 * 384 * 384 + 2 * 384 * 1536 + 2 * 128 * 384,
);

pub(super) fn models() -> Vec<Workload> {
    let row = |name, shapes, work, build| compute(Group::Models, name, shapes, work, build);
    let resnet = |side: usize| {
        let macs = RESNET18.0 * (side / 32) * (side / 32) + RESNET18.1;
        (macs, RESNET18_PARAMETERS + 3 * side * side + 1000)
    };
    vec![
        Workload {
            bound: Bound::Launch,
            ..row("mlp.onnx", "[64,4]", (0, 0), |d| onnx(d, "mlp.onnx", &[64, 4]))
        },
        row("encoder layer", "[1,128,384]", ENCODER, |d| {
            layer(d, &[1, 128, 384], |d| EncoderLayer::new(384, 12, 1536, d))
        }),
        row("ResNet-18", "[1,3,64,64]", resnet(64), |d| {
            layer(d, &[1, 3, 64, 64], |d| ResNet::resnet18(1000, d))
        }),
        row("ResNet-18", "[1,3,224,224]", resnet(224), |d| {
            layer(d, &[1, 3, 224, 224], |d| ResNet::resnet18(1000, d))
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resnet_has_the_operations_of_its_layers() {
        let first = 64 * 3 * 49 * 112 * 112;
        let stage = 3 * 115_605_504 + 57_802_752 + 6_422_528;
        let convolutions = first + 4 * 115_605_504 + 3 * stage;
        assert_eq!(RESNET18.0 * 49, convolutions);
    }
}
