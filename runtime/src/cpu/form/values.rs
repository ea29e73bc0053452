//! The values of a form: equal ones are one, and ranges of integers are known.

use std::collections::HashMap;

use ferrodyne_plan::Scalar;
use ferrodyne_plan::loops::Math;

use super::{Affine, AxisSet, Check, Def, Ix, V, ValId, Value};

/// Values being collected.
#[derive(Default)]
pub(super) struct Values {
    pub(super) list: Vec<Value>,
    known: HashMap<Value, ValId>,
    /// Values that are never positive: `x - max x`.
    pub(super) maxima: Vec<ValId>,
}

impl Values {
    /// The value of this kind and type.
    pub(super) fn add(&mut self, kind: V, scalar: Scalar, defs: &[Def]) -> ValId {
        let axes = self.axes(&kind, defs);
        let value = Value { kind, scalar, axes };
        if let Some(&id) = self.known.get(&value) {
            return id;
        }
        self.list.push(value.clone());
        self.known.insert(value, self.list.len() - 1);
        self.list.len() - 1
    }

    fn axes(&self, kind: &V, defs: &[Def]) -> AxisSet {
        let of = |id: &ValId| self.list[*id].axes;
        match kind {
            V::Const(_) | V::ConstLong(_) => 0,
            V::Load { at, checks, .. } => {
                checks.iter().fold(self.ix_axes(at), |set, check| set | self.ix_axes(&check.ix))
            }
            V::Repeat { at, axis, .. } => at.axes() | 1 << axis,
            V::Def(def) => defs[*def].axes,
            V::Index(affine) => affine.axes(),
            V::Math(_, args) => args.iter().fold(0, |set, a| set | of(a)),
            V::ExpNonpositive(a) => of(a),
            V::FloorDiv(a, b) | V::FloorMod(a, b) => of(a) | of(b),
        }
    }

    /// Axes that an index varies with.
    pub(super) fn ix_axes(&self, ix: &Ix) -> AxisSet {
        ix.parts.iter().fold(ix.affine.axes(), |set, p| set | self.list[p.1].axes)
    }

    /// An integer constant.
    pub(super) fn int(&mut self, value: i64) -> ValId {
        self.add(V::Const(value as u32), Scalar::I32, &[])
    }

    /// Smallest and largest value of an index, as far as is known.
    pub(super) fn ix_range(&self, ix: &Ix, extents: &[i64]) -> (i64, i64) {
        let whole = (i64::MIN, i64::MAX);
        let Some((mut low, mut high)) = ix.affine.range(extents) else { return whole };
        for &(coefficient, val) in &ix.parts {
            let (a, b) = self.range(val, extents);
            let ends = coefficient.checked_mul(a).zip(coefficient.checked_mul(b));
            let Some((x, y)) = ends else { return whole };
            let sums = low.checked_add(x.min(y)).zip(high.checked_add(x.max(y)));
            let Some(sums) = sums else { return whole };
            (low, high) = sums;
        }
        (low, high)
    }

    /// Smallest and largest value of an integer, as far as is known.
    fn range(&self, val: ValId, extents: &[i64]) -> (i64, i64) {
        let whole = match self.list[val].scalar {
            Scalar::U32 => (0, u32::MAX.into()),
            Scalar::Bool => (0, 1),
            _ => (i32::MIN.into(), i32::MAX.into()),
        };
        let of = |id: ValId| self.range(id, extents);
        let found = match &self.list[val].kind {
            V::Const(bits) if self.list[val].scalar == Scalar::I32 => {
                (i64::from(*bits as i32), i64::from(*bits as i32))
            }
            V::Const(bits) => (i64::from(*bits), i64::from(*bits)),
            V::Index(affine) => affine.range(extents).unwrap_or(whole),
            V::FloorDiv(a, b) => match (of(*a), of(*b)) {
                ((low, high), (d, e)) if d == e && d > 0 => (low.div_euclid(d), high.div_euclid(d)),
                _ => whole,
            },
            V::FloorMod(_, b) => match of(*b) {
                (d, e) if d > 0 => (0, e - 1),
                _ => whole,
            },
            V::Math(math, args) if args.len() == 2 => {
                let ((a, b), (c, d)) = (of(args[0]), of(args[1]));
                match math {
                    Math::Min => (a.min(c), b.min(d)),
                    Math::Max => (a.max(c), b.max(d)),
                    Math::Add => (a + c, b + d),
                    Math::Mul => {
                        let ends = [a * c, a * d, b * c, b * d];
                        (*ends.iter().min().unwrap_or(&a), *ends.iter().max().unwrap_or(&b))
                    }
                    _ => whole,
                }
            }
            _ => whole,
        };
        if found.0 < whole.0 || found.1 > whole.1 { whole } else { found }
    }

    /// The check that an index lies in `0..extent`, unless that is known.
    pub(super) fn check(&self, ix: &Ix, extent: i64, extents: &[i64]) -> Option<Check> {
        let (low, high) = self.ix_range(ix, extents);
        (low < 0 || high >= extent).then(|| Check { ix: ix.clone(), extent })
    }

    /// An index as an integer value; `None` where its constant does not fit. Coefficients count modulo 2^32, as the arithmetic does:
    /// parts of an index may be larger than the whole.
    pub(super) fn of_ix(&mut self, ix: &Ix, defs: &[Def]) -> Option<ValId> {
        let mut sum = None;
        if ix.affine != Affine::default() || ix.parts.is_empty() {
            let kind = match ix.affine.terms[..] {
                [] => V::Const(i32::try_from(ix.affine.constant).ok()? as u32),
                _ => V::Index(ix.affine.clone()),
            };
            sum = Some(self.add(kind, Scalar::I32, defs));
        }
        for &(coefficient, val) in &ix.parts {
            let factor = self.int(i64::from(coefficient as i32));
            let part = match coefficient {
                1 => val,
                _ => self.add(V::Math(Math::Mul, vec![val, factor]), Scalar::I32, defs),
            };
            sum = Some(match sum {
                Some(sum) => self.add(V::Math(Math::Add, vec![sum, part]), Scalar::I32, defs),
                None => part,
            });
        }
        sum
    }
}
