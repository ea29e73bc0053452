//! Lanes of channels over the taps of four pixels, and lanes of the pixels of a row.

use crate::cpu::Level;
use crate::cpu::lanes::per_level;
use crate::cpu::maths;

/// Pixels that share a load of the weights.
pub(super) const PIXELS: usize = 4;
/// Channels at a time.
const LANES: usize = 16;

/// One run of a kernel: rows for every tap and pixel, weights for every tap and channel.
pub(super) struct Run<'a> {
    pub(super) rows: &'a [*const f32],
    pub(super) weights: &'a [f32],
    pub(super) taps: usize,
    pub(super) channels: usize,
}

/// What is done with a tap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The sum of taps times weights.
    Weighted,
    /// The sum of taps.
    Sum,
    /// The largest tap.
    Max,
}

/// Writes the folds of four pixels.
///
/// # Safety
/// The processor has the level; every row has `channels` floats.
pub(super) type Kernel = unsafe fn(&Run<'_>, &mut [f32]);

impl Step {
    /// The kernel for a level.
    pub(super) fn at(self, level: Level) -> Kernel {
        match self {
            Step::Weighted => per_level!(level, fn(r: &Run<'_>, to: &mut [f32]) {
                // SAFETY: the caller's promise.
                unsafe { chunks(r, to, 0.0, true, |acc, x, w| maths::fma::<FMA>(x, w, acc)) }
            }),
            Step::Sum => per_level!(level, fn(r: &Run<'_>, to: &mut [f32]) {
                // SAFETY: as above.
                unsafe { chunks(r, to, 0.0, false, |acc, x, _| acc + x) }
            }),
            Step::Max => per_level!(level, fn(r: &Run<'_>, to: &mut [f32]) {
                // SAFETY: as above.
                unsafe { chunks(r, to, f32::NEG_INFINITY, false, |acc, x, _| maths::max(acc, x)) }
            }),
        }
    }
}

/// # Safety
/// Every row has `channels` floats.
#[inline(always)]
unsafe fn chunks(
    r: &Run<'_>,
    to: &mut [f32],
    unit: f32,
    weighted: bool,
    step: impl Fn(f32, f32, f32) -> f32 + Copy,
) {
    let mut channel = 0;
    while channel < r.channels {
        // The last chunk overlaps the one before: it writes the same values again.
        channel = channel.min(r.channels - LANES);
        let mut acc = [[unit; LANES]; PIXELS];
        for tap in 0..r.taps {
            let mut weight = [0f32; LANES];
            if weighted {
                weight.copy_from_slice(&r.weights[tap * r.channels + channel..][..LANES]);
            }
            // Loops of constant length are unrolled, so that the sums stay in registers.
            let mut rows = [std::ptr::null(); PIXELS];
            rows.copy_from_slice(&r.rows[tap * PIXELS..][..PIXELS]);
            for p in 0..PIXELS {
                // SAFETY: the row has `channels` floats.
                let x = unsafe { *(rows[p].add(channel) as *const [f32; LANES]) };
                for l in 0..LANES {
                    acc[p][l] = step(acc[p][l], x[l], weight[l]);
                }
            }
        }
        for (p, acc) in acc.iter().enumerate() {
            to[p * r.channels + channel..][..LANES].copy_from_slice(acc);
        }
        channel += LANES;
    }
}

/// Pixels of a row at a time.
pub(super) const PIXELS_OF_ROW: usize = 32;

/// One row of pixels: where each tap of its first pixel lies in copied lines, and its weight.
pub(super) struct RowRun<'a> {
    pub(super) lines: &'a [f32],
    pub(super) taps: &'a [usize],
    pub(super) weights: &'a [f32],
}

/// Writes the folds of a row, which has a multiple of [`PIXELS_OF_ROW`] pixels.
///
/// # Safety
/// The processor has the level.
pub(super) type RowKernel = unsafe fn(&RowRun<'_>, &mut [f32]);

impl Step {
    /// The kernel of rows for a level.
    pub(super) fn along(self, level: Level) -> RowKernel {
        match self {
            Step::Weighted => per_level!(level, fn(r: &RowRun<'_>, to: &mut [f32]) {
                let taps = r.taps.iter().copied().zip(r.weights.iter().copied());
                row(r.lines, taps, to, 0.0, |acc, x, w| maths::fma::<FMA>(x, w, acc))
            }),
            Step::Sum => per_level!(level, fn(r: &RowRun<'_>, to: &mut [f32]) {
                let taps = r.taps.iter().map(|&tap| (tap, 1.0));
                row(r.lines, taps, to, 0.0, |acc, x, _| acc + x)
            }),
            Step::Max => per_level!(level, fn(r: &RowRun<'_>, to: &mut [f32]) {
                let taps = r.taps.iter().map(|&tap| (tap, 1.0));
                row(r.lines, taps, to, f32::NEG_INFINITY, |acc, x, _| maths::max(acc, x))
            }),
        }
    }
}

#[inline(always)]
fn row(
    lines: &[f32],
    taps: impl Iterator<Item = (usize, f32)> + Clone,
    to: &mut [f32],
    unit: f32,
    step: impl Fn(f32, f32, f32) -> f32 + Copy,
) {
    for (chunk, to) in to.as_chunks_mut::<PIXELS_OF_ROW>().0.iter_mut().enumerate() {
        let mut acc = [unit; PIXELS_OF_ROW];
        for (at, weight) in taps.clone() {
            let x = &lines[at + chunk * PIXELS_OF_ROW..][..PIXELS_OF_ROW];
            for (acc, &x) in acc.iter_mut().zip(x) {
                *acc = step(*acc, x, weight);
            }
        }
        *to = acc;
    }
}

/// Channels of a kernel at least.
pub(super) const CHANNELS_MIN: usize = LANES;
