//! Indices: dims with numbers for sizes, as sums of axes and of values where they divide.

use ferrodyne_plan::dims::Atom;
use ferrodyne_plan::loops::Math;
use ferrodyne_plan::{Dim, Scalar, Var};

use super::{Builder, refuse};
use crate::cpu::form::{Affine, Ix, Refusal, V, ValId};

impl Builder<'_> {
    pub(super) fn ix(&mut self, dim: &Dim) -> Result<Ix, Refusal> {
        let (sizes, axes) = (self.sizes, &self.axes);
        let concrete = dim.substitute(&|var| match var {
            Var::Sym(name) => sizes.get(name).map(Dim::constant),
            Var::Axis(name) => axes.get(name).cloned(),
            Var::Data(_) => None,
        });
        self.concrete_ix(&concrete)
    }

    fn concrete_ix(&mut self, dim: &Dim) -> Result<Ix, Refusal> {
        let overflow = || Refusal(format!("the index {dim} overflows"));
        let mut ix = Ix::constant(dim.constant_term());
        for term in dim.terms() {
            if let [Atom::Var(Var::Axis(name))] = &term.atoms[..] {
                let Some(&axis) = self.axis_ids.get(name) else {
                    return refuse(format!("axis `{name}` is not declared"));
                };
                ix.affine.add_term(axis, term.coeff).ok_or_else(overflow)?;
                continue;
            }
            if let [atom] = &term.atoms[..]
                && let Some(part) = self.affine_atom(atom)?
            {
                ix.affine.add(term.coeff, &part).ok_or_else(overflow)?;
                continue;
            }
            let mut product = None;
            for atom in &term.atoms {
                let factor = self.atom(atom)?;
                product = Some(match product {
                    None => factor,
                    Some(p) => self.values.add(
                        V::Math(Math::Mul, vec![p, factor]),
                        Scalar::I32,
                        &self.defs,
                    ),
                });
            }
            let part = Ix {
                parts: product.map(|p| (term.coeff, p)).into_iter().collect(),
                ..Ix::default()
            };
            ix.add(1, &part).ok_or_else(overflow)?;
        }
        Ok(ix)
    }

    /// A quotient or remainder by a number that is affine: what is no multiple of the divisor
    /// stays below it.
    fn affine_atom(&mut self, atom: &Atom) -> Result<Option<Affine>, Refusal> {
        let (Atom::Div(a, b) | Atom::Mod(a, b)) = atom else { return Ok(None) };
        let Some(divisor) = b.as_const().filter(|&d| d > 0) else { return Ok(None) };
        let a = self.concrete_ix(a)?;
        let Some(a) = a.as_affine() else { return Ok(None) };
        let (multiples, rest): (Vec<_>, Vec<_>) = a.terms.iter().partition(|t| t.1 % divisor == 0);
        let rest = Affine { constant: a.constant.rem_euclid(divisor), terms: rest };
        let quotient = Affine {
            constant: a.constant.div_euclid(divisor),
            terms: multiples.into_iter().map(|(axis, c)| (axis, c / divisor)).collect(),
        };
        let below = rest.range(&self.extents).is_some_and(|(low, high)| low >= 0 && high < divisor);
        let part = if matches!(atom, Atom::Div(..)) { quotient } else { rest };
        Ok(below.then_some(part))
    }

    fn atom(&mut self, atom: &Atom) -> Result<ValId, Refusal> {
        if let Atom::Var(var) = atom {
            return match var {
                Var::Data(name) => match self.names.get(name) {
                    Some(&val) => Ok(val),
                    None => refuse(format!("`{name}` is not defined")),
                },
                Var::Axis(name) => match self.axis_ids.get(name) {
                    Some(&axis) => {
                        let mut ix = Ix::default();
                        ix.affine.terms.push((axis, 1));
                        self.as_value(&ix)
                    }
                    None => refuse(format!("axis `{name}` is not declared")),
                },
                Var::Sym(name) => refuse(format!("no input fixes the size `{name}`")),
            };
        }
        let Some((a, b)) = atom.arguments() else { return refuse("an atom alone".to_owned()) };
        let (a, b) = (self.concrete_ix(a)?, self.concrete_ix(b)?);
        let (a, b) = (self.as_value(&a)?, self.as_value(&b)?);
        let kind = match atom {
            Atom::Div(..) => V::FloorDiv(a, b),
            Atom::Mod(..) => V::FloorMod(a, b),
            Atom::Min(..) => V::Math(Math::Min, vec![a, b]),
            Atom::Max(..) => V::Math(Math::Max, vec![a, b]),
            _ => return refuse("an index is divided in a way that has no kernel form".to_owned()),
        };
        Ok(self.values.add(kind, Scalar::I32, &self.defs))
    }

    pub(super) fn as_value(&mut self, ix: &Ix) -> Result<ValId, Refusal> {
        let value = self.values.of_ix(ix, &self.defs);
        value.ok_or_else(|| Refusal("an index does not fit 32 bits".to_owned()))
    }
}
