//! Parameters and buffers of modules in a recording: what is read becomes an input, what is set is written back to it when the
//! program has run.

use ferrodyne_compiler::graph::{Guard, GuardFact, InputRole, NodeId};
use ferrodyne_plan::{Dim, Name, Proof, Source};

use super::recorder::{Origin, Recorder};
use crate::error::{Error, Result};
use crate::module::Cell;
use crate::tensor::Tensor;

/// A cell that was set while recording.
pub(super) struct Written {
    cell: u64,
    /// Its value from now on.
    pub(super) value: NodeId,
}

impl Recorder {
    /// The handle of a parameter or a buffer of a module: the value that it was set to, or an input.
    pub(crate) fn cell(&mut self, cell: &Cell, role: InputRole) -> Tensor {
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
    fn input_of(&self, cell: &Cell) -> Option<NodeId> {
        let is = |origin: &Origin| matches!(origin, Origin::Cell(other) if other.is(cell));
        self.lifted.iter().find(|lifted| is(&lifted.origin)).map(|lifted| lifted.node)
    }

    /// Sets a cell, of the given kind, for the rest of the recording and for all that comes after the program has run.
    ///
    /// # Errors
    /// A value of another shape or element type.
    pub(crate) fn set_cell(
        &mut self,
        cell: &Cell,
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
        cell: &Cell,
        kind: &str,
        value: NodeId,
        source: &Source,
    ) -> Result<()> {
        let old = cell.value();
        let new = self.builder.ty(value).clone();
        let mut same = old.dtype == new.dtype && old.dims.len() == new.dims.len();
        for (size, dim) in old.dims.iter().zip(&new.dims) {
            let size = Dim::constant(*size as i64);
            let graph = self.builder.graph();
            same &= match graph.facts.prove_eq(dim, &size) {
                Proof::Yes => true,
                Proof::No => false,
                Proof::Unknown => {
                    let fits = graph.hint(dim) == size.as_const();
                    if fits {
                        let fact = GuardFact::Equal(dim.clone(), size);
                        let (source, op) = (source.clone(), Name::from(kind));
                        self.builder.assume(Guard { fact, source, op });
                    }
                    fits
                }
            };
        }
        match same {
            true => Ok(()),
            false => {
                let message = format!(
                    "a {kind} of type {}{:?} cannot take a value of type {new}",
                    old.dtype, old.dims
                );
                Err(Error::StateDict(message))
            }
        }
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
