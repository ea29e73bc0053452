//! The meaning of operators that call graphs: one of two, again and again, along an axis.

use ferrodyne_plan::Dim;
use ndarray::{ArrayD, Axis, IxDyn, stack};

use super::{InterpretError, Sizes, interpret, outer_sizes, size_of};
use crate::graph::{Attr, Graph, Node};

/// The results of a node that calls graphs.
pub(super) fn results(
    graph: &Graph,
    node: &Node,
    operands: Vec<ArrayD<f64>>,
    sizes: &Sizes,
) -> Result<Vec<ArrayD<f64>>, InterpretError> {
    match node.op.as_str() {
        "cond" => {
            let arm = usize::from(!is_true(&operands[0]));
            call(graph, node, arm, &operands[1..], sizes)
        }
        "while" => while_results(graph, node, operands, sizes),
        "scan" => scan_results(graph, node, operands, sizes),
        _ => call(graph, node, 0, &operands, sizes),
    }
}

fn is_true(value: &ArrayD<f64>) -> bool {
    value.iter().any(|&v| v != 0.0)
}

fn call(
    graph: &Graph,
    node: &Node,
    which: usize,
    operands: &[ArrayD<f64>],
    sizes: &Sizes,
) -> Result<Vec<ArrayD<f64>>, InterpretError> {
    let callee = node.calls.get(which).and_then(|name| graph.subgraphs.get(name));
    let callee = callee.ok_or_else(|| InterpretError::Node {
        message: format!("{}: graph {which} of those to call does not exist", node.op),
        place: node.source.to_string(),
    })?;
    interpret(callee, operands, &outer_sizes(callee, sizes))
}

fn while_results(
    graph: &Graph,
    node: &Node,
    mut operands: Vec<ArrayD<f64>>,
    sizes: &Sizes,
) -> Result<Vec<ArrayD<f64>>, InterpretError> {
    let carried = node.attrs.get_int("carried") as usize;
    let mut left = match node.attrs.get("trips_max") {
        Some(Attr::Int(max)) => Some(*max),
        _ => None,
    };
    while left != Some(0) && is_true(&call(graph, node, 0, &operands, sizes)?[0]) {
        let next = call(graph, node, 1, &operands, sizes)?;
        operands.splice(..carried, next);
        left = left.map(|n| n - 1);
    }
    operands.truncate(carried);
    Ok(operands)
}

fn scan_results(
    graph: &Graph,
    node: &Node,
    mut operands: Vec<ArrayD<f64>>,
    sizes: &Sizes,
) -> Result<Vec<ArrayD<f64>>, InterpretError> {
    let carried = node.attrs.get_int("carried") as usize;
    let sliced = node.attrs.get_int("sliced") as usize;
    let walked: Vec<ArrayD<f64>> = operands[carried..carried + sliced].to_vec();
    let mut stacked: Vec<Vec<ArrayD<f64>>> = vec![Vec::new(); node.types.len() - carried];
    for at in 0..walked[0].len_of(Axis(0)) {
        let slices = walked.iter().map(|x| x.index_axis(Axis(0), at).to_owned());
        operands.splice(carried..carried + sliced, slices);
        let mut next = call(graph, node, 0, &operands, sizes)?;
        for (all, value) in stacked.iter_mut().zip(next.drain(carried..)) {
            all.push(value);
        }
        operands.splice(..carried, next);
    }
    operands.truncate(carried);
    for (all, ty) in stacked.iter().zip(&node.types[carried..]) {
        let empty = |dim: &Dim| size_of(dim, sizes).map(|size| size.max(0) as usize);
        let views: Vec<_> = all.iter().map(|value| value.view()).collect();
        operands.push(match stack(Axis(0), &views) {
            Ok(value) => value,
            Err(_) => {
                let dims = ty.dims.iter().map(empty).collect::<Result<Vec<_>, _>>()?;
                ArrayD::zeros(IxDyn(&dims))
            }
        });
    }
    Ok(operands)
}

#[cfg(test)]
mod tests;
