//! Numbers as operands of tensors: constants of the tensor's element type.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::{DType, HostTensor, Source};

use super::{Tensor, apply_source};
use crate::capture;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::shape::Size;

/// What may stand beside a tensor in an operation: a tensor, a number, a truth value, or a size. A number takes the element type
/// of the tensor.
pub trait Operand {
    /// The operand as a tensor beside `other`.
    ///
    /// # Errors
    /// A number that the element type of `other` cannot hold.
    fn beside(&self, other: &Tensor) -> Result<Tensor>;

    /// The tensor, if it is one.
    fn as_tensor(&self) -> Option<&Tensor> {
        None
    }

    /// The number that it is, if it is one.
    fn as_number(&self) -> Option<f64> {
        None
    }

    /// Whether it is a number with a fraction.
    fn is_float(&self) -> bool {
        false
    }
}

impl Operand for Tensor {
    fn as_tensor(&self) -> Option<&Tensor> {
        Some(self)
    }

    fn beside(&self, _other: &Tensor) -> Result<Tensor> {
        Ok(self.clone())
    }
}

impl<T: Operand + ?Sized> Operand for &T {
    #[track_caller]
    fn beside(&self, other: &Tensor) -> Result<Tensor> {
        (**self).beside(other)
    }

    fn as_tensor(&self) -> Option<&Tensor> {
        (**self).as_tensor()
    }

    fn as_number(&self) -> Option<f64> {
        (**self).as_number()
    }

    fn is_float(&self) -> bool {
        (**self).is_float()
    }
}

macro_rules! number {
    ($is_float:literal: $($type:ty),*) => {$(
        impl Operand for $type {
            #[track_caller]
            fn beside(&self, other: &Tensor) -> Result<Tensor> {
                constant(other.device(), other.dtype(), *self as f64)
            }

            fn as_number(&self) -> Option<f64> {
                Some(*self as f64)
            }

            fn is_float(&self) -> bool {
                $is_float
            }
        }
    )*};
}
number!(true: f32, f64);
number!(false: i32, i64, u32, usize, u8, i8);

impl Operand for bool {
    #[track_caller]
    fn beside(&self, other: &Tensor) -> Result<Tensor> {
        constant(other.device(), other.dtype(), f64::from(u8::from(*self)))
    }
}

/// A size stays symbolic while a function is captured.
impl Operand for Size {
    #[track_caller]
    fn beside(&self, other: &Tensor) -> Result<Tensor> {
        match self.dim().as_const() {
            Some(value) => constant(other.device(), other.dtype(), value as f64),
            None => {
                let attrs =
                    Attrs::new().dims("dim", &[self.dim().clone()]).dtype("dtype", other.dtype());
                apply_source(other.device(), "size", attrs)
            }
        }
    }
}

/// Constants that lie on a device already.
#[derive(Default)]
pub(crate) struct Constants(Mutex<HashMap<(DType, u64), Tensor>>);

/// Most constants that are kept on a device: numbers that change with every step would fill it otherwise.
const CONSTANTS_MAX: usize = 1024;

/// A number as a tensor of rank 0.
///
/// # Errors
/// A number that the element type cannot hold; faults of the device.
#[track_caller]
pub(crate) fn constant(device: &Device, dtype: DType, value: f64) -> Result<Tensor> {
    check(dtype, value)?;
    if capture::is_recording() {
        return apply_source(device, "constant", Attrs::new().tensor("value", host(dtype, value)));
    }
    let key = (dtype, value.to_bits());
    let constants = || device.constants().0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = constants().get(&key) {
        return Ok(known.clone());
    }
    let made = Tensor::from_host(&host(dtype, value), device)?;
    let mut known = constants();
    if known.len() >= CONSTANTS_MAX {
        known.clear();
    }
    known.insert(key, made.clone());
    Ok(made)
}

fn host(dtype: DType, value: f64) -> Arc<HostTensor> {
    element::host(dtype, &[], &[value])
}

/// The integers up to this one are numbers of f64, each of them.
const EXACT: f64 = (1u64 << f64::MANTISSA_DIGITS) as f64;

/// Refuses a number that would be changed by the element type; rounding to a narrower float is no change.
#[track_caller]
fn check(dtype: DType, value: f64) -> Result<()> {
    let (low, high) = match dtype {
        DType::F32 | DType::F16 | DType::BF16 | DType::F64 => return Ok(()),
        DType::Bool => (0.0, 1.0),
        // How many bits an i64 has on the device is up to the compiler, which checks constants itself.
        DType::I64 | DType::Long if capture::is_recording() => (-EXACT, EXACT),
        DType::I64 | DType::Long | DType::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
        DType::U32 => (0.0, f64::from(u32::MAX)),
        DType::I8 => (-128.0, 127.0),
        DType::U8 => (0.0, 255.0),
    };
    if value.fract() == 0.0 && (low..=high).contains(&value) {
        return Ok(());
    }
    let way = match dtype {
        DType::I64 | DType::Long if value.fract() == 0.0 => {
            "make it a tensor with `Tensor::from_longs`, or compile the function with `int64` `pair`"
        }
        _ => "convert the tensor with `to_dtype`",
    };
    let message = format!("{value} cannot be an operand beside a tensor of {dtype}: {way}");
    Err(Error::at("dtype", message, Source::caller()))
}
