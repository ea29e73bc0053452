//! Variants for sizes at which a loop would run longer than the driver lets it.
//!
//! In: a kernel as lowered and what rules decide by. Out: its schedule for the sizes at hand, and before it one for sizes at which
//! that one's iterations are too many. Promise: a driver that ends long loops in silence is not asked for one below the least of
//! [`LARGE`] points, and below the first of them where the text stays short.

use ferrodyne_plan::loops::{Kernel, iterations};
use ferrodyne_plan::plan::Condition;
use ferrodyne_plan::{Dim, Name, Target, Var};

use super::ScheduledVariant;
use super::rules::{self, Context};
use super::steps::Refusal;
use super::text::values_in_text;

/// Points that the open axes of a long reduction are taken to have together: the most whose steps make a short text, or the least.
const LARGE: [u32; 4] = [1 << 26, 1 << 24, 1 << 22, 1 << 20];
/// Values that a short text has.
const SHORT: i64 = 400;

/// The schedules of a kernel for its hinted sizes and for all others.
pub(super) fn for_all_sizes(
    kernel: &Kernel,
    context: &Context<'_>,
    is_number: &dyn Fn(&Name) -> bool,
) -> Result<Vec<ScheduledVariant>, Refusal> {
    let at_hand = rules::scheduled(kernel, context)?;
    let Some((count, most)) = too_many(&at_hand, context) else { return Ok(vec![at_hand]) };
    let mut symbols = count.vars();
    symbols.retain(|var| matches!(var, Var::Sym(name) if !is_number(name)));
    if symbols.is_empty() {
        return Ok(vec![at_hand]);
    }
    let value = |var: &Var, each: i64| match symbols.contains(var) {
        true => Some(kernel.facts.range(var).hi.map_or(each, |hi| hi.min(each))),
        false => (context.hint)(&Dim::var(var.clone())),
    };
    let at = |points: u32| {
        let mut each = f64::from(points).powf(1.0 / symbols.len() as f64).ceil() as i64;
        // A size may count more than once.
        let points = i64::from(points);
        while each > 1 && count.eval(&|var| value(var, each)).is_ok_and(|count| count > points) {
            each /= 2;
        }
        let hint = |dim: &Dim| dim.eval(&|var| value(var, each)).ok();
        rules::scheduled(kernel, &Context { hint: &hint, ..*context })
    };
    let [most_points, fewer @ ..] = LARGE;
    let mut beyond = at(most_points)?;
    for points in fewer {
        if beyond.kernels.iter().all(|kernel| values_in_text(kernel) <= SHORT) {
            break;
        }
        beyond = at(points)?;
    }
    if beyond.kernels == at_hand.kernels {
        return Ok(vec![at_hand]);
    }
    beyond.needs.push(Condition::AtLeast(count, most + 1));
    Ok(vec![beyond, at_hand])
}

/// The iterations of the longest kernel of a schedule and how many the driver runs, where it is not proved that it runs them.
fn too_many(variant: &ScheduledVariant, context: &Context<'_>) -> Option<(Dim, i64)> {
    let most = i64::try_from(context.target.iterations_max?).ok()?;
    let counts =
        variant.kernels.iter().filter_map(|kernel| unbounded_iterations(kernel, context.target));
    Some((counts.reduce(|a, b| Dim::max(&a, &b))?, most))
}

/// The loop iterations of an invocation as an expression over sizes, where the target bounds them and it is not proved that they are
/// no more than that.
pub(crate) fn unbounded_iterations(kernel: &Kernel, target: &Target) -> Option<Dim> {
    let most = i64::try_from(target.iterations_max?).ok()?;
    let count = kernel.facts.simplify(&iterations(kernel));
    let fits = kernel.facts.prove_lt(&count, &Dim::constant(most + 1)).is_yes();
    let known_at_dispatch = count.vars().iter().all(|var| matches!(var, Var::Sym(_)));
    (!fits && known_at_dispatch).then_some(count)
}
