//! Models in ONNX files.

use std::path::Path;

pub use ferrodyne_onnx::{DeclaredValue, Inspection, OperatorCount, UnsupportedNode};

use crate::error::{Error, Result};
use crate::model::Model;

/// Reads an ONNX file, with its external data beside it.
///
/// A model of 64-bit floats is computed in 32 bits, and [`Model::warnings`] says so; its inputs are given as `f32` tensors, or
/// from host values by [`crate::ValueInfo::upload`].
///
/// # Errors
/// A file that cannot be read or is malformed; operators that ferrodyne does not know, all of them at once.
pub fn load(path: impl AsRef<Path>) -> Result<Model> {
    let model =
        ferrodyne_onnx::load(path.as_ref()).map_err(|error| Error::Model(error.to_string()))?;
    Ok(Model::new(model.graph, model.weights, model.warnings)
        .with_doubles(&model.doubles)
        .with_lengths(&model.lengths))
}

/// Looks into a file without compiling it.
///
/// # Errors
/// A file that cannot be read or is malformed. Unsupported operators are no error here.
pub fn inspect(path: impl AsRef<Path>) -> Result<Inspection> {
    ferrodyne_onnx::inspect(path.as_ref()).map_err(|error| Error::Model(error.to_string()))
}
