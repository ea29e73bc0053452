//! Rows that are copied from short runs: convolution over few channels.
//!
//! A row of the left operand is a sequence of taps. Each is a run of neighbouring elements of
//! which a part may lie outside: the columns of a window with their channels.

use std::ops::Range;

use super::Shape;
use super::operand::{TABLE_MAX, points};
use crate::cpu::form::{Affine, AxisId, Check, Form};

/// Floats that are copied at a time.
const PIECE: usize = 8;

/// Where the runs of rows lie.
pub(super) struct Runs {
    /// Runs of a row.
    taps: usize,
    /// Floats of a run.
    run: usize,
    /// By row and tap: where the run would begin, and which part of it is inside.
    entries: Vec<(i32, u16, u16)>,
    /// Elements that the buffer must have.
    reach: usize,
}

impl Runs {
    /// The runs of a load, if its innermost axes are neighbours in memory.
    pub(super) fn new(form: &Form, shape: &Shape, at: &Affine, checks: &[Check]) -> Option<Runs> {
        let checks: Vec<(&Affine, i64)> =
            checks.iter().map(|c| Some((c.ix.as_affine()?, c.extent))).collect::<Option<_>>()?;
        let is_checked = |axis: AxisId| checks.iter().any(|c| c.0.of(axis) != 0);
        let (mut first, mut cell) = (shape.red.len(), 1i64);
        while first > 0 && at.of(shape.red[first - 1]) == cell && !is_checked(shape.red[first - 1])
        {
            cell *= form.extent(shape.red[first - 1]);
            first -= 1;
        }
        // One checked axis more: the part of it that is inside is a range of cells.
        let window = shape.red[..first].last().copied().filter(|&axis| at.of(axis) == cell)?;
        let cells = form.extent(window);
        let outer = &shape.red[..first - 1];
        let taps = usize::try_from(form.volume(outer)).ok()?;
        let run = usize::try_from(cell * cells).ok().filter(|&run| run < usize::from(u16::MAX))?;
        if shape.n_batch != 1 || shape.m * taps > TABLE_MAX {
            return None;
        }
        let axes: Vec<AxisId> = shape.rows.iter().chain(outer).copied().collect();
        let (mut entries, mut reach) = (Vec::with_capacity(shape.m * taps), 0);
        points(form, &axes, &mut |point| {
            let inside = inside(&checks, window, cells, point)?;
            let start = i32::try_from(at.at(point)).ok()?;
            let (from, to) = (inside.start * cell, inside.end * cell);
            if to > from {
                usize::try_from(i64::from(start) + from).ok()?;
                reach = reach.max(usize::try_from(i64::from(start) + to).ok()?);
            }
            entries.push((start, from as u16, to as u16));
            Some(())
        })?;
        Some(Runs { taps, run, entries, reach })
    }

    /// Copies rows.
    ///
    /// # Panics
    /// Where `data` is shorter than the runs reach.
    pub(super) fn fill(&self, data: &[f32], rows: Range<usize>, to: &mut [f32]) {
        assert!(self.reach <= data.len(), "left operand: {} floats needed", self.reach);
        let entries = &self.entries[rows.start * self.taps..rows.end * self.taps];
        let wide = self.run.next_multiple_of(PIECE);
        for (i, &(start, from, end)) in entries.iter().enumerate() {
            let at = start as usize;
            let (to_end, from_end) = (i * self.run + wide, at.saturating_add(wide));
            let (from, end) = (usize::from(from), usize::from(end));
            if (from, end) == (0, self.run) && to_end <= to.len() && from_end <= data.len() {
                // Whole pieces: what is too much belongs to the next run, which comes later.
                let (to, from) = (&mut to[i * self.run..to_end], &data[at..from_end]);
                for (to, from) in to.as_chunks_mut::<PIECE>().0.iter_mut().zip(from.as_chunks().0) {
                    *to = *from;
                }
                continue;
            }
            let to = &mut to[i * self.run..][..self.run];
            to[..from].fill(0.0);
            to[end..].fill(0.0);
            if end > from {
                let at = (i64::from(start) + from as i64) as usize;
                to[from..end].copy_from_slice(&data[at..at + end - from]);
            }
        }
    }
}

/// The values of an axis for which all checks hold.
fn inside(
    checks: &[(&Affine, i64)],
    axis: AxisId,
    extent: i64,
    point: &[i64],
) -> Option<Range<i64>> {
    let (mut low, mut high) = (0, extent);
    for (ix, end) in checks {
        let first = ix.at(point);
        let (from, to) = match ix.of(axis) {
            0 if (0..*end).contains(&first) => continue,
            0 => (0, 0),
            step if step > 0 => (-(first.div_euclid(step)), -((first - end).div_euclid(step))),
            _ => return None,
        };
        (low, high) = (low.max(from), high.min(to));
    }
    Some(if low < high { low..high } else { 0..0 })
}
