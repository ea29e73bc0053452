//! Schedules: which axis runs where, chosen by rules from the shape of the loops and the target.
//!
//! In: a kernel as lowered, a target, hints for symbols. Out: variants of scheduled kernels, the last of which needs
//! nothing. Promise: every legal kernel gets a schedule, and each schedule computes what the kernel says.

mod divisible;
mod large;
mod ranges;
pub mod rules;
pub mod steps;
mod table;
mod text;

use ferrodyne_plan::loops::{Kernel, Param};
use ferrodyne_plan::plan::Condition;
use ferrodyne_plan::{Dim, Name, Target, Var};

pub(crate) use large::unbounded_iterations;
pub use steps::Refusal;
pub(crate) use table::panel;

/// What the caller may ask of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleOptions {
    /// Whether a reduction may be split over workgroups into two kernels.
    pub split_reductions: bool,
    /// Whether variants for divisible sizes may be added.
    pub variants: bool,
    /// Whether kernels that differ in sizes alone may be one kernel, on targets that gain by it.
    pub shared_sizes: bool,
    /// Which of a rule's alternatives is taken; 0 is what the rule would take by itself. A number beyond them is 0.
    pub pick: usize,
    /// Whether elements smaller than a word are first written as words and then packed, whatever else a rule would do.
    pub words_first: bool,
}

impl Default for ScheduleOptions {
    fn default() -> ScheduleOptions {
        ScheduleOptions {
            split_reductions: true,
            variants: true,
            shared_sizes: true,
            pick: 0,
            words_first: false,
        }
    }
}

/// A way to run a kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduledVariant {
    /// What must hold.
    pub needs: Vec<Condition>,
    /// The kernels, in order.
    pub kernels: Vec<Kernel>,
    /// Buffers that the kernels hand on, beside the parameters of the original: written by one, read by a later one.
    pub scratch: Vec<Param>,
}

/// A kernel without a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleFault {
    /// The last rule refused: the kernel is not legal.
    #[error("`{kernel}`: no schedule: {refusal}")]
    Refused {
        /// The kernel.
        kernel: Name,
        /// Why.
        refusal: Refusal,
    },
}

/// Schedules a kernel. `hint` gives the value that a size had in the call at hand.
pub fn schedule(
    kernel: &Kernel,
    target: &Target,
    options: &ScheduleOptions,
    hint: &dyn Fn(&Dim) -> Option<i64>,
) -> Result<Vec<ScheduledVariant>, ScheduleFault> {
    schedule_opened(kernel, target, options, hint, &|_| false)
}

/// Schedules a kernel some of whose symbols stand for numbers: `hint` gives those, and variants are made for others alone: one
/// for sizes that vectors divide, and one for a single row.
pub fn schedule_opened(
    kernel: &Kernel,
    target: &Target,
    options: &ScheduleOptions,
    hint: &dyn Fn(&Dim) -> Option<i64>,
    is_number: &dyn Fn(&Name) -> bool,
) -> Result<Vec<ScheduledVariant>, ScheduleFault> {
    let mut variants = by_divisibility(kernel, target, options, hint, is_number)?;
    ranges::bind(&mut variants, target, hint);
    Ok(variants)
}

/// Schedules a kernel for sizes that vectors divide and for all others.
fn by_divisibility(
    kernel: &Kernel,
    target: &Target,
    options: &ScheduleOptions,
    hint: &dyn Fn(&Dim) -> Option<i64>,
    is_number: &dyn Fn(&Name) -> bool,
) -> Result<Vec<ScheduledVariant>, ScheduleFault> {
    let general = by_rows(kernel, target, options, hint, is_number)?;
    let assumed = divisible::assumed(kernel, is_number)
        .filter(|_| options.variants && !takes_attention(kernel, target));
    let Some((kernel, needs)) = assumed else { return Ok(general) };
    let mut variants = by_rows(&kernel, target, options, hint, is_number)?;
    if divisible::same_loops(&variants, &general) {
        return Ok(general);
    }
    variants.iter_mut().for_each(|variant| variant.needs.extend(needs.iter().cloned()));
    variants.extend(general);
    Ok(variants)
}

/// Schedules a kernel for many rows and for few, where their number is a symbol.
fn by_rows(
    kernel: &Kernel,
    target: &Target,
    options: &ScheduleOptions,
    hint: &dyn Fn(&Dim) -> Option<i64>,
    is_number: &dyn Fn(&Name) -> bool,
) -> Result<Vec<ScheduledVariant>, ScheduleFault> {
    let fault = |refusal| ScheduleFault::Refused { kernel: kernel.name.clone(), refusal };
    let by = |hint: &dyn Fn(&Dim) -> Option<i64>| {
        large::for_all_sizes(kernel, &rules::Context { target, options, hint }, is_number)
            .map_err(fault)
    };
    let Some(rows) = rules::open_rows(kernel).filter(|_| options.variants) else {
        return by(hint);
    };
    // One row wants other loops than many, and a symbolic number of rows may be either.
    let mut symbols = rows.vars();
    symbols.retain(|var| !is_number(var.name()));
    if symbols.is_empty() {
        return by(hint);
    }
    let at = |count: i64| {
        let symbols = &symbols;
        move |dim: &Dim| {
            let value = |var: &Var| match symbols.contains(var) {
                true => Some(count),
                false => hint(&Dim::var(var.clone())),
            };
            dim.eval(&value).ok()
        }
    };
    let (mut many, few) = (by(&at(MANY_ROWS))?, by(&at(1))?);
    if many == few {
        return Ok(few);
    }
    for variant in &mut many {
        variant.needs.push(Condition::AtLeast(rows.clone(), ROWS_MIN));
    }
    many.extend(few);
    Ok(many)
}

/// Whether a kernel of an attention has a schedule in one pass over its keys on the target; there is no other that is any good.
pub fn takes_attention(kernel: &Kernel, target: &Target) -> bool {
    let options = &ScheduleOptions::default();
    rules::takes_attention(kernel, &rules::Context { target, options, hint: &|_| None })
}

/// Whether a contraction with what reduces its rows has a schedule whose tile holds them; there is no other that is any good.
pub fn takes_rows(kernel: &Kernel, target: &Target) -> bool {
    let options = &ScheduleOptions::default();
    rules::takes_rows(kernel, &rules::Context { target, options, hint: &|_| None })
}

/// Axes whose sizes a kernel may take from the uniform block without loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The axes.
    pub axes: Vec<Name>,
    /// Those of them along which vectors lie: what divides their sizes matters.
    pub vectors: Vec<Name>,
}

/// The axes of a kernel whose sizes may be open, where the target gains by sharing kernels: all but the taps of a
/// contraction, and all of a copy of weights, which runs once.
pub fn opening(
    kernel: &Kernel,
    weights_only: bool,
    target: &Target,
    options: &ScheduleOptions,
) -> Option<Opening> {
    if !options.shared_sizes || !table::shares_sizes(target) {
        return None;
    }
    let context = rules::Context { target, options, hint: &|_| None };
    rules::open_contraction(kernel, &context).or_else(|| {
        let copy = rules::is_copy(kernel).filter(|_| weights_only)?;
        Some(Opening { vectors: copy.clone(), axes: copy })
    })
}

/// Rows from which on a contraction is scheduled for many.
const ROWS_MIN: i64 = 8;

/// The size that stands for many rows.
const MANY_ROWS: i64 = 64;
