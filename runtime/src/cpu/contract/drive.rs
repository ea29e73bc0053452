//! The loops around a micro-kernel: task, panel, chunk of `k`, group of rows.

use std::cell::RefCell;
use std::ops::Range;

use super::kernel::{ROWS, Run};
use super::{Micro, Panels};
use crate::cpu::aligned::Aligned;
use crate::cpu::{Level, Pool};

/// Rows of `k` that a chunk has: a chunk of a panel stays in the second cache.
const CHUNK: usize = 256;
/// Rows of a task where nothing else decides.
const TASK_ROWS: usize = 96;
/// Columns and rows for which tiles of whole rows leave enough tasks.
const WHOLE_COLUMNS: usize = 512;
const WHOLE_ROWS: usize = 192;
/// Columns of other tiles at most: the longer a row, the less an instruction of the epilogue costs an element.
const TILE_COLUMNS: usize = 256;
/// Floats of a tile of whole rows at most.
const WHOLE_TILE: usize = 16 * 1024;
/// Products below which a region is not worth waking another thread.
const SMALL: usize = 40_000;

/// Computes rows of the left operand: batch, rows, destination.
pub type FillRows<'a> = dyn Fn(usize, Range<usize>, &mut [f32]) + Sync + 'a;
/// Computes a chunk of a panel: batch, rows of `k`, columns, destination.
pub type FillChunk<'a> = dyn Fn(usize, Range<usize>, Range<usize>, &mut [f32]) + Sync + 'a;
/// Receives finished tiles.
pub type Epilogue<'a> = dyn Fn(Tile<'_>) + Sync + 'a;

/// The left operand: `m` rows, each `taps` runs of `run` contiguous floats.
#[derive(Clone, Copy)]
pub enum Left<'a> {
    /// Row `i` of batch `b` begins at `data[offsets[b] + i * stride]`; one tap.
    Strided {
        /// Elements.
        data: &'a [f32],
        /// Floats from one row to the next.
        stride: usize,
        /// Where each batch begins.
        offsets: &'a [usize],
    },
    /// Tap `t` of row `i` of batch `b` begins at `data[offsets[b] + table[i * taps + t]]`, or is all
    /// zeros where the table says [`Table::ZERO`].
    Indirect {
        /// Elements.
        data: &'a [f32],
        /// Offsets, `m * taps`.
        table: &'a Table,
        /// Where each batch begins.
        offsets: &'a [usize],
    },
    /// Rows are computed: `fill(batch, rows, to)` writes `rows.len() * k` floats. One tap.
    Computed(&'a FillRows<'a>),
}

/// Where the taps of rows begin.
#[derive(Clone, Debug)]
pub struct Table {
    offsets: Vec<u32>,
    largest: usize,
}

impl Table {
    /// The offset of a tap that is all zeros.
    pub const ZERO: u32 = u32::MAX;

    /// A table of the given offsets.
    pub fn new(offsets: Vec<u32>) -> Table {
        let inside = offsets.iter().filter(|&&o| o != Table::ZERO);
        let largest = inside.max().map_or(0, |&o| o as usize);
        Table { offsets, largest }
    }
}

/// The right operand: `k` rows of `n` columns.
#[derive(Clone, Copy)]
pub enum Right<'a> {
    /// Panels; batch `b` begins at float `offsets[b]`.
    Panels(Panels<'a>, &'a [usize]),
    /// Row `p` of batch `b` begins at `data[offsets[b] + p * stride]`, and whole vectors of
    /// [`Micro::vector`] columns may be read.
    InPlace {
        /// Elements.
        data: &'a [f32],
        /// Floats from one row to the next.
        stride: usize,
        /// Where each batch begins.
        offsets: &'a [usize],
    },
    /// Computed a chunk at a time: `fill(batch, ks, columns, to)` writes `ks.len()` rows of
    /// [`Micro::n`] columns, zeros beyond `columns`.
    Computed(&'a FillChunk<'a>),
}

/// A finished tile, handed to the epilogue.
pub struct Tile<'a> {
    /// Batch.
    pub batch: usize,
    /// Rows of the result.
    pub rows: Range<usize>,
    /// Columns of the result.
    pub columns: Range<usize>,
    /// The sums; row `i` of the tile begins at `i * stride`, and what lies beyond the columns
    /// means nothing.
    pub data: &'a mut [f32],
    /// Floats from one row of the tile to the next.
    pub stride: usize,
}

/// A contraction, batched.
#[derive(Clone, Copy)]
pub struct Contraction<'a> {
    /// Number of batches.
    pub batch: usize,
    /// Rows.
    pub m: usize,
    /// Columns.
    pub n: usize,
    /// Runs that a left row has.
    pub taps: usize,
    /// Floats of a run; `k` is `taps * run`.
    pub run: usize,
    /// Left operand.
    pub left: Left<'a>,
    /// Right operand.
    pub right: Right<'a>,
    /// Receives every tile once, from any thread.
    pub epilogue: &'a Epilogue<'a>,
}

/// How a contraction is cut into tasks.
struct Cut {
    rows: usize,
    row_blocks: usize,
    panels: usize,
    panel_blocks: usize,
}

impl Cut {
    fn of(c: &Contraction<'_>, micro: Micro) -> Cut {
        let n_panels = c.n.div_ceil(micro.n);
        let k = c.taps * c.run;
        let most = match (c.left, c.right) {
            // Filled panels serve all rows of a task, and the tile still fits the second cache.
            (_, Right::Computed(_)) => 768.max(micro.m),
            // The filled rows of a task stay in the second cache.
            (Left::Computed(_), _) => (65_536 / k.max(1)).clamp(2 * micro.m, TASK_ROWS),
            _ => TASK_ROWS,
        };
        let TileRows { whole, .. } = TileRows::of(micro, c.m, c.n);
        let most = if whole { most.min((WHOLE_TILE / c.n).max(2 * micro.m)) } else { most };
        let row_blocks = c.m.div_ceil(most).max(1);
        let rows = c.m.div_ceil(row_blocks).next_multiple_of(micro.m);
        let row_blocks = c.m.div_ceil(rows);
        // About sixteen tasks, unless they become too small to be worth a claim.
        let wanted = 16usize.div_ceil(row_blocks * c.batch).max(1);
        let panel_work = rows * micro.n * k;
        let panels = n_panels.div_ceil(wanted).max((SMALL / 2).div_ceil(panel_work.max(1)));
        let panels = if whole || matches!(c.left, Left::Computed(_)) { n_panels } else { panels };
        let panels = panels.clamp(1, n_panels);
        Cut { rows, row_blocks, panels, panel_blocks: n_panels.div_ceil(panels) }
    }
}

/// How the rows of tiles lie.
#[derive(Clone, Copy)]
pub struct TileRows {
    /// Floats from one row to the next.
    pub stride: usize,
    /// Whether tiles have all columns and nothing between their rows.
    pub whole: bool,
}

impl TileRows {
    /// For a result of `m` rows and `n` columns.
    pub fn of(micro: Micro, m: usize, n: usize) -> TileRows {
        let many = n <= WHOLE_COLUMNS && m >= WHOLE_ROWS;
        let whole = n.is_multiple_of(micro.vector) && (n <= micro.n || many);
        // Rows whose distance is a power of two would share few sets of the first cache.
        let apart = n.next_multiple_of(micro.n).min(TILE_COLUMNS) + micro.vector;
        TileRows { stride: if whole { n } else { apart }, whole }
    }
}

/// Runs a contraction on a pool.
///
/// # Panics
/// Where an operand is smaller than its sizes say.
pub fn contract(pool: &Pool, level: Level, c: &Contraction<'_>) {
    if c.batch * c.m * c.n == 0 {
        return;
    }
    let micro = Micro::of(level);
    check(c, micro);
    let cut = Cut::of(c, micro);
    let per_batch = cut.row_blocks * cut.panel_blocks;
    let task = |task: usize| {
        let (batch, block) = (task / per_batch, task % per_batch);
        let (row, panel) = (block % cut.row_blocks, block / cut.row_blocks);
        let rows = row * cut.rows..c.m.min((row + 1) * cut.rows);
        let panels = panel * cut.panels..c.n.div_ceil(micro.n).min((panel + 1) * cut.panels);
        run_task(c, micro, batch, rows, panels);
    };
    let n_tasks = c.batch * per_batch;
    if c.batch * c.m * c.n * c.taps * c.run < SMALL {
        (0..n_tasks).for_each(task);
    } else {
        pool.run(n_tasks, &task);
    }
}

fn check(c: &Contraction<'_>, micro: Micro) {
    let k = c.taps * c.run;
    match c.left {
        Left::Strided { data, stride, offsets } => {
            assert_eq!(offsets.len(), c.batch, "one offset a batch of the left operand");
            assert_eq!(c.taps, 1, "strided rows have one tap");
            let last = offsets.iter().max().map_or(0, |&o| o + (c.m - 1) * stride + k);
            assert!(last <= data.len(), "left operand: {last} floats needed, {}", data.len());
        }
        Left::Indirect { data, table, offsets } => {
            assert_eq!(offsets.len(), c.batch, "one offset a batch of the left operand");
            assert_eq!(table.offsets.len(), c.m * c.taps, "one entry a row and tap");
            let last = offsets.iter().max().map_or(0, |&o| o + table.largest + c.run);
            assert!(last <= data.len(), "left operand: {last} floats needed, {}", data.len());
        }
        Left::Computed(_) => assert_eq!(c.taps, 1, "computed rows have one tap"),
    }
    if let Right::InPlace { data, stride, offsets } = c.right {
        assert_eq!(offsets.len(), c.batch, "one offset a batch of the right operand");
        let columns = c.n.next_multiple_of(micro.vector);
        let last = offsets.iter().max().map_or(0, |&o| o + k.saturating_sub(1) * stride + columns);
        assert!(last <= data.len(), "right operand: {last} floats needed, {}", data.len());
    }
    if let Right::Panels(p, offsets) = c.right {
        assert_eq!(offsets.len(), c.batch, "one offset a batch of the right operand");
        assert_eq!((p.panel, p.k), (micro.n, k), "panels of this level and depth");
        let size = c.n.div_ceil(micro.n) * micro.n * k;
        let last = offsets.iter().max().map_or(0, |&o| o + size);
        assert!(last <= p.data.len(), "right operand: {last} floats needed, {}", p.data.len());
    }
}

/// Memory that a thread keeps between tasks.
#[derive(Default)]
struct Scratch {
    tile: Aligned,
    left: Aligned,
    right: Aligned,
    zeros: Aligned,
    rows: Vec<*const f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// A part of `k`: taps, and floats inside each of them.
struct Chunk {
    taps: Range<usize>,
    inside: Range<usize>,
    k: usize,
}

/// Cuts `k` into chunks: whole taps where several fit, else parts of one.
fn chunks(taps: usize, run: usize) -> impl Iterator<Item = Chunk> {
    let per_chunk = (CHUNK / run.max(1)).max(1);
    let parts = run.div_ceil(CHUNK).max(1);
    let part = run.div_ceil(parts);
    (0..taps).step_by(per_chunk).flat_map(move |tap| {
        (0..parts).map(move |i| Chunk {
            taps: tap..taps.min(tap + per_chunk),
            inside: i * part..run.min((i + 1) * part),
            k: tap * run + i * part,
        })
    })
}

fn run_task(
    c: &Contraction<'_>,
    micro: Micro,
    batch: usize,
    rows: Range<usize>,
    panels: Range<usize>,
) {
    // An epilogue that contracts itself finds the scratch taken and works on its own.
    let mut own = None;
    SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
        Ok(mut scratch) => run_blocks(c, micro, batch, rows, panels, &mut scratch),
        Err(_) => {
            run_blocks(c, micro, batch, rows, panels, own.insert(Scratch::default()));
        }
    });
}

fn run_blocks(
    c: &Contraction<'_>,
    micro: Micro,
    batch: usize,
    rows: Range<usize>,
    panels: Range<usize>,
    scratch: &mut Scratch,
) {
    let k = c.taps * c.run;
    let Scratch { tile, left, right, zeros, rows: pointers } = scratch;
    let TileRows { stride, whole } = TileRows::of(micro, c.m, c.n);
    let tile_len = rows.len() * stride;
    tile.reserve(tile_len * 4);
    if let Left::Computed(fill) = c.left {
        left.reserve(rows.len() * k * 4);
        fill(batch, rows.clone(), &mut left.floats_mut()[..rows.len() * k]);
    }
    zeros.reserve(c.run * 4);
    let source =
        Source { c, batch, first: rows.start, computed: left.floats(), zeros: zeros.floats() };
    let tile = &mut tile.floats_mut()[..tile_len];
    let per_tile = if whole { panels.len() } else { TILE_COLUMNS / micro.n };
    for first in panels.clone().step_by(per_tile) {
        let panels = first..panels.end.min(first + per_tile);
        for panel in panels.clone() {
            let to = &mut tile[(panel - first) * micro.n..];
            run_panel(&source, micro, panel, rows.clone(), (&mut *to, stride), (right, pointers));
        }
        let columns = panels.start * micro.n..c.n.min(panels.end * micro.n);
        (c.epilogue)(Tile { batch, rows: rows.clone(), columns, data: tile, stride });
    }
}

/// Adds up one panel of the rows of a task, in a tile whose rows are `stride` floats apart.
fn run_panel(
    source: &Source<'_>,
    micro: Micro,
    panel: usize,
    rows: Range<usize>,
    (tile, stride): (&mut [f32], usize),
    (right, pointers): (&mut Aligned, &mut Vec<*const f32>),
) {
    let &Source { c, batch, .. } = source;
    let k = c.taps * c.run;
    let columns = panel * micro.n..c.n.min((panel + 1) * micro.n);
    if k == 0 {
        tile.chunks_mut(stride).for_each(|row| row[..columns.len()].fill(0.0));
    }
    for chunk in chunks(c.taps, c.run) {
        let depth = chunk.taps.len() * chunk.inside.len();
        let (b, b_stride): (&[f32], usize) = match c.right {
            Right::Panels(p, offsets) => {
                let at = offsets[batch] + (panel * k + chunk.k) * micro.n;
                (&p.data[at..][..depth * micro.n], micro.n)
            }
            Right::InPlace { data, stride, offsets } => {
                (&data[offsets[batch] + chunk.k * stride + columns.start..], stride)
            }
            Right::Computed(fill) => {
                right.reserve(depth * micro.n * 4);
                let to = &mut right.floats_mut()[..depth * micro.n];
                fill(batch, chunk.k..chunk.k + depth, columns.clone(), to);
                (to, micro.n)
            }
        };
        for group in (rows.start..rows.end).step_by(micro.m) {
            let n_rows = micro.m.min(rows.end - group);
            source.pointers(group, n_rows, &chunk, pointers);
            let run = Run {
                rows: pointers.as_ptr(),
                taps: chunk.taps.len(),
                run: chunk.inside.len(),
                b: b.as_ptr(),
                b_stride,
                c: tile[(group - rows.start) * stride..].as_mut_ptr(),
                c_stride: stride,
                accumulate: chunk.k > 0,
            };
            // SAFETY: `check` proved that rows and panels reach over the contraction, the
            // tile has `rows * stride` floats from the panel's column of its first row to the
            // end of its last, and the level is one of this processor.
            unsafe { micro.run(n_rows, columns.len().div_ceil(micro.vector), run) };
        }
    }
}

/// Where the rows of a task lie.
struct Source<'a> {
    c: &'a Contraction<'a>,
    batch: usize,
    first: usize,
    computed: &'a [f32],
    zeros: &'a [f32],
}

impl Source<'_> {
    /// Writes `taps * 6` pointers to the rows of a group for a chunk.
    #[inline(always)]
    fn pointers(&self, group: usize, n_rows: usize, chunk: &Chunk, to: &mut Vec<*const f32>) {
        let n_taps = chunk.taps.len();
        to.resize((n_taps * ROWS).max(to.len()), std::ptr::null());
        match self.c.left {
            Left::Strided { data, stride, offsets } => {
                for (i, to) in to.iter_mut().enumerate().take(n_rows) {
                    let at = offsets[self.batch] + (group + i) * stride + chunk.inside.start;
                    *to = data.as_ptr().wrapping_add(at);
                }
            }
            Left::Computed(_) => {
                for (i, to) in to.iter_mut().enumerate().take(n_rows) {
                    let at = (group - self.first + i) * self.c.run + chunk.inside.start;
                    *to = self.computed.as_ptr().wrapping_add(at);
                }
            }
            Left::Indirect { data, table, offsets } => {
                let data = data.as_ptr().wrapping_add(offsets[self.batch]);
                for i in 0..n_rows {
                    let row = &table.offsets[(group + i) * self.c.taps..][chunk.taps.clone()];
                    for (tap, &offset) in row.iter().enumerate() {
                        let zero = offset == Table::ZERO;
                        let base = if zero { self.zeros.as_ptr() } else { data };
                        let at = if zero { 0 } else { offset as usize };
                        to[tap * ROWS + i] = base.wrapping_add(at + chunk.inside.start);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "drive_tests.rs"]
mod tests;
