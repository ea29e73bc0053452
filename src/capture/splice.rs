//! A graph inside of a recording: comes in a graph that was made before with its operands, goes out its results as values of the
//! recording, as if what the graph does had been written there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ferrodyne_compiler::graph::{Attrs, Graph, Guard, GuardFact, INPUT, Node, NodeId};
use ferrodyne_plan::{Diagnostic, Dim, Name, Proof, Source};

use super::recorder::{Recorder, same_attrs};
use crate::compile::fact_holds;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

impl Recorder {
    /// Records what a graph without calls of modules does with operands, in the order of its inputs; gives the values of its results
    /// and then of its write-backs. `key` tells its bodies from those of other graphs. `None` where bodies of branches and loops
    /// would have to be written for other sizes.
    ///
    /// # Errors
    /// Operands of other types than the inputs, or of sizes for which the graph is not right.
    pub(crate) fn splice(
        &mut self,
        graph: &Graph,
        key: u64,
        operands: &[Tensor],
        source: &Source,
    ) -> Result<Option<Vec<Tensor>>> {
        if !graph.symbols.is_empty() && !graph.subgraphs.is_empty() {
            return Ok(None);
        }
        let mut values: HashMap<NodeId, NodeId> = HashMap::new();
        for (input, operand) in graph.inputs.iter().zip(operands) {
            values.insert(input.node, self.node(operand, &graph.name, source)?);
        }
        let sizes = self.sizes_of(graph, &values, source)?;
        let sized = |dim: &Dim| dim.substitute(&|var| sizes.get(var.name()).cloned());
        for id in graph.ids().filter(|id| graph.node(*id).op.as_str() != INPUT) {
            let node = graph.node(id);
            let operands: Vec<NodeId> = node.inputs.iter().map(|input| values[input]).collect();
            let attrs = node.attrs.map_dims(&sized);
            let made = match node.calls.is_empty() {
                true => self.node_of(&node.op, &operands, &attrs, &node.source)?,
                false => self.calling(graph, key, node, &operands, &attrs)?,
            };
            self.did(made);
            values.insert(id, made);
        }
        let results: Vec<NodeId> = graph.roots().map(|root| values[&root]).collect();
        let handle = |node| Ok(self.handle(node, self.hints(node)?));
        results.into_iter().map(handle).collect::<Result<Vec<Tensor>>>().map(Some)
    }

    /// The node of an operation that calls graphs: the one that is there, or a new one.
    fn calling(
        &mut self,
        graph: &Graph,
        key: u64,
        node: &Node,
        operands: &[NodeId],
        attrs: &Attrs,
    ) -> Result<NodeId> {
        let calls: Vec<Name> =
            node.calls.iter().map(|call| Name::from(format!("{call}_{key}"))).collect();
        let known = self.builder.graph().nodes.iter().position(|known| {
            known.op == node.op
                && known.inputs == operands
                && known.calls == calls
                && same_attrs(&known.attrs, attrs)
        });
        if let Some(known) = known {
            return Ok(NodeId(known as u32));
        }
        for (own, call) in node.calls.iter().zip(&calls) {
            let body = self.placed(&graph.subgraphs[own]);
            self.builder.graph_mut().subgraphs.insert(call.clone(), Arc::new(body));
        }
        let place = self.place(&node.source);
        self.builder.set_source(place);
        Ok(self.builder.add_calling(&node.op, operands, attrs.clone(), &calls)?)
    }

    /// The recording's sizes for the symbols of a graph; what the graph needs of them is assumed.
    fn sizes_of(
        &mut self,
        graph: &Graph,
        values: &HashMap<NodeId, NodeId>,
        source: &Source,
    ) -> Result<BTreeMap<Name, Dim>> {
        let mut sizes: BTreeMap<Name, Dim> = BTreeMap::new();
        for input in &graph.inputs {
            let (want, have) = (graph.ty(input.node), self.builder.ty(values[&input.node]).clone());
            let mut fits = want.dtype == have.dtype && want.rank() == have.rank();
            for (want, have) in want.dims.iter().zip(&have.dims) {
                match want.as_var() {
                    _ if !fits => break,
                    Some(var) if !sizes.contains_key(var.name()) => {
                        sizes.insert(var.name().clone(), have.clone());
                    }
                    _ => {
                        let want = want.substitute(&|var| sizes.get(var.name()).cloned());
                        fits &= self.assumed(GuardFact::Equal(have.clone(), want), graph, source);
                    }
                }
            }
            if !fits {
                let message = format!(
                    "`{}` was traced with {want} for `{}`, and is called with {have}",
                    graph.name, input.name
                );
                return Err(refused(message, source));
            }
        }
        let within = graph.symbols.iter().filter_map(|(name, info)| {
            Some(GuardFact::Within(sizes.get(name)?.clone(), info.range))
        });
        let sized = |dim: &Dim| dim.substitute(&|var| sizes.get(var.name()).cloned());
        let stated = graph.guards.iter().map(|guard| guard.fact.map_dims(&sized));
        for fact in within.chain(stated).collect::<Vec<_>>() {
            if !self.assumed(fact.clone(), graph, source) {
                let message = format!("`{}` was traced where {fact}", graph.name);
                return Err(refused(message, source));
            }
        }
        Ok(sizes)
    }

    /// Whether a fact holds, which is assumed from now on where it does for the call at hand.
    fn assumed(&mut self, fact: GuardFact, graph: &Graph, source: &Source) -> bool {
        if let GuardFact::Equal(a, b) = &fact {
            match self.builder.graph().facts.prove_eq(a, b) {
                Proof::Yes => return true,
                Proof::No => return false,
                Proof::Unknown => {}
            }
        }
        let holds = fact_holds(&fact, &|dim| self.builder.graph().hint(dim));
        let is_fixed = fact.dims().iter().all(|dim| dim.as_const().is_some());
        if holds && !is_fixed {
            let (source, op) = (source.clone(), graph.name.clone());
            self.builder.assume(Guard { fact, source, op });
        }
        holds
    }
}

fn refused(message: String, source: &Source) -> Error {
    let help =
        "trace it with such examples, or declare the dims that vary with `TraceOptions::dynamic`";
    Error::Tensor(Diagnostic::new("trace", message).at(source.clone()).help(help))
}
