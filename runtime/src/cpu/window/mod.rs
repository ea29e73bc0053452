//! Folds over a small window: depthwise convolution and pooling.
//!
//! Lanes are channels where those come last ([`Windows`]), else the pixels of a row ([`Planes`]). In
//! comes a form; out comes, for channels, a run over pixels, four at a time, each with its running lanes in
//! registers, or `None` where the loops are something else. Taps outside the image read a row of
//! fills, so that pixels at the border are no special case.

mod kernel;
mod planes;
mod recognise;
mod recognise_planes;

pub(crate) use planes::Planes;
pub(crate) use recognise::window;
pub(crate) use recognise_planes::planes;

use std::cell::RefCell;

use super::aligned::Aligned;
use super::contract::Tile;
use super::form::BufId;
use super::product::{Cache, Setting, TileTail};
use kernel::{PIXELS, Run, Step};

/// Elements of a task's tile: they stay in the first cache.
const TILE: usize = 6 * 1024;

/// A fold over windows at given sizes, ready to run.
pub(crate) struct Windows {
    step: Step,
    image: BufId,
    /// Elements that the image must have.
    image_len: usize,
    /// Where the taps of pixels begin, or [`OUTSIDE`].
    table: Vec<u32>,
    fill: f32,
    weights: Option<Weights>,
    pixels: usize,
    taps: usize,
    channels: usize,
    tail: TileTail,
}

/// The weights of a window.
struct Weights {
    buf: BufId,
    /// Elements that the buffer must have.
    len: usize,
    /// Where each tap begins.
    offsets: Vec<usize>,
    /// The distance of two channels.
    stride: usize,
}

impl Weights {
    /// So many channels as neighbours, tap after tap; they are copied again only where they changed.
    ///
    /// # Safety
    /// As [`Windows::run`].
    unsafe fn neighbours<'c>(
        &self,
        channels: usize,
        setting: &Setting<'_>,
        cache: &'c mut Cache,
    ) -> &'c [f32] {
        let id = setting.weights.get(self.buf).copied().flatten();
        // SAFETY: the caller's promise.
        let data = unsafe { setting.floats(self.buf, self.len) };
        cache.floats(id, self.offsets.len() * channels, |to| {
            for (to, &at) in to.chunks_exact_mut(channels).zip(&self.offsets) {
                for (to, from) in to.iter_mut().zip(data[at..].iter().step_by(self.stride)) {
                    *to = *from;
                }
            }
        })
    }
}

/// The entry of a tap outside the image.
const OUTSIDE: u32 = u32::MAX;

/// What a thread keeps between tasks.
#[derive(Default)]
struct Scratch {
    tile: Aligned,
    fill: Aligned,
    rows: Vec<*const f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Windows {
    /// Runs the kernel.
    ///
    /// # Safety
    /// The buffers are those of the form's parameters: as many, each as long as its shape says,
    /// aligned to 4 bytes, alive, used by nobody else in a way that conflicts, and different where
    /// one of them is written.
    pub(crate) unsafe fn run(&self, setting: &Setting<'_>, cache: &mut Cache) {
        let weights = match &self.weights {
            None => &[][..],
            // SAFETY: the caller's promise.
            Some(weights) => unsafe { weights.neighbours(self.channels, setting, cache) },
        };
        let rows = (TILE / self.channels).next_multiple_of(PIXELS).max(PIXELS);
        let rows = rows.min(self.pixels.div_ceil(16).next_multiple_of(PIXELS));
        setting.pool.run(self.pixels.div_ceil(rows), &|task| {
            let pixels = task * rows..self.pixels.min((task + 1) * rows);
            SCRATCH.with(|scratch| {
                let scratch = &mut scratch.borrow_mut();
                // SAFETY: the caller's promise; tasks have different pixels.
                unsafe { self.run_pixels(setting, weights, pixels, scratch) };
            });
        });
    }

    /// # Safety
    /// As [`Windows::run`].
    unsafe fn run_pixels(
        &self,
        setting: &Setting<'_>,
        weights: &[f32],
        pixels: std::ops::Range<usize>,
        scratch: &mut Scratch,
    ) {
        let Scratch { tile, fill, rows } = scratch;
        let n = pixels.len().next_multiple_of(PIXELS) * self.channels;
        tile.reserve(n * 4);
        fill.reserve(self.channels * 4);
        fill.floats_mut()[..self.channels].fill(self.fill);
        let outside = fill.floats().as_ptr();
        rows.resize((self.taps * PIXELS).max(rows.len()), outside);
        // SAFETY: the caller's promise.
        let image = unsafe { setting.floats(self.image, self.image_len) };
        let tile = &mut tile.floats_mut()[..n];
        for (i, to) in tile.chunks_exact_mut(PIXELS * self.channels).enumerate() {
            for p in 0..PIXELS {
                // Pixels beyond the last repeat it; their sums are not used.
                let pixel = (pixels.start + i * PIXELS + p).min(pixels.end - 1);
                let entries = &self.table[pixel * self.taps..][..self.taps];
                for (tap, &at) in entries.iter().enumerate() {
                    let inside = image.as_ptr().wrapping_add(at as usize);
                    rows[tap * PIXELS + p] = if at == OUTSIDE { outside } else { inside };
                }
            }
            let run = Run { rows, weights, taps: self.taps, channels: self.channels };
            // SAFETY: `reach` of the table was checked when it was made: every tap has all its
            // channels in the image, the weights or the row of fills; the level is available.
            unsafe { (self.step.at(setting.level))(&run, to) };
        }
        let (n_rows, channels) = (pixels.len(), self.channels);
        let data = &mut tile[..n_rows * channels];
        let tile = Tile { batch: 0, rows: pixels, columns: 0..channels, data, stride: channels };
        // SAFETY: the caller's promise.
        unsafe { self.tail.run(setting.buffers, tile) };
    }
}
