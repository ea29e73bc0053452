//! What a kernel's text says before it is built: which axes indices divide, how often values are used.

use std::collections::HashMap;

use ferrodyne_plan::dims::Atom;
use ferrodyne_plan::loops::{Stmt, Val};
use ferrodyne_plan::{Dim, Name, Var};

/// Visits every axis that an index divides, with the divisor; a quotient's divisor and the one of what divides it make a further one.
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
            && let Some((axis, divisor)) = divided(a, b)
        {
            f(axis, &divisor);
        }
        if let Some((a, b)) = atom.arguments() {
            divisors_of_dim(a, f);
            divisors_of_dim(b, f);
        }
    }
}

/// The axis and the number that `a` is divided by in all, where `a` is an axis or a quotient of one.
fn divided<'a>(a: &'a Dim, b: &Dim) -> Option<(&'a Name, Dim)> {
    match (a.as_var(), a.as_atom()) {
        (Some(Var::Axis(axis)), _) => Some((axis, b.clone())),
        (_, Some(Atom::Div(inner, c))) => divided(inner, &(b * c)),
        _ => None,
    }
}

/// Divisors that cut an axis into whole parts of parts, the largest first; of those that do not fit together the first met.
pub(super) fn chain(extent: i64, divisors: &[i64]) -> Vec<i64> {
    let mut chain: Vec<i64> = Vec::new();
    for &divisor in divisors {
        let fits = |other: &i64| divisor % other == 0 || other % divisor == 0;
        if divisor > 1
            && divisor < extent
            && extent % divisor == 0
            && chain.iter().all(fits)
            && !chain.contains(&divisor)
        {
            chain.push(divisor);
        }
    }
    chain.sort_unstable_by_key(|divisor| std::cmp::Reverse(*divisor));
    chain
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_is_cut_by_all_divisors_that_fit_together() {
        assert_eq!(chain(128, &[32, 64, 32]), [64, 32]);
        assert_eq!(chain(24, &[6, 4, 2, 12]), [12, 6, 2]);
        assert_eq!(chain(10, &[3, 1, 10, 20, 0, -2]), [0; 0]);
    }

    #[test]
    fn a_quotient_that_is_divided_is_an_axis_divided_by_both() {
        let mut found = Vec::new();
        let quotient = Dim::axis(Name::from("i")).floor_div(&Dim::constant(32));
        let dim = &quotient.modulo(&Dim::sym("n")) * 2 + 3;
        divisors_of_dim(&dim, &mut |axis, by| {
            found.push((axis.to_string(), by.to_string()));
        });
        let pair = |by: &str| ("i".to_owned(), by.to_owned());
        assert_eq!(found, [pair("32*n"), pair("32")]);
    }
}
