//! Values at a point of the unfolding.

use ferrodyne_plan::loops::{Bind, Literal, Math, Stmt, Val};
use ferrodyne_plan::{Dim, Name, Scalar, Var};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Def, Env, Expand};
use super::fault::WgslFault;

impl<'a> Expand<'a> {
    /// The value at a point; a vector if it varies along the axis that forms vectors.
    pub(super) fn value(&mut self, val: &'a Val, env: &Env) -> Result<Id, WgslFault> {
        match val {
            Val::Const(literal) => Ok(self.literal(*literal)),
            Val::Load { buf, at, fill } => self.load(buf, at, *fill, env),
            Val::Ref(name) => self.named(name, env),
            Val::Index(dim, scalar) => self.index_value(dim, *scalar, env),
            Val::Op(math, args) => {
                let mut ids = Vec::with_capacity(args.len());
                for arg in args {
                    ids.push(self.value(arg, env)?);
                }
                self.math(*math, &ids, args)
            }
            Val::Case { on, arms } => self.case(on, arms, env),
        }
    }

    /// The value that a `let` or a fold names.
    pub(super) fn named(&mut self, name: &Name, env: &Env) -> Result<Id, WgslFault> {
        if let Some(id) = self.staged_value(name, env)? {
            return Ok(id);
        }
        match self.defs.get(name).cloned() {
            None => Err(self.undeclared(name)),
            Some(Def::Inline(val)) => self.inline(name, val, env),
            Some(Def::Fold(stmt, at)) => self.deferred_fold(stmt, at, env),
            Some(Def::Kept(over)) => self.kept(name, &over, env),
        }
    }

    /// A value that was made where it is declared. What is made of it one component at a time, as an index of a gather, takes
    /// components of the vector that is kept.
    fn kept(&mut self, name: &Name, over: &[Name], env: &Env) -> Result<Id, WgslFault> {
        if let Some(id) = self.values.get(&self.instance(name, over, env)) {
            return Ok(*id);
        }
        let is_vec = |axis: &&Name| self.axes.get(*axis).is_some_and(|own| own.bind == Bind::Vec);
        let vec = over.iter().find(is_vec).ok_or_else(|| self.undeclared(name))?;
        let mut whole = env.clone();
        let at = whole.axes.remove(vec).and_then(|at| u8::try_from(at.as_const()?).ok());
        let id = self.values.get(&self.instance(name, over, &whole)).copied();
        let (at, id) = at.zip(id).ok_or_else(|| self.undeclared(name))?;
        Ok(self.component(id, at))
    }

    /// An inline value: the one made before at this point, if its block is still open.
    fn inline(&mut self, name: &Name, val: &'a Val, env: &Env) -> Result<Id, WgslFault> {
        let mut key = (name.clone(), env.clone(), self.versions);
        let known = self.inlined.get(&key).copied();
        if let Some(id) = known.filter(|id| self.emit.is_open(*id)) {
            return Ok(id);
        }
        let id = self.value(val, env)?;
        self.emit.hint(id, name);
        key.2 = self.versions;
        self.inlined.insert(key, id);
        Ok(id)
    }

    /// The integer that a data variable of an index names.
    pub(super) fn data(&mut self, name: &Name, env: &Env) -> Result<Id, WgslFault> {
        self.named(name, env)
    }

    /// Whether an index differs between the components of a vector.
    pub(super) fn varies(&mut self, dim: &Dim, env: &Env) -> Result<bool, WgslFault> {
        let Some((vec, _)) = &env.vec else { return Ok(false) };
        if dim.uses(&Var::Axis(vec.clone())) {
            return Ok(true);
        }
        for var in dim.vars() {
            if let Var::Data(name) = var {
                let id = self.data(&name, env)?;
                if self.emit.ty(id).width > 1 {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The point of one component of the vector in force.
    pub(super) fn component_env(env: &Env, component: u8) -> Env {
        let mut env = env.clone();
        if let Some((vec, _)) = env.vec.take() {
            let (own, place) = (Var::Axis(vec.clone()), Dim::constant(component.into()));
            // Axes that count the components of a held vector are known by it.
            for value in env.axes.values_mut().filter(|value| value.uses(&own)) {
                *value = value.substitute(&|var| (*var == own).then(|| place.clone()));
            }
            env.axes.insert(vec, place);
        }
        env
    }

    /// A vector of values that are made one by one.
    pub(super) fn composed(
        &mut self,
        env: &Env,
        one: &mut dyn FnMut(&mut Expand<'a>, &Env) -> Result<Id, WgslFault>,
    ) -> Result<Id, WgslFault> {
        let width = env.vec.as_ref().map_or(1, |(_, width)| *width);
        let mut parts = Vec::new();
        for component in 0..width {
            parts.push(one(self, &Self::component_env(env, component))?);
        }
        Ok(self.vector(&parts))
    }

    /// A vector of scalars.
    pub(super) fn vector(&mut self, parts: &[Id]) -> Id {
        let ty = Ty::of(self.emit.ty(parts[0]).scalar, parts.len() as u8);
        if parts.len() == 1 { parts[0] } else { self.emit.node(Kind::Call(ty.text()), parts, ty) }
    }

    /// The value in all components.
    pub(super) fn splat(&mut self, id: Id, width: u8) -> Id {
        let ty = self.emit.ty(id);
        if ty.width == width {
            return id;
        }
        let ty = Ty::of(ty.scalar, width);
        self.emit.node(Kind::Call(ty.text()), &[id], ty)
    }

    fn index_value(&mut self, dim: &Dim, scalar: Scalar, env: &Env) -> Result<Id, WgslFault> {
        let at = self.resolve(dim, env);
        let value = if self.varies(&at, env)? {
            self.composed(env, &mut |this, env| {
                let at = this.resolve(dim, env);
                this.index(&at, env)
            })?
        } else {
            self.index(&at, env)?
        };
        self.math(Math::Cast(scalar), &[value], &[])
    }

    /// A constant.
    pub(super) fn literal(&mut self, literal: Literal) -> Id {
        let ty = Ty::of(literal.scalar(), 1);
        let text = match literal {
            Literal::F32(value) if !value.is_finite() => {
                // WGSL knows no infinity and no NaN: their bits come from a variable that no front end folds.
                let name = format!("fd_bits_{:08x}", value.to_bits());
                let line = format!("var<private> {name}: u32 = 0x{:08x}u;", value.to_bits());
                if !self.module.contains(&line) {
                    self.module.push(line);
                }
                format!("bitcast<f32>({name})")
            }
            Literal::F32(value) => float_text(value),
            Literal::I32(i32::MIN) => "i32(-2147483648)".to_owned(),
            Literal::I32(value) => format!("{value}i"),
            Literal::U32(value) => format!("{value}u"),
            Literal::Long(value) => format!("vec2u({}u, {}u)", value as u32, (value >> 32) as u32),
            Literal::Bool(value) => value.to_string(),
        };
        self.emit.leaf(text, ty, 0)
    }

    /// The arm in whose range the index lies. Only that arm is evaluated: it may read out of range elsewhere.
    fn case(
        &mut self,
        on: &'a Dim,
        arms: &'a [(Dim, Dim, Val)],
        env: &Env,
    ) -> Result<Id, WgslFault> {
        let value = self.resolve(on, env);
        if self.varies(&value, env)? {
            return self.composed(env, &mut |this, env| this.case(on, arms, env));
        }
        let mut open = Vec::new();
        for (from, to, arm) in arms {
            let (from, to) = (self.resolve(from, env), self.resolve(to, env));
            let after = self.facts.prove_le(&from, &value);
            let before = self.facts.prove_lt(&value, &to);
            if after.is_yes() && before.is_yes() {
                return self.value(arm, env);
            }
            if !after.is_no() && !before.is_no() {
                open.push((to, arm));
            }
        }
        let Some(((_, last), others)) = open.split_last() else {
            return Err(WgslFault::Operands {
                kernel: self.kernel.name.clone(),
                operation: format!("case {on}"),
            });
        };
        if others.is_empty() {
            return self.value(last, env);
        }
        self.branches(&value, others, last, env)
    }

    fn branches(
        &mut self,
        value: &Dim,
        others: &[(Dim, &'a Val)],
        last: &'a Val,
        env: &Env,
    ) -> Result<Id, WgslFault> {
        let width = env.vec.as_ref().map_or(1, |(_, width)| *width);
        let ty = Ty::of(self.scalar_of(last)?, width);
        let name = self.names.fresh("picked");
        self.emit.statement(pieces![format!("var {name}: {};", ty.text())]);
        let natural = |dim: &Dim| self.facts.prove_nonneg(dim).is_yes();
        let natural = natural(value) && others.iter().all(|(to, _)| natural(to));
        let on = self.compared(value, natural, env)?;
        let mut otherwise = 0;
        for (to, arm) in others {
            let end = self.compared(to, natural, env)?;
            let below = self.emit.node(Kind::Infix("<"), &[on, end], Ty::BOOL);
            self.emit.open(pieces!["if (", below, ")"], true);
            self.assign(&name, arm, width, env)?;
            self.emit.close();
            self.emit.open(pieces!["else"], true);
            otherwise += 1;
        }
        self.assign(&name, last, width, env)?;
        (0..otherwise).for_each(|_| self.emit.close());
        let depth = self.emit.depth();
        self.versions += 1;
        Ok(self.emit.versioned(Kind::Text(name), &[], ty, depth, self.versions))
    }

    fn assign(&mut self, name: &str, val: &'a Val, width: u8, env: &Env) -> Result<(), WgslFault> {
        let id = self.value(val, env)?;
        let id = self.splat(id, width);
        self.emit.statement(pieces![format!("{name} = "), id, ";"]);
        Ok(())
    }

    /// An index to be compared, as an `i32` where some may be negative.
    fn compared(&mut self, dim: &Dim, natural: bool, env: &Env) -> Result<Id, WgslFault> {
        let id = self.index(dim, env)?;
        let i32 = Ty::of(Scalar::I32, 1);
        Ok(if natural { id } else { self.call("i32", &[id], i32) })
    }

    /// The type of a value, from the first leaf that has one.
    pub(super) fn scalar_of(&self, val: &Val) -> Result<Scalar, WgslFault> {
        Ok(match val {
            Val::Const(literal) => literal.scalar(),
            Val::Load { buf, .. } => self.param(buf)?.dtype.scalar(),
            Val::Index(_, scalar) => *scalar,
            Val::Case { arms, .. } => match arms.first() {
                Some((_, _, val)) => self.scalar_of(val)?,
                None => Scalar::F32,
            },
            Val::Op(math, args) => match math {
                Math::Cast(to) | Math::Bitcast(to) => *to,
                Math::IsNan | Math::Eq | Math::Ne | Math::Lt | Math::Le | Math::Gt | Math::Ge => {
                    Scalar::Bool
                }
                Math::Select => self.scalar_of(&args[1])?,
                _ => self.scalar_of(&args[0])?,
            },
            Val::Ref(name) => self.scalar_of_name(name)?,
        })
    }

    fn scalar_of_name(&self, name: &Name) -> Result<Scalar, WgslFault> {
        match self.defs.get(name) {
            Some(Def::Inline(val)) => self.scalar_of(val),
            Some(Def::Fold(Stmt::Fold { kind, args, .. }, at)) => {
                super::fold::scalar(self, *kind, *at, args)
            }
            _ => {
                let kept = self.values.range((name.clone(), Vec::new())..).next();
                let id = kept.filter(|(key, _)| key.0 == *name).map(|(_, id)| *id);
                id.map(|id| self.emit.ty(id).scalar).ok_or_else(|| self.undeclared(name))
            }
        }
    }
}

/// A finite float that reads back as the same bits, and always as an `f32`.
pub(super) fn float_text(value: f32) -> String {
    let plain = format!("{value:?}");
    let text =
        if plain.contains('e') || plain.contains('.') { plain } else { format!("{plain}.0") };
    format!("{text}f")
}
