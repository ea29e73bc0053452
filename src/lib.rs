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
mod shape;
mod tensor;

pub use compile::{Arg, ArgVisitor, BackendKind, Callable, CompileTimes, Compiled, ProgramReport, Rebuild, Ret, Stats, compile};
pub use device::{Device, devices, manual_seed};
pub use error::{Error, Result};
pub use ferrodyne_plan::{DType, Diagnostic, HostTensor};
pub use model::{Model, Session, SessionOptions, ValueInfo};
pub use module::{Buffer, Module, Parameter, StateDict, Visitor};
pub use shape::{Shape, Size};
pub use tensor::{Axes, Element, Operand, Tensor};

/// What most programs use.
pub mod prelude {
    pub use crate::{DType, Device, Module, Parameter, Tensor, compile, shape};
}
