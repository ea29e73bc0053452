//! Buffers shared by values that are never alive at once.
//!
//! Comes in: values with sizes and lives. Goes out: slots, and which of them each value stands in. Sizes are compared as numbers at the
//! hints of their symbols; a slot is as large as the largest of its values whatever the symbols are.

use std::cmp::Reverse;

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

/// A slot with the lives of its values, which do not overlap, in their order.
#[derive(Default)]
struct Shared {
    name: Name,
    /// Sizes of which none is known to hold another; the slot holds all.
    sizes: Vec<Dim>,
    estimate: u64,
    lives: Vec<Life>,
}

impl Shared {
    fn is_free(&self, life: Life) -> bool {
        self.lives[..self.until(life)].last().is_none_or(|&(_, end)| end < life.0)
    }

    /// How many of its values are there when a life ends, the usual case, in which all are, first.
    fn until(&self, (_, last): Life) -> usize {
        match self.lives.last() {
            Some(&(first, _)) if first > last => self.lives.partition_point(|l| l.0 <= last),
            _ => self.lives.len(),
        }
    }

    fn add(&mut self, request: &Request, estimate: u64, facts: &Facts) {
        self.lives.insert(self.until(request.life), request.life);
        self.estimate = self.estimate.max(estimate);
        let within = |a: &Dim, b: &Dim| facts.prove_le(a, b) == Proof::Yes;
        if !self.sizes.iter().any(|size| within(&request.bytes, size)) {
            self.sizes.retain(|size| !within(size, &request.bytes));
            self.sizes.push(request.bytes.clone());
        }
    }

    fn slot(self) -> Slot {
        let bytes = self.sizes.into_iter().reduce(|a, b| Dim::max(&a, &b)).unwrap_or_default();
        let life = self.lives.first().zip(self.lives.last()).map(|(a, b)| (a.0, b.1));
        Slot { name: self.name, role: SlotRole::Scratch, bytes, life, place: None }
    }
}

/// Slots for values, and the number of the slot of each, in their order: the smaller of two arrangements. In one the largest value
/// chooses first ("greedy by size" of Pisarchyk and Lee, *Efficient Memory Management for Deep Neural Net Inference*, 2020), in the
/// other the earliest.
pub(super) fn share(requests: &[Request], sizer: &Sizer<'_>) -> (Vec<Slot>, Vec<usize>) {
    let sizes: Vec<u64> = requests.iter().map(|request| sizer.key(&request.bytes)).collect();
    let mut order: Vec<usize> = (0..requests.len()).collect();
    order.sort_by_key(|&r| requests[r].life.0);
    let in_time = arranged(requests, &sizes, &order, sizer.facts);
    order.sort_by_key(|&r| Reverse(sizes[r]));
    let by_size = arranged(requests, &sizes, &order, sizer.facts);
    let total = |shared: &[Shared]| shared.iter().map(|known| known.estimate).sum::<u64>();
    let (shared, slot_of) = match total(&in_time.0) < total(&by_size.0) {
        true => in_time,
        false => by_size,
    };
    (shared.into_iter().map(Shared::slot).collect(), slot_of)
}

/// Gives each value in an order the smallest slot that is free all its life and large enough, else the largest, else a new one.
fn arranged(
    requests: &[Request],
    sizes: &[u64],
    order: &[usize],
    facts: &Facts,
) -> (Vec<Shared>, Vec<usize>) {
    let mut shared: Vec<Shared> = Vec::new();
    let mut slot_of = vec![0; requests.len()];
    for &r in order {
        let free = (0..shared.len()).filter(|&s| shared[s].is_free(requests[r].life));
        slot_of[r] = free.min_by_key(|&s| fit(shared[s].estimate, sizes[r])).unwrap_or_else(|| {
            shared.push(Shared { name: requests[r].name.clone(), ..Shared::default() });
            shared.len() - 1
        });
        shared[slot_of[r]].add(&requests[r], sizes[r], facts);
    }
    (shared, slot_of)
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
