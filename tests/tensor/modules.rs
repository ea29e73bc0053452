//! Modules of `nn`: what they compute of their parameters, eager and compiled.

use ferrodyne::nn::*;
use ferrodyne::prelude::*;

use super::{close, devices, sample};

/// Checks a module's result.
macro_rules! computes {
    ($module:expr, $x:expr, $want:expr) => {{
        let module = $module;
        let want = $want(&module);
        let values = want.to_vec::<f32>().unwrap();
        let compiled = compile(&module).call($x).unwrap();
        for (got, how) in [(module.forward($x), "eager"), (compiled, "compiled")] {
            assert_eq!(got.shape(), want.shape(), "{how} {module}");
            close(&got, &values, how);
        }
    }};
}

#[test]
fn layers_with_weights_compute_their_functions() {
    for device in devices() {
        let d = &device;
        let (x, image) = (&sample(&[3, 4], d), &sample(&[2, 4, 5, 6], d));
        computes!(Linear::new(4, 5, d), x, |m: &Linear| x.matmul(m.weight.tensor().t())
            + m.bias.as_ref().unwrap().tensor());
        computes!(Conv2d::new(4, 6, 3, d).stride(2).padding(1), image, |m: &Conv2d| image.conv2d(
            m.weight.tensor(),
            Some(&m.bias.as_ref().unwrap().tensor()),
            2,
            1,
            1,
            1
        ));
        computes!(
            ConvTranspose2d::new(4, 6, 3, d).stride(2).padding(1).output_padding(1),
            image,
            |m: &ConvTranspose2d| {
                let bias = m.bias.as_ref().unwrap().tensor();
                image.conv_transpose2d(m.weight.tensor(), Some(&bias), 2, 1, 1, 1, 1)
            }
        );
        let ids = &Tensor::from_vec(vec![2i64, 0, 1, 2], [2, 2], d);
        computes!(Embedding::new(3, 4, d), ids, |m: &Embedding| m
            .weight
            .tensor()
            .index_select(0, ids.flatten(0, -1))
            .reshape([2, 2, 4]));
    }
}

#[test]
fn norms_have_the_mean_and_the_variance_that_they_promise() {
    for device in devices() {
        let d = &device;
        let (rows, image) = (&sample(&[3, 8], d), &sample(&[2, 4, 5, 6], d));
        let normal = |x: &Tensor, axes: &[isize]| {
            (x - x.mean_dim(axes, true)) / (x.var(axes, 0, true) + 1e-5).sqrt()
        };
        computes!(LayerNorm::new([8], d), rows, |_: &LayerNorm| normal(rows, &[1]));
        computes!(RmsNorm::new([8], d), rows, |m: &RmsNorm| rows
            / (rows.square().mean_dim(1, true) + m.eps).sqrt());
        computes!(GroupNorm::new(2, 4, d), image, |_: &GroupNorm| normal(
            &image.reshape([2, 2, 60]),
            &[2]
        )
        .reshape([2, 4, 5, 6]));
        let mut norm = BatchNorm2d::new(4, d);
        norm.eval();
        computes!(norm, image, |_: &BatchNorm2d| image / (1.0f64 + 1e-5).sqrt());
    }
}

#[test]
fn pools_and_activations_compute_their_functions() {
    for device in devices() {
        let image = &sample(&[2, 4, 6, 6], &device);
        computes!(MaxPool2d::new(3).stride(2).padding(1), image, |_: &MaxPool2d| image
            .max_pool2d(3, 2, 1, 1));
        computes!(AvgPool2d::new(2), image, |_: &AvgPool2d| image
            .reshape([2, 4, 3, 2, 3, 2])
            .mean_dim([3, 5], false));
        computes!(AdaptiveAvgPool2d::new(1), image, |_: &AdaptiveAvgPool2d| image
            .mean_dim([2, 3], true));
        computes!(Relu::new(), image, |_: &Relu| image.maximum(0.0));
        computes!(Gelu::new("tanh"), image, |_: &Gelu| image.gelu("tanh"));
        computes!(Softmax::new(1), image, |_: &Softmax| image.exp() / image.exp().sum_dim(1, true));
        let mut dropout = Dropout::new(0.5);
        dropout.eval();
        computes!(dropout, image, |_: &Dropout| image.clone());
    }
}
