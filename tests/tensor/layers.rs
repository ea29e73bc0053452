//! Pooling, norms, resizing.

use super::{check, close, devices, sample};
use ferrodyne::prelude::*;

#[test]
fn pooling() {
    let pooled = |f: fn(&[f32]) -> f32| {
        move |x: &[f32]| {
            [0, 2, 8, 10].map(|at| f(&[x[at], x[at + 1], x[at + 4], x[at + 5]])).to_vec()
        }
    };
    let largest: fn(&[f32]) -> f32 = |w| w.iter().copied().fold(f32::MIN, f32::max);
    let mean: fn(&[f32]) -> f32 = |w| w.iter().sum::<f32>() / w.len() as f32;
    check(&[1, 1, 4, 4], |x| x.max_pool2d([2, 2], [2, 2], [0, 0], [1, 1]), pooled(largest));
    check(&[1, 1, 4, 4], |x| x.avg_pool2d([2, 2], [2, 2], [0, 0], true), pooled(mean));
    check(&[1, 1, 4, 4], |x| x.adaptive_avg_pool2d([2, 2]), pooled(mean));
    check(
        &[1, 2, 4, 4],
        |x| x.adaptive_avg_pool2d([1, 1]),
        move |x| x.chunks(16).map(mean).collect(),
    );
}

#[test]
fn norms_have_mean_0_and_variance_1() {
    for device in devices() {
        let x = sample(&[2, 6, 4], &device);
        let one = Tensor::ones([4], &device);
        let y = x.layer_norm(&[4], Some(&(&one * 2)), Some(&one), 0.0);
        close(&y.mean_dim(-1, false), &[1.0; 12], "mean of layer norm");
        close(&y.std(-1, 0, false), &[2.0; 12], "deviation of layer norm");
        let y = x.group_norm(3, None, None, 0.0).reshape([2, 3, -1]);
        close(&y.mean_dim(-1, false), &[0.0; 6], "mean of group norm");
        close(&y.std(-1, 0, false), &[1.0; 6], "deviation of group norm");
        let y = x.rms_norm(&[4], None, 0.0);
        close(&y.square().mean_dim(-1, false), &[1.0; 12], "square of rms norm");
        let mean = x.mean_dim([0, 2], false);
        let variance = x.var([0, 2], 0, false);
        let y = x.batch_norm(&mean, &variance, None, None, 0.0);
        close(&y.mean_dim([0, 2], false), &[0.0; 6], "mean of batch norm");
        close(&y.std([0, 2], 0, false), &[1.0; 6], "deviation of batch norm");
        let y = x.instance_norm(None, None, 0.0);
        close(&y.std(2, 0, false), &[1.0; 12], "deviation of instance norm");
    }
}

#[test]
fn images_grow_and_shuffle() {
    check(
        &[1, 1, 1, 2],
        |x| x.interpolate([2, 4], "nearest", false),
        |x| {
            let row = [x[0], x[0], x[1], x[1]];
            [row, row].concat()
        },
    );
    check(
        &[1, 1, 1, 2],
        |x| x.interpolate([1, 3], "bilinear", true),
        |x| vec![x[0], (x[0] + x[1]) / 2.0, x[1]],
    );
    check(&[1, 4, 1, 1], |x| x.pixel_shuffle(2), <[f32]>::to_vec);
}
