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
