//! What follows the sum: stores of values that use it, on tiles or on the whole result.

use ferrodyne_plan::DType;

use super::{Parts, Shape};
use crate::cpu::Level;
use crate::cpu::blocks::{self, Blocks, Buffers, Window};
use crate::cpu::contract::{Micro, Tile, TileRows};
use crate::cpu::form::{AxisId, AxisSet, Buffer, DefId, Form, Ix, Refusal, St, V, fuse_axes, set};
use crate::cpu::lanes::Storage;

/// What follows the sum.
pub(super) enum Tail {
    /// Runs on each tile.
    Tile(TileTail),
    /// Runs on the sums `[batch][row][column]` when all are there.
    Whole(Blocks),
}

/// What follows sums, run on tiles of them.
pub(crate) struct TileTail {
    code: Blocks,
    /// The axis of the rows; `None` where there is one, or where a tile is one axis.
    row: Option<AxisId>,
    /// The axis of the columns, or of all elements of a tile.
    lane: AxisId,
    /// Columns of the result, where a tile is one axis.
    flat: Option<usize>,
    /// Batch axes with their extents, the innermost first.
    batch: Vec<(AxisId, i64)>,
}

/// The tail of a contraction; `None` where statements use sums that it does not make.
pub(super) fn tail(form: &Form, parts: &Parts, level: Level) -> Result<Option<Tail>, Refusal> {
    let shape = &parts.shape;
    let rows = TileRows::of(Micro::of(level), shape.m, shape.n);
    if let Some(tail) = tile_tail(form, parts.def, shape, rows, level)? {
        return Ok(Some(Tail::Tile(tail)));
    }
    let whole = [(&shape.batch, shape.m * shape.n), (&shape.rows, shape.n), (&shape.columns, 1)];
    let mut whole = with_sums(form, parts.def, &whole).ok_or_else(overflow)?;
    if uses_other_sums(&whole) {
        return Ok(None);
    }
    fuse_axes(&mut whole, &|_, _| true);
    Ok(Some(Tail::Whole(blocks::compile(&whole, level)?)))
}

fn overflow() -> Refusal {
    Refusal("the result of a contraction is too large".to_owned())
}

/// The tail of tiles whose rows lie so; `None` where the statements do not fit them.
pub(crate) fn tile_tail(
    form: &Form,
    def: DefId,
    shape: &Shape,
    TileRows { stride, whole }: TileRows,
    level: Level,
) -> Result<Option<TileTail>, Refusal> {
    let sums = [(&shape.rows, stride), (&shape.columns, 1)];
    let tiles = with_sums(form, def, &sums).ok_or_else(overflow)?;
    if uses_other_sums(&tiles) {
        return Ok(None);
    }
    let all = set(&shape.rows) | set(&shape.columns);
    let batch = shape.batch.iter().rev().map(|&a| (a, form.extent(a))).collect();
    if whole {
        let mut flat = tiles.clone();
        fuse_axes(&mut flat, &|a, b| all >> a & all >> b & 1 == 1);
        if let [lane] = of_nest(&flat, all)[..] {
            let code = blocks::compile_tile(&flat, level, lane, blocks::BLOCK)?;
            return Ok(Some(TileTail { code, row: None, lane, flat: Some(shape.n), batch }));
        }
    }
    let mut tiles = tiles;
    let groups = [set(&shape.rows), set(&shape.columns)];
    fuse_axes(&mut tiles, &|a, b| groups.iter().any(|g| g >> a & g >> b & 1 == 1));
    let (rows, columns) = (of_nest(&tiles, groups[0]), of_nest(&tiles, groups[1]));
    let ([] | [_], &[lane]) = (&rows[..], &columns[..]) else { return Ok(None) };
    let code = blocks::compile_tile(&tiles, level, lane, stride.min(blocks::BLOCK))?;
    Ok(Some(TileTail { code, row: rows.first().copied(), lane, flat: None, batch }))
}

/// Axes of the one nest of a form that are in a set.
fn of_nest(form: &Form, group: AxisSet) -> Vec<AxisId> {
    let [St::For { axes, .. }] = &form.body[..] else { return Vec::new() };
    axes.iter().copied().filter(|&a| group >> a & 1 == 1).collect()
}

impl TileTail {
    /// Does with a tile what follows the sums.
    ///
    /// # Safety
    /// As for [`Blocks::run`] with the parameters' buffers; the tile is one of the result.
    pub(crate) unsafe fn run(&self, buffers: &Buffers, tile: Tile<'_>) {
        let mut rest = tile.batch as i64;
        let fixed = self.batch.iter().fold(Vec::new(), |mut all, &(axis, n)| {
            all.push((axis, rest % n));
            rest /= n;
            all
        });
        let (rows, lanes, first) = match self.flat {
            Some(n) => {
                let lanes = tile.rows.start * n..tile.rows.end * n;
                ((None, 0..1), lanes.clone(), lanes.start)
            }
            None => {
                let first = tile.rows.start * tile.stride + tile.columns.start;
                ((self.row, tile.rows), tile.columns, first)
            }
        };
        // The code counts rows and columns from those of the whole result.
        let buffers = buffers.with(tile.data.as_mut_ptr().wrapping_sub(first));
        let window = Window { fixed: &fixed, rows, lanes: (self.lane, lanes) };
        // SAFETY: the caller's promise; the window lies in the result.
        unsafe { self.code.run_window(&buffers, &window) };
    }
}

/// The statements after the sum, which is loaded from a buffer behind the parameters.
fn with_sums(form: &Form, def: DefId, lists: &[(&Vec<AxisId>, usize)]) -> Option<Form> {
    let [St::For { axes, body }] = &form.body[..] else { return None };
    let mut at = Ix::default();
    for (axes, stride) in lists {
        let mut stride = i64::try_from(*stride).ok()?;
        for &axis in axes.iter().rev() {
            at.affine.add_term(axis, stride)?;
            stride = stride.checked_mul(form.extent(axis))?;
        }
    }
    let mut tail = form.clone();
    let buf = tail.buffers.len();
    tail.buffers.push(Buffer {
        dtype: DType::F32,
        storage: Storage::Word,
        len: 0,
        read: true,
        written: false,
    });
    for value in &mut tail.values {
        if value.kind == V::Def(def) {
            value.kind = V::Load { buf, at: at.clone(), checks: Vec::new(), fill: 0 };
        }
    }
    tail.body = vec![St::For { axes: axes.clone(), body: body[1..].to_vec() }];
    tail.prune();
    Some(tail)
}

fn uses_other_sums(form: &Form) -> bool {
    form.values.iter().any(|v| matches!(v.kind, V::Def(_)))
}
