//! `order a b c`: how the folds of the kernel walk their tile and their reduced axes, and how stores walk the same axes.

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Kernel, Stmt};

use super::{Refusal, refuse};

/// Orders every fold and every store whose axes are these. Reduced axes change places only where the fold allows it.
pub fn order(kernel: &mut Kernel, walk: &[Name]) -> Result<(), Refusal> {
    let mut found = false;
    let mut refusal = None;
    for stmt in &mut kernel.body {
        stmt.visit_mut(&mut |stmt| {
            if let Stmt::Store { over, merge: None, .. } = stmt
                && walk.len() == over.len()
                && over.iter().all(|axis| walk.contains(axis))
            {
                // Every element is written once: which of them first is the same.
                *over = walk.to_vec();
            }
            let Stmt::Fold { over, red, order, kind, .. } = stmt else { return };
            let all = || over.iter().chain(red.iter());
            if walk.len() != all().count() || !all().all(|axis| walk.contains(axis)) {
                return;
            }
            let reduced: Vec<&Name> = walk.iter().filter(|axis| red.contains(axis)).collect();
            let moved = reduced.into_iter().ne(red.iter());
            let laws = kind.row().laws;
            if moved && !(laws.associative && laws.commutative) {
                refusal = Some("the fold's terms must not change places");
            }
            *order = walk.to_vec();
            found = true;
        });
    }
    match (refusal, found, walk.first()) {
        (Some(reason), _, Some(first)) => refuse("order", first, reason),
        (None, true, _) => {
            let names: Vec<&str> = walk.iter().map(Name::as_str).collect();
            kernel.notes.push(format!("order {}", names.join(" ")));
            Ok(())
        }
        _ => refuse("order", &kernel.name.clone(), "no fold has these axes"),
    }
}
