//! Finds the parts of a contraction in a form.

use std::borrow::Cow;

use ferrodyne_plan::Scalar;
use ferrodyne_plan::loops::{FoldKind, Math};

use super::operand::{left_plan, right_plan};
use super::tail::tail;
use super::{Offsets, Parts, Product, Shape};
use crate::cpu::Level;
use crate::cpu::contract::Micro;
use crate::cpu::form::{AxisId, Form, Refusal, St, V, set};

/// Products below which the block interpreter is as good.
const SMALL: usize = 4096;
/// Columns below which tiles are mostly empty.
const COLUMNS_MIN: usize = 2;

/// The contraction that a form is, if it is one.
pub(crate) fn product(form: &Form, level: Level) -> Result<Option<Product>, Refusal> {
    let form = &batches_first(form);
    let Some(parts) = parts(form) else { return Ok(None) };
    let micro = Micro::of(level);
    let Some(tail) = tail(form, &parts, level)? else { return Ok(None) };
    let left = left_plan(form, &parts, level)?;
    let right = right_plan(form, &parts, level, micro)?;
    let shape = parts.shape;
    let each = |size: usize| (0..shape.n_batch).map(|b| b * size).collect();
    let offsets = Offsets {
        left: each(shape.m * shape.k),
        right: each(shape.k * shape.n.next_multiple_of(micro.vector)),
        panels: each(shape.k * shape.n.next_multiple_of(micro.n)),
    };
    let lens = form.buffers.iter().map(|b| b.len as usize).collect();
    Ok(Some(Product { shape, left, right, tail, offsets, lens }))
}

/// The form with the axes that both factors vary with outermost, where the innermost axis is such a batch: no column would be.
fn batches_first(form: &Form) -> Cow<'_, Form> {
    let same = Cow::Borrowed(form);
    let [St::For { axes, body }] = &form.body[..] else { return same };
    let [St::Fold(fold), ..] = &body[..] else { return same };
    let V::Math(Math::Mul, args) = &form.values[fold.args[0]].kind else { return same };
    let both = args.iter().fold(!0, |both, &arg| both & form.values[arg].axes);
    let is_batch = |axis: &AxisId| both >> axis & 1 == 1;
    if !axes.last().is_some_and(is_batch) {
        return same;
    }
    let (batches, others): (Vec<AxisId>, Vec<AxisId>) = axes.iter().partition(|a| is_batch(a));
    let mut form = form.clone();
    form.body = vec![St::For { axes: [batches, others].concat(), body: body.clone() }];
    Cow::Owned(form)
}

fn parts(form: &Form) -> Option<Parts> {
    let [St::For { axes, body }] = &form.body[..] else { return None };
    let [St::Fold(fold), stores @ ..] = &body[..] else { return None };
    let plain = stores.iter().all(|st| {
        matches!(st, St::Store(s) if s.over.is_empty() && s.merge.is_none()
            && !form.buffers[s.buf].read)
    });
    let sum = fold.kind == FoldKind::Sum && fold.scalar == Scalar::F32;
    if !plain || !sum || !fold.over.is_empty() || !fold.body.is_empty() {
        return None;
    }
    let V::Math(Math::Mul, args) = &form.values[fold.args[0]].kind else { return None };
    let (a, b) = (args[0], args[1]);
    let loads = |&v: &usize| !matches!(form.values[v].kind, V::Const(_) | V::Def(_));
    if !args.iter().all(loads) || a == b {
        return None;
    }
    let innermost = *axes.last()?;
    let varies = |v: usize| form.values[v].axes >> innermost & 1 == 1;
    let (left, right) = match (varies(a), varies(b)) {
        (false, true) => (a, b),
        (true, false) => (b, a),
        _ => return None,
    };
    let mut red = fold.red.clone();
    if let V::Load { at, .. } = &form.values[left].kind {
        // Sums run along the left operand's memory, so that its runs are long.
        red.sort_by_key(|&axis| std::cmp::Reverse(at.affine.of(axis)));
    }
    let shape = shape(form, axes, &red, left, right)?;
    Some(Parts { def: fold.defs[0], left, right, shape })
}

/// Columns are the innermost axes, those that only the right operand has; rows are all that only
/// the left one has; the others are batches.
fn shape(form: &Form, axes: &[AxisId], red: &[AxisId], left: usize, right: usize) -> Option<Shape> {
    let has = |v: usize, axis: AxisId| form.values[v].axes >> axis & 1 == 1;
    let only_right = |&&axis: &&AxisId| has(right, axis) && !has(left, axis);
    let n_columns = axes.iter().rev().take_while(only_right).count();
    let (outer, columns) = axes.split_at(axes.len() - n_columns);
    let columns = columns.to_vec();
    let only_left = |&axis: &AxisId| has(left, axis) && !has(right, axis);
    let (rows, batch): (Vec<AxisId>, Vec<AxisId>) = outer.iter().copied().partition(only_left);
    let size = |axes: &[AxisId]| usize::try_from(form.volume(axes)).ok();
    let (n_batch, m, n, k) = (size(&batch)?, size(&rows)?, size(&columns)?, size(red)?);
    let work = n_batch.checked_mul(m)?.checked_mul(n)?.checked_mul(k)?;
    let both = form.values[left].axes & form.values[right].axes;
    let shared = red.iter().filter(|&&r| both >> r & 1 == 1);
    // Without a common axis there is nothing to contract; few columns leave the kernel idle.
    let fits = set(&shared.copied().collect::<Vec<_>>()) != 0 && n >= COLUMNS_MIN && work >= SMALL;
    // One row uses each column once: that pays for packed weights alone, which is not known here.
    let fits = fits && (m > 1 || batch.is_empty());
    fits.then(|| Shape { batch, rows, columns, red: red.to_vec(), n_batch, m, n, k })
}
