//! Several nests of loops: a kernel each, in order, since they share no value and each may want another grid.

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Kernel, Stmt};

use super::{Context, scheduled};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, keep_used};

/// Nothing but nests of loops, more than one.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let nests = kernel.body.iter().filter(|stmt| matches!(stmt, Stmt::For { .. })).count();
    if nests < 2 || nests < kernel.body.len() {
        return Ok(None);
    }
    let mut all = ScheduledVariant { needs: Vec::new(), kernels: Vec::new(), scratch: Vec::new() };
    for (at, stmt) in kernel.body.iter().enumerate() {
        let mut own = kernel.clone();
        own.body = vec![stmt.clone()];
        own.name = Name::from(format!("{}_{at}", kernel.name));
        keep_used(&mut own);
        let part = scheduled(&own, context)?;
        all.kernels.extend(part.kernels);
        all.scratch.extend(part.scratch);
    }
    Ok(Some(all))
}
