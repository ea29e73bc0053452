//! Stores: guards of partial tiles, whole vectors, and elements merged with what is there.

use std::collections::BTreeSet;

use ferrodyne_plan::loops::{Axis, Bind, FoldKind, Param, Stmt, Tail};
use ferrodyne_plan::{DType, Dim, Name, Scalar};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Env, Expand};
use super::fault::WgslFault;

impl<'a> Expand<'a> {
    /// Writes a value for the point.
    pub(super) fn store(&mut self, stmt: &'a Stmt, env: &Env) -> Result<(), WgslFault> {
        let Stmt::Store { buf, at, val, guard, merge, over } = stmt else { return Ok(()) };
        let param = self.param(buf)?;
        let value = self.value(val, env)?;
        let alone = self.single_writer(over, env);
        let mut conditions: Vec<(Dim, Dim)> =
            alone.iter().map(|axis| (axis.clone(), Dim::constant(1))).collect();
        let mut torn = false;
        for (index, end) in self.guards(guard, env) {
            let index = self.whole_bound(index, &end, env);
            torn |= self.varies(&index, env)?;
            conditions.push((index, end));
        }
        if torn || (self.overhangs_padding(env) && !self.stores_whole(param, at, env)) {
            return self.store_components(stmt, value, env);
        }
        let branch = self.open_conditions(&conditions, env)?;
        let env = Env { guarded: self.guarded(env), ..env.clone() };
        self.store_at(param, at, value, *merge, &env)?;
        if branch {
            self.emit.close();
        }
        Ok(())
    }

    /// The split axes whose value the guards of a store keep below the extent.
    fn guarded(&self, env: &Env) -> BTreeSet<Name> {
        let axes = self.kernel.axes.iter().filter(|axis| self.needs_guard(axis, env));
        axes.map(|axis| axis.name.clone()).chain(env.guarded.iter().cloned()).collect()
    }

    /// Whether a store at the point must ask if the axis is below its extent.
    fn needs_guard(&self, axis: &Axis, env: &Env) -> bool {
        let padded = axis.tail == Tail::Pad && env.vec.is_some();
        axis.tail != Tail::Exact
            && !padded
            && !axis.parts.is_empty()
            && !env.guarded.contains(&axis.name)
            && self.leaves(&axis.name).iter().all(|leaf| env.axes.contains_key(leaf))
    }

    /// The index of the first component, where all components are below the end if one is.
    fn whole_bound(&self, index: Dim, end: &Dim, env: &Env) -> Dim {
        let Some((_, width)) = &env.vec else { return index };
        match self.vector_base(&index, env) {
            Some(base) if self.facts.prove_multiple(end, i64::from(*width)).is_yes() => base,
            _ => index,
        }
    }

    /// The bounds that are not proved, with raw indices: a clamp would hide what they ask.
    fn guards(&self, guard: &[(Dim, Dim)], env: &Env) -> Vec<(Dim, Dim)> {
        let mut open = Vec::new();
        for (index, end) in guard {
            let (index, end) = (self.resolve(index, env), self.resolve(end, env));
            let known = self.in_range(&index, &end) || open.contains(&(index.clone(), end.clone()));
            if !known {
                open.push((index, end));
            }
        }
        for axis in self.kernel.axes.iter().filter(|axis| self.needs_guard(axis, env)) {
            let (index, end) = (self.raw_value(&axis.name, env), axis.extent.clone());
            let known = self.facts.prove_lt(&index, &end).is_yes();
            if !known && !open.contains(&(index.clone(), end.clone())) {
                open.push((index, end));
            }
        }
        open
    }

    /// Axes of the workgroup that this store does not depend on: only their first invocation makes it.
    fn single_writer(&self, over: &[Name], env: &Env) -> Vec<Dim> {
        let idle = |axis: &&Name| !env.axes.contains_key(*axis) && !over.contains(axis);
        self.workgroup_axes.iter().filter(idle).map(|axis| Dim::axis(axis.clone())).collect()
    }

    /// Opens a branch where all `.0 < .1`; gives whether there is one.
    fn open_conditions(&mut self, conditions: &[(Dim, Dim)], env: &Env) -> Result<bool, WgslFault> {
        if conditions.is_empty() {
            return Ok(false);
        }
        let mut head = pieces!["if ("];
        for (place, (index, end)) in conditions.iter().enumerate() {
            let (index, end) = (self.index(index, env)?, self.index(end, env)?);
            head.extend(pieces![if place > 0 { " && " } else { "" }, index, " < ", end]);
        }
        head.push(")".into());
        self.emit.open_or_resume(head);
        Ok(true)
    }

    /// Whether the point may lie in the padding of buffers.
    pub(super) fn overhangs_padding(&self, env: &Env) -> bool {
        env.vec.is_some()
            && self.kernel.axes.iter().any(|axis| {
                let here =
                    || self.leaves(&axis.name).iter().all(|leaf| env.axes.contains_key(leaf));
                axis.tail == Tail::Pad && !axis.parts.is_empty() && here()
            })
    }

    /// Whether the components of the vector in force are stored as whole words.
    fn stores_whole(&self, param: &Param, at: &[Dim], env: &Env) -> bool {
        let flat = self.flat(param, at, env);
        let width = env.vec.as_ref().map_or(1, |(_, width)| usize::from(*width));
        let bytes = param.dtype.device_bytes();
        let vec4 = self.buffers.get(&param.name).is_some_and(|buffer| buffer.vec4);
        let form = if bytes >= 4 { width == 4 && vec4 } else { width * bytes >= 4 };
        form && self.vector_base(&flat, env).is_some()
    }

    /// The flat index of a store.
    pub(super) fn flat(&self, param: &Param, at: &[Dim], env: &Env) -> Dim {
        let mut flat = Dim::constant(0);
        for (ix, extent) in at.iter().zip(&param.dims) {
            flat = flat * extent.clone() + self.resolve(ix, env);
        }
        self.facts.simplify(&flat)
    }

    fn store_components(&mut self, stmt: &'a Stmt, value: Id, env: &Env) -> Result<(), WgslFault> {
        let Stmt::Store { buf, at, guard, merge, over, .. } = stmt else { return Ok(()) };
        let param = self.param(buf)?;
        let width = env.vec.as_ref().map_or(1, |(_, width)| *width);
        self.emit.pin(value);
        for component in 0..width {
            let part = self.component(value, component);
            let env = Self::component_env(env, component);
            let alone = self.single_writer(over, &env);
            let mut conditions: Vec<(Dim, Dim)> =
                alone.iter().map(|a| (a.clone(), Dim::constant(1))).collect();
            conditions.extend(self.guards(guard, &env));
            let branch = self.open_conditions(&conditions, &env)?;
            self.store_at(param, at, part, *merge, &env)?;
            if branch {
                self.emit.close();
            }
        }
        Ok(())
    }

    fn store_at(
        &mut self,
        param: &'a Param,
        at: &[Dim],
        value: Id,
        merge: Option<FoldKind>,
        env: &Env,
    ) -> Result<(), WgslFault> {
        let flat = self.flat(param, at, env);
        let varies = self.varies(&flat, env)?;
        let width = env.vec.as_ref().map_or(1, |(_, width)| *width);
        if varies && let Some(base) = self.vector_base(&flat, env) {
            let value = self.splat(value, width);
            if self.store_whole(param, &base, value, merge, env)? {
                return Ok(());
            }
        }
        if !varies {
            return self.store_single(param, &flat, value, merge, env);
        }
        let value = self.splat(value, width);
        self.emit.pin(value);
        for component in 0..width {
            let env = Self::component_env(env, component);
            let part = self.component(value, component);
            let at = self.resolve(&flat, &env);
            self.store_single(param, &at, part, merge, &env)?;
        }
        Ok(())
    }

    fn store_whole(
        &mut self,
        param: &'a Param,
        base: &Dim,
        value: Id,
        merge: Option<FoldKind>,
        env: &Env,
    ) -> Result<bool, WgslFault> {
        let width = self.emit.ty(value).width;
        let per_word = 4 / param.dtype.device_bytes() as i64;
        let value = match merge {
            None => value,
            Some(kind) => match self.whole(param, base, width, env)? {
                Some(old) => self.merged(kind, old, value)?,
                None => return Ok(false),
            },
        };
        if per_word > 1 {
            if i64::from(width) < per_word {
                return Ok(false);
            }
            let first = base.floor_div(&Dim::constant(per_word));
            for (word, bits) in self.packed(param.dtype, value).into_iter().enumerate() {
                let at = self.facts.simplify(&(&first + word as i64));
                self.write(param, &at, bits, env)?;
            }
            return Ok(true);
        }
        if width != 4 || !self.buffers.get(&param.name).is_some_and(|buffer| buffer.vec4) {
            return Ok(false);
        }
        if let Some(buffer) = self.buffers.get_mut(&param.name) {
            buffer.vec_uses += 1;
        }
        let at = self.facts.simplify(&base.floor_div(&Dim::constant(4)));
        let value = self.as_stored(param.dtype, value);
        self.write(param, &at, value, env)?;
        Ok(true)
    }

    fn store_single(
        &mut self,
        param: &'a Param,
        flat: &Dim,
        value: Id,
        merge: Option<FoldKind>,
        env: &Env,
    ) -> Result<(), WgslFault> {
        let per_word = 4 / param.dtype.device_bytes();
        if per_word > 1 {
            return Err(WgslFault::PartOfWord {
                kernel: self.kernel.name.clone(),
                buffer: param.name.clone(),
                elements: per_word,
            });
        }
        self.scalar.insert(param.name.clone());
        let value = match merge {
            None => value,
            Some(kind) => {
                let old = self.single(param, flat, env)?;
                self.merged(kind, old, value)?
            }
        };
        let value = self.as_stored(param.dtype, value);
        self.write(param, flat, value, env)
    }

    fn as_stored(&mut self, dtype: DType, value: Id) -> Id {
        if dtype != DType::Bool {
            return value;
        }
        let ty = Ty::of(Scalar::U32, self.emit.ty(value).width);
        self.emit.node(Kind::Call(ty.text()), &[value], ty)
    }

    fn write(&mut self, param: &Param, at: &Dim, value: Id, env: &Env) -> Result<(), WgslFault> {
        let at = self.index(at, env)?;
        self.versions += 1;
        let version = self.versions;
        let Some(buffer) = self.buffers.get_mut(&param.name) else {
            return Err(self.undeclared(&param.name));
        };
        buffer.version = version;
        let statement = match &buffer.ranges {
            None => pieces![format!("{}[", buffer.text), at, "] = ", value, ";"],
            Some(ranges) => pieces![format!("{}(", ranges.write), at, ", ", value, ");"],
        };
        self.emit.statement(statement);
        Ok(())
    }

    /// Whether invocations of a workgroup must run together: they exchange values.
    pub(super) fn together(&self) -> bool {
        self.kernel.axes.iter().any(|axis| matches!(axis.bind, Bind::Lane | Bind::Sub))
            || self.barriers()
    }
}
