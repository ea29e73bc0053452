//! Which axis gives the lanes: the one with the least estimated time.
//!
//! Times are nanoseconds measured on one core with AVX-512; only their ratios matter.

use ferrodyne_plan::loops::Math;

use super::BLOCK;
use super::rows::{ROWS, Walk};
use crate::cpu::form::{AxisId, BufId, Check, Fold, Form, Ix, St, V, ValId, set};

/// Nanoseconds: a part for every lane, and a part for every block.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Cost {
    lane: f64,
    block: f64,
}

impl Cost {
    fn plus(self, other: Cost) -> Cost {
        Cost { lane: self.lane + other.lane, block: self.block + other.block }
    }

    fn times(self, n: i64) -> Cost {
        Cost { lane: self.lane * n as f64, block: self.block * n as f64 }
    }

    /// Time of a loop by blocks.
    fn over(self, extent: i64) -> f64 {
        let blocks = (extent as f64 / BLOCK as f64).ceil();
        self.block * blocks + self.lane * extent as f64
    }

    fn fixed(block: f64) -> Cost {
        Cost { lane: 0.0, block }
    }
}

/// Picks lanes and rows for a loop nest.
pub(super) fn walk_of_nest(form: &Form, axes: &[AxisId], body: &[St]) -> (Walk, f64) {
    let (lane, time) = lane_of_nest(form, axes, body);
    let mut best = (Walk::along(lane), time);
    if has_families(body) || merges(body) {
        return best;
    }
    let turned = |walk: &Walk| {
        form.values.iter().any(|value| match &value.kind {
            V::Load { buf, at, checks, .. } => walk.stages(form, *buf, at, checks),
            _ => false,
        })
    };
    for &lane in axes.iter().rev() {
        let walk = |&rows: &AxisId| Walk { lane: Some(lane), rows: Some(rows), axes: set(axes) };
        for walk in axes.iter().map(walk).filter(turned) {
            let time = time_of_nest(form, axes, body, lane, walk);
            if time < best.1 {
                best = (walk, time);
            }
        }
    }
    best
}

/// Picks lanes for a loop nest: one of its axes, or none, so that its statements pick their own.
pub(super) fn lane_of_nest(form: &Form, axes: &[AxisId], body: &[St]) -> (Option<AxisId>, f64) {
    let own = sum(form, body, Walk::default()).block * form.volume(axes) as f64;
    let mut best = (None, own);
    if has_families(body) {
        return best;
    }
    for &axis in axes.iter().rev() {
        let time = time_of_nest(form, axes, body, axis, Walk::along(Some(axis)));
        if time < best.1 {
            best = (Some(axis), time);
        }
    }
    best
}

fn time_of_nest(form: &Form, axes: &[AxisId], body: &[St], lane: AxisId, walk: Walk) -> f64 {
    let outer = form.volume(axes) / form.extent(lane).max(1);
    sum(form, body, walk).over(form.extent(lane)) * outer as f64
}

/// Picks lanes for a fold that no lanes are around.
pub(super) fn lane_of_fold(form: &Form, fold: &Fold) -> Option<AxisId> {
    best_fold(form, fold).0
}

fn best_fold(form: &Form, fold: &Fold) -> (Option<AxisId>, f64) {
    let volume = form.volume(&fold.over) * form.volume(&fold.red);
    let term = |lane| args(form, fold, Walk::along(lane));
    let mut best = (None, term(None).block * volume as f64);
    if has_families(&fold.body) {
        return best;
    }
    for (axes, end) in [(&fold.red, 60.0), (&fold.over, 10.0)] {
        for &axis in axes.iter().rev() {
            let outer = volume / form.extent(axis).max(1);
            let ends = form.volume(&fold.over) as f64 * end;
            let time = term(Some(axis)).over(form.extent(axis)) * outer as f64 + ends;
            if time < best.1 {
                best = (Some(axis), time);
            }
        }
    }
    best
}

/// Picks lanes for one value over the points of some axes.
pub(super) fn lane_of_value(
    form: &Form,
    over: &[AxisId],
    val: ValId,
    at: Option<&Ix>,
) -> Option<AxisId> {
    best_value(form, over, val, at).0
}

fn best_value(form: &Form, over: &[AxisId], val: ValId, at: Option<&Ix>) -> (Option<AxisId>, f64) {
    let volume = form.volume(over);
    let point = |lane| {
        let store = at.map_or(Cost { lane: 0.04, block: 5.0 }, |at| written(form, at, lane));
        let mut seen = vec![false; form.values.len()];
        value(form, val, Walk::along(lane), &mut seen).plus(store)
    };
    let mut best = (None, point(None).block * volume as f64);
    for &axis in over.iter().rev() {
        let outer = volume / form.extent(axis).max(1);
        let time = point(Some(axis)).over(form.extent(axis)) * outer as f64;
        if time < best.1 {
            best = (Some(axis), time);
        }
    }
    best
}

/// Whether some statement makes a family, which lanes around it cannot hold.
fn has_families(body: &[St]) -> bool {
    body.iter().any(|st| match st {
        St::For { body, .. } => has_families(body),
        St::Keep { .. } => true,
        St::Fold(fold) => !fold.over.is_empty() || has_families(&fold.body),
        St::Store(_) => false,
    })
}

/// Whether some statement joins values into a buffer, which lanes must do in order.
pub(super) fn merges(body: &[St]) -> bool {
    body.iter().any(|st| match st {
        St::For { body, .. } => merges(body),
        St::Fold(fold) => merges(&fold.body),
        St::Store(store) => store.merge.is_some(),
        St::Keep { .. } => false,
    })
}

fn sum(form: &Form, body: &[St], walk: Walk) -> Cost {
    body.iter().fold(Cost::default(), |cost, st| cost.plus(statement(form, st, walk)))
}

fn statement(form: &Form, st: &St, walk: Walk) -> Cost {
    match (st, walk.lane) {
        (St::For { axes, body }, None) => Cost::fixed(lane_of_nest(form, axes, body).1),
        (St::For { axes, body }, _) => sum(form, body, walk).times(form.volume(axes)),
        (St::Fold(fold), None) => Cost::fixed(best_fold(form, fold).1),
        (St::Fold(fold), _) => args(form, fold, walk).times(form.volume(&fold.red)),
        (St::Store(s), None) => Cost::fixed(best_value(form, &s.over, s.val, Some(&s.at)).1),
        (St::Store(s), _) => {
            let mut seen = vec![false; form.values.len()];
            let each = value(form, s.val, walk, &mut seen).plus(written(form, &s.at, walk.lane));
            each.times(form.volume(&s.over))
        }
        (St::Keep { def, val }, _) => {
            Cost::fixed(best_value(form, &form.defs[*def].over, *val, None).1)
        }
    }
}

fn args(form: &Form, fold: &Fold, walk: Walk) -> Cost {
    let mut seen = vec![false; form.values.len()];
    let step = Cost { lane: if walk.lane.is_some() { 0.06 } else { 0.0 }, block: 8.0 };
    let inner = sum(form, &fold.body, walk).plus(step);
    fold.args.iter().fold(inner, |cost, &a| cost.plus(value(form, a, walk, &mut seen)))
}

/// The cost of a value and of all that it needs and that was not seen.
fn value(form: &Form, val: ValId, walk: Walk, seen: &mut [bool]) -> Cost {
    if std::mem::replace(&mut seen[val], true) {
        return Cost::default();
    }
    let varies = walk.lane.is_some_and(|lane| form.values[val].axes >> lane & 1 == 1);
    let each = |ns: f64| Cost { lane: if varies { ns } else { 0.0 }, block: 5.0 };
    let mut all = |own: Cost, operands: &[ValId]| {
        operands.iter().fold(own, |cost, &a| cost.plus(value(form, a, walk, seen)))
    };
    match &form.values[val].kind {
        V::Const(_) | V::ConstLong(_) => Cost::default(),
        V::Def(_) => each(0.03),
        V::Index(_) => each(0.05),
        V::Repeat { .. } => each(0.06),
        V::Load { buf, at, checks, .. } => {
            let own =
                element(form, *buf, at, checks, walk).plus(Cost::fixed(3.0 * checks.len() as f64));
            let parts: Vec<ValId> = at.parts.iter().map(|p| p.1).collect();
            all(own, &parts)
        }
        V::ExpNonpositive(a) => all(each(0.2), &[*a]),
        V::FloorDiv(a, b) | V::FloorMod(a, b) => all(each(2.0), &[*a, *b]),
        V::Math(math, operands) => all(each(maths_cost(*math)), operands),
    }
}

/// The cost of a load, which may be for all rows of a group.
fn element(form: &Form, buf: BufId, at: &Ix, checks: &[Check], walk: Walk) -> Cost {
    let Some(rows) = walk.rows.filter(|_| walk.stages(form, buf, at, checks)) else {
        return access(form, at, walk.lane);
    };
    let (step, side) = (at.affine.of(rows).abs(), ROWS as i64);
    let extent = form.extent(rows).max(1);
    // What of a cache line is used at a time need not be read again.
    let used = (side / step).clamp(1, extent) as f64;
    let square = if step == 1 { (extent / side * side) as f64 / extent as f64 } else { 0.0 };
    Cost { lane: 0.1 * square + 1.1 * (1.0 - square) + 0.5 / used, block: 10.0 }
}

/// Elements whose multiples lie in so few sets of a cache that lanes written there drive each other out.
const CROWDED: i64 = 128;

/// The cost of a store.
fn written(form: &Form, at: &Ix, lane: Option<AxisId>) -> Cost {
    let step = lane.map_or(0, |lane| at.affine.of(lane));
    let crowded = step != 0 && step % CROWDED == 0;
    access(form, at, lane).plus(Cost { lane: if crowded { 0.4 } else { 0.0 }, block: 0.0 })
}

fn access(form: &Form, at: &Ix, lane: Option<AxisId>) -> Cost {
    let Some(lane) = lane else { return Cost::fixed(5.0) };
    let gathered = at.parts.iter().any(|p| form.values[p.1].axes >> lane & 1 == 1);
    let lane = match at.affine.of(lane).abs() {
        _ if gathered => return Cost { lane: 1.0, block: 40.0 },
        0 => 0.0,
        1 => 0.03,
        2..=15 => 0.6,
        _ => 1.2,
    };
    Cost { lane, block: 5.0 }
}

fn maths_cost(math: Math) -> f64 {
    match math {
        Math::Exp | Math::Expm1 | Math::Tanh | Math::Erf | Math::Sin | Math::Cos => 0.3,
        Math::Log | Math::Log1p => 0.5,
        Math::Pow | Math::Atan2 | Math::Rem => 4.0,
        Math::Div | Math::Sqrt | Math::Rsqrt | Math::Recip => 0.1,
        _ => 0.05,
    }
}
