//! Tensors: handles on values that lie on a device, or that are being recorded.

mod activation;
mod arithmetic;
mod compare;
mod contract;
mod convert;
mod create;
mod display;
mod element;
mod indexing;
mod losses;
mod norm;
mod operators;
mod pair;
mod pooling;
mod random;
mod reduce;
mod scalar;
mod sides;
mod sorting;
mod truth;
mod views;

use std::sync::{Arc, OnceLock, Weak};

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Dim, Source};
use ferrodyne_runtime::Buffer;

pub(crate) use display::{by_identity, write_identity};
pub use element::Element;
pub use reduce::Axes;
pub use scalar::Operand;
pub(crate) use scalar::{Constants, constant};
pub use sides::Sides;

use crate::device::Device;
use crate::error::{Error, Result};
use crate::fault::of_method;
use crate::shape::{Shape, Size};
use crate::{TensorSpec, ahead, capture, eager};

/// An n-dimensional array on a device. Cheap to clone; values never change.
///
/// Outside of compiled functions every operation runs at once. Inside, tensors record what is done to them, and the whole is
/// compiled.
///
/// Numbers and sizes stand on either side of operators. One that comes first is an `f64` or an `i64`, as literals are: with more types
/// Rust could not tell what `1.0` is in `(1.0 - &x).log()`. An `f32` goes behind: `&x * scale`.
///
/// ```
/// use ferrodyne::prelude::*;
/// let x = Tensor::from_vec(vec![0.25, 0.5], [2], &Device::cpu());
/// let y: Tensor = 2.0 * &x + &x / 2 - 1;
/// let entropy = -(&x * x.log() + (1.0 - &x) * (1.0 - &x).log());
/// assert_eq!(entropy.shape(), [2]);
/// # assert_eq!(y.shape(), [2]);
/// ```
#[derive(Clone)]
pub struct Tensor(Arc<Inner>);

/// Values never change, and the locks behind them survive panics.
impl std::panic::UnwindSafe for Tensor {}
/// As for `UnwindSafe`.
impl std::panic::RefUnwindSafe for Tensor {}

enum Inner {
    Stored(Stored),
    Recorded(Recorded),
    Typed(Typed),
}

/// A type in the place of a value.
pub(crate) struct Typed {
    pub(crate) spec: TensorSpec,
    pub(crate) device: Device,
}

/// A value in a device's memory, dense and row-major.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) device: Device,
    pub(crate) buffer: Buffer,
    /// Element type as users know it.
    pub(crate) dtype: DType,
    /// Element type as the buffer holds it: `long` for an `i64` of 64 bits.
    pub(crate) held: DType,
    pub(crate) dims: Vec<usize>,
}

impl Stored {
    /// A value in a buffer that holds elements as `held`.
    pub(crate) fn new(device: &Device, buffer: Buffer, held: DType, dims: Vec<usize>) -> Stored {
        Stored { device: device.clone(), buffer, dtype: held.declared(), held, dims }
    }
}

const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<(Device, Buffer, DType, Vec<usize>)>();
};

// SAFETY: all fields may be sent to other threads, which the compiler has checked above. Saying it here spares users the search
// through the driver's types, which is deeper than rustc goes without a higher `recursion_limit` in the user's crate.
unsafe impl Send for Stored {}
// SAFETY: all fields may be shared with other threads, as above.
unsafe impl Sync for Stored {}

/// A value of a graph that is being recorded, or was.
pub(crate) struct Recorded {
    pub(crate) recorder: u64,
    pub(crate) node: NodeId,
    pub(crate) device: Device,
    pub(crate) dtype: DType,
    pub(crate) dims: Vec<Dim>,
    pub(crate) values: Vec<usize>,
    /// The value, once the segment that makes it has run.
    pub(crate) value: OnceLock<Stored>,
    /// The value at the examples of a trace, where it was read; the recording goes on without it.
    pub(crate) read: OnceLock<Stored>,
}

/// A handle that does not keep its tensor alive.
pub(crate) struct WeakTensor(Weak<Inner>);

impl WeakTensor {
    /// The tensor, if anybody still holds it.
    pub(crate) fn upgrade(&self) -> Option<Tensor> {
        self.0.upgrade().map(Tensor)
    }

    /// Whether anybody still holds the tensor.
    pub(crate) fn is_alive(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl Tensor {
    pub(crate) fn stored(stored: Stored) -> Tensor {
        Tensor(Arc::new(Inner::Stored(stored)))
    }

    pub(crate) fn recorded(recorded: Recorded) -> Tensor {
        Tensor(Arc::new(Inner::Recorded(recorded)))
    }

    /// A tensor that has a type and no value, to compile functions ahead of time: an argument of [`aot`](crate::aot) that stands
    /// in a struct of one's own.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::of_spec(&"f32[batch in 1..=64, 3]".parse()?);
    /// assert_eq!(x.shape().to_string(), "[batch, 3]");
    /// assert!(x.to_vec::<f32>().is_err());
    /// # Ok::<(), ferrodyne::Error>(())
    /// ```
    pub fn of_spec(spec: &TensorSpec) -> Tensor {
        let typed = Typed { spec: spec.clone(), device: ahead::nowhere() };
        Tensor(Arc::new(Inner::Typed(typed)))
    }

    /// The type, where it stands in the place of a value.
    pub(crate) fn as_typed(&self) -> Option<&TensorSpec> {
        match &*self.0 {
            Inner::Typed(typed) => Some(&typed.spec),
            Inner::Stored(_) | Inner::Recorded(_) => None,
        }
    }

    pub(crate) fn downgrade(&self) -> WeakTensor {
        WeakTensor(Arc::downgrade(&self.0))
    }

    /// The value, if it is known.
    pub(crate) fn as_stored(&self) -> Option<&Stored> {
        match &*self.0 {
            Inner::Stored(stored) => Some(stored),
            Inner::Recorded(recorded) => recorded.value.get(),
            Inner::Typed(_) => None,
        }
    }

    /// The place in a recording, while the value is not known.
    pub(crate) fn as_recorded(&self) -> Option<&Recorded> {
        self.recording().filter(|recorded| recorded.value.get().is_none())
    }

    /// The recording that made the tensor.
    pub(crate) fn recording(&self) -> Option<&Recorded> {
        match &*self.0 {
            Inner::Stored(_) | Inner::Typed(_) => None,
            Inner::Recorded(recorded) => Some(recorded),
        }
    }

    /// The value in memory. Of a tensor that is being recorded it becomes known by a graph break: what was recorded so far is
    /// compiled and run.
    ///
    /// # Errors
    /// A tensor that was recorded by another capture, or on another thread; faults of the compiler and the device.
    pub(crate) fn value(&self, what: &str, source: Source) -> Result<&Stored> {
        if let Some(recorded) = self.as_recorded() {
            capture::settle(recorded, what, &source)?;
            if let Some(read) =
                recorded.read.get().filter(|_| capture::is_current(recorded.recorder))
            {
                return Ok(read);
            }
        }
        if let Inner::Typed(typed) = &*self.0 {
            return Err(ahead::no_value(&typed.spec, what, source));
        }
        self.as_stored().ok_or_else(|| capture::stray_handle(what, &source))
    }

    /// The tensor with its value, as [`Tensor::value`] makes it known.
    ///
    /// # Errors
    /// As [`Tensor::value`].
    pub(crate) fn known(&self, what: &str, source: Source) -> Result<Tensor> {
        self.value(what, source).cloned().map(Tensor::stored)
    }

    /// Element type.
    pub fn dtype(&self) -> DType {
        match &*self.0 {
            Inner::Stored(t) => t.dtype,
            Inner::Recorded(t) => t.dtype,
            Inner::Typed(t) => t.spec.dtype(),
        }
    }

    /// The device on which the tensor lies.
    pub fn device(&self) -> &Device {
        match &*self.0 {
            Inner::Stored(t) => &t.device,
            Inner::Recorded(t) => &t.device,
            Inner::Typed(t) => &t.device,
        }
    }

    /// Shape. While a function is captured, sizes may be symbolic.
    pub fn shape(&self) -> Shape {
        match &*self.0 {
            Inner::Stored(t) => {
                capture::shape_of_argument(t).unwrap_or_else(|| Shape::from(t.dims.as_slice()))
            }
            Inner::Recorded(t) if t.value.get().is_some() && !capture::is_current(t.recorder) => {
                Shape::from(t.values.as_slice())
            }
            Inner::Recorded(t) => Shape::of(&t.dims, &t.values),
            Inner::Typed(t) => Shape::of(&t.spec.dims(), &t.spec.values()),
        }
    }

    /// Number of dims.
    pub fn rank(&self) -> usize {
        match &*self.0 {
            Inner::Stored(t) => t.dims.len(),
            Inner::Recorded(t) => t.dims.len(),
            Inner::Typed(t) => t.spec.sizes().len(),
        }
    }

    /// The size of one dim; negative positions count from the end.
    ///
    /// # Panics
    /// When there is no such dim.
    #[track_caller]
    pub fn dim(&self, axis: isize) -> Size {
        let at = crate::fault::expect(self.axis(axis));
        self.shape().size(at)
    }

    /// As [`Tensor::dim`], by PyTorch's name.
    ///
    /// # Panics
    /// When there is no such dim.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::ones([2, 3], &Device::cpu());
    /// assert_eq!(x.size(-1), 3);
    /// assert_eq!(x.size(-1), x.shape()[1]);
    /// ```
    #[track_caller]
    pub fn size(&self, axis: isize) -> Size {
        self.dim(axis)
    }

    /// The sizes of all dims, of which there must be `N`.
    ///
    /// # Panics
    /// When there are more or fewer.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// let x = Tensor::ones([2, 3, 8], &Device::cpu());
    /// let [batch, length, width] = x.sizes();
    /// assert_eq!(x.reshape([batch, length, Size::from(2), width / 2]).shape(), [2, 3, 2, 4]);
    /// ```
    #[track_caller]
    pub fn sizes<const N: usize>(&self) -> [Size; N] {
        let shape = self.shape();
        match <[Size; N]>::try_from(shape.sizes().to_vec()) {
            Ok(sizes) => sizes,
            Err(_) => {
                let rank = shape.rank();
                let message = format!("the shape {shape} is of rank {rank}, and not of {N}");
                crate::fault::raise(Error::at("rank", message, Source::caller()))
            }
        }
    }

    /// Number of elements.
    pub fn numel(&self) -> Size {
        self.shape().numel()
    }

    /// A signed axis as a position.
    #[track_caller]
    pub(crate) fn axis(&self, axis: isize) -> Result<usize> {
        let rank = self.rank() as isize;
        match (-rank..rank).contains(&axis) {
            true => Ok(axis.rem_euclid(rank) as usize),
            false => {
                let message = format!(
                    "axis {axis} is out of range for a tensor of rank {rank} (shape {})",
                    self.shape()
                );
                Err(Error::at("axis", message, Source::caller()))
            }
        }
    }
}

impl Tensor {
    /// Whether an axis is one that PyTorch lets a tensor of rank 0 have: 0, or -1.
    pub(crate) fn is_axis_of_scalar(&self, axis: isize) -> bool {
        self.rank() == 0 && matches!(axis, -1 | 0)
    }

    /// The tensor and the position of an axis in it: as a vector of its only value where it has no axes, of which 0 or -1 may be named.
    ///
    /// # Errors
    /// An axis that is not there.
    #[track_caller]
    pub(crate) fn along(&self, axis: isize) -> Result<(Tensor, usize)> {
        match self.is_axis_of_scalar(axis) {
            true => Ok((self.with_axis()?, 0)),
            false => Ok((self.clone(), self.axis(axis)?)),
        }
    }

    /// The tensor, as a vector of its only value where it has no axes.
    #[track_caller]
    pub(crate) fn with_axis(&self) -> Result<Tensor> {
        if self.rank() == 0 { self.try_reshape([1]) } else { Ok(self.clone()) }
    }

    /// What was made of [`Tensor::along`] of another tensor, without an axis which that does not have.
    #[track_caller]
    pub(crate) fn without_axis_of(self, other: &Tensor) -> Result<Tensor> {
        if other.rank() == 0 { self.try_reshape(()) } else { Ok(self) }
    }
}

/// Applies an operator: records it when a function is being captured, runs it at once otherwise.
///
/// # Errors
/// Operands that do not fit, or lie on different devices; faults of the device.
#[track_caller]
pub(crate) fn apply(op: &'static str, inputs: &[&Tensor], attrs: Attrs) -> Result<Tensor> {
    let source = Source::caller();
    let device = inputs[0].device();
    if let Some(typed) = inputs.iter().find(|t| t.as_typed().is_some()) {
        typed.value(op, source.clone())?;
    }
    if let Some(other) = inputs.iter().find(|t| t.device() != device)
        && !capture::is_ahead()
    {
        let message = format!(
            "{op}: one operand lies on `{device}` and another on `{}`: move one with `to_device`",
            other.device()
        );
        return Err(Error::at("device", message, source));
    }
    if let Some(result) = capture::record(op, inputs, &attrs, &source) {
        return result.map_err(|fault| of_method(op, fault));
    }
    let stored = inputs.iter().map(|t| t.value(op, source.clone())).collect::<Result<Vec<_>>>()?;
    let value = eager::run(device, op, &stored, &attrs, &source);
    value.map(Tensor::stored).map_err(|fault| of_method(op, fault))
}

/// Applies an operator without operands, on a device.
///
/// # Errors
/// Attributes that do not fit; faults of the device.
#[track_caller]
pub(crate) fn apply_source(device: &Device, op: &'static str, attrs: Attrs) -> Result<Tensor> {
    let source = Source::caller();
    let made = match capture::record(op, &[], &attrs, &source) {
        Some(result) => result,
        None => eager::run(device, op, &[], &attrs, &source).map(Tensor::stored),
    };
    made.map_err(|fault| of_method(op, fault))
}
