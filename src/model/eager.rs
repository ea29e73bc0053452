//! Runs a graph node by node, each operator at once.

mod flow;
mod ledger;

use std::cell::RefCell;
use std::collections::HashMap;

use ferrodyne_compiler::graph::{Attr, Attrs, Graph, NodeId};
use ferrodyne_plan::Dim;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_runtime::RunStats;

use crate::compile::size_fault;
use crate::device::Device;
use crate::eager;
use crate::error::Result;
use crate::tensor::{Stored, Tensor};
use ledger::Ledger;

/// Where and on which sizes a graph runs, and what it has cost.
struct Context<'a> {
    device: &'a Device,
    sizes: &'a Sizes,
    ledger: RefCell<Ledger>,
}

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
    Ok(run_counted(graph, device, sizes, inputs)?.0)
}

/// Runs a graph as [`run`] does, and says what it has cost: kernels run, and the most bytes of values that were alive at once.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_counted(
    graph: &Graph,
    device: &Device,
    sizes: &Sizes,
    inputs: &[&Stored],
) -> Result<(Vec<Tensor>, RunStats)> {
    let context = Context { device, sizes, ledger: RefCell::new(Ledger::new(inputs)) };
    let results = context.results(graph, inputs)?;
    Ok((results.into_iter().map(Tensor::stored).collect(), context.ledger.into_inner().stats()))
}

impl Context<'_> {
    fn results(&self, graph: &Graph, inputs: &[&Stored]) -> Result<Vec<Stored>> {
        let mut values: HashMap<NodeId, Stored> = HashMap::new();
        for (input, stored) in graph.inputs.iter().zip(inputs) {
            self.keep(&mut values, input.node, (*stored).clone());
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
                    let name = node.name.as_ref().map_or("a constant", |name| name.as_str());
                    let value = Tensor::named_from_host(name, host, self.device)?;
                    value.value("a constant", node.source.clone())?.clone()
                }
                "result" => called[&node.inputs[0]][node.attrs.get_int("index") as usize].clone(),
                _ if !node.calls.is_empty() => {
                    let operands = node.inputs.iter().map(|input| values[input].clone()).collect();
                    called.insert(id, flow::results(graph, node, operands, self)?);
                    continue;
                }
                op => {
                    let operands: Vec<&Stored> =
                        node.inputs.iter().map(|input| &values[input]).collect();
                    let attrs = fixed(&node.attrs, self.sizes)?;
                    let (value, stats) =
                        eager::run_counted(self.device, op, &operands, &attrs, &node.source)?;
                    self.ledger.borrow_mut().ran(&stats);
                    value
                }
            };
            self.keep(&mut values, id, value);
            for input in node.inputs.iter().filter(|input| last_use.get(*input) == Some(&id)) {
                if let Some(dead) = values.remove(input) {
                    self.ledger.borrow_mut().release(&dead);
                }
            }
        }
        let results = graph.roots().map(|node| values[&node].clone()).collect();
        values.values().for_each(|value| self.ledger.borrow_mut().release(value));
        Ok(results)
    }

    fn keep(&self, values: &mut HashMap<NodeId, Stored>, id: NodeId, value: Stored) {
        self.ledger.borrow_mut().hold(&value);
        values.insert(id, value);
    }
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
