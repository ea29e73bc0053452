//! Matrix products, convolutions, attention.

use super::{check, close, devices, sample};
use ferrodyne::prelude::*;

fn product(a: &[f32], b: &[f32], m: usize, k: usize, n: usize) -> Vec<f32> {
    (0..m * n).map(|at| (0..k).map(|c| a[at / n * k + c] * b[c * n + at % n]).sum()).collect()
}

#[test]
fn products_of_matrices_and_vectors() {
    for device in devices() {
        let (a, b) = (sample(&[4, 5], &device), sample(&[5, 3], &device));
        let (x, y) = (a.to_vec::<f32>().unwrap(), b.to_vec::<f32>().unwrap());
        let want = product(&x, &y, 4, 5, 3);
        close(&a.matmul(&b), &want, "matmul");
        close(&a.mm(&b), &want, "mm");
        close(&a.linear(&b.t(), None), &want, "linear");
        close(&Tensor::einsum("ik,kj->ij", &[&a, &b]), &want, "einsum");
        close(&a.select(0, 1).matmul(&b), &want[3..6], "row");
        close(&a.matmul(&b.select(1, 0)), &[want[0], want[3], want[6], want[9]], "column");
        let biased = a.linear(&b.t(), Some(&Tensor::ones([3], &device)));
        close(&biased, &want.iter().map(|v| v + 1.0).collect::<Vec<_>>(), "bias");
        let added = Tensor::ones([4, 3], &device).addmm(&a, &b, 2.0, 0.5);
        close(&added, &want.iter().map(|v| 2.0 + 0.5 * v).collect::<Vec<_>>(), "addmm");
        let nothing = Tensor::full([3], f32::NAN, &device).addmm(&a, &b, 0.0, 1.0);
        close(&nothing, &want, "addmm of 0 times NaN");
    }
}

/// Sizes that fit tiles of kernels and sizes that do not: rows, length, columns.
const SIZES: [(usize, usize, usize); 9] = [
    (0, 4, 3),
    (3, 0, 8),
    (1, 67, 129),
    (1, 64, 64),
    (5, 128, 12),
    (37, 33, 64),
    (131, 97, 67),
    (150, 160, 100),
    (257, 128, 64),
];

#[test]
fn products_of_any_size() {
    for device in devices() {
        let compiled = compile(|a: &Tensor, b: &Tensor| a.matmul(b).relu() - 1);
        for (m, k, n) in SIZES {
            let (a, b) = (sample(&[m, k], &device), sample(&[k, n], &device));
            let (x, y) = (a.to_vec::<f32>().unwrap(), b.to_vec::<f32>().unwrap());
            let want = product(&x, &y, m, k, n);
            close(&a.matmul(&b), &want, &format!("{m} x {k} x {n}"));
            let turned = b.t().contiguous();
            close(&a.linear(&turned, None), &want, &format!("{m} x {k} x {n} as a linear layer"));
            let want: Vec<f32> = want.iter().map(|v| v.max(0.0) - 1.0).collect();
            let got: ferrodyne::Result<Tensor> = compiled.call((&a, &b));
            close(&got.unwrap(), &want, &format!("{m} x {k} x {n} compiled"));
        }
    }
}

#[test]
fn batches_broadcast() {
    for device in devices() {
        let (a, b) = (sample(&[2, 1, 2, 3], &device), sample(&[4, 3, 2], &device));
        let (x, y) = (a.to_vec::<f32>().unwrap(), b.to_vec::<f32>().unwrap());
        let mut want = Vec::new();
        for i in 0..2 {
            for j in 0..4 {
                want.extend(product(&x[6 * i..6 * i + 6], &y[6 * j..6 * j + 6], 2, 3, 2));
            }
        }
        let got = a.matmul(&b);
        assert_eq!(got.shape(), [2, 4, 2, 2]);
        close(&got, &want, "matmul");
    }
}

#[test]
fn vectors() {
    check(&[4], |x| x.dot(&(x + 1)), |x| vec![x.iter().map(|v| v * (v + 1.0)).sum()]);
    check(
        &[3],
        |x| x.outer(&x.neg()),
        |x| x.iter().flat_map(|a| x.iter().map(move |b| -a * b)).collect(),
    );
}

/// Convolution by its definition.
fn convolve(x: &[f32], w: &[f32], size: usize, taps: usize, stride: usize, pad: usize) -> Vec<f32> {
    let out = (size + 2 * pad - taps) / stride + 1;
    let at = |i: usize, j: usize| match (i.checked_sub(pad), j.checked_sub(pad)) {
        (Some(i), Some(j)) if i < size && j < size => x[i * size + j],
        _ => 0.0,
    };
    let mut y = Vec::new();
    for i in 0..out {
        for j in 0..out {
            let taps =
                (0..taps * taps).map(|t| w[t] * at(i * stride + t / taps, j * stride + t % taps));
            y.push(taps.sum());
        }
    }
    y
}

#[test]
fn convolutions() {
    for device in devices() {
        let (x, w) = (sample(&[1, 1, 5, 5], &device), sample(&[1, 1, 3, 3], &device));
        let (a, b) = (x.to_vec::<f32>().unwrap(), w.to_vec::<f32>().unwrap());
        let y = x.conv2d(&w, None, [2, 2], [1, 1], [1, 1], 1);
        assert_eq!(y.shape(), [1, 1, 3, 3]);
        close(&y, &convolve(&a, &b, 5, 3, 2, 1), "conv2d");
        let bias = Tensor::from_vec(vec![0.5], [1], &device);
        let y = x.conv2d(&w, Some(&bias), [1, 1], [0, 0], [1, 1], 1);
        let want: Vec<f32> = convolve(&a, &b, 5, 3, 1, 0).iter().map(|v| v + 0.5).collect();
        close(&y, &want, "bias");
    }
}

/// Convolution of many channels: `size` is batch, channels in, channels out, height, width, taps; then stride and padding.
fn convolve_channels(
    x: &[f32],
    w: &[f32],
    [n, c, o, h, v, t]: [usize; 6],
    s: usize,
    p: usize,
) -> Vec<f32> {
    let (rows, columns) = ((h + 2 * p - t) / s + 1, (v + 2 * p - t) / s + 1);
    let at = |b: usize, c_in: usize, i: usize, j: usize| match (i.checked_sub(p), j.checked_sub(p))
    {
        (Some(i), Some(j)) if i < h && j < v => x[((b * c + c_in) * h + i) * v + j],
        _ => 0.0,
    };
    let mut y = Vec::new();
    for place in 0..n * o * rows * columns {
        let (b, out) = (place / (o * rows * columns), place / (rows * columns) % o);
        let (i, j) = (place / columns % rows, place % columns);
        let term = |k: usize| {
            let (c_in, a, e) = (k / (t * t), k / t % t, k % t);
            w[((out * c + c_in) * t + a) * t + e] * at(b, c_in, i * s + a, j * s + e)
        };
        y.push((0..c * t * t).map(term).sum());
    }
    y
}

#[test]
fn convolutions_of_any_size() {
    for device in devices() {
        for (size, stride, pad) in [
            ([1, 3, 5, 7, 11, 3], 1, 1),
            ([1, 4, 8, 9, 9, 3], 2, 1),
            ([2, 16, 32, 14, 13, 3], 1, 1),
            ([0, 4, 4, 8, 8, 3], 1, 1),
        ] {
            let [n, c, o, h, w, t] = size;
            let (x, k) = (sample(&[n, c, h, w], &device), sample(&[o, c, t, t], &device));
            let (a, b) = (x.to_vec::<f32>().unwrap(), k.to_vec::<f32>().unwrap());
            let want = convolve_channels(&a, &b, size, stride, pad);
            let conv = move |x: &Tensor, k: &Tensor| {
                x.conv2d(k, None, [stride, stride], [pad, pad], [1, 1], 1)
            };
            let got: ferrodyne::Result<Tensor> =
                compile(move |x: &Tensor, k: &Tensor| conv(x, k)).call((&x, &k));
            close(&got.unwrap(), &want, &format!("{size:?} compiled"));
        }
    }
}

/// The transposed convolution is the adjoint of the convolution: `<conv(x), y> = <x, conv_transpose(y)>`.
#[test]
fn transposed_convolution_is_adjoint() {
    for device in devices() {
        let (x, y) = (sample(&[1, 2, 5, 5], &device), sample(&[1, 3, 3, 3], &device));
        let w = sample(&[3, 2, 3, 3], &device);
        let there = x.conv2d(&w, None, [2, 2], [1, 1], [1, 1], 1);
        let back = y.conv_transpose2d(&w, None, [2, 2], [1, 1], [0, 0], [1, 1], 1);
        assert_eq!(back.shape(), [1, 2, 5, 5]);
        let (a, b) = ((there * &y).sum(), (back * &x).sum());
        close(&a, &b.to_vec::<f32>().unwrap(), "adjoint");
    }
}

#[test]
fn attention_is_softmax_of_scores() {
    for device in devices() {
        let q = sample(&[2, 3, 4], &device);
        let (k, v) = (&q * 0.5, q.flip(1));
        let scores = q.matmul(&k.transpose(-2, -1)) / 2;
        let want = scores.softmax(-1).matmul(&v).to_vec::<f32>().unwrap();
        close(&q.scaled_dot_product_attention(&k, &v, None, false, None), &want, "plain");
        let seen = Tensor::ones([3, 3], &device).tril(0).gt(0);
        let masked = q.scaled_dot_product_attention(&k, &v, Some(&seen), false, None);
        let causal = q.scaled_dot_product_attention(&k, &v, None, true, None);
        close(&causal, &masked.to_vec::<f32>().unwrap(), "causal");
    }
}

/// Attention of each head of `[heads, length, 3 * width]` over itself; with `causal`, over what stands at its place and before.
fn attend(x: &[f32], [heads, length, width]: [usize; 3], causal: bool) -> Vec<f32> {
    let at = |h: usize, row: usize, part: usize, d: usize| {
        f64::from(x[(h * length + row) * 3 * width + part * width + d])
    };
    let mut y = Vec::new();
    for h in 0..heads {
        for i in 0..length {
            let seen = if causal { i + 1 } else { length };
            let score = |j: usize| (0..width).map(|d| at(h, i, 0, d) * at(h, j, 1, d)).sum::<f64>();
            let scores: Vec<f64> = (0..seen).map(|j| score(j) / (width as f64).sqrt()).collect();
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let weights: Vec<f64> = scores.iter().map(|s| (s - most).exp()).collect();
            let all: f64 = weights.iter().sum();
            let mixed =
                |d| weights.iter().enumerate().map(|(j, w)| w * at(h, j, 2, d)).sum::<f64>();
            y.extend((0..width).map(|d| (mixed(d) / all) as f32));
        }
    }
    y
}

#[test]
fn attention_over_many_keys_is_one_pass_that_computes_the_same() {
    let sizes = [12, 43, 16];
    for causal in [false, true] {
        let part = |x: &Tensor, part: usize| x.narrow(-1, part * 16, 16);
        check(
            &[12, 43, 48],
            move |x| {
                let (q, k, v) = (part(x, 0), part(x, 1), part(x, 2));
                q.scaled_dot_product_attention(&k, &v, None, causal, None)
            },
            |x| attend(x, sizes, causal),
        );
    }
}
