//! What running a graph node by node holds at most: the measure of a plan's memory.

use super::slots::value_bytes;
use crate::graph::{Graph, INPUT, NodeId};

/// The most bytes of values alive at once when the nodes run in program order and each value is freed after its last use, by the
/// hints of the symbols. Inputs and constants are not counted, and a reshaped value is the one that it is made of.
pub fn eager_peak(graph: &Graph) -> u64 {
    let mut owner: Vec<NodeId> = graph.ids().collect();
    let mut last: Vec<usize> = (0..owner.len()).collect();
    for id in graph.ids() {
        let node = graph.node(id);
        if node.op.as_str() == "reshape" {
            owner[id.index()] = owner[node.inputs[0].index()];
        }
        for used in node.inputs.iter().chain([&id]) {
            last[owner[used.index()].index()] = id.index();
        }
    }
    for root in graph.roots() {
        last[owner[root.index()].index()] = usize::MAX;
    }
    let bytes = |id: NodeId| {
        let node = graph.node(id);
        let counted = !matches!(node.op.as_str(), INPUT | "constant") && node.calls.is_empty();
        let bytes = || graph.estimate(&value_bytes(graph, id)).max(0.0) as u64;
        if counted && owner[id.index()] == id { bytes() } else { 0 }
    };
    let mut dying: Vec<Vec<NodeId>> = vec![Vec::new(); owner.len()];
    let (mut alive, mut most) = (0, 0);
    for id in graph.ids() {
        alive += bytes(id);
        most = most.max(alive);
        if let Some(dying) = dying.get_mut(last[id.index()]) {
            dying.push(id);
        }
        alive -= dying[id.index()].drain(..).map(bytes).sum::<u64>();
    }
    most
}
