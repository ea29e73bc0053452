//! Graphs as text: a graph in, the text out that [`parse`](super::parse) reads back.
//!
//! ```text
//! graph mlp(%x: f32[n, 10], parameter %fc1.weight: f32[5, 10]) where n in 1..=64 {
//!   %0 = transpose %fc1.weight {axis0=0, axis1=1} : f32[10, 5]
//!   %1 = matmul %x %0 : f32[n, 5]    ; src/model.rs:12 in fc1
//!   return %1 as y
//! }
//! ```
//! One node a line, the result first and its type last. Names are the user's where they are identifiers and unique; other values
//! are numbered, and a name that is no label follows in quotes. Sources stand as comments, and only when asked for. Large
//! constants are referred to by hash unless the graph is printed whole; [`constants`] gives what the hashes stand for.
//! Inputs are printed in the order of the signature, which is the order of their nodes in the graph that is read back.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write as _};
use std::sync::Arc;

use ferrodyne_plan::text::quoted;
use ferrodyne_plan::{Facts, HostTensor, Name, Var};
use indexmap::IndexMap;

use super::tensor_text::{float, is_inline, tensor_hash, tensor_text};
use super::verify::INPUT;
use super::{Attr, Attrs, Graph, GuardFact, Input, InputRole, Node, NodeId};

/// The text of a graph, with choices about what it shows.
#[derive(Clone, Copy)]
pub struct GraphText<'a> {
    graph: &'a Graph,
    sources: bool,
    whole: bool,
}

impl Graph {
    /// The text form, without sources and with large constants by hash.
    pub fn text(&self) -> GraphText<'_> {
        GraphText { graph: self, sources: false, whole: false }
    }
}

impl GraphText<'_> {
    /// Shows where each node comes from.
    pub fn sources(mut self) -> Self {
        self.sources = true;
        self
    }

    /// Shows all data, so that the text stands alone.
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }
}

/// The constants that the text refers to by hash unless it is printed whole, under those hashes.
pub fn constants(graph: &Graph) -> IndexMap<Name, Arc<HostTensor>> {
    let mut found = IndexMap::new();
    for attr in graph.nodes.iter().flat_map(|node| node.attrs.iter().map(|(_, attr)| attr)) {
        if let Attr::Tensor(tensor) = attr
            && !is_inline(tensor)
        {
            found.insert(tensor_hash(tensor), tensor.clone());
        }
    }
    for sub in graph.subgraphs.values() {
        found.extend(constants(sub));
    }
    found
}

impl Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

impl Display for GraphText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.print(&mut text, "")?;
        f.write_str(&text)
    }
}

/// A name, in quotes unless it is an identifier.
pub(super) fn word(name: &str) -> String {
    if is_label(name) { name.to_owned() } else { quoted(name) }
}

/// Whether `%` and this name are read as one identifier that is no number.
fn is_label(name: &str) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    let first = name.chars().next();
    first.is_some_and(|c| c == '_' || c.is_alphabetic()) && name.split('.').all(word)
}

/// The labels of all values, and whether each is the value's name.
fn labels(graph: &Graph) -> Vec<(String, bool)> {
    let mut used = BTreeSet::new();
    let mut number = 0usize;
    let mut labels = vec![(String::new(), false); graph.nodes.len()];
    let is_input = |id: &NodeId| graph.node(*id).op.as_str() == INPUT;
    let inputs = graph.inputs.iter().map(|input| input.node);
    for id in inputs.chain(graph.ids().filter(|id| !is_input(id))) {
        let name = graph.node(id).name.as_ref();
        labels[id.index()] = match name.filter(|n| is_label(n) && used.insert((*n).clone())) {
            Some(name) => (format!("%{name}"), true),
            None => {
                number += 1;
                (format!("%{}", number - 1), false)
            }
        };
    }
    labels
}

impl GraphText<'_> {
    fn print(&self, out: &mut String, indent: &str) -> fmt::Result {
        let graph = self.graph;
        let labels = labels(graph);
        write!(out, "graph {}(", word(&graph.name))?;
        for (at, input) in graph.inputs.iter().enumerate() {
            out.push_str(if at > 0 { ", " } else { "" });
            print_input(out, graph, input, &labels[input.node.index()])?;
        }
        out.push(')');
        for (at, (name, info)) in graph.symbols.iter().enumerate() {
            out.push_str(if at == 0 { " where " } else { ", " });
            write!(out, "{} in {}", word(name), info.range)?;
            if let Some(hint) = info.hint {
                write!(out, " hint {hint}")?;
            }
        }
        out.push_str(" {\n");
        for (key, sub) in &graph.subgraphs {
            write!(out, "{indent}  {} = ", word(key))?;
            GraphText { graph: sub, ..*self }.print(out, &format!("{indent}  "))?;
        }
        self.print_guards(out, indent)?;
        for (id, node) in graph.ids().zip(&graph.nodes) {
            if node.op.as_str() != INPUT {
                write!(out, "{indent}  ")?;
                self.print_node(out, node, &labels[id.index()], &labels)?;
            }
        }
        print_roots(out, graph, &labels, indent)?;
        writeln!(out, "{indent}}}")
    }

    fn print_guards(&self, out: &mut String, indent: &str) -> fmt::Result {
        for guard in &self.graph.guards {
            write!(out, "{indent}  guard {} by {}", guard.fact, word(&guard.op))?;
            self.print_source(out, &guard.source)?;
        }
        if self.graph.facts != stated_facts(self.graph) {
            writeln!(out, "{indent}  assume {}", self.graph.facts)?;
        }
        Ok(())
    }

    fn print_node(
        &self,
        out: &mut String,
        node: &Node,
        (label, named): &(String, bool),
        labels: &[(String, bool)],
    ) -> fmt::Result {
        out.push_str(label);
        if let (Some(name), false) = (&node.name, named) {
            write!(out, " {}", quoted(name))?;
        }
        write!(out, " = {}", word(&node.op))?;
        for callee in &node.calls {
            write!(out, " @{}", word(callee))?;
        }
        for operand in &node.inputs {
            write!(out, " {}", labels[operand.index()].0)?;
        }
        if !node.attrs.is_empty() {
            write!(out, " {}", attrs_text(&node.attrs, self.whole))?;
        }
        for (at, ty) in node.types.iter().enumerate() {
            write!(out, "{} {ty}", if at == 0 { " :" } else { "," })?;
        }
        self.print_source(out, &node.source)
    }

    /// The end of a line, with the source as a comment.
    fn print_source(&self, out: &mut String, source: &ferrodyne_plan::Source) -> fmt::Result {
        if self.sources && !source.is_unknown() {
            out.push_str("  ;");
            if let Some(file) = &source.file {
                write!(out, " {}:{}", file.escape_debug(), source.line)?;
            }
            if let Some(module) = &source.module {
                write!(out, " in {}", module.escape_debug())?;
            }
        }
        out.push('\n');
        Ok(())
    }
}

fn print_input(
    out: &mut String,
    graph: &Graph,
    input: &Input,
    (label, named): &(String, bool),
) -> fmt::Result {
    let role = role_word(input.role);
    if !role.is_empty() {
        write!(out, "{role} ")?;
    }
    out.push_str(label);
    if !named {
        write!(out, " {}", quoted(&input.name))?;
    }
    write!(out, ": {}", graph.ty(input.node))
}

/// What follows from the ranges of symbols and from guards alone; a graph that knows other facts says so.
fn stated_facts(graph: &Graph) -> Facts {
    let mut facts = Facts::new();
    for (name, info) in &graph.symbols {
        facts.set_range(Var::Sym(name.clone()), info.range);
    }
    for guard in &graph.guards {
        match &guard.fact {
            GuardFact::Equal(a, b) => facts.assume_equal(a, b),
            GuardFact::Multiple(a, n) => facts.assume_multiple(a, *n),
            GuardFact::Differ(..) | GuardFact::Within(..) => {}
        }
    }
    facts
}

/// The word before an input; arguments have none.
pub(super) fn role_word(role: InputRole) -> &'static str {
    match role {
        InputRole::Argument => "",
        InputRole::Parameter => "parameter",
        InputRole::Buffer => "buffer",
        InputRole::Scalar => "scalar",
    }
}

fn print_roots(
    out: &mut String,
    graph: &Graph,
    labels: &[(String, bool)],
    indent: &str,
) -> fmt::Result {
    for &(input, value) in &graph.write_backs {
        let input = graph.inputs[input].node.index();
        writeln!(out, "{indent}  write {} = {}", labels[input].0, labels[value.index()].0)?;
    }
    write!(out, "{indent}  return")?;
    for (at, output) in graph.outputs.iter().enumerate() {
        out.push_str(if at > 0 { ", " } else { " " });
        let (label, named) = &labels[output.node.index()];
        out.push_str(label);
        if !named || label[1..] != *output.name {
            write!(out, " as {}", word(&output.name))?;
        }
    }
    out.push('\n');
    Ok(())
}

/// Attributes in braces: `{axes=[0, 2], keepdim=true}`.
/// Attributes for people: large constants by their hash.
impl Display for Attrs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&attrs_text(self, false))
    }
}

fn attrs_text(attrs: &Attrs, whole: bool) -> String {
    let list =
        attrs.iter().map(|(name, attr)| format!("{}={}", word(name), attr_text(attr, whole)));
    format!("{{{}}}", list.collect::<Vec<_>>().join(", "))
}

fn attr_text(attr: &Attr, whole: bool) -> String {
    fn list<T: Display>(items: &[T]) -> String {
        format!("[{}]", items.iter().map(T::to_string).collect::<Vec<_>>().join(", "))
    }
    match attr {
        Attr::Int(value) => value.to_string(),
        Attr::Float(value) => float(*value),
        Attr::Bool(value) => value.to_string(),
        Attr::Str(value) => quoted(value),
        Attr::DType(value) => value.to_string(),
        Attr::Ints(values) => list(values),
        Attr::Dims(values) => list(values),
        Attr::Tensor(tensor) => tensor_text(tensor, whole),
    }
}
