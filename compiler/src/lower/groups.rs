//! Norms over groups: rows of the result become groups, so that what is folded of a group is folded once.
//!
//! A group of channels is folded over its channels and what lies behind them, and stored a channel at a time: each channel
//! would fold its group again. Where the row axis is `group * size + channel`, the stores run over the folded axes instead.

use std::collections::BTreeSet;

use ferrodyne_plan::loops::{Axis, Kernel, Stmt, Val};
use ferrodyne_plan::{Dim, Name, Range, Var};

/// The axes of a nest: rows, those that all folds reduce, and those that all stores run over.
struct Nest {
    rows: Vec<Name>,
    red: Vec<Name>,
    over: Vec<Name>,
}

/// The kernel with rows for groups, where it folds groups.
pub(super) fn regrouped(kernel: Kernel) -> Kernel {
    let Some(nest) = nest(&kernel) else { return kernel };
    let kernel = ordered(kernel, &nest.red);
    let same = nest.over.iter().all(|axis| nest.red.contains(axis));
    let missing: Vec<&Name> = nest.red.iter().filter(|axis| !nest.over.contains(axis)).collect();
    let [missing] = missing.as_slice() else { return kernel };
    if !same {
        return kernel;
    }
    let split = nest.rows.iter().find_map(|row| split(&kernel, &nest, row, missing));
    split.unwrap_or(kernel)
}

fn nest(kernel: &Kernel) -> Option<Nest> {
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else { return None };
    let (mut red, mut over): (Option<&Vec<Name>>, Option<&Vec<Name>>) = (None, None);
    for stmt in body {
        match stmt {
            Stmt::Let { .. } => {}
            Stmt::Fold { over, red: own, .. } if over.is_empty() => {
                red.get_or_insert(own);
                (red == Some(own)).then_some(())?;
            }
            Stmt::Store { over: own, merge: None, guard, .. } if guard.is_empty() => {
                over.get_or_insert(own);
                (over == Some(own)).then_some(())?;
            }
            _ => return None,
        }
    }
    Some(Nest { rows: axes.clone(), red: red?.clone(), over: over?.clone() })
}

/// Families over the folded axes name them in the order of the folds.
fn ordered(mut kernel: Kernel, red: &[Name]) -> Kernel {
    let all: BTreeSet<&Name> = red.iter().collect();
    let sorted = |over: &mut Vec<Name>| {
        if over.len() == red.len() && over.iter().collect::<BTreeSet<_>>() == all {
            *over = red.to_vec();
        }
    };
    for stmt in &mut kernel.body {
        stmt.visit_mut(&mut |stmt| {
            if let Stmt::Let { over, .. } | Stmt::Store { over, .. } = stmt {
                sorted(over);
            }
        });
    }
    kernel
}

/// The kernel with the row axis cut in groups of as many as the missing axis has, if all folds are of groups.
fn split(kernel: &Kernel, nest: &Nest, row: &Name, missing: &Name) -> Option<Kernel> {
    let extent = |name: &Name| kernel.facts.simplify(&kernel.axis(name)?.extent).as_const();
    let (all, size) = (extent(row)?, extent(missing)?);
    if size < 1 || all % size != 0 {
        return None;
    }
    let names = kernel.names();
    let fresh = |text: String| {
        let mut name = Name::from(text);
        while names.contains(&name) {
            name = Name::from(format!("{name}_"));
        }
        name
    };
    let (group, inside) = (fresh(format!("{row}_group")), fresh(format!("{row}_in")));
    let mut facts = kernel.facts.clone();
    for axis in &kernel.axes {
        facts.set_range(Var::Axis(axis.name.clone()), Range::at_least(0));
        facts.assume_lt(Dim::axis(axis.name.clone()), axis.extent.clone());
    }
    facts.set_range(Var::Axis(group.clone()), Range::between(0, all / size - 1));
    facts.set_range(Var::Axis(inside.clone()), Range::between(0, size - 1));
    let mut cut = kernel.clone();
    let place = Dim::axis(group.clone()) * size + Dim::axis(inside.clone());
    cut.substitute_axes(&|name| (name == row).then(|| place.clone()));
    cut.map_dims(&|dim| facts.simplify(dim));
    let [Stmt::For { axes, body }] = cut.body.as_mut_slice() else { return None };
    axes.iter_mut().filter(|axis| *axis == row).for_each(|axis| axis.clone_from(&group));
    spread(body, nest, &inside)?;
    cut.substitute_axes(&|name| (*name == inside).then(|| Dim::axis(missing.clone())));
    cut.axes.retain(|axis| axis.name != *row);
    cut.axes.push(Axis::new(group, Dim::constant(all / size)));
    Some(cut)
}

/// What differs inside a group runs over the folded axes; none where a fold does.
fn spread(body: &mut [Stmt], nest: &Nest, inside: &Name) -> Option<()> {
    let mut differ: BTreeSet<Name> = BTreeSet::new();
    for stmt in body {
        let mut differs = false;
        stmt.visit(&mut |part| {
            differs |= part.vals().iter().any(|val| uses(val, inside, &differ));
        });
        match stmt {
            Stmt::Let { name, over, .. } if differs => {
                (over.is_empty() || *over == nest.over).then_some(())?;
                over.clone_from(&nest.red);
                differ.insert(name.clone());
            }
            Stmt::Store { over, .. } => over.clone_from(&nest.red),
            _ if differs => return None,
            _ => {}
        }
    }
    Some(())
}

fn uses(val: &Val, axis: &Name, names: &BTreeSet<Name>) -> bool {
    let var = Var::Axis(axis.clone());
    val.dims().into_iter().any(|dim| dim.uses(&var)) || val.refs().iter().any(|r| names.contains(r))
}
