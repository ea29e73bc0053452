//! Folds over the rows of a contraction: where a tile of its results holds whole rows, what reduces them (a softmax, a norm) belongs in
//! its kernel, and the results need not be read again.

use std::collections::BTreeSet;

use ferrodyne_plan::Dim;

use super::cost::{self, RowTile};
use super::group::{Group, Groups};
use super::reads::reads;
use super::region::{Reason, RegionKind};
use super::space::{identity, same_dims};
use crate::graph::NodeId;
use crate::ops::OpClass;

/// Joins reductions of rows to the contractions that compute them, wherever the cost model favours it; other edges keep why not.
pub(super) fn join(groups: &mut Groups<'_>) {
    for g in 0..groups.groups.len() {
        let Some((contraction, value)) = found(groups, g) else { continue };
        match verdict(groups, contraction, g) {
            Ok(()) if groups.joins_left == 0 => {}
            Ok(()) => {
                groups.joins_left -= 1;
                groups.unite(contraction, g);
            }
            Err(reason) => {
                // What kept it from being an attention says more.
                let edges = groups.reasons.iter_mut().filter(|((from, to), known)| {
                    let here = *from == value && groups.group_of.get(to) == Some(&g);
                    here && **known == Reason::RowsOfContraction
                });
                edges.for_each(|(_, known)| *known = reason.clone());
            }
        }
    }
}

/// The contraction whose rows a group reduces, and the value of it that the group reads, at the points of its space alone.
fn found(groups: &Groups<'_>, g: usize) -> Option<(usize, NodeId)> {
    let group = groups.groups[g].as_ref()?;
    let last = group.space.len().checked_sub(1)?;
    if group.kind != RegionKind::Reduction || group.red != BTreeSet::from([last]) {
        return None;
    }
    let contraction = |value: &&NodeId| {
        let from = groups.group_of.get(value).map(|&from| groups.get(from));
        from.is_some_and(|from| from.kind == RegionKind::Contraction)
    };
    let mut values = group.inputs.iter().filter(contraction);
    let value = *values.next().filter(|_| values.next().is_none())?;
    let at_points = group.nodes.iter().all(|&n| reads_at_points(groups, group, n, value));
    at_points.then(|| (groups.group_of[&value], value))
}

/// Whether a node that reads a value does so at the points of the group's space.
fn reads_at_points(groups: &Groups<'_>, group: &Group, id: NodeId, value: NodeId) -> bool {
    let analysis = groups.analysis;
    let graph = analysis.graph;
    let inputs = &graph.node(id).inputs;
    if !inputs.iter().any(|&i| analysis.through_views(i).0 == value) {
        return true;
    }
    let whole = |dims: &[Dim]| same_dims(&group.facts, dims, &group.space);
    let direct = inputs.iter().all(|&i| i == value || analysis.through_views(i).0 != value);
    let placed = match analysis.class[id.index()] {
        OpClass::Reduce => true,
        OpClass::Pointwise => groups.index_of(id) == identity(&group.space),
        _ => false,
    };
    direct && placed && whole(&graph.ty(value).dims)
}

/// Whether both may be one kernel, and should.
fn verdict(groups: &Groups<'_>, contraction: usize, g: usize) -> Result<(), Reason> {
    let (from, into) = (groups.get(g), groups.get(contraction));
    let graph = groups.analysis.graph;
    let (Some(columns), true) = (
        from.space.last().and_then(Dim::as_const),
        same_dims(&into.facts, &into.space, &from.space),
    ) else {
        return Err(Reason::RowsOfContraction);
    };
    let contracts = |n: &&NodeId| groups.analysis.class[n.index()] == OpClass::Contract;
    let depth = into.nodes.iter().find(contracts).map_or(1.0, |&n| {
        let folds = reads(graph, n, &identity(&graph.ty(n).dims), &graph.facts).folds;
        folds.iter().flatten().map(|dim| graph.estimate(dim)).product()
    });
    let rows = from.space[..from.space.len() - 1].iter().map(|dim| graph.estimate(dim)).product();
    cost::row_tile(groups.target, &RowTile { rows, columns, depth })?;
    groups.permits(contraction, from)?;
    groups.acyclic(contraction, from.inputs.iter().copied())
}
