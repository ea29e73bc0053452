//! Rows of single operations and of those that fuse with them.

use ferrodyne::Tensor;
use ferrodyne::nn::Linear;

use super::super::subject::{function, layer};
use super::super::{Bound, EPS, Group, Workload};
use super::{MI, compute, memory, with};
use crate::baseline::{Baseline, Epilogue, Product};

pub(super) fn pointwise() -> Vec<Workload> {
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

pub(super) fn reduction() -> Vec<Workload> {
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

pub(super) fn normalisation() -> Vec<Workload> {
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

pub(super) fn matmul() -> Vec<Workload> {
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
