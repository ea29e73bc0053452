//! Checks params and axes, and gathers what holds of axes.

use std::collections::BTreeSet;

use super::{Checked, Fault};
use crate::dims::Range;
use crate::loops::{Bind, Kernel, Tail};
use crate::{Dim, Facts, Name, Var};

/// The facts of the kernel, with the ranges of its axes.
pub(super) fn check(kernel: &Kernel) -> Result<Facts, Fault> {
    distinct(kernel)?;
    let mut facts = kernel.facts.clone();
    for axis in &kernel.axes {
        let var = Var::Axis(axis.name.clone());
        let stated = facts.range(&var);
        facts.set_range(var.clone(), stated.intersect(Range::at_least(0)));
        facts.assume_lt(var, axis.extent.clone());
    }
    for axis in &kernel.axes {
        let extent = axis.extent.as_const();
        let fits = match axis.bind {
            Bind::Unroll => extent.is_some(),
            Bind::Vec => matches!(extent, Some(2 | 4)),
            _ => true,
        };
        if !fits && axis.parts.is_empty() {
            let (axis, extent) = (axis.name.clone(), axis.extent.clone());
            return Err(Fault::BindExtent { axis, extent });
        }
        split(kernel, &axis.name, &facts)?;
    }
    Ok(facts)
}

fn distinct(kernel: &Kernel) -> Checked {
    let mut seen = kernel.symbols();
    let mut names: Vec<&Name> = kernel.params.iter().map(|param| &param.name).collect();
    names.extend(kernel.axes.iter().map(|axis| &axis.name));
    kernel.visit(&mut |stmt| names.extend(stmt.defines()));
    match names.into_iter().find(|name| !seen.insert((*name).clone())) {
        Some(name) => Err(Fault::Duplicate(name.clone())),
        None => Ok(()),
    }
}

fn split(kernel: &Kernel, name: &Name, facts: &Facts) -> Checked {
    let Some(axis) = kernel.axis(name).filter(|axis| !axis.parts.is_empty()) else { return Ok(()) };
    let mut product = Dim::constant(1);
    let mut above = BTreeSet::from([name.clone()]);
    for part in &axis.parts {
        let known = kernel.axis(part).ok_or_else(|| Fault::Unknown(part.clone()))?;
        let fresh = above.insert(part.clone());
        let elsewhere = kernel.axes.iter().filter(|axis| axis.parts.contains(part)).count();
        if !fresh || elsewhere > 1 || known.parts.contains(name) {
            return Err(Fault::Split(name.clone()));
        }
        product *= &known.extent;
    }
    let proof = match axis.tail {
        Tail::Exact => facts.prove_eq(&product, &axis.extent),
        _ => facts.prove_le(&axis.extent, &product),
    };
    if proof.is_yes() { Ok(()) } else { Err(Fault::Split(name.clone())) }
}
