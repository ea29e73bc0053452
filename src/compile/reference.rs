//! The backend `reference`: the interpreter, in f64 on the host.

use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::interpret::interpret;
use ferrodyne_plan::Diagnostic;
use ferrodyne_plan::plan::Sizes;

use crate::device::Device;
use crate::error::{Error, Result};
use crate::tensor::{Stored, Tensor};

/// Interprets a graph on values of a device.
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
    let results = interpret(graph, &arrays, &sizes)
        .map_err(|error| Error::Tensor(Diagnostic::new("interpret", error.to_string())))?;
    let outputs = graph.outputs.iter().zip(results);
    outputs
        .map(|(output, array)| Tensor::from_array_f64(&array, graph.ty(output.node).dtype, device))
        .collect()
}
