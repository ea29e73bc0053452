//! The value of a dim under values of its variables, and dims put in the place of variables.

use super::{Atom, Dim, Term, Var};
use crate::Name;

/// Why a dim has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// A variable has no value.
    #[error("`{0}` has no value")]
    Unbound(Name),
    /// A divisor is zero.
    #[error("division by zero in `{0}`")]
    DivisionByZero(Dim),
    /// The value does not fit 64 bits.
    #[error("the value of `{0}` does not fit 64 bits")]
    Overflow(Dim),
}

impl Dim {
    /// The value under `values`; exact, or an error.
    pub fn eval(&self, values: &dyn Fn(&Var) -> Option<i64>) -> Result<i64, EvalError> {
        if let Some(value) = self.as_const() {
            return Ok(value);
        }
        let value = self.eval_wide(values)?;
        i64::try_from(value).map_err(|_| EvalError::Overflow(self.clone()))
    }

    /// Parts of a sum may leave 64 bits where the sum does not.
    fn eval_wide(&self, values: &dyn Fn(&Var) -> Option<i64>) -> Result<i128, EvalError> {
        let overflow = || EvalError::Overflow(self.clone());
        let mut sum = i128::from(self.constant_term());
        for term in self.terms() {
            let mut product = i128::from(term.coeff);
            for atom in &term.atoms {
                let value = atom.eval_wide(values)?;
                product = product.checked_mul(value).ok_or_else(overflow)?;
            }
            sum = sum.checked_add(product).ok_or_else(overflow)?;
        }
        Ok(sum)
    }

    /// The dim with variables replaced, normalised anew.
    pub fn substitute(&self, replacement: &dyn Fn(&Var) -> Option<Dim>) -> Dim {
        self.map_atoms(&mut |atom| match atom {
            Atom::Var(var) => replacement(var),
            _ => {
                let (a, b) = atom.arguments()?;
                let (x, y) = (a.substitute(replacement), b.substitute(replacement));
                (x != *a || y != *b).then(|| atom.rebuild(&x, &y))
            }
        })
    }

    /// The dim with each atom replaced for which there is a replacement.
    pub(super) fn map_atoms(&self, replacement: &mut dyn FnMut(&Atom) -> Option<Dim>) -> Dim {
        let mut kept: Vec<Term> = Vec::new();
        let mut changed = Dim::constant(0);
        for term in self.terms() {
            let new: Vec<Option<Dim>> = term.atoms.iter().map(&mut *replacement).collect();
            if new.iter().all(Option::is_none) {
                kept.push(term.clone());
                continue;
            }
            let mut product = Dim::constant(term.coeff);
            for (atom, new) in term.atoms.iter().zip(new) {
                product *= new.unwrap_or_else(|| Dim::atom(atom.clone()));
            }
            changed += product;
        }
        if kept.len() == self.terms().len() {
            return self.clone();
        }
        changed + Dim::from_terms(self.constant_term(), kept)
    }
}

impl Atom {
    fn eval_wide(&self, values: &dyn Fn(&Var) -> Option<i64>) -> Result<i128, EvalError> {
        let (a, b) = match self {
            Atom::Var(var) => {
                let value = values(var).ok_or_else(|| EvalError::Unbound(var.name().clone()))?;
                return Ok(value.into());
            }
            Atom::Div(a, b)
            | Atom::CeilDiv(a, b)
            | Atom::Mod(a, b)
            | Atom::Min(a, b)
            | Atom::Max(a, b)
            | Atom::WideSum(a, b)
            | Atom::WideProduct(a, b) => (a.eval_wide(values)?, b.eval_wide(values)?),
        };
        let itself = || Dim::atom(self.clone());
        let value = match self {
            Atom::Div(..) | Atom::CeilDiv(..) | Atom::Mod(..) if b == 0 => {
                return Err(EvalError::DivisionByZero(itself()));
            }
            Atom::Div(..) => floor_div(a, b),
            Atom::CeilDiv(..) => a.checked_neg().and_then(|a| floor_div(a, b)?.checked_neg()),
            Atom::Mod(..) => floor_mod(a, b),
            Atom::Min(..) => Some(a.min(b)),
            Atom::Max(..) => Some(a.max(b)),
            Atom::WideSum(..) => a.checked_add(b),
            _ => a.checked_mul(b),
        };
        value.ok_or_else(|| EvalError::Overflow(itself()))
    }
}

/// Rounded down; `None` for a zero divisor or an overflow.
pub(super) fn floor_div(a: i128, b: i128) -> Option<i128> {
    let rem = a.checked_rem(b)?;
    (a / b).checked_sub(i128::from(rem != 0 && (rem < 0) != (b < 0)))
}

/// Has the sign of the divisor; `None` for a zero divisor or an overflow.
pub(super) fn floor_mod(a: i128, b: i128) -> Option<i128> {
    let rem = a.checked_rem(b)?;
    if rem != 0 && (rem < 0) != (b < 0) { rem.checked_add(b) } else { Some(rem) }
}
