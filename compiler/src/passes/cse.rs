//! Computes equal values once.
//!
//! Assumes nothing. Two nodes are one when operator, attributes (floats by their bits), called graphs and operands agree; the operands of
//! commutative operators agree in any order. The first stays, with its source. One look-up a node: n log n at worst.

use std::fmt::Write as _;

use ferrodyne_plan::Diagnostic;
use indexmap::IndexMap;

use super::{Changed, Pass, PassCx};
use crate::graph::{Attr, Graph, Node, NodeId, Rewriter, tensor_hash};

/// The pass.
pub(super) const PASS: Pass = Pass { name: "cse", doc: "computes equal values once", run };

/// Operators whose two operands may change places.
pub(super) const COMMUTATIVE: [&str; 9] =
    ["add", "mul", "min", "max", "eq", "ne", "and", "or", "xor"];

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let mut seen: IndexMap<String, NodeId> = IndexMap::new();
    let mut rewriter = Rewriter::new(graph, cx.rules);
    for id in rewriter.ids() {
        let mut operands = rewriter.operands(id);
        let key = key(graph.node(id), &mut operands);
        match seen.get(&key) {
            Some(&same) => rewriter.replace(id, same),
            None => {
                let new = rewriter.copy(id);
                seen.insert(key, new);
            }
        }
    }
    let changed = rewriter.changed();
    *graph = rewriter.finish();
    Ok(changed.into())
}

/// A text that two nodes share exactly when they compute the same.
fn key(node: &Node, operands: &mut [NodeId]) -> String {
    if COMMUTATIVE.contains(&node.op.as_str()) {
        operands.sort_unstable();
    }
    let mut key = node.op.to_string();
    for operand in operands.iter() {
        let _ = write!(key, " %{}", operand.0);
    }
    for callee in &node.calls {
        let _ = write!(key, " @{callee:?}");
    }
    for (name, attr) in node.attrs.iter() {
        let _ = match attr {
            Attr::Float(value) => write!(key, " {name}={:x}", value.to_bits()),
            Attr::Tensor(tensor) => write!(key, " {name}={}", tensor_hash(tensor)),
            other => write!(key, " {name}={other:?}"),
        };
    }
    key
}
