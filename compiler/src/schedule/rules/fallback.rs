//! Anything: an invocation for each point of the outer loops, all else in loops.

use ferrodyne_plan::loops::{Bind, GridDim, Kernel, Stmt, Tail};
use ferrodyne_plan::{Name, Var};

use super::pointwise::{apart, has_cases, joined_name};
use super::{Context, alone, is_long};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, bind, fuse, split};

/// Takes every kernel.
pub(super) fn rule(kernel: &Kernel, _: &Context<'_>) -> Result<Option<ScheduledVariant>, Refusal> {
    let mut kernel = kernel.clone();
    let [Stmt::For { axes, .. }] = kernel.body.as_slice() else { return Ok(Some(alone(kernel))) };
    let axes = axes.clone();
    let (parallel, serial): (Vec<Name>, Vec<Name>) =
        axes.into_iter().partition(|axis| is_parallel(&kernel, axis));
    if !serial.is_empty()
        && let [Stmt::For { axes, body }] = kernel.body.as_mut_slice()
    {
        let inner = Stmt::For { axes: serial, body: std::mem::take(body) };
        (*axes, *body) = (parallel.clone(), vec![inner]);
    }
    // One number over all axes would hide from the arms of a case which of them it is about.
    if parallel.len() > 1 && is_long(&kernel) && has_cases(&kernel) {
        apart(&mut kernel, &parallel, false)?;
    } else if !parallel.is_empty() {
        spread(&mut kernel, &parallel)?;
    }
    Ok(Some(alone(kernel)))
}

fn spread(kernel: &mut Kernel, axes: &[Name]) -> Result<(), Refusal> {
    let name = joined_name(axes);
    let all = if axes.len() > 1 { fuse(kernel, axes, &name)? } else { axes[0].clone() };
    let parts = split(kernel, &all, &[("g", None), ("l", Some(64))], Tail::Clamp)?;
    bind(kernel, &parts[0], Bind::Group(GridDim::X))?;
    bind(kernel, &parts[1], Bind::Local(GridDim::X))
}

/// Whether points that differ in the axis write different elements: each store has it as a coordinate, or, where it
/// merges or goes where data says, as a coordinate alone.
fn is_parallel(kernel: &Kernel, axis: &Name) -> bool {
    let var = Var::Axis(axis.clone());
    let mut parallel = true;
    kernel.visit(&mut |stmt| {
        if let Stmt::Store { at, merge, .. } = stmt {
            let data =
                at.iter().any(|dim| dim.vars().iter().any(|var| matches!(var, Var::Data(_))));
            if merge.is_some() || data {
                parallel &= at.iter().any(|dim| dim.as_var() == Some(&var));
            }
        }
    });
    parallel
}
