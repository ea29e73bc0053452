//! From groups of nodes to regions: what each reads, writes and is called.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::Name;

use super::analysis::{Analysis, Standing};
use super::region::{Alias, Cut, Reason, Region, RegionKind, Regions};
use crate::graph::{NodeId, NodeMap};
use crate::ops::OpClass;

/// Regions of groups. Groups are disjoint and hold every computed node that is not repeated in its readers.
pub(super) fn regions(
    analysis: &Analysis<'_>,
    mut groups: Vec<Vec<NodeId>>,
    reasons: &BTreeMap<(NodeId, NodeId), Reason>,
) -> Regions {
    let stored = roots_in_memory(analysis, &mut groups);
    let mut build = Build::new(analysis, groups, &stored, reasons);
    let order = build.order();
    let mut made: Vec<(usize, Region)> = Vec::new();
    for &g in order.iter().rev() {
        if let Some(region) = build.region(g) {
            made.push((g, region));
        }
    }
    made.reverse();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut regions = Vec::new();
    for (_, mut region) in made {
        region.name = name(analysis, &region, &mut names);
        regions.push(region);
    }
    let aliases = build.aliases.iter().map(|(&value, &of)| Alias { value, of }).collect();
    Regions { regions, cuts: build.cuts, aliases }
}

/// Free values that must lie in memory become groups of their own: results that are no aliases, and what a scatter starts from.
fn roots_in_memory(analysis: &Analysis<'_>, groups: &mut Vec<Vec<NodeId>>) -> BTreeSet<NodeId> {
    let graph = analysis.graph;
    let starts = graph
        .ids()
        .filter(|id| analysis.live[id.index()] && analysis.class[id.index()] == OpClass::Movement)
        .filter_map(|id| graph.node(id).inputs.first().copied());
    let mut stored = BTreeSet::new();
    let packed = analysis
        .computed()
        .filter(|id| analysis.class[id.index()] == OpClass::Contract)
        .flat_map(|id| graph.node(id).inputs.iter().copied())
        .filter(|&operand| repacks(analysis, operand));
    for id in graph.roots().chain(starts).chain(packed) {
        let base = analysis.reshaped(id);
        if analysis.standing[base.index()] == Standing::Free && stored.insert(base) {
            groups.push(vec![base]);
        }
    }
    stored
}

/// Whether a contraction's operand is a weight in another order than it lies in memory: it is copied once, so that the
/// contraction reads it as its author laid it out.
fn repacks(analysis: &Analysis<'_>, operand: NodeId) -> bool {
    let (base, views) = analysis.through_views(operand);
    let permuted = views.iter().any(|&v| &*analysis.graph.node(v).op == "permute");
    permuted
        && analysis.weights_only[operand.index()]
        && analysis.elements(operand) <= analysis.elements(base)
}

struct Build<'a> {
    analysis: &'a Analysis<'a>,
    groups: Vec<Vec<NodeId>>,
    /// The group that stores or could store a node.
    group_of: NodeMap<usize>,
    /// Values that other regions or the user read.
    demanded: BTreeSet<NodeId>,
    aliases: BTreeMap<NodeId, NodeId>,
    cuts: Vec<Cut>,
    reasons: &'a BTreeMap<(NodeId, NodeId), Reason>,
}

/// What a region takes from outside.
#[derive(Default)]
struct Reach {
    nodes: BTreeSet<NodeId>,
    inputs: Vec<NodeId>,
    /// Values read, each with the node of the region that reads it.
    edges: Vec<(NodeId, NodeId)>,
}

impl<'a> Build<'a> {
    fn new(
        analysis: &'a Analysis<'a>,
        groups: Vec<Vec<NodeId>>,
        stored: &BTreeSet<NodeId>,
        reasons: &'a BTreeMap<(NodeId, NodeId), Reason>,
    ) -> Build<'a> {
        let mut group_of = NodeMap::new(analysis.graph.nodes.len());
        for (g, nodes) in groups.iter().enumerate() {
            group_of.extend(nodes.iter().map(|&n| (n, g)));
        }
        let mut build = Build {
            analysis,
            groups,
            group_of,
            demanded: stored.clone(),
            aliases: BTreeMap::new(),
            cuts: Vec::new(),
            reasons,
        };
        for id in analysis.graph.roots() {
            build.demand(id);
        }
        for id in analysis.graph.ids() {
            if analysis.live[id.index()] && analysis.class[id.index()] == OpClass::Movement {
                build.demand(analysis.graph.node(id).inputs[0]);
            }
        }
        build
    }

    /// Notes that a value must lie in memory, perhaps as an alias.
    fn demand(&mut self, id: NodeId) {
        let base = self.buffer(id).unwrap_or(id);
        if base != id {
            self.aliases.insert(id, base);
        }
        if self.group_of.contains_key(&base) {
            self.demanded.insert(base);
        }
    }

    /// The value whose buffer holds this one as it is: itself, or what it is a reshape of.
    fn buffer(&self, id: NodeId) -> Option<NodeId> {
        let mut at = id;
        loop {
            if self.group_of.contains_key(&at)
                || self.analysis.standing[at.index()] == Standing::Leaf
            {
                return Some(at);
            }
            if &*self.analysis.graph.node(at).op != "reshape" {
                return None;
            }
            at = self.analysis.graph.node(at).inputs[0];
        }
    }

    /// What computing some nodes takes, given those that the group holds.
    fn reach(&self, g: usize, from: &[NodeId]) -> Reach {
        let graph = self.analysis.graph;
        let mut reach = Reach::default();
        // Each node with the one that needs it: itself, unless it is free.
        let mut open: Vec<(NodeId, NodeId)> = from.iter().map(|&id| (id, id)).collect();
        while let Some((id, needs)) = open.pop() {
            if !reach.nodes.insert(id) {
                continue;
            }
            let node = graph.node(id);
            let free = self.analysis.standing[id.index()] == Standing::Free;
            let reader = if free { needs } else { id };
            let skip = usize::from(self.analysis.class[id.index()] == OpClass::Movement);
            for (k, &input) in node.inputs.iter().enumerate() {
                match self.stored_as(g, input) {
                    _ if k < skip => reach.edges.push((input, reader)),
                    Some(value) => {
                        reach.inputs.push(value);
                        reach.edges.push((value, reader));
                    }
                    None => open.push((input, reader)),
                }
            }
        }
        reach.inputs.sort();
        reach.inputs.dedup();
        reach
    }

    /// The value to be read from memory for an operand, if it is not computed in the region.
    fn stored_as(&self, g: usize, id: NodeId) -> Option<NodeId> {
        match self.group_of.get(&id) {
            // A stored view of the group's own value is still computed in the group: its copy runs afterwards.
            Some(&group) => return (group != g && !self.leads_into(g, id)).then_some(id),
            None if self.analysis.standing[id.index()] == Standing::Leaf => return Some(id),
            None => {}
        }
        if &*self.analysis.graph.node(id).op != "reshape" || self.analysis.only_units(id) {
            return None;
        }
        let base = self.buffer(id)?;
        (!self.leads_into(g, base)).then_some(id)
    }

    /// Whether a value is the group's own or a view of one.
    fn leads_into(&self, g: usize, id: NodeId) -> bool {
        self.group_of.get(&self.analysis.through_views(id).0) == Some(&g)
    }

    /// An order in which groups can run.
    fn order(&self) -> Vec<usize> {
        let mut needs: Vec<BTreeSet<usize>> = Vec::new();
        for (g, nodes) in self.groups.iter().enumerate() {
            let reach = self.reach(g, nodes);
            let inputs = reach.edges.iter().filter_map(|(from, _)| self.buffer(*from));
            needs.push(
                inputs
                    .filter_map(|base| self.group_of.get(&base).copied())
                    .filter(|&n| n != g)
                    .collect(),
            );
        }
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.groups.len()];
        let mut missing: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
        for (g, needs) in needs.iter().enumerate() {
            needs.iter().for_each(|&n| users[n].push(g));
        }
        let key = |g: usize| (self.groups[g].iter().max().copied(), g);
        let mut ready: BTreeSet<_> =
            (0..self.groups.len()).filter(|&g| missing[g] == 0).map(key).collect();
        let mut order = Vec::new();
        while let Some(first) = ready.pop_first() {
            order.push(first.1);
            for &user in &users[first.1] {
                missing[user] -= 1;
                if missing[user] == 0 {
                    ready.insert(key(user));
                }
            }
        }
        order
    }

    /// The region of a group, whose readers' regions are made already; `None` when nobody reads it.
    fn region(&mut self, g: usize) -> Option<Region> {
        let outputs: Vec<NodeId> =
            self.groups[g].iter().copied().filter(|n| self.demanded.contains(n)).collect();
        if outputs.is_empty() {
            return None;
        }
        let reach = self.reach(g, &outputs);
        for &(from, to) in &reach.edges {
            self.demand(from);
            let base = self.buffer(from).unwrap_or(from);
            if self.group_of.contains_key(&base) {
                self.cuts.push(Cut { from, to, reason: self.reason(base, to) });
            }
        }
        let nodes: Vec<NodeId> = reach.nodes.iter().copied().collect();
        Some(Region {
            kind: self.kind(&nodes),
            weights_only: nodes.iter().all(|n| self.analysis.weights_only[n.index()]),
            nodes,
            inputs: reach.inputs,
            outputs,
            name: Name::default(),
        })
    }

    fn kind(&self, nodes: &[NodeId]) -> RegionKind {
        let rank = |kind: RegionKind| match kind {
            RegionKind::Copy => 0,
            RegionKind::Pointwise => 1,
            RegionKind::Reduction => 2,
            RegionKind::Contraction => 3,
            RegionKind::Attention => 4,
            RegionKind::Movement => 5,
        };
        let contracts = |n: &&NodeId| self.analysis.class[n.index()] == OpClass::Contract;
        if nodes.iter().filter(contracts).count() > 1 {
            return RegionKind::Attention;
        }
        nodes
            .iter()
            .map(|&n| self.analysis.kind(n))
            .max_by_key(|&k| rank(k))
            .unwrap_or(RegionKind::Copy)
    }

    fn reason(&self, from: NodeId, to: NodeId) -> Reason {
        if self.analysis.weights_only[from.index()] && !self.analysis.weights_only[to.index()] {
            return Reason::Weights;
        }
        let kinds = || Reason::Kinds(self.analysis.kind(from), self.analysis.kind(to));
        self.reasons.get(&(from, to)).cloned().unwrap_or_else(kinds)
    }
}

/// Words that a name may have.
const WORDS_MAX: usize = 4;

/// The user's words of the values that a region computes, else its operators, made unique.
fn name(analysis: &Analysis<'_>, region: &Region, names: &mut BTreeMap<String, usize>) -> Name {
    let graph = analysis.graph;
    let module = region.nodes.iter().rev().find_map(|&n| graph.node(n).source.module.clone());
    let mut words: Vec<String> = Vec::new();
    for &id in &region.nodes {
        let node = graph.node(id);
        if analysis.standing[id.index()] != Standing::Computed && region.nodes.len() > 1 {
            continue;
        }
        let word = super::names::identifier(node.name.as_deref().unwrap_or(&node.op));
        if words.last() != Some(&word) {
            words.push(word);
        }
    }
    if words.len() > WORDS_MAX {
        let last = words.pop();
        words.truncate(WORDS_MAX - 1);
        words.extend(last);
    }
    if let Some(module) = module {
        let module = super::names::identifier(&module);
        if !words.first().is_some_and(|w| w.starts_with(&module)) {
            words.insert(0, module);
        }
    }
    let name = if words.is_empty() { "copy".to_owned() } else { words.join("_") };
    let count = names.entry(name.clone()).or_insert(0);
    *count += 1;
    match *count {
        1 => Name::from(name),
        n => Name::from(format!("{name}_{n}")),
    }
}
