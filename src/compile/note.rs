//! What the words of a call are: names and texts for messages.

use ferrodyne_plan::DType;

use super::arg::Part;
use crate::scalar::Number;

/// What a word of a call is.
#[derive(Clone)]
pub(crate) struct Note {
    /// The user's name: an argument with the way into it (`batch.data`), or a field of the module (`fc1.weight`).
    pub(crate) path: String,
    pub(crate) what: What,
}

/// Kinds of words.
#[derive(Clone)]
pub(crate) enum What {
    /// The device of the first tensor.
    Device,
    /// A module of a type by name.
    Module(String),
    /// The type of the module before.
    Type,
    /// The end of a module.
    End,
    /// A parameter or a buffer.
    Cell(&'static str),
    /// A host value with its text.
    Host(String),
    /// How many members there are, or which.
    Members(String),
    /// A tensor of an element type and a rank.
    Tensor(DType, usize),
    /// The size of an axis of the tensor before.
    Size(usize),
    /// A scalar.
    Scalar(DType),
    /// The value of the scalar before.
    Number(Number),
}

impl Note {
    /// `x's dim 0`, or the name alone.
    pub(crate) fn name(&self) -> String {
        match self.what {
            What::Size(axis) => format!("{}'s dim {axis}", self.path),
            _ => format!("`{}`", self.path),
        }
    }

    /// What is there, in words.
    fn text(&self) -> String {
        match &self.what {
            What::Device => "a device".to_owned(),
            What::Module(name) => format!("a {name}"),
            What::Type => "of one type".to_owned(),
            What::End => "at its end".to_owned(),
            What::Cell(kind) => format!("a {kind}"),
            What::Host(text) | What::Members(text) => text.clone(),
            What::Tensor(dtype, rank) => format!("{dtype} of rank {rank}"),
            What::Size(_) => "a size".to_owned(),
            What::Scalar(dtype) => format!("a scalar of {dtype}"),
            What::Number(number) => number.to_string(),
        }
    }

    /// How a word of a call differs from that of a program: the name, what it was, and what it is.
    pub(crate) fn difference(&self, now: &Note) -> String {
        let name = self.name();
        if self.path != now.path {
            let (was, is) = (self.text(), now.text());
            return format!("{name} was {was} where {} is {is}", now.name());
        }
        match (&self.what, &now.what) {
            (What::Device, _) => "the tensors lie on another device".to_owned(),
            (What::Cell(kind), What::Cell(_)) => format!("{kind} {name} is another one"),
            (What::Type, _) => format!("{name} is a module of another type"),
            _ => format!("{name} was {}, and is {}", self.text(), now.text()),
        }
    }
}

/// The notes of a call, and where the walk over its leaves is.
pub(super) struct Notes {
    pub(super) list: Vec<Note>,
    arguments: Vec<String>,
    path: String,
    /// Lengths of the path at each step.
    steps: Vec<usize>,
}

impl Notes {
    /// No notes yet; the arguments have these names.
    pub(super) fn new(arguments: Vec<String>) -> Notes {
        Notes { list: Vec::new(), arguments, path: String::new(), steps: Vec::new() }
    }

    fn argument(&self, index: usize) -> String {
        self.arguments.get(index).cloned().unwrap_or_else(|| format!("x{index}"))
    }

    /// Adds a note on what is at hand, or on a member of it.
    pub(super) fn add(&mut self, name: &str, what: What) {
        let path = match (self.path.as_str(), name) {
            ("", "") => self.argument(0),
            ("", name) => name.to_owned(),
            (path, "") => path.to_owned(),
            (path, name) => format!("{path}.{name}"),
        };
        self.list.push(Note { path, what });
    }

    pub(super) fn enter_module(&mut self, name: &str) {
        self.steps.push(self.path.len());
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
    }

    pub(super) fn enter_argument(&mut self, part: Part<'_>) {
        self.steps.push(self.path.len());
        match part {
            Part::Member(index) if self.steps.len() == 1 => self.path = self.argument(index),
            _ if self.steps.len() == 1 => self.path = format!("{}{part}", self.argument(0)),
            _ => self.path += &part.to_string(),
        }
    }

    pub(super) fn leave(&mut self) {
        self.path.truncate(self.steps.pop().unwrap_or_default());
    }
}
