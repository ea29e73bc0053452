//! What can be wrong with a file.

use std::fmt;

use ferrodyne_plan::Diagnostic;

/// Why a file is no model that can be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OnnxError {
    /// The file, or one with its data, cannot be read.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        message: String,
    },
    /// The bytes are no ONNX model, or one whose parts do not fit together.
    #[error("{file}: {message}")]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// Operators that the importer does not know.
    #[error("{}", unsupported_text(.file, .nodes))]
    Unsupported {
        /// The file.
        file: String,
        /// All such nodes, in the order of the file.
        nodes: Vec<UnsupportedNode>,
    },
    /// A node whose operands or attributes do not fit its operator, or a use of it that is not supported.
    #[error("{0}")]
    Node(Box<Diagnostic>),
}

/// A node that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedNode {
    /// Operator.
    pub op: String,
    /// Its domain; empty for the standard operators.
    pub domain: String,
    /// Version of the operator set in the file.
    pub opset: i64,
    /// Name of the node, or of its first result when it has none.
    pub node: String,
}

impl fmt::Display for UnsupportedNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = if self.domain.is_empty() { "ai.onnx" } else { &self.domain };
        write!(f, "{domain}.{} (opset {}) at `{}`", self.op, self.opset, self.node)
    }
}

/// Nodes named in one message; the rest are counted.
const NAMED: usize = 40;

fn unsupported_text(file: &str, nodes: &[UnsupportedNode]) -> String {
    let mut text = match nodes.len() {
        1 => format!("{file}: 1 node has an operator that is not supported:"),
        count => format!("{file}: {count} nodes have operators that are not supported:"),
    };
    for node in nodes.iter().take(NAMED) {
        text.push_str(&format!("\n  {node}"));
    }
    if nodes.len() > NAMED {
        text.push_str(&format!("\n  and {} more", nodes.len() - NAMED));
    }
    text
}

impl From<Diagnostic> for OnnxError {
    fn from(fault: Diagnostic) -> OnnxError {
        OnnxError::Node(Box::new(fault))
    }
}
