//! Runs contractions.

use super::{Product, Shape};
use std::ops::Range;

use super::operand::{LeftPlan, Made, RightPlan};
use super::tail::Tail;
use crate::cpu::aligned::Aligned;
use crate::cpu::blocks::Buffers;
use crate::cpu::contract::{Contraction, Left, Micro, Panels, Right, Tile, contract, pack_panel};
use crate::cpu::{Level, Pool};

/// Operands of one contraction that were made from weights, and which weights those were.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    left: Kept,
    right: Kept,
}

#[derive(Debug, Default)]
struct Kept {
    data: Aligned,
    made_of: Option<Vec<u64>>,
}

/// Memory for what is made anew in every run; contractions share it.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    left: Aligned,
    right: Aligned,
    panels: Aligned,
    sums: Aligned,
}

impl Cache {
    /// Floats made of one buffer: kept as long as that holds the same weights.
    pub(crate) fn floats(
        &mut self,
        weight: Option<u64>,
        len: usize,
        make: impl FnOnce(&mut [f32]),
    ) -> &[f32] {
        let made_of = weight.map(|id| vec![id]);
        if made_of.is_none() || made_of != self.right.made_of {
            self.right.data.reserve(len * 4);
            make(&mut self.right.data.floats_mut()[..len]);
            self.right.made_of = made_of;
        }
        &self.right.data.floats()[..len]
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.left.data.bytes().len() + self.right.data.bytes().len()
    }
}

/// What a run works with.
pub(crate) struct Setting<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) level: Level,
    pub(crate) buffers: &'a Buffers,
    /// Identity of the memory of each buffer, where it holds a weight.
    pub(crate) weights: &'a [Option<u64>],
}

impl Setting<'_> {
    /// Identities of the sources, if all are weights.
    fn stable(&self, sources: &[usize]) -> Option<Vec<u64>> {
        sources.iter().map(|&s| self.weights.get(s).copied().flatten()).collect()
    }

    /// The floats of a parameter.
    ///
    /// # Safety
    /// The buffer holds so many floats, which nobody writes as long as the slice is used.
    pub(crate) unsafe fn floats<'b>(&self, buf: usize, len: usize) -> &'b [f32] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.buffers.0[buf] as *const f32, len) }
    }

    /// Computes an operand.
    ///
    /// # Safety
    /// The buffers are those of the operand's kernel.
    unsafe fn make(&self, made: &Made, to: &mut Aligned) {
        to.reserve(made.len * 4);
        let buffers = self.buffers.with(to.floats_mut().as_mut_ptr());
        // SAFETY: the caller's promise; the last buffer has room for the operand.
        unsafe { made.code.run(self.pool, &buffers) };
    }
}

/// The right operand as the micro-kernel reads it.
enum RightData<'a> {
    Panels(&'a [f32]),
    InPlace { data: &'a [f32], stride: usize, offsets: &'a [usize] },
}

impl Product {
    /// Runs the contraction.
    ///
    /// # Safety
    /// The buffers are those of the form's parameters: as many, each as long as its shape says,
    /// aligned to 4 bytes, alive, used by nobody else in a way that conflicts, and different where
    /// one of them is written.
    pub(crate) unsafe fn run(
        &self,
        setting: &Setting<'_>,
        cache: &mut Cache,
        scratch: &mut Scratch,
    ) {
        let shape = &self.shape;
        let (batch, m, n) = (shape.n_batch, shape.m, shape.n);
        if batch * m * n == 0 {
            return;
        }
        let micro = Micro::of(setting.level);
        let Scratch { left, right, panels, sums } = scratch;
        let fill = |_: usize, rows: Range<usize>, to: &mut [f32]| {
            if let LeftPlan::Runs { buf, runs } = &self.left {
                // SAFETY: the caller's promise.
                runs.fill(unsafe { setting.floats(*buf, self.lens[*buf]) }, rows, to);
            }
        };
        // SAFETY: as above.
        let left = unsafe { self.left(setting, &mut cache.left, left) };
        let left = left.unwrap_or(Left::Computed(&fill));
        // SAFETY: as above.
        let right = match unsafe { self.right(setting, &mut cache.right, right, panels) } {
            RightData::Panels(data) => {
                let panels = Panels { data, k: shape.k, panel: micro.n };
                Right::Panels(panels, &self.offsets.panels)
            }
            RightData::InPlace { data, stride, offsets } => {
                Right::InPlace { data, stride, offsets }
            }
        };
        let (taps, run) = match &self.left {
            LeftPlan::Table { taps, run, .. } => (*taps, *run),
            _ => (1, shape.k),
        };
        if matches!(self.tail, Tail::Whole(_)) {
            sums.reserve(batch * m * n * 4);
        }
        let sums = Sums(sums.floats_mut().as_mut_ptr());
        let epilogue = |tile: Tile<'_>| match &self.tail {
            // SAFETY: as above; tiles are disjoint parts of the result.
            Tail::Tile(tail) => unsafe { tail.run(setting.buffers, tile) },
            Tail::Whole(_) => sums.put(shape, &tile),
        };
        let c = Contraction { batch, m, n, taps, run, left, right, epilogue: &epilogue };
        contract(setting.pool, setting.level, &c);
        if let Tail::Whole(code) = &self.tail {
            // SAFETY: the caller's promise; the last buffer holds the sums.
            unsafe { code.run(setting.pool, &setting.buffers.with(sums.0)) };
        }
    }

    /// The left operand, where it lies or once it is made; `None` where tasks copy its rows.
    ///
    /// # Safety
    /// As [`Product::run`].
    unsafe fn left<'a>(
        &'a self,
        setting: &Setting<'a>,
        kept: &'a mut Kept,
        scratch: &'a mut Aligned,
    ) -> Option<Left<'a>> {
        // SAFETY: the caller's promise.
        let floats = |buf: usize| unsafe { setting.floats(buf, self.lens[buf]) };
        let made = match &self.left {
            LeftPlan::Strided { buf, stride, offsets } => {
                return Some(Left::Strided { data: floats(*buf), stride: *stride, offsets });
            }
            LeftPlan::Table { buf, table, offsets, .. } => {
                return Some(Left::Indirect { data: floats(*buf), table, offsets });
            }
            LeftPlan::Runs { .. } => return None,
            LeftPlan::Made(made) => made,
        };
        let weights = setting.stable(&made.sources);
        let data = if weights.is_some() { &mut kept.data } else { scratch };
        if weights.is_none() || weights != kept.made_of {
            // SAFETY: the caller's promise.
            unsafe { setting.make(made, data) };
            kept.made_of = weights;
        }
        let (data, stride) = (&data.floats()[..made.len], self.shape.k);
        Some(Left::Strided { data, stride, offsets: &self.offsets.left })
    }

    /// # Safety
    /// As [`Product::run`].
    unsafe fn right<'a>(
        &'a self,
        setting: &Setting<'a>,
        kept: &'a mut Kept,
        scratch: &'a mut Aligned,
        panels: &'a mut Aligned,
    ) -> RightData<'a> {
        let shape = &self.shape;
        let micro = Micro::of(setting.level);
        let (weights, whole) = match &self.right {
            RightPlan::Strided { buf, strides, .. } => {
                (setting.stable(&[*buf]), strides[1] == 1 && shape.n.is_multiple_of(micro.vector))
            }
            RightPlan::Made { made, .. } => (setting.stable(&made.sources), true),
        };
        if weights.is_some() && weights == kept.made_of {
            return RightData::Panels(kept.data.floats());
        }
        let (data, strides, offsets) = match &self.right {
            RightPlan::Strided { buf, strides, offsets } => {
                // SAFETY: the caller's promise.
                (unsafe { setting.floats(*buf, self.lens[*buf]) }, *strides, &offsets[..])
            }
            RightPlan::Made { made, width } => {
                // SAFETY: as above.
                unsafe { setting.make(made, scratch) };
                (&scratch.floats()[..made.len], [*width, 1], &self.offsets.right[..])
            }
        };
        if weights.is_none() && whole {
            return RightData::InPlace { data, stride: strides[0], offsets };
        }
        let to = if weights.is_some() { &mut kept.data } else { panels };
        self.pack(setting, micro, (data, strides, offsets), to);
        kept.made_of = weights;
        RightData::Panels(to.floats())
    }

    /// Packs the right operand in panels.
    fn pack(
        &self,
        setting: &Setting<'_>,
        micro: Micro,
        (data, strides, offsets): (&[f32], [usize; 2], &[usize]),
        to: &mut Aligned,
    ) {
        let shape = &self.shape;
        let (per_batch, size) = (shape.n.div_ceil(micro.n), shape.k * micro.n);
        to.reserve(shape.n_batch * per_batch * size * 4);
        let to = Sums(to.floats_mut().as_mut_ptr());
        setting.pool.run(shape.n_batch * per_batch, &|task| {
            let (batch, panel) = (task / per_batch, task % per_batch);
            let first = panel * micro.n;
            let from = offsets[batch] + first * strides[1];
            // SAFETY: panel `task` begins there, within what was reserved, and is its task's own.
            let to = unsafe { std::slice::from_raw_parts_mut(to.at(task * size), size) };
            let columns = micro.n.min(shape.n - first);
            pack_panel(to, micro.n, shape.k, &data[from..], strides, columns);
        });
    }
}

/// Memory that tasks write, each its own part.
struct Sums(*mut f32);

// SAFETY: tasks write disjoint parts.
unsafe impl Sync for Sums {}

impl Sums {
    fn at(&self, i: usize) -> *mut f32 {
        self.0.wrapping_add(i)
    }

    /// Copies a tile to its place among all sums, which were reserved.
    fn put(&self, shape: &Shape, tile: &Tile<'_>) {
        for (i, row) in tile.rows.clone().enumerate() {
            let at = (tile.batch * shape.m + row) * shape.n + tile.columns.start;
            let from = &tile.data[i * tile.stride..][..tile.columns.len()];
            // SAFETY: there is a place for every row and column of every batch, and tiles are
            // disjoint.
            let to = unsafe { std::slice::from_raw_parts_mut(self.at(at), from.len()) };
            to.copy_from_slice(from);
        }
    }
}
