//! Spaces of groups: at which index of a value each point of a group stands.
//!
//! A group walks one space, whose axes are `a0, a1, ..`. Every member has an index over these axes; a node joins a group when
//! an index can be found for it at which it reads a member exactly where the group computes that member.

use ferrodyne_plan::loops::Coord;
use ferrodyne_plan::{Dim, Facts, Name, Range, Var};

use super::analysis::{Analysis, Standing};
use super::reads::reads;
use crate::graph::{Graph, NodeId};
use crate::ops::OpClass;

/// The name of a space's axis.
pub(super) fn axis(d: usize) -> Name {
    Name::from(format!("a{d}"))
}

/// The number of an axis, if the index is an axis and nothing else.
pub(crate) fn axis_number(ix: &Dim) -> Option<usize> {
    match ix.as_var() {
        Some(Var::Axis(name)) => name.strip_prefix('a')?.parse().ok(),
        _ => None,
    }
}

/// The index of a value of this shape whose elements are the points of the space.
pub(crate) fn identity(dims: &[Dim]) -> Vec<Dim> {
    let place = |(d, size): (usize, &Dim)| match size.as_const() {
        Some(1) => Dim::constant(0),
        _ => Dim::axis(axis(d)),
    };
    dims.iter().enumerate().map(place).collect()
}

/// Facts with the ranges of a space's axes.
pub(crate) fn facts_of(facts: &Facts, space: &[Dim]) -> Facts {
    let mut facts = facts.clone();
    for (d, size) in space.iter().enumerate() {
        let var = Var::Axis(axis(d));
        match size.as_const() {
            Some(n) => facts.set_range(var, Range::between(0, (n - 1).max(0))),
            None => {
                facts.set_range(var, Range::at_least(0));
                facts.assume_lt(Dim::axis(axis(d)), size.clone());
            }
        }
    }
    facts
}

/// Whether two shapes are equal.
pub(super) fn same_dims(facts: &Facts, a: &[Dim], b: &[Dim]) -> bool {
    let same = |(a, b): (&Dim, &Dim)| a == b || facts.prove_eq(a, b).is_yes();
    a.len() == b.len() && a.iter().zip(b).all(same)
}

impl Analysis<'_> {
    /// The value that a chain of views over it leads to, and the views, nearest first.
    pub(super) fn through_views(&self, id: NodeId) -> (NodeId, Vec<NodeId>) {
        let mut at = id;
        let mut views = Vec::new();
        while self.is_view(at) {
            views.push(at);
            at = self.graph.node(at).inputs[0];
        }
        (at, views)
    }

    fn is_view(&self, id: NodeId) -> bool {
        self.standing[id.index()] == Standing::Free && self.class[id.index()] == OpClass::View
    }

    /// The index of the base of a chain of views from the index of its top; `None` where a view pads.
    pub(super) fn descend(&self, id: NodeId, index: Vec<Dim>, facts: &Facts) -> Option<Vec<Dim>> {
        let (mut at, mut index) = (id, index);
        while self.is_view(at) {
            index = lowered(self.graph, at, &index, facts)?;
            at = self.graph.node(at).inputs[0];
        }
        Some(index)
    }

    /// An index of the top of a chain of views from one of its base; only reshapes and permutations can be gone up.
    pub(super) fn ascend(&self, views: &[NodeId], base: &[Dim], facts: &Facts) -> Option<Vec<Dim>> {
        let mut index = base.to_vec();
        for &view in views.iter().rev() {
            index = raised(self.graph, view, &index, facts)?;
        }
        Some(index)
    }

    /// The index at which an operand of an elementwise node is read.
    pub(super) fn operand_index(&self, id: NodeId, operand: NodeId, at: &[Dim]) -> Vec<Dim> {
        let dims = &self.graph.ty(operand).dims;
        let skip = self.graph.ty(id).rank() - dims.len();
        let place = |(ix, size): (&Dim, &Dim)| match size.as_const() {
            Some(1) => Dim::constant(0),
            _ => ix.clone(),
        };
        at[skip..].iter().zip(dims).map(place).collect()
    }
}

/// The index at which a view reads its operand from its own; `None` where it pads.
pub(crate) fn lowered(graph: &Graph, view: NodeId, at: &[Dim], facts: &Facts) -> Option<Vec<Dim>> {
    let mut read = reads(graph, view, at, facts);
    let (_, coords) = read.inputs.pop()?;
    if read.filled || coords.iter().any(|c| c.checked) {
        return None;
    }
    let dims = &graph.ty(graph.node(view).inputs[0]).dims;
    let place = |(c, size): (Coord, &Dim)| match size.as_const() {
        Some(1) => Dim::constant(0),
        _ => facts.simplify(&c.ix),
    };
    Some(coords.into_iter().zip(dims).map(place).collect())
}

/// The index of a reshape or a permutation from the one at which it reads its operand; `None` for other operators.
pub(crate) fn raised(graph: &Graph, view: NodeId, at: &[Dim], facts: &Facts) -> Option<Vec<Dim>> {
    let node = graph.node(view);
    match &*node.op {
        "permute" => {
            let axes = node.attrs.get_ints("axes");
            Some(axes.iter().map(|&a| at[a as usize].clone()).collect())
        }
        "reshape" => Some(reshape(&graph.ty(node.inputs[0]).dims, at, &node.ty().dims, facts)),
        _ => None,
    }
}

/// The index in one shape of the element at an index of another, in row-major order.
fn reshape(from: &[Dim], at: &[Dim], to: &[Dim], facts: &Facts) -> Vec<Dim> {
    let mut place = Dim::constant(0);
    for (ix, size) in at.iter().zip(from) {
        place = &(&place * size) + ix;
    }
    let mut index = Vec::with_capacity(to.len());
    for (k, size) in to.iter().enumerate().rev() {
        index.push(match (size.as_const(), k) {
            (Some(1), _) => Dim::constant(0),
            (_, 0) => facts.simplify(&place),
            _ => facts.simplify(&place.modulo(size)),
        });
        place = facts.simplify(&place.floor_div(size));
    }
    index.reverse();
    index
}
