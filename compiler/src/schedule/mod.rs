//! Schedules: which axis runs where, chosen by rules from the shape of the loops and the target.
//!
//! In: a kernel as lowered, a target, hints for symbols. Out: variants of scheduled kernels, the last of which needs
//! nothing. Promise: every legal kernel gets a schedule, and each schedule computes what the kernel says.

pub mod rules;
pub mod steps;
mod table;

use ferrodyne_plan::loops::{Kernel, Param};
use ferrodyne_plan::plan::Condition;
use ferrodyne_plan::{Dim, Name, Target};

pub use steps::Refusal;

/// What the caller may ask of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleOptions {
    /// Whether a reduction may be split over workgroups into two kernels.
    pub split_reductions: bool,
    /// Whether variants for divisible sizes may be added.
    pub variants: bool,
}

impl Default for ScheduleOptions {
    fn default() -> ScheduleOptions {
        ScheduleOptions { split_reductions: true, variants: true }
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
    let context = rules::Context { target, options, hint };
    let variant = rules::scheduled(kernel, &context)
        .map_err(|refusal| ScheduleFault::Refused { kernel: kernel.name.clone(), refusal })?;
    Ok(vec![variant])
}
