//! Dims as text: `2*n + i*n + 3`, `(i + n) div 8`, `i mod n`, `min(a, b)`, `ceildiv(n, 64)`.
//!
//! A name that is no identifier, or is a word of this language, stands in quotes.

use std::fmt::{self, Display, Formatter};

use super::{Atom, Dim, Term, Var};
use crate::text::{lexer::is_identifier, quoted};

/// The words that a bare name must not be.
const WORDS: &[&str] = &["div", "mod", "min", "max", "ceildiv", "in"];

impl Display for Var {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.name().as_str();
        if is_identifier(name) && !WORDS.contains(&name) {
            f.write_str(name)
        } else {
            f.write_str(&quoted(name))
        }
    }
}

impl fmt::Debug for Var {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Var::Sym(_) => "sym",
            Var::Axis(_) => "axis",
            Var::Data(_) => "data",
        };
        write!(f, "{kind} {self}")
    }
}

impl Display for Dim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, term) in self.terms().iter().enumerate() {
            match (at, term.coeff < 0) {
                (0, false) => {}
                (0, true) => f.write_str("-")?,
                (_, false) => f.write_str(" + ")?,
                (_, true) => f.write_str(" - ")?,
            }
            term.print_magnitude(f)?;
        }
        let constant = self.constant_term();
        match self.terms().is_empty() {
            true => write!(f, "{constant}"),
            false if constant > 0 => write!(f, " + {constant}"),
            false if constant < 0 => write!(f, " - {}", constant.unsigned_abs()),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for Dim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Term {
    fn print_magnitude(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let magnitude = self.coeff.unsigned_abs();
        let alone = self.coeff == 1 && self.atoms.len() == 1;
        if magnitude != 1 {
            write!(f, "{magnitude}*")?;
        }
        for (at, atom) in self.atoms.iter().enumerate() {
            if at > 0 {
                f.write_str("*")?;
            }
            if alone || !atom.is_division() || atom.as_ceil_div().is_some() {
                write!(f, "{atom}")?;
            } else {
                write!(f, "({atom})")?;
            }
        }
        Ok(())
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_dim())
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Atom {
    /// `(x, c)` if it is `(x + c - 1) div c`, which reads better as `ceildiv(x, c)`.
    pub fn as_ceil_div(&self) -> Option<(Dim, &Dim)> {
        match self {
            Atom::CeilDiv(x, c) => Some((x.clone(), c)),
            Atom::Div(x, c) => {
                let divisor = c.as_const().filter(|c| *c > 1)?;
                let added = x.constant_term() == divisor - 1 && !x.is_const();
                added.then(|| (Dim::from_terms(0, x.terms().to_vec()), c))
            }
            _ => None,
        }
    }
}

impl Display for Atom {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some((x, c)) = self.as_ceil_div() {
            return write!(f, "ceildiv({x}, {c})");
        }
        match self {
            Atom::Var(var) => write!(f, "{var}"),
            Atom::Div(a, b) => write!(f, "{} div {}", Operand(a), Operand(b)),
            Atom::Mod(a, b) => write!(f, "{} mod {}", Operand(a), Operand(b)),
            Atom::CeilDiv(a, b) => write!(f, "ceildiv({a}, {b})"),
            Atom::Min(a, b) => write!(f, "min({a}, {b})"),
            Atom::Max(a, b) => write!(f, "max({a}, {b})"),
            Atom::WideSum(a, b) => write!(f, "(({a}) + ({b}))"),
            Atom::WideProduct(a, b) => write!(f, "(({a})*({b}))"),
        }
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// An operand of `div` or `mod`, in parentheses unless it is one name or one number.
struct Operand<'a>(&'a Dim);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let bare = self.0.as_const().is_some_and(|value| value >= 0) || self.0.as_var().is_some();
        if bare { write!(f, "{}", self.0) } else { write!(f, "({})", self.0) }
    }
}
