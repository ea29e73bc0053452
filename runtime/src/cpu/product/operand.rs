//! How the operands of a contraction are read.

use ferrodyne_plan::{DType, Scalar};

use super::runs::Runs;
use super::{Parts, Shape, Sources};
use crate::cpu::Level;
use crate::cpu::blocks::{self, Blocks};
use crate::cpu::contract::{Micro, Table};
use crate::cpu::form::{
    Affine, AxisId, BufId, Buffer, Check, Form, Ix, Refusal, St, Store, V, ValId, fuse_axes,
};
use crate::cpu::lanes::Storage;

/// Contiguous floats of a tap at least; fewer where there are batches, which nothing else reads where they lie.
const RUN_MIN: usize = 8;
const BATCHED_RUN_MIN: usize = 4;
/// Entries of a table at most.
pub(super) const TABLE_MAX: usize = 1 << 22;

/// How the left operand is read.
pub(super) enum LeftPlan {
    /// Rows at a fixed distance.
    Strided { buf: BufId, stride: usize, offsets: Vec<usize> },
    /// Taps through a table, the same for every batch; padding is zeros.
    Table { buf: BufId, table: Table, offsets: Vec<usize>, taps: usize, run: usize },
    /// Rows are copied from short runs.
    Runs { buf: BufId, runs: Runs },
    /// Rows are computed: `[batch][row][k]`.
    Made(Made),
}

/// How the right operand is read.
pub(super) enum RightPlan {
    /// A matrix by its strides along `k` and columns.
    Strided { buf: BufId, strides: [usize; 2], offsets: Vec<usize> },
    /// Rows are computed: `[batch][k][column]`, with `width` columns.
    Made { made: Made, width: usize },
}

/// An operand that the block interpreter computes.
pub(super) struct Made {
    pub(super) code: Blocks,
    pub(super) sources: Sources,
    /// Floats.
    pub(super) len: usize,
}

/// How the left operand is read.
pub(super) fn left_plan(form: &Form, parts: &Parts, level: Level) -> Result<LeftPlan, Refusal> {
    let shape = &parts.shape;
    if let Some((buf, at, checks)) = load(form, parts.left) {
        let k = step(form, at, &shape.red);
        let rows = step(form, at, &shape.rows);
        if let (Some(0 | 1), Some(stride), true) = (k, rows, checks.is_empty())
            && (k == Some(1) || shape.k == 1)
            && let Some(offsets) = offsets(form, at, &shape.batch)
        {
            return Ok(LeftPlan::Strided { buf, stride, offsets });
        }
        if zero_fill(form, parts.left) || checks.is_empty() {
            if let Some(plan) = table_plan(form, shape, buf, at, checks) {
                return Ok(plan);
            }
            if let Some(runs) = Runs::new(form, shape, at, checks) {
                return Ok(LeftPlan::Runs { buf, runs });
            }
        }
    }
    let strides = [shape.m * shape.k, shape.k, 1];
    let lists = [&shape.batch[..], &shape.rows, &shape.red];
    Ok(LeftPlan::Made(made(form, parts.left, lists, strides, level)?))
}

/// How the right operand is read.
pub(super) fn right_plan(
    form: &Form,
    parts: &Parts,
    level: Level,
    micro: Micro,
) -> Result<RightPlan, Refusal> {
    let shape = &parts.shape;
    if let Some((buf, at, [])) = load(form, parts.right)
        && let (Some(k), Some(n)) = (step(form, at, &shape.red), step(form, at, &shape.columns))
        && let Some(offsets) = offsets(form, at, &shape.batch)
    {
        return Ok(RightPlan::Strided { buf, strides: [k, n], offsets });
    }
    let width = shape.n.next_multiple_of(micro.vector);
    let strides = [shape.k * width, width, 1];
    let lists = [&shape.batch[..], &shape.red, &shape.columns];
    let made = made(form, parts.right, lists, strides, level)?;
    Ok(RightPlan::Made { made, width })
}

/// A load of floats with an affine index.
fn load(form: &Form, val: ValId) -> Option<(BufId, &Affine, &[Check])> {
    let V::Load { buf, at, checks, .. } = &form.values[val].kind else { return None };
    let buffer = form.buffers[*buf];
    let floats = buffer.storage == Storage::Word && buffer.dtype.scalar() == Scalar::F32;
    Some((*buf, at.as_affine().filter(|_| floats && !buffer.written)?, checks))
}

fn zero_fill(form: &Form, val: ValId) -> bool {
    matches!(&form.values[val].kind, V::Load { fill: 0, .. })
}

/// The distance of two neighbouring points of some axes, if it is the same for all and not
/// negative.
fn step(form: &Form, at: &Affine, axes: &[AxisId]) -> Option<usize> {
    let Some((&last, outer)) = axes.split_last() else { return Some(0) };
    let step = at.of(last);
    let mut next = step.checked_mul(form.extent(last))?;
    for &axis in outer.iter().rev() {
        if at.of(axis) != next {
            return None;
        }
        next = next.checked_mul(form.extent(axis))?;
    }
    usize::try_from(step).ok()
}

/// Every point of some axes, the last one fastest; other axes stay at 0.
pub(crate) fn points(
    form: &Form,
    axes: &[AxisId],
    f: &mut dyn FnMut(&[i64]) -> Option<()>,
) -> Option<()> {
    let mut point = vec![0; form.extents.len()];
    for _ in 0..form.volume(axes) {
        f(&point)?;
        for &axis in axes.iter().rev() {
            point[axis] += 1;
            if point[axis] < form.extent(axis) {
                break;
            }
            point[axis] = 0;
        }
    }
    Some(())
}

/// Where each batch begins.
fn offsets(form: &Form, at: &Affine, batch: &[AxisId]) -> Option<Vec<usize>> {
    let mut offsets = Vec::new();
    points(form, batch, &mut |point| {
        offsets.push(usize::try_from(at.at(point)).ok()?);
        Some(())
    })?;
    Some(offsets)
}

/// A table of taps: what the innermost reduced axes step through contiguously is a run.
fn table_plan(
    form: &Form,
    shape: &Shape,
    buf: BufId,
    at: &Affine,
    checks: &[Check],
) -> Option<LeftPlan> {
    let checked: Vec<(&Affine, i64)> =
        checks.iter().map(|c| Some((c.ix.as_affine()?, c.extent))).collect::<Option<_>>()?;
    let (mut first, mut run) = (shape.red.len(), 1i64);
    while first > 0 {
        let axis = shape.red[first - 1];
        if at.of(axis) != run || checked.iter().any(|c| c.0.of(axis) != 0) {
            break;
        }
        run *= form.extent(axis);
        first -= 1;
    }
    let taps = form.volume(&shape.red[..first]) as usize;
    let run = run as usize;
    let alike = shape.batch.iter().all(|&axis| checked.iter().all(|c| c.0.of(axis) == 0));
    let run_min = if shape.n_batch == 1 { RUN_MIN } else { BATCHED_RUN_MIN };
    if !alike || run < run_min || shape.m * taps > TABLE_MAX {
        return None;
    }
    let offsets = offsets(form, &Affine { constant: 0, ..at.clone() }, &shape.batch)?;
    let axes: Vec<AxisId> = shape.rows.iter().chain(&shape.red[..first]).copied().collect();
    let mut entries = Vec::with_capacity(shape.m * taps);
    points(form, &axes, &mut |point| {
        let inside = checked.iter().all(|(ix, extent)| (0..*extent).contains(&ix.at(point)));
        let at = if inside { u32::try_from(at.at(point)).ok()? } else { Table::ZERO };
        entries.push(at);
        Some(())
    })?;
    Some(LeftPlan::Table { buf, table: Table::new(entries), offsets, taps, run })
}

/// Code that writes a value for every point of three lists of axes, at the given strides.
fn made(
    form: &Form,
    val: ValId,
    lists: [&[AxisId]; 3],
    strides: [usize; 3],
    level: Level,
) -> Result<Made, Refusal> {
    let mut at = Ix::default();
    let overflow = || Refusal("an operand is too large".to_owned());
    for (axes, stride) in lists.iter().zip(strides) {
        let mut stride = stride as i64;
        for &axis in axes.iter().rev() {
            at.affine.add_term(axis, stride).ok_or_else(overflow)?;
            stride = stride.checked_mul(form.extent(axis)).ok_or_else(overflow)?;
        }
    }
    let mut part = form.clone();
    let buf = part.buffers.len();
    part.buffers.push(Buffer {
        dtype: DType::F32,
        storage: Storage::Word,
        len: 0,
        read: false,
        written: true,
    });
    let store = Store { buf, at, checks: Vec::new(), val, over: Vec::new(), merge: None };
    let axes = lists.concat();
    part.body = vec![St::For { axes, body: vec![St::Store(store)] }];
    part.prune();
    fuse_axes(&mut part, &|_, _| true);
    let code = blocks::compile(&part, level)?;
    let sources = part.sources(val);
    let first = lists[0].iter().map(|&a| form.extent(a) as usize).product::<usize>();
    Ok(Made { code, sources, len: first * strides[0] })
}
