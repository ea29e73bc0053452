//! `split i g:16 t:8`: an axis becomes the mixed-radix number of its parts.
//!
//! Meaning is kept by substitution: the axis' value is the number of its parts everywhere. Parts that overhang the extent
//! are cut off as the tail says.

use ferrodyne_plan::loops::{Axis, Bind, Kernel, Tail};
use ferrodyne_plan::{Dim, Name};

use super::{Refusal, fresh, map_axis_lists, refuse};

/// A part of a split: a suffix for its name, and its extent; the one without takes what the others leave.
pub type Part<'a> = (&'a str, Option<i64>);

/// Splits an axis; gives the names of the parts, outermost first. The tail is taken only if the parts may overhang.
pub fn split(
    kernel: &mut Kernel,
    name: &Name,
    parts: &[Part<'_>],
    tail: Tail,
) -> Result<Vec<Name>, Refusal> {
    let Some(axis) = kernel.axis(name).cloned() else {
        return refuse("split", name, "there is no such axis");
    };
    if !axis.parts.is_empty() || axis.bind != Bind::Serial {
        return refuse("split", name, "it is split or bound already");
    }
    let open = parts.iter().filter(|(_, extent)| extent.is_none()).count();
    if open > 1 || parts.iter().any(|(_, extent)| extent.is_some_and(|extent| extent < 1)) {
        return refuse(
            "split",
            name,
            "at most one part may take what the others leave, and none is empty",
        );
    }
    let known: i64 = parts.iter().filter_map(|(_, extent)| *extent).product();
    let whole = kernel.facts.simplify(&axis.extent);
    let exact = if open == 1 {
        kernel.facts.prove_multiple(&whole, known).is_yes()
    } else {
        kernel.facts.prove_eq(&whole, &Dim::constant(known)).is_yes()
    };
    if !exact && tail == Tail::Exact {
        return refuse(
            "split",
            name,
            format!("{known} does not divide {whole}, and no tail is given"),
        );
    }
    let rest = kernel.facts.simplify(&whole.ceil_div(&Dim::constant(known)));
    let covered = &rest * known + 1;
    if open == 1 && !exact && !kernel.facts.prove_lt(&whole, &covered).is_yes() {
        kernel.facts.assume_lt(whole.clone(), covered);
    }
    let mut names = Vec::new();
    for (suffix, extent) in parts {
        let part = fresh(kernel, &format!("{name}.{suffix}"));
        let extent = extent.map_or_else(|| rest.clone(), Dim::constant);
        kernel.axes.push(Axis::new(part.clone(), extent));
        names.push(part);
    }
    for own in &mut kernel.axes {
        if own.name == *name {
            own.parts.clone_from(&names);
            own.tail = if exact { Tail::Exact } else { tail };
        }
    }
    map_axis_lists(kernel, &mut |axes| {
        if let Some(at) = axes.iter().position(|axis| axis == name) {
            axes.splice(at..=at, names.iter().cloned());
        }
    });
    let text: Vec<String> = parts
        .iter()
        .map(|(suffix, extent)| {
            extent.map_or_else(|| (*suffix).to_owned(), |extent| format!("{suffix}:{extent}"))
        })
        .collect();
    let tail = match (exact, tail) {
        (true, _) | (_, Tail::Exact) => "",
        (_, Tail::Clamp) => " tail clamp",
        (_, Tail::Unit) => " tail unit",
        (_, Tail::Pad) => " tail pad",
    };
    kernel.notes.push(format!("split {name} {}{tail}", text.join(" ")));
    Ok(names)
}
