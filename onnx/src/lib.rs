//! Reads ONNX files as ferrodyne graphs.
//!
//! [`load`] takes a file and gives an [`OnnxModel`]: a graph over the compiler's operators and the weights it needs. Declared
//! symbolic sizes stay symbolic, and arithmetic on shapes is done while reading, so that one compiled plan serves all sizes.
//! [`inspect`] tells what a file holds without building a graph. Nothing here knows a device.

mod context;
mod declare;
mod error;
mod flatten;
mod import;
mod inspect;
mod known;
mod ops;
pub mod proto;
mod read;
mod scope;
pub mod tensor;
mod value;

pub use error::{OnnxError, UnsupportedNode};
pub use import::{OnnxModel, import, load};
pub use inspect::{DeclaredValue, Inspection, OperatorCount, inspect};
pub use ops::{Support, coverage};
