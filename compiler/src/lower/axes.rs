//! Axes of a kernel: in come the nodes of a region, out go loop indices that are shared where they run over the same thing.
//!
//! Two dims belong to one class when an element of one is read at the same coordinate of the other. An axis stands for a class,
//! so that the maximum and the sum of a softmax, and the store of its result, walk one axis; dims that happen to be equally
//! long do not share one.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::loops::{Coord, FoldKind, Literal, Val};
use ferrodyne_plan::{DType, Dim, Facts, Name, Range, Var};

use super::names::Names;
use crate::fusion::{axis_number, facts_of, identity, lowered, raised};
use crate::graph::{Graph, Node, NodeId};
use crate::ops::{self, FoldArgs, Lower, Lowering};

/// A place where an axis may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A dim of a value.
    Dim(NodeId, usize),
    /// An axis of the n-th fold of a node.
    Fold(NodeId, usize, usize),
}

/// An axis.
#[derive(Clone, Debug)]
pub(super) struct AxisDecl {
    pub name: Name,
    pub extent: Dim,
}

/// Axes made so far, and the classes they stand for.
#[derive(Default)]
pub(super) struct Axes {
    index: BTreeMap<Place, usize>,
    parent: Vec<usize>,
    of_class: BTreeMap<usize, Vec<usize>>,
    pub all: Vec<AxisDecl>,
}

impl Axes {
    /// Finds the classes of a region's dims by asking every node where it reads its operands.
    pub(super) fn of_region(graph: &Graph, nodes: &[NodeId], facts: &Facts) -> Axes {
        let mut axes = Axes::default();
        for &id in nodes {
            let node = graph.node(id);
            let Some(row) = ops::find(&node.op) else { continue };
            let mut probe = Probe { graph, id, axes: &mut axes, facts, folds: 0 };
            let at: Vec<Dim> = (0..probe.space().rank()).map(|d| mark(Mark::Own(d))).collect();
            match row.lower {
                Lower::Pointwise(_) => probe.pointwise(),
                Lower::View(view) => {
                    let (coords, _) = view(&mut probe, node, &at);
                    probe.unify(0, &coords);
                }
                Lower::At(value) => drop(value(&mut probe, node, &at)),
                Lower::Scatter(scatter) => drop(scatter(&mut probe, node, &at)),
                Lower::None => {}
            }
        }
        axes
    }

    fn slot(&mut self, place: Place) -> usize {
        *self.index.entry(place).or_insert_with(|| {
            self.parent.push(self.parent.len());
            self.parent.len() - 1
        })
    }

    fn class(&mut self, place: Place) -> usize {
        let mut at = self.slot(place);
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }

    fn join(&mut self, a: Place, b: Place) {
        let (a, b) = (self.class(a), self.class(b));
        self.parent[a.max(b)] = a.min(b);
    }

    /// The axis for a place: one of its class that is not in use, else a new one, whose range is added to the facts.
    pub(super) fn choose(
        &mut self,
        place: Place,
        extent: &Dim,
        used: &BTreeSet<Name>,
        names: &mut Names,
        facts: &mut Facts,
    ) -> Name {
        let class = self.class(place);
        let known = self.of_class.entry(class).or_default();
        if let Some(&free) = known.iter().find(|&&a| !used.contains(&self.all[a].name)) {
            return self.all[free].name.clone();
        }
        let name = match place {
            Place::Dim(..) => names.output_axis(),
            Place::Fold(..) => names.fold_axis(),
        };
        known.push(self.all.len());
        let var = Var::Axis(name.clone());
        match extent.as_const() {
            Some(n) => facts.set_range(var, Range::between(0, (n - 1).max(0))),
            None => {
                facts.set_range(var, Range::at_least(0));
                facts.assume_lt(Dim::axis(name.clone()), extent.clone());
            }
        }
        self.all.push(AxisDecl { name: name.clone(), extent: extent.clone() });
        name
    }
}

/// Where a probing index comes from.
enum Mark {
    /// A dim of the node's own index.
    Own(usize),
    /// An axis of a fold.
    Fold(usize, usize),
}

fn mark(mark: Mark) -> Dim {
    Dim::axis(match mark {
        Mark::Own(d) => format!("${d}"),
        Mark::Fold(fold, k) => format!("${fold}.{k}"),
    })
}

/// Runs a node's lowering without computing anything, and notes where operands are read.
struct Probe<'a> {
    graph: &'a Graph,
    id: NodeId,
    axes: &'a mut Axes,
    facts: &'a Facts,
    folds: usize,
}

impl Probe<'_> {
    fn node(&self) -> &Node {
        self.graph.node(self.id)
    }

    /// The type over which the node is lowered: its result's, or its updates' when it scatters.
    fn space(&self) -> &crate::graph::TensorType {
        self.graph.ty(space_node(self.graph, self.id))
    }

    fn place(&self, dim: &Dim) -> Option<Place> {
        let Some(Var::Axis(name)) = dim.as_var() else { return None };
        let mut numbers = name.strip_prefix('$')?.split('.').map(str::parse::<usize>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(d)), None) => Some(Place::Dim(space_node(self.graph, self.id), d)),
            (Some(Ok(fold)), Some(Ok(k))) => Some(Place::Fold(self.id, fold, k)),
            _ => None,
        }
    }

    fn extent(&self, place: Place) -> Option<Dim> {
        match place {
            Place::Dim(node, d) => Some(self.graph.ty(node).dims[d].clone()),
            Place::Fold(..) => None,
        }
    }

    fn unify(&mut self, operand: usize, at: &[Coord]) {
        let source = self.node().inputs[operand];
        for (d, coord) in at.iter().enumerate() {
            let Some(place) = self.place(&coord.ix) else { continue };
            let size = &self.graph.ty(source).dims[d];
            let same = match self.extent(place) {
                Some(extent) => extent == *size || self.facts.prove_eq(&extent, size).is_yes(),
                None => true,
            };
            if same && size.as_const() != Some(1) {
                self.axes.join(place, Place::Dim(source, d));
            }
        }
    }

    fn pointwise(&mut self) {
        let rank = self.node().ty().rank();
        for operand in 0..self.node().inputs.len() {
            let skip = rank - self.graph.ty(self.node().inputs[operand]).rank();
            let coords = ops::coords((skip..rank).map(|d| mark(Mark::Own(d))));
            self.unify(operand, &coords);
        }
        let inputs = &self.graph.node(self.id).inputs;
        for (k, &operand) in inputs.iter().enumerate() {
            inputs[..k].iter().for_each(|&other| self.unify_behind(other, operand));
        }
    }

    /// Two operands that are views of other values: these meet in an element, perhaps at coordinates that the views hide.
    fn unify_behind(&mut self, a: NodeId, b: NodeId) {
        let graph = self.graph;
        let ((base_a, views_a), (base_b, views_b)) = (self.through_views(a), self.through_views(b));
        if base_a == base_b || views_a.is_empty() || views_b.is_empty() {
            return;
        }
        let (from, to) = (&graph.ty(base_a).dims, &graph.ty(base_b).dims);
        if graph.ty(a).dims != graph.ty(b).dims {
            return;
        }
        let facts = facts_of(self.facts, from);
        let up = |at: Vec<Dim>, &view: &NodeId| raised(graph, view, &at, &facts);
        let Some(at) = views_a.iter().rev().try_fold(identity(from), up) else { return };
        let down = |at: Vec<Dim>, &view: &NodeId| lowered(graph, view, &at, &facts);
        let Some(at) = views_b.iter().try_fold(at, down) else { return };
        for (d, ix) in at.iter().enumerate() {
            if let Some(k) = axis_number(ix)
                && from[k] == to[d]
            {
                self.axes.join(Place::Dim(base_a, k), Place::Dim(base_b, d));
            }
        }
    }

    /// The value that a chain of views leads to, and the views, nearest first.
    fn through_views(&self, id: NodeId) -> (NodeId, Vec<NodeId>) {
        let (mut at, mut views) = (id, Vec::new());
        while let node = self.graph.node(at)
            && ops::find(&node.op).is_some_and(|row| matches!(row.lower, Lower::View(_)))
        {
            views.push(at);
            at = node.inputs[0];
        }
        (at, views)
    }
}

/// The node whose shape a node's lowering runs over: its last operand for a scatter, else itself.
pub(super) fn space_node(graph: &Graph, id: NodeId) -> NodeId {
    let node = graph.node(id);
    match ops::find(&node.op).map(|row| row.lower) {
        Some(Lower::Scatter(_)) => node.inputs.last().copied().unwrap_or(id),
        _ => id,
    }
}

impl Lowering for Probe<'_> {
    fn dims(&self, operand: usize) -> Vec<Dim> {
        self.graph.ty(self.node().inputs[operand]).dims.clone()
    }

    fn dtype(&self, operand: usize) -> DType {
        self.graph.ty(self.node().inputs[operand]).dtype
    }

    fn out_dims(&self) -> Vec<Dim> {
        self.node().ty().dims.clone()
    }

    fn facts(&self) -> &Facts {
        self.facts
    }

    fn lies_in(&self, operand: usize, size: &Dim) -> bool {
        ops::constant_in(self.graph, self.node().inputs[operand], size, self.facts)
    }

    fn constant(&mut self, _at: &[Dim]) -> Val {
        Val::Const(Literal::F32(0.0))
    }

    fn input(&mut self, operand: usize, at: &[Coord], _fill: Option<Literal>) -> Val {
        self.unify(operand, at);
        Val::Const(Literal::F32(0.0))
    }

    fn fold(&mut self, kind: FoldKind, extents: &[Dim], args: &mut FoldArgs<'_>) -> Vec<Val> {
        let fold = self.folds;
        self.folds += 1;
        let at: Vec<Dim> = (0..extents.len()).map(|k| mark(Mark::Fold(fold, k))).collect();
        drop(args(self, &at));
        vec![Val::Const(Literal::F32(0.0)); states(kind)]
    }

    fn data(&mut self, _val: Val, _extent: &Dim) -> Dim {
        Dim::data("$")
    }
}

/// Number of values in a fold's state.
pub(super) fn states(kind: FoldKind) -> usize {
    match kind {
        FoldKind::ArgMax | FoldKind::ArgMin => 2,
        FoldKind::Welford => 3,
        _ => 1,
    }
}
