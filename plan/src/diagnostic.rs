//! The one shape of what is told to the user about a fault.

use std::fmt;

use crate::Source;

/// A fault: what, where, and what to do about it. Made where the fault is seen, rendered by its `Display`.
///
/// ```
/// use ferrodyne_plan::{Diagnostic, Source};
/// let d = Diagnostic::new("shape", "matmul: `x` is f32[2, 3] but `w` is f32[4, 5]: 3 and 4 must be equal");
/// assert_eq!(d.to_string(), "matmul: `x` is f32[2, 3] but `w` is f32[4, 5]: 3 and 4 must be equal");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Short stable word for the kind of fault: `shape`, `dtype`, `unsupported`.
    pub code: &'static str,
    /// The fault in one sentence, lower case, without a full stop.
    pub message: String,
    /// Places with what is to be said about each; an empty text names the place only.
    pub labels: Vec<(Source, String)>,
    /// Further facts.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A fault without a place yet.
    pub fn new(code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// Adds the place of the fault, if it is known.
    pub fn at(self, source: Source) -> Diagnostic {
        self.label(source, "")
    }

    /// Adds a place with a text.
    pub fn label(mut self, source: Source, text: impl Into<String>) -> Diagnostic {
        if !source.is_unknown() {
            self.labels.push((source, text.into()));
        }
        self
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let place = |(source, text): &(Source, String)| match text.is_empty() {
            true => source.to_string(),
            false => format!("{text} {source}"),
        };
        if !self.labels.is_empty() {
            write!(f, " ({})", self.labels.iter().map(place).collect::<Vec<_>>().join(", "))?;
        }
        for note in &self.notes {
            write!(f, "\n  note: {note}")?;
        }
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Diagnostic {}
