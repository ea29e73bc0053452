//! Walks over kernels: every value, every dim, every load, every statement; and the same with changes.

use std::collections::BTreeSet;

use super::{Coord, Kernel, Stmt, Val};
use crate::{Dim, Name, Var};

impl Stmt {
    /// The statements directly inside.
    pub fn children(&self) -> &[Stmt] {
        match self {
            Stmt::For { body, .. } | Stmt::Online { body, .. } => body,
            Stmt::Fold { inner, .. } => inner,
            Stmt::Let { .. } | Stmt::Store { .. } => &[],
        }
    }

    /// The statements directly inside, to change.
    pub fn children_mut(&mut self) -> Option<&mut Vec<Stmt>> {
        match self {
            Stmt::For { body, .. } | Stmt::Online { body, .. } => Some(body),
            Stmt::Fold { inner, .. } => Some(inner),
            Stmt::Let { .. } | Stmt::Store { .. } => None,
        }
    }

    /// The values of this statement itself, not of those inside.
    pub fn vals(&self) -> &[Val] {
        match self {
            Stmt::Let { val, .. } | Stmt::Store { val, .. } => std::slice::from_ref(val),
            Stmt::Fold { args, .. } => args,
            Stmt::For { .. } | Stmt::Online { .. } => &[],
        }
    }

    /// The values of this statement itself, to change.
    pub fn vals_mut(&mut self) -> &mut [Val] {
        match self {
            Stmt::Let { val, .. } | Stmt::Store { val, .. } => std::slice::from_mut(val),
            Stmt::Fold { args, .. } => args,
            Stmt::For { .. } | Stmt::Online { .. } => &mut [],
        }
    }

    /// The names that this statement gives to values.
    pub fn defines(&self) -> &[Name] {
        match self {
            Stmt::Let { name, .. } => std::slice::from_ref(name),
            Stmt::Fold { names, .. } => names,
            _ => &[],
        }
    }

    /// Visits this statement and all inside, outer ones first, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Stmt)) {
        see(self);
        for child in self.children() {
            child.visit(see);
        }
    }

    /// The same, to change; what is inside comes first.
    pub fn visit_mut(&mut self, see: &mut dyn FnMut(&mut Stmt)) {
        if let Some(children) = self.children_mut() {
            for child in children {
                child.visit_mut(see);
            }
        }
        see(self);
    }

    fn map_dims(&mut self, map: &dyn Fn(&Dim) -> Dim) {
        if let Stmt::Store { at, guard, .. } = self {
            for dim in at {
                *dim = map(dim);
            }
            for (value, bound) in guard {
                (*value, *bound) = (map(value), map(bound));
            }
        }
        for val in self.vals_mut() {
            val.map_dims(map);
        }
    }
}

impl Val {
    /// The operands, and the values of the arms.
    pub fn children(&self) -> Vec<&Val> {
        match self {
            Val::Op(_, args) => args.iter().collect(),
            Val::Case { arms, .. } => arms.iter().map(|(_, _, val)| val).collect(),
            Val::Const(_) | Val::Load { .. } | Val::Ref(_) | Val::Index(..) => Vec::new(),
        }
    }

    /// Visits this value and all inside, outer ones first.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Val)) {
        see(self);
        for child in self.children() {
            child.visit(see);
        }
    }

    /// The value with each part replaced by what `map` makes of it, innermost first.
    pub fn map(self, map: &mut dyn FnMut(Val) -> Val) -> Val {
        let inner = match self {
            Val::Op(math, args) => {
                Val::Op(math, args.into_iter().map(|arg| arg.map(map)).collect())
            }
            Val::Case { on, arms } => {
                let arms = arms.into_iter().map(|(from, to, val)| (from, to, val.map(map)));
                Val::Case { on, arms: arms.collect() }
            }
            leaf => leaf,
        };
        map(inner)
    }

    /// Changes every dim in it.
    pub fn map_dims(&mut self, map: &dyn Fn(&Dim) -> Dim) {
        match self {
            Val::Load { at, .. } => {
                for coord in at {
                    coord.ix = map(&coord.ix);
                }
            }
            Val::Index(dim, _) => *dim = map(dim),
            Val::Op(_, args) => args.iter_mut().for_each(|arg| arg.map_dims(map)),
            Val::Case { on, arms } => {
                *on = map(on);
                for (from, to, val) in arms {
                    (*from, *to) = (map(from), map(to));
                    val.map_dims(map);
                }
            }
            Val::Const(_) | Val::Ref(_) => {}
        }
    }

    /// The dims in it.
    pub fn dims(&self) -> Vec<&Dim> {
        let mut dims = Vec::new();
        self.visit(&mut |val| match val {
            Val::Load { at, .. } => dims.extend(at.iter().map(|coord| &coord.ix)),
            Val::Index(dim, _) => dims.push(dim),
            Val::Case { on, arms } => {
                dims.push(on);
                dims.extend(arms.iter().flat_map(|(from, to, _)| [from, to]));
            }
            Val::Const(_) | Val::Ref(_) | Val::Op(..) => {}
        });
        dims
    }

    /// The loads in it: buffer and coordinates.
    pub fn loads(&self) -> Vec<(&Name, &[Coord])> {
        let mut loads = Vec::new();
        self.visit(&mut |val| {
            if let Val::Load { buf, at, .. } = val {
                loads.push((buf, at.as_slice()));
            }
        });
        loads
    }

    /// The named values it uses, in values and in dims.
    pub fn refs(&self) -> BTreeSet<Name> {
        let mut refs = BTreeSet::new();
        self.visit(&mut |val| {
            if let Val::Ref(name) = val {
                refs.insert(name.clone());
            }
        });
        for var in self.dims().into_iter().flat_map(Dim::vars) {
            if let Var::Data(name) = var {
                refs.insert(name);
            }
        }
        refs
    }
}

impl Kernel {
    /// Visits all statements, outer ones first, in order.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Stmt)) {
        for stmt in &self.body {
            stmt.visit(see);
        }
    }

    /// Visits all values, those inside others included.
    pub fn visit_vals<'a>(&'a self, see: &mut dyn FnMut(&'a Val)) {
        self.visit(&mut |stmt| stmt.vals().iter().for_each(|val| val.visit(see)));
    }

    /// Replaces each value by what `map` makes of it, innermost first.
    pub fn map_vals(&mut self, map: &mut dyn FnMut(Val) -> Val) {
        for stmt in &mut self.body {
            stmt.visit_mut(&mut |stmt| {
                for val in stmt.vals_mut() {
                    let old = std::mem::replace(val, Val::Const(super::Literal::Bool(false)));
                    *val = old.map(map);
                }
            });
        }
    }

    /// Changes every dim of the body: coordinates, guards, cases and indices.
    pub fn map_dims(&mut self, map: &dyn Fn(&Dim) -> Dim) {
        for stmt in &mut self.body {
            stmt.visit_mut(&mut |stmt| stmt.map_dims(map));
        }
    }

    /// Puts dims in the place of axes in the body.
    pub fn substitute_axes(&mut self, replacement: &dyn Fn(&Name) -> Option<Dim>) {
        self.map_dims(&|dim| {
            dim.substitute(&|var| match var {
                Var::Axis(name) => replacement(name),
                Var::Sym(_) | Var::Data(_) => None,
            })
        });
    }

    /// All loads: buffer and coordinates, in order.
    pub fn loads(&self) -> Vec<(&Name, &[Coord])> {
        let mut loads = Vec::new();
        self.visit(&mut |stmt| loads.extend(stmt.vals().iter().flat_map(Val::loads)));
        loads
    }

    /// The names of params, axes and values.
    pub fn names(&self) -> BTreeSet<Name> {
        let params = self.params.iter().map(|param| &param.name);
        let mut names: BTreeSet<Name> =
            params.chain(self.axes.iter().map(|axis| &axis.name)).cloned().collect();
        self.visit(&mut |stmt| names.extend(stmt.defines().iter().cloned()));
        names
    }

    /// The symbols that its dims use.
    pub fn symbols(&self) -> BTreeSet<Name> {
        let mut vars = BTreeSet::new();
        for dim in self.params.iter().flat_map(|param| &param.dims) {
            vars.extend(dim.vars());
        }
        for axis in &self.axes {
            vars.extend(axis.extent.vars());
        }
        self.visit(&mut |stmt| {
            vars.extend(stmt.vals().iter().flat_map(Val::dims).flat_map(Dim::vars));
            if let Stmt::Store { at, guard, .. } = stmt {
                vars.extend(at.iter().flat_map(Dim::vars));
                vars.extend(guard.iter().flat_map(|(a, b)| [a, b]).flat_map(Dim::vars));
            }
        });
        vars.into_iter()
            .filter_map(|var| if let Var::Sym(name) = var { Some(name) } else { None })
            .collect()
    }

    /// The parameter of this name.
    pub fn param(&self, name: &str) -> Option<&super::Param> {
        self.params.iter().find(|param| param.name == *name)
    }

    /// The axis of this name.
    pub fn axis(&self, name: &str) -> Option<&super::Axis> {
        self.axes.iter().find(|axis| axis.name == *name)
    }

    /// The axes that are looped over for this axis: itself, or the parts of its parts, outermost first.
    pub fn leaves(&self, name: &Name) -> Vec<Name> {
        match self.axis(name) {
            Some(axis) if !axis.parts.is_empty() && !axis.parts.contains(name) => {
                axis.parts.iter().flat_map(|part| self.leaves(part)).collect()
            }
            _ => vec![name.clone()],
        }
    }
}
