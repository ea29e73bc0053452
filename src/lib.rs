//! ferrodyne: a graph compiler for tensor code in Rust.
//!
//! A function over tensors is captured once as a graph, partitioned into regions that fuse, and compiled into a few kernels for
//! any GPU that wgpu reaches, or for the CPU. Guards decide when a program may serve a call again.
//!
//! ```
//! use ferrodyne::prelude::*;
//!
//! #[compile]
//! fn opt_foo2(x: &Tensor, y: &Tensor) -> Tensor {
//!     x.sin() + y.cos()
//! }
//!
//! let device = Device::cpu();
//! let (x, y) = (Tensor::randn([4, 10], &device), Tensor::randn([4, 10], &device));
//! let z = opt_foo2(&x, &y);
//! assert_eq!(z.shape(), [4, 10]);
//! ```
//!
//! Models are structs, whose `forward` can be called and compiled:
//!
//! ```
//! use ferrodyne::prelude::*;
//!
//! #[derive(Module)]
//! struct Mlp {
//!     fc1: Linear,
//!     fc2: Linear,
//! }
//!
//! #[module]
//! impl Mlp {
//!     fn forward(&self, x: &Tensor) -> Tensor {
//!         self.fc2.forward(&self.fc1.forward(x).relu())
//!     }
//! }
//!
//! let device = Device::cpu();
//! let model = compile(Mlp { fc1: Linear::new(10, 32, &device), fc2: Linear::new(32, 2, &device) });
//! let y = model.call(&Tensor::randn([4, 10], &device))?;
//! let host: ndarray::Array2<f32> = y.to_ndarray()?;
//! assert_eq!(host.dim(), (4, 2));
//! # Ok::<(), ferrodyne::Error>(())
//! ```
//!
//! Outside of compiled functions every operation runs at once, through the same compiler.

#![recursion_limit = "256"]

extern crate self as ferrodyne;

mod error;
mod fault;
mod shape;

mod device;
mod interop;
mod scalar;
mod tensor;
mod trace;

mod module;
pub mod nn;

mod adapters;
mod ahead;
mod capture;
mod compile;
mod condition;
mod connect;
mod eager;
mod range;

pub mod bisect;
pub mod code;
pub mod explain;
pub mod flow;
mod judge;
pub mod logging;
mod model;
pub mod onnx;
pub mod passes;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use ahead::{AsIs, Contract, SizeSpec, Specs, TensorSpec, aot, explain_aot};
pub use capture::{GraphBreak, Leaves, Tree};
pub use compile::{
    Arg, ArgVisitor, Backend, BackendKind, Callable, CompileTimes, Compiled, Event, EventKind,
    Executable, Fresh, Host, Part, ProgramReport, Rebuild, Ret, Stats, backends, compile,
    compile_graph, disable, function_stats, register_backend, reset, reset_function,
};
pub use device::{Device, devices, manual_seed};
pub use error::{Error, Result};
/// Options of the compiler's stages.
pub use ferrodyne_compiler::pipeline::Options as CompilerOptions;
pub use ferrodyne_macros::{Arg, Module, Ret, Tree, compile, module};
pub use ferrodyne_plan::{DType, Diagnostic, HostTensor, Plan, Target};
/// Faults of devices, as [`Error::Device`] holds them.
pub use ferrodyne_runtime::RuntimeError;
/// The crate through which GPUs are driven, for users who bring their own device and buffers.
pub use ferrodyne_runtime::gpu::wgpu;
pub use judge::{Verdict, judge};
pub use model::{Model, Session, SessionOptions, ValueInfo};
pub use module::{Buffer, Module, Parameter, StateDict, TypeKey, Visitor};
pub use scalar::Scalar;
pub use shape::{Shape, Size};
pub use tensor::{Axes, Element, Operand, Sides, Tensor};
pub use trace::{Divergence, TraceOptions, TraceWarning, Traced, TracedModule, trace, trace_with};

/// What most programs use.
pub mod prelude {
    pub use crate::nn::*;
    pub use crate::{
        Arg, Buffer, DType, Device, Host, Module, Parameter, Ret, Scalar, Shape, Size, StateDict,
        Tensor, Tree, compile, flow, manual_seed, module, shape,
    };
}
