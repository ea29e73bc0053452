//! `hold kk of s at c by lane l`: a factor of a fold's product gets a name and waits spread over the lanes.

use std::collections::BTreeSet;

use ferrodyne_plan::loops::{Bind, Kernel, Level, Math, Place, Stage, Stmt, Val};
use ferrodyne_plan::{Dim, Name, Scalar, Var};

use super::{Refusal, fresh, refuse};

/// Names the factor of the fold that varies with `lane` and fetches it when `at` is entered, an entry a lane.
pub fn hold(
    kernel: &mut Kernel,
    fold: &Name,
    wanted: &str,
    at: &Name,
    lane: &Name,
) -> Result<(), Refusal> {
    if kernel.axis(lane).is_none_or(|axis| axis.bind != Bind::Unroll) {
        return refuse(
            "hold",
            lane,
            "what is held is chosen by constants: the axis must be unrolled",
        );
    }
    let wholes: Vec<Name> = kernel
        .axes
        .iter()
        .filter(|axis| kernel.leaves(&axis.name).contains(lane))
        .map(|axis| axis.name.clone())
        .collect();
    let name = fresh(kernel, wanted);
    let fixed = fixed(kernel, &wholes, at);
    let varies = |val: &Val| {
        let vars = val.dims().into_iter().flat_map(Dim::vars).collect::<Vec<Var>>();
        let along = |var: &Var| matches!(var, Var::Axis(axis) if wholes.contains(axis));
        vars.iter().any(along) && val.refs().is_subset(&fixed)
    };
    let mut found = false;
    for stmt in &mut kernel.body {
        stmt.visit_mut(&mut |stmt| {
            let Stmt::Fold { names, args, inner, stages, .. } = stmt else { return };
            let [Val::Op(Math::Mul, factors)] = args.as_mut_slice() else { return };
            let held = factors.iter().position(&varies);
            let Some(held) = held.filter(|_| names.contains(fold)) else { return };
            let val = std::mem::replace(&mut factors[held], Val::Ref(name.clone()));
            inner.push(Stmt::Let {
                name: name.clone(),
                scalar: Scalar::F32,
                over: Vec::new(),
                val,
                place: Place::Inline,
            });
            let level = Level::Lane(lane.clone());
            stages.push(Stage { buf: name.clone(), at: at.clone(), level, vec: Vec::new() });
            found = true;
        });
    }
    if !found {
        return refuse("hold", fold, "no factor of it is made of loads along the axis alone");
    }
    kernel.notes.push(format!("hold {name} of {fold} at {at} by lane {lane}"));
    Ok(())
}

/// Definitions that are the same wherever the fold stands: of no family, and made of nothing that runs along the axes held or
/// is folded.
fn fixed(kernel: &Kernel, wholes: &[Name], at: &Name) -> BTreeSet<Name> {
    let mut fixed = BTreeSet::new();
    let moves = |var: &Var| match var {
        Var::Axis(axis) => wholes.contains(axis) || kernel.leaves(axis).contains(at),
        Var::Sym(_) => false,
        Var::Data(_) => true,
    };
    kernel.visit(&mut |stmt| {
        if let Stmt::Let { name, over, val, place: Place::Inline, .. } = stmt
            && over.is_empty()
            && val.refs().is_subset(&fixed)
            && !val.dims().into_iter().flat_map(Dim::vars).any(|var| moves(&var))
        {
            fixed.insert(name.clone());
        }
    });
    fixed
}
