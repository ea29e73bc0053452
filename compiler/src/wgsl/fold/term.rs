//! One term of a reduction: whether it lies within, how it is folded, and how states are joined.

use ferrodyne_plan::loops::{Axis, Bind, FoldKind, Literal, Math, Tail, Val};
use ferrodyne_plan::{Dim, Name, Scalar};

use super::Walk;
use crate::wgsl::emit::{Id, Kind, Ty, pieces};
use crate::wgsl::expand::{Env, Expand};
use crate::wgsl::fault::WgslFault;

impl<'a> Expand<'a> {
    /// Folds one term.
    pub(super) fn step(&mut self, walk: &mut Walk<'a>, env: &Env) -> Result<(), WgslFault> {
        self.statements(walk.inner, env)?;
        let key = self.instance_key(walk.over, env);
        let found = walk.accumulators.iter().position(|accumulator| accumulator.key == key);
        let Some(found) = found else { return Err(self.undeclared(&self.kernel.name)) };
        let state = self.read(&walk.accumulators[found]);
        let inside = self.inside(walk.kind, walk.red, env)?;
        let next = self.stepped(walk, &state, inside, env)?;
        if next.len() > 1 {
            // A later part must not see what was assigned to an earlier one.
            next.iter().for_each(|id| self.emit.pin(*id));
        }
        let accumulator = &walk.accumulators[found];
        let lines: Vec<_> = accumulator
            .vars
            .iter()
            .zip(&next)
            .map(|(var, id)| (format!("{var} = "), *id))
            .collect();
        for (text, id) in lines {
            self.emit.statement(pieces![text, id, ";"]);
        }
        Ok(())
    }

    pub(in crate::wgsl) fn instance_key(&self, over: &[Name], env: &Env) -> Vec<i64> {
        let unrolled =
            |axis: &&Name| self.axes.get(*axis).is_some_and(|axis| axis.bind == Bind::Unroll);
        over.iter().filter(unrolled).filter_map(|axis| env.axes.get(axis)?.as_const()).collect()
    }

    /// Whether the point lies within the reduced axes, if that is not known.
    pub(in crate::wgsl) fn inside(
        &mut self,
        kind: FoldKind,
        red: &[Name],
        env: &Env,
    ) -> Result<Option<Id>, WgslFault> {
        let axes: Vec<&'a Axis> = self.kernel.axes.iter().collect();
        let mut all: Option<Id> = None;
        for axis in axes {
            let repeats = axis.tail == Tail::Clamp && kind.row().laws.idempotent;
            let cut =
                matches!(axis.tail, Tail::Unit | Tail::Clamp) && !repeats && !axis.parts.is_empty();
            let bounded = self.bounded.contains(&axis.name);
            if !cut || bounded || !self.leaves(&axis.name).iter().any(|leaf| red.contains(leaf)) {
                continue;
            }
            let raw = self.raw_value(&axis.name, env);
            if self.facts.prove_lt(&raw, &axis.extent).is_yes() {
                continue;
            }
            let below = self.below(&raw, &axis.extent, env)?;
            all = Some(match all {
                None => below,
                Some(all) => self.math(Math::And, &[all, below], &[])?,
            });
        }
        Ok(all)
    }

    /// Whether an index is below its end: one answer if the components of a vector agree, else one for each.
    fn below(&mut self, raw: &Dim, end: &Dim, env: &Env) -> Result<Id, WgslFault> {
        let one = |this: &mut Self, index: &Dim, end: &Dim, env: &Env| {
            let (index, end) = (this.index(index, env)?, this.index(end, env)?);
            let id = this.emit.node(Kind::Infix("<"), &[index, end], Ty::BOOL);
            this.emit.hint(id, "ok");
            Ok(id)
        };
        let Some((vec, width)) = env.vec.clone() else { return one(self, raw, end, env) };
        let by = i64::from(width);
        if let Some((factor, rest)) = raw.linear_in(&ferrodyne_plan::Var::Axis(vec.clone())) {
            if factor == Dim::constant(0) {
                return one(self, raw, end, env);
            }
            let whole = self.facts.prove_multiple(&rest, by).is_yes()
                && self.facts.prove_multiple(end, by).is_yes();
            if factor == Dim::constant(1) && whole {
                return one(self, &rest, end, env);
            }
        }
        self.composed(env, &mut |this, env| {
            let raw = this.resolve(raw, env);
            one(this, &raw, end, env)
        })
    }

    fn stepped(
        &mut self,
        walk: &Walk<'a>,
        state: &[Id],
        inside: Option<Id>,
        env: &Env,
    ) -> Result<Vec<Id>, WgslFault> {
        let width = self.emit.ty(state[0]).width;
        if walk.kind == FoldKind::Sum
            && inside.is_none()
            && let [Val::Op(Math::Mul, factors)] = walk.args
            && self.emit.ty(state[0]).scalar == Scalar::F32
        {
            let (a, b) = (self.value(&factors[0], env)?, self.value(&factors[1], env)?);
            let (a, b) = (self.splat(a, width), self.splat(b, width));
            let ty = self.emit.ty(state[0]);
            return Ok(vec![self.call("fma", &[a, b, state[0]], ty)]);
        }
        let mut args = Vec::new();
        for arg in walk.args {
            let id = self.value(arg, env)?;
            args.push(self.splat(id, width));
        }
        match walk.kind {
            FoldKind::ArgMax | FoldKind::ArgMin => {
                let index = self.math(Math::Cast(Scalar::U32), &[args[1]], &[])?;
                let term = [args[0], index];
                let term = self.masked(&term, state, inside);
                self.joined(walk.kind, state, &term)
            }
            FoldKind::Welford => {
                let next = self.welford_step(state, args[0])?;
                Ok(self.masked(&next, state, inside))
            }
            _ => {
                let term = match inside {
                    None => args[0],
                    Some(inside) => {
                        let unit = self.initial(walk.kind, walk.args)?[0];
                        let unit = self.literal(unit);
                        self.select(inside, args[0], unit)
                    }
                };
                Ok(vec![self.merged(walk.kind, state[0], term)?])
            }
        }
    }

    fn masked(&mut self, new: &[Id], old: &[Id], inside: Option<Id>) -> Vec<Id> {
        match inside {
            None => new.to_vec(),
            Some(inside) => {
                new.iter().zip(old).map(|(new, old)| self.select(inside, *new, *old)).collect()
            }
        }
    }

    fn welford_step(&mut self, state: &[Id], x: Id) -> Result<Vec<Id>, WgslFault> {
        let one = self.literal(Literal::F32(1.0));
        let count = self.math(Math::Add, &[state[2], one], &[])?;
        let delta = self.math(Math::Sub, &[x, state[0]], &[])?;
        let share = self.math(Math::Div, &[delta, count], &[])?;
        let mean = self.math(Math::Add, &[state[0], share], &[])?;
        let rest = self.math(Math::Sub, &[x, mean], &[])?;
        let ty = self.emit.ty(delta);
        let squares = self.call("fma", &[delta, rest, state[1]], ty);
        Ok(vec![mean, squares, count])
    }

    /// Two states as one.
    pub(in crate::wgsl) fn joined(
        &mut self,
        kind: FoldKind,
        a: &[Id],
        b: &[Id],
    ) -> Result<Vec<Id>, WgslFault> {
        match kind {
            FoldKind::ArgMax | FoldKind::ArgMin => {
                let ty = self.emit.ty(a[0]).scalar;
                let name = match (kind == FoldKind::ArgMax, ty) {
                    (true, Scalar::F32) => "fd_first_max_f32",
                    (true, Scalar::I32) => "fd_first_max_i32",
                    (true, Scalar::Long) => "fd_first_max_long",
                    (true, _) => "fd_first_max_u32",
                    (false, Scalar::F32) => "fd_first_min_f32",
                    (false, Scalar::I32) => "fd_first_min_i32",
                    (false, Scalar::Long) => "fd_first_min_long",
                    (false, _) => "fd_first_min_u32",
                };
                let better = self.library(name, &[b[0], b[1], a[0], a[1]], Scalar::Bool);
                Ok(vec![self.select(better, b[0], a[0]), self.select(better, b[1], a[1])])
            }
            FoldKind::Welford => {
                let mean = self.library("fd_join_mean", &[a[0], a[2], b[0], b[2]], Scalar::F32);
                let args = [a[0], a[1], a[2], b[0], b[1], b[2]];
                let squares = self.library("fd_join_squares", &args, Scalar::F32);
                let count = self.math(Math::Add, &[a[2], b[2]], &[])?;
                Ok(vec![mean, squares, count])
            }
            _ => Ok(vec![self.merged(kind, a[0], b[0])?]),
        }
    }

    /// The components of a vector of states as one state, in pairs.
    pub(super) fn joined_components(
        &mut self,
        kind: FoldKind,
        state: &[Id],
    ) -> Result<Vec<Id>, WgslFault> {
        let width = self.emit.ty(state[0]).width;
        let mut parts: Vec<Vec<Id>> = (0..width)
            .map(|component| state.iter().map(|id| self.component(*id, component)).collect())
            .collect();
        while parts.len() > 1 {
            let mut next = Vec::new();
            for pair in parts.chunks(2) {
                next.push(match pair {
                    [a, b] => self.joined(kind, a, b)?,
                    _ => pair[0].clone(),
                });
            }
            parts = next;
        }
        Ok(parts.swap_remove(0))
    }
}
