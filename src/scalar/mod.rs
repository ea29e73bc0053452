//! Numbers that change from call to call without compiling anything again.

mod meaning;
mod operators;

use std::fmt::{self, Display};

use ferrodyne_plan::{DType, HostTensor, Source};

pub(crate) use meaning::{Meaning, Number, Relation, ScalarGuard};

use crate::capture;
use crate::compile::{Arg, ArgVisitor, Fresh};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::tensor::{Operand, Tensor, constant};

/// One number, f32 or i32, that a compiled function takes as an input: a learning rate or a step count. Where a plain `f32`
/// among the arguments is part of the program, so that each value is a program of its own, a scalar is not.
///
/// It stands beside tensors and numbers in arithmetic. A comparison answers by the value at hand and is guarded: the program
/// serves every call on which the comparison comes out the same. [`Scalar::get`] fixes it to one value.
///
/// ```
/// use ferrodyne::prelude::*;
/// let step = compile(|w: &Tensor, g: &Tensor, lr: Scalar| w - g * lr);
/// let w = Tensor::ones([2], &Device::cpu());
/// for lr in [0.1, 0.05, 0.025] {
///     let new = step.call((&w, &w, Scalar::from(lr)))?;
///     assert!((new.to_vec::<f32>()?[0] - (1.0 - lr as f32)).abs() < 1e-6);
/// }
/// assert_eq!(step.stats().compilations, 1);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
#[derive(Clone)]
pub struct Scalar {
    /// The value at the call at hand.
    value: Number,
    traced: Option<Traced>,
}

/// What a scalar is in a recording.
#[derive(Clone)]
struct Traced {
    /// A tensor of rank 0.
    handle: Tensor,
    meaning: Meaning,
}

impl Scalar {
    /// The input of a recording whose value stands at a position of the call.
    pub(crate) fn input(value: Number, at: usize, handle: Tensor) -> Scalar {
        Scalar { value, traced: Some(Traced { handle, meaning: Meaning::Input(at) }) }
    }

    /// The value at the call at hand, without a guard.
    pub(crate) fn number(&self) -> Number {
        self.value
    }

    /// Whether it belongs to a recording.
    pub(crate) fn is_traced(&self) -> bool {
        self.traced.is_some()
    }

    /// Element type: f32 or i32.
    pub fn dtype(&self) -> DType {
        self.value.dtype()
    }

    /// The value. While a function is captured this fixes the scalar to it, with a guard: another value is another program.
    #[track_caller]
    pub fn get(&self) -> f64 {
        self.guard(Relation::Is, &Scalar::from(self.value), true, Source::caller());
        self.value.to_f64()
    }

    /// The scalar as a tensor of rank 0.
    ///
    /// # Panics
    /// When the device is lost.
    #[track_caller]
    pub fn to_tensor(&self, device: &Device) -> Tensor {
        crate::fault::expect(self.as_tensor(self.dtype(), device))
    }

    fn meaning(&self) -> Meaning {
        self.traced.as_ref().map_or(Meaning::Number(self.value), |traced| traced.meaning.clone())
    }

    #[track_caller]
    fn as_tensor(&self, dtype: DType, device: &Device) -> Result<Tensor> {
        match &self.traced {
            Some(traced) if traced.handle.dtype() == dtype => Ok(traced.handle.clone()),
            Some(traced) => traced.handle.try_to_dtype(dtype),
            None if capture::is_recording() => constant(device, dtype, self.value.to_f64()),
            None => Tensor::from_host(&self.value.cast(dtype), device),
        }
    }

    /// Notes how a comparison came out.
    fn guard(&self, relation: Relation, other: &Scalar, holds: bool, source: Source) {
        if self.traced.is_some() || other.traced.is_some() {
            let (left, right) = (self.meaning(), other.meaning());
            capture::guard_scalar(ScalarGuard { left, relation, right, holds, source });
        }
    }

    #[track_caller]
    fn compare(&self, relation: Relation, other: &Scalar) -> bool {
        let holds = relation.holds(self.value, other.value);
        self.guard(relation, other, holds, Source::caller());
        holds
    }
}

impl From<Number> for Scalar {
    fn from(value: Number) -> Scalar {
        Scalar { value, traced: None }
    }
}

impl From<f32> for Scalar {
    fn from(value: f32) -> Scalar {
        Scalar::from(Number::F32(value))
    }
}

/// Rounded to f32.
impl From<f64> for Scalar {
    fn from(value: f64) -> Scalar {
        Scalar::from(Number::F32(value as f32))
    }
}

impl From<i32> for Scalar {
    fn from(value: i32) -> Scalar {
        Scalar::from(Number::I32(value))
    }
}

impl From<&Scalar> for Scalar {
    fn from(scalar: &Scalar) -> Scalar {
        scalar.clone()
    }
}

/// A scalar takes the element type of the tensor. One of f32 beside a tensor of integers is refused, whatever its value, and one
/// of i32 beside integers narrower than 32 bits.
impl Operand for Scalar {
    #[track_caller]
    fn beside(&self, other: &Tensor) -> Result<Tensor> {
        let dtype = other.dtype();
        let fits = match dtype {
            DType::F32 | DType::F16 | DType::BF16 | DType::F64 => true,
            DType::I64 | DType::Long | DType::I32 => self.dtype() == DType::I32,
            DType::U32 | DType::I8 | DType::U8 | DType::Bool => false,
        };
        if !fits {
            let own = self.dtype();
            let message = format!(
                "a scalar of {own} cannot be an operand beside a tensor of {dtype}: convert the tensor with `to_dtype`"
            );
            return Err(Error::at("dtype", message, Source::caller()));
        }
        self.as_tensor(dtype, other.device())
    }

    fn is_float(&self) -> bool {
        self.dtype() == DType::F32
    }
}

impl Arg for Scalar {
    fn visit(&self, visitor: &mut dyn ArgVisitor) {
        visitor.scalar(self);
    }

    fn fresh(&self, fresh: &mut dyn Fresh) -> Scalar {
        fresh.scalar(self)
    }
}

impl Number {
    /// The number as a tensor on the host.
    fn cast(self, dtype: DType) -> HostTensor {
        (*ferrodyne_compiler::ops::element::host(dtype, &[], &[self.to_f64()])).clone()
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}
