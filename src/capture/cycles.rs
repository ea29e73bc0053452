//! Loops before they are placed: tensors that no trip changes are what they were before, and nothing of a trip is used outside of it.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_compiler::graph::{Attr, Graph, Node, NodeId};

use super::repeat::{ARGUMENT, Cycle, RESULT};

/// A recording whose loops carry only what their trips change.
pub(super) struct Settled {
    pub(super) graph: Graph,
    pub(super) cycles: BTreeMap<usize, Cycle>,
    /// For each node, the loops on whose state it depends.
    pub(super) inside: Vec<BTreeSet<usize>>,
}

/// The loop whose state a node stands for.
pub(super) fn argument_of(node: &Node) -> Option<usize> {
    (node.op.as_str() == ARGUMENT).then(|| node.attrs.get_int("loop") as usize)
}

/// The loop of which a node is a result.
pub(super) fn result_of(node: &Node) -> Option<usize> {
    (node.op.as_str() == RESULT).then(|| node.attrs.get_int("loop") as usize)
}

impl Settled {
    pub(super) fn new(graph: &Graph, mut cycles: BTreeMap<usize, Cycle>) -> Settled {
        let same: BTreeMap<NodeId, NodeId> = cycles
            .values()
            .flat_map(|cycle| cycle.arguments.iter().zip(&cycle.begin).zip(&cycle.next))
            .filter(|((argument, _), next)| argument == next)
            .map(|((argument, begin), _)| (*argument, *begin))
            .collect();
        let of = |id: &mut NodeId| {
            while let Some(&before) = same.get(id) {
                *id = before;
            }
        };
        let mut graph = graph.clone();
        graph.nodes_mut().flat_map(|node| &mut node.inputs).for_each(of);
        graph.outputs.iter_mut().for_each(|output| of(&mut output.node));
        graph.write_backs.iter_mut().for_each(|(_, node)| of(node));
        for cycle in cycles.values_mut() {
            let changed: Vec<usize> = (0..cycle.arguments.len())
                .filter(|&k| cycle.arguments[k] != cycle.next[k])
                .collect();
            let keep = |all: &[NodeId]| changed.iter().map(|&k| all[k]).collect::<Vec<_>>();
            cycle.arguments = keep(&cycle.arguments);
            cycle.begin = keep(&cycle.begin);
            cycle.next = keep(&cycle.next);
            cycle.results = keep(&cycle.results);
            cycle.begin.iter_mut().chain(&mut cycle.next).for_each(of);
            cycle.head.iter_mut().for_each(of);
            of(&mut cycle.goes_on);
            if let Some(walk) = &mut cycle.walk {
                walk.whole.iter_mut().chain(&mut walk.parts).for_each(of);
            }
        }
        let inside = inside(&graph);
        Settled { graph, cycles, inside }
    }

    /// A loop whose state is used outside of it.
    pub(super) fn leak(&self) -> Option<usize> {
        self.graph.roots().find_map(|root| self.inside[root.index()].first().copied())
    }
}

fn inside(graph: &Graph) -> Vec<BTreeSet<usize>> {
    let mut inside: Vec<BTreeSet<usize>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let mut own = BTreeSet::new();
        for operand in &node.inputs {
            own.extend(&inside[operand.index()]);
        }
        own.extend(argument_of(node));
        if let Some(index) = result_of(node) {
            own.remove(&index);
        }
        inside.push(own);
    }
    inside
}

/// Whether a node is the constant true.
pub(super) fn is_true(node: &Node) -> bool {
    match node.attrs.get("value") {
        Some(Attr::Tensor(value)) => node.op.as_str() == "constant" && value.bytes[..] == [1],
        _ => false,
    }
}
