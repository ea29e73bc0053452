//! The steps of a schedule: rewrites of loops that keep their meaning.
//!
//! Each step takes a kernel and gives it another form, or refuses and says which rule stands against it. A step notes
//! itself in the kernel, so that a schedule can be read from its result.

mod bind;
mod fuse;
mod hold;
mod online;
mod order;
mod part;
mod split;
mod stage;
mod tile;

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Kernel, Stmt};

pub use bind::bind;
pub use fuse::fuse;
pub use hold::hold;
pub use online::online;
pub use order::order;
pub(super) use part::keep_used;
pub use part::{Parted, part};
pub use split::{Part, split};
pub use stage::stage;
pub use tile::tile;

/// Why a step may not be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{step} {axis}: {reason}")]
pub struct Refusal {
    /// The step.
    pub step: &'static str,
    /// The axis or value it was to work on.
    pub axis: Name,
    /// The rule that stands against it.
    pub reason: String,
}

pub(super) fn refuse<T>(
    step: &'static str,
    axis: &Name,
    reason: impl Into<String>,
) -> Result<T, Refusal> {
    Err(Refusal { step, axis: axis.clone(), reason: reason.into() })
}

/// All lists of axes of a statement.
pub(super) fn axis_lists(stmt: &mut Stmt) -> Vec<&mut Vec<Name>> {
    match stmt {
        Stmt::For { axes, .. } => vec![axes],
        Stmt::Let { over, .. } | Stmt::Store { over, .. } => vec![over],
        Stmt::Fold { over, red, order, .. } => vec![over, red, order],
        Stmt::Online { .. } => Vec::new(),
    }
}

/// Changes every list of axes.
pub(super) fn map_axis_lists(kernel: &mut Kernel, map: &mut dyn FnMut(&mut Vec<Name>)) {
    for stmt in &mut kernel.body {
        stmt.visit_mut(&mut |stmt| axis_lists(stmt).into_iter().for_each(&mut *map));
    }
}

/// A name that the kernel does not use yet.
pub(super) fn fresh(kernel: &Kernel, wanted: &str) -> Name {
    let taken = kernel.names();
    let mut name = Name::from(wanted);
    let mut number = 1;
    while taken.contains(&name) {
        name = Name::from(format!("{wanted}{number}"));
        number += 1;
    }
    name
}
