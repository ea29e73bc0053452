//! Why a kernel has no text.

use ferrodyne_plan::{Dim, Name};

/// A kernel that the printer cannot write: its schedule breaks a rule of the target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WgslFault {
    /// A name without a declaration.
    #[error("`{kernel}`: `{name}` is used but not declared where it is used")]
    Undeclared {
        /// The kernel.
        kernel: Name,
        /// The name.
        name: Name,
    },
    /// An axis is written out whose extent is not known.
    #[error(
        "`{kernel}`: axis `{axis}` is bound to {bind}, which needs a constant extent, but has {extent}"
    )]
    OpenExtent {
        /// The kernel.
        kernel: Name,
        /// The axis.
        axis: Name,
        /// What it is bound to.
        bind: &'static str,
        /// Its extent.
        extent: Dim,
    },
    /// A binding that means nothing here.
    #[error("`{kernel}`: axis `{axis}` is {reason}")]
    Binding {
        /// The kernel.
        kernel: Name,
        /// The axis.
        axis: Name,
        /// What is wrong.
        reason: &'static str,
    },
    /// A store that writes part of a word.
    #[error(
        "`{kernel}`: a store to `{buffer}` writes part of a 32-bit word: give an invocation {elements} elements in a row"
    )]
    PartOfWord {
        /// The kernel.
        kernel: Name,
        /// The buffer.
        buffer: Name,
        /// Elements of a word.
        elements: usize,
    },
    /// Values of types that do not fit the operation.
    #[error("`{kernel}`: `{operation}` has no form for its operands")]
    Operands {
        /// The kernel.
        kernel: Name,
        /// The operation.
        operation: String,
    },
    /// Text that naga refuses: a fault of the printer.
    #[error("`{kernel}`: the text is refused: {message}\n{text}")]
    Refused {
        /// The kernel.
        kernel: Name,
        /// What naga says.
        message: String,
        /// The text.
        text: String,
    },
}
