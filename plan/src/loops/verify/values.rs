//! Checks values and indices.

use super::{Checked, Fault, Scope, Verifier};
use crate::dims::Atom;
use crate::loops::{Coord, Role, Tail, Val, typing};
use crate::{Dim, Name, Scalar, Var};

impl Verifier<'_> {
    pub(super) fn type_of(&self, val: &Val, place: &Name) -> Result<Scalar, Fault> {
        let scalar = typing::scalar_in(val, self.kernel, &self.types);
        scalar.ok_or_else(|| Fault::Untyped(place.clone()))
    }

    /// Checks a value that must have this type.
    pub(super) fn typed(&self, val: &Val, want: Scalar, place: &Name, scope: &Scope) -> Checked {
        self.val(val, place, scope)?;
        let got = self.type_of(val, place)?;
        if got == want { Ok(()) } else { Err(Fault::Type { place: place.clone(), want, got }) }
    }

    pub(super) fn val(&self, val: &Val, place: &Name, scope: &Scope) -> Checked {
        match val {
            Val::Const(_) => Ok(()),
            Val::Load { buf, at, fill } => {
                self.load(buf, at, fill.map(|fill| fill.scalar()), place, scope)
            }
            Val::Ref(name) => self.named(name, place, scope),
            Val::Index(dim, scalar) => match scalar {
                Scalar::I32 | Scalar::U32 => self.dim(dim, place, scope),
                _ => Err(Fault::IndexType(*scalar)),
            },
            Val::Op(_, args) => args.iter().try_for_each(|arg| self.val(arg, place, scope)),
            Val::Case { on, arms } => self.case(on, arms, place, scope),
        }
    }

    /// A value is in scope, and so are the axes of its family.
    fn named(&self, name: &Name, place: &Name, scope: &Scope) -> Checked {
        let over = scope.values.get(name).ok_or_else(|| Fault::Unknown(name.clone()))?;
        match over.iter().find(|axis| !scope.axes.contains(*axis)) {
            Some(axis) => Err(Fault::Unbound { axis: axis.clone(), place: place.clone() }),
            None => Ok(()),
        }
    }

    fn load(
        &self,
        buf: &Name,
        at: &[Coord],
        fill: Option<Scalar>,
        place: &Name,
        scope: &Scope,
    ) -> Checked {
        let param = self.kernel.param(buf).ok_or_else(|| Fault::Unknown(buf.clone()))?;
        if param.role == Role::Out {
            return Err(Fault::ReadOfOutput(buf.clone()));
        }
        self.rank(buf, at.len())?;
        let want = param.dtype.scalar();
        match fill {
            Some(got) if got != want => {
                return Err(Fault::Type { place: buf.clone(), want, got });
            }
            None if at.iter().any(|coord| coord.checked) => return Err(Fault::NoFill(buf.clone())),
            _ => {}
        }
        for (coord, extent) in at.iter().zip(&param.dims) {
            if coord.checked {
                self.dim(&coord.ix, place, scope)?;
            } else {
                self.in_range(buf, &coord.ix, extent, scope)?;
            }
        }
        let dims: Vec<Dim> = at.iter().filter(|c| !c.checked).map(|c| c.ix.clone()).collect();
        self.padding(buf, &dims)
    }

    pub(super) fn rank(&self, buf: &Name, got: usize) -> Checked {
        let want = self.kernel.param(buf).map_or(0, |param| param.dims.len());
        if want == got { Ok(()) } else { Err(Fault::Rank { buf: buf.clone(), want, got }) }
    }

    pub(super) fn in_range(&self, buf: &Name, ix: &Dim, extent: &Dim, scope: &Scope) -> Checked {
        self.dim(ix, buf, scope)?;
        let mut guards = scope.guards.iter().filter(|guard| guard.0 == *ix);
        if guards.any(|guard| scope.facts.prove_le(&guard.1, extent).is_yes()) {
            return Ok(());
        }
        let above = scope.facts.prove_le(&Dim::constant(0), ix).is_yes();
        if above && scope.facts.prove_lt(ix, extent).is_yes() {
            return Ok(());
        }
        Err(Fault::Unproved { buf: buf.clone(), ix: ix.clone(), extent: extent.clone() })
    }

    /// A buffer that is indexed by an axis with a padded tail is padded.
    pub(super) fn padding(&self, buf: &Name, at: &[Dim]) -> Checked {
        let padded = self.kernel.param(buf).is_some_and(|param| param.padded);
        let runs_over = |var: &Var| match var {
            Var::Axis(name) => self.kernel.axis(name).is_some_and(|axis| axis.tail == Tail::Pad),
            Var::Sym(_) | Var::Data(_) => false,
        };
        match at.iter().flat_map(Dim::vars).find(runs_over) {
            Some(var) if !padded => {
                Err(Fault::Padding { axis: var.name().clone(), buf: buf.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Axes and values of a dim are in scope, its divisors positive.
    pub(super) fn dim(&self, dim: &Dim, place: &Name, scope: &Scope) -> Checked {
        for atom in dim.terms().iter().flat_map(|term| &term.atoms) {
            match atom {
                Atom::Var(Var::Sym(_)) => {}
                Atom::Var(Var::Axis(name)) => self.axis_in_scope(name, place, scope)?,
                Atom::Var(Var::Data(name)) => {
                    self.named(name, place, scope)?;
                    let scalar = self.types.get(name.as_str()).copied();
                    if let Some(other @ (Scalar::F32 | Scalar::Long | Scalar::Bool)) = scalar {
                        return Err(Fault::IndexType(other));
                    }
                }
                Atom::Div(_, by) | Atom::CeilDiv(_, by) | Atom::Mod(_, by)
                    if !scope.facts.prove_le(&Dim::constant(1), by).is_yes()
                        && !self.inside_extent(by, scope) =>
                {
                    return Err(Fault::Divisor { divisor: by.clone(), place: place.clone() });
                }
                _ => {}
            }
            if let Some((a, b)) = atom.arguments() {
                self.dim(a, place, scope)?;
                self.dim(b, place, scope)?;
            }
        }
        Ok(())
    }

    /// Where an axis over a multiple of the divisor is in force, a point exists, so that the divisor is not zero.
    fn inside_extent(&self, divisor: &Dim, scope: &Scope) -> bool {
        let factors: Vec<&Atom> = divisor.terms().iter().flat_map(|term| &term.atoms).collect();
        let [term] = divisor.terms() else { return false };
        let positive = term.coeff > 0 && divisor.constant_term() == 0;
        let in_force = self.kernel.axes.iter().filter(|axis| {
            self.kernel.leaves(&axis.name).iter().all(|leaf| scope.axes.contains(leaf))
        });
        let nonneg = scope.facts.prove_nonneg(divisor).is_yes();
        positive
            && nonneg
            && in_force.into_iter().any(|axis| match axis.extent.terms() {
                [own] if axis.extent.constant_term() == 0 => {
                    factors.iter().all(|factor| own.atoms.contains(factor))
                }
                _ => false,
            })
    }

    fn axis_in_scope(&self, name: &Name, place: &Name, scope: &Scope) -> Checked {
        if self.kernel.axis(name).is_none() {
            return Err(Fault::Unknown(name.clone()));
        }
        match self.kernel.leaves(name).iter().find(|leaf| !scope.axes.contains(*leaf)) {
            Some(_) => Err(Fault::Unbound { axis: name.clone(), place: place.clone() }),
            None => Ok(()),
        }
    }

    fn case(&self, on: &Dim, arms: &[(Dim, Dim, Val)], place: &Name, scope: &Scope) -> Checked {
        self.dim(on, place, scope)?;
        let facts = &scope.facts;
        let fault = || Fault::Case(on.clone());
        let (Some(first), Some(last)) = (arms.first(), arms.last()) else { return Err(fault()) };
        let joined = arms.windows(2).all(|pair| facts.prove_eq(&pair[0].1, &pair[1].0).is_yes());
        let covered = facts.prove_le(&first.0, on).is_yes() && facts.prove_lt(on, &last.1).is_yes();
        if !joined || !covered {
            return Err(fault());
        }
        for (from, to, val) in arms {
            self.dim(from, place, scope)?;
            self.dim(to, place, scope)?;
            let mut arm = scope.clone();
            arm.facts.assume_lt(on.clone(), to.clone());
            arm.facts.assume_lt(from - 1, on.clone());
            self.val(val, place, &arm)?;
        }
        Ok(())
    }
}
