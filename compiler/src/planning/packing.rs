//! Where values lie in buffers, by the numbers of their sizes.
//!
//! Comes in: pieces with sizes and lives, which of them no buffer may hold both, and buffers that are there anyway. Goes out: the buffer
//! of each piece and where in it, so that no two that are alive at once overlap. Time goes one way and bytes the other: it is packing in
//! a plane, done greedily ("greedy by size" of Pisarchyk and Lee, *Efficient Memory Management for Deep Neural Net Inference*, 2020),
//! then again with the pieces that made it larger put earlier.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Life;

/// Where a value may begin in a buffer: what every device can bind.
pub(super) const ALIGN: u64 = 256;

/// Steps that one list of pieces stands for.
const BLOCK: usize = 16;

/// Pieces placed in all attempts together, about.
const EFFORT: usize = 10_000;

/// Attempts at most.
const ATTEMPTS_MAX: usize = 48;

/// A value to be placed.
pub(super) struct Piece {
    pub(super) bytes: u64,
    pub(super) life: Life,
    /// Pieces that no buffer may hold together with this one.
    pub(super) apart: Vec<usize>,
}

/// A buffer that is there anyway and is not used before a step.
pub(super) struct Room {
    pub(super) bytes: u64,
    pub(super) until: usize,
}

/// The buffer of a piece and where it begins there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) buffer: usize,
    pub(super) at: u64,
}

/// A place for every piece. Rooms are the first buffers.
pub(super) struct Packing {
    pub(super) places: Vec<Place>,
    /// Bytes of the buffers that are no rooms.
    pub(super) total: u64,
    /// The last piece that made a buffer larger, by its place in the order.
    last_grown: usize,
}

/// What is to be packed.
pub(super) struct Task<'a> {
    pub(super) pieces: &'a [Piece],
    pub(super) rooms: &'a [Room],
    /// Whether a piece may lie in a room at an offset, whatever the symbols are.
    pub(super) fits: &'a dyn Fn(usize, usize, u64) -> bool,
    /// Bytes up to which pieces that are alive at once may lie beside each other in a buffer.
    pub(super) bytes_max: u64,
}

impl Task<'_> {
    /// The smallest packing found: where the largest piece chooses first, and then those that made it larger earlier.
    pub(super) fn pack(&self) -> Packing {
        let mut order: Vec<usize> = (0..self.pieces.len()).collect();
        order.sort_by_key(|&piece| Reverse(self.pieces[piece].bytes));
        let floor = self.floor();
        let mut best = self.in_order(&order);
        let mut grown = best.last_grown;
        for _ in 0..(EFFORT / self.pieces.len().max(1)).min(ATTEMPTS_MAX) {
            if grown == 0 || best.total <= floor {
                break;
            }
            order[grown / 2..=grown].rotate_right(1);
            let packing = self.in_order(&order);
            grown = packing.last_grown;
            if packing.total < best.total {
                best = packing;
            }
        }
        best
    }

    /// Bytes below which no packing can come: those alive at once that the rooms cannot hold.
    pub(super) fn floor(&self) -> u64 {
        let mut changes: BTreeMap<usize, i64> = BTreeMap::new();
        for piece in self.pieces {
            *changes.entry(piece.life.0).or_default() += piece.bytes as i64;
            *changes.entry(piece.life.1 + 1).or_default() -= piece.bytes as i64;
        }
        let alive = changes.values().scan(0i64, |alive, change| {
            *alive += change;
            Some(*alive)
        });
        let most = alive.max().unwrap_or(0).max(0) as u64;
        most.saturating_sub(self.rooms.iter().map(|room| room.bytes).sum())
    }

    fn in_order(&self, order: &[usize]) -> Packing {
        let steps = self.pieces.iter().map(|piece| piece.life.1 + 1).max().unwrap_or(0);
        let mut packer = Packer {
            task: self,
            places: vec![None; self.pieces.len()],
            sizes: self.rooms.iter().map(|room| room.bytes).collect(),
            blocks: vec![Vec::new(); steps.div_ceil(BLOCK)],
        };
        let mut last_grown = 0;
        for (position, &piece) in order.iter().enumerate() {
            if packer.place(piece) {
                last_grown = position;
            }
        }
        let total = packer.sizes[self.rooms.len()..].iter().sum();
        // Every piece stands in the order once, and is placed then.
        let places = packer.places.into_iter().flatten().collect();
        Packing { places, total, last_grown }
    }
}

/// Pieces placed so far.
struct Packer<'a> {
    task: &'a Task<'a>,
    places: Vec<Option<Place>>,
    /// Bytes of the buffers.
    sizes: Vec<u64>,
    /// Pieces that are alive in each block of steps.
    blocks: Vec<Vec<usize>>,
}

/// A place that a piece could take: how many bytes the buffer grows by, and how many lie idle beside it. Less is better.
type Offer = (u64, u64, usize, u64);

impl Packer<'_> {
    /// Places a piece where it costs least; says whether a buffer has grown.
    fn place(&mut self, piece: usize) -> bool {
        let Piece { bytes, life, apart } = &self.task.pieces[piece];
        let refused: BTreeSet<usize> =
            apart.iter().filter_map(|&other| Some(self.places[other]?.buffer)).collect();
        let mut taken = self.alive(*life);
        let offers = (0..self.sizes.len()).filter(|buffer| !refused.contains(buffer));
        let offers = offers.filter_map(|buffer| {
            let taken = taken.remove(&buffer).unwrap_or_default();
            self.offer(piece, buffer, taken)
        });
        let (grows, buffer, at) = match offers.min() {
            Some((grows, _, buffer, at)) if grows < *bytes => (grows, buffer, at),
            _ => {
                self.sizes.push(0);
                (*bytes, self.sizes.len() - 1, 0)
            }
        };
        self.places[piece] = Some(Place { buffer, at });
        self.sizes[buffer] = self.sizes[buffer].max(at + bytes);
        for block in &mut self.blocks[life.0 / BLOCK..=life.1 / BLOCK] {
            block.push(piece);
        }
        grows > 0
    }

    /// Ranges taken by what is alive between two steps, by buffer.
    fn alive(&self, (first, last): Life) -> BTreeMap<usize, Vec<(u64, u64)>> {
        let mut taken: BTreeMap<usize, Vec<(u64, u64)>> = BTreeMap::new();
        for block in first / BLOCK..=last / BLOCK {
            for &other in &self.blocks[block] {
                let Piece { bytes, life, .. } = &self.task.pieces[other];
                // A piece stands in many blocks and is seen in the first that both have.
                let seen = block == (first / BLOCK).max(life.0 / BLOCK);
                if let Some(place) = self.places[other]
                    && seen
                    && life.0 <= last
                    && first <= life.1
                {
                    taken.entry(place.buffer).or_default().push((place.at, place.at + bytes));
                }
            }
        }
        taken
    }

    /// The best place for a piece in a buffer of which ranges are taken.
    fn offer(&self, piece: usize, buffer: usize, mut taken: Vec<(u64, u64)>) -> Option<Offer> {
        let Piece { bytes, life, .. } = &self.task.pieces[piece];
        let room = self.task.rooms.get(buffer);
        let closed = room.is_some_and(|room| life.1 >= room.until);
        if closed {
            return None;
        }
        let alone = taken.is_empty();
        taken.sort_unstable();
        let mut best: Option<Offer> = None;
        let mut start = 0;
        let size = self.sizes[buffer];
        for (from, to) in taken.into_iter().chain([(u64::MAX, u64::MAX)]) {
            let end = start + bytes;
            let grows = end.saturating_sub(size);
            let held = alone || end.max(size) <= self.task.bytes_max;
            if held && end <= from && (room.is_none() || grows == 0) {
                let idle = from.min(size).saturating_sub(end);
                best = best.into_iter().chain([(grows, idle, buffer, start)]).min();
            }
            start = start.max(to.checked_next_multiple_of(ALIGN).unwrap_or(u64::MAX));
        }
        best.filter(|&(_, _, _, at)| room.is_none() || (self.task.fits)(piece, buffer, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(bytes: u64, life: Life, apart: &[usize]) -> Piece {
        Piece { bytes, life, apart: apart.to_vec() }
    }

    fn packed(pieces: &[Piece], rooms: &[Room]) -> Packing {
        Task { pieces, rooms, fits: &|_, _, _| true, bytes_max: 1 << 30 }.pack()
    }

    /// Two that live at once overlap nowhere, and no two that must be apart share a buffer.
    fn check(pieces: &[Piece], packing: &Packing) {
        for (a, x) in pieces.iter().enumerate() {
            for (b, y) in pieces.iter().enumerate().skip(a + 1) {
                let (p, q) = (packing.places[a], packing.places[b]);
                let together = x.life.0 <= y.life.1 && y.life.0 <= x.life.1;
                let overlap = p.at < q.at + y.bytes && q.at < p.at + x.bytes;
                assert!(!(p.buffer == q.buffer && together && overlap), "{a} and {b} overlap");
                assert!(!x.apart.contains(&b) || p.buffer != q.buffer, "{a} and {b} share");
            }
        }
    }

    #[test]
    fn small_values_lie_beside_each_other_where_a_large_one_was() {
        let pieces = [piece(1024, (0, 1), &[]), piece(512, (2, 5), &[]), piece(512, (3, 6), &[])];
        let packing = packed(&pieces, &[]);
        check(&pieces, &packing);
        assert_eq!(packing.total, 1024);
    }

    #[test]
    fn a_value_read_where_another_is_written_has_another_buffer() {
        let pieces =
            [piece(1024, (0, 1), &[1]), piece(512, (1, 2), &[0, 2]), piece(512, (2, 3), &[1])];
        let packing = packed(&pieces, &[]);
        check(&pieces, &packing);
        assert_eq!(packing.total, 1536);
    }

    #[test]
    fn nothing_takes_nothing() {
        assert_eq!(packed(&[], &[Room { bytes: 512, until: 4 }]).total, 0);
    }

    #[test]
    fn rooms_hold_what_is_dead_before_they_are_needed() {
        let pieces = [piece(512, (0, 3), &[]), piece(512, (0, 4), &[])];
        let packing = packed(&pieces, &[Room { bytes: 512, until: 4 }]);
        check(&pieces, &packing);
        assert_eq!((packing.places[0].buffer, packing.total), (0, 512));
    }

    #[test]
    fn random_lives_are_packed_near_to_what_is_alive() {
        // A congruential generator: the compiler has no randomness.
        let mut state = 1u64;
        let mut draw = |n: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % n
        };
        for _ in 0..40 {
            let pieces: Vec<Piece> = (0..60)
                .map(|_| {
                    let first = draw(50) as usize;
                    piece((1 + draw(40)) * ALIGN, (first, first + draw(8) as usize), &[])
                })
                .collect();
            let task =
                Task { pieces: &pieces, rooms: &[], fits: &|_, _, _| true, bytes_max: 1 << 30 };
            let packing = task.pack();
            check(&pieces, &packing);
            let alive = |at: usize| {
                let pieces = pieces.iter().filter(|p| p.life.0 <= at && at <= p.life.1);
                pieces.map(|piece| piece.bytes).sum::<u64>()
            };
            let most = (0..60).map(alive).max().unwrap_or(0);
            assert!(packing.total * 5 <= most * 6, "{} of {most} bytes", packing.total);
        }
    }
}
