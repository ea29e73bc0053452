//! Finds, reads and writes the elements of instructions.

use super::CHECKS;
use super::inst::{Access, Index, Reg};
use super::run::Machine;
use crate::cpu::Level;
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
            let base = self.buffers[access.buf];
            if self.all_fit(access, &firsts, n) && self.places(access, first, to) {
                lanes::gather(to, access.storage, base);
                return;
            }
            for (i, to) in to.iter_mut().enumerate() {
                *to = fill;
                if let Some(at) = self.element(access, &firsts, first, i) {
                    lanes::load(std::slice::from_mut(to), access.storage, base, at as isize, 1);
                }
            }
        }
    }

    /// Whether all checks are seen to hold for all lanes without a look at each.
    ///
    /// # Safety
    /// As [`Machine::run`].
    unsafe fn all_fit(&self, access: &Access, firsts: &[i64], n: usize) -> bool {
        access.checks.iter().zip(firsts).all(|((index, extent), &first)| {
            // SAFETY: the caller's promise.
            let (low, high) = unsafe { self.range(index, first, n, access.level) };
            low >= 0 && high < *extent
        })
    }

    /// Smallest and largest value that an index can have in any of its lanes.
    ///
    /// # Safety
    /// As [`Machine::run`].
    unsafe fn range(&self, index: &Index, first: i64, n: usize, level: Level) -> (i64, i64) {
        let last = index.step.saturating_mul(n as i64 - 1);
        let ends = (first.saturating_add(last.min(0)), first.saturating_add(last.max(0)));
        index.lanes.iter().fold(ends, |(low, high), &(coefficient, r)| {
            let mut found = [i32::MAX, i32::MIN];
            // SAFETY: a register of lanes has as many as the block; the level is that of this processor.
            unsafe { lanes::extremes(level)(&mut found, self.read(r, n)) };
            let [a, b] = found.map(|end| coefficient.saturating_mul(end.into()));
            (low.saturating_add(a.min(b)), high.saturating_add(a.max(b)))
        })
    }

    /// Where the element of every lane lies; `false` if that may need more than 32 bits.
    ///
    /// # Safety
    /// As [`Machine::run`].
    unsafe fn places(&self, access: &Access, first: i64, to: &mut [u32]) -> bool {
        let (index, level) = (&access.at, access.level);
        // SAFETY: the caller's promise, for registers and level. Sums count modulo 2^32: the whole fits, whatever its parts do.
        unsafe {
            let (low, high) = self.range(index, first, to.len(), level);
            if low < i32::MIN.into() || high > i32::MAX.into() {
                return false;
            }
            lanes::iota(level)(to, first as u32, index.step as u32);
            for &(coefficient, r) in &index.lanes {
                lanes::add_scaled(level)(to, coefficient as u32, self.read(r, to.len()));
            }
        }
        true
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
