//! The straight parts of a graph that branches or loops: comes in the graph, goes out each part as a graph of its own.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::Name;

use crate::graph::analysis::live;
use crate::graph::{Graph, INPUT, InputRole, NodeId};
use crate::pipeline::bodies::{is_control, over};

/// The straight part that a node stands in: as many decisions lie before it.
fn levels(graph: &Graph) -> Vec<usize> {
    let mut levels = vec![0; graph.nodes.len()];
    for id in graph.ids() {
        let node = graph.node(id);
        let operands = node.inputs.iter().map(|operand| match is_control(graph.node(*operand)) {
            true => levels[operand.index()] + 1,
            false => levels[operand.index()],
        });
        levels[id.index()] = operands.max().unwrap_or(0);
    }
    levels
}

/// Where a graph is cut.
pub(super) struct Cutting<'a> {
    graph: &'a Graph,
    pub(super) live: Vec<bool>,
    /// The straight part that each node stands in.
    pub(super) levels: Vec<usize>,
    /// Values that are read elsewhere than where they are made.
    crossing: BTreeSet<NodeId>,
}

impl<'a> Cutting<'a> {
    pub(super) fn new(graph: &'a Graph) -> Cutting<'a> {
        let (live, levels) = (live(graph), levels(graph));
        let mut cutting = Cutting { graph, live, levels, crossing: BTreeSet::new() };
        let mut crossing: BTreeSet<NodeId> = graph.roots().collect();
        for id in graph.ids().filter(|id| cutting.live[id.index()]) {
            let (node, level) = (graph.node(id), cutting.levels[id.index()]);
            let crosses = |operand: &&NodeId| {
                is_control(node)
                    || cutting.levels[operand.index()] != level && !cutting.is_source(**operand)
            };
            crossing.extend(node.inputs.iter().filter(crosses));
        }
        crossing.retain(|id| cutting.is_straight(*id));
        cutting.crossing = crossing;
        cutting
    }

    /// Nodes that every part makes for itself.
    fn is_source(&self, id: NodeId) -> bool {
        let node = self.graph.node(id);
        node.inputs.is_empty() && node.op.as_str() != INPUT
    }

    /// Nodes that kernels compute.
    fn is_straight(&self, id: NodeId) -> bool {
        let node = self.graph.node(id);
        node.op.as_str() != INPUT && node.op.as_str() != "result" && !is_control(node)
    }

    /// A straight part as a graph, with what it reads and what others read of it.
    pub(super) fn part(&self, level: usize) -> Option<(Graph, Vec<NodeId>, Vec<NodeId>)> {
        let here = |id: &NodeId| self.live[id.index()] && self.levels[id.index()] == level;
        let outputs: Vec<NodeId> = self.crossing.iter().copied().filter(here).collect();
        if outputs.is_empty() {
            return None;
        }
        let mut nodes: BTreeSet<NodeId> = BTreeSet::new();
        let mut inputs: BTreeSet<NodeId> = BTreeSet::new();
        let mut open = outputs.clone();
        while let Some(id) = open.pop() {
            let inside = self.is_source(id) || self.is_straight(id) && here(&id);
            if !inside {
                inputs.insert(id);
            } else if nodes.insert(id) {
                open.extend(&self.graph.node(id).inputs);
            }
        }
        let graph = self.graph;
        let name = match level {
            0 => graph.name.clone(),
            n => Name::from(format!("{}_{n}", graph.name)),
        };
        let mut builder = over(graph, name);
        let mut known: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        for &id in &inputs {
            let declared = graph.inputs.iter().find(|input| input.node == id);
            let (name, role) = match declared {
                Some(input) => (input.name.clone(), input.role),
                None => (Name::from(format!("value_{}", id.0)), InputRole::Argument),
            };
            known.insert(id, builder.input(name, role, graph.ty(id).clone()));
        }
        for &id in &nodes {
            let mut node = graph.node(id).clone();
            node.inputs.iter_mut().for_each(|operand| *operand = known[operand]);
            known.insert(id, builder.graph_mut().push(node));
        }
        for id in &outputs {
            builder.output(format!("value_{}", id.0), known[id]);
        }
        Some((builder.finish(), inputs.into_iter().collect(), outputs))
    }
}
