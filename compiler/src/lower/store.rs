//! What a kernel writes: one store for every output of its region.

use std::collections::BTreeSet;

use ferrodyne_plan::loops::Val;
use ferrodyne_plan::{Dim, Name, Var};

use super::axes::space_node;
use super::names::word;
use super::place::Draft;
use super::pull::{Cx, Pull, in_range};
use crate::fusion::Region;
use crate::graph::NodeId;
use crate::ops::{self, Lower};

/// The stores of a kernel.
pub(super) struct Written {
    pub stores: Vec<Draft>,
    /// Parameters written, in the order of the region's outputs.
    pub params: Vec<(NodeId, Name)>,
    /// Outputs merged into, each with the value that stands there before.
    pub merged: Vec<(NodeId, NodeId)>,
}

/// The stores of a region's outputs. The largest output is asked first; others are stored where it has computed them.
pub(super) fn drafts(pull: &mut Pull<'_>, region: &Region) -> Written {
    let graph = pull.graph;
    let params: Vec<(NodeId, Name)> =
        region.outputs.iter().map(|&id| (id, pull.names.unique(word(graph, id)))).collect();
    let mut order: Vec<usize> = (0..params.len()).collect();
    order.sort_by_key(|&k| {
        (std::cmp::Reverse(size(pull, params[k].0)), std::cmp::Reverse(params[k].0))
    });
    let mut stores: Vec<(usize, Draft)> = Vec::new();
    let mut merged = Vec::new();
    for k in order {
        let (id, buf) = params[k].clone();
        let scatter = match ops::find(&graph.node(id).op).map(|row| row.lower) {
            Some(Lower::Scatter(scatter)) => Some(scatter),
            _ => None,
        };
        let draft = match scatter {
            Some(scatter) => {
                merged.push((id, graph.node(id).inputs[0]));
                let at = pull.own_index(space_node(graph, id));
                let used = pull.axes_of(&at);
                let mut cx = Cx { used: used.clone(), pull, id, folds: 0 };
                let (coords, val, merge) = scatter(&mut cx, graph.node(id), &at);
                let dims = &graph.ty(id).dims;
                let guard = coords
                    .iter()
                    .zip(dims)
                    .filter(|(c, size)| !in_range(&pull.facts, &c.ix, size))
                    .map(|(c, size)| (c.ix.clone(), size.clone()))
                    .collect();
                Draft {
                    buf,
                    at: coords.into_iter().map(|c| c.ix).collect(),
                    val,
                    axes: used,
                    guard,
                    merge,
                }
            }
            None => {
                let at = index(pull, id);
                let axes = pull.axes_of(&at);
                let ty = graph.ty(id);
                // Where there is no element, no coordinate could be proved to be in range.
                let empty = at.iter().zip(&ty.dims).filter(|(_, size)| size.as_const() == Some(0));
                let guard: Vec<(Dim, Dim)> = empty.map(|(ix, n)| (ix.clone(), n.clone())).collect();
                let val = match guard.is_empty() {
                    true => pull.value(id, at.clone()),
                    false => Val::Const(ops::literal(ty.dtype, 0.0)),
                };
                Draft { buf, at, val, axes, guard, merge: None }
            }
        };
        stores.push((k, draft));
    }
    stores.sort_by_key(|(k, _)| *k);
    Written { stores: stores.into_iter().map(|(_, draft)| draft).collect(), params, merged }
}

/// A measure by which outputs are ordered: symbolic dims, then constant elements, then the rank.
fn size(pull: &Pull<'_>, id: NodeId) -> (usize, i64, usize) {
    let ty = pull.graph.ty(id);
    let constants = ty.dims.iter().filter_map(Dim::as_const).fold(1, i64::saturating_mul);
    (ty.dims.iter().filter(|d| !d.is_const()).count(), constants, ty.rank())
}

/// The index at which an output is stored: over its own axes, unless it was computed already at another that covers it.
fn index(pull: &mut Pull<'_>, id: NodeId) -> Vec<Dim> {
    let seen = pull.seen.get(&id).cloned().unwrap_or_default();
    let own = pull.own_index(id);
    if seen.is_empty() || seen.contains(&own) {
        return own;
    }
    match &seen[..] {
        [at] if covers(pull, id, at) => at.clone(),
        _ => own,
    }
}

/// Whether every element of a value stands at exactly one point of the axes in an index: its position is a number whose
/// digits are the axes.
fn covers(pull: &Pull<'_>, id: NodeId, at: &[Dim]) -> bool {
    let dims = &pull.graph.ty(id).dims;
    let mut place = Dim::constant(0);
    for (ix, size) in at.iter().zip(dims) {
        place = &(&place * size) + ix;
    }
    let mut place = pull.facts.simplify(&place);
    let mut left: BTreeSet<Name> = pull.axes_of(at);
    let mut weight = Dim::constant(1);
    while !left.is_empty() {
        let digit = left.iter().find_map(|name| {
            let (factor, rest) = place.linear_in(&Var::Axis(name.clone()))?;
            (factor == weight).then(|| (name.clone(), rest))
        });
        let Some((name, rest)) = digit else { return false };
        let Some(axis) = pull.axes.all.iter().find(|a| a.name == name) else { return false };
        weight = &weight * &axis.extent;
        place = rest;
        left.remove(&name);
    }
    place == Dim::constant(0)
        && pull.facts.prove_eq(&weight, &pull.graph.ty(id).elements()).is_yes()
}
