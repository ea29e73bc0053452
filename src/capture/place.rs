//! Puts joined values and loops into graphs of their own: comes in a recording in which decisions are marked by their joins and loops by
//! their arguments and results, goes out a graph with `cond` and `while` nodes.
//!
//! A node stands in an arm when all its uses are there, and outside of it otherwise, so that each is computed once, and only
//! where it is needed. What a loop's state does not change stands before the loop.

mod build;

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_compiler::graph::analysis::live;
use ferrodyne_compiler::graph::{Graph, INPUT, Node, NodeId};
use ferrodyne_plan::Diagnostic;

use super::cycles::{Settled, argument_of, result_of};
use super::join::JOIN;
use super::repeat::Cycle;

/// Index of a region: 0 is the whole function, every other one an arm or a loop.
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
    cycles: &'a BTreeMap<usize, Cycle>,
    /// For each node, the loops on whose state it depends.
    inside: &'a [BTreeSet<usize>],
    /// Regions of loops that are needed.
    loops: BTreeMap<usize, Region>,
}

/// Gives decisions their arms, and loops their graphs.
///
/// # Errors
/// Faults of the type rules, which are the compiler's.
pub(super) fn place(settled: &Settled) -> Result<Graph, Diagnostic> {
    let graph = &settled.graph;
    let mut placing = Placing {
        graph,
        outer: vec![(0, 0)],
        place: vec![None; graph.nodes.len()],
        groups: BTreeMap::new(),
        cycles: &settled.cycles,
        inside: &settled.inside,
        loops: BTreeMap::new(),
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
            if let Some(index) = argument_of(node) {
                self.place[id.index()] = self.loops.get(&index).copied();
                continue;
            }
            let Some(region) = contexts[id.index()] else { continue };
            let mut region = self.hoisted(region, &self.inside[id.index()]);
            if let Some(index) = result_of(node) {
                region = self.uses_of_loop(index, &is_live, &mut contexts);
                self.place[id.index()] = Some(region);
                continue;
            }
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
                self.uses(&mut contexts, operand, region);
            }
        }
    }

    /// Notes that a region uses a value.
    fn uses(&self, contexts: &mut [Option<Region>], operand: NodeId, region: Region) {
        let known = contexts[operand.index()];
        contexts[operand.index()] = Some(known.map_or(region, |known| self.common(known, region)));
    }

    /// The outermost region that may hold what depends on the state of these loops.
    fn hoisted(&self, mut region: Region, inside: &BTreeSet<usize>) -> Region {
        while let Some((index, _)) = self.loops.iter().find(|(_, own)| **own == region) {
            if inside.contains(index) {
                break;
            }
            region = self.outer[region].0;
        }
        region
    }

    /// The region in which a loop stands; when it is met first, it gets one of its own.
    fn uses_of_loop(
        &mut self,
        index: usize,
        is_live: &[bool],
        contexts: &mut [Option<Region>],
    ) -> Region {
        if let Some(own) = self.loops.get(&index) {
            return self.outer[*own].0;
        }
        let cycle = &self.cycles[&index];
        let stacked = cycle.walk.iter().flat_map(|walk| &walk.stacked);
        let results = cycle.results.iter().chain(stacked).filter(|id| is_live[id.index()]);
        let regions = results.clone().filter_map(|id| contexts[id.index()]);
        let region = regions.reduce(|a, b| self.common(a, b)).unwrap_or(0);
        let inside = results.flat_map(|id| self.inside[id.index()].clone()).collect();
        let region = self.hoisted(region, &inside);
        self.outer.push((region, self.outer[region].1 + 1));
        let own = self.outer.len() - 1;
        self.loops.insert(index, own);
        let whole = cycle.walk.iter().flat_map(|walk| &walk.whole);
        for &id in cycle.begin.iter().chain(whole) {
            self.uses(contexts, id, region);
        }
        for id in self.ends(cycle) {
            self.uses(contexts, id, own);
        }
        region
    }

    /// What a trip leaves: the next state, the condition, and whether another trip follows.
    fn ends(&self, cycle: &Cycle) -> Vec<NodeId> {
        let parts = cycle.walk.iter().flat_map(|walk| walk.parts.iter().copied());
        cycle.next.iter().copied().chain(parts).chain(cycle.head).chain([cycle.goes_on]).collect()
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
        let inside = joins.iter().flat_map(|id| self.inside[id.index()].clone()).collect();
        let region = self.hoisted(region, &inside);
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
        node.inputs.is_empty() && node.op.as_str() != INPUT && argument_of(node).is_none()
    }

    /// What a region needs: the operands of its nodes and of the arms inside of it, and its results.
    fn wanted(&self, region: Region, results: &[NodeId]) -> BTreeSet<NodeId> {
        let mut wanted: BTreeSet<NodeId> = results.iter().copied().collect();
        for id in self.graph.ids().filter(|id| self.place[id.index()] == Some(region)) {
            let node = self.graph.node(id);
            match (decision_of(node), result_of(node)) {
                (Some(decision), _) => wanted.extend(self.operands(&self.groups[&decision])),
                (None, Some(index)) => {
                    let cycle = &self.cycles[&index];
                    wanted.extend(cycle.begin.iter().copied().chain(self.captured(index)));
                    wanted.extend(cycle.walk.iter().flat_map(|walk| &walk.whole));
                }
                (None, None) => wanted.extend(&node.inputs),
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

    /// What a loop captures.
    fn captured(&self, index: usize) -> Vec<NodeId> {
        let own = self.loops[&index];
        self.captures(own, &self.ends(&self.cycles[&index])).into_iter().collect()
    }

    fn results(&self, group: &Group, side: usize) -> Vec<NodeId> {
        group.joins.iter().map(|id| self.graph.node(*id).inputs[1 + side]).collect()
    }
}
