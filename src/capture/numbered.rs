//! Faults of operations in the sizes of the call at hand, where the graph knows them by symbols.

use ferrodyne_compiler::graph::{Attrs, Builder, InputRole, NodeId, TensorType};
use ferrodyne_compiler::ops::Table;
use ferrodyne_plan::{Diagnostic, Dim};

use super::Recorder;

impl Recorder {
    /// The fault of an operation as it is in this call's sizes; `fault` itself where only the symbols do not fit.
    pub(super) fn in_numbers(
        &self,
        fault: Diagnostic,
        op: &str,
        operands: &[NodeId],
        attrs: &Attrs,
    ) -> Diagnostic {
        let graph = self.builder.graph();
        if graph.symbols.is_empty() || self.is_ahead() {
            return fault;
        }
        let number = |dim: &Dim| graph.hint(dim).map_or_else(|| dim.clone(), Dim::constant);
        let mut alone = Builder::new(op, &Table);
        let inputs: Vec<NodeId> = operands
            .iter()
            .map(|&id| {
                let (node, ty) = (graph.node(id), graph.ty(id));
                let name = node.name.clone().unwrap_or_else(|| format!("%{}", id.0).into());
                let dims = ty.dims.iter().map(number).collect();
                alone.input(name, InputRole::Argument, TensorType { dtype: ty.dtype, dims })
            })
            .collect();
        match alone.add(op, &inputs, attrs.map_dims(&number)) {
            Err(numbered) => Diagnostic { labels: fault.labels, ..numbered },
            Ok(_) => fault,
        }
    }
}
