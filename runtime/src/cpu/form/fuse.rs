//! Neighbouring axes that every index steps through as one become one: longer rows, fewer loops.

use super::{Affine, AxisId, Form, Ix, St, V};
use crate::cpu::lanes::Storage;

/// Elements of a row that is repeated, at most: longer ones fill blocks by themselves.
const REPEATED: i64 = 128;

/// Fuses axes as long as two that are allowed can be.
pub(crate) fn fuse_axes(form: &mut Form, allowed: &dyn Fn(AxisId, AxisId) -> bool) {
    while let Some((outer, inner)) = find(form, allowed) {
        repeat_rows(form, outer, inner);
        form.extents[inner] *= form.extents[outer];
        form.extents[outer] = 1;
        let drop = |affine: &mut Affine| affine.terms.retain(|t| t.0 != outer);
        each_affine(form, &drop);
        let gone = 1 << outer;
        form.values.iter_mut().for_each(|v| v.axes &= !gone);
        form.defs.iter_mut().for_each(|d| d.axes &= !gone);
        form.defs.iter_mut().for_each(|d| d.over.retain(|&a| a != outer));
        let mut body = std::mem::take(&mut form.body);
        each_list(&mut body, &mut |list| list.retain(|&a| a != outer));
        form.body = body;
    }
}

/// Two axes that can be fused: the outer and the inner one.
fn find(form: &mut Form, allowed: &dyn Fn(AxisId, AxisId) -> bool) -> Option<(AxisId, AxisId)> {
    let mut body = std::mem::take(&mut form.body);
    let mut lists: Vec<Vec<AxisId>> = Vec::new();
    each_list(&mut body, &mut |list| lists.push(list.clone()));
    let found = lists.iter().flat_map(|l| l.windows(2)).find_map(|pair| {
        let (outer, inner) = (pair[0], pair[1]);
        if !allowed(outer, inner) {
            return None;
        }
        let together = lists.iter().all(|l| match l.iter().position(|&a| a == outer) {
            Some(at) => l.get(at + 1) == Some(&inner),
            None => !l.contains(&inner),
        });
        let fused = form.extents[outer].checked_mul(form.extents[inner]).is_some();
        (together && fused && is_one_step(form, &body, outer, inner)).then_some((outer, inner))
    });
    form.body = body;
    found
}

/// Whether every index steps from the end of the inner axis to the next value of the outer one.
fn is_one_step(form: &Form, body: &[St], outer: AxisId, inner: AxisId) -> bool {
    let extent = form.extents[inner];
    let affine = |a: &Affine| a.of(inner).checked_mul(extent) == Some(a.of(outer));
    let ix = |ix: &Ix| affine(&ix.affine);
    let values = form.values.iter().all(|value| match &value.kind {
        kind if is_row(form, kind, outer, inner) => true,
        V::Repeat { at, axis, .. } => *axis != outer && affine(at),
        V::Load { at, checks, .. } => ix(at) && checks.iter().all(|c| ix(&c.ix)),
        V::Index(index) => affine(index),
        _ => true,
    });
    values && stores_all(body, &|at| ix(at))
}

fn stores_all(body: &[St], ok: &dyn Fn(&Ix) -> bool) -> bool {
    body.iter().all(|st| match st {
        St::For { body, .. } => stores_all(body, ok),
        St::Fold(fold) => stores_all(&fold.body, ok),
        St::Store(store) => ok(&store.at) && store.checks.iter().all(|c| ok(&c.ix)),
        St::Keep { .. } => true,
    })
}

/// Whether a load reads a short row that the outer axis repeats.
fn is_row(form: &Form, kind: &V, outer: AxisId, inner: AxisId) -> bool {
    let V::Load { buf, at, checks, .. } = kind else { return false };
    let plain = checks.is_empty() && at.parts.is_empty();
    plain
        && form.buffers[*buf].storage == Storage::Word
        && !form.buffers[*buf].written
        && form.extents[inner] <= REPEATED
        && at.affine.of(outer) == 0
        && at.affine.of(inner) == 1
}

/// Turns loads of short rows into repetitions along the fused axis.
fn repeat_rows(form: &mut Form, outer: AxisId, inner: AxisId) {
    let period = form.extents[inner];
    for i in 0..form.values.len() {
        if !is_row(form, &form.values[i].kind, outer, inner) {
            continue;
        }
        if let V::Load { buf, at, .. } = &form.values[i].kind {
            let (buf, mut at) = (*buf, at.affine.clone());
            at.terms.retain(|t| t.0 != inner);
            form.values[i].kind = V::Repeat { buf, at, axis: inner, period };
        }
    }
}

/// Visits every list of axes in statements.
fn each_list(body: &mut [St], f: &mut dyn FnMut(&mut Vec<AxisId>)) {
    for st in body {
        match st {
            St::For { axes, body } => {
                f(axes);
                each_list(body, f);
            }
            St::Fold(fold) => {
                f(&mut fold.over);
                f(&mut fold.red);
                each_list(&mut fold.body, f);
            }
            St::Store(store) => f(&mut store.over),
            St::Keep { .. } => {}
        }
    }
}

/// Visits every affine index of values and stores.
fn each_affine(form: &mut Form, f: &dyn Fn(&mut Affine)) {
    for value in &mut form.values {
        match &mut value.kind {
            V::Load { at, checks, .. } => {
                f(&mut at.affine);
                checks.iter_mut().for_each(|c| f(&mut c.ix.affine));
            }
            V::Index(affine) | V::Repeat { at: affine, .. } => f(affine),
            _ => {}
        }
    }
    fn stores(body: &mut [St], f: &dyn Fn(&mut Affine)) {
        for st in body {
            match st {
                St::For { body, .. } => stores(body, f),
                St::Fold(fold) => stores(&mut fold.body, f),
                St::Store(store) => {
                    f(&mut store.at.affine);
                    store.checks.iter_mut().for_each(|c| f(&mut c.ix.affine));
                }
                St::Keep { .. } => {}
            }
        }
    }
    stores(&mut form.body, f);
}
