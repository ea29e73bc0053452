//! Lays weights of contractions out as kernels read them: contracted axes before the others, so that neighbouring columns of the
//! result read neighbouring elements.
//!
//! Assumes decomposed graphs; runs after `simplify`, which would take the permutations back. The permuted weight is a node of the
//! weight program: it is computed once, not at each call. Linear in nodes.

use ferrodyne_plan::{Diagnostic, Dim};

use super::{Changed, Pass, PassCx};
use crate::graph::analysis::depends_only_on_weights;
use crate::graph::{Attrs, Graph, Node, Rewriter};

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "pack", doc: "lays weights of contractions out as kernels read them", run };

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let weights = depends_only_on_weights(graph);
    let mut rewriter = Rewriter::new(graph, cx.rules);
    let mut changed = false;
    for id in rewriter.ids() {
        let node = graph.node(id);
        let packs =
            node.op.as_str() == "dot" && weights[node.inputs[1].index()] && !weights[id.index()];
        let packs = packs && !has_few_rows(graph, node);
        let Some(axes) = Some(()).filter(|()| packs).and_then(|()| order(graph, node)) else {
            rewriter.copy(id);
            continue;
        };
        rewriter.enter(id);
        let (x, weight) = (rewriter.get(node.inputs[0]), rewriter.get(node.inputs[1]));
        let packed = rewriter.add("permute", &[weight], Attrs::new().ints("axes", &axes))?;
        let places = |name: &str| -> Vec<i64> {
            let old = node.attrs.get_ints(name);
            let place = |axis| axes.iter().position(|a| a == axis).unwrap_or_default() as i64;
            old.iter().map(place).collect()
        };
        let attrs = node
            .attrs
            .clone()
            .ints("rhs_batch", &places("rhs_batch"))
            .ints("rhs_contract", &places("rhs_contract"));
        let value = rewriter.add("dot", &[x, packed], attrs)?;
        rewriter.replace(id, value);
        changed = true;
    }
    if changed {
        *graph = rewriter.finish();
    }
    Ok(Changed::from(changed))
}

/// Rows of a product below which its kernel folds along the contracted axis, and reads the weight along it.
const ROWS_MIN: i64 = 4;

/// Whether the product is one of a matrix and a vector, or of few.
fn has_few_rows(graph: &Graph, node: &Node) -> bool {
    let contracted = node.attrs.get_ints("lhs_contract");
    let batch = node.attrs.get_ints("lhs_batch");
    let free =
        |axis: &usize| !contracted.contains(&(*axis as i64)) && !batch.contains(&(*axis as i64));
    let dims = &graph.ty(node.inputs[0]).dims;
    let rows: Dim = (0..dims.len()).filter(free).map(|axis| dims[axis].clone()).product();
    rows.as_const().is_some_and(|rows| rows < ROWS_MIN)
}

/// The weight's axes in the order of reading: batch, contracted, free; `None` where they lie so, or where none is free.
fn order(graph: &Graph, node: &Node) -> Option<Vec<i64>> {
    let rank = graph.ty(node.inputs[1]).rank() as i64;
    let (batch, contract) = (node.attrs.get_ints("rhs_batch"), node.attrs.get_ints("rhs_contract"));
    let free: Vec<i64> =
        (0..rank).filter(|a| !batch.contains(a) && !contract.contains(a)).collect();
    let last = free.last()?;
    if *last == rank - 1 {
        return None;
    }
    Some(batch.iter().chain(contract).chain(&free).copied().collect())
}

#[cfg(test)]
mod tests {
    use ferrodyne_plan::DType;

    use super::*;
    use crate::graph::{Builder, InputRole, NodeId, TensorType};
    use crate::ops::Table;
    use crate::passes::PassList;

    fn product(role: InputRole, contract: i64) -> Graph {
        rows(5, role, contract)
    }

    fn rows(rows: i64, role: InputRole, contract: i64) -> Graph {
        let mut b = Builder::new("f", &Table);
        let x = b.input("x", InputRole::Argument, TensorType::new(DType::F32, [rows, 8]));
        let w = b.input("w", role, TensorType::new(DType::F32, [8i64, 8]));
        let attrs = Attrs::new()
            .ints("lhs_batch", &[])
            .ints("rhs_batch", &[])
            .ints("lhs_contract", &[1])
            .ints("rhs_contract", &[contract]);
        let y = b.add("dot", &[x, w], attrs).unwrap();
        b.output("y", y);
        b.finish()
    }

    fn packed(mut graph: Graph) -> Vec<String> {
        let pass = PassList::empty().then(PASS);
        pass.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
        let ops = |id: NodeId| graph.node(id).op.to_string();
        graph.ids().map(ops).filter(|op| op != "input").collect()
    }

    #[test]
    fn a_weight_whose_last_axis_is_contracted_is_transposed_once() {
        assert_eq!(packed(product(InputRole::Parameter, 1)), ["permute", "dot"]);
    }

    #[test]
    fn a_weight_that_lies_well_and_an_argument_stay() {
        assert_eq!(packed(product(InputRole::Parameter, 0)), ["dot"]);
        assert_eq!(packed(product(InputRole::Argument, 1)), ["dot"]);
    }

    #[test]
    fn a_weight_that_multiplies_few_vectors_is_read_along_the_contracted_axis() {
        assert_eq!(packed(rows(1, InputRole::Parameter, 1)), ["dot"]);
        assert_eq!(packed(rows(4, InputRole::Parameter, 1)), ["permute", "dot"]);
    }
}
