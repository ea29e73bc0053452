//! Nodes that call graphs, at once: conditions are read.

use ferrodyne_compiler::graph::{Attr, Graph, Node};
use ferrodyne_plan::{Diagnostic, Source};

use super::Context;
use crate::compile::size_fault;
use crate::error::{Error, Result};
use crate::tensor::{Stored, Tensor};

struct Caller<'a> {
    graph: &'a Graph,
    node: &'a Node,
    context: &'a Context<'a>,
}

/// The results of a node that calls graphs.
///
/// # Errors
/// Faults of operators or of the device.
pub(super) fn results(
    graph: &Graph,
    node: &Node,
    operands: Vec<Stored>,
    context: &Context<'_>,
) -> Result<Vec<Stored>> {
    let caller = Caller { graph, node, context };
    match node.op.as_str() {
        "cond" => {
            let arm = usize::from(!caller.is_true(&operands[0])?);
            caller.call(arm, &operands[1..])
        }
        "while" => caller.repeat_while(operands),
        "scan" => caller.scan(operands),
        _ => caller.call(0, &operands),
    }
}

impl Caller<'_> {
    fn call(&self, which: usize, operands: &[Stored]) -> Result<Vec<Stored>> {
        let callee = self.node.calls.get(which).and_then(|name| self.graph.subgraphs.get(name));
        let callee = callee.ok_or_else(|| {
            let text = format!("{}: graph {which} of those to call does not exist", self.node.op);
            Error::Tensor(Diagnostic::new("graph", text).at(self.node.source.clone()))
        })?;
        self.context.results(callee, &operands.iter().collect::<Vec<_>>())
    }

    fn is_true(&self, value: &Stored) -> Result<bool> {
        self.context.ledger.borrow_mut().condition_read();
        Ok(Tensor::stored(value.clone()).to_vec::<bool>()?.into_iter().any(|value| value))
    }

    fn repeat_while(&self, mut operands: Vec<Stored>) -> Result<Vec<Stored>> {
        let carried = self.node.attrs.get_int("carried") as usize;
        let mut left = match self.node.attrs.get("trips_max") {
            Some(Attr::Int(max)) => Some(*max),
            _ => None,
        };
        while left != Some(0) && self.is_true(&self.call(0, &operands)?[0])? {
            let next = self.call(1, &operands)?;
            operands.splice(..carried, next);
            left = left.map(|n| n - 1);
        }
        operands.truncate(carried);
        Ok(operands)
    }

    fn scan(&self, mut operands: Vec<Stored>) -> Result<Vec<Stored>> {
        let carried = self.node.attrs.get_int("carried") as usize;
        let sliced = self.node.attrs.get_int("sliced") as usize;
        let whole: Vec<Tensor> =
            operands[carried..carried + sliced].iter().cloned().map(Tensor::stored).collect();
        let mut stacked: Vec<Vec<Tensor>> = vec![Vec::new(); self.node.types.len() - carried];
        for at in 0..whole[0].dim(0).get() {
            for (slot, x) in operands[carried..].iter_mut().zip(&whole) {
                let slice = x.try_select(0, at as i64)?;
                *slot = slice.value("a slice", Source::unknown())?.clone();
            }
            let mut next = self.call(0, &operands)?;
            let parts = next.drain(carried..).map(Tensor::stored);
            stacked.iter_mut().zip(parts).for_each(|(all, part)| all.push(part));
            operands.splice(..carried, next);
        }
        operands.truncate(carried);
        for (all, ty) in stacked.iter().zip(&self.node.types[carried..]) {
            let whole = match all.is_empty() {
                false => Tensor::try_stack(all, 0)?,
                true => {
                    let dims =
                        ty.dims.iter().map(|dim| self.context.sizes.eval(dim).map(|v| v as usize));
                    let dims = dims.collect::<std::result::Result<Vec<_>, _>>();
                    let dims = dims.map_err(size_fault)?;
                    Tensor::zeros(&dims[..], self.context.device).try_to_dtype(ty.dtype)?
                }
            };
            operands.push(whole.value("a result", Source::unknown())?.clone());
        }
        Ok(operands)
    }
}
