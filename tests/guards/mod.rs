//! What is assumed of a call: nothing is baked in, nothing is compiled twice, and every miss says why.

mod arguments;
mod dynamic;
mod fields;
mod policy;
mod results;
mod scalars;
mod sizes;

use ferrodyne::Tensor;

/// The values of a tensor of f32.
pub(crate) fn values(x: &Tensor) -> Vec<f32> {
    x.to_vec().expect("a value can be read outside of compiled functions")
}

/// The text with which a call panics.
pub(crate) fn panic_of<R>(call: impl FnOnce() -> R) -> String {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
        Ok(_) => panic!("the call must fail"),
        Err(panic) => panic.downcast_ref::<String>().expect("faults are told in words").clone(),
    }
}
