//! Loop iterations of an invocation as an expression over the kernel's sizes.

use std::collections::BTreeSet;

use super::{Bind, Kernel, Place, Stmt};
use crate::{Dim, Name};

/// Iterations of all serial loops of one invocation, each loop's added, as [`trips`](super::trips) counts them for given sizes.
pub fn iterations(kernel: &Kernel) -> Dim {
    of_body(kernel, &kernel.body, &BTreeSet::new())
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
