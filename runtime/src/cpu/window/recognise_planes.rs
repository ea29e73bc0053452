//! Finds a fold over windows along rows of pixels in a form.

use super::Weights;
use super::planes::{Line, Planes, Taps, tile_stride};
use super::recognise::{TABLE_MAX, TAPS_MAX, fold_of, is_input, offsets, operands};
use crate::cpu::Level;
use crate::cpu::contract::TileRows;
use crate::cpu::form::{Affine, AxisId, BufId, Check, Form, Refusal, V, ValId, set};
use crate::cpu::product::{Shape, points, tile_tail};

use super::kernel::Step;

/// Pixels of a row below which a kernel of rows is mostly empty.
const WIDTH_MIN: usize = 4;
/// Elements from pixel to pixel, and from tap to tap of a line, at most.
const STRIDE_MAX: i64 = 4;
const DILATION_MAX: i64 = 16;

/// The axes of a fold over windows, outermost first.
struct Axes<'a> {
    batch: &'a [AxisId],
    row: AxisId,
    pixel: AxisId,
    /// Reduced axes from line to line, and along a line.
    lines: &'a [AxisId],
    place: AxisId,
}

/// A load of the image.
struct Image<'a> {
    buf: BufId,
    at: &'a Affine,
    checks: &'a [Check],
    fill: u64,
}

/// The fold over windows along rows that a form is, if it is one.
pub(crate) fn planes(form: &Form, level: Level) -> Result<Option<Planes>, Refusal> {
    let Some((outer, fold)) = fold_of(form) else { return Ok(None) };
    let ([batch @ .., row, pixel], [lines @ .., place]) = (outer, &fold.red[..]) else {
        return Ok(None);
    };
    let axes = Axes { batch, row: *row, pixel: *pixel, lines, place: *place };
    let Some((step, image, weights)) = operands(form, fold.kind, fold.args[0]) else {
        return Ok(None);
    };
    let Some(image) = image_load(form, image, &axes) else { return Ok(None) };
    // What is outside a sum must add nothing.
    let filled = image.checks.is_empty() || step == Step::Max || image.fill == 0;
    let size = |axes: &[AxisId]| usize::try_from(form.volume(axes)).unwrap_or(usize::MAX);
    let taps = Taps {
        lines: size(lines),
        places: size(&[axes.place]),
        stride: image.at.of(axes.pixel) as usize,
        dilation: image.at.of(axes.place) as usize,
    };
    let (n_batch, rows, width) = (size(batch), size(&[axes.row]), size(&[axes.pixel]));
    let n_lines = n_batch.saturating_mul(rows).saturating_mul(taps.lines);
    let n_taps = taps.lines.saturating_mul(taps.places);
    let fits = (1..=TAPS_MAX).contains(&n_taps) && (1..=TABLE_MAX).contains(&n_lines);
    if !filled || !fits || width < WIDTH_MIN || n_batch.saturating_mul(n_taps) > TABLE_MAX {
        return Ok(None);
    }
    let Some(weights) = weights_of(form, weights, &axes) else { return Ok(None) };
    let Some(lines) = lines_of(form, &image, &axes, width, taps) else { return Ok(None) };
    let shape = Shape {
        batch: batch.to_vec(),
        rows: vec![axes.row],
        columns: vec![axes.pixel],
        red: fold.red.clone(),
        n_batch,
        m: rows,
        n: width,
        k: n_taps,
    };
    let stride = tile_stride(width);
    let places = TileRows { stride, whole: stride == width };
    let Some(tail) = tile_tail(form, fold.defs[0], &shape, places, level)? else {
        return Ok(None);
    };
    Ok(Some(Planes {
        step,
        image: image.buf,
        image_len: form.buffers[image.buf].len as usize,
        lines,
        fill: f32::from_bits(image.fill as u32),
        weights,
        batch: n_batch,
        rows,
        width,
        taps,
        tail,
    }))
}

/// A load of floats along rows: what is checked is the place on a line, or the line as a whole.
fn image_load<'f>(form: &'f Form, val: ValId, axes: &Axes<'_>) -> Option<Image<'f>> {
    let V::Load { buf, at, checks, fill } = &form.values[val].kind else { return None };
    let at = at.as_affine().filter(|_| is_input(form, *buf))?;
    let steps = |ix: &Affine| (ix.of(axes.pixel), ix.of(axes.place));
    let (stride, dilation) = steps(at);
    let near = (1..=STRIDE_MAX).contains(&stride) && (1..=DILATION_MAX).contains(&dilation);
    let checked = |check: &Check| {
        check.ix.as_affine().is_some_and(|ix| [(0, 0), (stride, dilation)].contains(&steps(ix)))
    };
    (near && checks.iter().all(checked)).then_some(Image { buf: *buf, at, checks, fill: *fill })
}

/// Where each batch and tap has its weight: `None` where pixels of a batch have different ones.
fn weights_of(form: &Form, val: Option<ValId>, axes: &Axes<'_>) -> Option<Option<Weights>> {
    let Some(val) = val else { return Some(None) };
    let V::Load { buf, at, checks, .. } = &form.values[val].kind else { return None };
    let at = at.as_affine().filter(|_| checks.is_empty() && is_input(form, *buf))?;
    if at.axes() & set(&[axes.row, axes.pixel]) != 0 {
        return None;
    }
    let taps = [axes.batch, axes.lines, &[axes.place]].concat();
    let (len, offsets) = (form.buffers[*buf].len as usize, offsets(form, &taps, at)?);
    Some(Some(Weights { buf: *buf, len, offsets, stride: 1 }))
}

/// The lines of each batch, row and line of taps.
fn lines_of(
    form: &Form,
    image: &Image<'_>,
    axes: &Axes<'_>,
    width: usize,
    taps: Taps,
) -> Option<Vec<Line>> {
    let places = taps.stride * (width - 1) + taps.dilation * (taps.places - 1) + 1;
    let places = i64::from(u16::try_from(places).ok()?);
    let around = [axes.batch, &[axes.row], axes.lines].concat();
    let mut lines = Vec::new();
    points(form, &around, &mut |point| {
        let (mut low, mut high) = (0, places);
        for check in image.checks {
            let first = check.ix.affine.at(point);
            match check.ix.affine.of(axes.pixel) {
                0 if (0..check.extent).contains(&first) => {}
                0 => high = 0,
                _ => (low, high) = (low.max(-first), high.min(check.extent - first)),
            }
        }
        let (low, high) = if low < high { (low, high) } else { (0, 0) };
        let start = i32::try_from(image.at.at(point)).ok()?;
        lines.push(Line { start, low: low as u16, high: high as u16 });
        Some(())
    })?;
    Some(lines)
}
