//! `fuse y x p`: axes that stand beside each other become one; each is a digit of its value.

use ferrodyne_plan::loops::{Axis, Bind, Kernel, Val};
use ferrodyne_plan::{Dim, Facts, Name, Range, Var};

use super::{Refusal, fresh, map_axis_lists, refuse};

/// Fuses axes, outermost first, into one; gives its name. Wherever one of them is walked all are, in this order.
pub fn fuse(kernel: &mut Kernel, names: &[Name], into: &str) -> Result<Name, Refusal> {
    let Some(first) = names.first() else {
        return refuse("fuse", &Name::from(into), "no axis is given");
    };
    let mut extents = Vec::new();
    for name in names {
        match kernel.axis(name) {
            Some(axis) if axis.parts.is_empty() && axis.bind == Bind::Serial => {
                extents.push(kernel.facts.simplify(&axis.extent));
            }
            _ => return refuse("fuse", name, "it is split, bound or unknown"),
        }
    }
    let part = |name: &&Name| kernel.axes.iter().any(|axis| axis.parts.contains(name));
    if let Some(name) = names.iter().find(part) {
        return refuse("fuse", name, "it is a part of another axis");
    }
    let mut apart = false;
    map_axis_lists(kernel, &mut |axes| {
        let any = names.iter().any(|name| axes.contains(name));
        apart |= any && !axes.windows(names.len()).any(|window| window == names);
    });
    if apart {
        return refuse("fuse", first, "the axes do not stand beside each other everywhere");
    }
    let fused = fresh(kernel, into);
    let extent = kernel.facts.simplify(&extents.iter().cloned().product());
    substitute(kernel, names, &extents, (&fused, &extent));
    map_axis_lists(kernel, &mut |axes| {
        if let Some(at) = axes.iter().position(|axis| axis == first) {
            axes.splice(at..at + names.len(), [fused.clone()]);
        }
    });
    kernel.axes.retain(|axis| !names.contains(&axis.name));
    kernel.axes.push(Axis::new(fused.clone(), extent));
    let list: Vec<&str> = names.iter().map(Name::as_str).collect();
    kernel.notes.push(format!("fuse {} {fused}", list.join(" ")));
    Ok(fused)
}

/// Puts the digits of the fused axis in the place of the axes, and states what the facts do not see of them.
fn substitute(
    kernel: &mut Kernel,
    names: &[Name],
    extents: &[Dim],
    (fused, extent): (&Name, &Dim),
) {
    let mut facts = kernel.facts.clone();
    let var = Dim::axis(fused.clone());
    facts.set_range(Var::Axis(fused.clone()), Range::at_least(0));
    facts.assume_lt(var.clone(), extent.clone());
    let mut digits = Vec::new();
    let mut place = Dim::constant(1);
    for (at, own) in extents.iter().enumerate().rev() {
        let mut digit = var.floor_div(&place);
        if at > 0 {
            digit = digit.modulo(own);
        }
        let digit = facts.simplify(&digit);
        state(&mut kernel.facts, &facts, &digit, own);
        digits.push((names[at].clone(), digit));
        place *= own;
    }
    let digit = |name: &Name| digits.iter().find(|(own, _)| own == name).map(|(_, d)| d.clone());
    let of_var = |var: &Var| if let Var::Axis(name) = var { digit(name) } else { None };
    for (index, extent) in bounds(kernel) {
        // What held of the axes holds of their digits.
        let index = facts.simplify(&index.substitute(&of_var));
        state(&mut kernel.facts, &facts, &index, &extent);
    }
    kernel.substitute_axes(&digit);
    kernel.map_dims(&|dim| facts.simplify(dim));
}

fn state(stated: &mut Facts, known: &Facts, index: &Dim, extent: &Dim) {
    if !known.prove_lt(index, extent).is_yes() {
        stated.assume_lt(index.clone(), extent.clone());
    }
}

/// The coordinates that are in range by the extents of the axes alone, each with its bound. What stands in an arm of a
/// case is in range only there.
fn bounds(kernel: &Kernel) -> Vec<(Dim, Dim)> {
    let mut bounds = Vec::new();
    kernel.visit(&mut |stmt| stmt.vals().iter().for_each(|val| of_val(kernel, val, &mut bounds)));
    bounds
}

fn of_val(kernel: &Kernel, val: &Val, bounds: &mut Vec<(Dim, Dim)>) {
    match val {
        Val::Load { buf, at, .. } => {
            let extents = kernel.param(buf).map_or(&[][..], |param| &param.dims);
            for (coord, extent) in at.iter().zip(extents).filter(|(coord, _)| !coord.checked) {
                bounds.push((coord.ix.clone(), extent.clone()));
            }
        }
        Val::Op(_, args) => args.iter().for_each(|arg| of_val(kernel, arg, bounds)),
        Val::Case { .. } | Val::Const(_) | Val::Ref(_) | Val::Index(..) => {}
    }
}
