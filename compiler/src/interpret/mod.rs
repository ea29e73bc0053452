//! The meaning of graphs, in f64.
//!
//! Comes in: a captured graph, before any pass, and its inputs. Goes out: its results. Every number is held as f64; integers
//! are exact and wrap as their type does. Slow and obvious; it shares no code with passes, loops or devices, so that it can
//! judge them.

use std::collections::BTreeMap;

use ferrodyne_plan::{Dim, Name, Var};
use ndarray::ArrayD;

use crate::graph::{Graph, NodeId, TensorType};
use crate::ops::{self, EvalCx};

mod control;

#[cfg(test)]
mod composites;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

/// The values of symbols, by name.
pub type Sizes = BTreeMap<Name, i64>;

/// Why a graph has no value for these inputs.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InterpretError {
    /// Another number of inputs than the graph has.
    #[error("`{graph}` takes {want} inputs, not {got}")]
    InputCount {
        /// Graph.
        graph: Name,
        /// Inputs it has.
        want: usize,
        /// Inputs given.
        got: usize,
    },
    /// An input of another shape than declared.
    #[error("input `{input}` is declared {declared} but has shape {got:?}{why}")]
    InputShape {
        /// Input.
        input: Name,
        /// Its type.
        declared: String,
        /// The shape given.
        got: Vec<usize>,
        /// Which size differs.
        why: String,
    },
    /// A size that the inputs do not tell.
    #[error("the size {dim} has no value; give one for each of its symbols")]
    UnknownSize {
        /// The size.
        dim: String,
    },
    /// A node that cannot be computed.
    #[error("{message} ({place})")]
    Node {
        /// What is wrong; begins with the operator.
        message: String,
        /// The user's line.
        place: String,
    },
}

/// The results of a graph. Symbols that stand alone as a size of an input need no value in `sizes`.
///
/// # Errors
/// Inputs that do not fit the graph, and values that an operator refuses (an index out of range).
pub fn interpret(
    graph: &Graph,
    inputs: &[ArrayD<f64>],
    sizes: &Sizes,
) -> Result<Vec<ArrayD<f64>>, InterpretError> {
    let wanted: Vec<NodeId> = graph.outputs.iter().map(|output| output.node).collect();
    interpret_nodes(graph, inputs, sizes, &wanted)
}

/// The values of some nodes of a graph: its write-backs, or the intermediate values at which two engines part.
///
/// # Errors
/// As [`interpret`].
pub fn interpret_nodes(
    graph: &Graph,
    inputs: &[ArrayD<f64>],
    sizes: &Sizes,
    wanted: &[NodeId],
) -> Result<Vec<ArrayD<f64>>, InterpretError> {
    let sizes = bind(graph, inputs, sizes)?;
    let last = last_uses(graph, wanted);
    let mut values: Vec<Vec<ArrayD<f64>>> = vec![Vec::new(); graph.nodes.len()];
    for (input, value) in graph.inputs.iter().zip(inputs) {
        values[input.node.index()] = vec![value.clone()];
    }
    for id in graph.ids().filter(|id| last[id.index()].is_some()) {
        if graph.node(id).op.as_ref() != "input" {
            values[id.index()] = node_values(graph, id, &values, &sizes)?;
        }
        for &operand in &graph.node(id).inputs {
            if last[operand.index()] == Some(id.index()) {
                values[operand.index()] = Vec::new();
            }
        }
    }
    Ok(wanted.iter().map(|id| values[id.index()][0].clone()).collect())
}

/// For every node that the wanted ones need, the node that uses it last; the wanted ones are kept to the end.
fn last_uses(graph: &Graph, wanted: &[NodeId]) -> Vec<Option<usize>> {
    let mut last = vec![None; graph.nodes.len()];
    for id in wanted {
        last[id.index()] = Some(usize::MAX);
    }
    for at in (0..graph.nodes.len()).rev() {
        if last[at].is_none() {
            continue;
        }
        for operand in &graph.nodes[at].inputs {
            last[operand.index()].get_or_insert(at);
        }
    }
    last
}

/// The values of all symbols that the inputs tell, and a check that the inputs fit.
fn bind(graph: &Graph, inputs: &[ArrayD<f64>], sizes: &Sizes) -> Result<Sizes, InterpretError> {
    let (want, got) = (graph.inputs.len(), inputs.len());
    if want != got {
        return Err(InterpretError::InputCount { graph: graph.name.clone(), want, got });
    }
    let mut sizes = sizes.clone();
    let pairs = || graph.inputs.iter().zip(inputs).map(|(i, value)| (i, graph.ty(i.node), value));
    let wrong = |input: &Name, ty: &TensorType, value: &ArrayD<f64>, why: String| {
        let got = value.shape().to_vec();
        InterpretError::InputShape { input: input.clone(), declared: ty.to_string(), got, why }
    };
    for (input, ty, value) in pairs() {
        if ty.rank() != value.ndim() {
            return Err(wrong(&input.name, ty, value, String::new()));
        }
        for (dim, &size) in ty.dims.iter().zip(value.shape()) {
            if let Some(var) = dim.as_var() {
                sizes.entry(var.name().clone()).or_insert(size as i64);
            }
        }
    }
    for (input, ty, value) in pairs() {
        for (dim, &size) in ty.dims.iter().zip(value.shape()) {
            let want = size_of(dim, &sizes)?;
            if want != size as i64 {
                return Err(wrong(
                    &input.name,
                    ty,
                    value,
                    format!(": {dim} is {want}, not {size}"),
                ));
            }
        }
    }
    Ok(sizes)
}

fn size_of(dim: &Dim, sizes: &Sizes) -> Result<i64, InterpretError> {
    let value = |var: &Var| sizes.get(var.name()).copied();
    dim.eval(&value).map_err(|_| InterpretError::UnknownSize { dim: dim.to_string() })
}

/// The sizes that a called graph takes from its caller: those that its own inputs do not tell.
fn outer_sizes(callee: &Graph, sizes: &Sizes) -> Sizes {
    let mut outer = sizes.clone();
    for dim in callee.inputs.iter().flat_map(|input| &callee.ty(input.node).dims) {
        if let Some(var) = dim.as_var() {
            outer.remove(var.name());
        }
    }
    outer
}

fn node_values(
    graph: &Graph,
    id: NodeId,
    values: &[Vec<ArrayD<f64>>],
    sizes: &Sizes,
) -> Result<Vec<ArrayD<f64>>, InterpretError> {
    let node = graph.node(id);
    let fault = |message: String| InterpretError::Node { message, place: node.source.to_string() };
    if !node.calls.is_empty() {
        let operands = node.inputs.iter().map(|k| values[k.index()][0].clone()).collect();
        return control::results(graph, node, operands, sizes);
    }
    if node.op.as_ref() == "result" {
        let results = &values[node.inputs[0].index()];
        return Ok(vec![results[node.attrs.get_int("index") as usize].clone()]);
    }
    let Some(row) = ops::find(&node.op) else {
        return Err(fault(format!("{}: there is no operator of this name", node.op)));
    };
    let operands: Vec<&ArrayD<f64>> = node.inputs.iter().map(|k| &values[k.index()][0]).collect();
    if let Some(eval) = row.eval {
        let out_dims: Vec<i64> =
            node.ty().dims.iter().map(|dim| size_of(dim, sizes)).collect::<Result<_, _>>()?;
        let out_dims: Vec<usize> = out_dims.iter().map(|&size| size.max(0) as usize).collect();
        let types: Vec<&TensorType> = node.inputs.iter().map(|&k| graph.ty(k)).collect();
        let value = |dim: &Dim| size_of(dim, sizes).unwrap_or(-1);
        let cx =
            EvalCx { node, inputs: &operands, out_dims: &out_dims, sizes: &value, types: &types };
        return Ok(vec![eval(&cx).map_err(|e| fault(e.to_string()))?]);
    }
    let expansion = ops::expansion(graph, node).map_err(|e| fault(e.to_string()))?;
    let operands: Vec<ArrayD<f64>> = operands.into_iter().cloned().collect();
    interpret(&expansion, &operands, sizes)
}
