//! Places in the user's code.

use std::fmt;
use std::panic::Location;

use serde::{Deserialize, Serialize};

use crate::Name;

/// Where a node, a guard or an error comes from: a line of the user's code, and the module path it was reached by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// File as the Rust compiler names it, or the name of a model file.
    pub file: Option<Name>,
    /// Line in the file, from 1; 0 when the file has no lines.
    pub line: u32,
    /// Path of modules (`layer1.0.conv1`), or the name of an ONNX node.
    pub module: Option<Name>,
}

impl Source {
    /// A source about which nothing is known.
    pub fn unknown() -> Source {
        Source::default()
    }

    /// The line that called a `#[track_caller]` function.
    #[track_caller]
    pub fn caller() -> Source {
        Source::from(Location::caller())
    }

    /// The same place, reached through a module.
    pub fn in_module(mut self, module: impl Into<Name>) -> Source {
        self.module = Some(module.into());
        self
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        self.file.is_none() && self.module.is_none()
    }
}

impl From<&'static Location<'static>> for Source {
    fn from(at: &'static Location<'static>) -> Source {
        Source { file: Some(Name::from(at.file())), line: at.line(), module: None }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, &self.module) {
            (Some(file), _) if self.line == 0 => write!(f, "{file}")?,
            (Some(file), _) => write!(f, "{file}:{}", self.line)?,
            (None, None) => f.write_str("unknown place")?,
            (None, Some(_)) => {}
        }
        match (&self.module, &self.file) {
            (Some(module), Some(_)) => write!(f, " in {module}"),
            (Some(module), None) => write!(f, "{module}"),
            (None, _) => Ok(()),
        }
    }
}
