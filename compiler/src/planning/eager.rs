//! What eager execution of a graph holds: the measure of a plan's memory.

use crate::graph::{Graph, Node, NodeId, TensorType};

/// Bytes that running a graph node by node, in its order, holds at most, by the hints of its symbols; nothing if one has none.
///
/// Counted is what nodes compute, dead code too, from the node to its last use, and results to the end. Inputs and constants are not, a
/// `reshape` is another name for its operand, and of a node that calls graphs only its results count.
pub fn peak(graph: &Graph) -> Option<u64> {
    peak_but(graph, &|_| false)
}

/// As [`peak`], without some values.
pub fn peak_but(graph: &Graph, left_out: &dyn Fn(NodeId) -> bool) -> Option<u64> {
    let owners = owners(graph);
    let last_uses = last_uses(graph, &owners);
    let mut given = vec![false; graph.nodes.len()];
    graph.inputs.iter().for_each(|input| given[input.node.index()] = true);
    let mut freed = vec![0; graph.nodes.len()];
    let (mut alive, mut most) = (0, 0);
    for id in graph.ids() {
        let (at, node) = (id.index(), graph.node(id));
        let made = owners[at] == id && !given[at] && node.op.as_str() != "constant";
        if made && !left_out(id) {
            let bytes = bytes(graph, node)?;
            alive += bytes;
            if let Some(last) = last_uses[at] {
                freed[last.index()] += bytes;
            }
        }
        most = most.max(alive);
        alive -= freed[at];
    }
    Some(most)
}

/// For each node the one whose memory its value is.
fn owners(graph: &Graph) -> Vec<NodeId> {
    let mut owners: Vec<NodeId> = Vec::with_capacity(graph.nodes.len());
    for id in graph.ids() {
        let node = graph.node(id);
        let own = match node.op.as_str() {
            "reshape" | "result" => owners[node.inputs[0].index()],
            _ => id,
        };
        owners.push(own);
    }
    owners
}

/// The last node that uses each node's memory, its own if there is no other; none for results.
fn last_uses(graph: &Graph, owners: &[NodeId]) -> Vec<Option<NodeId>> {
    let mut last: Vec<Option<NodeId>> = graph.ids().map(Some).collect();
    for id in graph.ids() {
        for operand in &graph.node(id).inputs {
            last[owners[operand.index()].index()] = Some(id);
        }
    }
    graph.roots().for_each(|root| last[owners[root.index()].index()] = None);
    last
}

/// Bytes of a node's values.
fn bytes(graph: &Graph, node: &Node) -> Option<u64> {
    let value = |ty: &TensorType| {
        let bytes = graph.hint(&ty.dtype.tensor_bytes(&ty.dims))?;
        u64::try_from(bytes).ok()
    };
    node.types.iter().map(value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{ParseCx, parse};
    use crate::ops::Table;

    fn peak_of(text: &str) -> Option<u64> {
        peak(&parse(text, ParseCx::new(&Table)).unwrap_or_else(|fault| panic!("{fault}")))
    }

    #[test]
    fn values_are_counted_to_their_last_use_and_results_to_the_end() {
        let graph = "graph g(%x: f32[n, 8]) where n in 1..=64 hint 4 {
  %a = neg %x : f32[n, 8]
  %r = reshape %a {dims=[8, n]} : f32[8, n]
  %b = tanh %r : f32[8, n]
  %c = neg %b : f32[8, n]
  %d = tanh %c : f32[8, n]
  return %b as y, %d as z
}";
        // `%r` is `%a`; at `%d`, `%b`, `%c` and `%d` are there.
        assert_eq!(peak_of(graph), Some(3 * 4 * 8 * 4));
    }

    #[test]
    fn without_hints_nothing_is_known() {
        let graph = "graph g(%x: f32[n]) where n in 1..=64 {
  %a = neg %x : f32[n]
  return %a as y
}";
        assert_eq!(peak_of(graph), None);
    }
}
