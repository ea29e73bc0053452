//! Graphs inside of nodes: comes in the graph as the file has it, goes out one over the symbols of its caller that takes what it
//! reads from around it as inputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrodyne_compiler::graph::{Attrs, Builder, Graph, InputRole, NodeId};
use ferrodyne_compiler::ops::Table;
use ferrodyne_plan::{Diagnostic, Name};

use crate::error::OnnxError;
use crate::flatten::Body;
use crate::import::Importer;
use crate::value::Value;

/// What a graph has of the graphs around it.
#[derive(Default)]
pub(crate) struct Scope {
    captured: Vec<(Value, NodeId)>,
    captures: BTreeMap<usize, NodeId>,
    restated: BTreeMap<usize, NodeId>,
    /// Values are told apart by their addresses, so that they must live as long as the scope.
    kept: Vec<Value>,
}

/// A graph that a node is to call.
pub(crate) struct Subgraph {
    pub(crate) graph: Graph,
    /// Values from around it, with the inputs that take them.
    captured: Vec<(Value, NodeId)>,
}

impl Importer {
    /// How many graphs stand around the one that is being built.
    pub(crate) fn depth(&self) -> usize {
        self.around.len()
    }

    /// The input of the present graph that takes a value from around it.
    pub(crate) fn capture(&mut self, value: &Value) -> NodeId {
        if let Some(node) = self.scope.captures.get(&value.identity()) {
            return *node;
        }
        let name = self.free_input("captured");
        let ty = value.ty().clone();
        let node = self.b.input(name, InputRole::Argument, ty);
        self.scope.captures.insert(value.identity(), node);
        self.scope.captured.push((value.clone(), node));
        node
    }

    /// The node of the present graph that holds a known value from around it.
    pub(crate) fn restated(&self, value: &Value) -> Option<NodeId> {
        self.scope.restated.get(&value.identity()).copied()
    }

    /// Notes the node of the present graph that holds a known value.
    pub(crate) fn restate(&mut self, value: &Value, node: NodeId) {
        self.scope.restated.insert(value.identity(), node);
        self.scope.kept.push(value.clone());
    }

    /// A name that no input has yet.
    pub(crate) fn free_input(&self, name: &str) -> String {
        free(name, |name| self.b.graph().inputs.iter().any(|input| input.name.as_str() == name))
    }

    /// Builds a graph over the symbols of the present one, with what is known of them. What it assumes of sizes holds around it, too;
    /// what it captures are its last inputs.
    pub(crate) fn subgraph<T>(
        &mut self,
        name: &str,
        build: impl FnOnce(&mut Importer) -> Result<T, Diagnostic>,
    ) -> Result<(T, Subgraph), Diagnostic> {
        let mut b = Builder::new(name, &Table);
        b.set_source(self.b.source().clone());
        let (inner, outer) = (b.graph_mut(), self.b.graph());
        inner.symbols.clone_from(&outer.symbols);
        inner.facts = outer.facts.clone();
        inner.guards.clone_from(&outer.guards);
        let outer = std::mem::replace(&mut self.b, b);
        self.around.push((outer, std::mem::take(&mut self.scope)));
        let around = self.around.len();
        let built = build(self);
        self.around.truncate(around);
        let (outer, outer_scope) = self.around.pop().expect("the graph around was put there above");
        let mut graph = std::mem::replace(&mut self.b, outer).finish();
        let scope = std::mem::replace(&mut self.scope, outer_scope);
        let built = built?;
        let is_captured = |node: NodeId| scope.captured.iter().any(|(_, own)| *own == node);
        graph.inputs.sort_by_key(|input| is_captured(input.node));
        self.b.graph_mut().facts = graph.facts.clone();
        Ok((built, Subgraph { graph, captured: scope.captured }))
    }

    /// Imports a graph of the file into the one that is being built.
    pub(crate) fn inline(&mut self, body: &Body, given: &[Value]) -> Result<Vec<Value>, OnnxError> {
        let source = self.b.source().clone();
        self.values.push(BTreeMap::new());
        let results = self.nodes(body, given);
        self.values.pop();
        self.b.set_source(source);
        results
    }

    fn nodes(&mut self, body: &Body, given: &[Value]) -> Result<Vec<Value>, OnnxError> {
        for (name, value) in body.inputs.iter().zip(given) {
            self.set(name, value.clone());
        }
        self.initialisers(&body.initialisers, &body.sparse)?;
        for step in &body.steps {
            self.node(step)?;
        }
        let mut results = Vec::new();
        for name in &body.outputs {
            let value = self.named(name).cloned().ok_or_else(|| {
                let rule = format!("nothing makes `{name}`, a result of a graph inside of a node");
                self.origin.malformed(rule)
            })?;
            if value.length().is_some() {
                return Err(self.of_unknown_length("a graph inside of a node", name).into());
            }
            results.push(value);
        }
        Ok(results)
    }

    /// Lets graphs that one node calls take the same captured values, in the same order, behind their other inputs; gives the values.
    fn share(&mut self, graphs: &mut [Subgraph]) -> Result<Vec<NodeId>, Diagnostic> {
        let mut all: Vec<Value> = Vec::new();
        for (value, _) in graphs.iter().flat_map(|own| &own.captured) {
            if !all.iter().any(|known| known.identity() == value.identity()) {
                all.push(value.clone());
            }
        }
        for Subgraph { graph, captured } in graphs.iter_mut() {
            let mut b = Builder::resume(std::mem::take(graph), &Table);
            let mut order = Vec::new();
            for value in &all {
                let own = captured.iter().find(|(own, _)| own.identity() == value.identity());
                order.push(own.map_or_else(|| unused(&mut b, value), |(_, node)| *node));
            }
            *graph = b.finish();
            let place = |node: &NodeId| order.iter().position(|own| own == node);
            graph.inputs.sort_by_key(|input| place(&input.node).map_or(0, |at| at + 1));
        }
        all.iter().map(|value| value.on_graph(self)).collect()
    }

    /// Adds a node that calls graphs, and gives its results. The captured values become its last operands.
    pub(crate) fn call(
        &mut self,
        op: &str,
        mut operands: Vec<NodeId>,
        attrs: Attrs,
        mut graphs: Vec<Subgraph>,
    ) -> Result<Vec<NodeId>, Diagnostic> {
        operands.extend(self.share(&mut graphs)?);
        let names: Vec<Name> = graphs.into_iter().map(|own| self.adopt(own.graph)).collect();
        let node = self.b.add_calling(op, &operands, attrs, &names)?;
        let count = self.b.graph().node(node).types.len();
        let result = |k| self.b.add("result", &[node], Attrs::new().int("index", k as i64));
        (0..count).map(result).collect()
    }

    /// Puts a graph among those that the present one calls, under a name that is free.
    fn adopt(&mut self, graph: Graph) -> Name {
        let subgraphs = &mut self.b.graph_mut().subgraphs;
        let name = Name::from(free(graph.name.as_ref(), |name| subgraphs.contains_key(name)));
        subgraphs.insert(name.clone(), Arc::new(graph));
        name
    }
}

/// An input that a graph does not read.
fn unused(b: &mut Builder, value: &Value) -> NodeId {
    let taken = |name: &str| b.graph().inputs.iter().any(|input| input.name.as_str() == name);
    let name = free("captured", taken);
    b.input(name, InputRole::Argument, value.ty().clone())
}

/// The name, with a number where it is taken.
fn free(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|n| format!("{name}_{n}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|name| !taken(name)).unwrap_or_default()
}
