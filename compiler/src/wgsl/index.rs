//! Index expressions as `u32` values.
//!
//! An index is a constant plus terms; terms are summed in the order of the loops that change them, so that each prefix
//! stands outside the loops that do not. Where a part may be negative, wrapping arithmetic keeps the sum right; quotients,
//! remainders, minima and maxima of such parts are taken as `i32`.

use ferrodyne_plan::dims::{Atom, Term};
use ferrodyne_plan::loops::Tail;
use ferrodyne_plan::{Dim, Name, Scalar, Var};

use super::emit::{Id, Kind, Ty};
use super::expand::{Env, Expand};
use super::fault::WgslFault;

const I32: Ty = Ty { scalar: Scalar::I32, width: 1 };

impl Expand<'_> {
    /// The expression at a point, over running axes, symbols, data, and the axis that forms vectors.
    pub(super) fn resolve(&self, dim: &Dim, env: &Env) -> Dim {
        let with = |var: &Var| match var {
            Var::Axis(name) => Some(self.axis_value(name, env)),
            _ => None,
        };
        if dim.is_const() {
            return dim.clone();
        }
        self.facts.simplify(&dim.substitute(&with))
    }

    /// The value of an axis at a point, not beyond its extent.
    pub(super) fn axis_value(&self, name: &Name, env: &Env) -> Dim {
        if let Some(value) = env.axes.get(name) {
            return value.clone();
        }
        let Some(axis) = self.axes.get(name).filter(|axis| !axis.parts.is_empty()) else {
            return self.single_value(name);
        };
        let raw = self.raw_value(name, env);
        // In the padding only whole vectors are read: a component by itself is not.
        let overhangs = match axis.tail {
            Tail::Exact => false,
            Tail::Clamp | Tail::Unit => !env.guarded.contains(name),
            Tail::Pad => env.vec.is_none(),
        };
        if overhangs { self.clamped(&raw, &axis.extent, env) } else { raw }
    }

    /// The value of an axis without parts: zero if there is no other.
    fn single_value(&self, name: &Name) -> Dim {
        let single = self.axes.get(name).is_some_and(|axis| axis.extent.as_const() == Some(1));
        if single { Dim::constant(0) } else { Dim::axis(name.clone()) }
    }

    /// The value of a split axis at a point, possibly beyond its extent.
    pub(super) fn raw_value(&self, name: &Name, env: &Env) -> Dim {
        let Some(axis) = self.axes.get(name) else { return Dim::axis(name.clone()) };
        if axis.parts.is_empty() {
            return env.axes.get(name).cloned().unwrap_or_else(|| self.single_value(name));
        }
        let mut raw = Dim::constant(0);
        for part in &axis.parts {
            let extent = self.axes.get(part).map_or(Dim::constant(1), |part| part.extent.clone());
            raw = raw * extent + self.axis_value(part, env);
        }
        self.facts.simplify(&raw)
    }

    /// The smaller of the value and the last index. Below a vector the clamp would tear it apart: it stands above.
    fn clamped(&self, raw: &Dim, extent: &Dim, env: &Env) -> Dim {
        if self.facts.prove_lt(raw, extent).is_yes() {
            return raw.clone();
        }
        if let Some((vec, width)) = &env.vec
            && let Some((factor, rest)) = raw.linear_in(&Var::Axis(vec.clone()))
            && factor.as_const() == Some(1)
        {
            let width = i64::from(*width);
            let whole = |dim: &Dim| self.facts.prove_multiple(dim, width).is_yes();
            if whole(&rest) && whole(extent) {
                let by = Dim::constant(width);
                let last = extent.floor_div(&by) - 1;
                let above = Dim::min(&rest.floor_div(&by), &last);
                return self.facts.simplify(&above) * width + Dim::axis(vec.clone());
            }
        }
        self.facts.simplify(&Dim::min(raw, &(extent - 1)))
    }

    /// The value of a resolved index as a `u32`.
    pub(super) fn index(&mut self, dim: &Dim, env: &Env) -> Result<Id, WgslFault> {
        if let Some(value) = dim.as_const() {
            return Ok(self.literal_u32(value));
        }
        if dim.vars().iter().all(|var| matches!(var, Var::Sym(_))) {
            return Ok(self.size(dim));
        }
        let mut terms = Vec::new();
        for term in dim.terms() {
            let (id, negative) = self.term(term, env)?;
            terms.push((self.emit.depth_of(id), negative, id));
        }
        // Positive terms first where depths are equal: a sum should not start with a minus.
        terms.sort_by_key(|(depth, negative, _)| (*depth, *negative));
        let mut sum: Option<Id> = None;
        for (_, negative, id) in terms {
            sum = Some(match (sum, negative) {
                (None, false) => id,
                (None, true) => {
                    let zero = self.literal_u32(0);
                    self.infix("-", zero, id)
                }
                (Some(sum), false) => self.infix("+", sum, id),
                (Some(sum), true) => self.infix("-", sum, id),
            });
        }
        let constant = dim.constant_term();
        Ok(match (sum, constant) {
            (Some(sum), 0) => sum,
            (Some(sum), constant) => {
                let magnitude = self.literal_u32(constant.checked_abs().unwrap_or(i64::MAX));
                self.infix(if constant < 0 { "-" } else { "+" }, sum, magnitude)
            }
            (None, constant) => self.literal_u32(constant),
        })
    }

    /// A number modulo 2^32.
    pub(super) fn literal_u32(&mut self, value: i64) -> Id {
        self.emit.leaf(format!("{}u", value as u32), Ty::U32, 0)
    }

    fn infix(&mut self, op: &'static str, a: Id, b: Id) -> Id {
        let id = self.emit.node(Kind::Infix(op), &[a, b], Ty::U32);
        self.emit.hint(id, "i");
        id
    }

    fn index_call(&mut self, name: &str, args: &[Id], ty: Ty) -> Id {
        let id = self.emit.node(Kind::Call(name.to_owned()), args, ty);
        self.emit.hint(id, "i");
        id
    }

    /// A number that the host computes from symbols.
    pub(super) fn size(&mut self, dim: &Dim) -> Id {
        let at = self.sizes.iter().position(|own| own == dim).unwrap_or_else(|| {
            self.sizes.push(dim.clone());
            self.sizes.len() - 1
        });
        self.emit.leaf(format!("sizes.s{at}"), Ty::U32, 0)
    }

    /// A term without its sign, and whether it is negative.
    fn term(&mut self, term: &Term, env: &Env) -> Result<(Id, bool), WgslFault> {
        let symbolic = |atom: &&Atom| match atom {
            Atom::Var(Var::Sym(_)) => true,
            Atom::Var(_) => false,
            _ => atom.arguments().is_some_and(|(a, b)| {
                let all = |dim: &Dim| dim.vars().iter().all(|var| matches!(var, Var::Sym(_)));
                all(a) && all(b)
            }),
        };
        let sizes = Term { coeff: 1, atoms: term.atoms.iter().filter(symbolic).cloned().collect() };
        let mut factors = Vec::new();
        for atom in term.atoms.iter().filter(|atom| !symbolic(atom)) {
            factors.push(self.atom(atom, env)?);
        }
        if !sizes.atoms.is_empty() {
            factors.push(self.size(&sizes.to_dim()));
        }
        let magnitude = term.coeff.checked_abs().unwrap_or(i64::MAX);
        if magnitude != 1 {
            factors.push(self.literal_u32(magnitude));
        }
        let mut product = factors[0];
        for factor in &factors[1..] {
            product = self.infix("*", product, *factor);
        }
        Ok((product, term.coeff < 0))
    }

    fn atom(&mut self, atom: &Atom, env: &Env) -> Result<Id, WgslFault> {
        let (a, b) = match atom {
            Atom::Var(var) => return self.variable(var, env),
            _ => match atom.arguments() {
                Some((a, b)) => (a.clone(), b.clone()),
                None => return Ok(self.literal_u32(0)),
            },
        };
        let natural = self.facts.prove_nonneg(&a).is_yes();
        let plain = natural && self.facts.prove_nonneg(&b).is_yes();
        let (x, y) = (self.index(&a, env)?, self.index(&b, env)?);
        Ok(match atom {
            Atom::Div(..) if natural => self.infix("/", x, y),
            Atom::Mod(..) if natural => self.infix("%", x, y),
            Atom::Min(..) if plain => self.index_call("min", &[x, y], Ty::U32),
            Atom::Max(..) if plain => self.index_call("max", &[x, y], Ty::U32),
            Atom::WideSum(..) => self.infix("+", x, y),
            Atom::WideProduct(..) => self.infix("*", x, y),
            Atom::CeilDiv(..) => {
                let one = self.literal_u32(1);
                let sum = self.infix("+", x, y);
                let sum = self.infix("-", sum, one);
                self.infix("/", sum, y)
            }
            _ => {
                let function = match atom {
                    Atom::Div(..) => "fd_floor_div",
                    Atom::Mod(..) => "fd_floor_mod",
                    Atom::Min(..) => "min",
                    _ => "max",
                };
                if function.starts_with("fd_") {
                    self.library.insert(function.to_owned());
                }
                let (x, y) = (self.index_call("i32", &[x], I32), self.index_call("i32", &[y], I32));
                let value = self.index_call(function, &[x, y], I32);
                self.index_call("u32", &[value], Ty::U32)
            }
        })
    }

    fn variable(&mut self, var: &Var, env: &Env) -> Result<Id, WgslFault> {
        match var {
            Var::Axis(name) => self.running.get(name).copied().ok_or_else(|| self.undeclared(name)),
            Var::Sym(_) => Ok(self.size(&Dim::var(var.clone()))),
            Var::Data(name) => {
                let value = self.data(name, env)?;
                Ok(match self.emit.ty(value) {
                    Ty { scalar: Scalar::U32, .. } => value,
                    _ => self.index_call("u32", &[value], Ty::U32),
                })
            }
        }
    }
}
