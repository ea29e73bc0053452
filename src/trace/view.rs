//! A traced module and its submodules, to be looked at: trees, graphs and listings.

use std::fmt;

use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_plan::Source;

use crate::error::{Error, Result};
use crate::module::{Module, Snapshot, Visitor};

/// A module of a trace, or the whole: its graph as it was recorded or inlined. Made by [`Traced::submodule`](super::Traced::submodule).
#[derive(Clone, Debug)]
pub struct TracedModule<'a> {
    module: &'a Snapshot,
    graph: Graph,
}

/// The part of a trace that a path names.
pub(super) fn submodule<'a>(
    whole: &'a Snapshot,
    graph: &Graph,
    path: &str,
) -> Result<TracedModule<'a>> {
    // A second call of a module is marked by a number.
    let names = path.split('.').map(|name| name.split('#').next().unwrap_or(name));
    let module = whole.submodule(&names.collect::<Vec<_>>().join("."));
    let missing = |message: String| Error::at("module", message, Source::unknown());
    let module = module.ok_or_else(|| {
        let known = whole.paths();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        missing(format!("`{}` has no module `{path}`; there are: {known}", whole.type_name()))
    })?;
    let found = if path.is_empty() { Some(graph) } else { graph.module(path) };
    let found = found.ok_or_else(|| {
        let has_cells = !module.named_parameters().is_empty() || !module.named_buffers().is_empty();
        missing(match has_cells {
            true => format!("the trace of `{}` does not call `{path}`", whole.type_name()),
            false => format!("`{path}` has no parameters, so that its operations stand in the graph of the module that calls it"),
        })
    })?;
    Ok(TracedModule { module, graph: found.clone() })
}

impl<'a> TracedModule<'a> {
    /// Its graph; inputs are its arguments and the parameters that it reads.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The graph as Rust that people read, and that compiles.
    pub fn code(&self) -> String {
        crate::code::rust(&self.graph)
    }

    /// The same with the modules inside of it in the place of their calls.
    ///
    /// # Errors
    /// Faults of the pass `inline`, which are ferrodyne's.
    pub fn inlined(&self) -> Result<TracedModule<'a>> {
        let mut graph = self.graph.clone();
        let inline = PassList::named("inline")?;
        inline.run(&mut graph, &PassCx::default(), &mut |_, _| {})?;
        Ok(TracedModule { module: self.module, graph })
    }
}

/// The tree, with the types that the modules were made of.
impl fmt::Display for TracedModule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.module.fmt(f)
    }
}

impl Module for TracedModule<'_> {
    fn type_name(&self) -> &str {
        self.module.type_name()
    }

    fn visit(&self, visitor: &mut dyn Visitor) {
        self.module.visit(visitor);
    }
}
