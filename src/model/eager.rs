//! Runs a graph node by node, each operator at once.

mod flow;

use std::collections::HashMap;

use ferrodyne_compiler::graph::{Attr, Attrs, Graph, NodeId};
use ferrodyne_plan::Dim;
use ferrodyne_plan::plan::Sizes;

use crate::compile::size_fault;
use crate::device::Device;
use crate::eager;
use crate::error::Result;
use crate::tensor::{Stored, Tensor};

/// Runs a graph on values for all of its inputs: its results, then the values written back. A value is freed after its last use.
///
/// # Errors
/// Faults of operators or of the device.
pub(crate) fn run(
    graph: &Graph,
    device: &Device,
    sizes: &Sizes,
    inputs: &[&Stored],
) -> Result<Vec<Tensor>> {
    let mut values: HashMap<NodeId, Stored> = HashMap::new();
    for (input, stored) in graph.inputs.iter().zip(inputs) {
        values.insert(input.node, (*stored).clone());
    }
    let last_use = last_uses(graph);
    let mut called: HashMap<NodeId, Vec<Stored>> = HashMap::new();
    for id in graph.ids() {
        if values.contains_key(&id) {
            continue;
        }
        let node = graph.node(id);
        let value = match node.op.as_ref() {
            "constant" => {
                let host = node.attrs.get_tensor("value");
                Tensor::from_host(host, device)?.value("a constant", node.source.clone())?.clone()
            }
            "result" => called[&node.inputs[0]][node.attrs.get_int("index") as usize].clone(),
            _ if !node.calls.is_empty() => {
                let operands = node.inputs.iter().map(|input| values[input].clone()).collect();
                called.insert(id, flow::results(graph, node, operands, device, sizes)?);
                continue;
            }
            op => {
                let operands: Vec<&Stored> =
                    node.inputs.iter().map(|input| &values[input]).collect();
                let attrs = fixed(&node.attrs, sizes)?;
                eager::run(device, op, &operands, &attrs, &node.source)?
            }
        };
        values.insert(id, value);
        for input in &node.inputs {
            if last_use.get(input) == Some(&id) {
                values.remove(input);
            }
        }
    }
    Ok(graph.roots().map(|node| Tensor::stored(values[&node].clone())).collect())
}

/// The last user of each value that is no result.
fn last_uses(graph: &Graph) -> HashMap<NodeId, NodeId> {
    let uses =
        graph.ids().flat_map(|id| graph.node(id).inputs.iter().map(move |&input| (input, id)));
    let mut last: HashMap<NodeId, NodeId> = uses.collect();
    for root in graph.roots() {
        last.remove(&root);
    }
    last
}

/// Attributes with their sizes as numbers.
fn fixed(attrs: &Attrs, sizes: &Sizes) -> Result<Attrs> {
    let mut fixed = Attrs::new();
    for (name, attr) in attrs.iter() {
        let attr = match attr {
            Attr::Dims(dims) => {
                let numbers = dims
                    .iter()
                    .map(|d| sizes.eval(d).map(Dim::constant))
                    .collect::<Result<Vec<_>, _>>();
                Attr::Dims(numbers.map_err(size_fault)?)
            }
            other => other.clone(),
        };
        fixed = fixed.with(name.as_ref(), attr);
    }
    Ok(fixed)
}
