//! Views that cannot pass on what their readers check.
//!
//! A padded window asks of each place whether it lies in the value. Where a view below has the checked axis as it is, the question is asked of
//! what the view reads, and is part of the load. Where it has not, because it cuts, turns, repeats or takes axes apart, each element of each
//! window would be chosen by a case, and a contraction of such cases is none that tiles of operands are loaded for. Such a view is stored.

use std::collections::BTreeSet;

use ferrodyne_plan::loops::Coord;
use ferrodyne_plan::{Dim, Facts, Range, Var};

use super::reads::{Reads, fold_axis, reads};
use super::space::{axis_number, facts_of, identity};
use crate::graph::{Graph, NodeId};
use crate::ops::OpClass;

/// Views that are stored for readers that look through padded windows, out of the live nodes of a graph.
pub(super) fn stored_views(graph: &Graph, class: &[OpClass], live: &[bool]) -> BTreeSet<NodeId> {
    let mut stored = BTreeSet::new();
    for id in graph.ids().filter(|id| live[id.index()]) {
        match class[id.index()] {
            OpClass::Contract => {
                let read = read(graph, id);
                let facts = facts(graph, id, &read);
                for (operand, coords) in &read.inputs {
                    let operand = graph.node(id).inputs[*operand];
                    let checked = checked(graph, operand, coords, &facts);
                    stored.extend(stopped(graph, class, operand, checked));
                }
            }
            OpClass::Reduce if looks_through_windows(graph, class, id) => {
                let operand = graph.node(id).inputs[0];
                stored.extend(stopped(graph, class, operand, BTreeSet::new()));
            }
            _ => {}
        }
    }
    stored
}

/// Whether a contraction asks of places whether they lie in a value that it reads, itself or through a view that pads.
pub(super) fn checks(graph: &Graph, class: &[OpClass], id: NodeId, operand: NodeId) -> bool {
    let own = read(graph, id);
    let facts = facts(graph, id, &own);
    let reads = own.inputs.iter().filter(|(k, _)| graph.node(id).inputs[*k] == operand);
    let mut checks = reads.map(|(_, coords)| checked(graph, operand, coords, &facts));
    if checks.any(|axes| !axes.is_empty()) {
        return true;
    }
    let mut at = operand;
    while class[at.index()] == OpClass::View {
        if read(graph, at).filled {
            return true;
        }
        at = graph.node(at).inputs[0];
    }
    false
}

/// Whether a reduction folds windows of a value.
fn looks_through_windows(graph: &Graph, class: &[OpClass], id: NodeId) -> bool {
    let mut at = graph.node(id).inputs[0];
    while class[at.index()] == OpClass::View {
        if &*graph.node(at).op == "window" {
            return true;
        }
        at = graph.node(at).inputs[0];
    }
    false
}

/// The value to be stored where a view below an operand, of which some axes are checked, does not pass a check on: the one that was checked.
fn stopped(
    graph: &Graph,
    class: &[OpClass],
    operand: NodeId,
    mut checked: BTreeSet<usize>,
) -> Option<NodeId> {
    let (mut at, mut asked) = (operand, operand);
    while class[at.index()] == OpClass::View {
        let read = read(graph, at);
        let (_, coords) = read.inputs.first()?;
        let below = graph.node(at).inputs[0];
        if read.filled {
            if !checked.is_empty() {
                return Some(asked);
            }
            checked = self::checked(graph, below, coords, &facts(graph, at, &read));
            asked = below;
        } else {
            match passed_on(graph, at, coords, &checked) {
                Some(axes) => checked = axes,
                None => return Some(asked),
            }
        }
        at = below;
    }
    None
}

/// The axes of a view's operand that are its own checked axes; `None` where one is not there as it is.
fn passed_on(
    graph: &Graph,
    view: NodeId,
    coords: &[Coord],
    checked: &BTreeSet<usize>,
) -> Option<BTreeSet<usize>> {
    let (own, sizes) = (&graph.ty(view).dims, &graph.ty(graph.node(view).inputs[0]).dims);
    let facts = facts_of(&graph.facts, own);
    let at: Vec<Dim> = coords.iter().map(|coord| facts.simplify(&coord.ix)).collect();
    let same = |axis: usize| {
        let is_axis = |(ix, size): (&Dim, &Dim)| {
            axis_number(ix) == Some(axis) && graph.facts.prove_eq(size, &own[axis]).is_yes()
        };
        at.iter().zip(sizes).position(is_axis)
    };
    checked.iter().map(|&axis| same(axis)).collect()
}

/// What a node reads at its own index.
fn read(graph: &Graph, id: NodeId) -> Reads {
    let dims = &graph.ty(id).dims;
    reads(graph, id, &identity(dims), &facts_of(&graph.facts, dims))
}

/// Ranges of a node's own axes and of those that it folds.
fn facts(graph: &Graph, id: NodeId, read: &Reads) -> Facts {
    let mut facts = facts_of(&graph.facts, &graph.ty(id).dims);
    for (fold, extents) in read.folds.iter().enumerate() {
        for (k, extent) in extents.iter().enumerate() {
            let axis = fold_axis(fold, k);
            facts.set_range(Var::Axis(axis.clone()), Range::at_least(0));
            facts.assume_lt(Dim::axis(axis), extent.clone());
        }
    }
    facts
}

/// Axes of an operand of which some coordinates lie outside.
fn checked(graph: &Graph, operand: NodeId, coords: &[Coord], facts: &Facts) -> BTreeSet<usize> {
    let outside = |(coord, size): (&Coord, &Dim)| {
        coord.checked
            && !(facts.prove_nonneg(&coord.ix).is_yes() && facts.prove_lt(&coord.ix, size).is_yes())
    };
    let sizes = &graph.ty(operand).dims;
    let axes = coords.iter().zip(sizes).enumerate();
    axes.filter(|(_, read)| outside(*read)).map(|(axis, _)| axis).collect()
}
