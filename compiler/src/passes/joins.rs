//! Joins no more tensors at once than a kernel of the target binds.
//!
//! Assumes that passes which flatten joins have run. A `concat` of more operands than a kernel can read becomes a tree of them, in the
//! same order. Linear.

use ferrodyne_plan::{Diagnostic, Target};

use crate::graph::{Attrs, Builder, Graph, NodeId, Rewriter};
use crate::ops::Table;

/// Splits the joins that no kernel of the target could compute.
///
/// # Errors
/// None that a verified graph gives.
pub(crate) fn split(graph: &mut Graph, target: &Target) -> Result<(), Diagnostic> {
    // One binding is the result's.
    let max = (target.storage_buffers_max as usize).saturating_sub(1).max(2);
    let is_long = |id: NodeId| {
        let node = graph.node(id);
        &*node.op == "concat" && node.inputs.len() > max
    };
    if !graph.ids().any(is_long) {
        return Ok(());
    }
    let mut rewriter = Rewriter::new(graph, &Table);
    for id in rewriter.ids() {
        if !is_long(id) {
            rewriter.copy(id);
            continue;
        }
        rewriter.enter(id);
        let operands = rewriter.operands(id);
        let value = tree(rewriter.builder(), operands, &graph.node(id).attrs, max)?;
        rewriter.replace(id, value);
    }
    *graph = rewriter.finish();
    Ok(())
}

fn tree(
    builder: &mut Builder,
    mut parts: Vec<NodeId>,
    attrs: &Attrs,
    max: usize,
) -> Result<NodeId, Diagnostic> {
    while parts.len() > 1 {
        let joined = parts.chunks(max).map(|few| match few {
            [one] => Ok(*one),
            few => builder.add("concat", few, attrs.clone()),
        });
        parts = joined.collect::<Result<_, _>>()?;
    }
    Ok(parts[0])
}
