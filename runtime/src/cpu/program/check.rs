//! What is known of a plan before its first run: that all it names exists, which slots are handed out, what weights are made of.

use std::collections::BTreeSet;

use ferrodyne_plan::Plan;
use ferrodyne_plan::plan::{SlotId, SlotRole, Step};

use crate::RuntimeError;
use crate::cpu::bind::malformed;

/// Slots of the outputs, then of the write-backs.
pub(super) fn result_slots(plan: &Plan) -> impl Iterator<Item = usize> {
    let outputs = plan.outputs.iter().map(|output| output.slot.0);
    outputs.chain(plan.write_backs.iter().map(|write_back| write_back.slot.0))
}

/// Inputs that the weight program reads.
pub(super) fn weight_inputs(plan: &Plan) -> Vec<usize> {
    let steps = plan.weight_steps.iter().flat_map(Step::all);
    let slots = steps.flat_map(|step| {
        let dispatched = step.dispatches().flat_map(|d| d.slots.iter().copied());
        dispatched.chain(step.moved().0).collect::<Vec<SlotId>>()
    });
    let inputs = slots.filter_map(|slot| match plan.slots.get(slot.0)?.role {
        SlotRole::Input(input) => Some(input),
        _ => None,
    });
    inputs.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Everything that a plan names exists.
pub(super) fn check(plan: &Plan) -> Result<(), RuntimeError> {
    for slot in &plan.slots {
        let exists = match slot.role {
            SlotRole::Input(i) => i < plan.inputs.len(),
            SlotRole::Constant(i) => i < plan.constants.len(),
            SlotRole::Packed | SlotRole::Output(_) | SlotRole::Scratch => true,
        };
        if !exists {
            let text = format!("what slot `{}` holds does not exist", slot.name);
            return Err(malformed(plan, text));
        }
    }
    let steps = plan.steps.iter().chain(&plan.weight_steps).flat_map(Step::all);
    let dispatched = steps.flat_map(|step| {
        let (read, written) = step.moved();
        let bound = step.dispatches().flat_map(|d| d.slots.iter().copied());
        bound.chain(read).chain(written).map(|slot| slot.0).collect::<Vec<usize>>()
    });
    if let Some(slot) = dispatched.chain(result_slots(plan)).find(|&s| s >= plan.slots.len()) {
        return Err(malformed(plan, format!("there is no slot {slot}")));
    }
    if plan.write_backs.iter().any(|w| w.input >= plan.inputs.len()) {
        let text = "a write-back goes to an input that does not exist".to_owned();
        return Err(malformed(plan, text));
    }
    Ok(())
}
