//! Loops along an axis by which cases choose, as one nest for each of its segments: in each of them one arm is taken.

use ferrodyne_plan::loops::{Stmt, Val};
use ferrodyne_plan::{Dim, Name, Var};

use super::Builder;
use crate::cpu::form::{Refusal, St};

/// Points of a segment at least, on average: a nest of fewer costs more than it saves.
const POINTS_MIN: i64 = 512;
/// Axes of a kernel at most, so that there is room for those of segments.
const AXES_MAX: usize = 96;

impl Builder<'_> {
    /// A loop nest, in as many parts as its cases have arms.
    pub(super) fn nests(&mut self, axes: &[Name], body: &[Stmt]) -> Result<Vec<St>, Refusal> {
        let Some((axis, ends)) = self.segments(axes, body) else { return self.nest(axes, body) };
        let (dim, id) = (self.axes[&axis].clone(), self.axis_ids[&axis]);
        let mut nests = Vec::new();
        for ends in ends.windows(2) {
            let (first, extent) = (ends[0], ends[1] - ends[0]);
            let along = if extent == 1 { Dim::constant(0) } else { Dim::axis(axis.clone()) };
            self.axes.insert(axis.clone(), &along + first);
            self.axis_ids.insert(axis.clone(), self.extents.len());
            self.extents.push(extent);
            nests.extend(self.nest(axes, body)?);
        }
        self.axes.insert(axis.clone(), dim);
        self.axis_ids.insert(axis, id);
        Ok(nests)
    }

    /// An axis of a nest of stores by which cases choose, and where its segments end.
    fn segments(&self, axes: &[Name], body: &[Stmt]) -> Option<(Name, Vec<i64>)> {
        let mut found: Option<(&Name, Vec<i64>)> = None;
        for stmt in body {
            let (Stmt::Let { val, .. } | Stmt::Store { val, .. }) = stmt else { return None };
            cases_in(val, &mut |axis, from, to| {
                if axes.contains(axis) && !self.parts.contains_key(axis) {
                    let (known, ends) = found.get_or_insert_with(|| (axis, Vec::new()));
                    if *known == axis {
                        ends.extend([from, to].iter().filter_map(|end| self.size(end).ok()));
                    }
                }
            });
        }
        let (axis, mut ends) = found?;
        let size = |axis: &Name| self.axis_ids.get(axis).map(|&id| self.extents[id]);
        let extent = size(axis)?;
        ends.iter_mut().for_each(|end| *end = (*end).clamp(0, extent));
        ends.extend([0, extent]);
        ends.sort_unstable();
        ends.dedup();
        let parts = ends.len() as i64 - 1;
        let points = axes.iter().filter_map(size).product::<i64>();
        let pays = parts > 1
            && points / parts >= POINTS_MIN
            && self.extents.len() + ends.len() <= AXES_MAX;
        pays.then(|| (axis.clone(), ends))
    }
}

/// Visits every arm of a case that chooses by an axis alone.
fn cases_in<'a>(val: &'a Val, f: &mut dyn FnMut(&'a Name, &'a Dim, &'a Dim)) {
    match val {
        Val::Op(_, args) => args.iter().for_each(|arg| cases_in(arg, f)),
        Val::Case { on, arms } => {
            for (from, to, val) in arms {
                if let Some(Var::Axis(axis)) = on.as_var() {
                    f(axis, from, to);
                }
                cases_in(val, f);
            }
        }
        Val::Const(_) | Val::Load { .. } | Val::Ref(_) | Val::Index(..) => {}
    }
}
