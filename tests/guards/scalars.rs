//! Scalars: numbers that are inputs.

use ferrodyne::prelude::*;

use super::values;
use crate::tensor::{close, devices, sample};

#[test]
fn a_schedule_of_learning_rates_compiles_nothing() {
    for device in devices() {
        let step = compile(|w: &Tensor, g: &Tensor, lr: Scalar, n: Scalar| {
            let rate = &lr * 0.5 / (1 + &n);
            (w - g * &rate, rate * w + -&lr * n.sqrt())
        });
        // A function without captured values is one function on all devices.
        let on_device = devices().iter().position(|d| *d == device).unwrap_or_default() + 1;
        let (w, g) = (sample(&[2, 3], &device), sample(&[3], &device));
        for n in 0..6 {
            let lr = 0.1f32 / (n + 1) as f32;
            let rate = lr * 0.5 / (1 + n) as f32;
            let want = (&w - &g * rate, &w * rate - lr * (n as f32).sqrt());
            let got = step.call((&w, &g, Scalar::from(lr), Scalar::from(n))).unwrap();
            close(&got.0, &values(&want.0), "the weights");
            close(&got.1, &values(&want.1), "a scalar first");
        }
        assert_eq!(step.stats().compilations, on_device, "{:?}", step.stats().reasons);
    }
}

/// Every operation, on values that are told apart.
fn all(x: &Tensor, a: &Scalar, b: &Scalar) -> Vec<Tensor> {
    let results: [Scalar; 12] = [
        a + b,
        a - b,
        a * b,
        a / b,
        a % b,
        -a,
        a.pow(b),
        a.minimum(b),
        a.maximum(b),
        a.abs(),
        a.abs().sqrt().exp(),
        a.abs().log(),
    ];
    results.into_iter().map(|result| x * result).collect()
}

#[test]
fn scalars_compute_compiled_what_they_compute_eagerly() {
    let device = Device::cpu();
    let x = Tensor::from_vec(vec![1.0f32, -2.0], [2], &device);
    let pairs: [(Scalar, Scalar); 4] = [
        (7.into(), 2.into()),
        ((-7).into(), 2.into()),
        (2.5f32.into(), 0.5f64.into()),
        (3.into(), 1.5f32.into()),
    ];
    let f = compile(|x: &Tensor, a: Scalar, b: Scalar| all(x, &a, &b));
    for (a, b) in pairs {
        let got = f.call((&x, a.clone(), b.clone())).unwrap();
        for (got, want) in got.iter().zip(all(&x, &a, &b)) {
            let (got, want) = (values(got), values(&want));
            let near = |a: f32, b: f32| {
                a == b || (a - b).abs() < 1e-5 * b.abs() || a.is_nan() && b.is_nan()
            };
            assert!(got.iter().zip(&want).all(|(a, b)| near(*a, *b)), "{got:?} {want:?}");
        }
    }
    assert_eq!(f.stats().compilations, 3, "one for each pair of types: {:?}", f.stats().reasons);
}

#[test]
fn a_comparison_of_a_scalar_is_guarded_and_not_its_value() {
    let device = Device::cpu();
    let x = Tensor::ones([2], &device);
    let f = compile(|x: &Tensor, lr: Scalar| if lr > 0.5 { x * &lr } else { x + &lr });
    for lr in [0.1f32, 0.2, 0.9, 0.7, 0.3, 0.5] {
        let want = if lr > 0.5 { lr } else { 1.0 + lr };
        assert_eq!(values(&f.call((&x, Scalar::from(lr))).unwrap()), [want; 2]);
    }
    let stats = f.stats();
    assert_eq!(stats.compilations, 2, "{:?}", stats.reasons);
    let reason = &stats.reasons[0];
    assert!(
        reason.starts_with(
            "`x1 <= 0.5` was true, and the sides are 0.9 and 0.5 (tests/guards/scalars.rs:"
        ),
        "{reason}"
    );
}

#[test]
fn computed_scalars_are_guarded_by_what_they_are_computed_from() {
    let x = Tensor::ones([1], &Device::cpu());
    let f =
        compile(|x: &Tensor, n: Scalar| if (&n * 2 + 1) % 3 == 0 { x.sign() - 1 } else { x * &n });
    for n in 0..9 {
        let want = if (n * 2 + 1) % 3 == 0 { 0.0 } else { n as f32 };
        assert_eq!(values(&f.call((&x, Scalar::from(n))).unwrap()), [want]);
    }
    assert_eq!(f.stats().compilations, 2, "{:?}", f.stats().reasons);
}

#[test]
fn a_scalar_that_is_read_is_part_of_the_program() {
    let x = Tensor::ones([1], &Device::cpu());
    let f = compile(|x: &Tensor, n: Scalar| x.repeat(&[n.get() as usize]));
    for n in [1, 3, 1, 3] {
        assert_eq!(f.call((&x, Scalar::from(n))).unwrap().shape(), [n as usize]);
    }
    assert_eq!(f.stats().compilations, 2);
}

#[test]
fn a_scalar_takes_the_type_of_the_tensor_or_is_refused() {
    let device = Device::cpu();
    let f = compile(|x: &Tensor, n: Scalar| x.try_mul(&n));
    let halves = Tensor::ones([2], &device).to_dtype(DType::F16);
    let ints = Tensor::from_vec(vec![2i32], [1], &device);
    let half = f.call((&halves, Scalar::from(0.5))).unwrap().unwrap();
    assert_eq!((half.dtype(), values(&half.to_dtype(DType::F32))), (DType::F16, vec![0.5; 2]));
    let int = f.call((&ints, Scalar::from(3))).unwrap().unwrap();
    assert_eq!(int.to_vec::<i32>().unwrap(), [6]);
    for refused in [f.call((&ints, Scalar::from(2.0))).unwrap(), ints.try_mul(Scalar::from(2.0))] {
        let error = refused.unwrap_err().to_string();
        assert!(
            error.contains("a scalar of f32 cannot be an operand beside a tensor of i32"),
            "{error}"
        );
    }
}

#[test]
fn scalars_are_inputs_of_functions_that_break() {
    let x = Tensor::ones([2], &Device::cpu());
    let f = compile(|x: &Tensor, lr: Scalar| {
        let y = x * &lr;
        let sum: f32 = y.sum().item().unwrap();
        if sum > 1.0 { y * 10 * &lr } else { y - &lr }
    });
    let mut segments = Vec::new();
    for lr in [0.25f32, 2.0, 0.125, 3.0, 0.375, 4.0, 0.0625, 5.0] {
        let want = if 2.0 * lr > 1.0 { lr * 10.0 * lr } else { 0.0 };
        assert_eq!(values(&f.call((&x, Scalar::from(lr))).unwrap()), [want; 2]);
        segments.push(f.stats().segments);
    }
    assert_eq!(f.stats().compilations, 0);
    assert_eq!(segments[4], segments[7], "a number that varies is an input: {segments:?}");
}

#[test]
fn a_scalar_field_is_guarded() {
    #[derive(Module)]
    struct Scaled {
        weight: Parameter,
        by: Scalar,
    }
    #[module]
    impl Scaled {
        fn forward(&self, x: &Tensor) -> Tensor {
            x * self.weight.tensor() * &self.by
        }
    }
    let device = Device::cpu();
    let mut scaled = Scaled { weight: Tensor::ones([1], &device).into(), by: 2.0.into() };
    let x = Tensor::ones([1], &device);
    assert_eq!(values(&compile(&scaled).call(&x).unwrap()), [2.0]);
    scaled.by = 3.0.into();
    assert_eq!(values(&compile(&scaled).call(&x).unwrap()), [3.0]);
}
