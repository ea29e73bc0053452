//! Questions about order, equality and divisibility.
//!
//! Order is decided by the bounds of the difference. Where these do not tell, variables are
//! replaced by the end that makes the difference least: their symbolic bound, or their range's end.

use super::division::gcd;
use super::interval::Interval;
use super::{Atom, Dim, Facts, Proof, Term, Var};

/// Replacements tried for one question.
const FUEL: usize = 48;

impl Facts {
    /// Whether `a < b`.
    pub fn prove_lt(&self, a: &Dim, b: &Dim) -> Proof {
        if let (Some(a), Some(b)) = (a.as_const(), b.as_const()) {
            return Proof::from(a < b);
        }
        self.prove_nonneg(&(b - a - 1))
    }

    /// Whether `a <= b`.
    pub fn prove_le(&self, a: &Dim, b: &Dim) -> Proof {
        if let (Some(a), Some(b)) = (a.as_const(), b.as_const()) {
            return Proof::from(a <= b);
        }
        self.prove_nonneg(&(b - a))
    }

    /// Whether `a == b`.
    pub fn prove_eq(&self, a: &Dim, b: &Dim) -> Proof {
        if a == b {
            return Proof::Yes;
        }
        let difference = a - b;
        self.memo.zero(&difference, || self.is_zero(&difference))
    }

    fn is_zero(&self, difference: &Dim) -> Proof {
        let difference = self.simplify(difference);
        if let Some(value) = difference.as_const() {
            return Proof::from(value == 0);
        }
        let states = |(a, b): &(Dim, Dim)| {
            let stated = a - b;
            let times = ratio(&difference, &stated);
            times.is_some_and(|times| stated * times == difference)
        };
        if self.equations.iter().any(states) {
            return Proof::Yes;
        }
        let bounds = self.bounds(&difference);
        if bounds.lo == 0 && bounds.hi == 0 {
            return Proof::Yes;
        }
        let both = [difference.clone(), -&difference];
        if extreme(&difference).is_some()
            && both.iter().all(|side| self.at_least_zero(side, &mut FUEL.clone()))
        {
            return Proof::Yes;
        }
        let apart = self.at_least_zero(&(&difference - 1), &mut FUEL.clone())
            || self.at_least_zero(&(-&difference - 1), &mut FUEL.clone());
        let factor = self.factor(&(&difference - difference.constant_term()));
        let uneven = factor > 1 && difference.constant_term() % factor != 0;
        if apart || uneven { Proof::No } else { Proof::Unknown }
    }

    /// Whether `dim >= 0`.
    pub fn prove_nonneg(&self, dim: &Dim) -> Proof {
        match dim.as_const() {
            Some(value) => Proof::from(value >= 0),
            None => self.memo.nonneg(dim, || self.is_nonneg(dim)),
        }
    }

    fn is_nonneg(&self, dim: &Dim) -> Proof {
        let quick = self.bounds(&self.resolve(dim));
        if let Some(proof) = sign(quick) {
            return proof;
        }
        let dim = self.simplify(dim);
        if let Some(proof) = sign(self.bounds(&dim)) {
            return proof;
        }
        if self.at_least_zero(&dim, &mut FUEL.clone()) || self.is_part_of_positive(&(&dim + 1)) {
            return Proof::Yes;
        }
        let negative = self.at_least_zero(&(-dim - 1), &mut FUEL.clone());
        if negative { Proof::No } else { Proof::Unknown }
    }

    /// Whether a multiple of the dim is stated to lie above something that is not negative.
    fn is_part_of_positive(&self, dim: &Dim) -> bool {
        let own = content(dim);
        let alike = |(below, above): &(Dim, Dim)| {
            dim.terms().len() == above.terms().len()
                && self.bounds(below).lo >= 0
                && dim * content(above) == above * own
        };
        own > 0 && self.less.iter().any(alike)
    }

    /// Whether `factor` divides the dim; nothing but zero is a multiple of zero.
    pub fn prove_multiple(&self, dim: &Dim, factor: i64) -> Proof {
        if factor == 0 {
            return self.prove_eq(dim, &Dim::constant(0));
        }
        if factor == 1 || factor == -1 {
            return Proof::Yes;
        }
        let dim = self.resolve(dim);
        if let Some(proof) = self.divides(&dim, factor) {
            return proof;
        }
        for (stated, by) in &self.multiples {
            let Some(times) = ratio(&dim, stated) else { continue };
            let rest = &dim - stated * times;
            let fits = by.checked_mul(times).is_some_and(|by| by % factor == 0);
            if fits && let Some(proof) = self.divides(&rest, factor) {
                return proof;
            }
        }
        Proof::Unknown
    }

    fn divides(&self, dim: &Dim, factor: i64) -> Option<Proof> {
        let terms = dim.terms().iter();
        let all = terms.fold(0, |all, term| gcd(all, self.term_factor(term, Some(factor))));
        let even = dim.terms().is_empty() || all.checked_rem(factor) == Some(0);
        even.then(|| Proof::from(dim.constant_term().checked_rem(factor).unwrap_or(0) == 0))
    }

    /// A number that divides the dim, the greatest that is easily known; zero for zero.
    pub(super) fn factor(&self, dim: &Dim) -> i64 {
        let terms = dim.terms().iter();
        terms.fold(dim.constant_term(), |all, term| gcd(all, self.term_factor(term, None)))
    }

    /// Factors beyond `wanted` are of no interest.
    fn term_factor(&self, term: &Term, wanted: Option<i64>) -> i64 {
        let mut factor = term.coeff;
        for atom in &term.atoms {
            if wanted.is_some_and(|wanted| factor.checked_rem(wanted) == Some(0)) {
                break;
            }
            factor = factor.checked_mul(self.atom_factor(atom)).unwrap_or(factor);
        }
        factor
    }

    fn atom_factor(&self, atom: &Atom) -> i64 {
        match atom {
            Atom::Var(var) => self.factor_of_var(var).unwrap_or(1),
            Atom::Div(x, c) => match (self.factor(x), c.as_const()) {
                (factor, Some(c)) if c > 0 && factor % c == 0 && factor > 0 => factor / c,
                _ => 1,
            },
            Atom::Mod(x, c) | Atom::Min(x, c) | Atom::Max(x, c) | Atom::WideSum(x, c) => {
                gcd(self.factor(x), self.factor(c)).max(1)
            }
            Atom::CeilDiv(..) | Atom::WideProduct(..) => 1,
        }
    }

    pub(super) fn at_least_zero(&self, dim: &Dim, fuel: &mut usize) -> bool {
        if self.bounds(dim).lo >= 0 {
            return true;
        }
        if *fuel == 0 || dim.is_const() {
            return false;
        }
        for (below, above) in &self.less {
            let Some(var) = below.as_var().filter(|var| dim.uses(var)) else { continue };
            if self.lesser(dim, var, &(above - 1), false, fuel) {
                return true;
            }
        }
        for (below, above) in &self.less {
            let lead = if below.is_const() { above } else { below };
            if lead.as_var().is_none() && !shares_var(dim, lead) {
                continue;
            }
            let stated = above - below - 1;
            let rest = dim - &stated;
            *fuel = fuel.saturating_sub(1);
            if rest.terms().len() < dim.terms().len() && self.at_least_zero(&rest, fuel) {
                return true;
            }
        }
        if let Some(extreme) = extreme(dim) {
            return self.opened_at_least_zero(&extreme, fuel);
        }
        if dim.terms().iter().all(|term| term.atoms.len() == 1) {
            return false;
        }
        dim.vars().iter().any(|var| {
            let range = self.range_of(&Dim::var(var.clone()));
            let lo = range.lo.is_some_and(|lo| self.lesser(dim, var, &lo.into(), true, fuel));
            lo || range.hi.is_some_and(|hi| self.lesser(dim, var, &hi.into(), false, fuel))
        })
    }

    fn opened_at_least_zero(&self, extreme: &Extreme, fuel: &mut usize) -> bool {
        *fuel = fuel.saturating_sub(1);
        let [a, b] = &extreme.opened;
        let first = self.at_least_zero(a, fuel);
        match extreme.needs_both {
            true => first && self.at_least_zero(b, fuel),
            false => first || self.at_least_zero(b, fuel),
        }
    }

    /// Whether the dim is at least zero where `var` stands at an `end` that makes the dim least.
    fn lesser(&self, dim: &Dim, var: &Var, end: &Dim, grows: bool, fuel: &mut usize) -> bool {
        if *fuel == 0 || end.uses(var) {
            return false;
        }
        *fuel -= 1;
        let Some((coeff, rest)) = dim.linear_in(var) else { return false };
        let sign = self.bounds(&coeff);
        let least = if grows { sign.lo >= 0 } else { sign.hi <= 0 };
        least && !coeff.is_zero() && self.at_least_zero(&(coeff * end + rest), fuel)
    }
}

/// A dim in which a minimum or maximum was replaced by either of its arguments.
struct Extreme {
    opened: [Dim; 2],
    /// Whether the dim is not negative only where both are: the term is the lesser one of two. Of the greater one of two, any will do.
    needs_both: bool,
}

/// The first term that is a minimum or maximum, opened; those of which both arguments must be looked at come first.
fn extreme(dim: &Dim) -> Option<Extreme> {
    let mut greater = None;
    for term in dim.terms() {
        let [atom @ (Atom::Min(a, b) | Atom::Max(a, b))] = term.atoms.as_slice() else { continue };
        let needs_both = matches!(atom, Atom::Min(..)) == (term.coeff > 0);
        let rest = dim - term.to_dim();
        let opened = [a, b].map(|argument| &rest + argument * term.coeff);
        let extreme = Extreme { opened, needs_both };
        if needs_both {
            return Some(extreme);
        }
        greater.get_or_insert(extreme);
    }
    greater
}

fn sign(bounds: Interval) -> Option<Proof> {
    if bounds.lo >= 0 {
        Some(Proof::Yes)
    } else if bounds.hi < 0 {
        Some(Proof::No)
    } else {
        None
    }
}

/// The greatest number that divides all coefficients of a dim.
fn content(dim: &Dim) -> i64 {
    dim.terms().iter().fold(dim.constant_term(), |all, term| gcd(all, term.coeff))
}

fn shares_var(a: &Dim, b: &Dim) -> bool {
    b.vars().iter().any(|var| a.uses(var))
}

/// How often the first term of `part` goes into its like of `whole`, if exactly.
fn ratio(whole: &Dim, part: &Dim) -> Option<i64> {
    let first = part.terms().first()?;
    let own = whole.terms().iter().find(|term| term.atoms == first.atoms)?;
    (own.coeff.checked_rem(first.coeff)? == 0).then(|| own.coeff / first.coeff)
}
