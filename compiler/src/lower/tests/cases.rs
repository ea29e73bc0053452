//! Every operator, on all its examples.

use ferrodyne_plan::Name;

use super::engine::Engine;
use crate::ops::{self, OpClass};

#[test]
fn every_operator_computes_its_examples() {
    let mut faults = Vec::new();
    for op in ops::all().filter(|op| op.class != OpClass::Control && op.name != "input") {
        for (k, case) in (op.cases)().iter().enumerate() {
            let graph =
                case.graph(op.name).unwrap_or_else(|e| panic!("{} example {k}: {e}", op.name));
            let sizes = case.sizes.iter().map(|(name, n)| (Name::from(*name), *n)).collect();
            let run = move || {
                drop(
                    Engine::new(graph, sizes)
                        .check(&case.inputs(k as u64 + 1), case.tolerance.max(1e-6)),
                )
            };
            if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                faults.push(format!("{} example {k}: {text}", op.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
