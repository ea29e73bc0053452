//! Divisions, remainders, minima and maxima that the facts resolve.

use super::division::gcd;
use super::{Atom, Dim, Facts, Proof, Term};

/// Rounds of simplification; two suffice for almost all.
const MAX_ROUNDS: usize = 4;

impl Facts {
    /// An equal dim, where the facts hold, with fewer divisions, remainders, minima and maxima.
    pub fn simplify(&self, dim: &Dim) -> Dim {
        if dim.terms().iter().flat_map(|term| &term.atoms).all(|a| a.arguments().is_none()) {
            return self.simplified(dim);
        }
        self.memo.simplified(dim, || self.simplified(dim))
    }

    fn simplified(&self, dim: &Dim) -> Dim {
        let mut dim = self.resolve(dim);
        for _ in 0..MAX_ROUNDS {
            if dim.terms().iter().flat_map(|term| &term.atoms).all(|a| a.arguments().is_none()) {
                break;
            }
            let next = self.undivided(dim.map_atoms(&mut |atom| self.simplify_atom(atom)));
            let next = self.rejoined(next);
            if next == dim {
                break;
            }
            dim = next;
        }
        dim
    }

    fn simplify_atom(&self, atom: &Atom) -> Option<Dim> {
        let (a, b) = atom.arguments()?;
        let (x, y) = (self.simplify(a), self.simplify(b));
        let rebuilt = if x == *a && y == *b { None } else { Some(atom.rebuild(&x, &y)) };
        let atom = match &rebuilt {
            None => atom,
            Some(dim) => match dim.as_atom() {
                Some(atom) => atom,
                None => return rebuilt,
            },
        };
        self.resolved(atom).or_else(|| rebuilt.clone())
    }

    fn resolved(&self, atom: &Atom) -> Option<Dim> {
        match atom {
            Atom::Div(x, c) => self.divided(x, c).map(|(quotient, _)| quotient),
            Atom::Mod(x, c) => self.divided(x, c).map(|(_, remainder)| remainder),
            Atom::CeilDiv(x, c) => {
                let one = self.prove_le(&Dim::constant(1), x).is_yes();
                (one && self.prove_le(x, c).is_yes()).then(|| Dim::constant(1))
            }
            Atom::Min(a, b) | Atom::Max(a, b) => {
                let (less, more) = match self.prove_le(a, b) {
                    Proof::Yes => (a, b),
                    Proof::No => (b, a),
                    Proof::Unknown if self.prove_le(b, a).is_yes() => (b, a),
                    Proof::Unknown => return None,
                };
                Some(if matches!(atom, Atom::Min(..)) { less } else { more }.clone())
            }
            _ => None,
        }
    }

    /// Quotient and remainder, if the facts make them simpler.
    fn divided(&self, x: &Dim, c: &Dim) -> Option<(Dim, Dim)> {
        match c.as_const() {
            Some(c) if c > 0 => self
                .divided_in_one(x, c)
                .or_else(|| self.divided_by_multiples(x, c))
                .or_else(|| self.divided_by_factor(x, c)),
            Some(_) => None,
            None if self.bounds(c).lo < 0 => None,
            None => self.divided_by_symbol(x, c),
        }
    }

    /// All values of `x` have one quotient.
    fn divided_in_one(&self, x: &Dim, c: i64) -> Option<(Dim, Dim)> {
        let range = self.range_of(x);
        let quotient = range.lo?.div_euclid(c);
        if range.hi?.div_euclid(c) != quotient {
            return None;
        }
        Some((Dim::constant(quotient), x - Dim::constant(quotient) * c))
    }

    /// Terms that are multiples of `c` leave the remainder.
    fn divided_by_multiples(&self, x: &Dim, c: i64) -> Option<(Dim, Dim)> {
        if self.prove_multiple(x, c).is_yes() && x.terms().len() > 1 {
            let whole = x.floor_div(&Dim::constant(c));
            return Some((whole, Dim::constant(0)));
        }
        let divisor = Dim::constant(c);
        let (mut quotient, mut rest) = (Dim::constant(0), Dim::constant(x.constant_term()));
        for term in x.terms() {
            let term = term.to_dim();
            if self.prove_multiple(&term, c).is_yes() {
                quotient += term.floor_div(&divisor);
            } else {
                rest += term;
            }
        }
        if rest.terms().len() == x.terms().len() {
            return None;
        }
        if rest.is_const() && rest.constant_term() == 0 && x.terms().len() == 1 {
            return Some((quotient, rest));
        }
        let (q, r) = (rest.floor_div(&divisor), rest.modulo(&divisor));
        Some((quotient + q, r))
    }

    /// `(g*a + b) div (g*k)` is `a div k` where `0 <= b < g`.
    fn divided_by_factor(&self, x: &Dim, c: i64) -> Option<(Dim, Dim)> {
        let mut tried = Vec::new();
        for term in x.terms() {
            let g = gcd(term.coeff, c);
            if g <= 1 || tried.contains(&g) {
                continue;
            }
            tried.push(g);
            let (even, odd): (Vec<Term>, Vec<Term>) =
                x.terms().iter().cloned().partition(|term| term.coeff % g == 0);
            let constant = x.constant_term();
            let low = Dim::from_terms(constant.rem_euclid(g), odd);
            let range = self.range_of(&low);
            if !(range.lo.is_some_and(|lo| lo >= 0) && range.hi.is_some_and(|hi| hi < g)) {
                continue;
            }
            let high = Dim::from_terms(0, even).floor_div(&Dim::constant(g));
            let (high, divisor) = (high + constant.div_euclid(g), Dim::constant(c / g));
            return Some((high.floor_div(&divisor), high.modulo(&divisor) * g + low));
        }
        None
    }

    /// `c` is at least one wherever the quotient is defined.
    fn divided_by_symbol(&self, x: &Dim, c: &Dim) -> Option<(Dim, Dim)> {
        if self.prove_nonneg(x).is_yes() && self.prove_lt(x, c).is_yes() {
            return Some((Dim::constant(0), x.clone()));
        }
        let Some(Atom::Div(y, a)) = x.as_atom() else { return None };
        (self.bounds(a).lo >= 0)
            .then(|| (y.floor_div(&(a * c)), Dim::atom(Atom::Mod(x.clone(), c.clone()))))
    }

    /// `k*((y div a) mod c) + k*c*(y div a*c)` is `k*(y div a)`, as where an element's place is counted from its coordinates. That
    /// `c` is above zero the facts say; of constants the normal form knows it.
    fn rejoined(&self, dim: Dim) -> Dim {
        if !dim.divides() || dim.terms().len() < 2 {
            return dim;
        }
        for term in dim.terms() {
            for (at, atom) in term.atoms.iter().enumerate() {
                let Atom::Mod(x, c) = atom else { continue };
                let Some(Atom::Div(y, a)) = x.as_atom() else { continue };
                if c.is_const() || self.bounds(c).lo < 0 || self.bounds(a).lo < 0 {
                    continue;
                }
                let others = term.atoms.iter().enumerate().filter(|(other, _)| *other != at);
                let factor: Dim = others.map(|(_, factor)| Dim::atom(factor.clone())).product();
                let factor = factor * term.coeff;
                let coarse = &factor * c * y.floor_div(&(a * c));
                let rest = &dim - term.to_dim() - &coarse;
                if rest.terms().len() + coarse.terms().len() + 1 == dim.terms().len() {
                    return self.rejoined(rest + factor * x);
                }
            }
        }
        dim
    }

    /// `k*(x div c)` is `(k/c)*x` where `c` divides `k` and, by the facts, `x`.
    fn undivided(&self, dim: Dim) -> Dim {
        if !dim.divides() || self.multiples.is_empty() {
            return dim;
        }
        for term in dim.terms() {
            for (at, atom) in term.atoms.iter().enumerate() {
                let Atom::Div(x, c) = atom else { continue };
                let Some(c) = c.as_const().filter(|c| *c > 0 && term.coeff % c == 0) else {
                    continue;
                };
                if self.prove_multiple(x, c).is_yes() {
                    let mut factors = Dim::constant(term.coeff / c);
                    for (other, factor) in term.atoms.iter().enumerate() {
                        if other != at {
                            factors *= Dim::atom(factor.clone());
                        }
                    }
                    return self.undivided(&dim - term.to_dim() + factors * x);
                }
            }
        }
        dim
    }
}
