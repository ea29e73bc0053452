//! Indices: a constant, a sum of coefficients times axes, and a rest that lanes must compute.

use super::{AxisSet, ValId};

/// A loop index: a number below 128.
pub(crate) type AxisId = usize;

/// `constant + sum of coefficient * axis`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Affine {
    pub(crate) constant: i64,
    /// Sorted by axis; no coefficient is zero.
    pub(crate) terms: Vec<(AxisId, i64)>,
}

/// An index: an affine part, and computed values times coefficients.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Ix {
    pub(crate) affine: Affine,
    /// Values of integer type.
    pub(crate) parts: Vec<(i64, ValId)>,
}

impl Affine {
    pub(crate) fn constant(constant: i64) -> Affine {
        Affine { constant, terms: Vec::new() }
    }

    /// The coefficient of an axis.
    pub(crate) fn of(&self, axis: AxisId) -> i64 {
        self.terms.iter().find(|t| t.0 == axis).map_or(0, |t| t.1)
    }

    /// Adds `factor * other`; `None` on overflow.
    pub(crate) fn add(&mut self, factor: i64, other: &Affine) -> Option<()> {
        self.constant = self.constant.checked_add(factor.checked_mul(other.constant)?)?;
        for &(axis, coefficient) in &other.terms {
            self.add_term(axis, factor.checked_mul(coefficient)?)?;
        }
        Some(())
    }

    /// Adds `coefficient * axis`; `None` on overflow.
    pub(crate) fn add_term(&mut self, axis: AxisId, coefficient: i64) -> Option<()> {
        match self.terms.binary_search_by_key(&axis, |t| t.0) {
            Ok(at) => {
                self.terms[at].1 = self.terms[at].1.checked_add(coefficient)?;
                if self.terms[at].1 == 0 {
                    self.terms.remove(at);
                }
            }
            Err(at) if coefficient != 0 => self.terms.insert(at, (axis, coefficient)),
            Err(_) => {}
        }
        Some(())
    }

    /// Axes that it varies with.
    pub(crate) fn axes(&self) -> AxisSet {
        self.terms.iter().fold(0, |set, t| set | 1 << t.0)
    }

    /// Smallest and largest value over the extents; `None` on overflow.
    pub(crate) fn range(&self, extents: &[i64]) -> Option<(i64, i64)> {
        let (mut low, mut high) = (self.constant, self.constant);
        for &(axis, coefficient) in &self.terms {
            let end = coefficient.checked_mul((extents[axis] - 1).max(0))?;
            low = low.checked_add(end.min(0))?;
            high = high.checked_add(end.max(0))?;
        }
        Some((low, high))
    }

    /// The value at a point.
    #[inline(always)]
    pub(crate) fn at(&self, point: &[i64]) -> i64 {
        self.terms.iter().fold(self.constant, |sum, &(axis, c)| sum + c * point[axis])
    }
}

impl Ix {
    pub(crate) fn constant(constant: i64) -> Ix {
        Ix { affine: Affine::constant(constant), parts: Vec::new() }
    }

    /// Adds `factor * other`; `None` on overflow.
    pub(crate) fn add(&mut self, factor: i64, other: &Ix) -> Option<()> {
        self.affine.add(factor, &other.affine)?;
        for &(coefficient, val) in &other.parts {
            let coefficient = coefficient.checked_mul(factor)?;
            match self.parts.iter_mut().find(|p| p.1 == val) {
                Some(part) => part.0 = part.0.checked_add(coefficient)?,
                None => self.parts.push((coefficient, val)),
            }
        }
        self.parts.retain(|p| p.0 != 0);
        Some(())
    }

    /// The affine index, if there is no computed part.
    pub(crate) fn as_affine(&self) -> Option<&Affine> {
        self.parts.is_empty().then_some(&self.affine)
    }
}
