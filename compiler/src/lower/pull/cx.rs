//! What a lowering function sees of the pull: sizes, operands as values at indices, folds, and data as indices.

use std::collections::BTreeSet;

use ferrodyne_plan::loops::{Coord, FoldKind, Literal, Val};
use ferrodyne_plan::{DType, Dim, Facts, Name, Scalar, Var};

use super::{Body, Def, Pull};
use crate::graph::NodeId;
use crate::lower::axes::{Place, states};
use crate::lower::walk;
use crate::ops::{self, FoldArgs, Lowering};

/// What a lowering function sees of the pull.
pub(in crate::lower) struct Cx<'p, 'a> {
    pub pull: &'p mut Pull<'a>,
    pub id: NodeId,
    /// Axes that a new fold may not take.
    pub used: BTreeSet<Name>,
    /// Folds made so far.
    pub folds: usize,
}

impl Lowering for Cx<'_, '_> {
    fn dims(&self, operand: usize) -> Vec<Dim> {
        let graph = self.pull.graph;
        graph.ty(graph.node(self.id).inputs[operand]).dims.clone()
    }

    fn dtype(&self, operand: usize) -> DType {
        let graph = self.pull.graph;
        graph.ty(graph.node(self.id).inputs[operand]).dtype
    }

    fn out_dims(&self) -> Vec<Dim> {
        self.pull.graph.ty(self.id).dims.clone()
    }

    fn facts(&self) -> &Facts {
        &self.pull.facts
    }

    fn lies_in(&self, operand: usize, size: &Dim) -> bool {
        let graph = self.pull.graph;
        ops::constant_in(graph, graph.node(self.id).inputs[operand], size, &self.pull.facts)
    }

    fn constant(&mut self, at: &[Dim]) -> Val {
        let at = self.pull.normal(self.id, at.to_vec());
        self.pull.load(self.id, ops::coords(at), None)
    }

    fn input(&mut self, operand: usize, at: &[Coord], fill: Option<Literal>) -> Val {
        let operand = self.pull.graph.node(self.id).inputs[operand];
        self.pull.read(operand, at.to_vec(), fill)
    }

    fn fold(&mut self, kind: FoldKind, extents: &[Dim], args: &mut FoldArgs<'_>) -> Vec<Val> {
        let (id, fold) = (self.id, self.folds);
        let mut used = self.used.clone();
        let mut at = Vec::with_capacity(extents.len());
        for (k, extent) in extents.iter().enumerate() {
            at.push(self.pull.axis(Place::Fold(id, fold, k), extent, &mut used));
        }
        let mut inner = Cx { pull: self.pull, id, used, folds: fold + 1 };
        let args = args(&mut inner, &at);
        self.folds = inner.folds;
        let red: Vec<Name> =
            at.iter().filter_map(|ix| ix.as_var().map(Var::name).cloned()).collect();
        if red.is_empty() {
            return single(kind, args);
        }
        let pull = &mut *self.pull;
        let mut free = pull.free(&args);
        free.retain(|axis| !red.contains(axis));
        let mut scalars: Vec<Scalar> =
            args.iter().map(|arg| walk::scalar(arg, &|name| pull.scalar_of(name))).collect();
        scalars.resize(states(kind), Scalar::F32);
        let names = (0..states(kind)).map(|_| pull.names.temporary()).collect();
        let body = Body::Fold { kind, red, args };
        let names = pull.push(Def { names, scalars, node: id, body, free, pinned: false });
        names.into_iter().map(Val::Ref).collect()
    }

    fn data(&mut self, val: Val, _extent: &Dim) -> Dim {
        let pull = &mut *self.pull;
        if let Val::Const(literal) = val {
            match literal {
                Literal::I32(n) => return Dim::constant(n.into()),
                Literal::U32(n) => return Dim::constant(n.into()),
                Literal::F32(_) | Literal::Long(_) | Literal::Bool(_) => {}
            }
        }
        if let Val::Index(ix, _) = val {
            return ix;
        }
        let named = match &val {
            Val::Ref(name) => {
                pull.def(name).filter(|&d| matches!(pull.defs[d].body, Body::Value(_)))
            }
            _ => None,
        };
        if let Some(d) = named {
            pull.defs[d].pinned = true;
            return Dim::data(pull.defs[d].names[0].clone());
        }
        let scalar = walk::scalar(&val, &|name| pull.scalar_of(name));
        let free = pull.free(std::slice::from_ref(&val));
        let names = vec![pull.names.temporary()];
        let def = Def {
            names,
            scalars: vec![scalar],
            node: self.id,
            body: Body::Value(val),
            free,
            pinned: true,
        };
        Dim::data(pull.push(def).remove(0))
    }
}

/// A fold over a single term.
fn single(kind: FoldKind, args: Vec<Val>) -> Vec<Val> {
    match kind {
        FoldKind::Welford => {
            let arg = args.into_iter().next();
            let constant = |x| Val::Const(Literal::F32(x));
            arg.into_iter().chain([constant(0.0), constant(1.0)]).collect()
        }
        _ => args,
    }
}
