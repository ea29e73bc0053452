//! What a kernel writes: one store for every output of its region.
//!
//! Stores of one kernel run over the same axes where they can, for loops around them are those that they share. An output that is
//! made of another's elements, counted by other axes behind a reshape, is stored along the axes of the other.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use ferrodyne_plan::loops::Val;
use ferrodyne_plan::{Dim, Name, Var};

use super::axes::space_node;
use super::names::word;
use super::origin;
use super::place::Draft;
use super::pull::{Cx, Pull, in_range};
use crate::fusion::Region;
use crate::graph::NodeId;
use crate::ops::{self, Lower, ScatterFn};

/// The stores of a kernel.
pub(super) struct Written {
    pub stores: Vec<Draft>,
    /// Parameters written, in the order of the region's outputs.
    pub params: Vec<(NodeId, Name)>,
    /// Outputs merged into, each with the value that stands there before.
    pub merged: Vec<(NodeId, NodeId)>,
}

/// The stores of a region's outputs. Those of no other axes than the values that they are made of are asked first, the largest
/// before the others; what follows is stored where it, or what it is made of, is computed already.
pub(super) fn drafts(pull: &mut Pull<'_>, region: &Region) -> Written {
    let graph = pull.graph;
    let params: Vec<(NodeId, Name)> =
        region.outputs.iter().map(|&id| (id, pull.names.unique(word(graph, id)))).collect();
    let mut order: Vec<usize> = (0..params.len()).collect();
    order.sort_by_key(|&k| {
        let id = params[k].0;
        (origin::recounts(pull, id), Reverse(size(pull, id)), Reverse(id))
    });
    let mut stores: Vec<(usize, Draft)> = Vec::new();
    let mut merged = Vec::new();
    for k in order {
        let (id, buf) = params[k].clone();
        let draft = match ops::find(&graph.node(id).op).map(|row| row.lower) {
            Some(Lower::Scatter(scatter)) => {
                merged.push((id, graph.node(id).inputs[0]));
                scattered(pull, id, buf, scatter)
            }
            _ => {
                let at = index(pull, id, region, &stores);
                stored(pull, id, buf, at)
            }
        };
        stores.push((k, draft));
    }
    stores.sort_by_key(|(k, _)| *k);
    Written { stores: stores.into_iter().map(|(_, draft)| draft).collect(), params, merged }
}

/// The store of updates at the places that a scatter finds for them.
fn scattered(pull: &mut Pull<'_>, id: NodeId, buf: Name, scatter: ScatterFn) -> Draft {
    let graph = pull.graph;
    let space = pull.own_index(space_node(graph, id));
    let axes = pull.axes_of(&space);
    let mut cx = Cx { used: axes.clone(), pull, id, folds: 0 };
    let (coords, val, merge) = scatter(&mut cx, graph.node(id), &space);
    let checked = coords.iter().zip(&graph.ty(id).dims);
    let checked = checked.filter(|(c, size)| !in_range(&pull.facts, &c.ix, size));
    let guard = checked.map(|(c, size)| (c.ix.clone(), size.clone())).collect();
    Draft { buf, at: coords.into_iter().map(|c| c.ix).collect(), val, axes, guard, merge }
}

/// The store of a value at an index.
fn stored(pull: &mut Pull<'_>, id: NodeId, buf: Name, at: Vec<Dim>) -> Draft {
    let axes = pull.axes_of(&at);
    let ty = pull.graph.ty(id);
    // Where there is no element, no coordinate could be proved to be in range.
    let is_empty = |size: &Dim| pull.facts.simplify(size).as_const() == Some(0);
    let empty = at.iter().zip(&ty.dims).filter(|(_, size)| is_empty(size));
    let guard: Vec<(Dim, Dim)> = empty.map(|(ix, n)| (ix.clone(), n.clone())).collect();
    let val = match guard.is_empty() {
        true => pull.value(id, at.clone()),
        false => Val::Const(ops::literal(ty.dtype, 0.0)),
    };
    Draft { buf, at, val, axes, guard, merge: None }
}

/// A measure by which outputs are ordered: symbolic dims, then constant elements, then the rank.
fn size(pull: &Pull<'_>, id: NodeId) -> (usize, i64, usize) {
    let ty = pull.graph.ty(id);
    let constants = ty.dims.iter().filter_map(Dim::as_const).fold(1, i64::saturating_mul);
    (ty.dims.iter().filter(|d| !d.is_const()).count(), constants, ty.rank())
}

/// The index at which an output is stored: over its own axes, unless it was computed already at another that covers it.
fn index(pull: &mut Pull<'_>, id: NodeId, region: &Region, stores: &[(usize, Draft)]) -> Vec<Dim> {
    let seen = pull.seen.get(&id).cloned().unwrap_or_default();
    let own = pull.own_index(id);
    if seen.contains(&own) {
        return own;
    }
    let dims = |id: NodeId| &pull.graph.ty(id).dims;
    let alike = stores.iter().filter(|(k, _)| dims(region.outputs[*k]) == dims(id));
    let alike: Vec<&Draft> = alike.map(|(_, draft)| draft).collect();
    let found = match &seen[..] {
        [at] => Some(at.clone()),
        [] => origin::index(pull, id),
        _ => None,
    };
    let found = found.filter(|at| covers(pull, id, at));
    let found = found.or_else(|| beside(&own, &alike, stores));
    let by_contraction = || {
        let at = origin::of_contraction(pull, id, &own)?;
        let axes = pull.axes_of(&at);
        stores.iter().all(|(_, draft)| draft.axes == axes).then_some(at)
    };
    let found = found.or_else(by_contraction);
    let by_reduction =
        || if stores.is_empty() { origin::of_reduction(pull, id, &own) } else { None };
    found.or_else(by_reduction).unwrap_or(own)
}

/// The index of a store of equal shape where a value's own axes are those of the store, or of none.
fn beside(own: &[Dim], alike: &[&Draft], others: &[(usize, Draft)]) -> Option<Vec<Dim>> {
    let walked = |ix: &Dim| others.iter().any(|(_, draft)| draft.at.contains(ix));
    let plain = |ix: &Dim| ix.is_const() || matches!(ix.as_var(), Some(Var::Axis(_)));
    let same = |(at, ix): (&Dim, &Dim)| at == ix || !walked(ix);
    let fits = |draft: &&&Draft| draft.at.iter().all(plain) && draft.at.iter().zip(own).all(same);
    alike.iter().find(fits).map(|draft| draft.at.clone())
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
        weight = pull.facts.simplify(&(&weight * &axis.extent));
        place = rest;
        left.remove(&name);
    }
    place == Dim::constant(0)
        && pull.facts.prove_eq(&weight, &pull.graph.ty(id).elements()).is_yes()
}
