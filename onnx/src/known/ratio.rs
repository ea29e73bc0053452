//! Sizes times fractions: what exporters leave of `int(height * 0.5)`, until a rounding makes a size of it again.

use ferrodyne_plan::{Dim, Facts, Proof};

use super::Elem;

/// The largest divisor.
const MAX_DIVISOR: i64 = 4096;
/// The largest denominator of a number that is taken for a fraction.
const MAX_DENOMINATOR: i64 = 64;
/// Up to this size a fraction must give in 32-bit floats what it gives in exact arithmetic.
const LARGEST_SIZE: i64 = 1 << 16;

/// A size divided by a positive number, which it is not known to be a multiple of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ratio {
    /// What is divided.
    pub(crate) of: Dim,
    /// By what.
    pub(crate) by: i64,
}

impl Ratio {
    /// Rounded by an operator, or by `trunc` as conversions to integers do; none where the result depends on a sign that is not known.
    pub(crate) fn rounded(&self, op: &str, facts: &Facts) -> Option<Elem> {
        let by = Dim::constant(self.by);
        let dim = match op {
            "floor" => self.of.floor_div(&by),
            "ceil" => self.of.ceil_div(&by),
            "trunc" if facts.prove_nonneg(&self.of) == Proof::Yes => self.of.floor_div(&by),
            _ => return None,
        };
        Some(Elem::Size(facts.simplify(&dim)))
    }

    /// As an element: a size where it is known to be one.
    fn elem(self, facts: &Facts) -> Option<Elem> {
        let (of, by) = (facts.simplify(&self.of), Dim::constant(self.by));
        if facts.simplify(&of.modulo(&by)).is_zero() {
            return Some(Elem::Size(facts.simplify(&of.floor_div(&by))));
        }
        (self.by <= MAX_DIVISOR).then_some(Elem::Ratio(Ratio { of, by: self.by }))
    }
}

/// Sums, differences, products, and quotients by constants; none where floats would give another number than exact arithmetic.
pub(super) fn joined(op: &str, a: &Elem, b: &Elem, facts: &Facts) -> Option<Elem> {
    let (x, y) = (ratio(a, op)?, ratio(b, op)?);
    let (of, by) = match op {
        "add" => (x.of * y.by + y.of * x.by, x.by.checked_mul(y.by)?),
        "sub" => (x.of * y.by - y.of * x.by, x.by.checked_mul(y.by)?),
        "mul" => (x.of * y.of, x.by.checked_mul(y.by)?),
        "div" => {
            let divisor = y.of.as_const().filter(|&n| n > 0)?;
            (x.of * y.by, x.by.checked_mul(divisor)?)
        }
        _ => return None,
    };
    Ratio { of, by }.elem(facts)
}

/// An element as a ratio; the operator is what is done with it next.
fn ratio(elem: &Elem, op: &str) -> Option<Ratio> {
    match elem {
        Elem::Size(dim) => Some(Ratio { of: dim.clone(), by: 1 }),
        Elem::Ratio(ratio) => Some(ratio.clone()),
        Elem::Float(value) => fraction(*value, op),
    }
}

/// A number as the fraction with the least denominator that rounds to it.
fn fraction(value: f64, op: &str) -> Option<Ratio> {
    let value = value as f32;
    let numerator = |q: i64| (f64::from(value) * q as f64).round();
    let is_it = |q: &i64| (numerator(*q) / *q as f64) as f32 == value;
    let q = (1..=MAX_DENOMINATOR).find(is_it)?;
    let p = numerator(q);
    if p.abs() > LARGEST_SIZE as f64 {
        return None;
    }
    let p = p as i64;
    // Where the exact result is whole, the rounding of floats must not take it below or above.
    let exact = |k: i64| match op {
        "mul" => (k * q) as f32 * value == (k * p) as f32,
        "div" => (k * p) as f32 / value == (k * q) as f32,
        _ => q & (q - 1) == 0,
    };
    let last = LARGEST_SIZE / if op == "div" { p.abs().max(1) } else { q };
    (1..=last).all(exact).then(|| Ratio { of: Dim::constant(p), by: q })
}
