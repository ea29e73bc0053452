//! A budget of memory is a typed error, and leaves the device usable.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use ferrodyne::prelude::*;
use ferrodyne::{Error, RuntimeError};

/// The value of a future, asked for until it is there.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

#[test]
fn a_budget_holds_for_eager_and_compiled_functions() {
    // Opened anew, so that no other test has tensors there.
    let Ok(device) = wait(Device::open("gpu")) else {
        eprintln!("skipped: there is no GPU");
        return;
    };
    let x = Tensor::ones([256, 256], &device);
    let f = compile(|x: &Tensor| Tensor::cat(&[x, x, x, x, x, x, x, x], 0));
    device.set_max_memory(Some(1 << 20));
    let error = f.call(&x).unwrap_err();
    assert!(matches!(error, Error::Device(RuntimeError::OutOfMemory { .. })), "{error}");
    let error = Tensor::try_zeros([1 << 20], &device).unwrap_err();
    assert!(error.to_string().contains("the budget is 1048576"), "{error}");
    assert_eq!((&x + 1).sum().item::<f32>().unwrap(), 131_072.0);
    device.set_max_memory(None);
    assert_eq!(f.call(&x).unwrap().shape(), [2048, 256]);
}

#[test]
fn a_device_that_is_not_there_lists_the_choices() {
    let error = Device::named("no such thing").unwrap_err().to_string();
    assert!(error.contains("`no such thing`"), "{error}");
    for word in ["`cpu`", "`gpu`", "`auto`"] {
        assert!(error.contains(word), "{error}");
    }
}
