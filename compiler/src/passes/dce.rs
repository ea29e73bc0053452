//! Drops what no result needs.
//!
//! Assumes nothing. Keeps all inputs, all guards, and every node that a result or a written-back value depends on; no operator has
//! effects, so everything else goes, called graphs that nobody calls included. Linear.

use ferrodyne_plan::Diagnostic;

use super::{Changed, Pass, PassCx};
use crate::graph::analysis::live;
use crate::graph::{Graph, Rewriter};

/// The pass.
pub(super) const PASS: Pass = Pass { name: "dce", doc: "drops what no result needs", run };

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let live = live(graph);
    let mut rewriter = Rewriter::new(graph, cx.rules);
    let mut called = std::collections::BTreeSet::new();
    for id in rewriter.ids() {
        if live[id.index()] {
            rewriter.copy(id);
            called.extend(graph.node(id).calls.iter().cloned());
        }
    }
    let mut new = rewriter.finish();
    new.subgraphs.retain(|name, _| called.contains(name));
    let changed =
        new.nodes.len() < graph.nodes.len() || new.subgraphs.len() < graph.subgraphs.len();
    *graph = new;
    Ok(changed.into())
}
