//! Where an output stands that nobody asked for yet, when what it is made of was asked for.
//!
//! In: the indices at which a kernel's values are computed or read so far. Out: an index of another of its values over the same axes, carried
//! from operands to results: through elementwise nodes and reductions as they read them, through reshapes by counting elements.

use std::collections::BTreeMap;

use ferrodyne_plan::Dim;

use super::pull::Pull;
use crate::fusion::{axis_number, identity, raised, reads};
use crate::graph::NodeId;
use crate::ops::{self, OpClass};

/// The index of a value over the axes at which what it is made of is computed.
pub(super) fn index(pull: &Pull<'_>, id: NodeId) -> Option<Vec<Dim>> {
    let once = |(node, seen): (&NodeId, &Vec<Vec<Dim>>)| match &seen[..] {
        [at] => Some((*node, at.clone())),
        _ => None,
    };
    let mut known: BTreeMap<NodeId, Vec<Dim>> = pull.seen.iter().filter_map(once).collect();
    for &node in pull.inside.range(..=id) {
        if !pull.seen.contains_key(&node) {
            known.extend(carried(pull, node, &known).map(|at| (node, at)));
        }
    }
    known.remove(&id)
}

/// The index of a value over the axes of the contraction that it is made of, where its own axes would have the contraction read
/// quotients of them. From reshapes, permutations and elementwise nodes alone, every element stands at one point of these axes.
pub(super) fn of_contraction(pull: &mut Pull<'_>, id: NodeId, own: &[Dim]) -> Option<Vec<Dim>> {
    let graph = pull.graph;
    let contracts = |node: &NodeId| {
        ops::find(&graph.node(*node).op).is_some_and(|row| row.class == OpClass::Contract)
    };
    let found: Vec<NodeId> = pull.inside.iter().copied().filter(contracts).collect();
    let [base] = found[..] else { return None };
    along(pull, id, own, base, &Dim::divides)
}

/// The index of a value over the axes of what the kernel's reductions fold, where its own axes would count the same elements by others,
/// and every fold would be repeated at each of them.
pub(super) fn of_reduction(pull: &mut Pull<'_>, id: NodeId, own: &[Dim]) -> Option<Vec<Dim>> {
    let graph = pull.graph;
    let reduces = |node: &&NodeId| {
        ops::find(&graph.node(**node).op).is_some_and(|row| row.class == OpClass::Reduce)
    };
    let first = pull.inside.iter().find(reduces)?;
    let base = graph.node(*first).inputs[0];
    along(pull, id, own, base, &|ix| !ix.is_const() && ix.as_var().is_none())
}

/// The index of a value over the axes of one that it is made of, element by element, where its own axes would read that one at an index that
/// is of another form.
fn along(
    pull: &mut Pull<'_>,
    id: NodeId,
    own: &[Dim],
    base: NodeId,
    other: &dyn Fn(&Dim) -> bool,
) -> Option<Vec<Dim>> {
    let graph = pull.graph;
    let read = descended(pull, id, own, base)?;
    let same = pull.facts.prove_eq(&graph.ty(id).elements(), &graph.ty(base).elements());
    if !same.is_yes() || !read.iter().any(other) {
        return None;
    }
    let mut known = BTreeMap::from([(base, pull.own_index(base))]);
    for &node in pull.inside.range(..=id) {
        if node != base {
            known.extend(carried(pull, node, &known).map(|at| (node, at)));
        }
    }
    known.remove(&id)
}

/// The index at which a value at an index reads another that it is made of.
fn descended(pull: &Pull<'_>, id: NodeId, at: &[Dim], base: NodeId) -> Option<Vec<Dim>> {
    if id == base {
        return Some(at.to_vec());
    }
    if id < base || !pull.inside.contains(&id) {
        return None;
    }
    let read = reads(pull.graph, id, at, &pull.facts);
    read.inputs.iter().find_map(|(operand, coords)| {
        let at: Vec<Dim> = coords.iter().map(|c| pull.facts.simplify(&c.ix)).collect();
        descended(pull, pull.graph.node(id).inputs[*operand], &at, base)
    })
}

/// Whether a value counts elements of others by axes of its own: it is made of them by way of a reshape.
pub(super) fn recounts(pull: &Pull<'_>, id: NodeId) -> bool {
    let mut found: BTreeMap<NodeId, bool> = BTreeMap::new();
    for &node in pull.inside.range(..=id) {
        let node_of = pull.graph.node(node);
        let made_of = |x: &NodeId| found.get(x).copied().unwrap_or(false);
        let reshapes = &*node_of.op == "reshape" || node_of.inputs.iter().any(made_of);
        found.insert(node, reshapes);
    }
    found[&id]
}

/// The index of a node from that of one of its operands.
fn carried(pull: &Pull<'_>, id: NodeId, known: &BTreeMap<NodeId, Vec<Dim>>) -> Option<Vec<Dim>> {
    let graph = pull.graph;
    let own = identity(&graph.ty(id).dims);
    let read = reads(graph, id, &own, &pull.facts);
    let direct = read.inputs.iter().find_map(|(operand, coords)| {
        let operand = graph.node(id).inputs[*operand];
        let (at, dims) = (known.get(&operand)?, &graph.ty(operand).dims);
        // A checked coordinate leaves its operand: there are more points than elements.
        let walks = |d: &usize, ix: &Dim| {
            coords[*d].ix == *ix && !coords[*d].checked && dims[*d].as_const() != Some(1)
        };
        let place = |ix: &Dim| match axis_number(ix) {
            Some(_) => (0..dims.len()).find(|d| walks(d, ix)).map(|d| at[d].clone()),
            None => Some(ix.clone()),
        };
        own.iter().map(place).collect()
    });
    direct.or_else(|| raised(graph, id, known.get(graph.node(id).inputs.first()?)?, &pull.facts))
}
