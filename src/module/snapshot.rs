//! A module without its code: names, types and configuration as they were, and the same parameters and buffers.

use std::fmt::{self, Debug, Display};

use super::{Buffer, Module, Parameter, Visitor};

/// What a module was made of when it was looked at. Its parameters and buffers are those of the module itself.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    type_name: String,
    members: Vec<Member>,
}

/// A member of a module, with its name.
#[derive(Clone, Debug)]
enum Member {
    Parameter(String, Parameter),
    Buffer(String, Buffer),
    Config(String, Text),
    Module(String, Snapshot),
}

/// A value by its text.
#[derive(Clone)]
struct Text(String);

impl Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Snapshot {
    /// The members of a module.
    pub(crate) fn of(module: &dyn Module) -> Snapshot {
        let mut taking = Taking { open: vec![Snapshot::bare(module.type_name())], names: vec![] };
        module.visit(&mut taking);
        taking.open.swap_remove(0)
    }

    /// Something of that name without members: a function.
    pub(crate) fn bare(type_name: &str) -> Snapshot {
        Snapshot { type_name: type_name.to_owned(), members: Vec::new() }
    }

    /// The submodule of a path; the empty path is the module itself.
    pub(crate) fn submodule(&self, path: &str) -> Option<&Snapshot> {
        if path.is_empty() {
            return Some(self);
        }
        let (own, rest) = path.split_once('.').unwrap_or((path, ""));
        self.modules().find(|(name, _)| *name == own)?.1.submodule(rest)
    }

    /// Names of all submodules below, as paths.
    pub(crate) fn paths(&self) -> Vec<String> {
        let below = |(name, module): (&str, &Snapshot)| {
            let inner = module.paths().into_iter().map(|path| format!("{name}.{path}"));
            std::iter::once(name.to_owned()).chain(inner).collect::<Vec<_>>()
        };
        self.modules().flat_map(below).collect()
    }

    fn modules(&self) -> impl Iterator<Item = (&str, &Snapshot)> {
        self.members.iter().filter_map(|member| match member {
            Member::Module(name, module) => Some((name.as_str(), module)),
            _ => None,
        })
    }
}

impl Module for Snapshot {
    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn visit(&self, visitor: &mut dyn Visitor) {
        for member in &self.members {
            match member {
                Member::Parameter(name, parameter) => visitor.parameter(name, parameter),
                Member::Buffer(name, buffer) => visitor.buffer(name, buffer),
                Member::Config(name, text) => visitor.config(name, text),
                Member::Module(name, module) => {
                    visitor.enter(name, &module.type_name);
                    module.visit(visitor);
                    visitor.leave();
                }
            }
        }
    }
}

/// The tree as TorchScript prints it: each module with the name of the type that it was made of.
///
/// ```text
/// Mlp(
///   original_name=Mlp
///   (fc1): Linear(original_name=Linear)
///   (fc2): Linear(original_name=Linear)
/// )
/// ```
impl Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.type_name;
        if self.modules().next().is_none() {
            return write!(f, "{name}(original_name={name})");
        }
        write!(f, "{name}(\n  original_name={name}")?;
        for (name, module) in self.modules() {
            write!(f, "\n  ({name}): {}", module.to_string().replace('\n', "\n  "))?;
        }
        f.write_str("\n)")
    }
}

/// Takes members while a module is visited: the modules that are open, outermost first, and the names of all but the first.
struct Taking {
    open: Vec<Snapshot>,
    names: Vec<String>,
}

impl Taking {
    fn add(&mut self, member: Member) {
        if let Some(module) = self.open.last_mut() {
            module.members.push(member);
        }
    }
}

impl Visitor for Taking {
    fn parameter(&mut self, name: &str, parameter: &Parameter) {
        self.add(Member::Parameter(name.to_owned(), parameter.clone()));
    }

    fn buffer(&mut self, name: &str, buffer: &Buffer) {
        self.add(Member::Buffer(name.to_owned(), buffer.clone()));
    }

    fn config(&mut self, name: &str, value: &dyn Debug) {
        self.add(Member::Config(name.to_owned(), Text(format!("{value:?}"))));
    }

    fn enter(&mut self, name: &str, type_name: &str) {
        self.open.push(Snapshot::bare(type_name));
        self.names.push(name.to_owned());
    }

    fn leave(&mut self) {
        if let (Some(module), Some(name)) = (self.open.pop(), self.names.pop()) {
            self.add(Member::Module(name, module));
        }
    }
}
