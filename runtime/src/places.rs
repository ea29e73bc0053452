//! Slots that lie in other slots' buffers: comes in a plan with sizes, goes out where each part begins.

use ferrodyne_plan::plan::{Sizes, Slot, SlotPlace, SlotRole};
use ferrodyne_plan::{Dim, Plan};

use crate::RuntimeError;

/// Where a part of a buffer lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The slot that is the buffer.
    pub(crate) whole: usize,
    /// Bytes before it.
    pub(crate) offset: usize,
}

/// Where each slot lies, if it is a part of another's buffer.
///
/// # Errors
/// When a part leaves its buffer, or there is no such buffer.
pub(crate) fn parts(plan: &Plan, sizes: &Sizes) -> Result<Vec<Option<Part>>, RuntimeError> {
    let part = |(index, slot): (usize, &Slot)| {
        slot.place.as_ref().map(|place| part(plan, sizes, index, place)).transpose()
    };
    plan.slots.iter().enumerate().map(part).collect()
}

fn part(plan: &Plan, sizes: &Sizes, index: usize, place: &SlotPlace) -> Result<Part, RuntimeError> {
    let slot = &plan.slots[index];
    let malformed = |message: String| {
        let plan = plan.name.to_string();
        Err(RuntimeError::MalformedPlan { plan, message })
    };
    let whole = plan.slots.get(place.slot.0).filter(|whole| {
        place.slot.0 < index && whole.is_activation() && slot.role == SlotRole::Scratch
    });
    let Some(whole) = whole else {
        return malformed(format!("`{}` lies in no buffer that could hold it", slot.name));
    };
    let value = |dim: &Dim| sizes.eval(dim).map_err(RuntimeError::from);
    let (offset, bytes, room) = (value(&place.offset)?, value(&slot.bytes)?, value(&whole.bytes)?);
    let within = offset.checked_add(bytes).is_some_and(|end| end <= room);
    match usize::try_from(offset) {
        Ok(offset) if within && offset.is_multiple_of(256) => {
            Ok(Part { whole: place.slot.0, offset })
        }
        _ => malformed(format!("`{}` does not lie in `{}` at {offset}", slot.name, whole.name)),
    }
}
