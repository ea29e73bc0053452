//! The backend `reference`: the interpreter, in f64 on the host.

use ferrodyne_compiler::graph::{Graph, NodeId};
use ferrodyne_compiler::interpret::interpret_nodes;
use ferrodyne_plan::Diagnostic;
use ferrodyne_plan::plan::Sizes;

use crate::device::Device;
use crate::error::{Error, Result};
use crate::tensor::{Stored, Tensor};

/// Interprets a graph on values of a device; gives its results and then the values that are written back.
///
/// # Errors
/// Faults of the interpreter or of transfers.
pub(crate) fn run(
    graph: &Graph,
    device: &Device,
    sizes: &Sizes,
    inputs: &[&Stored],
) -> Result<Vec<Tensor>> {
    let arrays = inputs
        .iter()
        .map(|t| Tensor::stored((*t).clone()).to_array_f64())
        .collect::<Result<Vec<_>>>()?;
    let sizes =
        graph.symbols.keys().filter_map(|name| Some((name.clone(), sizes.get(name)?))).collect();
    let roots: Vec<NodeId> = graph.roots().collect();
    let results = interpret_nodes(graph, &arrays, &sizes, &roots)
        .map_err(|error| Error::Tensor(Diagnostic::new("interpret", error.to_string())))?;
    let values = roots.into_iter().zip(results);
    values
        .map(|(node, array)| Tensor::from_array_f64(&array, graph.ty(node).dtype, device))
        .collect()
}
