//! Pulls values: what a node is at an index, in terms of what its operands are at theirs.
//!
//! Every value is made once per index; values that are more than a constant or a reference become definitions, which
//! [`super::place`] later inlines or puts where they belong.

mod cx;

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::loops::{Coord, FoldKind, Literal, Math, Val};
use ferrodyne_plan::{Diagnostic, Dim, Facts, Name, Range, Scalar, Var};
use indexmap::IndexMap;

use super::axes::{Axes, Place};
use super::names::{Names, word};
use super::walk;
use crate::graph::{Graph, NodeId};
use crate::ops::{self, Lower};
pub(super) use cx::Cx;

/// A value or a fold that others refer to.
#[derive(Clone, Debug)]
pub(super) struct Def {
    /// Temporary names; a fold has one for every value of its state.
    pub names: Vec<Name>,
    /// Types of the named values.
    pub scalars: Vec<Scalar>,
    /// The node that it computes.
    pub node: NodeId,
    pub body: Body,
    /// Axes that it varies with.
    pub free: BTreeSet<Name>,
    /// Whether it must keep a name: it stands in an index.
    pub pinned: bool,
}

/// What a definition computes.
#[derive(Clone, Debug)]
pub(super) enum Body {
    Value(Val),
    Fold { kind: FoldKind, red: Vec<Name>, args: Vec<Val> },
}

impl Body {
    /// Values that it is made of.
    pub(super) fn vals(&self) -> &[Val] {
        match self {
            Body::Value(val) => std::slice::from_ref(val),
            Body::Fold { args, .. } => args,
        }
    }

    /// Axes that it reduces.
    pub(super) fn red(&self) -> &[Name] {
        match self {
            Body::Value(_) => &[],
            Body::Fold { red, .. } => red,
        }
    }
}

/// An element read: the value, coordinates with their checks, and the fill in words.
type Element = (NodeId, Vec<(Dim, bool)>, String);

/// The state of pulling a region's values.
pub(super) struct Pull<'a> {
    pub graph: &'a Graph,
    pub inside: BTreeSet<NodeId>,
    pub facts: Facts,
    pub axes: Axes,
    pub names: Names,
    /// Parameters read, by the node they hold.
    pub params: IndexMap<NodeId, Name>,
    pub defs: Vec<Def>,
    by_name: BTreeMap<Name, usize>,
    memo: BTreeMap<(NodeId, Vec<Dim>), Val>,
    /// Elements read already.
    loads: BTreeMap<Element, Val>,
    /// Indices at which each node was asked for.
    pub seen: BTreeMap<NodeId, Vec<Vec<Dim>>>,
    pub fault: Option<Diagnostic>,
}

impl<'a> Pull<'a> {
    pub(super) fn new(graph: &'a Graph, nodes: &[NodeId]) -> Pull<'a> {
        Pull {
            graph,
            inside: nodes.iter().copied().collect(),
            facts: graph.facts.clone(),
            axes: Axes::of_region(graph, nodes, &graph.facts),
            names: Names::apart_from(graph.symbols.keys()),
            params: IndexMap::new(),
            defs: Vec::new(),
            by_name: BTreeMap::new(),
            memo: BTreeMap::new(),
            loads: BTreeMap::new(),
            seen: BTreeMap::new(),
            fault: None,
        }
    }

    /// The definition of a temporary name, with the position of the name in it.
    pub(super) fn def(&self, name: &Name) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The index over a node's dims by axes of their own.
    pub(super) fn own_index(&mut self, id: NodeId) -> Vec<Dim> {
        let mut used = BTreeSet::new();
        let dims = self.graph.ty(id).dims.clone();
        let mut at = Vec::with_capacity(dims.len());
        for (d, extent) in dims.iter().enumerate() {
            at.push(self.axis(Place::Dim(id, d), extent, &mut used));
        }
        at
    }

    /// The index along a place: an axis that is not in use, or 0 where there is nothing to run over.
    fn axis(&mut self, place: Place, extent: &Dim, used: &mut BTreeSet<Name>) -> Dim {
        if self.is_one(extent) {
            return Dim::constant(0);
        }
        let name = self.axes.choose(place, extent, used, &mut self.names, &mut self.facts);
        used.insert(name.clone());
        Dim::axis(name)
    }

    fn is_one(&self, extent: &Dim) -> bool {
        self.facts.simplify(extent).as_const() == Some(1)
    }

    /// The value of a node at an index that is in range.
    pub(super) fn value(&mut self, id: NodeId, at: Vec<Dim>) -> Val {
        let at = self.normal(id, at);
        let seen = self.seen.entry(id).or_default();
        if !seen.contains(&at) {
            seen.push(at.clone());
        }
        if !self.inside.contains(&id) {
            return self.load(
                id,
                at.into_iter().map(|ix| Coord { ix, checked: false }).collect(),
                None,
            );
        }
        let key = (id, at);
        if let Some(val) = self.memo.get(&key) {
            return val.clone();
        }
        let val = self.compute(id, &key.1);
        let val = self.define(id, val);
        self.memo.insert(key, val.clone());
        val
    }

    fn normal(&self, id: NodeId, at: Vec<Dim>) -> Vec<Dim> {
        let dims = &self.graph.ty(id).dims;
        at.into_iter()
            .zip(dims)
            .map(
                |(ix, size)| {
                    if self.is_one(size) { Dim::constant(0) } else { self.facts.simplify(&ix) }
                },
            )
            .collect()
    }

    fn compute(&mut self, id: NodeId, at: &[Dim]) -> Val {
        let node = self.graph.node(id);
        let Some(row) = ops::find(&node.op) else {
            return self.fail(id, "there is no operator of this name");
        };
        let mut cx = Cx { used: self.axes_of(at), pull: self, id, folds: 0 };
        match row.lower {
            Lower::Pointwise(value) => {
                let operands: Vec<Val> =
                    (0..node.inputs.len()).map(|k| cx.pull.operand(id, k, at)).collect();
                value(node, &operands)
            }
            Lower::View(view) => {
                let (coords, fill) = view(&mut cx, node, at);
                self.read(node.inputs[0], coords, fill)
            }
            Lower::At(value) => value(&mut cx, node, at),
            Lower::Scatter(_) => self.fail(id, "it must stand last in its kernel"),
            Lower::None => {
                self.fail(id, "it has no lowering: decompose and inline before regions are made")
            }
        }
    }

    /// An operand at the index of the result, by numpy's rule of broadcasting.
    fn operand(&mut self, id: NodeId, k: usize, at: &[Dim]) -> Val {
        let operand = self.graph.node(id).inputs[k];
        let (dims, sizes) = (&self.graph.ty(id).dims, &self.graph.ty(operand).dims);
        let skip = at.len() - sizes.len();
        let one = Dim::constant(1);
        let repeats =
            |d: usize| sizes[d] != dims[skip + d] && self.facts.prove_eq(&sizes[d], &one).is_yes();
        let index = (0..sizes.len())
            .map(|d| if repeats(d) { Dim::constant(0) } else { at[skip + d].clone() });
        let index = index.collect();
        self.value(operand, index)
    }

    fn fail(&mut self, id: NodeId, rule: &str) -> Val {
        let node = self.graph.node(id);
        let fault =
            Diagnostic::new("lower", format!("{}: {rule}", node.op)).at(node.source.clone());
        self.fault.get_or_insert(fault);
        Val::Const(Literal::F32(0.0))
    }

    /// The value of a node at coordinates, some of which may be out of range.
    pub(super) fn read(&mut self, id: NodeId, mut at: Vec<Coord>, fill: Option<Literal>) -> Val {
        let dims = &self.graph.ty(id).dims;
        for (coord, size) in at.iter_mut().zip(dims) {
            coord.ix = self.facts.simplify(&coord.ix);
            coord.checked = coord.checked && !in_range(&self.facts, &coord.ix, size);
        }
        let Some(fill) = fill.filter(|_| at.iter().any(|c| c.checked)) else {
            return self.value(id, at.into_iter().map(|c| c.ix).collect());
        };
        if !self.inside.contains(&id) {
            return self.load(id, at, Some(fill));
        }
        if let Some((operand, coords)) = self.through_view(id, &at) {
            return self.read(operand, coords, Some(fill));
        }
        let val = self.value(id, at.iter().map(|c| c.ix.clone()).collect());
        let checks: Vec<(Dim, Dim)> = at
            .iter()
            .zip(dims)
            .filter(|(c, _)| c.checked)
            .map(|(c, size)| (c.ix.clone(), size.clone()))
            .collect();
        let guarded =
            checks.into_iter().rev().fold(val, |val, (ix, size)| self.guard(ix, size, val, fill));
        self.define(id, guarded)
    }

    /// The value where `0 <= ix < size`, else the fill. An index from data is compared as a value, since nothing bounds it.
    fn guard(&self, ix: Dim, size: Dim, val: Val, fill: Literal) -> Val {
        if ix.vars().iter().any(|var| matches!(var, Var::Data(_))) {
            let index = |ix: &Dim| Val::Index(ix.clone(), Scalar::I32);
            let above = Val::Op(Math::Ge, vec![index(&ix), Val::Const(Literal::I32(0))]);
            let below = Val::Op(Math::Lt, vec![index(&ix), index(&size)]);
            let inside = Val::Op(Math::And, vec![above, below]);
            return Val::Op(Math::Select, vec![inside, val, Val::Const(fill)]);
        }
        let Range { lo, hi } = self.facts.range_of(&ix);
        let lo = lo.unwrap_or(i64::from(i32::MIN)).max(i64::from(i32::MIN));
        let hi = hi.unwrap_or(i64::from(i32::MAX)).min(i64::from(i32::MAX));
        let mut arms = Vec::new();
        if lo < 0 {
            arms.push((Dim::constant(lo), Dim::constant(0), Val::Const(fill)));
        }
        arms.push((Dim::constant(0), size.clone(), val));
        if !self.facts.prove_lt(&ix, &size).is_yes() {
            arms.push((size, Dim::constant(hi) + 1, Val::Const(fill)));
        }
        Val::Case { on: ix, arms }
    }

    /// The operand's coordinates where a view passes each checked coordinate on unchanged, so that checking there is the same.
    fn through_view(&mut self, id: NodeId, at: &[Coord]) -> Option<(NodeId, Vec<Coord>)> {
        let node = self.graph.node(id);
        let Lower::View(view) = ops::find(&node.op)?.lower else { return None };
        let index: Vec<Dim> = at.iter().map(|c| c.ix.clone()).collect();
        let mut cx = Cx { used: self.axes_of(&index), pull: self, id, folds: 0 };
        let (mut coords, own_fill) = view(&mut cx, node, &index);
        if own_fill.is_some() {
            return None;
        }
        let (dims, sizes) = (&node.ty().dims, &self.graph.ty(node.inputs[0]).dims);
        for (k, coord) in at.iter().enumerate().filter(|(_, c)| c.checked) {
            let same = |(to, size): (&Coord, &Dim)| {
                to.ix == coord.ix && !to.checked && self.facts.prove_eq(size, &dims[k]).is_yes()
            };
            let found = coords.iter().zip(sizes).position(same)?;
            coords[found].checked = true;
        }
        Some((node.inputs[0], coords))
    }

    /// An element of a buffer; coordinates that are not shown to be in range are checked, and give zero outside.
    fn load(&mut self, id: NodeId, mut at: Vec<Coord>, fill: Option<Literal>) -> Val {
        let ty = self.graph.ty(id);
        for (coord, size) in at.iter_mut().zip(&ty.dims) {
            coord.checked = coord.checked || !in_range(&self.facts, &coord.ix, size);
        }
        let checked = at.iter().any(|c| c.checked);
        let fill = checked.then(|| fill.unwrap_or_else(|| ops::literal(ty.dtype, 0.0)));
        let key = (id, at.iter().map(|c| (c.ix.clone(), c.checked)).collect(), format!("{fill:?}"));
        if let Some(val) = self.loads.get(&key) {
            return val.clone();
        }
        let buf = self.param(id);
        let val = self.define(id, Val::Load { buf, at, fill });
        self.loads.insert(key, val.clone());
        val
    }

    /// The parameter that holds a node.
    pub(super) fn param(&mut self, id: NodeId) -> Name {
        if let Some(name) = self.params.get(&id) {
            return name.clone();
        }
        let name = self.names.unique(word(self.graph, id));
        self.params.insert(id, name.clone());
        name
    }

    /// A reference to a value, which becomes a definition unless it is as short as a reference.
    fn define(&mut self, node: NodeId, val: Val) -> Val {
        if matches!(val, Val::Const(_) | Val::Ref(_)) {
            return val;
        }
        let scalar = walk::scalar(&val, &|name| self.scalar_of(name));
        let free = self.free(std::slice::from_ref(&val));
        let names = vec![self.names.temporary()];
        let def =
            Def { names, scalars: vec![scalar], node, body: Body::Value(val), free, pinned: false };
        Val::Ref(self.push(def).remove(0))
    }

    fn push(&mut self, def: Def) -> Vec<Name> {
        let names = def.names.clone();
        for name in &names {
            self.by_name.insert(name.clone(), self.defs.len());
        }
        self.defs.push(def);
        names
    }

    fn scalar_of(&self, name: &Name) -> Scalar {
        if let Some(def) = self.def(name).map(|d| &self.defs[d]) {
            let state = def.names.iter().position(|n| n == name).unwrap_or(0);
            return def.scalars[state];
        }
        let held = self.params.iter().find(|(_, param)| *param == name);
        held.map_or(Scalar::F32, |(&id, _)| self.graph.ty(id).dtype.scalar())
    }

    /// Axes that values vary with.
    pub(super) fn free(&self, vals: &[Val]) -> BTreeSet<Name> {
        let mut free = BTreeSet::new();
        for val in vals {
            walk::axes(val, &mut |axis| {
                free.insert(axis.clone());
            });
            walk::references(val, &mut |name| {
                if let Some(def) = self.def(name) {
                    free.extend(self.defs[def].free.iter().cloned());
                }
            });
        }
        free
    }

    /// Axes that an index varies with.
    pub(super) fn axes_of(&self, at: &[Dim]) -> BTreeSet<Name> {
        let vals: Vec<Val> = at.iter().map(|ix| Val::Index(ix.clone(), Scalar::I32)).collect();
        self.free(&vals)
    }
}

/// Whether `0 <= ix < size` is known.
pub(super) fn in_range(facts: &Facts, ix: &Dim, size: &Dim) -> bool {
    facts.prove_nonneg(ix).is_yes() && facts.prove_lt(ix, size).is_yes()
}
