//! Walks over modules: names of parameters and buffers, and the tree as text.

use std::fmt::{self, Debug, Write};

use super::{Buffer, Module, Parameter, Visitor};

/// A parameter or a buffer with its path.
#[derive(Clone, Debug)]
pub(crate) enum Leaf {
    /// A weight.
    Parameter(Parameter),
    /// State that is no weight.
    Buffer(Buffer),
}

impl Leaf {
    pub(crate) fn id(&self) -> u64 {
        match self {
            Leaf::Parameter(parameter) => parameter.id(),
            Leaf::Buffer(buffer) => buffer.id(),
        }
    }
}

/// A module inside of another: its path, its type, and the first of its parameters and buffers.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) type_name: String,
    pub(crate) first: Option<u64>,
}

/// What a walk over a module finds.
#[derive(Default)]
pub(crate) struct Walk {
    path: Vec<String>,
    open: Vec<usize>,
    pub(crate) leaves: Vec<(String, Leaf)>,
    pub(crate) places: Vec<Place>,
    /// Fields that change behind shared references, in words.
    interior: Vec<String>,
}

impl Walk {
    pub(crate) fn of(module: &(impl Module + ?Sized)) -> Walk {
        let mut walk = Walk::default();
        module.visit(&mut walk);
        walk
    }

    fn add(&mut self, name: &str, leaf: Leaf) {
        for &open in &self.open {
            self.places[open].first.get_or_insert(leaf.id());
        }
        self.leaves.push((self.named(name), leaf));
    }

    fn named(&self, name: &str) -> String {
        self.path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".")
    }
}

impl Visitor for Walk {
    fn parameter(&mut self, name: &str, parameter: &Parameter) {
        self.add(name, Leaf::Parameter(parameter.clone()));
    }

    fn buffer(&mut self, name: &str, buffer: &Buffer) {
        self.add(name, Leaf::Buffer(buffer.clone()));
    }

    fn config(&mut self, _name: &str, _value: &dyn Debug) {}

    fn interior(&mut self, name: &str, type_name: &str) {
        self.interior.push(format!("`{}` ({})", self.named(name), short(type_name)));
    }

    fn enter(&mut self, name: &str, type_name: &str) {
        let place = Place { path: self.named(name), type_name: type_name.to_owned(), first: None };
        self.path.push(name.to_owned());
        self.open.push(self.places.len());
        self.places.push(place);
    }

    fn leave(&mut self) {
        self.path.pop();
        self.open.pop();
    }
}

/// Fields of a module that change behind shared references: path and type.
pub(crate) fn interior(module: &dyn Module) -> Vec<String> {
    Walk::of(module).interior
}

/// The name of a type without the paths of modules.
fn short(type_name: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut short = String::new();
    let mut rest = type_name;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| !is_path(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, after) = rest.split_at(length);
        short += word.rsplit("::").next().unwrap_or(word);
        rest = after;
    }
    short
}

/// Finds the first parameter or buffer of a module, which tells it from others of its type.
#[derive(Default)]
struct First(Option<u64>);

impl Visitor for First {
    fn parameter(&mut self, _name: &str, parameter: &Parameter) {
        self.0.get_or_insert(parameter.id());
    }

    fn buffer(&mut self, _name: &str, buffer: &Buffer) {
        self.0.get_or_insert(buffer.id());
    }

    fn config(&mut self, _name: &str, _value: &dyn Debug) {}

    fn enter(&mut self, _name: &str, _type_name: &str) {}

    fn leave(&mut self) {}
}

/// The first parameter or buffer of a module.
pub(crate) fn first_cell(module: &dyn Module) -> Option<u64> {
    let mut first = First::default();
    module.visit(&mut first);
    first.0
}

/// A module as text, as PyTorch prints it:
///
/// ```text
/// Mlp(
///   depth=2
///   (fc1): Linear(in_features=10, out_features=32, bias=True)
///   (fc2): Linear(in_features=32, out_features=2, bias=True)
/// )
/// ```
pub(crate) fn write_tree(module: &dyn Module, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let root = Branch { extra: module.extra_repr(), ..Branch::default() };
    let mut tree = Tree { open: vec![root] };
    module.visit(&mut tree);
    let root = tree.open.pop().unwrap_or_default();
    f.write_str(&root.text(module.type_name()))
}

/// Collects the text of a tree from its leaves up.
struct Tree {
    open: Vec<Branch>,
}

#[derive(Default)]
struct Branch {
    name: String,
    type_name: String,
    config: Vec<String>,
    /// What the module says of itself, in place of its configuration.
    extra: Option<String>,
    children: Vec<String>,
}

impl Branch {
    fn text(&self, type_name: &str) -> String {
        let config = self.extra.clone().unwrap_or_else(|| self.config.join(", "));
        if self.children.is_empty() {
            return format!("{type_name}({config})");
        }
        let mut text = format!("{type_name}(");
        if !config.is_empty() {
            let _ = write!(text, "\n  {config}");
        }
        for child in &self.children {
            let _ = write!(text, "\n  {}", child.replace('\n', "\n  "));
        }
        text + "\n)"
    }
}

impl Visitor for Tree {
    fn parameter(&mut self, _name: &str, _parameter: &Parameter) {}

    fn buffer(&mut self, _name: &str, _buffer: &Buffer) {}

    fn config(&mut self, name: &str, value: &dyn Debug) {
        let shown = name != "training";
        if let Some(branch) = self.open.last_mut().filter(|_| shown) {
            branch.config.push(format!("{name}={value:?}"));
        }
    }

    fn enter(&mut self, name: &str, type_name: &str) {
        self.open.push(Branch {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            ..Branch::default()
        });
    }

    fn extra(&mut self, repr: &dyn Fn() -> Option<String>) {
        if let Some(branch) = self.open.last_mut() {
            branch.extra = repr();
        }
    }

    fn leave(&mut self) {
        let Some(done) = self.open.pop() else { return };
        let text = format!("({}): {}", done.name, done.text(&done.type_name));
        if let Some(branch) = self.open.last_mut() {
            branch.children.push(text);
        }
    }
}
