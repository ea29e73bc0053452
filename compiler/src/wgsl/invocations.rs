//! What lanes, subgroups and invocations of a workgroup hold, joined so that each of them has the whole.

use ferrodyne_plan::loops::{Bind, FoldKind, Literal, Math};
use ferrodyne_plan::{Dim, Name, Scalar};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Env, Expand};
use super::fault::WgslFault;

impl<'a> Expand<'a> {
    /// Joins the states of all invocations along the reduced axes.
    pub(super) fn joined_invocations(
        &mut self,
        kind: FoldKind,
        red: &[Name],
        mut state: Vec<Id>,
    ) -> Result<Vec<Id>, WgslFault> {
        let bound = |bind: fn(&Bind) -> bool| -> Vec<Name> {
            let is = |name: &&Name| self.axes.get(*name).is_some_and(|axis| bind(&axis.bind));
            red.iter().filter(is).cloned().collect()
        };
        let lanes = bound(|bind| *bind == Bind::Lane);
        let shared = bound(|bind| matches!(bind, Bind::Local(_) | Bind::Sub));
        if !lanes.is_empty() {
            state = self.joined_lanes(kind, &state)?;
        }
        if !shared.is_empty() {
            state = self.joined_workgroup(kind, &shared, state)?;
        }
        Ok(state)
    }

    fn subgroup(&mut self, name: &str, id: Id) -> Id {
        self.subgroups = true;
        let (ty, depth) = (self.emit.ty(id), self.emit.depth());
        let id = self.emit.versioned(Kind::Call(name.to_owned()), &[id], ty, depth, 0);
        self.emit.pin(id);
        id
    }

    /// Joins the states of a subgroup's lanes. A vector of states is joined component by component.
    fn joined_lanes(&mut self, kind: FoldKind, state: &[Id]) -> Result<Vec<Id>, WgslFault> {
        let ty = self.emit.ty(state[0]);
        let name = match (kind, ty.scalar) {
            // The words of a pair are no numbers of their own.
            (_, Scalar::Long) => return self.butterfly(kind, state),
            (FoldKind::Sum, _) => "subgroupAdd",
            (FoldKind::Prod, _) => "subgroupMul",
            (FoldKind::Max | FoldKind::Min, Scalar::F32) => {
                return self.float_extremum(kind, state[0]).map(|id| vec![id]);
            }
            (FoldKind::Max, _) => "subgroupMax",
            (FoldKind::Min, _) => "subgroupMin",
            (FoldKind::And | FoldKind::Or, _) => {
                let name = if kind == FoldKind::And { "subgroupAll" } else { "subgroupAny" };
                let parts: Vec<Id> = (0..ty.width)
                    .map(|at| {
                        let part = self.component(state[0], at);
                        self.subgroup(name, part)
                    })
                    .collect();
                return Ok(vec![self.vector(&parts)]);
            }
            (FoldKind::ArgMax | FoldKind::ArgMin | FoldKind::Welford, _) => {
                return self.butterfly(kind, state);
            }
        };
        Ok(vec![self.subgroup(name, state[0])])
    }

    /// The subgroup's own maximum drops NaN: whether one lane holds it is asked apart.
    fn float_extremum(&mut self, kind: FoldKind, x: Id) -> Result<Id, WgslFault> {
        let name = if kind == FoldKind::Max { "subgroupMax" } else { "subgroupMin" };
        let ty = self.emit.ty(x);
        let best = self.subgroup(name, x);
        let nan = self.library("fd_is_nan", &[x], Scalar::Bool);
        let mut parts = Vec::new();
        for at in 0..ty.width {
            let part = self.component(nan, at);
            parts.push(self.subgroup("subgroupAny", part));
        }
        let any = self.vector(&parts);
        let nan = self.literal(Literal::F32(f32::NAN));
        Ok(self.select(any, nan, best))
    }

    /// Joins with the lane whose number differs in one bit, bit by bit.
    fn butterfly(&mut self, kind: FoldKind, state: &[Id]) -> Result<Vec<Id>, WgslFault> {
        let mut state = state.to_vec();
        let mut mask = 1;
        while mask < self.target.subgroup_size.unwrap_or(1) {
            let mut other = Vec::new();
            for id in &state {
                let (ty, depth) = (self.emit.ty(*id), self.emit.depth());
                let mask = self.literal_u32(mask.into());
                let kind = Kind::Call("subgroupShuffleXor".to_owned());
                let id = self.emit.versioned(kind, &[*id, mask], ty, depth, 0);
                self.emit.pin(id);
                other.push(id);
            }
            self.subgroups = true;
            state = self.joined(kind, &state, &other)?;
            mask *= 2;
        }
        Ok(state)
    }

    /// Joins the states of the workgroup's invocations along `axes` by halves, in workgroup memory.
    fn joined_workgroup(
        &mut self,
        kind: FoldKind,
        axes: &[Name],
        state: Vec<Id>,
    ) -> Result<Vec<Id>, WgslFault> {
        let all: Vec<Name> = self.workgroup_axes.clone();
        let rest: Vec<Name> = all.into_iter().filter(|axis| !axes.contains(axis)).collect();
        let (count, at) = self.place(axes)?;
        let (rows, row) = self.place(&rest)?;
        let mut slots = Vec::new();
        for id in &state {
            // A bool is held as a number: not every driver keeps bools in workgroup memory.
            let ty = self.emit.ty(*id);
            let held = if ty.scalar == Scalar::Bool { Ty::of(Scalar::U32, ty.width) } else { ty };
            let name = self.names.fresh("shared_state");
            self.module.push(format!(
                "var<workgroup> {name}: array<{}, {}>;",
                held.text(),
                rows * count
            ));
            slots.push((name, ty, held));
        }
        let base = row * count;
        let own = self.index(&(&base + &at), &Env::default())?;
        self.write_shared(&slots, own, &state)?;
        self.emit.statement(pieces!["workgroupBarrier();"]);
        let mut half = (count as u64).next_power_of_two() as i64 / 2;
        let lane = self.index(&at, &Env::default())?;
        while half >= 1 {
            let end = self.literal_u32(half.min(count - half));
            self.emit.open(pieces!["if (", lane, " < ", end, ")"], true);
            let other = self.index(&(&base + &at + half), &Env::default())?;
            let (a, b) = (self.read_shared(&slots, own)?, self.read_shared(&slots, other)?);
            let both = self.joined(kind, &a, &b)?;
            both.iter().for_each(|id| self.emit.pin(*id));
            self.write_shared(&slots, own, &both)?;
            self.emit.close();
            self.emit.statement(pieces!["workgroupBarrier();"]);
            half /= 2;
        }
        let first = self.index(&base, &Env::default())?;
        let result = self.read_shared(&slots, first)?;
        self.emit.statement(pieces!["workgroupBarrier();"]);
        Ok(result)
    }

    /// The number of points of workgroup axes, and the own point among them.
    pub(super) fn place(&self, axes: &[Name]) -> Result<(i64, Dim), WgslFault> {
        let (mut count, mut at) = (1, Dim::constant(0));
        for name in axes {
            let extent = self.const_extent(self.axis(name)?, "the workgroup")?;
            count *= extent;
            at = at * extent + Dim::axis(name.clone());
        }
        Ok((count, at))
    }

    fn read_shared(&mut self, slots: &[(String, Ty, Ty)], at: Id) -> Result<Vec<Id>, WgslFault> {
        let mut state = Vec::new();
        for (name, ty, held) in slots {
            self.versions += 1;
            let (depth, version) = (self.emit.depth(), self.versions);
            let id = self.emit.versioned(Kind::Element(name.clone()), &[at], *held, depth, version);
            self.emit.pin(id);
            let own =
                if held == ty { id } else { self.math(Math::Cast(Scalar::Bool), &[id], &[])? };
            state.push(own);
        }
        Ok(state)
    }

    fn write_shared(
        &mut self,
        slots: &[(String, Ty, Ty)],
        at: Id,
        state: &[Id],
    ) -> Result<(), WgslFault> {
        for ((name, ty, held), id) in slots.iter().zip(state) {
            let id =
                if held == ty { *id } else { self.math(Math::Cast(held.scalar), &[*id], &[])? };
            self.emit.statement(pieces![format!("{name}["), at, "] = ", id, ";"]);
        }
        Ok(())
    }

    /// Whether the kernel has barriers.
    pub(super) fn barriers(&self) -> bool {
        let mut found = false;
        self.kernel.visit(&mut |stmt| {
            if let ferrodyne_plan::loops::Stmt::Fold { red, stages, .. } = stmt {
                let shared = |name: &Name| {
                    self.axes.get(name).is_some_and(|axis| {
                        matches!(axis.bind, Bind::Local(_) | Bind::Sub | Bind::Lane)
                    })
                };
                let staged = stages
                    .iter()
                    .any(|stage| stage.level != ferrodyne_plan::loops::Level::Register);
                found |= red.iter().any(shared) || staged;
            }
        });
        found
    }
}
