//! Attention as one region: scores, their softmax over keys, and the mixture of values, which one pass over the keys computes.
//!
//! Scores are a contraction and so is the mixture; between them stand folds over whole rows of scores. The three groups become
//! one where the scores need not lie in memory for anyone else and where the cost model takes a pass over the keys for faster
//! than three kernels.

use std::collections::BTreeSet;

use ferrodyne_plan::{DType, Dim};

use super::cost::{self, Attention};
use super::group::Groups;
use super::region::{AttentionForm, Reason, RegionKind};
use super::space::same_dims;
use crate::graph::NodeId;
use crate::ops::OpClass;

/// Three groups that compute attention.
struct Found {
    scores: usize,
    softmax: usize,
    mixture: usize,
    sizes: Attention,
}

/// Joins the groups of every attention for which the cost model favours it; other edges keep why not.
pub(super) fn join(groups: &mut Groups<'_>, form: AttentionForm) {
    if form == AttentionForm::ThreeKernels {
        return;
    }
    for mixture in 0..groups.groups.len() {
        let Some(found) = found(groups, mixture) else { continue };
        let verdict =
            cost::attention(groups.target, &found.sizes, form).and_then(|()| fits(groups, &found));
        match verdict {
            Ok(()) if groups.joins_left == 0 => {}
            Ok(()) => {
                groups.joins_left -= 1;
                merge(groups, &found);
            }
            Err(reason) => {
                refuse(groups, found.scores, found.softmax, &reason);
                refuse(groups, found.softmax, found.mixture, &reason);
            }
        }
    }
}

/// The attention that a group of a contraction ends.
fn found(groups: &Groups<'_>, mixture: usize) -> Option<Found> {
    let analysis = groups.analysis;
    let graph = analysis.graph;
    let mix = only_dot(groups, mixture)?;
    let weights = graph.node(mix).inputs[0];
    let softmax = *groups.group_of.get(&weights)?;
    let group = groups.groups[softmax].as_ref()?;
    let rank = group.space.len();
    let rows = group.kind == RegionKind::Reduction
        && group.red == BTreeSet::from([rank.checked_sub(1)?])
        && same_dims(&group.facts, &graph.ty(weights).dims, &group.space);
    let folds: Vec<&str> = group
        .nodes
        .iter()
        .filter(|n| analysis.class[n.index()] == OpClass::Reduce)
        .map(|&n| graph.node(n).op.as_str())
        .collect();
    if !rows || folds != ["amax", "sum"] {
        return None;
    }
    let from = |id: &NodeId| groups.group_of.get(id).filter(|&&g| only_dot(groups, g).is_some());
    let mut producers: BTreeSet<usize> = group.inputs.iter().filter_map(from).copied().collect();
    producers.retain(|&g| same_dims(&group.facts, &groups.get(g).space, &group.space));
    let scores = producers.pop_first().filter(|g| producers.is_empty() && *g != mixture)?;
    let dot = only_dot(groups, scores)?;
    let sizes = sizes(groups, dot, mix)?;
    let all = [scores, softmax, mixture];
    let apart = all.iter().any(|&g| groups.get(g).weights_only);
    let floats =
        all.iter().all(|&g| groups.get(g).nodes.iter().all(|&n| computes_in_f32(groups, n)));
    let found = Found { scores, softmax, mixture, sizes };
    (!apart && floats && stays_inside(groups, &found)).then_some(found)
}

/// The contraction of a group, if it is a product of matrices and there is no other.
fn only_dot(groups: &Groups<'_>, g: usize) -> Option<NodeId> {
    let group = groups.groups[g].as_ref().filter(|group| group.kind == RegionKind::Contraction)?;
    let contracts = |n: &&NodeId| groups.analysis.class[n.index()] == OpClass::Contract;
    let mut dots = group.nodes.iter().filter(contracts);
    let dot = dots.next().filter(|_| dots.next().is_none())?;
    (groups.analysis.graph.node(*dot).op == "dot").then_some(*dot)
}

/// Rounding to a narrower type between the folds would forbid taking them together.
fn computes_in_f32(groups: &Groups<'_>, id: NodeId) -> bool {
    let dtype = groups.analysis.graph.ty(id).dtype;
    dtype == DType::F32 || !dtype.is_float()
}

/// The sizes of `mix(softmax(dot))`: one axis of queries, one of keys, all others shared; `None` for other products.
fn sizes(groups: &Groups<'_>, dot: NodeId, mix: NodeId) -> Option<Attention> {
    let graph = groups.analysis.graph;
    let axes = |id: NodeId, name: &str| graph.node(id).attrs.get_ints(name).to_vec();
    let dims = |id: NodeId, k: usize| graph.ty(graph.node(id).inputs[k]).dims.clone();
    let free = |id: NodeId, k: usize, side: &str| -> Vec<Dim> {
        let taken =
            [axes(id, &format!("{side}_batch")), axes(id, &format!("{side}_contract"))].concat();
        let dims = dims(id, k).into_iter().enumerate();
        dims.filter(|(d, _)| !taken.contains(&(*d as i64))).map(|(_, dim)| dim).collect()
    };
    let rank = graph.ty(dot).rank() as i64;
    let leading: Vec<i64> = (0..rank - 2).collect();
    let [depth] = axes(dot, "lhs_contract")[..] else { return None };
    let [queries] = &free(dot, 0, "lhs")[..] else { return None };
    let [keys] = &free(dot, 1, "rhs")[..] else { return None };
    let [width] = &free(mix, 1, "rhs")[..] else { return None };
    let takes_rows = axes(mix, "lhs_batch") == leading && axes(mix, "lhs_contract") == [rank - 1];
    let estimate = |dim: &Dim| groups.analysis.graph.estimate(dim);
    takes_rows.then(|| Attention {
        heads: graph.ty(dot).dims[..leading.len()].iter().map(estimate).product(),
        queries: estimate(queries),
        keys: estimate(keys),
        depth: dims(dot, 0)[depth as usize].as_const(),
        width: width.as_const(),
    })
}

/// Whether scores and weights are read by the three groups alone, where they are computed.
fn stays_inside(groups: &Groups<'_>, found: &Found) -> bool {
    let inner = [groups.get(found.scores), groups.get(found.softmax)];
    let mut nodes: BTreeSet<NodeId> = inner.iter().flat_map(|g| g.nodes.iter().copied()).collect();
    nodes.extend(groups.get(found.mixture).nodes.iter().copied());
    let graph = groups.analysis.graph;
    let reads_scores = |reader: &NodeId| {
        let operands = graph.node(*reader).inputs.iter();
        operands.copied().all(|operand| {
            let base = groups.analysis.through_views(operand).0;
            base == operand || groups.group_of.get(&base) != Some(&found.scores)
        })
    };
    inner.iter().flat_map(|g| &g.nodes).all(|n| !groups.leaves(*n, &|u| nodes.contains(u)))
        && groups.get(found.softmax).nodes.iter().all(reads_scores)
        && !groups.get(found.mixture).nodes.iter().any(|n| reads_group(groups, *n, found.scores))
}

fn reads_group(groups: &Groups<'_>, reader: NodeId, g: usize) -> bool {
    let operands = groups.analysis.graph.node(reader).inputs.iter();
    operands.copied().any(|x| groups.group_of.get(&groups.analysis.through_views(x).0) == Some(&g))
}

/// What holds for every kernel.
fn fits(groups: &Groups<'_>, found: &Found) -> Result<(), Reason> {
    let all = [found.scores, found.softmax, found.mixture].map(|g| groups.get(g));
    let nodes: BTreeSet<NodeId> = all.iter().flat_map(|g| g.nodes.iter().copied()).collect();
    cost::size(nodes.len(), all.iter().map(|g| g.flops).sum())?;
    let inputs: BTreeSet<NodeId> = all.iter().flat_map(|g| g.inputs.iter().copied()).collect();
    let outputs = nodes.iter().filter(|n| groups.leaves(**n, &|u| nodes.contains(u)));
    let need = groups.analysis.bindings(inputs.difference(&nodes), outputs);
    cost::bindings(groups.target, need)
}

fn refuse(groups: &mut Groups<'_>, from: usize, to: usize, reason: &Reason) {
    let graph = groups.analysis.graph;
    let mut edges = Vec::new();
    for &reader in &groups.get(to).nodes {
        for &operand in &graph.node(reader).inputs {
            let base = groups.analysis.through_views(operand).0;
            if groups.group_of.get(&base) == Some(&from) {
                edges.push((base, reader));
            }
        }
    }
    edges.into_iter().for_each(|(from, to)| groups.refuse(from, to, reason.clone()));
}

/// Makes one group of the three, in the place of the last.
fn merge(groups: &mut Groups<'_>, found: &Found) {
    for g in [found.scores, found.softmax] {
        let Some(group) = groups.groups[g].take() else { continue };
        for &node in &group.nodes {
            groups.group_of.insert(node, found.mixture);
        }
        if let Some(into) = groups.groups[found.mixture].as_mut() {
            into.nodes.extend(group.nodes);
            into.inputs.extend(group.inputs);
            into.flops += group.flops;
        }
    }
    if let Some(into) = groups.groups[found.mixture].as_mut() {
        into.nodes.sort();
        into.kind = RegionKind::Attention;
        let nodes: BTreeSet<NodeId> = into.nodes.iter().copied().collect();
        into.inputs.retain(|i| !nodes.contains(i));
    }
}
