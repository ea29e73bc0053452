//! What follows the sum: stores of values that use it, on tiles or on the whole result.

use ferrodyne_plan::DType;

use super::{Parts, Shape};
use crate::cpu::Level;
use crate::cpu::blocks::{self, Blocks};
use crate::cpu::contract::{Micro, tile_stride};
use crate::cpu::form::{AxisId, Buffer, Form, Ix, Refusal, St, V, fuse_axes, set};
use crate::cpu::lanes::Storage;

/// What follows the sum.
pub(super) enum Tail {
    /// Runs on each tile, whose rows and columns are one axis each.
    Tiles { code: Blocks, row: Option<AxisId>, column: AxisId },
    /// Runs on each tile, whose elements are one axis.
    Flat { code: Blocks, axis: AxisId },
    /// Runs on the sums `[batch][row][column]` when all are there.
    Whole(Blocks),
}

/// The tail of a contraction; `None` where statements use sums that it does not make.
pub(super) fn tail(form: &Form, parts: &Parts, level: Level) -> Result<Option<Tail>, Refusal> {
    let shape = &parts.shape;
    let micro = Micro::of(level);
    let overflow = || Refusal("the result of a contraction is too large".to_owned());
    let stride = tile_stride(micro, shape.n);
    if stride == shape.n
        && let Some(code) = flat(form, parts, level)?
    {
        return Ok(Some(code));
    }
    let tile = [(&shape.rows, stride), (&shape.columns, 1)];
    let mut tiles = with_sums(form, parts, &tile).ok_or_else(overflow)?;
    if uses_other_sums(&tiles) {
        return Ok(None);
    }
    let groups = [set(&shape.rows), set(&shape.columns)];
    fuse_axes(&mut tiles, &|a, b| groups.iter().any(|g| g >> a & g >> b & 1 == 1));
    let [St::For { axes, .. }] = &tiles.body[..] else { return Ok(None) };
    let left = |group: usize| -> Vec<AxisId> {
        axes.iter().copied().filter(|&a| groups[group] >> a & 1 == 1).collect()
    };
    if let ([] | [_], [column]) = (&left(0)[..], &left(1)[..]) {
        let code = blocks::compile_tile(&tiles, level, *column, 128)?;
        return Ok(Some(Tail::Tiles { code, row: left(0).first().copied(), column: *column }));
    }
    let whole = [(&shape.batch, shape.m * shape.n), (&shape.rows, shape.n), (&shape.columns, 1)];
    let mut whole = with_sums(form, parts, &whole).ok_or_else(overflow)?;
    fuse_axes(&mut whole, &|_, _| true);
    Ok(Some(Tail::Whole(blocks::compile(&whole, level)?)))
}

/// The tail of tiles without gaps, if all of it steps through rows and columns as one.
fn flat(form: &Form, parts: &Parts, level: Level) -> Result<Option<Tail>, Refusal> {
    let shape = &parts.shape;
    let Some(mut flat) = with_sums(form, parts, &[(&shape.rows, shape.n), (&shape.columns, 1)])
    else {
        return Ok(None);
    };
    let group = set(&shape.rows) | set(&shape.columns);
    fuse_axes(&mut flat, &|a, b| group >> a & group >> b & 1 == 1);
    let [St::For { axes, .. }] = &flat.body[..] else { return Ok(None) };
    let left: Vec<AxisId> = axes.iter().copied().filter(|&a| group >> a & 1 == 1).collect();
    let [axis] = left[..] else { return Ok(None) };
    if uses_other_sums(&flat) {
        return Ok(None);
    }
    let code = blocks::compile_tile(&flat, level, axis, blocks::BLOCK)?;
    Ok(Some(Tail::Flat { code, axis }))
}

/// The statements after the sum, which is loaded from a buffer behind the parameters.
fn with_sums(form: &Form, parts: &Parts, lists: &[(&Vec<AxisId>, usize)]) -> Option<Form> {
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
        if value.kind == V::Def(parts.def) {
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

/// The values of the batch axes in a batch.
pub(super) fn batch_point(shape: &Shape, extents: &[i64], batch: usize) -> Vec<(AxisId, i64)> {
    let mut rest = batch as i64;
    let mut point = Vec::with_capacity(shape.batch.len());
    for &axis in shape.batch.iter().rev() {
        point.push((axis, rest % extents[axis]));
        rest /= extents[axis];
    }
    point
}
