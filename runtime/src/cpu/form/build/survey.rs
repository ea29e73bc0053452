//! What a kernel's text says before it is built: which axes indices divide, how often values are used.

use std::collections::HashMap;

use ferrodyne_plan::dims::Atom;
use ferrodyne_plan::loops::{Stmt, Val};
use ferrodyne_plan::{Dim, Name, Var};

/// Visits every axis that an index divides, with the divisor.
pub(super) fn divisors_in(body: &[Stmt], f: &mut dyn FnMut(&Name, &Dim)) {
    for stmt in body {
        match stmt {
            Stmt::For { body, .. } | Stmt::Online { body, .. } => divisors_in(body, f),
            Stmt::Let { val, .. } => divisors_of(val, f),
            Stmt::Store { at, val, .. } => {
                at.iter().for_each(|ix| divisors_of_dim(ix, f));
                divisors_of(val, f);
            }
            Stmt::Fold { inner, args, .. } => {
                divisors_in(inner, f);
                args.iter().for_each(|a| divisors_of(a, f));
            }
        }
    }
}

fn divisors_of(val: &Val, f: &mut dyn FnMut(&Name, &Dim)) {
    match val {
        Val::Load { at, .. } => at.iter().for_each(|c| divisors_of_dim(&c.ix, f)),
        Val::Index(dim, _) => divisors_of_dim(dim, f),
        Val::Op(_, args) => args.iter().for_each(|a| divisors_of(a, f)),
        Val::Case { on, arms } => {
            divisors_of_dim(on, f);
            arms.iter().for_each(|a| divisors_of(&a.2, f));
        }
        Val::Const(_) | Val::Ref(_) => {}
    }
}

fn divisors_of_dim(dim: &Dim, f: &mut dyn FnMut(&Name, &Dim)) {
    for atom in dim.terms().iter().flat_map(|term| &term.atoms) {
        if let Atom::Div(a, b) | Atom::Mod(a, b) = atom
            && let Some(Var::Axis(axis)) = a.as_var()
        {
            f(axis, b);
        }
        if let Some((a, b)) = atom.arguments() {
            divisors_of_dim(a, f);
            divisors_of_dim(b, f);
        }
    }
}

/// Counts how often each name is used.
pub(super) fn count_uses(body: &[Stmt], uses: &mut HashMap<Name, usize>) {
    for stmt in body {
        match stmt {
            Stmt::For { body, .. } | Stmt::Online { body, .. } => count_uses(body, uses),
            Stmt::Let { val, .. } | Stmt::Store { val, .. } => count_refs(val, uses),
            Stmt::Fold { inner, args, .. } => {
                count_uses(inner, uses);
                args.iter().for_each(|a| count_refs(a, uses));
            }
        }
    }
}

fn count_refs(val: &Val, uses: &mut HashMap<Name, usize>) {
    match val {
        Val::Ref(name) => *uses.entry(name.clone()).or_default() += 1,
        Val::Op(_, args) => args.iter().for_each(|a| count_refs(a, uses)),
        Val::Case { arms, .. } => arms.iter().for_each(|a| count_refs(&a.2, uses)),
        Val::Const(_) | Val::Load { .. } | Val::Index(..) => {}
    }
}
