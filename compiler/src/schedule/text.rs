//! How long the text of a scheduled kernel is.

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Bind, Kernel, Stmt};

/// Values that are computed in the text: those of loops that are written out as often as they have steps.
pub(super) fn values_in_text(kernel: &Kernel) -> i64 {
    of_body(kernel, &kernel.body, 1)
}

fn of_body(kernel: &Kernel, body: &[Stmt], copies: i64) -> i64 {
    body.iter().fold(0, |sum, stmt| sum.saturating_add(of_stmt(kernel, stmt, copies)))
}

fn of_stmt(kernel: &Kernel, stmt: &Stmt, copies: i64) -> i64 {
    let within = |axes: &[Name]| copies.saturating_mul(steps(kernel, axes));
    let (copies, inner): (i64, &[Stmt]) = match stmt {
        Stmt::For { axes, body } => (within(axes), body),
        Stmt::Let { over, .. } | Stmt::Store { over, .. } => (within(over), &[]),
        Stmt::Fold { over, red, inner, .. } => (within(&[over.as_slice(), red].concat()), inner),
        Stmt::Online { axis, body, .. } => (within(std::slice::from_ref(axis)), body),
    };
    let mut values = 0;
    stmt.vals().iter().for_each(|val| val.visit(&mut |_| values += 1));
    copies.saturating_mul(values).saturating_add(of_body(kernel, inner, copies))
}

/// Steps of the loops along axes that are written out.
fn steps(kernel: &Kernel, axes: &[Name]) -> i64 {
    let leaves = axes.iter().flat_map(|axis| kernel.leaves(axis));
    let written =
        leaves.filter_map(|leaf| kernel.axis(&leaf).filter(|axis| axis.bind == Bind::Unroll));
    written.filter_map(|axis| axis.extent.as_const()).fold(1, i64::saturating_mul)
}
