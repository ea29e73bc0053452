//! Finds, reads and writes the elements of instructions.

use super::CHECKS;
use super::inst::{Access, Index, Reg};
use super::run::Machine;
use crate::cpu::lanes::{self, Storage};

impl Machine<'_> {
    /// An index without its lanes.
    #[inline(always)]
    pub(super) fn at(&self, index: &Index) -> i64 {
        index.parts.iter().fold(index.affine.at(self.point), |sum, &(coefficient, r)| {
            // SAFETY: a part is a register of one word at least, and was computed before.
            let value = i64::from(unsafe { *self.registers[r] } as i32);
            sum.wrapping_add(coefficient.wrapping_mul(value))
        })
    }

    /// The lanes for which all checks hold, where none of them has lanes of its own.
    #[inline(always)]
    fn valid(&self, access: &Access, n: usize) -> (usize, usize) {
        let (mut low, mut high) = (0, n as i64);
        for (index, extent) in &access.checks {
            let (from, to) = within(self.at(index), index.step, *extent);
            (low, high) = (low.max(from), high.min(to));
        }
        if low >= high { (0, 0) } else { (low as usize, high as usize) }
    }

    /// # Safety
    /// As [`Machine::run`].
    #[inline(always)]
    pub(super) unsafe fn load(&mut self, d: Reg, access: &Access, fill: u32, wide: bool) {
        let n = self.n(wide);
        if !access.at.lanes.is_empty() || access.checks.iter().any(|c| !c.0.lanes.is_empty()) {
            // SAFETY: the caller's promise.
            return unsafe { self.gather(d, access, fill, n) };
        }
        let (low, high) = self.valid(access, n);
        let first = self.at(&access.at);
        let base = self.buffers[access.buf];
        let whole = (low, high) == (0, n);
        let contiguous = access.at.step == 1 || n == 1;
        // SAFETY: the form promises that checked indices name elements.
        unsafe {
            if whole && contiguous && access.in_place && access.storage == Storage::Word {
                self.registers[d] = (base as *mut u32).offset(first as isize);
                return;
            }
            let to = self.write(d, n);
            to[..low].fill(fill);
            to[high..].fill(fill);
            let from = first + low as i64 * access.at.step;
            let step = access.at.step as isize;
            lanes::load(&mut to[low..high], access.storage, base, from as isize, step);
        }
    }

    /// Where a lane's element lies, if all checks hold.
    ///
    /// # Safety
    /// As [`Machine::run`].
    pub(super) unsafe fn element(
        &self,
        access: &Access,
        firsts: &[i64],
        first: i64,
        i: usize,
    ) -> Option<i64> {
        let lane = |index: &Index, first: i64| {
            index.lanes.iter().fold(first + index.step * i as i64, |sum, &(coefficient, r)| {
                // SAFETY: a register of lanes has as many as the block.
                let value = i64::from(unsafe { *self.registers[r].add(i) } as i32);
                sum.wrapping_add(coefficient.wrapping_mul(value))
            })
        };
        let fits = access.checks.iter().zip(firsts);
        fits.into_iter()
            .all(|((index, extent), &first)| (0..*extent).contains(&lane(index, first)))
            .then(|| lane(&access.at, first))
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn gather(&mut self, d: Reg, access: &Access, fill: u32, n: usize) {
        let firsts = self.firsts(access);
        let first = self.at(&access.at);
        // SAFETY: the caller's promise; checked indices name elements.
        unsafe {
            let to = self.write(d, n);
            for (i, to) in to.iter_mut().enumerate() {
                *to = fill;
                if let Some(at) = self.element(access, &firsts, first, i) {
                    let base = self.buffers[access.buf];
                    lanes::load(std::slice::from_mut(to), access.storage, base, at as isize, 1);
                }
            }
        }
    }

    /// The checks' indices without their lanes.
    pub(super) fn firsts(&self, access: &Access) -> [i64; CHECKS] {
        let mut firsts = [0; CHECKS];
        for (first, check) in firsts.iter_mut().zip(&access.checks) {
            *first = self.at(&check.0);
        }
        firsts
    }

    /// # Safety
    /// As [`Machine::run`].
    pub(super) unsafe fn store(&mut self, s: Reg, access: &Access, wide: bool) {
        let n = self.n(wide);
        // SAFETY: the caller's promise; checked indices name elements.
        unsafe {
            let from = self.read(s, n);
            let first = self.at(&access.at);
            let base = self.buffers[access.buf];
            if !access.at.lanes.is_empty() || access.checks.iter().any(|c| !c.0.lanes.is_empty()) {
                let firsts = self.firsts(access);
                for (i, from) in from.iter().enumerate() {
                    if let Some(at) = self.element(access, &firsts, first, i) {
                        let from = std::slice::from_ref(from);
                        lanes::store(from, access.storage, base, at as isize, 1);
                    }
                }
                return;
            }
            let (low, high) = self.valid(access, n);
            let step = access.at.step;
            let at = first + low as i64 * step;
            lanes::store(&from[low..high], access.storage, base, at as isize, step as isize);
        }
    }

    /// # Safety
    /// As [`Machine::run`].
    pub(super) unsafe fn merge(&mut self, s: Reg, access: &Access, join: lanes::Lane1, wide: bool) {
        let n = self.n(wide);
        let firsts = self.firsts(access);
        let first = self.at(&access.at);
        // SAFETY: the caller's promise; checked indices name elements.
        unsafe {
            for (i, from) in self.read(s, n).iter().enumerate() {
                let Some(at) = self.element(access, &firsts, first, i) else { continue };
                let base = self.buffers[access.buf];
                let mut old = [0];
                lanes::load(&mut old, access.storage, base, at as isize, 1);
                join(&mut old, std::slice::from_ref(from));
                lanes::store(&old, access.storage, base, at as isize, 1);
            }
        }
    }
}

/// The places `i` with `first + step * i` in `0..extent`: from one on and before another.
#[inline(always)]
pub(super) fn within(first: i64, step: i64, extent: i64) -> (i64, i64) {
    match step {
        0 if (0..extent).contains(&first) => (0, i64::MAX),
        0 => (0, 0),
        step if step > 0 => (ceil_div(-first, step), ceil_div(extent - first, step)),
        step => (ceil_div(first - extent + 1, -step), ceil_div(first + 1, -step)),
    }
}

/// The quotient rounded up, for a positive divisor.
fn ceil_div(a: i64, b: i64) -> i64 {
    -(-a).div_euclid(b)
}
