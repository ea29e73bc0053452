//! ferrodyne.


#![recursion_limit = "256"]

extern crate self as ferrodyne;

mod capture;
mod compile;
mod device;
mod eager;
mod error;
pub mod explain;
mod model;
mod module;
pub mod onnx;
mod interop;
pub mod nn;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod shape;
mod tensor;

pub use compile::{Arg, ArgVisitor, BackendKind, Callable, CompileTimes, Compiled, ProgramReport, Rebuild, Ret, Stats, compile};
pub use device::{Device, devices, manual_seed};
pub use error::{Error, Result};
pub use ferrodyne_macros::{Arg, Module, Ret, compile, module};
/// The crate through which GPUs are driven, for users who bring their own device and buffers.
pub use ferrodyne_runtime::gpu::wgpu;
pub use ferrodyne_plan::{DType, Diagnostic, HostTensor};
pub use model::{Model, Session, SessionOptions, ValueInfo};
pub use module::{Buffer, Module, Parameter, StateDict, Visitor};
pub use shape::{Shape, Size};
pub use tensor::{Axes, Element, Operand, Tensor};

/// What most programs use.
pub mod prelude {
    pub use crate::nn::*;
    pub use crate::{
        Arg, Buffer, DType, Device, Module, Parameter, Ret, Shape, Size, StateDict, Tensor, compile, manual_seed,
        module, shape,
    };
}
