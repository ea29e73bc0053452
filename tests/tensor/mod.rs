//! Every method of tensors against a direct computation, eager and compiled, on every device that is here.

mod arithmetic;
mod contract;
mod creation;
mod display;
mod layers;
mod memory;
mod methods;
mod modules;
mod movement;
mod pytorch;
mod reduction;
mod sizes;

use ferrodyne::Result;
use ferrodyne::prelude::*;

/// The CPU executor, and a GPU if there is one.
pub(crate) fn devices() -> Vec<Device> {
    let mut devices = vec![Device::cpu()];
    match Device::named("gpu") {
        Ok(gpu) => devices.push(gpu),
        Err(error) => eprintln!("skipped on GPUs: {error}"),
    }
    devices
}

/// Numbers of f32 in a shape, none of them special.
pub(crate) fn sample(shape: &[usize], device: &Device) -> Tensor {
    let n: usize = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|k| ((k * 37 + 11) % 101) as f32 / 25.0 - 2.0).collect();
    Tensor::from_vec(values, shape, device)
}

/// Checks a function of one tensor against the values that it must have, eager and compiled, on every device.
#[track_caller]
pub(crate) fn check(
    shape: &[usize],
    f: impl Fn(&Tensor) -> Tensor + 'static,
    want: impl Fn(&[f32]) -> Vec<f32>,
) {
    for device in devices() {
        let x = sample(shape, &device);
        let want = want(&x.to_vec::<f32>().unwrap());
        close(&f(&x), &want, "eager");
        let got: Result<Tensor> = compile(|x: &Tensor| f(x)).call(&x);
        close(&got.unwrap(), &want, "compiled");
    }
}

/// Checks values to within rounding.
#[track_caller]
pub(crate) fn close(got: &Tensor, want: &[f32], how: &str) {
    let got = got.to_dtype(DType::F32).to_vec::<f32>().unwrap();
    assert_eq!(got.len(), want.len(), "{how}: number of elements");
    for (k, (a, b)) in got.iter().zip(want).enumerate() {
        let same = a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-5 + 1e-4 * b.abs();
        assert!(same, "{how}: element {k} is {a}, but must be {b}");
    }
}
