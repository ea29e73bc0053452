//! Slots for values: where the packing of their numbers puts them, written over symbols.
//!
//! Comes in: values with sizes and lives, and results whose buffers stand empty until they are written. Goes out: slots, and which of
//! them each value stands in. The numbers, at the hints of the symbols, say only which value lies above which others; a value begins
//! where those end, whatever the symbols are, so that nothing overlaps at any sizes.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::plan::{Slot, SlotId, SlotPlace, SlotRole};
use ferrodyne_plan::{Dim, Proof};

use super::Life;
use super::packing::{ALIGN, Packing, Piece, Room, Task};
use super::sharing::{Request, Sizer};

/// Atoms of an offset beyond which it is not worth its text.
const ATOMS_MAX: usize = 24;

/// The part of the bytes that must be there to be gained, lest they are not worth the search: one in so many.
const GAIN: u64 = 16;

/// A result's slot, which nothing uses before a step.
pub(super) struct Lent {
    pub(super) slot: SlotId,
    pub(super) bytes: Dim,
    pub(super) until: usize,
}

/// Values that need slots.
pub(super) struct Values<'a> {
    pub(super) requests: &'a [Request],
    /// For each value those that no buffer may hold together with it.
    pub(super) apart: Vec<BTreeSet<usize>>,
    pub(super) lent: &'a [Lent],
    /// Bytes of the largest buffer that may be made of several values.
    pub(super) buffer_bytes_max: u64,
}

/// Slots for values behind `first` others, and the slot of each value, in their order; none unless they take less than `bytes`, by the
/// numbers of their sizes, and what is written over symbols is short and fits a buffer.
pub(super) fn place(
    values: Values<'_>,
    first: usize,
    bytes: u64,
    sizer: &Sizer<'_>,
) -> Option<(Vec<Slot>, Vec<SlotId>)> {
    let Values { requests, apart, lent, buffer_bytes_max } = values;
    let pieces = requests.iter().zip(apart).map(|(request, apart)| Piece {
        bytes: sizer.key(&request.bytes).max(1),
        life: request.life,
        apart: apart.into_iter().collect(),
    });
    let pieces: Vec<Piece> = pieces.collect();
    let rooms: Vec<Room> =
        lent.iter().map(|l| Room { bytes: sizer.key(&l.bytes), until: l.until }).collect();
    let fits = Fits::new(requests, lent, sizer);
    let fits = |piece: usize, room: usize, at: u64| fits.holds(piece, room, at);
    let task = Task { pieces: &pieces, rooms: &rooms, fits: &fits, bytes_max: buffer_bytes_max };
    if task.floor() > bytes - bytes / GAIN {
        return None;
    }
    let packing = task.pack();
    let layout = Layout { requests, lent, first, buffer_bytes_max, sizer };
    (packing.total < bytes).then(|| layout.slots(&packing)).flatten()
}

/// Whether values lie within results' buffers at all sizes. Many values have one size, and each is asked about once.
struct Fits {
    /// For each value, the number of its size.
    sizes: Vec<usize>,
    /// For each number of a size and each result.
    proved: Vec<Vec<bool>>,
    /// Whether all sizes are numbers, so that what fits by them fits.
    numbers: bool,
}

impl Fits {
    fn new(requests: &[Request], lent: &[Lent], sizer: &Sizer<'_>) -> Fits {
        let mut known: BTreeMap<&Dim, usize> = BTreeMap::new();
        let sizes = requests.iter().map(|request| {
            let next = known.len();
            *known.entry(&request.bytes).or_insert(next)
        });
        let sizes: Vec<usize> = sizes.collect();
        let mut proved = vec![Vec::new(); known.len()];
        let mut answers: BTreeMap<(usize, &Dim), bool> = BTreeMap::new();
        for (bytes, &number) in &known {
            for lent in lent {
                let prove = || sizer.facts.prove_le(bytes, &lent.bytes) == Proof::Yes;
                let fits = *answers.entry((number, &lent.bytes)).or_insert_with(prove);
                proved[number].push(fits);
            }
        }
        let numbers = known.keys().all(|bytes| bytes.is_const())
            && lent.iter().all(|lent| lent.bytes.is_const());
        Fits { sizes, proved, numbers }
    }

    fn holds(&self, piece: usize, room: usize, at: u64) -> bool {
        self.numbers || at == 0 && self.proved[self.sizes[piece]][room]
    }
}

struct Layout<'a> {
    requests: &'a [Request],
    lent: &'a [Lent],
    first: usize,
    buffer_bytes_max: u64,
    sizer: &'a Sizer<'a>,
}

impl Layout<'_> {
    /// The slots of a packing; none if an offset has too many atoms, or a buffer could be too large.
    fn slots(&self, packing: &Packing) -> Option<(Vec<Slot>, Vec<SlotId>)> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (value, place) in packing.places.iter().enumerate() {
            members.entry(place.buffer).or_default().push(value);
        }
        let mut slots = Vec::new();
        let mut slot_of = vec![SlotId(0); self.requests.len()];
        for (buffer, mut members) in members {
            members.sort_by_key(|&value| (packing.places[value].at, self.requests[value].life));
            let offsets = self.offsets(packing, &members)?;
            let base = match self.lent.get(buffer) {
                Some(lent) => lent.slot,
                None => {
                    slots.push(self.buffer(&members, &offsets)?);
                    SlotId(self.first + slots.len() - 1)
                }
            };
            let stacked = offsets.iter().any(|offset| !offset.is_zero());
            let mut parts: BTreeMap<&Dim, Vec<usize>> = BTreeMap::new();
            for (&value, offset) in members.iter().zip(&offsets) {
                parts.entry(offset).or_default().push(value);
            }
            for (offset, values) in parts {
                // A value is not bound together with those that lie behind it: a binding may hold less than a buffer.
                let whole = offset.is_zero() && !stacked;
                let slot = match whole {
                    true => base,
                    false => {
                        slots.push(self.part(&values, base, offset));
                        SlotId(self.first + slots.len() - 1)
                    }
                };
                values.into_iter().for_each(|value| slot_of[value] = slot);
            }
        }
        Some((slots, slot_of))
    }

    /// Where each value of a buffer begins: behind all that lie below it and are alive with it.
    fn offsets(&self, packing: &Packing, members: &[usize]) -> Option<Vec<Dim>> {
        let place = |value: usize| packing.places[value].at;
        let numbers = members.iter().all(|&value| self.requests[value].bytes.is_const());
        let mut offsets: Vec<Dim> = Vec::with_capacity(members.len());
        for (m, &value) in members.iter().enumerate() {
            if numbers || place(value) == 0 {
                offsets.push(Dim::constant(place(value) as i64));
                continue;
            }
            let life = self.requests[value].life;
            let below = (0..m).filter(|&o| together(life, self.requests[members[o]].life));
            let ends: BTreeSet<Dim> =
                below.map(|o| aligned(&(&offsets[o] + &self.requests[members[o]].bytes))).collect();
            let offset = self.largest(ends);
            if atoms(&offset) > ATOMS_MAX {
                return None;
            }
            offsets.push(offset);
        }
        Some(offsets)
    }

    /// A size that holds all.
    fn largest(&self, sizes: impl IntoIterator<Item = Dim>) -> Dim {
        let within = |a: &Dim, b: &Dim| self.sizer.facts.prove_le(a, b) == Proof::Yes;
        let mut kept: Vec<Dim> = Vec::new();
        for size in sizes {
            if !kept.iter().any(|known| within(&size, known)) {
                kept.retain(|known| !within(known, &size));
                kept.push(size);
            }
        }
        kept.into_iter().reduce(|a, b| Dim::max(&a, &b)).unwrap_or_default()
    }

    /// The slot of a whole buffer; none if values lie beside each other in it that need more than a buffer at the
    /// upper ends of their symbols; where those have none, a buffer far above the hints is found too large when it is made.
    fn buffer(&self, members: &[usize], offsets: &[Dim]) -> Option<Slot> {
        let ends = members.iter().zip(offsets).map(|(&v, at)| at + &self.requests[v].bytes);
        let bytes = self.largest(ends.collect::<BTreeSet<_>>());
        let most = self.sizer.facts.range_of(&bytes).hi;
        let stacked = offsets.iter().any(|offset| !offset.is_zero());
        if stacked && most.is_some_and(|most| most as u64 > self.buffer_bytes_max) {
            return None;
        }
        Some(self.slot(members, bytes, None))
    }

    /// The slot of the values that begin at one place of a buffer.
    fn part(&self, values: &[usize], base: SlotId, offset: &Dim) -> Slot {
        let sizes: BTreeSet<Dim> = values.iter().map(|&v| self.requests[v].bytes.clone()).collect();
        let place = SlotPlace { slot: base, offset: offset.clone() };
        self.slot(values, self.largest(sizes), Some(place))
    }

    fn slot(&self, values: &[usize], bytes: Dim, place: Option<SlotPlace>) -> Slot {
        let lives = values.iter().map(|&value| self.requests[value].life);
        let first = lives.clone().map(|(first, _)| first).min();
        let last = lives.map(|(_, last)| last).max();
        let name = self.requests[values[0]].name.clone();
        Slot { name, role: SlotRole::Scratch, bytes, life: first.zip(last), place }
    }
}

fn together(a: Life, b: Life) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

/// Rounded up to where a value may begin.
fn aligned(bytes: &Dim) -> Dim {
    let align = Dim::constant(ALIGN as i64);
    bytes.ceil_div(&align) * &align
}

/// Atoms of an expression, those inside of others too, counted no further than is worth it.
fn atoms(dim: &Dim) -> usize {
    let mut count = 0;
    let mut open = vec![dim.clone()];
    while let Some(dim) = open.pop() {
        for atom in dim.terms().iter().flat_map(|term| &term.atoms) {
            count += 1;
            if count > ATOMS_MAX {
                return count;
            }
            open.extend(atom.arguments().into_iter().flat_map(|(a, b)| [a.clone(), b.clone()]));
        }
    }
    count
}
