//! Models in ONNX files.

use std::path::Path;

use crate::error::{Error, Result};
use crate::model::Model;

/// Reads an ONNX file, with its external data beside it.
///
/// # Errors
/// A file that cannot be read or is malformed; operators that ferrodyne does not know, all of them at once.
pub fn load(path: impl AsRef<Path>) -> Result<Model> {
    let model = ferrodyne_onnx::load(path.as_ref()).map_err(|error| Error::Model(error.to_string()))?;
    Ok(Model::new(model.graph, model.weights, model.warnings))
}

/// An input or a result as the file declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredValue {
    /// Name.
    pub name: String,
    /// Element type.
    pub dtype: String,
    /// Sizes and names of sizes.
    pub dims: Vec<String>,
}

/// What a file holds, without compiling it.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// The program that wrote the file.
    pub producer: String,
    /// Version of the standard operators.
    pub opset: i64,
    /// Inputs that are no weights.
    pub inputs: Vec<DeclaredValue>,
    /// Results.
    pub outputs: Vec<DeclaredValue>,
    /// Operators with the number of their nodes.
    pub operators: Vec<(String, usize)>,
    /// All nodes that ferrodyne cannot run.
    pub unsupported: Vec<String>,
}
