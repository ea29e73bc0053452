//! Folds over a small window whose lanes are the pixels of a row: depthwise convolution and
//! pooling where channels come first.
//!
//! In comes a form; out comes a run over rows of pixels. A line of the image is copied once for
//! the rows that use it, with fills on both sides and split by the stride of the pixels, so that
//! every tap reads neighbouring lanes.

use std::cell::RefCell;
use std::ops::Range;

use super::kernel::{PIXELS_OF_ROW, RowRun, Step};
use super::{TILE, Weights};
use crate::cpu::aligned::Aligned;
use crate::cpu::contract::Tile;
use crate::cpu::form::BufId;
use crate::cpu::product::{Cache, Setting, TileTail};

/// A fold over windows along rows of pixels, at given sizes, ready to run.
pub(crate) struct Planes {
    pub(super) step: Step,
    pub(super) image: BufId,
    /// Elements that the image must have.
    pub(super) image_len: usize,
    /// The lines of each batch, row and line of taps.
    pub(super) lines: Vec<Line>,
    pub(super) fill: f32,
    /// Where each batch and tap has its weight.
    pub(super) weights: Option<Weights>,
    pub(super) batch: usize,
    pub(super) rows: usize,
    /// Pixels of a row.
    pub(super) width: usize,
    pub(super) taps: Taps,
    pub(super) tail: TileTail,
}

/// The taps of a window: some lines, and some places on each.
#[derive(Clone, Copy)]
pub(super) struct Taps {
    pub(super) lines: usize,
    pub(super) places: usize,
    /// Elements from one pixel of a row to the next, and from one tap of a line to the next.
    pub(super) stride: usize,
    pub(super) dilation: usize,
}

/// A line of the image: where place 0 would lie, and the places that are inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub(super) start: i32,
    pub(super) low: u16,
    pub(super) high: u16,
}

/// What a thread keeps between tasks.
#[derive(Default)]
struct Scratch {
    tile: Aligned,
    lines: Lines,
    taps: Vec<usize>,
}

/// Copies of lines; those of a row stay until the row is done.
#[derive(Default)]
struct Lines {
    data: Aligned,
    held: Vec<Option<Line>>,
    next: usize,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Planes {
    /// Runs the kernel.
    ///
    /// # Safety
    /// As [`super::Windows::run`].
    pub(crate) unsafe fn run(&self, setting: &Setting<'_>, cache: &mut Cache) {
        let weights = match &self.weights {
            None => &[][..],
            // SAFETY: the caller's promise.
            Some(weights) => unsafe { weights.neighbours(1, setting, cache) },
        };
        let rows = (TILE / self.stride()).clamp(1, self.rows);
        let blocks = self.rows.div_ceil(rows);
        setting.pool.run(self.batch * blocks, &|task| {
            let (batch, first) = (task / blocks, task % blocks * rows);
            let rows = first..self.rows.min(first + rows);
            SCRATCH.with(|scratch| {
                let scratch = &mut scratch.borrow_mut();
                // SAFETY: the caller's promise; tasks have different rows.
                unsafe { self.run_rows(setting, weights, batch, rows, scratch) };
            });
        });
    }

    /// Floats from one row of a tile to the next.
    fn stride(&self) -> usize {
        tile_stride(self.width)
    }

    /// # Safety
    /// As [`Planes::run`].
    unsafe fn run_rows(
        &self,
        setting: &Setting<'_>,
        weights: &[f32],
        batch: usize,
        rows: Range<usize>,
        scratch: &mut Scratch,
    ) {
        let Scratch { tile, lines, taps } = scratch;
        let stride = self.stride();
        let n = rows.len() * stride;
        tile.reserve(n * 4);
        lines.clear(&self.taps, stride);
        // SAFETY: the caller's promise.
        let image = unsafe { setting.floats(self.image, self.image_len) };
        let n_taps = self.taps.lines * self.taps.places;
        let weights = weights.chunks_exact(n_taps).nth(batch).unwrap_or(&[]);
        let data = &mut tile.floats_mut()[..n];
        for (row, to) in rows.clone().zip(data.chunks_exact_mut(stride)) {
            let wanted = &self.lines[(batch * self.rows + row) * self.taps.lines..];
            taps.clear();
            lines.find(&wanted[..self.taps.lines], image, self.fill, &self.taps, stride, taps);
            let run = RowRun { lines: lines.data.floats(), taps, weights };
            // SAFETY: the level is available.
            unsafe { (self.step.along(setting.level))(&run, to) };
        }
        let tile = Tile { batch, rows, columns: 0..self.width, data, stride };
        // SAFETY: the caller's promise.
        unsafe { self.tail.run(setting.buffers, tile) };
    }
}

/// Floats from one row of a tile to the next: whole steps of the kernel.
pub(super) fn tile_stride(width: usize) -> usize {
    width.next_multiple_of(PIXELS_OF_ROW)
}

impl Taps {
    /// Floats of the part of a line that has one remainder by the stride: the taps of a row begin
    /// below `reach`, and each has `width` floats.
    fn part(&self, width: usize) -> usize {
        let reach = self.dilation * (self.places - 1) / self.stride + 1;
        (reach + width).next_multiple_of(PIXELS_OF_ROW)
    }
}

impl Lines {
    /// Forgets all lines, and makes room for those of two rows.
    fn clear(&mut self, taps: &Taps, width: usize) {
        let n = 2 * taps.lines;
        self.data.reserve(n * taps.stride * taps.part(width) * 4);
        self.held.clear();
        self.held.resize(n, None);
        self.next = 0;
    }

    /// Finds the lines of a row, copies those that are not held, and adds where their taps begin.
    fn find(
        &mut self,
        wanted: &[Line],
        image: &[f32],
        fill: f32,
        taps: &Taps,
        width: usize,
        found: &mut Vec<usize>,
    ) {
        let (part, size) = (taps.part(width), taps.stride * taps.part(width));
        for line in wanted {
            let held = self.held.iter().position(|held| held.as_ref() == Some(line));
            let slot = held.unwrap_or_else(|| {
                while self.held[self.next].is_some_and(|held| wanted.contains(&held)) {
                    self.next = (self.next + 1) % self.held.len();
                }
                let slot = self.next;
                self.held[slot] = Some(*line);
                self.next = (slot + 1) % self.held.len();
                let to = &mut self.data.floats_mut()[slot * size..][..size];
                line.copy(image, fill, taps.stride, part, to);
                slot
            });
            let places = (0..taps.places).map(|k| k * taps.dilation);
            found.extend(places.map(|x| slot * size + x % taps.stride * part + x / taps.stride));
        }
    }
}

impl Line {
    /// Copies the line with fills around it: place `x` goes to part `x % stride`.
    fn copy(&self, image: &[f32], fill: f32, stride: usize, part: usize, to: &mut [f32]) {
        let (low, high) = (usize::from(self.low), usize::from(self.high));
        if low >= high {
            return to.fill(fill);
        }
        // The form promises that places inside the line are elements of the image.
        let start = (i64::from(self.start) + i64::from(self.low)) as usize;
        let from = &image[start..start + high - low];
        for (remainder, to) in to.chunks_exact_mut(part).enumerate() {
            let begin = low.saturating_sub(remainder).div_ceil(stride).min(part);
            let end = high.saturating_sub(remainder).div_ceil(stride).clamp(begin, part);
            to[..begin].fill(fill);
            to[end..].fill(fill);
            let to = &mut to[begin..end];
            let first = (begin * stride + remainder) - low;
            match stride {
                1 => to.copy_from_slice(&from[first..][..to.len()]),
                _ => {
                    for (to, from) in
                        to.iter_mut().zip(from[first.min(from.len())..].iter().step_by(stride))
                    {
                        *to = *from;
                    }
                }
            }
        }
    }
}
