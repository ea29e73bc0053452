//! Runs instructions on lanes of two words.

use super::inst::{Access, Reg};
use super::long::Long;
use super::run::Machine;
use crate::cpu::lanes::{self, LongFn, pair, pairs, pairs_mut, unpair};

/// Words that are joined at a time.
const CHUNK: usize = 128;

impl Machine<'_> {
    /// # Safety
    /// As [`Machine::run`].
    pub(super) unsafe fn long(&mut self, inst: &Long) {
        // SAFETY: the caller's promise; a register of such lanes holds two words for each.
        unsafe {
            match inst {
                Long::Fill { d, value, wide } => {
                    let n = if *wide { self.blocks.block } else { 1 };
                    pairs_mut(self.write(*d, 2 * n)).fill(unpair(*value));
                }
                Long::Splat { d, a } => {
                    let value = pairs(self.read(*a, 2))[0];
                    pairs_mut(self.write(*d, 2 * self.blocks.block)).fill(value);
                }
                Long::Op { f, d: (d, words), args, wide } => {
                    let n = self.n(*wide);
                    let mut operands: [&[u32]; 3] = [&[]; 3];
                    for (operand, &(a, words)) in operands.iter_mut().zip(args) {
                        *operand = self.read(a, words * n);
                    }
                    f(self.write(*d, words * n), operands);
                }
                Long::Load { d, access, fill, wide } => self.load_long(*d, access, *fill, *wide),
                Long::Store { s, access, wide } => self.store_long(*s, access, None, *wide),
                Long::Merge { s, access, join, wide } => {
                    self.store_long(*s, access, Some(*join), *wide);
                }
                Long::Join { f, d, a, wide, lanes } => {
                    let n = self.n(*wide);
                    let a = self.read(*a, 2 * n);
                    let d = self.write(*d, if *lanes { 2 * n } else { 2 });
                    join(*f, d, a);
                }
                Long::Best { state: [value, index], args: [a, b], max, wide, lanes } => {
                    let n = self.n(*wide);
                    let (a, b) = (self.read(*a, 2 * n), self.read(*b, n));
                    let m = if *lanes { n } else { 1 };
                    best(self.write(*value, 2 * m), self.write(*index, m), a, b, *max);
                }
            }
        }
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn load_long(&mut self, d: Reg, access: &Access, fill: i64, wide: bool) {
        let n = self.n(wide);
        let (firsts, first) = (self.firsts(access), self.at(&access.at));
        let base = self.buffers[access.buf] as *const [u32; 2];
        // SAFETY: the caller's promise; checked indices name elements.
        unsafe {
            let to = pairs_mut(self.write(d, 2 * n));
            for (i, to) in to.iter_mut().enumerate() {
                let at = self.element(access, &firsts, first, i);
                *to = at.map_or(unpair(fill), |at| *base.offset(at as isize));
            }
        }
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn store_long(&mut self, s: Reg, access: &Access, join: Option<LongFn>, wide: bool) {
        let n = self.n(wide);
        let (firsts, first) = (self.firsts(access), self.at(&access.at));
        let base = self.buffers[access.buf] as *mut [u32; 2];
        // SAFETY: the caller's promise; checked indices name elements.
        unsafe {
            for (i, &from) in pairs(self.read(s, 2 * n)).iter().enumerate() {
                let Some(at) = self.element(access, &firsts, first, i) else { continue };
                let to = base.offset(at as isize);
                match join {
                    None => *to = from,
                    Some(join) => {
                        let old = *to;
                        join(&mut *to, [&old, &from, &[]]);
                    }
                }
            }
        }
    }
}

/// Joins values into a state: lane by lane, or all into a state of one lane.
fn join(f: LongFn, d: &mut [u32], a: &[u32]) {
    if d.len() == a.len() {
        for (d, a) in d.chunks_mut(CHUNK).zip(a.chunks(CHUNK)) {
            let mut old = [0; CHUNK];
            let old = &mut old[..d.len()];
            old.copy_from_slice(d);
            f(d, [old, a, &[]]);
        }
        return;
    }
    for a in pairs(a) {
        let old = [d[0], d[1]];
        f(d, [&old, a, &[]]);
    }
}

/// Joins values and indices into a state, lane by lane or all into one; of equal values the smallest index.
fn best(values: &mut [u32], indices: &mut [u32], a: &[u32], b: &[u32], max: bool) {
    let last = indices.len() - 1;
    let values = lanes::pairs_mut(values);
    for (i, (&a, &b)) in pairs(a).iter().zip(b).enumerate() {
        let (value, index) = (&mut values[i.min(last)], &mut indices[i.min(last)]);
        let (now, before) = (pair(a), pair(*value));
        let better = if max { now > before } else { now < before };
        if better || now == before && b < *index {
            (*value, *index) = (a, b);
        }
    }
}
