//! Finds a fold over a window in a form.

use ferrodyne_plan::Scalar;
use ferrodyne_plan::loops::{FoldKind, Math};

use super::kernel::{CHANNELS_MIN, Step};
use super::{OUTSIDE, Weights, Windows};
use crate::cpu::Level;
use crate::cpu::contract::TileRows;
use crate::cpu::form::{Affine, AxisId, BufId, Check, Fold, Form, Refusal, St, V, ValId, set};
use crate::cpu::lanes::Storage;
use crate::cpu::product::{Shape, points, tile_tail};

/// Taps of a window at most.
pub(super) const TAPS_MAX: usize = 1024;
/// Entries of the table at most.
pub(super) const TABLE_MAX: usize = 1 << 22;

/// The fold over windows that a form is, if it is one.
pub(crate) fn window(form: &Form, level: Level) -> Result<Option<Windows>, Refusal> {
    let Some((axes, fold)) = fold_of(form) else { return Ok(None) };
    let Some((&channel, pixels)) = axes.split_last() else { return Ok(None) };
    let Some((step, image, weights)) = operands(form, fold.kind, fold.args[0]) else {
        return Ok(None);
    };
    let load = |val| channel_load(form, val, channel);
    let (Some((image, at, checks, fill)), false) = (load(image), pixels.is_empty()) else {
        return Ok(None);
    };
    if at.of(channel) != 1 {
        return Ok(None);
    }
    let weights = match weights.map(load) {
        None => None,
        Some(Some((buf, at, [], _))) if at.axes() & set(pixels) == 0 => Some((buf, at)),
        Some(_) => return Ok(None),
    };
    let size = |axes: &[AxisId]| usize::try_from(form.volume(axes)).unwrap_or(usize::MAX);
    let (n_pixels, taps, channels) = (size(pixels), size(&fold.red), size(&[channel]));
    // What is outside a sum must add nothing.
    let filled = checks.is_empty() || step == Step::Max || fill == 0;
    let fits = channels >= CHANNELS_MIN && taps <= TAPS_MAX && n_pixels > 0 && taps > 0;
    if !filled || !fits || n_pixels.saturating_mul(taps) > TABLE_MAX {
        return Ok(None);
    }
    let shape = Shape {
        batch: Vec::new(),
        rows: pixels.to_vec(),
        columns: vec![channel],
        red: fold.red.clone(),
        n_batch: 1,
        m: n_pixels,
        n: channels,
        k: taps,
    };
    let Some(table) = table(form, &shape, at, checks) else { return Ok(None) };
    let weights = match weights {
        None => None,
        Some((buf, at)) => {
            let Some(offsets) = offsets(form, &fold.red, at) else { return Ok(None) };
            let (len, stride) = (form.buffers[buf].len as usize, at.of(channel) as usize);
            Some(Weights { buf, len, offsets, stride })
        }
    };
    let places = TileRows { stride: channels, whole: true };
    let Some(tail) = tile_tail(form, fold.defs[0], &shape, places, level)? else {
        return Ok(None);
    };
    Ok(Some(Windows {
        step,
        image,
        image_len: form.buffers[image].len as usize,
        table,
        fill: f32::from_bits(fill as u32),
        weights,
        pixels: n_pixels,
        taps,
        channels,
        tail,
    }))
}

/// The one fold of a loop nest of floats, which only plain stores follow.
pub(super) fn fold_of(form: &Form) -> Option<(&[AxisId], &Fold)> {
    let [St::For { axes, body }] = &form.body[..] else { return None };
    let [St::Fold(fold), stores @ ..] = &body[..] else { return None };
    let plain = stores.iter().all(|st| {
        matches!(st, St::Store(s) if s.over.is_empty() && s.merge.is_none()
            && !form.buffers[s.buf].read)
    });
    let whole = fold.over.is_empty() && fold.body.is_empty() && fold.scalar == Scalar::F32;
    (plain && whole && !fold.red.is_empty()).then_some((axes, fold))
}

/// What is done with taps, the image, and the weights.
pub(super) fn operands(
    form: &Form,
    kind: FoldKind,
    arg: ValId,
) -> Option<(Step, ValId, Option<ValId>)> {
    match (kind, &form.values[arg].kind) {
        (FoldKind::Max, V::Load { .. }) => Some((Step::Max, arg, None)),
        (FoldKind::Sum, V::Load { .. }) => Some((Step::Sum, arg, None)),
        (FoldKind::Sum, V::Math(Math::Mul, args)) => {
            let [a, b] = args[..] else { return None };
            let checked = |v: ValId| matches!(&form.values[v].kind, V::Load { checks, .. } if !checks.is_empty());
            let more = |v: ValId| form.values[v].axes.count_ones();
            let image_first = checked(a) || !checked(b) && more(a) >= more(b);
            let (image, weights) = if image_first { (a, b) } else { (b, a) };
            Some((Step::Weighted, image, Some(weights)))
        }
        _ => None,
    }
}

/// A load of floats that steps forward with the channels, and whose checks do not vary with them.
fn channel_load(
    form: &Form,
    val: ValId,
    channel: AxisId,
) -> Option<(BufId, &Affine, &[Check], u64)> {
    let V::Load { buf, at, checks, fill } = &form.values[val].kind else { return None };
    let at = at.as_affine().filter(|at| is_input(form, *buf) && at.of(channel) > 0)?;
    let uniform = |c: &Check| c.ix.as_affine().is_some_and(|ix| ix.of(channel) == 0);
    checks.iter().all(uniform).then_some((*buf, at, checks, *fill))
}

/// Whether a buffer holds floats that nobody writes.
pub(super) fn is_input(form: &Form, buf: BufId) -> bool {
    let buffer = form.buffers[buf];
    let floats = buffer.storage == Storage::Word && buffer.dtype.scalar() == Scalar::F32;
    floats && !buffer.written
}

fn table(form: &Form, shape: &Shape, at: &Affine, checks: &[Check]) -> Option<Vec<u32>> {
    let axes: Vec<AxisId> = shape.rows.iter().chain(&shape.red).copied().collect();
    let mut table = Vec::with_capacity(shape.m * shape.k);
    points(form, &axes, &mut |point| {
        let inside = checks.iter().all(|c| (0..c.extent).contains(&c.ix.affine.at(point)));
        table.push(if inside { u32::try_from(at.at(point)).ok()? } else { OUTSIDE });
        Some(())
    })?;
    Some(table)
}

/// Where an element lies for each point of some axes.
pub(super) fn offsets(form: &Form, axes: &[AxisId], at: &Affine) -> Option<Vec<usize>> {
    let mut offsets = Vec::new();
    points(form, axes, &mut |point| {
        offsets.push(usize::try_from(at.at(point)).ok()?);
        Some(())
    })?;
    Some(offsets)
}
