//! Variants for sizes that vectors divide.
//!
//! In: a kernel as lowered. Out: the same kernel under the assumption that the sizes along its rows are multiples of a vector's
//! width, and what must hold for it. Promise: nothing is assumed of a size that is a number, or that nobody runs along.

use ferrodyne_plan::loops::{Kernel, Role, Stmt};
use ferrodyne_plan::plan::Condition;
use ferrodyne_plan::{Dim, Name, Var};

use super::ScheduledVariant;

/// Components of a vector.
const WIDTH: i64 = 4;

/// The kernel with its symbolic row sizes taken to be multiples of a vector's width; `None` for a kernel without folds, whose
/// vectors may run over the padding, and where no such size is a symbol.
pub(super) fn assumed(
    kernel: &Kernel,
    is_number: &dyn Fn(&Name) -> bool,
) -> Option<(Kernel, Vec<Condition>)> {
    if !has_fold(kernel) {
        return None;
    }
    let read = kernel.params.iter().filter(|param| param.role == Role::In);
    let rows = read.filter_map(|param| param.dims.last()).filter(|size| {
        let is_open = matches!(size.as_var(), Some(Var::Sym(name)) if !is_number(name));
        is_open && !kernel.facts.prove_multiple(size, WIDTH).is_yes()
    });
    let mut sizes: Vec<Dim> = rows.cloned().collect();
    sizes.sort();
    sizes.dedup();
    if sizes.is_empty() {
        return None;
    }
    let mut tuned = kernel.clone();
    for size in &sizes {
        tuned.facts.assume_multiple(size.clone(), WIDTH);
    }
    Some((tuned, sizes.into_iter().map(|size| Condition::Multiple(size, WIDTH)).collect()))
}

fn has_fold(kernel: &Kernel) -> bool {
    let mut found = false;
    kernel.visit(&mut |statement| found |= matches!(statement, Stmt::Fold { .. }));
    found
}

/// Whether two lists of schedules of one kernel run the same loops, whatever is known of the sizes.
pub(super) fn same_loops(a: &[ScheduledVariant], b: &[ScheduledVariant]) -> bool {
    let loops = |all: &[ScheduledVariant]| -> Vec<Kernel> {
        all.iter().flat_map(|variant| &variant.kernels).cloned().collect()
    };
    let (a, b) = (loops(a), loops(b));
    let same = |(a, b): (&Kernel, &Kernel)| a.axes == b.axes && a.body == b.body;
    a.len() == b.len() && a.iter().zip(&b).all(same)
}
