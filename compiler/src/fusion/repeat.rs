//! Values that are cheaper to compute again in each reader than to store: groups of elementwise nodes whose readers stand at
//! other points (through slices, concatenations, windows, broadcasts, other rows) or in a contraction.
//!
//! A group is repeated in all its readers or in none: what is stored anyway is cheaper to read.

use std::collections::{BTreeMap, BTreeSet};

use super::analysis::Standing;
use super::checks::checks;
use super::cost::{self, Repetition};
use super::group::{Group, Groups};
use super::reads::reads;
use super::region::{Reason, RegionKind};
use super::space::identity;
use crate::graph::{Attr, NodeId};
use crate::ops::OpClass;

/// A read of another group's value.
#[derive(Clone, Debug)]
struct Read {
    value: NodeId,
    reader: NodeId,
    /// Elements that are read, each as often as it is.
    evaluations: f64,
    stands: Stands,
}

/// Where a read stands in its kernel.
#[derive(Clone, Copy, Debug, Default)]
struct Stands {
    /// In the innermost loop of a contraction.
    innermost: bool,
    /// In windows that overlap, none of which shares what it reads with others.
    in_windows: bool,
    /// In a contraction that asks of each place whether it lies in the value: of what is computed there, it would choose by cases.
    checked: bool,
}

impl Stands {
    fn or(self, other: Stands) -> Stands {
        Stands {
            innermost: self.innermost || other.innermost,
            in_windows: self.in_windows || other.in_windows,
            checked: self.checked || other.checked,
        }
    }
}

/// Dissolves groups into their readers wherever the cost model favours it; readers are looked at first.
pub(super) fn inline(groups: &mut Groups<'_>) {
    let tails = cut_tails(groups);
    let mut all: Vec<Vec<Read>> = (0..groups.groups.len()).map(|g| reads_of(groups, g)).collect();
    let mut readers: BTreeMap<NodeId, BTreeSet<usize>> = BTreeMap::new();
    for (g, reads) in all.iter().enumerate() {
        for read in reads {
            readers.entry(read.value).or_default().insert(g);
        }
    }
    let mut order: Vec<usize> = (0..all.len()).filter(|&g| groups.groups[g].is_some()).collect();
    order.sort_by_key(|&g| std::cmp::Reverse(groups.get(g).nodes.iter().max().copied()));
    for g in order {
        let values: Vec<NodeId> =
            groups.get(g).nodes.iter().copied().filter(|v| readers.contains_key(v)).collect();
        let into: BTreeSet<usize> = values.iter().flat_map(|v| &readers[v]).copied().collect();
        if into.is_empty() {
            continue;
        }
        match judge(groups, &all, g, &values, &into) {
            Ok(()) => dissolve(groups, &mut all, &mut readers, g, &into),
            Err(reason) => {
                for reads in into.iter().map(|&c| &all[c]) {
                    for read in reads.iter().filter(|r| values.contains(&r.value)) {
                        let joined = groups.reasons.get(&(read.value, read.reader));
                        // What kept the reader out of a group of folds says more than that folds are not repeated.
                        let says_more = matches!(reason, Reason::Folded(_)) && joined.is_some();
                        if !says_more {
                            groups.reasons.insert((read.value, read.reader), reason.clone());
                        }
                    }
                }
            }
        }
    }
    // What a reader could not take after all is computed where it was.
    for (tail, g) in tails.into_iter().rev() {
        groups.take_back(tail, g);
    }
}

/// Takes out of groups the last nodes that their readers have for less from what the groups store anyway: an element in a wider
/// type, say, is a cast of the stored one. Gives their new groups, each with the one that it was in.
fn cut_tails(groups: &mut Groups<'_>) -> Vec<(usize, usize)> {
    let mut tails = Vec::new();
    for g in 0..groups.groups.len() {
        let mut nodes = groups.groups[g].as_ref().map_or(Vec::new(), |group| group.nodes.clone());
        nodes.sort_by_key(|&id| std::cmp::Reverse(id));
        for id in nodes {
            if is_tail(groups, g, id) {
                tails.push((groups.set_apart(g, id), g));
            }
        }
    }
    tails
}

/// Whether a node is computed from stored values and read in other groups alone, and cheaper to compute there.
fn is_tail(groups: &Groups<'_>, g: usize, id: NodeId) -> bool {
    let analysis = groups.analysis;
    let users = groups.users_of(id);
    let own = |n: &NodeId| groups.group_of.get(n) == Some(&g);
    let pointwise = analysis.class[id.index()] == OpClass::Pointwise;
    if !pointwise || analysis.root[id.index()] || users.is_empty() || users.iter().any(own) {
        return false;
    }
    let operands = analysis.graph.node(id).inputs.iter().map(|&i| analysis.through_views(i).0);
    let operands: BTreeSet<NodeId> =
        operands.filter(|b| analysis.standing[b.index()] != Standing::Free).collect();
    let stored = |base: &NodeId| {
        analysis.root[base.index()] || groups.users_of(*base).iter().any(|u| *u != id && !own(u))
    };
    if operands.is_empty() || !operands.iter().all(|base| own(base) && stored(base)) {
        return false;
    }
    let readers: BTreeSet<usize> =
        users.iter().filter_map(|u| groups.group_of.get(u)).copied().collect();
    let reads = |c: &usize| {
        let group = groups.get(*c);
        let reading = group.nodes.iter().filter(|n| users.contains(n));
        let operands = reading
            .flat_map(|&n| analysis.graph.node(n).inputs.iter().map(move |&operand| (n, operand)));
        let own = operands.filter(|(_, operand)| analysis.through_views(*operand).0 == id);
        own.map(|(n, operand)| evaluations(groups, group.kind, n, operand)).collect::<Vec<_>>()
    };
    let each: Vec<Vec<(f64, Stands)>> = readers.iter().map(reads).collect();
    let it = Repetition {
        stands_alone: false,
        bytes: analysis.bytes(id),
        elements: analysis.elements(id),
        flops: groups.flops_of(id),
        input_bytes: operands.iter().map(|&i| analysis.bytes(i)).sum(),
        evaluations: each.iter().map(|reads| reads.iter().map(|(times, _)| times).sum()).collect(),
        innermost: each.iter().flatten().any(|(_, stands)| stands.innermost),
    };
    cost::repeats(groups.target, &it).is_ok()
}

/// Reads of a group from other groups.
fn reads_of(groups: &Groups<'_>, g: usize) -> Vec<Read> {
    let Some(group) = &groups.groups[g] else { return Vec::new() };
    let analysis = groups.analysis;
    let graph = analysis.graph;
    let mut found = Vec::new();
    for &reader in &group.nodes {
        let node = graph.node(reader);
        for &operand in &node.inputs {
            let value = analysis.through_views(operand).0;
            if groups.group_of.get(&value).is_none_or(|&h| h == g) {
                continue;
            }
            let (evaluations, stands) = evaluations(groups, group.kind, reader, operand);
            found.push(Read { value, reader, evaluations, stands });
        }
    }
    found
}

/// How many elements of an operand a node of such a group computes, and where.
fn evaluations(
    groups: &Groups<'_>,
    kind: RegionKind,
    reader: NodeId,
    operand: NodeId,
) -> (f64, Stands) {
    let analysis = groups.analysis;
    let graph = analysis.graph;
    let node = graph.node(reader);
    let elements = analysis.elements(operand);
    let outside = Stands::default();
    let grouped = matches!(node.attrs.get("groups"), Some(Attr::Int(groups)) if *groups > 1);
    let innermost = Stands { innermost: true, in_windows: grouped, checked: false };
    match analysis.class[reader.index()] {
        // Queries are held for the whole pass over the keys; keys and values come by once for each tile of queries.
        OpClass::Contract if kind == RegionKind::Attention => {
            let scores =
                !node.inputs.iter().any(|i| groups.group_of.get(i) == groups.group_of.get(&reader));
            if scores && node.inputs[0] == operand {
                return (elements, outside);
            }
            let dims = &node.ty().dims;
            let queries =
                dims.len().checked_sub(2).map_or(1.0, |d| analysis.graph.estimate(&dims[d]));
            (elements * (queries / cost::PASS_QUERIES).max(1.0), innermost)
        }
        OpClass::Contract => {
            let at = identity(&node.ty().dims);
            let folds = reads(graph, reader, &at, &graph.facts).folds;
            let terms: f64 = folds.iter().flatten().map(|d| analysis.graph.estimate(d)).product();
            let checked = checks(graph, &analysis.class, reader, operand);
            let stands = Stands { checked, ..innermost };
            ((analysis.elements(reader) * terms / cost::TILE).max(elements), stands)
        }
        OpClass::Reduce => {
            let again = elements > analysis.elements(analysis.through_views(operand).0);
            (elements, Stands { in_windows: again, ..outside })
        }
        OpClass::Movement => (elements, outside),
        _ if &*node.op == "concat" => (elements, outside),
        _ => (analysis.elements(reader), outside),
    }
}

/// Whether a group may and should be repeated in its readers.
fn judge(
    groups: &Groups<'_>,
    all: &[Vec<Read>],
    g: usize,
    values: &[NodeId],
    into: &BTreeSet<usize>,
) -> Result<(), Reason> {
    let analysis = groups.analysis;
    let group = groups.get(g);
    if group.kind != RegionKind::Pointwise {
        return Err(Reason::Folded(group.kind));
    }
    if group.nodes.iter().any(|n| analysis.root[n.index()]) {
        return Err(Reason::Result);
    }
    for &c in into {
        let reader = groups.get(c);
        if reader.weights_only != group.weights_only {
            return Err(Reason::Weights);
        }
        groups.keeps_vectors(reader, group)?;
        cost::size(reader.nodes.len() + group.nodes.len(), reader.flops + group.flops)?;
        let nodes: BTreeSet<NodeId> = reader.nodes.iter().copied().collect();
        let inputs: BTreeSet<NodeId> = reader.inputs.union(&group.inputs).copied().collect();
        let inputs = inputs.iter().filter(|i| !values.contains(i) && !nodes.contains(i));
        let outputs = nodes.iter().filter(|n| groups.leaves(**n, &|u| nodes.contains(u)));
        cost::bindings(groups.target, analysis.bindings(inputs, outputs))?;
        if starts_scatter(groups, c, values) {
            return Err(Reason::Kinds(group.kind, RegionKind::Movement));
        }
    }
    let of_values = |c: &usize| all[*c].iter().filter(|r| values.contains(&r.value));
    let stands = into.iter().flat_map(of_values).map(|read| read.stands);
    let stands = stands.fold(Stands::default(), Stands::or);
    if stands.innermost && group.nodes.iter().any(|&id| analysis.reads_by_data(id)) {
        return Err(Reason::FoundByData);
    }
    if stands.checked {
        return Err(Reason::LosesLoads);
    }
    cost::prologue(groups.target, &prologue(groups, group, stands))?;
    let largest = values
        .iter()
        .copied()
        .max_by(|a, b| analysis.elements(*a).total_cmp(&analysis.elements(*b)));
    let inputs = group.inputs.iter().filter(|i| !group.nodes.contains(i));
    cost::repeats(
        groups.target,
        &Repetition {
            stands_alone: true,
            bytes: values.iter().map(|&v| analysis.bytes(v)).sum(),
            elements: largest.map_or(1.0, |v| analysis.elements(v)),
            flops: group.flops,
            input_bytes: inputs.map(|&i| analysis.bytes(i)).sum(),
            evaluations: into.iter().map(|c| of_values(c).map(|r| r.evaluations).sum()).collect(),
            innermost: stands.innermost,
        },
    )
}

/// What a group would be to readers that stand so.
fn prologue(groups: &Groups<'_>, group: &Group, stands: Stands) -> cost::Prologue {
    let analysis = groups.analysis;
    let outside = |operand: &&NodeId| {
        let base = analysis.through_views(**operand).0;
        let number = &*analysis.graph.node(base).op == "constant"
            && analysis.standing[base.index()] == Standing::Free;
        !number && !group.nodes.contains(&base)
    };
    let loads = |&id: &NodeId| analysis.graph.node(id).inputs.iter().filter(outside).count();
    cost::Prologue {
        in_windows: stands.in_windows,
        innermost: stands.innermost,
        loads: group.nodes.iter().map(loads).sum(),
        piecewise: group.nodes.iter().any(|id| analysis.class[id.index()] == OpClass::Gather),
    }
}

/// Whether a scatter of the group starts from one of the values, which must then lie in memory.
fn starts_scatter(groups: &Groups<'_>, c: usize, values: &[NodeId]) -> bool {
    let analysis = groups.analysis;
    let movement = |n: &&NodeId| analysis.class[n.index()] == OpClass::Movement;
    groups.get(c).nodes.iter().filter(movement).any(|n| {
        let start = analysis.graph.node(*n).inputs[0];
        values.contains(&analysis.through_views(start).0)
    })
}

/// Makes a group part of all its readers.
fn dissolve(
    groups: &mut Groups<'_>,
    all: &mut [Vec<Read>],
    readers: &mut BTreeMap<NodeId, BTreeSet<usize>>,
    g: usize,
    into: &BTreeSet<usize>,
) {
    let Some(group) = groups.groups[g].take() else { return };
    let own = std::mem::take(&mut all[g]);
    for node in &group.nodes {
        groups.group_of.remove(node);
        readers.remove(node);
    }
    for &c in into {
        let taken: Vec<Read> =
            all[c].iter().filter(|r| group.nodes.contains(&r.value)).cloned().collect();
        all[c].retain(|r| !group.nodes.contains(&r.value));
        let evaluations: f64 = taken.iter().map(|r| r.evaluations).sum();
        let elements: f64 =
            taken.iter().map(|r| groups.analysis.elements(r.value)).fold(1.0, f64::max);
        let stands = taken.iter().fold(Stands::default(), |all, read| all.or(read.stands));
        for read in &own {
            let times = (evaluations / elements).max(1.0);
            all[c].push(Read {
                evaluations: read.evaluations * times,
                stands: stands.or(read.stands),
                ..read.clone()
            });
        }
        if let Some(reader) = groups.groups[c].as_mut() {
            reader.inputs.retain(|i| !group.nodes.contains(i));
            reader.inputs.extend(group.inputs.iter().copied());
            reader.flops += group.flops;
        }
    }
    for read in own {
        if let Some(set) = readers.get_mut(&read.value) {
            set.remove(&g);
            set.extend(into.iter().copied());
        }
    }
}
