//! The graphs of regions: comes in where each node stands, go out the whole and the arms and loops inside of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ferrodyne_compiler::graph::{Attrs, Builder, Graph, InputRole, NodeId, Output};
use ferrodyne_compiler::ops::Table;
use ferrodyne_plan::{DType, Diagnostic, HostTensor, Name};

use super::{Placing, Region, decision_of};
use crate::capture::cycles::{is_true, result_of};
use crate::capture::repeat::Walk;

impl Placing<'_> {
    /// A graph over the symbols of the whole.
    fn begin(&self, name: &Name) -> Builder {
        let mut builder = Builder::new(name.clone(), &Table);
        let outer = self.graph;
        let graph = builder.graph_mut();
        graph.symbols.clone_from(&outer.symbols);
        graph.facts = outer.facts.clone();
        graph.guards.clone_from(&outer.guards);
        builder
    }

    /// The graph of a region, over its inputs.
    pub(super) fn build(
        &self,
        region: Region,
        name: &Name,
        inputs: &[NodeId],
        results: &[NodeId],
    ) -> Result<Graph, Diagnostic> {
        let mut builder = self.begin(name);
        let outer = self.graph;
        let mut known: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        for (k, &id) in inputs.iter().enumerate() {
            let node = outer.node(id);
            builder.set_source(node.source.clone());
            let (name, role) = match region {
                0 => (outer.inputs[k].name.clone(), outer.inputs[k].role),
                _ => (
                    node.name.clone().unwrap_or_else(|| format!("x{k}").into()),
                    InputRole::Argument,
                ),
            };
            known.insert(id, builder.input(name, role, node.ty().clone()));
        }
        let roots: Vec<NodeId> =
            if region == 0 { outer.roots().collect() } else { results.to_vec() };
        self.fill(&mut builder, &mut known, region, &roots)?;
        for (k, result) in results.iter().enumerate() {
            builder.output(format!("y{k}"), known[result]);
        }
        if region == 0 {
            let graph = builder.graph_mut();
            for Output { name, node } in &outer.outputs {
                graph.outputs.push(Output { name: name.clone(), node: known[node] });
            }
            graph.write_backs =
                outer.write_backs.iter().map(|(input, node)| (*input, known[node])).collect();
            graph.subgraphs.extend(outer.subgraphs.clone());
        }
        Ok(builder.finish())
    }

    /// Adds the nodes of a region.
    fn fill(
        &self,
        builder: &mut Builder,
        known: &mut BTreeMap<NodeId, NodeId>,
        region: Region,
        roots: &[NodeId],
    ) -> Result<(), Diagnostic> {
        let outer = self.graph;
        let wanted = self.wanted(region, roots);
        let here = |id: &NodeId| match self.is_source(*id) {
            true => wanted.contains(id),
            false => self.place[id.index()] == Some(region),
        };
        for id in outer.ids().filter(here) {
            if known.contains_key(&id) {
                continue;
            }
            let node = outer.node(id);
            match (decision_of(node), result_of(node)) {
                (Some(decision), _) => self.branch(builder, known, decision)?,
                (None, Some(index)) => self.cycle(builder, known, index)?,
                (None, None) => {
                    let mut node = node.clone();
                    node.inputs = node.inputs.iter().map(|operand| known[operand]).collect();
                    let graph = builder.graph_mut();
                    for call in &node.calls {
                        graph.subgraphs.insert(call.clone(), outer.subgraphs[call].clone());
                    }
                    known.insert(id, graph.push(node));
                }
            }
        }
        Ok(())
    }

    /// Adds a loop. Whether `break` leaves it is one more tensor of its state.
    fn cycle(
        &self,
        builder: &mut Builder,
        known: &mut BTreeMap<NodeId, NodeId>,
        index: usize,
    ) -> Result<(), Diagnostic> {
        let cycle = &self.cycles[&index];
        let captured = self.captured(index);
        if let Some(walk) = &cycle.walk {
            return self.scan(builder, known, index, walk);
        }
        let breaks = !is_true(self.graph.node(cycle.goes_on));
        let mut calls = Vec::new();
        for stem in ["head", "body"] {
            let name = Name::from(format!("{stem}_{index}"));
            let mut inner = self.begin(&name);
            let mut own: BTreeMap<NodeId, NodeId> = BTreeMap::new();
            for (k, &id) in cycle.arguments.iter().chain(&captured).enumerate() {
                let ty = self.graph.ty(id).clone();
                own.insert(id, inner.input(format!("x{k}"), InputRole::Argument, ty));
            }
            let flag = breaks.then(|| {
                let ty = self.graph.ty(cycle.goes_on).clone();
                inner.input("goes_on", InputRole::Argument, ty)
            });
            self.fill(&mut inner, &mut own, self.loops[&index], &self.ends(cycle))?;
            inner.set_source(cycle.source.clone());
            if stem == "body" {
                for (k, next) in cycle.next.iter().enumerate() {
                    inner.output(format!("y{k}"), own[next]);
                }
                if breaks {
                    inner.output("goes_on", own[&cycle.goes_on]);
                }
            } else {
                let go = match (cycle.head.map(|head| own[&head]), flag) {
                    (Some(head), Some(flag)) => inner.add("and", &[flag, head], Attrs::new())?,
                    (Some(head), None) => head,
                    (None, Some(flag)) => flag,
                    (None, None) => {
                        let fault = Diagnostic::new("capture", "a loop that nothing ends");
                        return Err(fault.at(cycle.source.clone()));
                    }
                };
                inner.output("go", go);
            }
            self.reorder(&mut inner, cycle.arguments.len(), breaks);
            builder.graph_mut().subgraphs.insert(name.clone(), Arc::new(inner.finish()));
            calls.push(name);
        }
        builder.set_source(cycle.source.clone());
        let mut operands: Vec<NodeId> = cycle.begin.iter().map(|id| known[id]).collect();
        if breaks {
            let value = Arc::new(HostTensor {
                dtype: DType::Bool,
                dims: Vec::new(),
                bytes: Arc::new(vec![1]),
            });
            operands.push(builder.add("constant", &[], Attrs::new().tensor("value", value))?);
        }
        let carried = Attrs::new().int("carried", operands.len() as i64);
        operands.extend(captured.iter().map(|id| known[id]));
        let repeat = builder.add_calling("while", &operands, carried, &calls)?;
        for (k, &result) in cycle.results.iter().enumerate() {
            let index = Attrs::new().int("index", k as i64);
            known.insert(result, builder.add("result", &[repeat], index)?);
        }
        Ok(())
    }

    /// Adds a loop along an axis.
    fn scan(
        &self,
        builder: &mut Builder,
        known: &mut BTreeMap<NodeId, NodeId>,
        index: usize,
        walk: &Walk,
    ) -> Result<(), Diagnostic> {
        let (cycle, captured) = (&self.cycles[&index], self.captured(index));
        let name = Name::from(format!("body_{index}"));
        let mut inner = self.begin(&name);
        let mut own: BTreeMap<NodeId, NodeId> = BTreeMap::new();
        let inputs = cycle.arguments.iter().chain(&walk.slices).chain(&captured);
        for (k, &id) in inputs.enumerate() {
            let ty = self.graph.ty(id).clone();
            own.insert(id, inner.input(format!("x{k}"), InputRole::Argument, ty));
        }
        self.fill(&mut inner, &mut own, self.loops[&index], &self.ends(cycle))?;
        for (k, id) in cycle.next.iter().chain(&walk.parts).enumerate() {
            inner.output(format!("y{k}"), own[id]);
        }
        builder.graph_mut().subgraphs.insert(name.clone(), Arc::new(inner.finish()));
        builder.set_source(cycle.source.clone());
        let attrs = Attrs::new()
            .int("carried", cycle.begin.len() as i64)
            .int("sliced", walk.whole.len() as i64);
        let operands = cycle.begin.iter().chain(&walk.whole).chain(&captured);
        let operands: Vec<NodeId> = operands.map(|id| known[id]).collect();
        let repeat = builder.add_calling("scan", &operands, attrs, &[name])?;
        for (k, &result) in cycle.results.iter().chain(&walk.stacked).enumerate() {
            let index = Attrs::new().int("index", k as i64);
            known.insert(result, builder.add("result", &[repeat], index)?);
        }
        Ok(())
    }

    /// Puts the flag, which is declared last, behind the state.
    fn reorder(&self, builder: &mut Builder, carried: usize, breaks: bool) {
        let inputs = &mut builder.graph_mut().inputs;
        if breaks && let Some(flag) = inputs.pop() {
            inputs.insert(carried, flag);
        }
    }

    fn branch(
        &self,
        builder: &mut Builder,
        known: &mut BTreeMap<NodeId, NodeId>,
        decision: i64,
    ) -> Result<(), Diagnostic> {
        let group = &self.groups[&decision];
        let operands = self.operands(group);
        let mut calls = Vec::new();
        for (side, stem) in ["then", "else"].into_iter().enumerate() {
            let name = Name::from(format!("{stem}_{decision}"));
            let results = self.results(group, side);
            let arm = self.build(group.arms[side], &name, &operands[1..], &results)?;
            builder.graph_mut().subgraphs.insert(name.clone(), Arc::new(arm));
            calls.push(name);
        }
        builder.set_source(self.graph.node(group.joins[0]).source.clone());
        let operands: Vec<NodeId> = operands.iter().map(|operand| known[operand]).collect();
        let cond = builder.add_calling("cond", &operands, Attrs::new(), &calls)?;
        for (k, &join) in group.joins.iter().enumerate() {
            let index = Attrs::new().int("index", k as i64);
            known.insert(join, builder.add("result", &[cond], index)?);
        }
        Ok(())
    }
}
