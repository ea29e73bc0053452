//! Tensors as text.

use expect_test::expect;
use ferrodyne::prelude::*;

#[test]
fn values_are_printed_as_numpy_does_then_what_they_are() {
    let device = Device::cpu();
    let x = Tensor::from_vec(vec![1.0, 2.5, -3.25, 1000.0], [2, 2], &device);
    expect![[r"
        [[   1.      2.5 ]
         [  -3.25 1000.  ]]
        f32[2, 2] on cpu"]]
    .assert_eq(&x.to_string());
    let x = Tensor::from_vec(vec![1e-5, 1.0, f32::NAN], [3], &device);
    expect!["[1.e-05 1.e+00    nan] f32[3] on cpu"].assert_eq(&x.to_string());
    expect!["[ 0  1  2  3  4  5  6  7  8  9 10] i64[11] on cpu"]
        .assert_eq(&Tensor::arange(0..=10, &device).to_string());
    expect!["[ True False] bool[2] on cpu"]
        .assert_eq(&Tensor::from_vec(vec![true, false], [2], &device).to_string());
    expect!["0.5 f32[] on cpu"].assert_eq(&Tensor::scalar(0.5f32, &device).to_string());
    expect!["[] f32[0] on cpu"].assert_eq(&Tensor::zeros([0], &device).to_string());
}

#[test]
fn many_values_are_elided() {
    let x = Tensor::arange(0..2000, &Device::cpu()).reshape([2, 1000]);
    expect![[r"
        [[   0    1    2 ...  997  998  999]
         [1000 1001 1002 ... 1997 1998 1999]]
        i64[2, 1000] on cpu"]]
    .assert_eq(&x.to_string());
}

#[test]
fn debug_tells_the_type() {
    let x = Tensor::zeros([2, 3], &Device::cpu());
    expect!["Tensor(f32[2, 3], cpu)"].assert_eq(&format!("{x:?}"));
}

#[test]
fn a_tensor_prints_the_same_in_a_compiled_function() {
    let f = compile(|x: &Tensor| (x * 2).to_string());
    for n in [2usize, 3, 5] {
        let x = Tensor::ones([n], &Device::cpu());
        assert_eq!(f.call(&x).unwrap(), (x * 2).to_string());
    }
}
