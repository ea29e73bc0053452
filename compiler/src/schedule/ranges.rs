//! Buffers that are too large for one binding of the target, bound in several ranges.
//!
//! In: scheduled kernels. Out: the same, each parameter with the number of ranges that its bytes take at the sizes at hand. Promise: a
//! kernel binds no more ranges than the target allows; where it would have to, the largest buffers stay whole, and the dispatch says
//! which is too large.

use ferrodyne_plan::loops::{Kernel, Param};
use ferrodyne_plan::{Dim, Target};

use super::ScheduledVariant;

/// Gives the parameters of kernels the ranges that they need.
pub(super) fn bind(
    variants: &mut [ScheduledVariant],
    target: &Target,
    hint: &dyn Fn(&Dim) -> Option<i64>,
) {
    for kernel in variants.iter_mut().flat_map(|variant| &mut variant.kernels) {
        let counts = kernel.params.iter().map(|param| count(kernel, param, target, hint));
        let mut counts: Vec<(u32, usize)> = counts.zip(0..).collect();
        counts.sort_unstable();
        let mut left = target.storage_buffers_max.saturating_sub(counts.len() as u32);
        for (count, param) in counts {
            if count - 1 <= left {
                left -= count - 1;
                kernel.params[param].ranges = count;
            }
        }
    }
}

/// Ranges of a parameter: one where it is proved to fit, and as many as hold its bytes at the sizes at hand elsewhere.
fn count(
    kernel: &Kernel,
    param: &Param,
    target: &Target,
    hint: &dyn Fn(&Dim) -> Option<i64>,
) -> u32 {
    let bytes = param.dtype.tensor_bytes(&param.dims);
    let ranges = |bytes: i64| target.ranges(u64::try_from(bytes).unwrap_or(0));
    match kernel.facts.range_of(&bytes).hi.map(ranges) {
        Some(1) => 1,
        _ => bytes.as_const().or_else(|| hint(&bytes)).map_or(1, ranges),
    }
}
