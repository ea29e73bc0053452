//! Builds a graph anew from another: what passes are written with.
//!
//! A [`Rewriter`] walks nothing by itself. The pass goes over the old graph in order and, for each node, either copies it or maps
//! it to a value that it builds; operands are looked up in the new graph. Inputs, symbols, facts, guards, called graphs, names
//! and sources are carried over. No guard is lost: what was assumed stays assumed.

use std::sync::Arc;

use ferrodyne_plan::{Diagnostic, Name};

use super::verify::INPUT;
use super::{Attrs, Builder, Graph, Input, Node, NodeId, OpRules, Output, TensorType};

/// Builds a new graph from an old one.
pub struct Rewriter<'a> {
    old: &'a Graph,
    builder: Builder,
    map: Vec<Option<NodeId>>,
    changed: bool,
}

impl<'a> Rewriter<'a> {
    /// A new graph with the inputs, symbols and guards of the old, and no operation yet.
    pub fn new(old: &'a Graph, rules: &'static dyn OpRules) -> Rewriter<'a> {
        let mut graph = Graph {
            name: old.name.clone(),
            symbols: old.symbols.clone(),
            facts: old.facts.clone(),
            guards: old.guards.clone(),
            subgraphs: old.subgraphs.clone(),
            ..Graph::default()
        };
        let mut map = vec![None; old.nodes.len()];
        for (at, input) in old.inputs.iter().enumerate() {
            graph.nodes.push(old.nodes[input.node.index()].clone());
            let node = NodeId(at as u32);
            map[input.node.index()] = Some(node);
            graph.inputs.push(Input { node, ..input.clone() });
        }
        Rewriter { old, builder: Builder::resume(graph, rules), map, changed: false }
    }

    /// The old graph.
    pub fn old(&self) -> &'a Graph {
        self.old
    }

    /// The new graph so far.
    pub fn graph(&self) -> &Graph {
        self.builder.graph()
    }

    /// The builder of the new graph.
    pub fn builder(&mut self) -> &mut Builder {
        &mut self.builder
    }

    /// The old nodes that are not inputs, in order.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<'a> {
        let old = self.old;
        old.ids().filter(|id| old.node(*id).op.as_str() != INPUT)
    }

    /// The new value of an old one.
    ///
    /// # Panics
    /// When the old value was neither copied nor mapped before, which is a fault of the pass.
    pub fn get(&self, old: NodeId) -> NodeId {
        self.map[old.index()].expect("a pass maps operands before their users")
    }

    /// Whether an old value has a new one yet.
    pub fn has(&self, old: NodeId) -> bool {
        self.map[old.index()].is_some()
    }

    /// The new values of an old node's operands.
    pub fn operands(&self, old: NodeId) -> Vec<NodeId> {
        self.old.node(old).inputs.iter().map(|&operand| self.get(operand)).collect()
    }

    /// Gives new nodes the place of an old node from now on.
    pub fn enter(&mut self, old: NodeId) {
        self.builder.set_source(self.old.node(old).source.clone());
    }

    /// An old node over the new values of its operands, which is not added yet: the old one itself where they have the same ids.
    pub fn moved(&self, old: NodeId) -> Arc<Node> {
        let node = &self.old.nodes[old.index()];
        match node.inputs.iter().all(|&operand| self.get(operand) == operand) {
            true => node.clone(),
            false => Arc::new(Node { inputs: self.operands(old), ..(**node).clone() }),
        }
    }

    /// Copies an old node; its operands are the new values of the old ones.
    pub fn copy(&mut self, old: NodeId) -> NodeId {
        let node = self.moved(old);
        self.put(old, node)
    }

    /// Copies an old node with other operands of the same types.
    pub fn copy_with(&mut self, old: NodeId, inputs: Vec<NodeId>) -> NodeId {
        self.put(old, Arc::new(Node { inputs, ..self.old.node(old).clone() }))
    }

    /// Adds the node that an old one has become.
    pub fn put(&mut self, old: NodeId, node: Arc<Node>) -> NodeId {
        let new = self.builder.add_node(node);
        self.map[old.index()] = Some(new);
        new
    }

    /// Adds a node whose types are known to be right, at the place entered last.
    pub fn push(
        &mut self,
        op: &str,
        inputs: &[NodeId],
        attrs: Attrs,
        types: Vec<TensorType>,
    ) -> NodeId {
        let source = self.builder.source().clone();
        self.builder.add_node(Node {
            op: Name::from(op),
            attrs,
            inputs: inputs.to_vec(),
            types,
            calls: Vec::new(),
            name: None,
            source,
        })
    }

    /// Adds a node as it is; its operands must be new values and its types right.
    pub fn push_node(&mut self, node: Node) -> NodeId {
        self.builder.add_node(node)
    }

    /// A node with its types inferred, at the place entered last, that is not added yet.
    ///
    /// # Errors
    /// What the operator's type rule finds wrong.
    pub fn infer(&mut self, op: &str, inputs: &[NodeId], attrs: Attrs) -> Result<Node, Diagnostic> {
        let types = self.builder.infer(op, inputs, &attrs, &[])?;
        let (op, inputs) = (Name::from(op), inputs.to_vec());
        let source = self.builder.source().clone();
        Ok(Node { op, attrs, inputs, types, calls: Vec::new(), name: None, source })
    }

    /// An old node with other operands and attributes and its types inferred anew, that is not added yet.
    ///
    /// # Errors
    /// What the operator's type rule finds wrong.
    pub fn retyped(
        &mut self,
        old: NodeId,
        inputs: Vec<NodeId>,
        attrs: Attrs,
    ) -> Result<Node, Diagnostic> {
        let node = self.old.node(old);
        let types = self.builder.infer(&node.op, &inputs, &attrs, &node.calls)?;
        Ok(Node { inputs, attrs, types, ..node.clone() })
    }

    /// Adds a node, with its type inferred, at the place entered last.
    ///
    /// # Errors
    /// What the operator's type rule finds wrong.
    pub fn add(&mut self, op: &str, inputs: &[NodeId], attrs: Attrs) -> Result<NodeId, Diagnostic> {
        self.builder.add(op, inputs, attrs)
    }

    /// Lets a new value stand for an old one. It takes the old one's name unless it has one or is an input.
    pub fn replace(&mut self, old: NodeId, new: NodeId) {
        self.changed = true;
        self.map[old.index()] = Some(new);
        if let (Some(name), None) = (&self.old.node(old).name, &self.graph().node(new).name) {
            self.builder.name(new, name.clone());
        }
    }

    /// Says that the new graph differs in a way that no replacement shows.
    pub fn note_change(&mut self) {
        self.changed = true;
    }

    /// Whether anything was replaced.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// The new graph, with the results and write-backs of the old.
    pub fn finish(self) -> Graph {
        let of = |old: NodeId| self.map[old.index()].expect("a pass maps every root");
        let outputs = self.old.outputs.iter();
        let outputs = outputs.map(|o| Output { name: o.name.clone(), node: of(o.node) }).collect();
        let write_backs = self.old.write_backs.iter().map(|&(i, node)| (i, of(node))).collect();
        Graph { outputs, write_backs, ..self.builder.finish() }
    }
}
