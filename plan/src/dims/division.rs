//! Quotients, remainders, minima and maxima in normal form.
//!
//! Multiples of the divisor are taken out of the dividend, common factors are cancelled, and a
//! quotient of a quotient is one quotient. `floor_div` and `modulo` split the dividend alike, so
//! that `c*(x div c) + x mod c` finds its parts again.

use std::cmp::Ordering;

use super::{Atom, Atoms, Dim, Term, memo};

impl Dim {
    /// The quotient, rounded down.
    pub fn floor_div(&self, divisor: &Dim) -> Dim {
        if let (Some(a), Some(b)) = (self.as_const(), divisor.as_const()) {
            return match a.checked_rem(b) {
                Some(rem) => Dim::constant(a / b - i64::from(rem != 0 && (rem < 0) != (b < 0))),
                None => Dim::atom(Atom::Div(self.clone(), divisor.clone())),
            };
        }
        if divisor.as_const() == Some(0) {
            return Dim::atom(Atom::Div(self.clone(), divisor.clone()));
        }
        if let Some((x, c)) = with_positive_divisor(self, divisor) {
            return x.floor_div(&c);
        }
        match self.divides() {
            true => memo::quotient(self, divisor, || self.quotient(divisor)),
            false => self.quotient(divisor),
        }
    }

    fn quotient(&self, divisor: &Dim) -> Dim {
        let (whole, rest) = split(self, divisor);
        if rest == Dim::constant(0) {
            return whole;
        }
        let quotient = match cancelled(&rest, divisor) {
            Some(Cancelled { x, c, .. }) => x.floor_div(&c),
            None => nested(&rest, divisor)
                .or_else(|| exact(&rest, divisor))
                .unwrap_or_else(|| Dim::atom(Atom::Div(rest, divisor.clone()))),
        };
        whole + quotient
    }

    /// The quotient, rounded up.
    pub fn ceil_div(&self, divisor: &Dim) -> Dim {
        match divisor.as_const() {
            Some(c) if c > 0 => {
                if let Some(x) = self.as_const() {
                    return Dim::constant(x / c + i64::from(x % c > 0));
                }
                (self + (c - 1)).floor_div(divisor)
            }
            Some(_) => -(-self).floor_div(divisor),
            None => {
                let (whole, rest) = split(self, divisor);
                if rest == Dim::constant(0) {
                    return whole;
                }
                whole + Dim::atom(Atom::CeilDiv(rest, divisor.clone()))
            }
        }
    }

    /// The remainder of `floor_div`: between zero and the divisor.
    pub fn modulo(&self, divisor: &Dim) -> Dim {
        if let (Some(a), Some(b)) = (self.as_const(), divisor.as_const()) {
            return match a.checked_rem(b) {
                Some(rem) if rem != 0 && (rem < 0) != (b < 0) => Dim::constant(rem + b),
                Some(rem) => Dim::constant(rem),
                None => Dim::atom(Atom::Mod(self.clone(), divisor.clone())),
            };
        }
        if divisor.as_const() == Some(0) {
            return Dim::atom(Atom::Mod(self.clone(), divisor.clone()));
        }
        if let Some((x, c)) = with_positive_divisor(self, divisor) {
            return -x.modulo(&c);
        }
        match self.divides() {
            true => memo::remainder(self, divisor, || self.remainder(divisor)),
            false => self.remainder(divisor),
        }
    }

    fn remainder(&self, divisor: &Dim) -> Dim {
        let (_, rest) = split(self, divisor);
        if rest.is_const() && divisor.is_const() {
            return rest;
        }
        if rest == Dim::constant(0) {
            return rest;
        }
        if let Some(Cancelled { x, c, factor, extra }) = cancelled(&rest, divisor) {
            return factor * x.modulo(&c) + extra;
        }
        match opened(&rest, divisor) {
            Some(Opened { inner, .. }) => inner.modulo(divisor),
            None => Dim::atom(Atom::Mod(rest, divisor.clone())),
        }
    }

    /// The smaller of two.
    pub fn min(&self, other: &Dim) -> Dim {
        match order(self, other) {
            Some(Ordering::Greater) => other.clone(),
            Some(_) => self.clone(),
            None if *self <= *other => Dim::atom(Atom::Min(self.clone(), other.clone())),
            None => Dim::atom(Atom::Min(other.clone(), self.clone())),
        }
    }

    /// The larger of two.
    pub fn max(&self, other: &Dim) -> Dim {
        match order(self, other) {
            Some(Ordering::Less) => other.clone(),
            Some(_) => self.clone(),
            None if *self <= *other => Dim::atom(Atom::Max(self.clone(), other.clone())),
            None => Dim::atom(Atom::Max(other.clone(), self.clone())),
        }
    }
}

/// The order of the values, if the dims differ by a constant.
fn order(a: &Dim, b: &Dim) -> Option<Ordering> {
    if a == b {
        return Some(Ordering::Equal);
    }
    if a.terms() == b.terms() {
        return Some(a.constant_term().cmp(&b.constant_term()));
    }
    (a - b).as_const().map(|difference| difference.cmp(&0))
}

/// Both sides negated, if the divisor's first coefficient is negative and nothing overflows.
fn with_positive_divisor(x: &Dim, c: &Dim) -> Option<(Dim, Dim)> {
    let first = c.terms().first().map_or(c.constant_term(), |term| term.coeff);
    if first >= 0 {
        return None;
    }
    let (x, c) = (-x, -c);
    let positive = c.terms().first().map_or(c.constant_term(), |term| term.coeff) > 0;
    let plain = [&x, &c].iter().all(|dim| !is_wide(dim));
    (positive && plain).then_some((x, c))
}

fn is_wide(dim: &Dim) -> bool {
    matches!(dim.as_atom(), Some(Atom::WideSum(..) | Atom::WideProduct(..)))
}

/// `(q, r)` with `x = q*c + r`: what can be taken out of each term, and the rest.
fn split(x: &Dim, c: &Dim) -> (Dim, Dim) {
    match (c.as_const(), c.terms()) {
        (Some(c), _) => split_by_const(x, c),
        (_, [term]) if c.constant_term() == 0 => split_by_term(x, term),
        _ => split_by_sum(x, c),
    }
}

fn split_by_const(x: &Dim, c: i64) -> (Dim, Dim) {
    let part = |pick: &dyn Fn(i64) -> i64| -> Vec<Term> {
        let terms = x.terms().iter();
        let terms = terms.map(|t| Term { coeff: pick(t.coeff), atoms: t.atoms.clone() });
        terms.filter(|term| term.coeff != 0).collect()
    };
    if c <= 0 {
        return (Dim::constant(0), x.clone());
    }
    let constant = x.constant_term();
    let whole = Dim::from_terms(constant.div_euclid(c), part(&|coeff| coeff / c));
    let rest = Dim::from_terms(constant.rem_euclid(c), part(&|coeff| coeff % c));
    match between_quotients(&rest, c) {
        Some((more, rest)) => (whole + more, rest),
        None => (whole, rest),
    }
}

/// What `k*(y div a) + l*(y div a*r)` in a dividend holds of multiples of `c`, and the rest: it is `k*((y div a) mod r)` and `k*r + l`
/// times `y div a*r`, where `c` divides that number.
fn between_quotients(x: &Dim, c: i64) -> Option<(Dim, Dim)> {
    if !x.divides() {
        return None;
    }
    x.terms().iter().find_map(|coarse| {
        let [Atom::Div(y, b)] = coarse.atoms.as_slice() else { return None };
        let b = b.as_const().filter(|b| *b > 0)?;
        x.terms().iter().find_map(|fine| {
            let [atom] = fine.atoms.as_slice() else { return None };
            let a = match atom {
                Atom::Div(own, a) if own == y => a.as_const()?,
                _ => (y.as_atom() == Some(atom)).then_some(1)?,
            };
            let r = (a > 0 && a < b && b % a == 0).then(|| b / a)?;
            let multiple = fine.coeff.checked_mul(r)?.checked_add(coarse.coeff)?;
            if multiple % c != 0 {
                return None;
            }
            let others = x.terms().iter().filter(|term| !std::ptr::eq(*term, fine));
            let others = others.filter(|term| !std::ptr::eq(*term, coarse)).cloned().collect();
            let part = Dim::atom(atom.clone()).modulo(&Dim::constant(r)) * fine.coeff;
            let rest = Dim::from_terms(x.constant_term(), others) + part;
            Some((Dim::atom(coarse.atoms[0].clone()) * (multiple / c), rest))
        })
    })
}

fn split_by_term(x: &Dim, c: &Term) -> (Dim, Dim) {
    let mut whole = Dim::constant(0);
    let mut rest = Dim::constant(x.constant_term());
    for term in x.terms() {
        let quotient = term.coeff.checked_div(c.coeff).unwrap_or(0);
        match without(&term.atoms, &c.atoms) {
            Some(atoms) if quotient != 0 => {
                whole += product(quotient, atoms);
                rest += product(term.coeff % c.coeff, term.atoms.clone());
            }
            _ => rest += term.to_dim(),
        }
    }
    (whole, rest)
}

/// A divisor of several parts is taken out only if each part is there.
fn split_by_sum(x: &Dim, c: &Dim) -> (Dim, Dim) {
    let none = (Dim::constant(0), x.clone());
    let first = &c.terms()[0];
    let Some(own) = x.terms().iter().find(|term| term.atoms == first.atoms) else { return none };
    let Some(times) = own.coeff.checked_div(first.coeff).filter(|times| *times != 0) else {
        return none;
    };
    let rest = x - c * times;
    if is_wide(&rest) || rest.terms().len() + c.terms().len() > x.terms().len() {
        return none;
    }
    let constant = rest.constant_term().unsigned_abs();
    if constant > x.constant_term().unsigned_abs() {
        return none;
    }
    (Dim::constant(times), rest)
}

/// The factors of `atoms` less those of `part`; `None` if one is missing.
fn without(atoms: &Atoms, part: &Atoms) -> Option<Atoms> {
    let mut atoms = atoms.clone();
    for atom in part {
        let place = atoms.iter().position(|own| own == atom)?;
        atoms.remove(place);
    }
    Some(atoms)
}

fn product(coeff: i64, atoms: Atoms) -> Dim {
    if coeff == 0 || atoms.is_empty() {
        return Dim::constant(coeff);
    }
    Dim::from_terms(0, vec![Term { coeff, atoms }])
}

/// A division by `factor*c` of `factor*x + extra`, with `0 <= extra < factor`, is one by `c` of `x`.
struct Cancelled {
    x: Dim,
    c: Dim,
    factor: Dim,
    extra: Dim,
}

fn cancelled(x: &Dim, c: &Dim) -> Option<Cancelled> {
    match (c.as_const(), c.terms()) {
        (Some(c), _) => cancelled_const(x, c),
        (_, [term]) if c.constant_term() == 0 => cancelled_term(x, term),
        _ => None,
    }
}

fn cancelled_const(x: &Dim, c: i64) -> Option<Cancelled> {
    let factor = x.terms().iter().fold(c, |factor, term| gcd(factor, term.coeff));
    if factor <= 1 {
        return None;
    }
    let constant = x.constant_term();
    Some(Cancelled {
        x: Dim::from_terms(constant.div_euclid(factor), terms_over(x, factor, &Atoms::new())?),
        c: Dim::constant(c / factor),
        factor: Dim::constant(factor),
        extra: Dim::constant(constant.rem_euclid(factor)),
    })
}

fn cancelled_term(x: &Dim, c: &Term) -> Option<Cancelled> {
    let coeffs = x.terms().iter().map(|term| term.coeff);
    let factor = coeffs.fold(gcd(c.coeff, x.constant_term()), gcd);
    let mut atoms = Atoms::new();
    if x.constant_term() == 0 {
        for atom in &c.atoms {
            let mut more = atoms.clone();
            more.push(atom.clone());
            if x.terms().iter().all(|term| without(&term.atoms, &more).is_some()) {
                atoms = more;
            }
        }
    }
    if factor <= 1 && atoms.is_empty() {
        return None;
    }
    let parts = x
        .terms()
        .iter()
        .map(|term| Some(product(term.coeff / factor, without(&term.atoms, &atoms)?)));
    let quotient = parts.sum::<Option<Dim>>()?;
    Some(Cancelled {
        x: quotient + x.constant_term() / factor,
        c: product(c.coeff / factor, without(&c.atoms, &atoms)?),
        factor: product(factor, atoms),
        extra: Dim::constant(0),
    })
}

fn terms_over(x: &Dim, factor: i64, atoms: &Atoms) -> Option<Vec<Term>> {
    let terms = x.terms().iter();
    let terms = terms
        .map(|term| Some(Term { coeff: term.coeff / factor, atoms: without(&term.atoms, atoms)? }));
    terms.collect()
}

/// The greatest common divisor; that with zero is the other's magnitude.
pub(super) fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).unwrap_or(1)
}

/// `(y div a + k) div c` is `(y + k*a) div (a*c)`, for constants `a` and `c` above zero.
fn nested(x: &Dim, c: &Dim) -> Option<Dim> {
    let [Term { coeff: 1, atoms }] = x.terms() else { return None };
    let [Atom::Div(y, a)] = atoms.as_slice() else { return None };
    let (a, c) = (a.as_const().filter(|a| *a > 0)?, c.as_const().filter(|c| *c > 0)?);
    let divisor = a.checked_mul(c)?;
    let more = x.constant_term().checked_mul(a)?;
    y.constant_term().checked_add(more)?;
    Some((y + more).floor_div(&Dim::constant(divisor)))
}

/// `x = inner - c*more`, where `inner` has `k*y` in the place of one `k*(y mod a)` of `x`.
struct Opened {
    inner: Dim,
    more: Dim,
}

/// Opens the first remainder in `x` that counts as its dividend under `mod c`: `c` divides `k*a`.
fn opened(x: &Dim, c: &Dim) -> Option<Opened> {
    let c = c.as_const()?;
    for term in x.terms() {
        for (at, atom) in term.atoms.iter().enumerate() {
            let Atom::Mod(y, a) = atom else { continue };
            let multiple = a.as_const().and_then(|a| a.checked_mul(term.coeff));
            let Some(multiple) = multiple.filter(|m| *m != 0 && m % c == 0) else { continue };
            let mut factors = term.atoms.clone();
            factors.remove(at);
            let inner = x - term.to_dim() + scaled(term.coeff, factors.clone(), y);
            if is_wide(&inner) {
                return None;
            }
            return Some(Opened { inner, more: scaled(multiple / c, factors, &y.floor_div(a)) });
        }
    }
    None
}

fn scaled(coeff: i64, factors: Atoms, dim: &Dim) -> Dim {
    let factor = if factors.is_empty() { Dim::constant(coeff) } else { product(coeff, factors) };
    factor * dim
}

/// The quotient of a dividend whose remainder is a constant once its own remainders are opened.
fn exact(x: &Dim, c: &Dim) -> Option<Dim> {
    let Opened { inner, more } = opened(x, c)?;
    inner.modulo(c).is_const().then(|| inner.floor_div(c) - more)
}
