//! Folds tensors to one number part by part, so that threads share the work.
//!
//! Assumes decomposed graphs with constant sizes; others stay as they are. For targets whose schedules do not cut reductions
//! themselves. The parts depend on the size alone, so that a sum does not depend on the number of threads. Linear in nodes.

use ferrodyne_plan::{Diagnostic, Dim};

use super::{Changed, Pass, PassCx};
use crate::graph::{Attrs, Graph, Node, Rewriter};

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "part", doc: "folds tensors to one number part by part", run };

/// Folds of which parts are folded first.
const FOLDS: [&str; 4] = ["sum", "prod", "amax", "amin"];

/// Elements from which on threads are worth waking.
const LENGTH_MIN: i64 = 1 << 16;

/// Parts at most.
const PARTS_MAX: i64 = 64;

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let mut rewriter = Rewriter::new(graph, cx.rules);
    let mut changed = false;
    for id in rewriter.ids() {
        let node = graph.node(id);
        let Some([parts, length]) = parts(graph, node) else {
            rewriter.copy(id);
            continue;
        };
        rewriter.enter(id);
        let x = rewriter.get(node.inputs[0]);
        let dims = |dims: &[Dim]| Attrs::new().dims("dims", dims);
        let rows = [Dim::constant(parts), Dim::constant(length)];
        let rows = rewriter.add("reshape", &[x], dims(&rows))?;
        let over = |axis: i64| Attrs::new().ints("axes", &[axis]).bool("keepdim", false);
        let each = rewriter.add(&node.op, &[rows], over(1))?;
        let whole = rewriter.add(&node.op, &[each], over(0))?;
        let value = rewriter.add("reshape", &[whole], dims(&node.ty().dims))?;
        rewriter.replace(id, value);
        changed = true;
    }
    if changed {
        *graph = rewriter.finish();
    }
    Ok(Changed::from(changed))
}

/// How many parts, and how long each is, where a node folds a whole long tensor.
fn parts(graph: &Graph, node: &Node) -> Option<[i64; 2]> {
    if !FOLDS.contains(&node.op.as_str()) || node.ty().elements().as_const() != Some(1) {
        return None;
    }
    let count = graph.ty(node.inputs[0]).elements().as_const()?;
    let parts = (2..=PARTS_MAX).rev().find(|parts| count % parts == 0)?;
    (count >= LENGTH_MIN).then_some([parts, count / parts])
}

#[cfg(test)]
mod tests {
    use ferrodyne_plan::DType;

    use super::*;
    use crate::graph::{Builder, InputRole, TensorType};
    use crate::ops::Table;
    use crate::passes::PassList;

    fn folded(dims: [i64; 2], axes: &[i64]) -> Vec<String> {
        let mut b = Builder::new("f", &Table);
        let x = b.input("x", InputRole::Argument, TensorType::new(DType::F32, dims));
        let attrs = Attrs::new().ints("axes", axes).bool("keepdim", true);
        let y = b.add("sum", &[x], attrs).unwrap();
        b.output("y", y);
        let mut graph = b.finish();
        let pass = PassList::empty().then(PASS);
        pass.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
        graph.nodes.iter().map(|node| format!("{} {}", node.op, node.ty())).collect()
    }

    #[test]
    fn a_long_tensor_is_folded_part_by_part() {
        let nodes = folded([1024, 96], &[0, 1]);
        let want = ["input f32[1024, 96]", "reshape f32[64, 1536]", "sum f32[64]", "sum f32[]"];
        assert_eq!(nodes[..4], want);
        assert_eq!(nodes[4], "reshape f32[1, 1]");
    }

    #[test]
    fn rows_and_short_tensors_stay() {
        assert_eq!(folded([1024, 96], &[1]).len(), 2);
        assert_eq!(folded([10, 96], &[0, 1]).len(), 2);
    }
}
