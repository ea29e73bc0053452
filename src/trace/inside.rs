//! A trace that is called while another function is captured: what it does becomes a part of that function's graph.

use std::fmt::Debug;

use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_plan::Source;

use super::Traced;
use crate::capture::{self, GraphBreak, Leave, Origin};
use crate::compile::{Arg, ArgVisitor, Ret};
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use crate::tensor::Tensor;

/// The leaves of arguments, whether or not they have values.
#[derive(Default)]
pub(super) struct Leaves {
    tensors: Vec<Tensor>,
    hosts: Vec<u64>,
    scalars: usize,
}

impl Leaves {
    pub(super) fn of(args: &impl Arg) -> Leaves {
        let mut leaves = Leaves::default();
        args.visit(&mut leaves);
        leaves
    }

    /// Prints of the host values.
    pub(super) fn hosts(&self) -> &[u64] {
        &self.hosts
    }
}

impl ArgVisitor for Leaves {
    fn tensor(&mut self, tensor: &Tensor) {
        self.tensors.push(tensor.clone());
    }

    fn scalar(&mut self, _scalar: &Scalar) {
        self.scalars += 1;
    }

    fn host(&mut self, fingerprint: u64, _text: &dyn Debug) {
        self.hosts.push(fingerprint);
    }
}

/// A graph with the modules that it calls in their places.
pub(super) fn inlined(graph: &Graph) -> Result<Graph> {
    let mut graph = graph.clone();
    let inline = PassList::named("inline")?;
    inline.run(&mut graph, &PassCx::default(), &mut |_, _| {})?;
    Ok(graph)
}

impl<R: Ret> Traced<R> {
    /// Records what the trace does with arguments, where a function is being captured on this thread. `None` where the trace must
    /// run by itself, as a graph break: with scalars, and with branches over symbolic sizes.
    ///
    /// # Errors
    /// Arguments that the trace is not right for.
    pub(super) fn recorded<A: Arg>(&self, args: &A, source: &Source) -> Result<Option<R>> {
        let leaves = Leaves::of(args);
        if leaves.scalars > 0 {
            return Ok(None);
        }
        let inputs = self.graph().inputs.len() - self.lifted.len();
        if leaves.tensors.len() != inputs || leaves.hosts != self.hosts {
            let message = format!("`{}` was traced with other arguments", self.name());
            return Err(Error::at("trace", message, source.clone()));
        }
        let graph = inlined(self.graph())?;
        let mut operands = leaves.tensors;
        for (lifted, input) in self.lifted.iter().zip(&graph.inputs[inputs..]) {
            let tensor = match &lifted.origin {
                Origin::Tensor(tensor) => Some(tensor.clone()),
                Origin::Cell(cell) => capture::with(|r| r.cell(cell, input.role)),
                Origin::Draw(_) => match capture::with(|recorder| recorder.draw()) {
                    Some(Err(why)) => drawn_on_one_side(why),
                    drawn => drawn.and_then(std::result::Result::ok),
                },
            };
            operands.extend(tensor);
        }
        let spliced = capture::with(|r| r.splice(&graph, self.key, &operands, source));
        let Some(mut results) = spliced.transpose()?.flatten() else { return Ok(None) };
        let written = results.split_off(graph.outputs.len());
        for ((input, _), value) in graph.write_backs.iter().zip(&written) {
            if let Some(Origin::Cell(cell)) = self.lifted.get(input - inputs).map(|l| &l.origin) {
                capture::with(|r| r.set_cell(cell, "buffer", value, source)).transpose()?;
            }
        }
        Ok(Some((self.rebuild)(&mut results.into_iter())))
    }
}

/// Leaves the recording, since how many numbers are drawn would depend on a tensor.
fn drawn_on_one_side(why: GraphBreak) -> ! {
    capture::leave(Leave::Replay(why))
}
