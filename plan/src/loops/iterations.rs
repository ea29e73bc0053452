//! Loop iterations of an invocation as an expression over the kernel's sizes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bind, Kernel, Place, Stmt, Val};
use crate::{Dim, Name};

/// Iterations of all serial loops of one invocation, each loop's added, as [`trips`](super::trips) counts them for given sizes; but a
/// fold over a family that a loop runs along counts at each point of a store that uses it, where code for GPUs computes it.
pub fn iterations(kernel: &Kernel) -> Dim {
    of_body(kernel, &kernel.body, &BTreeSet::new()) + of_deferred(kernel)
}

/// Iterations of the folds that stores compute at their points.
fn of_deferred(kernel: &Kernel) -> Dim {
    let mut made: BTreeMap<&Name, &Stmt> = BTreeMap::new();
    kernel.visit(&mut |stmt| match stmt {
        Stmt::Fold { names, .. } => made.extend(names.iter().map(|name| (name, stmt))),
        Stmt::Let { name, place: Place::Inline, .. } => drop(made.insert(name, stmt)),
        _ => {}
    });
    if !made.values().any(|stmt| is_deferred(kernel, stmt)) {
        return Dim::constant(0);
    }
    kernel.body.iter().map(|stmt| of_uses(kernel, stmt, &made)).sum()
}

fn of_uses(kernel: &Kernel, stmt: &Stmt, made: &BTreeMap<&Name, &Stmt>) -> Dim {
    match stmt {
        Stmt::For { axes, body } => {
            let inside: Dim = body.iter().map(|stmt| of_uses(kernel, stmt, made)).sum();
            times(kernel, axes, inside)
        }
        Stmt::Store { over, .. } => {
            let folds = folds_in(kernel, stmt, made);
            times(kernel, over, folds.iter().map(|fold| of_fold(kernel, fold, made)).sum())
        }
        _ => Dim::constant(0),
    }
}

/// Iterations of a fold at one point, with those of the folds that vary along it, which its loop computes again and again.
fn of_fold(kernel: &Kernel, fold: &Stmt, made: &BTreeMap<&Name, &Stmt>) -> Dim {
    let Stmt::Fold { red, inner, .. } = fold else { return Dim::constant(0) };
    let nothing = BTreeSet::new();
    let varies = |used: &&&Stmt| matches!(used, Stmt::Fold { over, .. } if over.iter().any(|axis| red.contains(axis)));
    let used = folds_in(kernel, fold, made);
    let again: Dim = used.iter().filter(varies).map(|used| of_fold(kernel, used, made)).sum();
    of_nest(kernel, red, &nothing, of_body(kernel, inner, &nothing) + again)
}

/// The deferred folds that a statement's values are made of, each once.
fn folds_in<'a>(kernel: &Kernel, stmt: &Stmt, made: &BTreeMap<&Name, &'a Stmt>) -> Vec<&'a Stmt> {
    let (mut names, mut folds): (Vec<Name>, Vec<&Stmt>) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let refs = |stmt: &Stmt, names: &mut Vec<Name>| {
        stmt.visit(&mut |stmt| {
            stmt.vals().iter().for_each(|val| {
                val.visit(&mut |part| {
                    if let Val::Ref(name) = part {
                        names.push(name.clone());
                    }
                });
            });
        });
    };
    refs(stmt, &mut names);
    while let Some(name) = names.pop() {
        let Some(stmt) = made.get(&name).filter(|_| seen.insert(name.clone())) else { continue };
        refs(stmt, &mut names);
        if is_deferred(kernel, stmt) && !folds.iter().any(|fold| std::ptr::eq(*fold, *stmt)) {
            folds.push(stmt);
        }
    }
    folds
}

/// Whether a statement is a fold over a family that a loop runs along.
fn is_deferred(kernel: &Kernel, stmt: &Stmt) -> bool {
    let Stmt::Fold { over, .. } = stmt else { return false };
    let mut leaves = over.iter().flat_map(|axis| kernel.leaves(axis));
    leaves.any(|leaf| kernel.axis(&leaf).is_some_and(|axis| axis.bind == Bind::Serial))
}

/// As often as the loops and copies along the axes run.
fn times(kernel: &Kernel, axes: &[Name], inside: Dim) -> Dim {
    if inside.is_zero() {
        return inside;
    }
    let leaves = axes.iter().flat_map(|axis| kernel.leaves(axis));
    let walked = leaves.filter_map(|leaf| kernel.axis(&leaf).cloned());
    let walked = walked.filter(|axis| matches!(axis.bind, Bind::Serial | Bind::Unroll));
    walked.fold(inside, |inside, axis| inside * axis.extent)
}

fn of_body(kernel: &Kernel, body: &[Stmt], passed: &BTreeSet<Name>) -> Dim {
    body.iter().map(|stmt| of_stmt(kernel, stmt, passed)).sum()
}

/// `passed` are the axes of the pass around, which its folds do not walk themselves.
fn of_stmt(kernel: &Kernel, stmt: &Stmt, passed: &BTreeSet<Name>) -> Dim {
    let nest = |axes: &[Name], inside: Dim| of_nest(kernel, axes, passed, inside);
    match stmt {
        Stmt::For { axes, body } => nest(axes, of_body(kernel, body, passed)),
        Stmt::Let { over, place: Place::Keep, .. } | Stmt::Store { over, .. } => {
            nest(over, Dim::constant(0))
        }
        Stmt::Let { .. } => Dim::constant(0),
        Stmt::Fold { over, red, order, inner, .. } => {
            let inside = of_body(kernel, inner, passed);
            match order.is_empty() {
                true => nest(over, nest(red, inside)),
                false => nest(order, inside),
            }
        }
        Stmt::Online { axis, body, .. } => {
            let axes = kernel.leaves(axis);
            let pass = axes.iter().cloned().collect();
            of_nest(kernel, &axes, &BTreeSet::new(), of_body(kernel, body, &pass))
        }
    }
}

fn of_nest(kernel: &Kernel, axes: &[Name], passed: &BTreeSet<Name>, inside: Dim) -> Dim {
    let leaves: Vec<Name> = axes.iter().flat_map(|axis| kernel.leaves(axis)).collect();
    let walked = leaves.iter().rev().filter(|leaf| !passed.contains(*leaf));
    walked.filter_map(|leaf| kernel.axis(leaf)).fold(inside, |trips, axis| match axis.bind {
        Bind::Serial => (trips + 1) * axis.extent.clone(),
        Bind::Unroll | Bind::Vec => trips * axis.extent.clone(),
        _ => trips,
    })
}
