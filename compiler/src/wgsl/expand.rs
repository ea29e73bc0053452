//! Unfolds scheduled loops to named scalars and vectors: the walk over axes, and all statements but folds.
//!
//! In: a scheduled kernel. Out: blocks of values and statements ([`Emit`]). An unrolled axis becomes instances, a vector
//! axis the components of values, an axis of the grid a number that the hardware gives, and any other a loop.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::loops::{Axis, Bind, Kernel, Place, Stmt, Tail, Val};
use ferrodyne_plan::{Dim, Facts, Name, Range, Target, Var};

use super::emit::{Emit, Id, pieces};
use super::fault::WgslFault;
use super::names::Names;
use super::ranges::RangeNames;
use super::rounds::Register;

/// Values of axes at a point of the unfolding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Env {
    /// Values of the axes without parts.
    pub(super) axes: BTreeMap<Name, Dim>,
    /// The axis that forms vectors, and its extent.
    pub(super) vec: Option<(Name, u8)>,
    /// Axes whose overhang is cut off by a branch around this point.
    pub(super) guarded: BTreeSet<Name>,
    /// Axes whose registers turn, and the constant that names a register in place of the axis' value.
    pub(super) turned: BTreeMap<Name, i64>,
}

/// A buffer as the text sees it.
#[derive(Clone, Debug)]
pub(super) struct Buffer {
    /// Name in the text.
    pub(super) text: String,
    /// Whether its elements are vectors of four.
    pub(super) vec4: bool,
    /// Accesses of whole vectors so far.
    pub(super) vec_uses: usize,
    /// Stores so far: a later load is another value.
    pub(super) version: u64,
    /// Its names, if it is bound in several ranges.
    pub(super) ranges: Option<RangeNames>,
}

/// What a name of a value stands for.
#[derive(Clone, Debug)]
pub(super) enum Def<'a> {
    /// Computed where it is used.
    Inline(&'a Val),
    /// Computed by a fold where it is used.
    Fold(&'a Stmt, usize),
    /// Held in registers: one for each point of these axes.
    Kept(Vec<Name>),
}

/// An inline value at a point: its name, the point, and the number of stores before it.
pub(super) type Inlined = (Name, Env, u64);

/// The unfolding of one kernel.
pub(super) struct Expand<'a> {
    pub(super) kernel: &'a Kernel,
    pub(super) target: &'a Target,
    pub(super) emit: Emit,
    pub(super) names: Names,
    pub(super) facts: Facts,
    pub(super) axes: BTreeMap<Name, &'a Axis>,
    /// Values of the axes that are neither unrolled nor vectors.
    pub(super) running: BTreeMap<Name, Id>,
    pub(super) buffers: BTreeMap<Name, Buffer>,
    /// Buffers that must have scalar elements.
    pub(super) scalar: BTreeSet<Name>,
    pub(super) sizes: Vec<Dim>,
    pub(super) defs: BTreeMap<Name, Def<'a>>,
    pub(super) values: BTreeMap<(Name, Vec<i64>), Id>,
    /// Registers that hold the results of folds.
    pub(super) registers: BTreeMap<Name, Vec<Register>>,
    /// Inline values made so far: without them a value used twice at each step of a chain would be unfolded 2^n times.
    pub(super) inlined: BTreeMap<Inlined, Id>,
    pub(super) staged: Vec<super::stage::Staged>,
    /// Axes beyond whose end every term of the folds at hand is known to be nothing.
    pub(super) bounded: BTreeSet<Name>,
    pub(super) deferred: Vec<super::fold::Deferred>,
    /// Axes of the workgroup; a store that none of them reaches is made by the first invocation.
    pub(super) workgroup_axes: Vec<Name>,
    pub(super) library: BTreeSet<String>,
    /// Declarations of module scope.
    pub(super) module: Vec<String>,
    pub(super) subgroups: bool,
    /// Whether the entry point knows its workgroup.
    pub(super) grouped: bool,
    pub(super) versions: u64,
}

type Done = Result<(), WgslFault>;

impl<'a> Expand<'a> {
    /// An unfolding in which the named buffers have scalar elements.
    pub(super) fn new(
        kernel: &'a Kernel,
        target: &'a Target,
        scalar: &BTreeSet<Name>,
    ) -> Expand<'a> {
        let mut names = Names::default();
        let mut buffers = BTreeMap::new();
        for param in &kernel.params {
            let vec4 = param.dtype.device_bytes() == 4 && !scalar.contains(&param.name);
            let text = names.fresh(&param.name);
            let ranges = RangeNames::of(param, &text, &mut names);
            let buffer = Buffer { text, vec4, vec_uses: 0, version: 0, ranges };
            buffers.insert(param.name.clone(), buffer);
        }
        let mut facts = kernel.facts.clone();
        let axes: BTreeMap<Name, &Axis> =
            kernel.axes.iter().map(|axis| (axis.name.clone(), axis)).collect();
        for axis in &kernel.axes {
            let var = Var::Axis(axis.name.clone());
            facts.set_range(var.clone(), Range::at_least(0));
            facts.assume_lt(Dim::var(var), axis.extent.clone());
        }
        Expand {
            kernel,
            target,
            emit: Emit::new(),
            names,
            facts,
            axes,
            running: BTreeMap::new(),
            buffers,
            scalar: scalar.clone(),
            sizes: Vec::new(),
            defs: BTreeMap::new(),
            values: BTreeMap::new(),
            registers: BTreeMap::new(),
            inlined: BTreeMap::new(),
            staged: Vec::new(),
            bounded: BTreeSet::new(),
            deferred: Vec::new(),
            workgroup_axes: Vec::new(),
            library: BTreeSet::new(),
            module: Vec::new(),
            subgroups: false,
            grouped: false,
            versions: 0,
        }
    }

    pub(super) fn axis(&self, name: &Name) -> Result<&'a Axis, WgslFault> {
        self.axes.get(name).copied().ok_or_else(|| self.undeclared(name))
    }

    pub(super) fn undeclared(&self, name: &Name) -> WgslFault {
        WgslFault::Undeclared { kernel: self.kernel.name.clone(), name: name.clone() }
    }

    /// The extent of an axis that is written out.
    pub(super) fn const_extent(&self, axis: &Axis, bind: &'static str) -> Result<i64, WgslFault> {
        self.facts.simplify(&axis.extent).as_const().ok_or_else(|| WgslFault::OpenExtent {
            kernel: self.kernel.name.clone(),
            axis: axis.name.clone(),
            bind,
            extent: axis.extent.clone(),
        })
    }

    /// Unfolds all statements.
    pub(super) fn statements(&mut self, body: &'a [Stmt], env: &Env) -> Done {
        for stmt in body {
            self.statement(stmt, env)?;
        }
        Ok(())
    }

    pub(super) fn statement(&mut self, stmt: &'a Stmt, env: &Env) -> Done {
        match stmt {
            Stmt::For { axes, body } => {
                let mut env = env.clone();
                let open = self.open_guards(axes, &mut env)?;
                self.walk(axes, &env, &mut |this, env| this.statements(body, env))?;
                (0..open).for_each(|_| self.emit.close());
                Ok(())
            }
            Stmt::Let { name, over, val, place, .. } => self.define(name, over, val, *place, env),
            Stmt::Fold { .. } => self.fold(stmt, env),
            Stmt::Online { .. } => self.online(stmt, env),
            Stmt::Store { over, .. } => {
                let mut env = env.clone();
                let open = self.open_guards(over, &mut env)?;
                if !self.store_in_rounds(stmt, &env)? {
                    self.walk(over, &env, &mut |this, env| this.store(stmt, env))?;
                }
                (0..open).for_each(|_| self.emit.close());
                Ok(())
            }
        }
    }

    fn define(
        &mut self,
        name: &Name,
        over: &[Name],
        val: &'a Val,
        place: Place,
        env: &Env,
    ) -> Done {
        if place == Place::Inline || over.iter().any(|axis| self.is_loop(axis)) {
            self.defs.insert(name.clone(), Def::Inline(val));
            return Ok(());
        }
        self.defs.insert(name.clone(), Def::Kept(over.to_vec()));
        self.walk(over, env, &mut |this, env| {
            let id = this.value(val, env)?;
            this.emit.hint(id, name);
            this.emit.pin(id);
            let key = this.instance(name, over, env);
            this.values.insert(key, id);
            Ok(())
        })
    }

    /// Whether the axis is written out.
    pub(super) fn is_unrolled(&self, axis: &Name) -> bool {
        self.axes.get(axis).is_some_and(|axis| axis.bind == Bind::Unroll)
    }

    /// Whether the axis is visited by a loop of the text.
    pub(super) fn is_loop(&self, axis: &Name) -> bool {
        self.axes.get(axis).is_none_or(|axis| axis.bind == Bind::Serial)
    }

    /// The key of a kept value: the constants of its axes.
    pub(super) fn instance(&self, name: &Name, over: &[Name], env: &Env) -> (Name, Vec<i64>) {
        let turned = |axis: &Name| env.turned.get(axis).copied();
        let constant = |axis: &Name| env.axes.get(axis)?.as_const();
        let consts = over.iter().filter_map(|axis| turned(axis).or_else(|| constant(axis)));
        (name.clone(), consts.collect())
    }

    /// Runs `body` at every point of the axes, outermost first.
    pub(super) fn walk(
        &mut self,
        axes: &[Name],
        env: &Env,
        body: &mut dyn FnMut(&mut Expand<'a>, &Env) -> Done,
    ) -> Done {
        let Some((first, rest)) = axes.split_first() else { return body(self, env) };
        self.visit(first, env, &mut |this, env| this.walk(rest, env, body))
    }

    /// Runs `body` at every value of the axis.
    pub(super) fn visit(
        &mut self,
        name: &Name,
        env: &Env,
        body: &mut dyn FnMut(&mut Expand<'a>, &Env) -> Done,
    ) -> Done {
        let axis = self.axis(name)?;
        let mut env = env.clone();
        match axis.bind {
            Bind::Unroll => {
                for value in 0..self.const_extent(axis, "unroll")? {
                    env.axes.insert(name.clone(), Dim::constant(value));
                    body(self, &env)?;
                }
                Ok(())
            }
            Bind::Vec => {
                let width = self.const_extent(axis, "vec")?;
                if env.vec.is_some() || !(width == 2 || width == 4) {
                    let reason = "bound to vec inside another vector, or has an extent that is neither 2 nor 4";
                    return Err(self.binding(name, reason));
                }
                env.vec = Some((name.clone(), width as u8));
                env.axes.insert(name.clone(), Dim::axis(name.clone()));
                body(self, &env)
            }
            Bind::Serial => self.repeat(axis, &env, body),
            Bind::Group(_) | Bind::Sub | Bind::Lane | Bind::Local(_) => {
                if !self.running.contains_key(name) {
                    return Err(self.binding(name, "not part of the grid"));
                }
                let single = self.facts.simplify(&axis.extent).as_const() == Some(1);
                let value = if single { Dim::constant(0) } else { Dim::axis(name.clone()) };
                env.axes.insert(name.clone(), value);
                body(self, &env)
            }
            Bind::Thread | Bind::Block => Err(self.binding(name, "bound for the CPU executor")),
        }
    }

    fn repeat(
        &mut self,
        axis: &Axis,
        env: &Env,
        body: &mut dyn FnMut(&mut Expand<'a>, &Env) -> Done,
    ) -> Done {
        let extent = self.facts.simplify(&axis.extent);
        let mut env = env.clone();
        if extent.as_const() == Some(1) {
            env.axes.insert(axis.name.clone(), Dim::constant(0));
            return body(self, &env);
        }
        let end = self.index(&extent, &env)?;
        let text = self.names.fresh(&axis.name);
        let head = pieces![format!("for (var {text} = 0u; {text} < "), end, format!("; {text}++)")];
        self.emit.open(head, false);
        let depth = self.emit.depth();
        let id = self.emit.leaf(text, super::emit::Ty::U32, depth);
        let outer = self.running.insert(axis.name.clone(), id);
        env.axes.insert(axis.name.clone(), Dim::axis(axis.name.clone()));
        body(self, &env)?;
        if let Some(trips) = extent.as_const() {
            self.keep_rolled(trips, end);
        }
        self.emit.close();
        match outer {
            Some(outer) => self.running.insert(axis.name.clone(), outer),
            None => self.running.remove(&axis.name),
        };
        Ok(())
    }

    pub(super) fn binding(&self, axis: &Name, reason: &'static str) -> WgslFault {
        WgslFault::Binding { kernel: self.kernel.name.clone(), axis: axis.clone(), reason }
    }

    /// Cuts off the overhang of split axes whose parts run on the grid, by a branch around all that is inside: then no
    /// load needs a clamp. Not where invocations must stay together. Gives the number of branches opened.
    fn open_guards(&mut self, axes: &[Name], env: &mut Env) -> Result<usize, WgslFault> {
        if self.together() {
            return Ok(0);
        }
        let mut open = 0;
        for axis in &self.kernel.axes {
            let cut =
                matches!(axis.tail, Tail::Clamp | Tail::Unit) && !env.guarded.contains(&axis.name);
            let leaves = self.leaves(&axis.name);
            let inside = leaves.iter().any(|leaf| axes.contains(leaf));
            let fixed = |leaf: &Name| self.running.contains_key(leaf);
            if !cut || !inside || !leaves.iter().all(fixed) {
                continue;
            }
            let raw = self.raw_value(&axis.name, &Env::default());
            if self.facts.prove_lt(&raw, &axis.extent).is_yes() {
                continue;
            }
            let (value, end) = (self.index(&raw, env)?, self.index(&axis.extent, env)?);
            self.emit.open(pieces!["if (", value, " < ", end, ")"], true);
            env.guarded.insert(axis.name.clone());
            open += 1;
        }
        Ok(open)
    }

    /// The axes without parts that the axis is made of.
    pub(super) fn leaves(&self, name: &Name) -> Vec<Name> {
        match self.axes.get(name) {
            Some(axis) if !axis.parts.is_empty() => {
                axis.parts.iter().flat_map(|part| self.leaves(part)).collect()
            }
            _ => vec![name.clone()],
        }
    }
}
