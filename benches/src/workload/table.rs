//! The table of workloads.

use ferrodyne::nn::{BatchNorm2d, Conv2d, Linear, Relu, Sequential};
use ferrodyne::{Device, Tensor};

use super::encoder::EncoderLayer;
use super::graph::{chain, fresh, layers};
use super::subject::{function, layer, onnx};
use super::{Bound, Compilable, EPS, Fresh, Group, Setting, Subject, Work, Workload};
use crate::Fault;
use crate::baseline::{Baseline, Epilogue, Product, Sizes};
use crate::measure::Call;
use crate::resnet::ResNet;

type Build = fn(&Setting<'_>) -> Result<Subject, Fault>;

const MI: usize = 1 << 20;

/// All workloads, by groups.
pub(crate) fn table() -> Vec<Workload> {
    let groups = [
        pointwise(),
        reduction(),
        normalisation(),
        matmul(),
        convolution(),
        attention(),
        launch(),
        models(),
        compilation(),
    ];
    groups.concat()
}

/// A row limited by memory, which reads and writes so many numbers of four bytes.
fn memory(
    group: Group,
    name: &'static str,
    shapes: &'static str,
    numbers: usize,
    build: Build,
) -> Workload {
    let bytes = (numbers * 4) as f64;
    Workload {
        group,
        name,
        shapes,
        bound: Bound::Memory,
        flops: 0.0,
        bytes,
        baseline: None,
        work: Work::Calls(build),
    }
}

/// A row limited by so many multiply-adds, over so many numbers of four bytes.
fn compute(
    group: Group,
    name: &'static str,
    shapes: &'static str,
    (macs, numbers): (usize, usize),
    build: Build,
) -> Workload {
    let (flops, bytes) = (2.0 * macs as f64, (numbers * 4) as f64);
    Workload {
        group,
        name,
        shapes,
        bound: Bound::Compute,
        flops,
        bytes,
        baseline: None,
        work: Work::Calls(build),
    }
}

/// A row with a hand-written kernel beside it.
fn with(baseline: Baseline, row: Workload) -> Workload {
    Workload { baseline: Some(baseline), ..row }
}

fn pointwise() -> Vec<Workload> {
    let row = |name, shapes, numbers, build| memory(Group::Pointwise, name, shapes, numbers, build);
    vec![
        row("add", "[4Mi] + [4Mi]", 12 * MI, |d| {
            function(d, &[&[4 * MI], &[4 * MI]], |x| &x[0] + &x[1])
        }),
        row("relu", "[4Mi]", 8 * MI, |d| function(d, &[&[4 * MI]], |x| x[0].relu())),
        row("gelu-tanh", "[4Mi]", 8 * MI, |d| function(d, &[&[4 * MI]], |x| x[0].gelu("tanh"))),
        with(
            Baseline::Chain { n: 4 * MI },
            row("chain of 9", "[4Mi], [4Mi]", 12 * MI, |d| {
                function(d, &[&[4 * MI], &[4 * MI]], |x| {
                    let y = (&x[0] * 1.5 + &x[1]).relu() * &x[1];
                    ((y.tanh() - &x[0]) * 0.5 + &x[1]).abs()
                })
            }),
        ),
        row("bias + relu", "[1024,4096] + [4096]", 8 * MI + 4096, |d| {
            function(d, &[&[1024, 4096], &[4096]], |x| (&x[0] + &x[1]).relu())
        }),
        row("transposed add", "[2048,2048]^T + [2048,2048]", 12 * MI, |d| {
            function(d, &[&[2048, 2048], &[2048, 2048]], |x| x[0].transpose(0, 1) + &x[1])
        }),
    ]
}

fn reduction() -> Vec<Workload> {
    let row = |name, shapes, numbers, build| memory(Group::Reduction, name, shapes, numbers, build);
    vec![
        row("sum of rows", "[4096,1024]", 4 * MI + 4096, |d| {
            function(d, &[&[4096, 1024]], |x| x[0].sum_dim(-1, false))
        }),
        with(
            Baseline::Columns { rows: 1024, cols: 1024 },
            row("sum of columns", "[1024,1024]", MI + 1024, |d| {
                function(d, &[&[1024, 1024]], |x| x[0].sum_dim(0, false))
            }),
        ),
        with(
            Baseline::Columns { rows: 4096, cols: 1024 },
            row("sum of columns", "[4096,1024]", 4 * MI + 1024, |d| {
                function(d, &[&[4096, 1024]], |x| x[0].sum_dim(0, false))
            }),
        ),
        row("sum of short rows", "[262144,16]", 4 * MI + 262_144, |d| {
            function(d, &[&[262_144, 16]], |x| x[0].sum_dim(-1, false))
        }),
        with(
            Baseline::Total { n: MI },
            row("sum of all", "[1Mi]", MI + 1, |d| function(d, &[&[MI]], |x| x[0].sum())),
        ),
        with(
            Baseline::Total { n: 4 * MI },
            row("sum of all", "[4Mi]", 4 * MI + 1, |d| function(d, &[&[4 * MI]], |x| x[0].sum())),
        ),
        row("argmax of rows", "[4096,1024]", 4 * MI + 4096, |d| {
            function(d, &[&[4096, 1024]], |x| x[0].argmax(-1, false))
        }),
        row("mean of squares of differences", "[4096,1024] x 2", 8 * MI + 1, |d| {
            function(d, &[&[4096, 1024], &[4096, 1024]], |x| {
                let difference = &x[0] - &x[1];
                (&difference * &difference).mean()
            })
        }),
    ]
}

fn normalisation() -> Vec<Workload> {
    let row =
        |name, shapes, numbers, build| memory(Group::Normalisation, name, shapes, numbers, build);
    vec![
        with(
            Baseline::Softmax { rows: 1024, cols: 1024 },
            row("softmax", "[1024,1024]", 2 * MI, |d| {
                function(d, &[&[1024, 1024]], |x| x[0].softmax(-1))
            }),
        ),
        with(
            Baseline::Softmax { rows: 16_384, cols: 1024 },
            row("softmax", "[16384,1024]", 32 * MI, |d| {
                function(d, &[&[16_384, 1024]], |x| x[0].softmax(-1))
            }),
        ),
        with(
            Baseline::LayerNorm { rows: 1024, cols: 1024 },
            row("layer norm", "[1024,1024]", 2 * MI, |d| {
                function(d, &[&[1024, 1024], &[1024], &[1024]], layer_norm)
            }),
        ),
        with(
            Baseline::LayerNorm { rows: 16_384, cols: 1024 },
            row("layer norm", "[16384,1024]", 32 * MI, |d| {
                function(d, &[&[16_384, 1024], &[1024], &[1024]], layer_norm)
            }),
        ),
        row("rms norm", "[4096,1024]", 8 * MI, |d| {
            function(d, &[&[4096, 1024], &[1024]], |x| x[0].rms_norm(&[1024], Some(&x[1]), EPS))
        }),
        row("residual + layer norm", "[4096,1024] x 2", 12 * MI, |d| {
            function(d, &[&[4096, 1024], &[1024], &[1024], &[4096, 1024]], |x| {
                (&x[0] + &x[3]).layer_norm(&[1024], Some(&x[1]), Some(&x[2]), EPS)
            })
        }),
    ]
}

fn layer_norm(x: &[Tensor]) -> Tensor {
    x[0].layer_norm(&[1024], Some(&x[1]), Some(&x[2]), EPS)
}

fn matmul() -> Vec<Workload> {
    let row = |name, shapes, work, build| compute(Group::Matmul, name, shapes, work, build);
    let product = |n, epilogue| Baseline::Matmul(Product { batch: 1, m: n, k: n, n, epilogue });
    let square = |n: usize, shapes, build| {
        let row = row("matmul", shapes, (n * n * n, 3 * n * n), build);
        with(product(n, Epilogue::None), row)
    };
    let gelu = |n: usize, shapes, build| {
        let row = row("matmul + bias + gelu", shapes, (n * n * n, 3 * n * n + n), build);
        with(product(n, Epilogue::BiasGelu), row)
    };
    vec![
        square(256, "[256,256] x [256,256]", |d| {
            function(d, &[&[256, 256], &[256, 256]], |x| x[0].matmul(&x[1]))
        }),
        square(512, "[512,512] x [512,512]", |d| {
            function(d, &[&[512, 512], &[512, 512]], |x| x[0].matmul(&x[1]))
        }),
        square(1024, "[1024,1024] x [1024,1024]", |d| {
            function(d, &[&[1024, 1024], &[1024, 1024]], |x| x[0].matmul(&x[1]))
        }),
        gelu(512, "[512,512] x [512,512]", |d| {
            function(d, &[&[512, 512], &[512, 512], &[512]], biased_gelu)
        }),
        gelu(1024, "[1024,1024] x [1024,1024]", |d| {
            function(d, &[&[1024, 1024], &[1024, 1024], &[1024]], biased_gelu)
        }),
        row(
            "linear",
            "[128,768] -> 3072",
            (128 * 768 * 3072, 128 * (768 + 3072) + 768 * 3072),
            |d| layer(d, &[128, 768], |d| Linear::new(768, 3072, d)),
        ),
        row(
            "batched",
            "[12,128,64] x [12,64,128]",
            (12 * 128 * 128 * 64, 12 * 128 * (64 + 64 + 128)),
            |d| function(d, &[&[12, 128, 64], &[12, 64, 128]], |x| x[0].matmul(&x[1])),
        ),
        with(
            Baseline::Vector { k: 4096, n: 4096 },
            Workload {
                bound: Bound::Memory,
                ..row("matrix by vector", "[1,4096] -> 4096", (4096 * 4096, 4096 * 4098), |d| {
                    layer(d, &[1, 4096], |d| Linear::without_bias(4096, 4096, d))
                })
            },
        ),
    ]
}

fn biased_gelu(x: &[Tensor]) -> Tensor {
    (x[0].matmul(&x[1]) + &x[2]).gelu("tanh")
}

fn convolution() -> Vec<Workload> {
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

fn attention() -> Vec<Workload> {
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

fn launch() -> Vec<Workload> {
    let row = |name, shapes, build| Workload {
        bound: Bound::Launch,
        ..compute(Group::Launch, name, shapes, (0, 0), build)
    };
    vec![
        row("one addition", "[16]", |d| function(d, &[&[16], &[16]], |x| &x[0] + &x[1])),
        row("32 operations that fuse", "[16]", |d| {
            function(d, &[&[16], &[16]], |x| (0..16).fold(x[0].clone(), |y, _| (&y + &x[1]).sin()))
        }),
        row("32 matmuls in a chain", "[8,8]", |d| {
            function(d, &[&[8, 8], &[8, 8]], |x| (0..32).fold(x[0].clone(), |y, _| y.matmul(&x[1])))
        }),
        host("eager addition", "[16]", |d| eager(d, &[16], |x| x + x)),
        host("eager relu", "[16]", |d| eager(d, &[16], Tensor::relu)),
        host("eager matmul", "[8,8]", |d| eager(d, &[8, 8], |x| x.matmul(x))),
    ]
}

/// A row about time on the host alone.
fn host(
    name: &'static str,
    shapes: &'static str,
    build: fn(&Setting<'_>) -> Result<Call, Fault>,
) -> Workload {
    unlimited(Group::Launch, name, shapes, Work::Overhead(build))
}

fn eager(
    setting: &Setting<'_>,
    shape: &[usize],
    operation: fn(&Tensor) -> Tensor,
) -> Result<Call, Fault> {
    let x = Tensor::try_randn(shape, setting.device)?;
    Ok(Box::new(move || {
        operation(&x);
        Ok(())
    }))
}

/// Multiply-adds of ResNet-18's convolutions for each 32x32 pixels of the image, and of its last layer.
const RESNET18: (usize, usize) = (37_011_456, 512_000);
const RESNET18_PARAMETERS: usize = 11_689_512;

/// Multiply-adds of the encoder layer: projections, scores and mixture, perceptron; and its numbers.
const ENCODER: (usize, usize) = (
    128 * (4 * 384 * 384 + 2 * 384 * 1536) + 2 * 128 * 128 * 384,
    4 * 384 * 384 + 2 * 384 * 1536 + 2 * 128 * 384,
);

fn models() -> Vec<Workload> {
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

/// A row that neither memory nor operations limit.
fn unlimited(group: Group, name: &'static str, shapes: &'static str, work: Work) -> Workload {
    let bound = Bound::Launch;
    Workload { group, name, shapes, bound, flops: 0.0, bytes: 0.0, baseline: None, work }
}

/// Milliseconds that capture and compilation of ResNet-18 may take.
const RESNET18_MS: f64 = 300.0;

fn compilation() -> Vec<Workload> {
    type Make = fn(&Setting<'_>) -> Result<Fresh, Fault>;
    let row = |name, shapes, compilable| {
        unlimited(Group::Compile, name, shapes, Work::Compile(compilable))
    };
    let of = |kind, name, size, fresh: Make| {
        row(name, "[1024]", Compilable { kind, size: Some(size), bar_ms: None, fresh })
    };
    let resnet = Compilable {
        kind: "ResNet-18",
        size: None,
        bar_ms: Some(RESNET18_MS),
        fresh: |d| fresh(d, &[1, 3, 224, 224], ResNet::resnet18(1000, d.device)),
    };
    vec![
        of("chain", "chain of 100", 100, |d| fresh(d, &[1024], chain(100))),
        of("chain", "chain of 1,000", 1000, |d| fresh(d, &[1024], chain(1000))),
        of("chain", "chain of 10,000", 10_000, |d| fresh(d, &[1024], chain(10_000))),
        of("layers", "layers of 10, 100", 100, |d| fresh(d, &[1024], layers(100, 10))),
        of("layers", "layers of 100, 1,000", 1000, |d| fresh(d, &[1024], layers(1000, 100))),
        of("layers", "layers of 100, 10,000", 10_000, |d| fresh(d, &[1024], layers(10_000, 100))),
        row("ResNet-18", "[1,3,224,224]", resnet),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_rows_in_the_order_of_the_groups() {
        let mut groups: Vec<Group> = table().iter().map(|w| w.group).collect();
        groups.dedup();
        assert_eq!(groups, Group::ALL);
    }

    #[test]
    fn what_is_limited_by_memory_or_operations_has_some() {
        for row in table() {
            match row.bound {
                Bound::Memory => assert!(row.bytes > 0.0, "{}", row.name),
                Bound::Compute => assert!(row.flops > 0.0 && row.bytes > 0.0, "{}", row.name),
                Bound::Launch => {}
            }
        }
    }

    #[test]
    fn resnet_has_the_operations_of_its_layers() {
        let first = 64 * 3 * 49 * 112 * 112;
        let stage = 3 * 115_605_504 + 57_802_752 + 6_422_528;
        let convolutions = first + 4 * 115_605_504 + 3 * stage;
        assert_eq!(RESNET18.0 * 49, convolutions);
    }
}
