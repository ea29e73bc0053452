//! The language in which ferrodyne's compiler and runtime meet.
//!
//! Everything here is plain data with a text form: sizes ([`dims`]), element types ([`dtype`]), places in the user's code
//! ([`source`]), what a device can do ([`target`]), kernels as loops ([`loops`]) and whole programs ([`plan`]).
//! Nothing here knows tensors, graphs, WGSL or a device.

pub mod diagnostic;
pub mod dims;
pub mod dtype;
pub mod host;
pub mod loops;
pub mod plan;
pub mod source;
pub mod target;
pub mod text;

pub use diagnostic::Diagnostic;
pub use dims::{Dim, Facts, Proof, Range, Var};
pub use dtype::{DType, Scalar};
pub use host::HostTensor;
pub use plan::Plan;
pub use source::Source;
pub use target::Target;
pub use text::Name;
