//! The table of workloads.

use ferrodyne::nn::{BatchNorm2d, Conv2d, Linear, Relu, Sequential};
use ferrodyne::{Device, Tensor};

use super::subject::{function, layer, onnx};
use super::{Bound, EPS, Group, Subject, Work, Workload};
use crate::Fault;
use crate::baseline::{Baseline, Sizes};
use crate::resnet::ResNet;

type Build = fn(&Device) -> Result<Subject, Fault>;

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

fn pointwise() -> Vec<Workload> {
    let row = |name, shapes, numbers, build| memory(Group::Pointwise, name, shapes, numbers, build);
    vec![
        row("add", "[4Mi] + [4Mi]", 12 * MI, |d| {
            function(d, &[&[4 * MI], &[4 * MI]], |x| &x[0] + &x[1])
        }),
        row("relu", "[4Mi]", 8 * MI, |d| function(d, &[&[4 * MI]], |x| x[0].relu())),
        row("gelu-tanh", "[4Mi]", 8 * MI, |d| function(d, &[&[4 * MI]], |x| x[0].gelu("tanh"))),
        row("chain of 8", "[4Mi], [4Mi]", 12 * MI, |d| {
            function(d, &[&[4 * MI], &[4 * MI]], |x| {
                let y = (&x[0] * 1.5 + &x[1]).relu() * &x[1];
                (y.tanh() - &x[0]) * 0.5 + &x[1]
            })
        }),
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
        row("sum of columns", "[4096,1024]", 4 * MI + 1024, |d| {
            function(d, &[&[4096, 1024]], |x| x[0].sum_dim(0, false))
        }),
        row("sum of short rows", "[262144,16]", 4 * MI + 262_144, |d| {
            function(d, &[&[262_144, 16]], |x| x[0].sum_dim(-1, false))
        }),
        row("sum of all", "[4Mi]", 4 * MI + 1, |d| function(d, &[&[4 * MI]], |x| x[0].sum())),
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
    let with = |row: Workload, baseline| Workload { baseline: Some(baseline), ..row };
    vec![
        with(
            row("softmax", "[1024,1024]", 2 * MI, |d| {
                function(d, &[&[1024, 1024]], |x| x[0].softmax(-1))
            }),
            Baseline::Softmax { rows: 1024, cols: 1024 },
        ),
        with(
            row("softmax", "[16384,1024]", 32 * MI, |d| {
                function(d, &[&[16_384, 1024]], |x| x[0].softmax(-1))
            }),
            Baseline::Softmax { rows: 16_384, cols: 1024 },
        ),
        with(
            row("layer norm", "[1024,1024]", 2 * MI, |d| {
                function(d, &[&[1024, 1024], &[1024], &[1024]], layer_norm)
            }),
            Baseline::LayerNorm { rows: 1024, cols: 1024 },
        ),
        with(
            row("layer norm", "[16384,1024]", 32 * MI, |d| {
                function(d, &[&[16_384, 1024], &[1024], &[1024]], layer_norm)
            }),
            Baseline::LayerNorm { rows: 16_384, cols: 1024 },
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
    let square = |n: usize, shapes, build| Workload {
        baseline: Some(Baseline::Matmul { m: n, k: n, n }),
        ..row("matmul", shapes, (n * n * n, 3 * n * n), build)
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
        row(
            "matmul + bias + gelu",
            "[512,512] x [512,512]",
            (512 * 512 * 512, 3 * 512 * 512 + 512),
            |d| {
                function(d, &[&[512, 512], &[512, 512], &[512]], |x| {
                    (x[0].matmul(&x[1]) + &x[2]).gelu("tanh")
                })
            },
        ),
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
        Workload {
            bound: Bound::Memory,
            ..row("matrix by vector", "[1,4096] -> 4096", (4096 * 4096, 4096 * 4098), |d| {
                layer(d, &[1, 4096], |d| Linear::without_bias(4096, 4096, d))
            })
        },
    ]
}

fn convolution() -> Vec<Workload> {
    let row = |name, shapes, work, build| compute(Group::Convolution, name, shapes, work, build);
    // A square image in and out, and a square kernel.
    let work = |(from, side_in): (usize, usize), (to, side_out): (usize, usize), kernel: usize| {
        let weights = from * to * kernel * kernel;
        let images = from * side_in * side_in + to * side_out * side_out;
        (weights * side_out * side_out, weights + images)
    };
    vec![
        row("3x3", "[1,64,56,56] -> 64", work((64, 56), (64, 56), 3), |d| {
            layer(d, &[1, 64, 56, 56], |d| {
                Conv2d::new(64, 64, [3, 3], d).padding([1, 1]).without_bias()
            })
        }),
        row("3x3", "[1,128,28,28] -> 128", work((128, 28), (128, 28), 3), |d| {
            layer(d, &[1, 128, 28, 28], |d| {
                Conv2d::new(128, 128, [3, 3], d).padding([1, 1]).without_bias()
            })
        }),
        row("3x3", "[1,512,7,7] -> 512", work((512, 7), (512, 7), 3), |d| {
            layer(d, &[1, 512, 7, 7], |d| {
                Conv2d::new(512, 512, [3, 3], d).padding([1, 1]).without_bias()
            })
        }),
        row("7x7, stride 2", "[1,3,224,224] -> 64", work((3, 224), (64, 112), 7), |d| {
            layer(d, &[1, 3, 224, 224], |d| {
                Conv2d::new(3, 64, [7, 7], d).stride([2, 2]).padding([3, 3])
            })
        }),
        row("1x1", "[1,256,56,56] -> 64", work((256, 56), (64, 56), 1), |d| {
            layer(d, &[1, 256, 56, 56], |d| Conv2d::new(256, 64, [1, 1], d).without_bias())
        }),
        Workload {
            bound: Bound::Memory,
            ..row(
                "depthwise 3x3",
                "[1,256,56,56]",
                (256 * 9 * 56 * 56, 256 * (9 + 2 * 56 * 56)),
                |d| {
                    layer(d, &[1, 256, 56, 56], |d| {
                        Conv2d::grouped(256, 256, [3, 3], 256, d).padding([1, 1])
                    })
                },
            )
        },
        row("3x3 + batch norm + relu", "[1,64,56,56] -> 64", work((64, 56), (64, 56), 3), |d| {
            layer(d, &[1, 64, 56, 56], |d| {
                let conv = Conv2d::new(64, 64, [3, 3], d).padding([1, 1]).without_bias();
                Sequential::new().add(conv).add(BatchNorm2d::new(64, d)).add(Relu::new())
            })
        }),
    ]
}

fn attention() -> Vec<Workload> {
    // Twelve heads of width 64: the scores, then the mixture of the values.
    let row = |name, shapes, queries: usize, keys: usize, build| {
        let work = (2 * 12 * queries * keys * 64, 12 * 64 * 2 * (queries + keys));
        compute(Group::Attention, name, shapes, work, build)
    };
    let with = |row: Workload, queries| Workload {
        baseline: Some(Baseline::Attention(Sizes { heads: 12, queries, keys: queries, width: 64 })),
        ..row
    };
    vec![
        with(
            row("attention", "[1,12,128,64]", 128, 128, |d| {
                function(d, &[&[1, 12, 128, 64], &[1, 12, 128, 64], &[1, 12, 128, 64]], |x| {
                    x[0].scaled_dot_product_attention(&x[1], &x[2], None, false, None)
                })
            }),
            128,
        ),
        with(
            row("attention", "[1,12,512,64]", 512, 512, |d| {
                function(d, &[&[1, 12, 512, 64], &[1, 12, 512, 64], &[1, 12, 512, 64]], |x| {
                    x[0].scaled_dot_product_attention(&x[1], &x[2], None, false, None)
                })
            }),
            512,
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
    ]
}

/// Multiply-adds of ResNet-18's convolutions for each 32x32 pixels of the image, and of its last layer.
const RESNET18: (usize, usize) = (37_011_456, 512_000);
const RESNET18_PARAMETERS: usize = 11_689_512;

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
        row("ResNet-18", "[1,3,64,64]", resnet(64), |d| {
            layer(d, &[1, 3, 64, 64], |d| ResNet::resnet18(1000, d))
        }),
        row("ResNet-18", "[1,3,224,224]", resnet(224), |d| {
            layer(d, &[1, 3, 224, 224], |d| ResNet::resnet18(1000, d))
        }),
    ]
}

fn compilation() -> Vec<Workload> {
    let row = |name, nodes| Workload {
        group: Group::Compile,
        name,
        shapes: "[1024]",
        bound: Bound::Launch,
        flops: 0.0,
        bytes: 0.0,
        baseline: None,
        work: Work::Compile(nodes),
    };
    vec![row("chain of 100", 100), row("chain of 1,000", 1000), row("chain of 10,000", 10_000)]
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
