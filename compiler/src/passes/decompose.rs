//! Writes composites as the operators they are made of.
//!
//! Assumes nothing. A node whose row has a function (`build`) and which no later stage keeps (`PassCx::keep`) is replaced by what the
//! function builds, again and again, until primitives are left. Contractions are primitives and stay whole. Linear in the size of the
//! result; nodes made for a composite have its source, and the last one its name.

use ferrodyne_plan::Diagnostic;

use super::{Changed, Pass, PassCx};
use crate::graph::{Graph, Rewriter};
use crate::ops;

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "decompose", doc: "writes composites as the operators they are made of", run };

/// Composites within composites deeper than this are a fault of a row that builds itself.
const DEPTH_MAX: usize = 16;

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let mut changed = Changed::No;
    for _ in 0..DEPTH_MAX {
        if !graph.nodes.iter().any(|node| build(&node.op, cx).is_some()) {
            return Ok(changed);
        }
        changed = Changed::Yes;
        once(graph, cx)?;
    }
    let stuck = graph.nodes.iter().find(|node| build(&node.op, cx).is_some());
    let name = stuck.map_or("", |node| node.op.as_str());
    Err(Diagnostic::new("graph", format!("{name}: composites nest deeper than {DEPTH_MAX}")))
}

/// The function of a composite that is to be replaced.
fn build(op: &str, cx: &PassCx) -> Option<ops::Build> {
    ops::find(op).and_then(|row| row.build).filter(|_| !(cx.keep)(op))
}

fn once(graph: &mut Graph, cx: &PassCx) -> Result<(), Diagnostic> {
    let mut rewriter = Rewriter::new(graph, cx.rules);
    for id in rewriter.ids() {
        let node = graph.node(id);
        match build(&node.op, cx) {
            Some(build) => {
                rewriter.enter(id);
                let operands = rewriter.operands(id);
                let value = build(rewriter.builder(), node, &operands)?;
                rewriter.replace(id, value);
            }
            None => {
                rewriter.copy(id);
            }
        }
    }
    *graph = rewriter.finish();
    Ok(())
}
