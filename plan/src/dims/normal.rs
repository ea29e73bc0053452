//! Sums and products in normal form, and the one relation among atoms: `x = c*(x div c) + x mod c`.
//!
//! Of the three parts of that relation a normal form never holds two with which the third can be
//! written: `c*(x div c) + x mod c` is `x`, `x - c*(x div c)` is `x mod c`, and `x - x mod c` is
//! `c*(x div c)`. Each step removes more than it adds, so that it ends.

use std::cmp::Ordering;

use super::{Atom, Atoms, Dim, Term, memo};

/// A product with more terms than this stays unevaluated: expanding it would cost too much.
const MAX_TERMS: usize = 512;

/// Rewrites by the relation that one sum may take; far more than any met in practice.
const MAX_REWRITES: usize = 64;

pub(super) fn add(a: &Dim, b: &Dim) -> Dim {
    if let (Some(x), Some(y)) = (a.as_const(), b.as_const())
        && let Some(sum) = x.checked_add(y)
    {
        return Dim::constant(sum);
    }
    add_scaled(a, b, 1).map_or_else(|| wide_sum(a, b), |sum| recombined(sum, a, b))
}

pub(super) fn subtract(a: &Dim, b: &Dim) -> Dim {
    if let (Some(x), Some(y)) = (a.as_const(), b.as_const())
        && let Some(difference) = x.checked_sub(y)
    {
        return Dim::constant(difference);
    }
    match add_scaled(a, b, -1) {
        Some(difference) => recombined(difference, a, b),
        None => add(a, &-b),
    }
}

pub(super) fn multiply(a: &Dim, b: &Dim) -> Dim {
    if let (Some(x), Some(y)) = (a.as_const(), b.as_const())
        && let Some(product) = x.checked_mul(y)
    {
        return Dim::constant(product);
    }
    match multiplied(a, b) {
        Some(product) if product.divides() => recombine(product),
        Some(product) => product,
        None => {
            let (a, b) = if a <= b { (a, b) } else { (b, a) };
            Dim::atom(Atom::WideProduct(a.clone(), b.clone()))
        }
    }
}

fn wide_sum(a: &Dim, b: &Dim) -> Dim {
    let (a, b) = if a <= b { (a, b) } else { (b, a) };
    Dim::atom(Atom::WideSum(a.clone(), b.clone()))
}

/// A constant beside a recombined sum cannot bring new rewrites.
fn recombined(sum: Dim, a: &Dim, b: &Dim) -> Dim {
    if sum.divides() && !a.is_const() && !b.is_const() { recombine(sum) } else { sum }
}

/// `a + scale*b` with like terms merged and no rewrite; `None` where a coefficient overflows.
fn add_scaled(a: &Dim, b: &Dim, scale: i64) -> Option<Dim> {
    let scaled = scale.checked_mul(b.constant_term())?;
    let constant = a.constant_term().checked_add(scaled)?;
    let (left, right) = (a.terms(), b.terms());
    let mut terms = Vec::with_capacity(left.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let order = match (left.get(i), right.get(j)) {
            (Some(x), Some(y)) => x.key().cmp(&y.key()),
            (Some(_), None) => Ordering::Less,
            _ => Ordering::Greater,
        };
        let mut coeff = 0i64;
        let source = if order == Ordering::Greater { &right[j] } else { &left[i] };
        if order != Ordering::Greater {
            coeff = left[i].coeff;
            i += 1;
        }
        if order != Ordering::Less {
            coeff = coeff.checked_add(scale.checked_mul(right[j].coeff)?)?;
            j += 1;
        }
        if coeff != 0 {
            terms.push(Term { coeff, atoms: source.atoms.clone() });
        }
    }
    Some(Dim::from_terms(constant, terms))
}

/// `a*b` expanded, with like terms merged and no rewrite; `None` where a coefficient overflows.
fn multiplied(a: &Dim, b: &Dim) -> Option<Dim> {
    match (a.as_const(), b.as_const()) {
        (Some(0), _) | (_, Some(0)) => return Some(Dim::default()),
        (Some(scale), _) => return add_scaled(&Dim::default(), b, scale),
        (_, Some(scale)) => return add_scaled(&Dim::default(), a, scale),
        _ => {}
    }
    if (a.terms().len() + 1) * (b.terms().len() + 1) > MAX_TERMS {
        return None;
    }
    let mut products = Vec::with_capacity((a.terms().len() + 1) * (b.terms().len() + 1));
    for x in a.terms() {
        for y in b.terms() {
            let mut atoms = x.atoms.clone();
            atoms.extend(y.atoms.iter().cloned());
            atoms.sort();
            products.push(Term { coeff: x.coeff.checked_mul(y.coeff)?, atoms });
        }
    }
    for (side, scale) in [(a, b.constant_term()), (b, a.constant_term())] {
        if scale == 0 {
            continue;
        }
        for term in side.terms() {
            let coeff = term.coeff.checked_mul(scale)?;
            products.push(Term { coeff, atoms: term.atoms.clone() });
        }
    }
    let constant = a.constant_term().checked_mul(b.constant_term())?;
    products.sort_by(|x, y| x.key().cmp(&y.key()));
    let mut terms: Vec<Term> = Vec::with_capacity(products.len());
    for product in products {
        match terms.last_mut() {
            Some(last) if last.atoms == product.atoms => {
                last.coeff = last.coeff.checked_add(product.coeff)?;
            }
            _ => terms.push(product),
        }
    }
    terms.retain(|term| term.coeff != 0);
    Some(Dim::from_terms(constant, terms))
}

fn recombine(sum: Dim) -> Dim {
    memo::sum(&sum, || rewritten(sum.clone()))
}

fn rewritten(mut sum: Dim) -> Dim {
    for _ in 0..MAX_REWRITES {
        match rewrite(&sum) {
            Some(next) => sum = next,
            None => break,
        }
        if !sum.divides() {
            break;
        }
    }
    sum
}

fn rewrite(sum: &Dim) -> Option<Dim> {
    if sum.terms().len() < 2 {
        return None;
    }
    sum.terms().iter().find_map(|term| {
        term.atoms.iter().enumerate().find_map(|(at, atom)| match atom {
            Atom::Div(x, c) => {
                let factors = without_divisor(&term.atoms, at, c)?;
                rewrite_with(sum, factors, x, c, atom)
            }
            Atom::Mod(x, c) => {
                let mut factors = term.atoms.clone();
                factors.remove(at);
                rewrite_with(sum, factors, x, c, atom)
            }
            _ => None,
        })
    })
}

/// The factors beside the quotient at `at`, less those of the divisor's first term.
fn without_divisor(atoms: &Atoms, at: usize, c: &Dim) -> Option<Atoms> {
    let mut factors = atoms.clone();
    factors.remove(at);
    if let Some(first) = c.terms().first() {
        for atom in &first.atoms {
            let place = factors.iter().position(|factor| factor == atom)?;
            factors.remove(place);
        }
    }
    Some(factors)
}

/// Uses `factors * (x = c*(x div c) + x mod c)` on `sum`, if two of its parts stand there.
fn rewrite_with(sum: &Dim, factors: Atoms, x: &Dim, c: &Dim, atom: &Atom) -> Option<Dim> {
    let scale = |dim: &Dim| {
        if factors.is_empty() {
            return Some(dim.clone());
        }
        let factor = Dim::from_terms(0, vec![Term { coeff: 1, atoms: factors.clone() }]);
        multiplied(&factor, dim)
    };
    let (quotient, remainder) = match atom {
        Atom::Div(..) => (Dim::atom(atom.clone()), x.modulo(c)),
        _ => (x.floor_div(c), Dim::atom(atom.clone())),
    };
    let whole = scale(x)?;
    let quotient = scale(&multiplied(c, &quotient)?)?;
    let remainder = scale(&remainder)?;
    let n = times(sum, &whole);
    let d = times(sum, &quotient);
    let m = times(sum, &remainder);
    let moved = match shared(d, m) {
        Some(t) => t.checked_neg()?,
        None => shared(n, d.checked_neg()?).or(shared(n, m.checked_neg()?))?,
    };
    let next = add_scaled(sum, &whole, moved.checked_neg()?)?;
    let next = add_scaled(&next, &quotient, moved)?;
    add_scaled(&next, &remainder, moved)
}

/// How often the terms of `part` stand in `sum`, constants aside; the sign is that of the terms.
fn times(sum: &Dim, part: &Dim) -> i64 {
    let mut least: Option<i64> = None;
    for term in part.terms() {
        let place = sum.terms().binary_search_by(|own| own.key().cmp(&term.key()));
        let Ok(place) = place else { return 0 };
        let ratio = sum.terms()[place].coeff.checked_div(term.coeff).unwrap_or(0);
        least = Some(match least {
            None => ratio,
            Some(least) => shared(least, ratio).unwrap_or(0),
        });
    }
    least.unwrap_or(0)
}

/// The number nearer to zero, if both have one sign.
fn shared(a: i64, b: i64) -> Option<i64> {
    if a > 0 && b > 0 {
        Some(a.min(b))
    } else if a < 0 && b < 0 {
        Some(a.max(b))
    } else {
        None
    }
}
