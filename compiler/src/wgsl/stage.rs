//! Loads that are fetched when an axis is entered: held by name, spread over the lanes, or in workgroup memory.

use ferrodyne_plan::loops::{Bind, Coord, Level, Literal, Stage, Stmt, Val};
use ferrodyne_plan::{Dim, Name, Range, Var};

use super::emit::{Id, Kind, Ty};
use super::expand::{Env, Expand};
use super::fault::WgslFault;
use super::share::Shared;

/// What a stage holds: values under the constants of the axes that they vary with.
#[derive(Clone, Debug)]
pub(super) struct Staged {
    /// The parameter, or the definition of the fold.
    name: Name,
    /// Coordinates of the load; empty for a definition.
    at: Vec<Coord>,
    /// Axes whose constants choose a value, the lane axis and the vector axes apart.
    chosen: Vec<Name>,
    /// The axis spread over lanes.
    lane: Option<Name>,
    /// Axes that form vectors of the held data, and their extents, outermost first.
    vec: Vec<(Name, i64)>,
    held: Vec<(Vec<i64>, Id)>,
    /// Where it lies, if that is workgroup memory.
    shared: Option<Shared>,
}

impl Staged {
    /// A load that lies in workgroup memory.
    pub(super) fn shared(subject: Subject<'_>, vec: Vec<(Name, i64)>, shared: Shared) -> Staged {
        let (name, at) = subject.names();
        let (chosen, held) = (Vec::new(), Vec::new());
        Staged { name, at, chosen, lane: None, vec, held, shared: Some(shared) }
    }
}

/// What is staged: a load, or a value that an inner definition names.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Load(&'a Name, &'a [Coord], Option<Literal>),
    Definition(&'a Name, &'a Val),
}

impl Subject<'_> {
    /// The parameter and the coordinates of a load; the name of a definition.
    fn names(self) -> (Name, Vec<Coord>) {
        match self {
            Subject::Load(buf, at, _) => (buf.clone(), at.to_vec()),
            Subject::Definition(name, _) => (name.clone(), Vec::new()),
        }
    }
}

impl<'a> Expand<'a> {
    /// Fetches what a stage asks for; `below` are the axes still to be walked.
    pub(super) fn fetch(
        &mut self,
        stage: &'a Stage,
        args: &'a [Val],
        inner: &'a [Stmt],
        below: &[Name],
        env: &Env,
    ) -> Result<(), WgslFault> {
        let mut subjects = Vec::new();
        for stmt in inner {
            if let Stmt::Let { name, val, .. } = stmt {
                if *name == stage.buf {
                    subjects.push(Subject::Definition(name, val));
                } else {
                    loads(val, &stage.buf, &mut subjects);
                }
            }
        }
        for arg in args {
            loads(arg, &stage.buf, &mut subjects);
        }
        for subject in subjects {
            match &stage.level {
                Level::Register if stage.vec.is_empty() => self.prefetch(subject, below, env)?,
                Level::Register => self.hold(subject, None, &stage.vec, below, env)?,
                Level::Lane(axis) => self.hold(subject, Some(axis), &stage.vec, below, env)?,
                Level::Workgroup => self.share(subject, &stage.vec, below, env)?,
            }
        }
        Ok(())
    }

    /// Names the values of all points below, in order.
    fn prefetch(
        &mut self,
        subject: Subject<'a>,
        below: &[Name],
        env: &Env,
    ) -> Result<(), WgslFault> {
        let used = self.used_below(subject, below);
        self.walk(&used, env, &mut |this, env| {
            let id = this.fetched(subject, env)?;
            this.pin_loads(id);
            Ok(())
        })
    }

    /// Pins a value, or what it selects from.
    fn pin_loads(&mut self, id: Id) {
        if !matches!(self.emit.nodes[id.0].kind, Kind::Text(_)) {
            self.emit.pin(id);
        }
    }

    pub(super) fn fetched(&mut self, subject: Subject<'a>, env: &Env) -> Result<Id, WgslFault> {
        match subject {
            Subject::Load(buf, at, fill) => self.load_direct(buf, at, fill, env),
            Subject::Definition(_, val) => self.value(val, env),
        }
    }

    /// The unrolled and vector axes below on which the subject depends.
    fn used_below(&self, subject: Subject<'a>, below: &[Name]) -> Vec<Name> {
        let leaves = self.leaves_of(subject);
        let fixed = |axis: &&Name| {
            self.axes.get(*axis).is_some_and(|axis| matches!(axis.bind, Bind::Unroll | Bind::Vec))
        };
        below.iter().filter(|axis| leaves.contains(axis)).filter(fixed).cloned().collect()
    }

    /// The axes without parts on which the subject depends.
    pub(super) fn leaves_of(&self, subject: Subject<'a>) -> Vec<Name> {
        let mut vars = Vec::new();
        match subject {
            Subject::Load(_, at, _) => at.iter().for_each(|coord| vars.extend(coord.ix.vars())),
            Subject::Definition(_, val) => {
                val.dims().into_iter().for_each(|dim| vars.extend(dim.vars()))
            }
        }
        let mut leaves = Vec::new();
        for var in vars {
            if let Var::Axis(name) = var {
                leaves.extend(self.leaves(&name));
            }
        }
        leaves
    }

    /// Holds the values below: `lane` spread over the lanes, `vec` as vectors.
    fn hold(
        &mut self,
        subject: Subject<'a>,
        lane: Option<&'a Name>,
        vec: &[Name],
        below: &[Name],
        env: &Env,
    ) -> Result<(), WgslFault> {
        let used = self.used_below(subject, below);
        let chosen: Vec<Name> =
            used.into_iter().filter(|axis| Some(axis) != lane && !vec.contains(axis)).collect();
        let mut extents = Vec::new();
        for axis in vec {
            let extent = self.const_extent(self.axis(axis)?, "vec")?;
            extents.push((axis.clone(), extent));
        }
        let rounds = match lane {
            None => 1,
            Some(axis) => {
                let extent = self.const_extent(self.axis(axis)?, "lane")?;
                let size = i64::from(self.target.subgroup_size.unwrap_or(1));
                (extent + size - 1) / size
            }
        };
        let mut outer = env.clone();
        outer.vec = None;
        self.vector_of(&extents, &mut outer);
        let mut held = Vec::new();
        for round in 0..rounds {
            let mut env = outer.clone();
            if let Some(axis) = lane {
                let size = i64::from(self.target.subgroup_size.unwrap_or(1));
                env.axes.insert(axis.clone(), self.lane() + size * round);
            }
            self.walk(&chosen, &env, &mut |this, env| {
                let id = this.fetched(subject, env)?;
                let width = env.vec.as_ref().map_or(1, |(_, width)| *width);
                let id = this.splat(id, width);
                this.emit.pin(id);
                let mut key = vec![round];
                key.extend(chosen.iter().filter_map(|axis| env.axes.get(axis)?.as_const()));
                held.push((key, id));
                Ok(())
            })?;
        }
        let (name, at) = subject.names();
        let (lane, vec) = (lane.cloned(), extents);
        self.staged.push(Staged { name, at, chosen, lane, vec, held, shared: None });
        Ok(())
    }

    /// Puts one vector axis in the place of several axes that together count its components.
    pub(super) fn vector_of(&mut self, extents: &[(Name, i64)], env: &mut Env) {
        let total: i64 = extents.iter().map(|(_, extent)| extent).product();
        if total != 4 && total != 2 {
            return;
        }
        let name = Name::from("held component");
        let var = Var::Axis(name.clone());
        self.facts.set_range(var.clone(), Range::between(0, total - 1));
        let mut inner = total;
        for (axis, extent) in extents {
            inner /= extent;
            let value = Dim::var(var.clone())
                .floor_div(&Dim::constant(inner))
                .modulo(&Dim::constant(*extent));
            let value = self.facts.simplify(&value);
            env.axes.insert(axis.clone(), value);
        }
        env.vec = Some((name, total as u8));
    }

    /// The number of the invocation in its subgroup, as an index.
    fn lane(&mut self) -> Dim {
        let name = Name::from("lane");
        let var = Var::Axis(name.clone());
        if !self.running.contains_key(&name) {
            let size = i64::from(self.target.subgroup_size.unwrap_or(1));
            self.facts.set_range(var.clone(), Range::between(0, size - 1));
            let id = self.emit.leaf("lane", Ty::U32, 0);
            self.running.insert(name, id);
        }
        Dim::var(var)
    }

    /// The value of a load that is held.
    pub(super) fn staged_load(
        &mut self,
        buf: &Name,
        at: &[Coord],
        env: &Env,
    ) -> Result<Option<Id>, WgslFault> {
        let found = self.staged.iter().rposition(|staged| staged.name == *buf && staged.at == at);
        found.map(|found| self.held(found, env)).transpose()
    }

    /// The value of a definition that is held.
    pub(super) fn staged_value(&mut self, name: &Name, env: &Env) -> Result<Option<Id>, WgslFault> {
        let found =
            self.staged.iter().rposition(|staged| staged.name == *name && staged.at.is_empty());
        found.map(|found| self.held(found, env)).transpose()
    }

    fn held(&mut self, found: usize, env: &Env) -> Result<Id, WgslFault> {
        let staged = self.staged[found].clone();
        let constant = |name: &Name| env.axes.get(name).and_then(Dim::as_const);
        let size = i64::from(self.target.subgroup_size.unwrap_or(1));
        let place = match &staged.lane {
            Some(axis) => {
                constant(axis).ok_or_else(|| self.binding(axis, "held by lane but not unrolled"))?
            }
            None => 0,
        };
        let mut key = vec![place / size];
        key.extend(staged.chosen.iter().filter_map(constant));
        let found = match &staged.shared {
            Some(shared) => Some(self.shared_element(shared, env)?),
            None => staged.held.iter().find(|(own, _)| *own == key).map(|(_, id)| *id),
        };
        let Some(mut id) = found else { return Err(self.undeclared(&staged.name)) };
        let mut component = 0;
        for (axis, extent) in &staged.vec {
            let value = constant(axis)
                .ok_or_else(|| self.binding(axis, "held as a vector but not unrolled"))?;
            component = component * extent + value;
        }
        if !staged.vec.is_empty() {
            id = self.component(id, component as u8);
        }
        if staged.lane.is_some() {
            self.subgroups = true;
            let ty = self.emit.ty(id);
            let lane = self.literal_u32(place % size);
            id = self.emit.node(Kind::Call("subgroupBroadcast".to_owned()), &[id, lane], ty);
            self.emit.hint(id, "s");
        }
        Ok(id)
    }
}

/// The different loads of a buffer in a value.
fn loads<'a>(val: &'a Val, wanted: &Name, subjects: &mut Vec<Subject<'a>>) {
    match val {
        Val::Load { buf, at, fill } if buf == wanted => {
            let known = subjects
                .iter()
                .any(|s| matches!(s, Subject::Load(_, own, _) if *own == at.as_slice()));
            if !known {
                subjects.push(Subject::Load(buf, at, *fill));
            }
        }
        Val::Op(_, args) => args.iter().for_each(|arg| loads(arg, wanted, subjects)),
        Val::Case { arms, .. } => arms.iter().for_each(|(_, _, arm)| loads(arm, wanted, subjects)),
        _ => {}
    }
}
