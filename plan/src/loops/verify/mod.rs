//! Checks a kernel. In: a kernel. Out: nothing, or the first [`Fault`].
//!
//! Promised of a kernel without a fault: names are distinct and in scope, types agree, unchecked coordinates lie in range
//! for all sizes that the facts allow, tails do not falsify folds. That a store's map is injective is checked only as far
//! as every axis occurs in it; the interpreter checks the rest.

mod fault;
mod header;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use super::{Bind, FoldKind, Kernel, Place, Role, Stmt, Tail, typing};
use crate::{Dim, Facts, Name, Scalar, Var};
pub use fault::Fault;

type Checked = Result<(), Fault>;

/// Checks a kernel.
///
/// # Errors
/// The first broken rule.
pub fn verify(kernel: &Kernel) -> Result<(), Fault> {
    let facts = header::check(kernel)?;
    let verifier = Verifier { kernel, types: typing::scalars(kernel) };
    let mut scope =
        Scope { axes: BTreeSet::new(), values: BTreeMap::new(), facts, guards: Vec::new() };
    verifier.body(&kernel.body, &mut scope)
}

struct Verifier<'a> {
    kernel: &'a Kernel,
    types: BTreeMap<&'a str, Scalar>,
}

/// What may be named at a point: leaf axes, values with the leaf axes of their family, and what holds there.
#[derive(Clone)]
struct Scope {
    axes: BTreeSet<Name>,
    values: BTreeMap<Name, Vec<Name>>,
    facts: Facts,
    /// Guards of the store at hand.
    guards: Vec<(Dim, Dim)>,
}

impl Verifier<'_> {
    fn body(&self, body: &[Stmt], scope: &mut Scope) -> Checked {
        body.iter().try_for_each(|stmt| self.stmt(stmt, scope))
    }

    fn leaves(&self, names: &[Name]) -> Result<Vec<Name>, Fault> {
        let unknown = names.iter().find(|name| self.kernel.axis(name).is_none());
        match unknown {
            Some(name) => Err(Fault::Unknown(name.clone())),
            None => Ok(names.iter().flat_map(|name| self.kernel.leaves(name)).collect()),
        }
    }

    /// The scope inside loops over these axes.
    fn inside(&self, scope: &Scope, names: &[Name]) -> Result<Scope, Fault> {
        let mut inner = scope.clone();
        for leaf in self.leaves(names)? {
            if !inner.axes.insert(leaf.clone()) {
                return Err(Fault::BoundTwice(leaf));
            }
        }
        let is_vec =
            |name: &&Name| self.kernel.axis(name).is_some_and(|axis| axis.bind == Bind::Vec);
        let mut vecs = inner.axes.iter().filter(is_vec);
        match (vecs.next(), vecs.next()) {
            (Some(a), Some(b)) => Err(Fault::TwoVecs(a.clone(), b.clone())),
            _ => Ok(inner),
        }
    }

    fn stmt(&self, stmt: &Stmt, scope: &mut Scope) -> Checked {
        match stmt {
            Stmt::For { axes, body } => self.body(body, &mut self.inside(scope, axes)?),
            Stmt::Let { name, scalar, over, val, place } => {
                let inner = self.inside(scope, over)?;
                let leaves = self.leaves(over)?;
                let looped = |leaf: &&Name| {
                    self.kernel.axis(leaf).is_some_and(|axis| axis.bind == Bind::Serial)
                };
                if let (Place::Keep, Some(axis)) = (place, leaves.iter().find(looped)) {
                    return Err(Fault::KeptOverLoop { value: name.clone(), axis: axis.clone() });
                }
                self.typed(val, *scalar, name, &inner)?;
                scope.values.insert(name.clone(), leaves);
                Ok(())
            }
            Stmt::Fold { .. } => self.fold(stmt, scope, &[]),
            Stmt::Online { axis, block, anchor, body } => {
                self.online([axis, block, anchor], body, scope)
            }
            Stmt::Store { .. } => self.store(stmt, scope),
        }
    }

    fn online(
        &self,
        [axis, block, anchor]: [&Name; 3],
        body: &[Stmt],
        scope: &mut Scope,
    ) -> Checked {
        let pass = [axis.clone()];
        let mut inner = self.inside(scope, &pass)?;
        self.leaves(std::slice::from_ref(block))?;
        let is_anchor = |stmt: &Stmt| matches!(stmt, Stmt::Fold { names, kind: FoldKind::Max, .. } if names.contains(anchor));
        if !body.iter().any(is_anchor) {
            return Err(Fault::Anchor(anchor.clone()));
        }
        for stmt in body {
            match stmt {
                Stmt::Fold { names, over, .. } => {
                    self.fold(stmt, &mut inner, &pass)?;
                    let leaves = self.leaves(over)?;
                    scope.values.extend(names.iter().map(|name| (name.clone(), leaves.clone())));
                }
                _ => self.stmt(stmt, &mut inner)?,
            }
        }
        Ok(())
    }

    /// `pass`: an axis that is visited for the fold and may stand in its reduction.
    fn fold(&self, stmt: &Stmt, scope: &mut Scope, pass: &[Name]) -> Checked {
        let Stmt::Fold { names, kind, over, red, order, inner, args, stages } = stmt else {
            return Ok(());
        };
        let row = kind.row();
        let Some(fold) =
            names.first().filter(|_| names.len() == row.arity && args.len() == row.args)
        else {
            let fold = names.first().cloned().unwrap_or_default();
            return Err(Fault::FoldArguments { fold, kind: row.name });
        };
        let walked: Vec<Name> =
            over.iter().chain(red).filter(|name| !pass.contains(name)).cloned().collect();
        let mut within = self.inside(scope, &walked)?;
        let once: BTreeSet<&Name> = order.iter().collect();
        let complete = once == walked.iter().collect() && order.len() == walked.len();
        if !order.is_empty() && !complete {
            return Err(Fault::Order(fold.clone()));
        }
        self.fold_tails(fold, *kind, red)?;
        let mut stores = false;
        inner.iter().for_each(|stmt| {
            stmt.visit(&mut |stmt| stores |= matches!(stmt, Stmt::Store { .. }));
        });
        if stores {
            return Err(Fault::StoreInFold(fold.clone()));
        }
        self.body(inner, &mut within)?;
        for arg in args {
            self.val(arg, fold, &within)?;
        }
        let types: Vec<Scalar> =
            args.iter().map(|arg| self.type_of(arg, fold)).collect::<Result<_, _>>()?;
        if !(row.takes)(&types) {
            return Err(Fault::FoldArguments { fold: fold.clone(), kind: row.name });
        }
        for stage in stages {
            self.stage(stage, fold, stmt, &walked)?;
        }
        let leaves = self.leaves(over)?;
        scope.values.extend(names.iter().map(|name| (name.clone(), leaves.clone())));
        Ok(())
    }

    fn fold_tails(&self, fold: &Name, kind: FoldKind, red: &[Name]) -> Checked {
        let leaves = self.leaves(red)?;
        for axis in self.kernel.axes.iter().filter(|axis| !axis.parts.is_empty()) {
            let reduced = self.kernel.leaves(&axis.name).iter().any(|leaf| leaves.contains(leaf));
            let wrong = match axis.tail {
                Tail::Exact | Tail::Unit => false,
                Tail::Clamp => !kind.row().laws.idempotent,
                Tail::Pad => true,
            };
            if reduced && wrong {
                return Err(Fault::FoldTail { fold: fold.clone(), axis: axis.name.clone() });
            }
        }
        Ok(())
    }

    fn stage(&self, stage: &super::Stage, fold: &Name, stmt: &Stmt, walked: &[Name]) -> Checked {
        let (mut loads, mut own) = (Vec::new(), BTreeSet::new());
        stmt.visit(&mut |inner| {
            loads.extend(inner.vals().iter().flat_map(super::Val::loads));
            own.extend(inner.defines().iter().cloned());
        });
        let staged = loads.iter().filter(|(buf, _)| **buf == stage.buf);
        let ahead = |at: &[super::Coord]| {
            let vars = at.iter().flat_map(|coord| coord.ix.vars());
            vars.into_iter().all(|var| !matches!(var, Var::Data(name) if own.contains(&name)))
        };
        let mut found = false;
        for (_, at) in staged {
            found = ahead(at);
            if !found {
                break;
            }
        }
        if let Stmt::Fold { inner, .. } = stmt {
            found |= inner.iter().any(|stmt| match stmt {
                Stmt::Let { name, val, .. } => *name == stage.buf && val.refs().is_disjoint(&own),
                _ => false,
            });
        }
        let known = walked.contains(&stage.at) || self.kernel.axis(&stage.at).is_some();
        if found && known {
            return Ok(());
        }
        Err(Fault::Stage { buf: stage.buf.clone(), fold: fold.clone() })
    }

    fn store(&self, stmt: &Stmt, scope: &Scope) -> Checked {
        let Stmt::Store { buf, at, val, over, guard, merge } = stmt else { return Ok(()) };
        let param = self.kernel.param(buf).ok_or_else(|| Fault::Unknown(buf.clone()))?;
        match (param.role, merge) {
            (Role::In, _) => return Err(Fault::StoreToInput(buf.clone())),
            (Role::Out, Some(_)) => return Err(Fault::MergeIntoOutput(buf.clone())),
            _ => {}
        }
        let mut inner = self.inside(scope, over)?;
        for (value, bound) in guard {
            self.dim(value, buf, &inner)?;
            self.dim(bound, buf, &inner)?;
            inner.guards.push((value.clone(), bound.clone()));
            inner.facts.assume_lt(value.clone(), bound.clone());
            inner.facts.assume_lt(Dim::constant(-1), value.clone());
        }
        self.rank(buf, at.len())?;
        for (ix, extent) in at.iter().zip(&param.dims) {
            self.in_range(buf, ix, extent, &inner)?;
        }
        self.padding(buf, at)?;
        let guarded = guard.iter().map(|pair| &pair.0);
        if merge.is_none() {
            self.covers(buf, at.iter().chain(guarded), &inner)?;
        }
        self.typed(val, param.dtype.scalar(), buf, &inner)
    }

    /// Every axis in force occurs in these dims, itself or as part of one that does.
    fn covers<'d>(
        &self,
        buf: &Name,
        dims: impl Iterator<Item = &'d Dim>,
        scope: &Scope,
    ) -> Checked {
        let mut used = BTreeSet::new();
        for var in dims.flat_map(Dim::vars) {
            match var {
                Var::Axis(name) => used.extend(self.kernel.leaves(&name)),
                // A value may differ from point to point; the interpreter sees whether it does.
                Var::Data(_) => return Ok(()),
                Var::Sym(_) => {}
            }
        }
        let single = |name: &Name| {
            let extent = self.kernel.axis(name).and_then(|axis| axis.extent.as_const());
            extent.is_some_and(|extent| extent <= 1)
        };
        match scope.axes.iter().find(|axis| !used.contains(*axis) && !single(axis)) {
            Some(axis) => Err(Fault::Repeated { buf: buf.clone(), axis: axis.clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
