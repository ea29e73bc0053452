//! Loop iterations of an invocation, kept below what the driver runs.
//!
//! Mesa's software adapter ends an invocation after 65,535 iterations without a word. A loop that would run longer does
//! several steps an iteration.

use ferrodyne_plan::loops::{Bind, Kernel, Stmt, Tail, iterations};
use ferrodyne_plan::{Dim, Name, Var};

use super::Context;
use crate::schedule::steps::{Refusal, bind, split};
use crate::schedule::text::values_in_text;

/// Steps that one iteration may be made to do.
const STEPS_MAX: i64 = 64;

/// Values in the text of a kernel that does several steps an iteration, at most: drivers take seconds for more.
const TEXT_MAX: i64 = 1 << 11;

/// The kernel with as many steps an iteration as the target asks for.
pub(super) fn bounded(mut kernel: Kernel, context: &Context<'_>) -> Result<Kernel, Refusal> {
    let Some(most) = context.target.iterations_max else { return Ok(kernel) };
    for _ in 0..4 {
        let sizes = |name: &Name| {
            let most = kernel.facts.range(&Var::Sym(name.clone())).hi;
            most.or_else(|| (context.hint)(&Dim::sym(name.clone())))
        };
        let value = |var: &Var| if let Var::Sym(name) = var { sizes(name) } else { None };
        let Ok(count) = iterations(&kernel).eval(&value) else { return Ok(kernel) };
        let count = u64::try_from(count).unwrap_or(0);
        if count <= most {
            return Ok(kernel);
        }
        let over = (count / most + 1).next_power_of_two() as i64;
        let steps = over.min(STEPS_MAX);
        if values_in_text(&kernel).saturating_mul(steps) > TEXT_MAX {
            return Ok(kernel);
        }
        let longest = kernel
            .axes
            .iter()
            .filter(|axis| axis.bind == Bind::Serial && axis.parts.is_empty())
            .max_by_key(|axis| axis.extent.eval(&value).unwrap_or(0));
        let Some(name) = longest.map(|axis| axis.name.clone()) else { return Ok(kernel) };
        let tail = if is_walked(&kernel, &name) { Tail::Clamp } else { Tail::Unit };
        let parts = split(&mut kernel, &name, &[("o", None), ("q", Some(steps))], tail)?;
        bind(&mut kernel, &parts[1], Bind::Unroll)?;
    }
    Ok(kernel)
}

/// Whether statements other than folds run along the axis.
fn is_walked(kernel: &Kernel, name: &Name) -> bool {
    let mut walked = false;
    kernel.visit(&mut |stmt| {
        if let Stmt::For { axes, .. } = stmt {
            walked |= axes.contains(name);
        }
    });
    walked
}
