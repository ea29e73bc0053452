//! Creation, conversion, random numbers.

use super::devices;
use ferrodyne::Element;
use ferrodyne::prelude::*;
use half::{bf16, f16};

#[test]
fn filled_and_counted() {
    for device in devices() {
        assert_eq!(Tensor::zeros([2, 2], &device).to_vec::<f32>().unwrap(), [0.0; 4]);
        assert_eq!(Tensor::full([3], 7i64, &device).to_vec::<i64>().unwrap(), [7; 3]);
        assert_eq!(Tensor::full([2], true, &device).to_vec::<bool>().unwrap(), [true; 2]);
        assert_eq!(Tensor::eye(2, &device).to_vec::<f32>().unwrap(), [1.0, 0.0, 0.0, 1.0]);
        assert_eq!(Tensor::arange(2..5, &device).to_vec::<i64>().unwrap(), [2, 3, 4]);
        assert_eq!(
            Tensor::linspace(0.0, 1.0, 3, &device).to_vec::<f32>().unwrap(),
            [0.0, 0.5, 1.0]
        );
        let x = Tensor::scalar(2u8, &device);
        assert_eq!((x.rank(), x.item::<u8>().unwrap()), (0, 2));
        assert_eq!(x.ones_like().item::<u8>().unwrap(), 1);
        assert_eq!(Tensor::from_vec(vec![1, 2, 3, 4], [2, -1], &device).shape(), [2, 2]);
    }
}

fn there_and_back<T: Element + PartialEq + std::fmt::Debug>(values: &[T], device: &Device) {
    let x = Tensor::from_slice(values, [values.len()], device);
    assert_eq!(x.dtype(), T::DTYPE);
    assert_eq!(x.to_vec::<T>().unwrap(), values);
}

#[test]
fn every_element_type_crosses_the_border_and_back() {
    for device in devices() {
        there_and_back(&[1.5f32, -2.0], &device);
        there_and_back(&[f16::from_f32(0.5)], &device);
        there_and_back(&[bf16::from_f32(-2.0)], &device);
        there_and_back(&[1i64, -5], &device);
        there_and_back(&[1i32, -5], &device);
        there_and_back(&[7u32], &device);
        there_and_back(&[-3i8, 3], &device);
        there_and_back(&[200u8], &device);
        there_and_back(&[true, false], &device);
    }
}

#[test]
fn values_that_do_not_fit_are_named() {
    let device = Device::cpu();
    let error = Tensor::try_from_vec(vec![1i64 << 40], [1], &device).unwrap_err().to_string();
    assert!(error.contains("1099511627776"), "{error}");
    let error = Tensor::try_from_vec(vec![1.0f32; 3], [2, 2], &device).unwrap_err().to_string();
    assert!(error.contains("3 values do not fill the shape [2, 2]"), "{error}");
    let error = Tensor::zeros([2], &device).to_vec::<i32>().unwrap_err().to_string();
    assert!(error.contains("convert it with `to_dtype`"), "{error}");
    let error = Tensor::zeros([2], &device).item::<f32>().unwrap_err().to_string();
    assert!(error.contains("has 2 values, not one"), "{error}");
    let error = Tensor::zeros([2], &device).try_to_dtype(DType::F64).unwrap_err().to_string();
    assert!(error.contains("convert to f32"), "{error}");
}

#[test]
fn arrays_and_views_become_tensors() {
    for device in devices() {
        let a = ndarray::Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (i * 12 + j * 4 + k) as f32);
        let x = Tensor::from_ndarray(&a, &device);
        let back: ndarray::Array3<f32> = x.to_ndarray().unwrap();
        assert_eq!(back, a);
        let view = Tensor::from_ndarray(a.slice(ndarray::s![.., 1, ..;2]), &device);
        assert_eq!(view.to_vec::<f32>().unwrap(), [4.0, 6.0, 16.0, 18.0]);
        let error = x.to_ndarray::<f32, ndarray::Ix2>().unwrap_err().to_string();
        assert!(error.contains("[2, 3, 4] cannot become an array of rank 2"), "{error}");
    }
}

#[test]
fn element_types_convert() {
    for device in devices() {
        let x = Tensor::from_vec(vec![-1.5f32, 0.0, 2.75], [3], &device);
        assert_eq!(x.to_dtype(DType::I64).to_vec::<i64>().unwrap(), [-1, 0, 2]);
        assert_eq!(x.to_dtype(DType::Bool).to_vec::<bool>().unwrap(), [true, false, true]);
        let half = x.to_dtype(DType::F16).to_dtype(DType::F32);
        assert_eq!(half.to_vec::<f32>().unwrap(), [-1.5, 0.0, 2.75]);
    }
}

#[test]
fn seeds_mean_the_same_everywhere() {
    let mut all = Vec::new();
    for device in devices() {
        device.manual_seed(3);
        let first = Tensor::rand([100], &device).to_vec::<f32>().unwrap();
        let second = Tensor::rand([100], &device).to_vec::<f32>().unwrap();
        assert_ne!(first, second);
        assert!(first.iter().all(|v| (0.0..1.0).contains(v)));
        device.manual_seed(3);
        let f = compile(|x: &Tensor| x + Tensor::rand([100], x.device()));
        let zero = Tensor::zeros([100], &device);
        assert_eq!(f.call(&zero).unwrap().to_vec::<f32>().unwrap(), first, "compiled");
        assert_eq!(
            f.call(&zero).unwrap().to_vec::<f32>().unwrap(),
            second,
            "every call draws anew"
        );
        all.push(first);
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn distributions_have_their_moments() {
    let device = Device::cpu();
    device.manual_seed(1);
    let x = Tensor::randn([10_000], &device);
    assert!(x.mean().item::<f32>().unwrap().abs() < 0.05);
    assert!((x.std((), 1, false).item::<f32>().unwrap() - 1.0).abs() < 0.05);
    let n = Tensor::randint(-2, 3, [1000], &device).to_vec::<i64>().unwrap();
    assert!((-2..3).all(|v| n.contains(&v)) && n.iter().all(|v| (-2..3).contains(v)));
    let kept = Tensor::ones([10_000], &device).dropout(0.25, true);
    let mean = kept.mean().item::<f32>().unwrap();
    assert!((mean - 1.0).abs() < 0.05, "{mean}");
    let coin = Tensor::full([1000], 0.5f32, &device).bernoulli().mean().item::<f32>().unwrap();
    assert!((coin - 0.5).abs() < 0.1, "{coin}");
}
