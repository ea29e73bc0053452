//! Faults of operations in the user's words: in the sizes of the call at hand, where the graph knows them by symbols, and with values
//! that have no name told by the methods that made them.

use ferrodyne_compiler::graph::{Attrs, Builder, InputRole, NodeId, TensorType};
use ferrodyne_compiler::ops::Table;
use ferrodyne_plan::{Diagnostic, Dim, Name};

use super::Recorder;

impl Recorder {
    /// The fault of an operation as it is in this call's sizes and in the user's words; `fault` itself where only the symbols do not fit.
    pub(super) fn in_words(
        &self,
        fault: Diagnostic,
        op: &str,
        operands: &[NodeId],
        attrs: &Attrs,
    ) -> Diagnostic {
        let graph = self.builder.graph();
        let hint = |dim: &Dim| if self.is_ahead() { None } else { graph.hint(dim) };
        let number = |dim: &Dim| hint(dim).map_or_else(|| dim.clone(), Dim::constant);
        let mut alone = Builder::new(op, &Table);
        if self.is_ahead() {
            alone.graph_mut().facts = graph.facts.clone();
            alone.graph_mut().symbols = graph.symbols.clone();
        }
        let inputs: Vec<NodeId> = operands
            .iter()
            .map(|&id| {
                let ty = graph.ty(id);
                let name = graph.node(id).name.clone().unwrap_or_else(|| self.made_by(id));
                let dims = ty.dims.iter().map(number).collect();
                alone.input(name, InputRole::Argument, TensorType { dtype: ty.dtype, dims })
            })
            .collect();
        match alone.add(op, &inputs, attrs.map_dims(&number)) {
            Err(numbered) => Diagnostic { labels: fault.labels, ..numbered },
            Ok(_) => fault,
        }
    }

    /// A value without a name, by the method that made it.
    fn made_by(&self, id: NodeId) -> Name {
        let op = self.builder.graph().node(id).op.as_str();
        let method = self.methods.get(&id).copied().unwrap_or(op);
        Name::from(format!("the result of `{method}`"))
    }
}
