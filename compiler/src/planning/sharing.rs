//! Buffers shared by values that are never alive at once, one value after the other.
//!
//! Comes in: a value with its size and life. Goes out: a slot, taken again where one is free. Sizes are compared as numbers at the hints
//! of their symbols; a slot is as large as the largest of its values whatever the symbols are.

use ferrodyne_plan::plan::{Slot, SlotId, SlotRole};
use ferrodyne_plan::{Dim, Facts, Name, Proof};

use super::Life;

/// A value that needs memory between two steps, both included.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub name: Name,
    pub bytes: Dim,
    pub life: Life,
}

/// What is known of sizes.
pub(super) struct Sizer<'a> {
    pub facts: &'a Facts,
    /// A size as a number, by the hints of its symbols.
    pub estimate: &'a dyn Fn(&Dim) -> f64,
}

impl Sizer<'_> {
    /// A size as a number of bytes.
    pub(super) fn key(&self, bytes: &Dim) -> u64 {
        (self.estimate)(bytes).max(0.0) as u64
    }

    /// A size that holds both.
    pub(super) fn both(&self, a: &Dim, b: &Dim) -> Dim {
        match self.facts.prove_le(b, a) {
            Proof::Yes => a.clone(),
            _ if self.facts.prove_le(a, b) == Proof::Yes => b.clone(),
            _ => a.max(b),
        }
    }
}

/// How well a value goes into a slot; less is better.
fn fit(have: u64, want: u64) -> (bool, u64) {
    (have < want, have.abs_diff(want))
}

/// A slot for one more value: one that is free by then, large enough if there is such, or a new one.
pub(super) fn take(slots: &mut Vec<Slot>, request: Request, sizer: &Sizer<'_>) -> SlotId {
    let Request { name, bytes, life } = request;
    let free = |slot: &Slot| {
        slot.role == SlotRole::Scratch
            && slot.place.is_none()
            && slot.life.is_some_and(|(first, last)| last < life.0 || life.1 < first)
    };
    let want = sizer.key(&bytes);
    let found = (0..slots.len())
        .filter(|&s| free(&slots[s]))
        .min_by_key(|&s| fit(sizer.key(&slots[s].bytes), want));
    let Some(index) = found else {
        slots.push(Slot { name, role: SlotRole::Scratch, bytes, life: Some(life), place: None });
        return SlotId(slots.len() - 1);
    };
    let slot = &mut slots[index];
    slot.bytes = sizer.both(&slot.bytes, &bytes);
    slot.life = slot.life.map(|(first, last)| (first.min(life.0), last.max(life.1)));
    SlotId(index)
}
