//! Runs kernels, unscheduled and scheduled, and checks all that a device would not.
//!
//! In: a kernel, the sizes of its symbols, its buffers in the order of its params. Out: the buffers, written, and the
//! trip counts. Promised: every access is in range or an error; an element is stored by one point only (unless merged);
//! what is not written is not read; arithmetic is that of [`Math`]. All bindings are loops; stages change nothing.

mod machine;
mod program;
mod tensor;
mod trips;

use super::{Kernel, Math};
use crate::dims::EvalError;
use crate::{DType, Name};
pub use tensor::Tensor;
pub use trips::{Trips, trips};

/// Why a kernel has no meaning on these sizes and buffers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InterpretError {
    /// A symbol without a size, a division by zero, an overflow.
    #[error(transparent)]
    Dim(#[from] EvalError),
    /// An index needs more than 64 bits.
    #[error("an index does not fit 64 bits")]
    Overflow,
    /// A name that the kernel does not declare.
    #[error("`{0}` is not declared in the kernel: declare it as a param, an axis or a value")]
    Unknown(Name),
    /// Another number of buffers than params.
    #[error("the kernel has {want} params but {got} buffers are given: give one a param, in order")]
    Buffers {
        /// Number of params.
        want: usize,
        /// Number of buffers.
        got: usize,
    },
    /// A buffer that is not what the param says.
    #[error("param `{name}` is {want}{want_dims:?} but its buffer is {got}{got_dims:?}")]
    Buffer {
        /// The param.
        name: Name,
        /// Its type.
        want: DType,
        /// Its shape.
        want_dims: Vec<i64>,
        /// The type given.
        got: DType,
        /// The shape given.
        got_dims: Vec<usize>,
    },
    /// An axis with a negative number of values.
    #[error("axis `{axis}` has the extent {extent}: extents are not negative")]
    Extent {
        /// The axis.
        axis: Name,
        /// Its extent.
        extent: i64,
    },
    /// An exact split whose parts exceed the extent.
    #[error(
        "axis `{axis}` takes the value {value} but its extent is {extent}: its split is not exact, so it needs a tail"
    )]
    Overhang {
        /// The axis.
        axis: Name,
        /// The value.
        value: i64,
        /// Its extent.
        extent: i64,
    },
    /// An access out of range.
    #[error(
        "coordinate {place} of `{buf}` is {value} but the extent is {extent}: check the coordinate or guard the store"
    )]
    OutOfRange {
        /// The param.
        buf: Name,
        /// Which coordinate, from 0.
        place: usize,
        /// Its value.
        value: i64,
        /// The extent.
        extent: i64,
    },
    /// An access with another number of coordinates than the param has dims.
    #[error("`{buf}` has {want} dims but {got} coordinates are given")]
    Rank {
        /// The param.
        buf: Name,
        /// Number of dims.
        want: usize,
        /// Number of coordinates.
        got: usize,
    },
    /// A checked load without a fill.
    #[error("the checked load of `{0}` is out of range and has no fill: add `else VALUE`")]
    NoFill(Name),
    /// Two points store one element.
    #[error(
        "two points store element {element} of `{buf}`: the store's map must be injective, or merge"
    )]
    StoredTwice {
        /// The param.
        buf: Name,
        /// The flat index.
        element: usize,
    },
    /// A read of an output that is not written.
    #[error("element {element} of the output `{buf}` is read: outputs are only written")]
    ReadOfOutput {
        /// The param.
        buf: Name,
        /// The flat index.
        element: usize,
    },
    /// A read of an element that the kernel has overwritten.
    #[error(
        "element {element} of `{buf}` is read after the kernel has stored it: read it before, or keep it in a `let`"
    )]
    ReadAfterStore {
        /// The param.
        buf: Name,
        /// The flat index.
        element: usize,
    },
    /// A store into an input.
    #[error("`{0}` is an input and cannot be stored to: make it `out` or `inout`")]
    StoreToInput(Name),
    /// A value that is used before its statement ran.
    #[error("`{0}` is used before it is computed")]
    NotComputed(Name),
    /// An operation on types that it does not take.
    #[error("operation `{0:?}` does not take operands of these types")]
    Operands(Math),
    /// A fold of types that it does not take.
    #[error("fold `{0}` does not take arguments of these types")]
    FoldTypes(&'static str),
    /// No arm of a case has the value.
    #[error(
        "no arm of the case over `{on}` has the value {value}: the arms must cover every point"
    )]
    NoArm {
        /// What decides.
        on: String,
        /// Its value.
        value: i64,
    },
    /// A value used as an index is no integer.
    #[error("`{0}` is used as an index but is not an integer")]
    NotAnIndex(Name),
}

/// Runs a kernel on buffers, one a param, in order.
///
/// # Errors
/// Whatever a device would do silently; see [`InterpretError`]. The buffers are then partly written.
pub fn interpret(
    kernel: &Kernel,
    sizes: &dyn Fn(&Name) -> Option<i64>,
    buffers: &mut [Tensor],
) -> Result<Trips, InterpretError> {
    let program = program::compile(kernel, sizes)?;
    machine::run(&program, buffers)?;
    Ok(trips::of_program(&program))
}
