//! Questions about a graph as a whole, answered once and kept: users, reachability, what depends on weights alone, dominators.
//!
//! A graph goes in; tables indexed by node come out. They hold for that graph only: a pass that changes it asks again.
//! All are linear in nodes and edges.

use petgraph::algo::dominators::{Dominators, simple_fast};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed};

use super::verify::INPUT;
use super::{Graph, InputRole, NodeId};

/// The graph as petgraph sees it: an edge from each operand to each of its users. Indices are the nodes' own.
pub fn edges(graph: &Graph) -> DiGraph<NodeId, ()> {
    let mut edges = DiGraph::with_capacity(graph.nodes.len(), graph.nodes.len() * 2);
    for id in graph.ids() {
        edges.add_node(id);
    }
    for id in graph.ids() {
        for operand in &graph.node(id).inputs {
            edges.add_edge(NodeIndex::new(operand.index()), NodeIndex::new(id.index()), ());
        }
    }
    edges
}

/// The users of each value, in order; one that uses it twice stands twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Users {
    starts: Vec<u32>,
    users: Vec<NodeId>,
    is_root: Vec<bool>,
}

/// Finds the users of each value.
pub fn users(graph: &Graph) -> Users {
    let mut starts = vec![0u32; graph.nodes.len() + 1];
    for operand in graph.nodes.iter().flat_map(|node| &node.inputs) {
        starts[operand.index() + 1] += 1;
    }
    for k in 1..starts.len() {
        starts[k] += starts[k - 1];
    }
    let mut next = starts.clone();
    let mut users = vec![NodeId(0); starts.last().map_or(0, |n| *n as usize)];
    for id in graph.ids() {
        for operand in &graph.node(id).inputs {
            users[next[operand.index()] as usize] = id;
            next[operand.index()] += 1;
        }
    }
    let mut is_root = vec![false; graph.nodes.len()];
    for root in graph.roots() {
        is_root[root.index()] = true;
    }
    Users { starts, users, is_root }
}

impl Users {
    /// The nodes that use a value.
    pub fn of(&self, id: NodeId) -> &[NodeId] {
        &self.users[self.starts[id.index()] as usize..self.starts[id.index() + 1] as usize]
    }

    /// Whether a value is a result of the graph or written back.
    pub fn is_root(&self, id: NodeId) -> bool {
        self.is_root[id.index()]
    }

    /// The only user of a value that is no result.
    pub fn only(&self, id: NodeId) -> Option<NodeId> {
        match (self.of(id), self.is_root(id)) {
            (&[user], false) => Some(user),
            _ => None,
        }
    }
}

/// The nodes that results or written-back values depend on, themselves included.
pub fn live(graph: &Graph) -> Vec<bool> {
    let mut live = vec![false; graph.nodes.len()];
    for root in graph.roots() {
        live[root.index()] = true;
    }
    for id in (0..graph.nodes.len()).rev() {
        if live[id] {
            for operand in &graph.nodes[id].inputs {
                live[operand.index()] = true;
            }
        }
    }
    live
}

/// The nodes whose value depends on parameters and constants alone: the weight program. Sizes that vary from call to call
/// exclude a node, for a weight is computed once.
pub fn depends_only_on_weights(graph: &Graph) -> Vec<bool> {
    let mut weights = vec![false; graph.nodes.len()];
    for input in &graph.inputs {
        weights[input.node.index()] = input.role == InputRole::Parameter;
    }
    for id in graph.ids() {
        let node = graph.node(id);
        if node.op.as_str() != INPUT {
            let fixed = node.types.iter().flat_map(|ty| &ty.dims).all(|dim| dim.is_const());
            weights[id.index()] = fixed
                && node.calls.is_empty()
                && node.inputs.iter().all(|operand| weights[operand.index()]);
        }
    }
    weights
}

/// Whether `from` is needed for `to`.
pub fn reaches(graph: &Graph, from: NodeId, to: NodeId) -> bool {
    let edges = edges(graph);
    let mut search = Dfs::new(Reversed(&edges), NodeIndex::new(to.index()));
    while let Some(node) = search.next(Reversed(&edges)) {
        if node.index() == from.index() {
            return true;
        }
    }
    false
}

/// Post-dominators: the node through which everything that leaves a node passes on the way to the results.
pub fn post_dominators(graph: &Graph) -> PostDominators {
    let mut edges = edges(graph);
    edges.reverse();
    let end = edges.add_node(NodeId(u32::MAX));
    for root in graph.roots() {
        edges.add_edge(end, NodeIndex::new(root.index()), ());
    }
    PostDominators { tree: simple_fast(&edges, end), end }
}

/// The answer of [`post_dominators`].
pub struct PostDominators {
    tree: Dominators<NodeIndex>,
    end: NodeIndex,
}

impl PostDominators {
    /// The nearest node through which a value's every use passes; `None` when that is the graph's end.
    pub fn of(&self, id: NodeId) -> Option<NodeId> {
        let node = self.tree.immediate_dominator(NodeIndex::new(id.index()))?;
        (node != self.end).then(|| NodeId(node.index() as u32))
    }
}
