//! Puts joined values into graphs of their own: comes in a recording in which decisions are marked by their joins, goes out a graph with
//! `cond` nodes.
//!
//! A node stands in an arm when all its uses are there, and outside of it otherwise, so that each is computed once, and only
//! where it is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ferrodyne_compiler::graph::analysis::live;
use ferrodyne_compiler::graph::{Attrs, Builder, Graph, INPUT, InputRole, Node, NodeId, Output};
use ferrodyne_compiler::ops::Table;
use ferrodyne_plan::{Diagnostic, Name};

use super::join::JOIN;

/// Index of a region: 0 is the whole function, every other one an arm.
type Region = usize;

/// The joins of one decision.
struct Group {
    condition: NodeId,
    joins: Vec<NodeId>,
    /// The regions of its two sides.
    arms: [Region; 2],
}

struct Placing<'a> {
    graph: &'a Graph,
    /// Region that a region stands in, and its depth.
    outer: Vec<(Region, usize)>,
    place: Vec<Option<Region>>,
    groups: BTreeMap<i64, Group>,
}

/// Gives decisions their arms.
///
/// # Errors
/// Faults of the type rules, which are the compiler's.
pub(super) fn place(graph: &Graph) -> Result<Graph, Diagnostic> {
    let mut placing = Placing {
        graph,
        outer: vec![(0, 0)],
        place: vec![None; graph.nodes.len()],
        groups: BTreeMap::new(),
    };
    placing.find_places();
    let inputs: Vec<NodeId> = graph.inputs.iter().map(|input| input.node).collect();
    placing.build(0, &graph.name, &inputs, &[])
}

fn decision_of(node: &Node) -> Option<i64> {
    (node.op.as_str() == JOIN).then(|| node.attrs.get_int("decision"))
}

impl Placing<'_> {
    /// Walks from the results to the inputs, so that all uses of a node are known when it is met.
    fn find_places(&mut self) {
        let is_live = live(self.graph);
        let mut contexts: Vec<Option<Region>> = vec![None; self.graph.nodes.len()];
        for root in self.graph.roots() {
            contexts[root.index()] = Some(0);
        }
        for id in self.graph.ids().rev().filter(|id| is_live[id.index()]) {
            let node = self.graph.node(id);
            if node.op.as_str() == INPUT {
                self.place[id.index()] = Some(0);
                continue;
            }
            let Some(mut region) = contexts[id.index()] else { continue };
            let uses = match decision_of(node) {
                None => node.inputs.iter().map(|&operand| (operand, region)).collect::<Vec<_>>(),
                Some(decision) => {
                    if !self.groups.contains_key(&decision) {
                        self.open_group(decision, id, &is_live, &contexts);
                    }
                    let group = &self.groups[&decision];
                    let [first, second] = group.arms;
                    region = self.outer[first].0;
                    vec![
                        (node.inputs[0], region),
                        (node.inputs[1], first),
                        (node.inputs[2], second),
                    ]
                }
            };
            self.place[id.index()] = Some(region);
            for (operand, region) in uses {
                let known = contexts[operand.index()];
                contexts[operand.index()] =
                    Some(known.map_or(region, |known| self.common(known, region)));
            }
        }
    }

    /// Joins of one decision are made together, so that they stand side by side; `last` is the last of them.
    fn open_group(
        &mut self,
        decision: i64,
        last: NodeId,
        is_live: &[bool],
        contexts: &[Option<Region>],
    ) {
        let joins: Vec<NodeId> = (0..=last.0)
            .map(NodeId)
            .filter(|id| is_live[id.index()] && decision_of(self.graph.node(*id)) == Some(decision))
            .collect();
        let regions = joins.iter().filter_map(|id| contexts[id.index()]);
        let region = regions.reduce(|a, b| self.common(a, b)).unwrap_or(0);
        let depth = self.outer[region].1 + 1;
        self.outer.extend([(region, depth), (region, depth)]);
        let arms = [self.outer.len() - 2, self.outer.len() - 1];
        let condition = self.graph.node(last).inputs[0];
        self.groups.insert(decision, Group { condition, joins, arms });
    }

    /// The innermost region around two.
    fn common(&self, mut a: Region, mut b: Region) -> Region {
        while a != b {
            if self.outer[a].1 >= self.outer[b].1 {
                a = self.outer[a].0;
            } else {
                b = self.outer[b].0;
            }
        }
        a
    }

    /// Nodes that every region makes for itself.
    fn is_source(&self, id: NodeId) -> bool {
        let node = self.graph.node(id);
        node.inputs.is_empty() && node.op.as_str() != INPUT
    }

    /// What a region needs: the operands of its nodes and of the arms inside of it, and its results.
    fn wanted(&self, region: Region, results: &[NodeId]) -> BTreeSet<NodeId> {
        let mut wanted: BTreeSet<NodeId> = results.iter().copied().collect();
        for id in self.graph.ids().filter(|id| self.place[id.index()] == Some(region)) {
            let node = self.graph.node(id);
            match decision_of(node) {
                None => wanted.extend(&node.inputs),
                Some(decision) => wanted.extend(self.operands(&self.groups[&decision])),
            }
        }
        wanted
    }

    /// What a region takes from around it.
    fn captures(&self, region: Region, results: &[NodeId]) -> BTreeSet<NodeId> {
        let mut wanted = self.wanted(region, results);
        wanted.retain(|id| self.place[id.index()] != Some(region) && !self.is_source(*id));
        wanted
    }

    /// What a decision takes: its condition first, then what either arm captures.
    fn operands(&self, group: &Group) -> Vec<NodeId> {
        let mut captured = BTreeSet::new();
        for side in 0..2 {
            captured.extend(self.captures(group.arms[side], &self.results(group, side)));
        }
        std::iter::once(group.condition).chain(captured).collect()
    }

    fn results(&self, group: &Group, side: usize) -> Vec<NodeId> {
        group.joins.iter().map(|id| self.graph.node(*id).inputs[1 + side]).collect()
    }

    /// The graph of a region, over its inputs.
    fn build(
        &self,
        region: Region,
        name: &Name,
        inputs: &[NodeId],
        results: &[NodeId],
    ) -> Result<Graph, Diagnostic> {
        let mut builder = Builder::new(name.clone(), &Table);
        let outer = self.graph;
        let graph = builder.graph_mut();
        graph.symbols.clone_from(&outer.symbols);
        graph.facts = outer.facts.clone();
        graph.guards.clone_from(&outer.guards);
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
        let wanted = self.wanted(region, &roots);
        let here = |id: &NodeId| match self.is_source(*id) {
            true => wanted.contains(id),
            false => self.place[id.index()] == Some(region),
        };
        for id in outer.ids().filter(here) {
            if known.contains_key(&id) {
                continue;
            }
            let node = outer.node(id);
            match decision_of(node) {
                Some(decision) => self.branch(&mut builder, &mut known, decision)?,
                None => {
                    let mut node = node.clone();
                    node.inputs = node.inputs.iter().map(|operand| known[operand]).collect();
                    let graph = builder.graph_mut();
                    for call in &node.calls {
                        graph.subgraphs.insert(call.clone(), outer.subgraphs[call].clone());
                    }
                    known.insert(id, NodeId(graph.nodes.len() as u32));
                    graph.nodes.push(node);
                }
            }
        }
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
