//! Everything that can go wrong, as one type.

use ferrodyne_plan::Diagnostic;
use ferrodyne_runtime::RuntimeError;

use crate::fault::under_method;

/// A fault of tensor code, of a device, or of a file. `Debug` prints what `Display` does, since that is what `unwrap` and a `main` that
/// returns a fault show.
#[derive(Clone, thiserror::Error)]
pub enum Error {
    /// Operands that do not fit, values that cannot be captured, operators that do not exist.
    #[error(transparent)]
    Tensor(#[from] Diagnostic),
    /// A fault of a device, or of shapes given to a compiled program.
    #[error(transparent)]
    Device(#[from] RuntimeError),
    /// A file that cannot be read or written.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// A model that is malformed, or that has operators ferrodyne does not know.
    #[error("{0}")]
    Model(String),
    /// A state dict that does not fit a module.
    #[error("{0}")]
    StateDict(String),
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Error {
    /// A fault of the given kind at a place. In a method of a tensor it is told under the name that the user called.
    pub(crate) fn at(
        code: &'static str,
        message: impl Into<String>,
        source: ferrodyne_plan::Source,
    ) -> Error {
        Error::Tensor(Diagnostic::new(code, under_method(message.into())).at(source))
    }
}

/// The result of whatever touches a device, a file or a model.
pub type Result<T, E = Error> = std::result::Result<T, E>;
