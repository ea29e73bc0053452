//! Sizes that do not fit are faults at the caller's line, named as he wrote them.

use super::devices;
use ferrodyne::Error;
use ferrodyne::prelude::*;

/// Checks what a fault says, and that it points here.
#[track_caller]
fn refused<T>(result: Result<T, Error>, text: &str) {
    let error = result.err().expect("sizes that do not fit are refused").to_string();
    assert!(error.contains(text), "{error}");
    assert!(error.contains("tests/tensor/sizes.rs"), "{error}");
}

#[test]
fn operators_refuse_sizes_they_cannot_use() {
    for device in devices() {
        let x = |shape: &[usize]| Tensor::ones(shape, &device);
        assert_eq!(x(&[2, 9]).topk(7, 1, true).0.shape(), [2, 7]);
        refused(x(&[2, 5]).try_topk(7, 1, true), "`k` is 7, but axis 1 has 5 elements");
        assert_eq!(x(&[2, 6]).glu(-1).shape(), [2, 3]);
        refused(x(&[2, 5]).try_glu(-1), "the size 5 of axis 1 must be even");
        let image = x(&[1, 4, 8, 8]);
        let conv = |w: &[usize]| image.try_conv2d(x(w), None, 1, 0, 1, 2);
        assert_eq!(conv(&[4, 2, 3, 3]).unwrap().shape(), [1, 4, 6, 6]);
        refused(conv(&[3, 2, 3, 3]), "its 3 output channels are not a multiple of 2 groups");
        refused(x(&[8, 8]).try_conv2d(x(&[4, 2, 3, 3]), None, 1, 0, 1, 2), "the same rank");
        refused(image.try_group_norm(0, None, None, 1e-5), "`groups` is 0");
        refused(
            image.try_group_norm(3, None, None, 1e-5),
            "4 channels are no multiple of 3 groups",
        );
        refused(image.try_slice(1, 0, 4, 0), "slice: the step is 0");
        refused(image.try_chunk(0, 1), "chunk: there must be at least 1 part");
        refused(x(&[3]).try_one_hot(4), "indices must be integers; convert them with `to_dtype`");
    }
}

#[test]
fn nothing_has_no_largest_element() {
    for device in devices() {
        let x = Tensor::zeros([0, 3], &device);
        let text = |op: &str| format!("{op}: axis 0 of the shape [0, 3] has no elements");
        refused(x.try_amax(0, false), &text("amax"));
        refused(x.try_amin((), false), &text("amin"));
        refused(x.try_max(0), &text("max"));
        refused(x.try_min(0), &text("min"));
        refused(x.try_argmax(0, false), &text("argmax"));
        refused(x.try_argmin(-2, true), &text("argmin"));
        assert_eq!(x.amax(1, false).shape(), [0]);
        assert_eq!(x.sum().item::<f32>().unwrap(), 0.0);
    }
}

#[test]
fn a_shape_has_no_negative_sizes() {
    let device = Device::cpu();
    let text = |op: &str| format!("{op}: the shape [-2, 3] cannot be: the size -2 is negative");
    refused(Tensor::try_zeros([-2i64, 3], &device), &text("zeros"));
    refused(Tensor::try_ones([-2i64, 3], &device), &text("ones"));
    refused(Tensor::try_full([-2i64, 3], 1.5f32, &device), &text("full"));
    refused(Tensor::try_rand([-2i64, 3], &device), &text("rand"));
    refused(Tensor::try_randn([-2i64, 3], &device), &text("randn"));
    refused(Tensor::try_randint(0, 4, [-2i64, 3], &device), &text("randint"));
    refused(Tensor::try_from_vec(vec![1f32; 6], [-2i64, 3], &device), &text("from_vec"));
    refused(Tensor::try_zeros([-1i64], &device), "the size -1 is negative");
    let x = Tensor::zeros([6], &device);
    refused(x.try_reshape([-2i64, 3]), &text("reshape"));
    refused(x.try_expand([-2i64, 6]), "expand: the shape [-2, 6]");
}

#[test]
fn one_size_may_be_what_is_left() {
    let x = Tensor::zeros([6], &Device::cpu());
    assert_eq!(x.reshape([3, -1]).shape(), [3, 2]);
    refused(x.try_reshape([-1, -1]), "only one size may be -1, but 2 are");
    refused(x.try_reshape([4, -1]), "4 does not divide 6 elements");
    refused(x.try_unflatten(0, [4, -1]), "unflatten: the shape [4, -1]");
}

#[test]
fn values_that_do_not_fill_a_shape_name_the_callers_line() {
    let device = Device::cpu();
    let text = |op: &str| format!("{op}: 3 values do not fill the shape [2, 2]");
    refused(Tensor::try_from_vec(vec![1f32; 3], [2, 2], &device), &text("from_vec"));
    refused(Tensor::try_from_slice(&[1f32; 3], [2, 2], &device), &text("from_slice"));
    refused(Tensor::try_from_longs(&[1; 3], [2, 2], &device), &text("from_longs"));
    let parameter = Parameter::new(Tensor::zeros([2, 2], &device));
    let text = "a parameter of type f32[2, 2] cannot take a value of type f32[3]";
    refused(parameter.set(Tensor::zeros([3], &device)), text);
}

#[test]
fn compiled_functions_refuse_what_eager_ones_do() {
    let device = Device::cpu();
    let top = compile(|x: &Tensor| x.topk(4, 0, true).0);
    assert_eq!(top.call(&Tensor::ones([9], &device)).unwrap().shape(), [4]);
    refused(top.call(&Tensor::ones([3], &device)), "`k` is 4, but axis 0 has");
    assert_eq!(top.call(&Tensor::ones([5], &device)).unwrap().shape(), [4]);
}
