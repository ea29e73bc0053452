//! Reductions: accumulators, the walk over tile and reduced axes, and the join of what vectors, lanes and invocations hold.

mod term;

use ferrodyne_plan::loops::{Bind, FoldKind, Level, Literal, Math, Stage, Stmt, Val};
use ferrodyne_plan::{Dim, Name, Scalar};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Def, Env, Expand};
use super::fault::WgslFault;

/// A fold that was computed where it is used, as long as that block is open.
#[derive(Clone, Debug)]
pub(super) struct Deferred {
    block: usize,
    key: Point,
    ids: Vec<Id>,
}

/// A fold at a point: its name, the axes there that are not its own, and the vector in force.
type Point = (Name, Vec<(Name, Dim)>, Option<(Name, u8)>);

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
        let Stmt::Fold { names, red, .. } = stmt else {
            return Err(self.undeclared(&self.kernel.name));
        };
        // It walks the axes that it reduces itself, wherever the loops around stand on them.
        let own: Vec<Name> =
            red.iter().flat_map(|axis| self.leaves(axis)).chain(red.iter().cloned()).collect();
        let point = env.axes.iter().filter(|(name, _)| !own.contains(name));
        let point = point.map(|(name, value)| (name.clone(), value.clone()));
        let key = (names[0].clone(), point.collect::<Vec<_>>(), env.vec.clone());
        let open = self.emit.open_blocks();
        self.deferred.retain(|known| open.contains(&known.block));
        if let Some(known) = self.deferred.iter().find(|known| known.key == key) {
            return Ok(known.ids[at]);
        }
        self.fold_before(stmt, &own, env)?;
        let results = self.run_fold(stmt, &[], env)?;
        let ids = results.into_iter().next().map(|(_, ids)| ids).unwrap_or_default();
        let id = ids[at];
        self.deferred.push(Deferred { block: self.emit.block(), key, ids });
        Ok(id)
    }

    /// Computes the deferred folds that a fold uses and that do not vary along it, so that its loop finds them.
    fn fold_before(&mut self, stmt: &'a Stmt, own: &[Name], env: &Env) -> Result<(), WgslFault> {
        let mut open = Vec::new();
        stmt.visit(&mut |stmt| open.extend(stmt.vals()));
        let mut met: Vec<&Name> = Vec::new();
        while let Some(val) = open.pop() {
            let mut names = Vec::new();
            val.visit(&mut |part| {
                if let Val::Ref(name) = part {
                    names.push(name);
                }
            });
            for name in names {
                if met.contains(&name) {
                    continue;
                }
                met.push(name);
                match self.defs.get(name) {
                    Some(Def::Inline(val)) => open.push(val),
                    Some(Def::Fold(used, at)) => {
                        let (used, at) = (*used, *at);
                        let varies = matches!(used, Stmt::Fold { over, .. }
                            if over.iter().any(|axis| own.contains(axis)));
                        if !varies {
                            self.deferred_fold(used, at, env)?;
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
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
}
