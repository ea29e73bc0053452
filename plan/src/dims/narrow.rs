//! What an inequality says of the range of a single variable.

use super::{Atom, Dim, Facts, Range};

impl Facts {
    /// States `dim >= 0` of a dim that is a number and a multiple of one variable, quotient, minimum or maximum, as far as ranges of
    /// variables can say it.
    pub(super) fn narrow(&mut self, dim: &Dim) {
        let [term] = dim.terms() else { return };
        let [atom] = &term.atoms[..] else { return };
        let (atom, constant, coeff) = (atom.clone(), dim.constant_term(), term.coeff);
        if constant == i64::MIN || coeff == i64::MIN {
            return;
        }
        match coeff > 0 {
            true => self.raise(&atom, -constant.div_euclid(coeff)),
            false => self.lower(&atom, constant.div_euclid(-coeff)),
        }
    }

    /// States `atom >= least`.
    fn raise(&mut self, atom: &Atom, least: i64) {
        let bound = |by: i64| least.checked_mul(by).map(Dim::constant);
        match atom {
            Atom::Var(var) => {
                let range = self.range(var).intersect(Range::at_least(least));
                self.set_range(var.clone(), range);
            }
            Atom::Div(x, by) => {
                if let Some(bound) = by.as_const().filter(|by| *by > 0).and_then(bound) {
                    self.narrow(&(x - bound));
                }
            }
            Atom::Min(a, b) => {
                self.narrow(&(a - least));
                self.narrow(&(b - least));
            }
            _ => {}
        }
    }

    /// States `atom <= most`.
    fn lower(&mut self, atom: &Atom, most: i64) {
        let next = |by: i64| most.checked_add(1)?.checked_mul(by);
        match atom {
            Atom::Var(var) => {
                let range = self.range(var).intersect(Range::at_most(most));
                self.set_range(var.clone(), range);
            }
            Atom::Div(x, by) => {
                if let Some(next) = by.as_const().filter(|by| *by > 0).and_then(next) {
                    self.narrow(&(Dim::constant(next) - x - 1));
                }
            }
            Atom::Max(a, b) => {
                self.narrow(&(Dim::constant(most) - a));
                self.narrow(&(Dim::constant(most) - b));
            }
            _ => {}
        }
    }
}
