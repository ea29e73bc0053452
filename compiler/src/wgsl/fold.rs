//! Reductions: accumulators, the walk over tile and reduced axes, and the join of what vectors, lanes and invocations hold.

use ferrodyne_plan::loops::{Axis, Bind, FoldKind, Level, Literal, Math, Stage, Stmt, Tail, Val};
use ferrodyne_plan::{Dim, Name, Scalar};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Def, Env, Expand};
use super::fault::WgslFault;

/// A fold that was computed where it is used, as long as that block is open.
#[derive(Clone, Debug)]
pub(super) struct Deferred {
    block: usize,
    key: (Name, Vec<(Name, Dim)>),
    ids: Vec<Id>,
}

/// The results at one point of the tile.
type Instance = (Vec<i64>, Vec<Id>);

/// The accumulators of one point of the tile.
pub(super) struct Accumulator {
    pub(super) key: Vec<i64>,
    pub(super) vars: Vec<String>,
    types: Vec<Ty>,
}

/// A fold while it is walked.
pub(super) struct Walk<'a> {
    pub(super) name: &'a Name,
    pub(super) kind: FoldKind,
    pub(super) over: &'a [Name],
    pub(super) red: &'a [Name],
    pub(super) inner: &'a [Stmt],
    pub(super) args: &'a [Val],
    pub(super) stages: &'a [Stage],
    pub(super) accumulators: Vec<Accumulator>,
}

/// The type of a result of a fold.
pub(super) fn scalar(
    expand: &Expand<'_>,
    kind: FoldKind,
    at: usize,
    args: &[Val],
) -> Result<Scalar, WgslFault> {
    if kind == FoldKind::Welford {
        return Ok(Scalar::F32);
    }
    expand.scalar_of(&args[at.min(args.len() - 1)])
}

impl<'a> Expand<'a> {
    /// Computes a fold here, or where it is used if its family runs along a loop.
    pub(super) fn fold(&mut self, stmt: &'a Stmt, env: &Env) -> Result<(), WgslFault> {
        let Stmt::Fold { names, over, .. } = stmt else { return Ok(()) };
        if over.iter().any(|axis| self.is_loop(axis)) {
            for (at, name) in names.iter().enumerate() {
                self.defs.insert(name.clone(), Def::Fold(stmt, at));
            }
            return Ok(());
        }
        let results = self.run_fold(stmt, over, env)?;
        for (at, name) in names.iter().enumerate() {
            self.defs.insert(name.clone(), Def::Kept(over.clone()));
            let held = results.iter().map(|(key, ids)| (key.clone(), ids[at]));
            self.remember_registers(name, held);
            for (key, ids) in &results {
                self.values.insert((name.clone(), key.clone()), ids[at]);
            }
        }
        Ok(())
    }

    /// A result of a fold that is computed where it is used.
    pub(super) fn deferred_fold(
        &mut self,
        stmt: &'a Stmt,
        at: usize,
        env: &Env,
    ) -> Result<Id, WgslFault> {
        let Stmt::Fold { names, .. } = stmt else { return Err(self.undeclared(&self.kernel.name)) };
        let point = env.axes.iter().map(|(name, value)| (name.clone(), value.clone()));
        let key = (names[0].clone(), point.collect::<Vec<_>>());
        let open = self.emit.open_blocks();
        self.deferred.retain(|known| open.contains(&known.block));
        if let Some(known) = self.deferred.iter().find(|known| known.key == key) {
            return Ok(known.ids[at]);
        }
        let results = self.run_fold(stmt, &[], env)?;
        let ids = results.into_iter().next().map(|(_, ids)| ids).unwrap_or_default();
        let id = ids[at];
        self.deferred.push(Deferred { block: self.emit.block(), key, ids });
        Ok(id)
    }

    /// Walks the fold; the results for each point of the written out axes of `over`.
    fn run_fold(
        &mut self,
        stmt: &'a Stmt,
        over: &'a [Name],
        env: &Env,
    ) -> Result<Vec<Instance>, WgslFault> {
        let Stmt::Fold { names, kind, red, order, inner, args, stages, .. } = stmt else {
            return Ok(Vec::new());
        };
        let order: Vec<Name> = if order.is_empty() {
            over.iter().chain(red).cloned().collect()
        } else {
            order.iter().filter(|axis| over.contains(axis) || red.contains(axis)).cloned().collect()
        };
        let width = self.width_of(over, red, env)?;
        // Definitions inside may be needed for their types alone.
        for stmt in inner {
            if let Stmt::Let { name, val, .. } = stmt {
                self.defs.insert(name.clone(), Def::Inline(val));
            }
        }
        let accumulators = self.accumulators(names, *kind, args, over, width, env)?;
        let mut walk =
            Walk { name: &names[0], kind: *kind, over, red, inner, args, stages, accumulators };
        let staged = self.staged.len();
        self.walk_fold(&mut walk, &order, env)?;
        self.staged.truncate(staged);
        let mut results = Vec::new();
        let vec_red =
            red.iter().any(|axis| self.axes.get(axis).is_some_and(|axis| axis.bind == Bind::Vec));
        for accumulator in &walk.accumulators {
            let mut state = self.read(accumulator);
            if vec_red {
                state = self.joined_components(*kind, &state)?;
            }
            let state = self.joined_invocations(*kind, red, state)?;
            let ids = self.finished(names, *kind, args, state)?;
            results.push((accumulator.key.clone(), ids));
        }
        Ok(results)
    }

    /// Results get the names of the fold; an index its own type.
    fn finished(
        &mut self,
        names: &[Name],
        kind: FoldKind,
        args: &'a [Val],
        state: Vec<Id>,
    ) -> Result<Vec<Id>, WgslFault> {
        let mut ids = Vec::new();
        for (at, id) in state.into_iter().enumerate() {
            let id = match kind {
                FoldKind::ArgMax | FoldKind::ArgMin if at == 1 => {
                    let to = self.scalar_of(&args[1])?;
                    self.math(Math::Cast(to), &[id], &[])?
                }
                _ => id,
            };
            if let Some(name) = names.get(at) {
                self.emit.hint(id, name);
            }
            ids.push(id);
        }
        Ok(ids)
    }

    pub(super) fn width_of(&self, over: &[Name], red: &[Name], env: &Env) -> Result<u8, WgslFault> {
        let mut width = env.vec.as_ref().map_or(1, |(_, width)| *width);
        for name in over.iter().chain(red) {
            let axis = self.axis(name)?;
            if axis.bind == Bind::Vec {
                width = self.const_extent(axis, "vec")? as u8;
            }
        }
        Ok(width)
    }

    fn accumulators(
        &mut self,
        names: &[Name],
        kind: FoldKind,
        args: &'a [Val],
        over: &[Name],
        width: u8,
        env: &Env,
    ) -> Result<Vec<Accumulator>, WgslFault> {
        let init = self.initial(kind, args)?;
        self.declared(names, &init, over, width, env)
    }

    /// Declares the accumulators of a tile with what they hold before any term.
    pub(super) fn declared(
        &mut self,
        names: &[Name],
        init: &[Literal],
        over: &[Name],
        width: u8,
        env: &Env,
    ) -> Result<Vec<Accumulator>, WgslFault> {
        let unrolled =
            |axis: &&Name| self.axes.get(*axis).is_some_and(|axis| axis.bind == Bind::Unroll);
        let tile: Vec<Name> = over.iter().filter(unrolled).cloned().collect();
        let mut keys: Vec<Vec<i64>> = Vec::new();
        self.walk(&tile, env, &mut |this, env| {
            keys.push(this.instance_key(&tile, env));
            Ok(())
        })?;
        let mut accumulators = Vec::new();
        for key in keys {
            let (mut vars, mut types) = (Vec::new(), Vec::new());
            for (at, value) in init.iter().enumerate() {
                let ty = Ty::of(value.scalar(), width);
                let place: Vec<String> = key.iter().map(i64::to_string).collect();
                let own = names.get(at).map_or("state", Name::as_str);
                let hint = if place.is_empty() {
                    own.to_owned()
                } else {
                    format!("{own}_{}", place.join("_"))
                };
                let var = self.names.fresh(&hint);
                let value = self.literal(*value);
                let value = self.splat(value, width);
                self.emit.statement(pieces![format!("var {var}: {} = ", ty.text()), value, ";"]);
                vars.push(var);
                types.push(ty);
            }
            accumulators.push(Accumulator { key, vars, types });
        }
        Ok(accumulators)
    }

    /// The state before any term. An index is held as `u32`.
    fn initial(&self, kind: FoldKind, args: &'a [Val]) -> Result<Vec<Literal>, WgslFault> {
        let row = kind.row();
        let mut types = Vec::new();
        for arg in args {
            types.push(self.scalar_of(arg)?);
        }
        if matches!(kind, FoldKind::ArgMax | FoldKind::ArgMin) && types.len() == 2 {
            types[1] = Scalar::U32;
        }
        Ok((row.init)(&types)[..row.arity].to_vec())
    }

    /// The state as it is now.
    pub(super) fn read(&mut self, accumulator: &Accumulator) -> Vec<Id> {
        let depth = self.emit.depth();
        self.versions += 1;
        let version = self.versions;
        let vars = accumulator.vars.iter().zip(&accumulator.types);
        vars.map(|(var, ty)| self.emit.versioned(Kind::Text(var.clone()), &[], *ty, depth, version))
            .collect()
    }

    pub(super) fn walk_fold(
        &mut self,
        walk: &mut Walk<'a>,
        order: &[Name],
        env: &Env,
    ) -> Result<(), WgslFault> {
        let Some((first, rest)) = order.split_first() else { return self.step(walk, env) };
        let stages: Vec<&'a Stage> =
            walk.stages.iter().filter(|stage| stage.at == *first).collect();
        self.visit(first, env, &mut |this, env| {
            let before = this.staged.len();
            let shared = stages.iter().any(|stage| stage.level == Level::Workgroup);
            // What lay there has been read by all, and what is fetched is there before any reads it.
            let barrier = |this: &mut Self| {
                if shared {
                    this.emit.statement(pieces!["workgroupBarrier();"]);
                }
            };
            barrier(this);
            for stage in &stages {
                this.fetch(stage, walk.args, walk.inner, rest, env)?;
            }
            barrier(this);
            this.walk_fold(walk, rest, env)?;
            this.staged.truncate(before);
            Ok(())
        })
    }

    /// Folds one term.
    fn step(&mut self, walk: &mut Walk<'a>, env: &Env) -> Result<(), WgslFault> {
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

    pub(super) fn instance_key(&self, over: &[Name], env: &Env) -> Vec<i64> {
        let unrolled =
            |axis: &&Name| self.axes.get(*axis).is_some_and(|axis| axis.bind == Bind::Unroll);
        over.iter().filter(unrolled).filter_map(|axis| env.axes.get(axis)?.as_const()).collect()
    }

    /// Whether the point lies within the reduced axes, if that is not known.
    pub(super) fn inside(
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
    pub(super) fn joined(
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
    fn joined_components(&mut self, kind: FoldKind, state: &[Id]) -> Result<Vec<Id>, WgslFault> {
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
