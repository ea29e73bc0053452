//! Elements that are neighbours along another axis than that of the lanes.
//!
//! A loop nest may go by groups of rows: for each block of lanes, some neighbouring points of a
//! second axis. What lies along that axis in memory is read once a group, whole cache lines at a
//! time, and turned over into a tile; each row then finds its lanes side by side.

use std::ops::Range;

use super::CHECKS;
use super::elements::within;
use super::emit::{Emitter, Got};
use super::inst::{Index, Inst, Stage, Width};
use super::run::Machine;
use crate::cpu::form::{AxisId, AxisSet, BufId, Check, Form, Ix, Refusal};
use crate::cpu::lanes::{self, SIDE, Storage};

/// Rows of a group.
pub(super) const ROWS: usize = SIDE;
/// Steps from lane to lane from which lanes hardly share cache lines.
const STEP_MIN: i64 = 8;
/// Steps from row to row at most: beyond, rows hardly share cache lines.
const ROW_STEP_MAX: i64 = 8;

/// How a loop nest is walked.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Walk {
    /// The axis of the lanes.
    pub(super) lane: Option<AxisId>,
    /// The axis of the rows of a group; there are lanes where there is one.
    pub(super) rows: Option<AxisId>,
    /// All axes of the nest.
    pub(super) axes: AxisSet,
}

impl Walk {
    /// Lanes alone.
    pub(super) fn along(lane: Option<AxisId>) -> Walk {
        Walk { lane, ..Walk::default() }
    }

    /// Whether an element is read by groups of rows.
    pub(super) fn stages(&self, form: &Form, buf: BufId, at: &Ix, checks: &[Check]) -> bool {
        let (Some(lane), Some(rows)) = (self.lane, self.rows) else { return false };
        let mut all = checks.iter().map(|c| &c.ix).chain([at]);
        let known = all.all(|ix| ix.parts.is_empty() && ix.affine.axes() & !self.axes == 0);
        let constant = form.buffers.get(buf).is_some_and(|b| !b.written);
        let along = at.affine.of(rows).abs();
        known
            && constant
            && (1..=ROW_STEP_MAX).contains(&along)
            && at.affine.of(lane).abs() >= STEP_MIN.max(2 * along)
    }
}

impl Emitter<'_> {
    /// Reads an element for all rows of a group, outside the loop over them.
    pub(super) fn staged(
        &mut self,
        buf: BufId,
        at: &Ix,
        checks: &[Check],
        fill: u64,
    ) -> Result<Option<Got>, Refusal> {
        let (true, Some(axis)) = (self.walk.stages(self.form, buf, at, checks), self.walk.rows)
        else {
            return Ok(None);
        };
        let (access, depth, _) = self.access(buf, at, checks)?;
        let long = access.storage == Storage::Long;
        let [tile, row] = match long {
            true => [Width::LongTile, Width::LongBlock],
            false => [Width::Tile, Width::Block],
        };
        let tile = self.register(tile);
        let turn = lanes::turn(self.level);
        let stage = Stage { d: tile, access, axis, fill, turn };
        self.emit_at(depth - 1, Inst::Stage(Box::new(stage)));
        let d = self.register(row);
        if long {
            self.long.insert(d);
        }
        self.emit_at(depth, Inst::Row { d, tile, long });
        Ok(Some(Got { reg: d, wide: true, depth }))
    }
}

/// An index over lanes and rows.
#[derive(Clone, Copy, Default)]
struct Plane {
    first: i64,
    lane: i64,
    row: i64,
}

impl Plane {
    fn at(&self, lane: usize, row: usize) -> i64 {
        self.first + self.lane * lane as i64 + self.row * row as i64
    }

    /// Smallest and largest index of some lanes in so many rows.
    fn range(&self, lanes: &Range<usize>, rows: usize) -> (i64, i64) {
        let first = self.at(lanes.start, 0);
        let (lanes, rows) = (self.lane * (lanes.len() as i64 - 1), self.row * (rows as i64 - 1));
        (first + lanes.min(0) + rows.min(0), first + lanes.max(0) + rows.max(0))
    }
}

/// How some lanes of a group of rows are read.
enum Way {
    /// A square of words side by side, turned over.
    Square,
    /// Row by row; all checks hold.
    Rows,
    /// Lane by lane, each with the rows for which its checks hold.
    Lines,
}

/// What is staged: where elements lie, and what must hold for them.
struct Staging<'a> {
    stage: &'a Stage,
    base: *const u8,
    at: Plane,
    checks: &'a [(Plane, i64)],
    /// The first word of the tile, and words of its rows.
    to: *mut u32,
    width: usize,
    rows: usize,
}

impl Machine<'_> {
    /// Fills a tile with the elements of a group of rows.
    ///
    /// # Safety
    /// As [`Machine::run`].
    pub(super) unsafe fn stage(&mut self, stage: &Stage) {
        let (access, width) = (&stage.access, self.blocks.block);
        let words = if access.storage == Storage::Long { 2 * width } else { width };
        // SAFETY: a tile has a block for every row of a group.
        let to = unsafe { self.write(stage.d, ROWS * words) }.as_mut_ptr();
        let plane = |index: &Index| Plane {
            first: self.at(index),
            lane: index.step,
            row: index.affine.of(stage.axis),
        };
        let mut checks = [(Plane::default(), 0); CHECKS];
        for (check, (index, extent)) in checks.iter_mut().zip(&access.checks) {
            *check = (plane(index), *extent);
        }
        let staging = Staging {
            stage,
            base: self.buffers[access.buf],
            at: plane(&access.at),
            checks: &checks[..access.checks.len()],
            to,
            width,
            rows: self.rows,
        };
        let n = self.n(true);
        for lane in (0..n).step_by(SIDE) {
            let lanes = lane..n.min(lane + SIDE);
            // SAFETY: the caller's promise.
            unsafe {
                match staging.way(&lanes) {
                    Way::Square => staging.square(lane),
                    Way::Rows => (0..self.rows).for_each(|row| staging.row(row, &lanes)),
                    Way::Lines => lanes.for_each(|lane| staging.line(lane)),
                }
            }
        }
    }
}

impl Staging<'_> {
    fn storage(&self) -> Storage {
        self.stage.access.storage
    }

    /// How some lanes are read.
    fn way(&self, lanes: &Range<usize>) -> Way {
        let inside = |(plane, extent): &(Plane, i64)| {
            let (low, high) = plane.range(lanes, self.rows);
            low >= 0 && high < *extent
        };
        if self.storage() == Storage::Long || !self.checks.iter().all(inside) {
            return Way::Lines;
        }
        let square = self.rows == SIDE && lanes.len() == SIDE && self.at.row == 1;
        if square { Way::Square } else { Way::Rows }
    }

    /// # Safety
    /// As [`Machine::stage`]; the way is [`Way::Square`].
    unsafe fn square(&self, lane: usize) {
        let (first, step) = (self.at.at(lane, 0) as isize, self.at.lane as isize);
        // SAFETY: the caller's promise; the square's elements exist, as its checks hold.
        unsafe {
            let (to, turn) = (self.to.add(lane), self.stage.turn);
            if self.storage() == Storage::Word {
                let from = (self.base as *const u32).offset(first);
                return turn(to, self.width, from, step);
            }
            let mut square = [[0; SIDE]; SIDE];
            for (l, line) in square.iter_mut().enumerate() {
                lanes::load(line, self.storage(), self.base, first + l as isize * step, 1);
            }
            turn(to, self.width, square.as_ptr() as *const u32, SIDE as isize);
        }
    }

    /// # Safety
    /// As [`Machine::stage`]; the way is [`Way::Rows`].
    unsafe fn row(&self, row: usize, lanes: &Range<usize>) {
        let (first, step) = (self.at.at(lanes.start, row) as isize, self.at.lane as isize);
        // SAFETY: the caller's promise; the elements exist, as their checks hold, and the tile has
        // these lanes in every row.
        unsafe {
            let to = self.to.add(row * self.width + lanes.start);
            let to = std::slice::from_raw_parts_mut(to, lanes.len());
            lanes::load(to, self.storage(), self.base, first, step);
        }
    }

    /// Rows of a lane for which all checks hold: from one on and before another.
    fn valid(&self, lane: usize) -> (usize, usize) {
        let (mut low, mut high) = (0, self.rows as i64);
        for (plane, extent) in self.checks {
            let (from, to) = within(plane.at(lane, 0), plane.row, *extent);
            (low, high) = (low.max(from), high.min(to));
        }
        if low >= high { (0, 0) } else { (low as usize, high as usize) }
    }

    /// # Safety
    /// As [`Machine::stage`].
    unsafe fn line(&self, lane: usize) {
        let (low, high) = self.valid(lane);
        let (first, step) = (self.at.at(lane, low) as isize, self.at.row as isize);
        // SAFETY: the caller's promise; checked indices name elements, and the tile has the lane
        // in every row.
        unsafe {
            if self.storage() == Storage::Long {
                return self.long_line(lane, low..high);
            }
            let mut line = [self.stage.fill as u32; ROWS];
            if low < high {
                lanes::load(&mut line[low..high], self.storage(), self.base, first, step);
            }
            for (row, &word) in line[..self.rows].iter().enumerate() {
                *self.to.add(row * self.width + lane) = word;
            }
        }
    }

    /// # Safety
    /// As [`Machine::stage`]; the checks hold in these rows.
    unsafe fn long_line(&self, lane: usize, valid: Range<usize>) {
        let (to, from) = (self.to as *mut [u32; 2], self.base as *const [u32; 2]);
        for row in 0..self.rows {
            let at = self.at.at(lane, row) as isize;
            // SAFETY: the caller's promise.
            unsafe {
                let fill = lanes::unpair(self.stage.fill as i64);
                let pair = if valid.contains(&row) { *from.offset(at) } else { fill };
                *to.add(row * self.width + lane) = pair;
            }
        }
    }
}
