//! Lays weights of contractions out as kernels read them: contracted axes before the others, so that neighbouring columns of the
//! result read neighbouring elements, and where the target wants it the columns in panels, one after the other.
//!
//! Assumes decomposed graphs; runs after `simplify`, which would take the permutations back. The weight in its new order is a node of
//! the weight program: it is computed once, not at each call. Linear in nodes.

use ferrodyne_plan::{Diagnostic, Dim};

use super::{Changed, Pass, PassCx};
use crate::graph::analysis::depends_only_on_weights;
use crate::graph::{Attrs, Graph, Node, NodeId, Rewriter};

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "pack", doc: "lays weights of contractions out as kernels read them", run };

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let weights = depends_only_on_weights(graph);
    let mut rewriter = Rewriter::new(graph, cx.rules);
    for id in rewriter.ids() {
        let node = graph.node(id);
        let packs =
            node.op.as_str() == "dot" && weights[node.inputs[1].index()] && !weights[id.index()];
        let order = Some(()).filter(|()| packs && !has_few_rows(graph, node));
        let order = order.and_then(|()| order_of(graph, node, cx.panel));
        match order {
            Some(order) => pack(&mut rewriter, id, &order)?,
            None => {
                rewriter.copy(id);
            }
        }
    }
    let changed = rewriter.changed();
    if changed {
        *graph = rewriter.finish();
    }
    Ok(Changed::from(changed))
}

/// How a weight is to lie.
struct Order {
    /// Its axes in the order of reading: batch, contracted, free.
    axes: Vec<i64>,
    /// Columns of a panel, where the free axes are cut in panels.
    panel: Option<i64>,
}

/// The order of reading; `None` where the weight lies so, or where no axis is free.
fn order_of(graph: &Graph, node: &Node, panel: Option<i64>) -> Option<Order> {
    let dims = &graph.ty(node.inputs[1]).dims;
    let rank = dims.len() as i64;
    let (batch, contract) = (node.attrs.get_ints("rhs_batch"), node.attrs.get_ints("rhs_contract"));
    let free: Vec<i64> =
        (0..rank).filter(|a| !batch.contains(a) && !contract.contains(a)).collect();
    let columns: Dim = free.iter().map(|&axis| dims[axis as usize].clone()).product();
    let divides = |panel: &i64| columns.as_const().is_some_and(|n| n > *panel && n % panel == 0);
    let panel = panel.filter(divides);
    if free.last()? == &(rank - 1) && panel.is_none() {
        return None;
    }
    let axes = batch.iter().chain(contract).chain(&free).copied().collect();
    Some(Order { axes, panel })
}

/// Multiplies by the weight in another order.
fn pack(rewriter: &mut Rewriter<'_>, id: NodeId, order: &Order) -> Result<(), Diagnostic> {
    rewriter.enter(id);
    let node = rewriter.old().node(id);
    let places = |name: &str| -> Vec<i64> {
        let place = |axis| order.axes.iter().position(|a| a == axis).unwrap_or_default() as i64;
        node.attrs.get_ints(name).iter().map(place).collect()
    };
    let (batch, mut contract) = (places("rhs_batch"), places("rhs_contract"));
    let (x, weight) = (rewriter.get(node.inputs[0]), rewriter.get(node.inputs[1]));
    let axes = Attrs::new().ints("axes", &order.axes);
    let mut packed = rewriter.add("permute", &[weight], axes)?;
    if let Some(panel) = order.panel {
        packed = in_panels(rewriter, packed, batch.len(), contract.len(), panel)?;
        // The panels stand before what is contracted.
        contract.iter_mut().for_each(|axis| *axis += 1);
    }
    let attrs = node.attrs.clone().ints("rhs_batch", &batch).ints("rhs_contract", &contract);
    let mut value = rewriter.add("dot", &[x, packed], attrs)?;
    if order.panel.is_some() {
        value = rewriter.add("reshape", &[value], Attrs::new().dims("dims", &node.ty().dims))?;
    }
    rewriter.replace(id, value);
    Ok(())
}

/// Cuts the free axes, which are the last, in panels, and sets those before the contracted axes.
fn in_panels(
    rewriter: &mut Rewriter<'_>,
    weight: NodeId,
    batch: usize,
    contract: usize,
    panel: i64,
) -> Result<NodeId, Diagnostic> {
    let (shared, free) = rewriter.graph().ty(weight).dims.split_at(batch + contract);
    let panels = free.iter().cloned().product::<Dim>().floor_div(&Dim::constant(panel));
    let dims = [shared, &[panels, Dim::constant(panel)]].concat();
    let cut = rewriter.add("reshape", &[weight], Attrs::new().dims("dims", &dims))?;
    let shared = batch + contract;
    let axes = (0..batch).chain([shared]).chain(batch..shared).chain([shared + 1]);
    let axes: Vec<i64> = axes.map(|axis| axis as i64).collect();
    rewriter.add("permute", &[cut], Attrs::new().ints("axes", &axes))
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

#[cfg(test)]
mod tests {
    use ferrodyne_plan::DType;
    use ndarray::ArrayD;

    use super::*;
    use crate::graph::{Builder, Input, InputRole, NodeId, TensorType};
    use crate::interpret::{Sizes, interpret};
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

    fn packed(graph: Graph) -> Vec<String> {
        in_columns(graph, None)
    }

    fn in_columns(mut graph: Graph, panel: Option<i64>) -> Vec<String> {
        let pass = PassList::empty().then(PASS);
        let before = graph.clone();
        let cx = PassCx { panel, ..PassCx::default() };
        pass.run(&mut graph, &cx, &mut |_, _| {}).unwrap();
        let values: Vec<ArrayD<f64>> = before.inputs.iter().map(|i| counted(&before, i)).collect();
        let results = |graph: &Graph| interpret(graph, &values, &Sizes::new()).unwrap();
        assert_eq!(results(&graph), results(&before), "{graph}");
        let ops = |id: NodeId| graph.node(id).op.to_string();
        graph.ids().map(ops).filter(|op| op != "input").collect()
    }

    fn counted(graph: &Graph, input: &Input) -> ArrayD<f64> {
        let dims: Vec<usize> =
            graph.ty(input.node).dims.iter().map(|d| d.as_const().unwrap() as usize).collect();
        let count = dims.iter().product::<usize>() as i64;
        ArrayD::from_shape_vec(dims, (0..count).map(|k| (k * 7 % 11) as f64).collect()).unwrap()
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

    #[test]
    fn columns_that_are_whole_panels_lie_in_panels() {
        for contract in [0, 1] {
            let ops = in_columns(product(InputRole::Parameter, contract), Some(4));
            assert_eq!(ops, ["permute", "reshape", "permute", "dot", "reshape"]);
        }
        assert_eq!(in_columns(product(InputRole::Parameter, 0), Some(8)), ["dot"]);
        assert_eq!(in_columns(product(InputRole::Parameter, 0), Some(3)), ["dot"]);
        assert_eq!(in_columns(product(InputRole::Argument, 0), Some(4)), ["dot"]);
    }

    #[test]
    fn each_weight_of_a_batch_lies_in_panels() {
        let mut b = Builder::new("f", &Table);
        let x = b.input("x", InputRole::Argument, TensorType::new(DType::F32, [2i64, 5, 3, 4]));
        let w = b.input("w", InputRole::Parameter, TensorType::new(DType::F32, [2i64, 3, 3, 2, 4]));
        let attrs = Attrs::new()
            .ints("lhs_batch", &[0])
            .ints("rhs_batch", &[0])
            .ints("lhs_contract", &[2, 3])
            .ints("rhs_contract", &[2, 4]);
        let y = b.add("dot", &[x, w], attrs).unwrap();
        b.output("y", y);
        let ops = in_columns(b.finish(), Some(2));
        assert_eq!(ops, ["permute", "reshape", "permute", "dot", "reshape"]);
    }
}
