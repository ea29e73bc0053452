//! Parameters and buffers of modules in a recording: what is read becomes an input, what is set is written back to it when the
//! program has run.

use ferrodyne_compiler::graph::{Guard, GuardFact, InputRole, NodeId, TensorType};
use ferrodyne_plan::{Dim, Name, Proof, Source};

use super::recorder::{Lifted, Origin, Recorder};
use crate::error::{Error, Result};
use crate::module::CellValue;
use crate::tensor::{Recorded, Tensor};

/// A cell that was set while recording.
pub(super) struct Written {
    cell: u64,
    /// Its value from now on.
    pub(super) value: NodeId,
}

impl Lifted {
    /// The parameter or buffer that it is, by number.
    pub(crate) fn cell(&self) -> Option<u64> {
        match &self.origin {
            Origin::Cell(cell) => Some(cell.id()),
            Origin::Tensor(_) | Origin::Draw(_) => None,
        }
    }
}

impl Recorder {
    /// The name of an input.
    pub(super) fn input_name(&self, recorded: &Recorded) -> Option<String> {
        let inputs = (recorded.recorder == self.id()).then(|| &self.builder.graph().inputs)?;
        let input = inputs.iter().find(|input| input.node == recorded.node)?;
        Some(input.name.to_string())
    }

    /// The handle of a parameter or a buffer of a module: the value that it was set to, or an input.
    pub(crate) fn cell(&mut self, cell: &CellValue, role: InputRole) -> Tensor {
        let values = cell.value().dims.clone();
        if let Some(written) = self.written.iter().find(|written| written.cell == cell.id()) {
            return self.handle(written.value, values);
        }
        match self.input_of(cell) {
            Some(node) => self.handle(node, values),
            None => {
                let name = self.cell_names.get(&cell.id());
                let name = name.map_or("parameter", Name::as_ref).to_owned();
                let name = self.free_name(&name);
                self.lift(name, role, &cell.value(), None, Origin::Cell(cell.clone()))
            }
        }
    }

    /// The input of a cell that was met before.
    fn input_of(&self, cell: &CellValue) -> Option<NodeId> {
        let is = |origin: &Origin| matches!(origin, Origin::Cell(other) if other.id() == cell.id());
        self.lifted.iter().find(|lifted| is(&lifted.origin)).map(|lifted| lifted.node)
    }

    /// Sets a cell, of the given kind, for the rest of the recording and for all that comes after the program has run.
    ///
    /// # Errors
    /// A value of another shape or element type.
    pub(crate) fn set_cell(
        &mut self,
        cell: &CellValue,
        kind: &str,
        value: &Tensor,
        source: &Source,
    ) -> Result<()> {
        if let Some(source) = self.open_source() {
            let why = format!(
                "a {kind} is set on one side of a decision on a tensor, or in a loop on one"
            );
            let hint = "set it behind, to the value that was chosen";
            self.break_off(super::GraphBreak::new(why, &source, hint));
        }
        if self.input_of(cell).is_none() {
            self.cell(cell, InputRole::Buffer);
        }
        let value = self.node(value, kind, source)?;
        self.same_shape(cell, kind, value, source)?;
        self.written.retain(|written| written.cell != cell.id());
        self.written.push(Written { cell: cell.id(), value });
        Ok(())
    }

    fn same_shape(
        &mut self,
        cell: &CellValue,
        kind: &str,
        value: NodeId,
        source: &Source,
    ) -> Result<()> {
        let old = cell.value();
        let new = self.builder.ty(value).clone();
        let dims = old.dims.iter().map(|&size| Dim::constant(size as i64)).collect();
        let wanted = TensorType { dtype: old.dtype, dims };
        match self.are_alike(&new, &wanted, kind, source) {
            true => Ok(()),
            false => {
                let message = format!(
                    "a {kind} of type {}{:?} cannot take a value of type {new}",
                    old.dtype, old.dims
                );
                Err(Error::at("shape", message, source.clone()))
            }
        }
    }

    /// Whether two types are one. Sizes that are equal in this call are taken to be equal, which is guarded.
    pub(super) fn are_alike(
        &mut self,
        a: &TensorType,
        b: &TensorType,
        op: &str,
        source: &Source,
    ) -> bool {
        if a.dtype != b.dtype || a.dims.len() != b.dims.len() {
            return false;
        }
        let mut open = Vec::new();
        for (a, b) in a.dims.iter().zip(&b.dims) {
            let graph = self.builder.graph();
            match graph.facts.prove_eq(a, b) {
                Proof::Yes => {}
                Proof::Unknown if graph.hint(a).is_some() && graph.hint(a) == graph.hint(b) => {
                    open.push(GuardFact::Equal(a.clone(), b.clone()));
                }
                Proof::Unknown | Proof::No => return false,
            }
        }
        for fact in open {
            self.builder.assume(Guard { fact, source: source.clone(), op: Name::from(op) });
        }
        true
    }

    /// Lets the inputs of cells that were set take their values. Such an input is state, whatever it was: it changes at every
    /// call, so nothing is computed from it ahead.
    pub(super) fn write_back(&mut self) {
        for written in &self.written {
            let is = |origin: &Origin| matches!(origin, Origin::Cell(c) if c.id() == written.cell);
            let lifted = self.lifted.iter().find(|lifted| is(&lifted.origin));
            let node = lifted.map(|lifted| lifted.node);
            let inputs = &mut self.builder.graph_mut().inputs;
            if let Some(index) = inputs.iter().position(|input| Some(input.node) == node) {
                inputs[index].role = InputRole::Buffer;
                self.builder.write_back(index, written.value);
            }
        }
    }
}
