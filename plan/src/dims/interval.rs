//! Bounds of a dim from bounds of its variables.

use super::eval::floor_div;
use super::{Atom, Dim, Facts, Range, Term, Var};

/// How many symbolic bounds a bound may go through: `i < n` with `n < m` goes through two.
const MAX_DEPTH: usize = 4;

/// Symbolic bounds that are looked through anew for each variable; the bounds found among more are kept.
const LOOKED_THROUGH: usize = 4;

/// The infinities; no finite bound comes near them.
const NEG: i128 = i128::MIN;
const POS: i128 = i128::MAX;

/// Finite bounds stay within this, so that sums of many cannot overflow.
const LIMIT: i128 = 1 << 100;

/// From `lo` to `hi`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) lo: i128,
    pub(super) hi: i128,
}

impl Interval {
    const ALL: Interval = Interval { lo: NEG, hi: POS };

    /// Weakens bounds beyond the limit.
    fn new(lo: i128, hi: i128) -> Interval {
        let lo = if lo < -LIMIT { NEG } else { lo.min(LIMIT) };
        let hi = if hi > LIMIT { POS } else { hi.max(-LIMIT) };
        Interval { lo, hi }
    }

    fn exact(value: i64) -> Interval {
        Interval { lo: value.into(), hi: value.into() }
    }

    fn from_range(range: Range) -> Interval {
        Interval { lo: range.lo.map_or(NEG, i128::from), hi: range.hi.map_or(POS, i128::from) }
    }

    fn to_range(self) -> Range {
        let clamp = |value: i128| value.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
        Range {
            lo: (self.lo >= i64::MIN.into()).then(|| clamp(self.lo)),
            hi: (self.hi <= i64::MAX.into()).then(|| clamp(self.hi)),
        }
    }

    fn union(self, other: Interval) -> Interval {
        Interval { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    fn intersect(self, other: Interval) -> Interval {
        Interval { lo: self.lo.max(other.lo), hi: self.hi.min(other.hi) }
    }

    fn add(self, other: Interval) -> Interval {
        let lo = if self.lo == NEG || other.lo == NEG { NEG } else { self.lo + other.lo };
        let hi = if self.hi == POS || other.hi == POS { POS } else { self.hi + other.hi };
        Interval::new(lo, hi)
    }

    fn multiply(self, other: Interval) -> Interval {
        self.corners(other, |a, b| {
            if a == 0 || b == 0 {
                return 0;
            }
            let infinite = if (a < 0) == (b < 0) { POS } else { NEG };
            let finite = ![a, b].iter().any(|bound| matches!(*bound, NEG | POS));
            a.checked_mul(b).filter(|_| finite).unwrap_or(infinite)
        })
    }

    fn divide(self, divisor: Interval) -> Interval {
        let quotient = |a: i128, b: i128| {
            let same = (a < 0) == (b < 0);
            match (matches!(a, NEG | POS), matches!(b, NEG | POS)) {
                (true, false) => {
                    if same {
                        POS
                    } else {
                        NEG
                    }
                }
                (_, true) => {
                    if a == 0 || same {
                        0
                    } else {
                        -1
                    }
                }
                _ => floor_div(a, b).unwrap_or(0),
            }
        };
        let negative = divisor.intersect(Interval { lo: NEG, hi: -1 });
        let positive = divisor.intersect(Interval { lo: 1, hi: POS });
        let parts = [negative, positive].into_iter().filter(|part| part.lo <= part.hi);
        let parts = parts.map(|part| self.corners(part, quotient));
        parts.reduce(Interval::union).unwrap_or(Interval::ALL)
    }

    fn modulo(self, divisor: Interval) -> Interval {
        if divisor.lo == divisor.hi && divisor.lo > 0 && self.lo > NEG && self.hi < POS {
            let c = divisor.lo;
            if self.lo.div_euclid(c) == self.hi.div_euclid(c) {
                return Interval { lo: self.lo.rem_euclid(c), hi: self.hi.rem_euclid(c) };
            }
        }
        if divisor.lo >= 0 && self.lo >= 0 {
            if self.hi < divisor.lo {
                return self;
            }
            return Interval { lo: 0, hi: self.hi.min(less_one(divisor.hi)) };
        }
        let lo = if divisor.lo == NEG { NEG } else { (divisor.lo + 1).min(0) };
        Interval { lo, hi: less_one(divisor.hi).max(0) }
    }

    fn negated(self) -> Interval {
        let negate = |bound| match bound {
            NEG => POS,
            POS => NEG,
            bound => -bound,
        };
        Interval { lo: negate(self.hi), hi: negate(self.lo) }
    }

    fn corners(self, other: Interval, value: impl Fn(i128, i128) -> i128) -> Interval {
        let corners = [
            value(self.lo, other.lo),
            value(self.lo, other.hi),
            value(self.hi, other.lo),
            value(self.hi, other.hi),
        ];
        let lo = corners.iter().copied().fold(POS, i128::min);
        let hi = corners.iter().copied().fold(NEG, i128::max);
        Interval::new(lo, hi)
    }
}

fn less_one(bound: i128) -> i128 {
    if bound == POS { POS } else { bound - 1 }
}

impl Facts {
    /// Bounds of all values that the dim takes; not always the tightest.
    pub fn range_of(&self, dim: &Dim) -> Range {
        if let Some(value) = dim.as_const() {
            return Range::exact(value);
        }
        self.interval(&self.resolve(dim), MAX_DEPTH).to_range()
    }

    pub(super) fn bounds(&self, dim: &Dim) -> Interval {
        self.interval(dim, MAX_DEPTH)
    }

    fn interval(&self, dim: &Dim, depth: usize) -> Interval {
        match dim.divides() {
            true => self.memo.bounds(dim, depth, || self.sum_interval(dim, depth)),
            false => self.sum_interval(dim, depth),
        }
    }

    fn sum_interval(&self, dim: &Dim, depth: usize) -> Interval {
        let constant = Interval::exact(dim.constant_term());
        let terms = dim.terms().iter().map(|term| self.term_interval(term, depth));
        terms.fold(constant, Interval::add)
    }

    fn term_interval(&self, term: &Term, depth: usize) -> Interval {
        let mut product = Interval::exact(term.coeff);
        let mut rest = term.atoms.as_slice();
        while let Some((atom, more)) = rest.split_first() {
            let factor = self.atom_interval(atom, depth);
            // A square is not negative, whatever its root.
            if more.first() == Some(atom) {
                let square = factor.multiply(factor).intersect(Interval { lo: 0, hi: POS });
                product = product.multiply(square);
                rest = &more[1..];
            } else {
                product = product.multiply(factor);
                rest = more;
            }
        }
        product
    }

    fn atom_interval(&self, atom: &Atom, depth: usize) -> Interval {
        let (a, b) = match atom.arguments() {
            Some((a, b)) => (self.interval(a, depth), self.interval(b, depth)),
            None => (Interval::ALL, Interval::ALL),
        };
        match atom {
            Atom::Var(var) => self.var_interval(var, depth),
            Atom::Div(..) => a.divide(b),
            Atom::CeilDiv(..) => a.negated().divide(b).negated(),
            Atom::Mod(..) => a.modulo(b),
            Atom::Min(..) => Interval { lo: a.lo.min(b.lo), hi: a.hi.min(b.hi) },
            Atom::Max(..) => Interval { lo: a.lo.max(b.lo), hi: a.hi.max(b.hi) },
            Atom::WideSum(..) => a.add(b),
            Atom::WideProduct(..) => a.multiply(b),
        }
    }

    fn var_interval(&self, var: &Var, depth: usize) -> Interval {
        // Many symbolic bounds are many to look through, and each asks for the bounds of others.
        match depth > 0 && self.less.len() > LOOKED_THROUGH {
            true => self.memo.bounds_of_var(var, depth, || self.found_interval(var, depth)),
            false => self.found_interval(var, depth),
        }
    }

    fn found_interval(&self, var: &Var, depth: usize) -> Interval {
        let mut own = Interval::from_range(self.range(var));
        if depth > 0 {
            for (below, above) in &self.less {
                if below.as_var() == Some(var) {
                    own.hi = own.hi.min(less_one(self.interval(above, depth - 1).hi));
                }
                if above.as_var() == Some(var) {
                    let lo = self.interval(below, depth - 1).lo;
                    own.lo = own.lo.max(if lo == NEG { NEG } else { lo + 1 });
                }
            }
        }
        if let Some(factor) = self.factor_of_var(var).map(i128::from) {
            if own.lo != NEG {
                own.lo = (own.lo + factor - 1).div_euclid(factor) * factor;
            }
            if own.hi != POS {
                own.hi = own.hi.div_euclid(factor) * factor;
            }
        }
        own
    }

    pub(super) fn factor_of_var(&self, var: &Var) -> Option<i64> {
        if self.multiples.is_empty() {
            return None;
        }
        self.multiples.get(&Dim::var(var.clone())).copied()
    }
}
