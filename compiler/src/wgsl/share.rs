//! Loads that a workgroup fetches together: each invocation fetches a part of what all of them read below an axis, and all read it
//! from workgroup memory.
//!
//! In: a staged load, and the axes still to be walked. Out: stores to workgroup memory, written out. Barriers stand around those of all
//! loads that are fetched at an axis.

use std::cmp::Reverse;

use ferrodyne_plan::loops::Bind;
use ferrodyne_plan::{Dim, Name, Range, Var};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Env, Expand};
use super::fault::WgslFault;
use super::stage::{Staged, Subject};

/// Workgroup memory that holds a load.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// The array.
    name: String,
    /// Axes whose points its elements are, the first slowest, with their extents.
    points: Vec<(Name, i64)>,
    ty: Ty,
    /// Tells what is fetched in one round from what is fetched in another.
    version: u64,
}

impl<'a> Expand<'a> {
    /// Fetches the loads of a subject below an axis into workgroup memory; `vec` form vectors of what is held.
    pub(super) fn share(
        &mut self,
        subject: Subject<'a>,
        vec: &[Name],
        below: &[Name],
        env: &Env,
    ) -> Result<(), WgslFault> {
        let mut outer = Env { vec: None, ..env.clone() };
        let extents = self.extents(vec)?;
        self.vector_of(&extents, &mut outer);
        let mut points = Vec::new();
        for axis in self.used_by(subject, below) {
            match self.axis(&axis)?.bind {
                _ if vec.contains(&axis) => {}
                Bind::Vec => {
                    let width = self.const_extent(self.axis(&axis)?, "vec")? as u8;
                    outer.axes.insert(axis.clone(), Dim::axis(axis.clone()));
                    outer.vec = Some((axis, width));
                }
                _ => points.extend(self.extents(std::slice::from_ref(&axis))?),
            }
        }
        points.sort_by_key(|(axis, _)| Reverse(self.stride(subject, axis, &outer)));
        let (name, ty, version) = self.fetch_together(subject, &points, &outer)?;
        let shared = Shared { name, points, ty, version };
        self.staged.push(Staged::shared(subject, extents, shared));
        Ok(())
    }

    /// Axes that choose an element of what is shared: those below that are written out, and those of the workgroup.
    fn used_by(&self, subject: Subject<'a>, below: &[Name]) -> Vec<Name> {
        let all: Vec<Name> = self.workgroup_axes.iter().chain(below).cloned().collect();
        let leaves = self.leaves_of(subject);
        let fixed = |axis: &Name| {
            let bind = self.axes.get(axis).map(|axis| axis.bind);
            matches!(bind, Some(Bind::Unroll | Bind::Vec | Bind::Local(_)))
        };
        all.into_iter().filter(|axis| leaves.contains(axis) && fixed(axis)).collect()
    }

    /// How far apart in memory neighbours along an axis lie; the most where that is not known. Neighbouring invocations take elements
    /// that lie together.
    fn stride(&self, subject: Subject<'a>, axis: &Name, env: &Env) -> i64 {
        let Subject::Load(buf, at, _) = subject else { return i64::MAX };
        let Ok(param) = self.param(buf) else { return i64::MAX };
        let mut env = env.clone();
        env.axes.insert(axis.clone(), Dim::axis(axis.clone()));
        let mut flat = Dim::constant(0);
        // Clamps and masks at borders change nothing inside.
        let raw = |var: &Var| match var {
            Var::Axis(name) => Some(self.raw_value(name, &env)),
            _ => None,
        };
        for (coord, extent) in at.iter().zip(&param.dims) {
            flat = flat * extent.clone() + coord.ix.substitute(&raw);
        }
        let factor = self.facts.simplify(&flat).linear_in(&Var::Axis(axis.clone()));
        factor.and_then(|(factor, _)| factor.as_const()).map_or(i64::MAX, i64::abs)
    }

    fn extents(&self, axes: &[Name]) -> Result<Vec<(Name, i64)>, WgslFault> {
        axes.iter()
            .map(|name| {
                Ok((name.clone(), self.const_extent(self.axis(name)?, "workgroup memory")?))
            })
            .collect()
    }

    /// Lets each invocation fetch every so manieth element. Gives the array, the type of its elements and its version.
    fn fetch_together(
        &mut self,
        subject: Subject<'a>,
        points: &[(Name, i64)],
        env: &Env,
    ) -> Result<(String, Ty, u64), WgslFault> {
        let count: i64 = points.iter().map(|(_, extent)| extent).product();
        let (invocations, own) = self.invocation()?;
        let name = self.names.fresh("shared_tile");
        let mut ty = None;
        for round in 0..(count + invocations - 1) / invocations {
            let element = &own + round * invocations;
            let partial = (round + 1) * invocations > count;
            let slot = self.index(&element, &Env::default())?;
            if partial {
                let end = self.literal_u32(count);
                self.emit.open(pieces!["if (", slot, " < ", end, ")"], true);
            }
            let mut env = env.clone();
            let mut rest = element;
            for (axis, extent) in points.iter().rev() {
                let extent = Dim::constant(*extent);
                env.axes.insert(axis.clone(), self.facts.simplify(&rest.modulo(&extent)));
                rest = self.facts.simplify(&rest.floor_div(&extent));
            }
            let id = self.fetched(subject, &env)?;
            let id = self.splat(id, env.vec.as_ref().map_or(1, |(_, width)| *width));
            ty = Some(self.emit.ty(id));
            self.emit.statement(pieces![format!("{name}["), slot, "] = ", id, ";"]);
            if partial {
                self.emit.close();
            }
        }
        self.versions += 1;
        let ty = ty.ok_or_else(|| self.undeclared(&self.kernel.name))?;
        self.module.push(format!("var<workgroup> {name}: array<{}, {count}>;", ty.text()));
        Ok((name, ty, self.versions))
    }

    /// The invocations of a workgroup, and the number of the own one: an axis of its own, since the elements that it fetches lie at other
    /// points of the workgroup's axes than it does. Neighbours along the first dimension run together.
    fn invocation(&mut self) -> Result<(i64, Dim), WgslFault> {
        let workgroup: Vec<Name> = self.workgroup_axes.iter().rev().cloned().collect();
        let (invocations, own) = self.place(&workgroup)?;
        let name = Name::from("invocation");
        let var = Var::Axis(name.clone());
        if !self.running.contains_key(&name) {
            self.facts.set_range(var.clone(), Range::between(0, invocations - 1));
            let id = self.index(&own, &Env::default())?;
            self.running.insert(name, id);
        }
        Ok((invocations, Dim::var(var)))
    }

    /// The element of workgroup memory at a point.
    pub(super) fn shared_element(&mut self, shared: &Shared, env: &Env) -> Result<Id, WgslFault> {
        let mut at = Dim::constant(0);
        for (axis, extent) in &shared.points {
            let value = env.axes.get(axis).cloned().unwrap_or_else(|| Dim::axis(axis.clone()));
            at = at * *extent + value;
        }
        let at = self.index(&self.facts.simplify(&at), &Env::default())?;
        let (kind, depth) = (Kind::Element(shared.name.clone()), self.emit.depth());
        Ok(self.emit.versioned(kind, &[at], shared.ty, depth, shared.version))
    }
}
