//! Loads: checks, clamps, vectors, and elements that share a word.

use ferrodyne_plan::loops::{Coord, Literal, Param, Role};
use ferrodyne_plan::{DType, Dim, Name, Scalar, Var};

use super::emit::{Id, Kind, Ty};
use super::expand::{Buffer, Env, Expand};
use super::fault::WgslFault;

impl<'a> Expand<'a> {
    pub(super) fn param(&self, name: &Name) -> Result<&'a Param, WgslFault> {
        self.kernel
            .params
            .iter()
            .find(|param| param.name == *name)
            .ok_or_else(|| self.undeclared(name))
    }

    /// The element of a parameter at coordinates, or the fill.
    pub(super) fn load(
        &mut self,
        buf: &Name,
        at: &[Coord],
        fill: Option<Literal>,
        env: &Env,
    ) -> Result<Id, WgslFault> {
        if let Some(id) = self.staged_load(buf, at, env)? {
            return Ok(id);
        }
        self.load_direct(buf, at, fill, env)
    }

    /// The element, from the buffer itself.
    pub(super) fn load_direct(
        &mut self,
        buf: &Name,
        at: &[Coord],
        fill: Option<Literal>,
        env: &Env,
    ) -> Result<Id, WgslFault> {
        if at.iter().all(|coord| !coord.checked) {
            return self.load_checked(buf, at, fill, env);
        }
        // What is known of clamped coordinates serves this load alone, and thousands of them would be asked at each question.
        let outside = self.facts.clone();
        let loaded = self.load_checked(buf, at, fill, env);
        self.facts = outside;
        loaded
    }

    /// The element where its checked coordinates are in range, else the fill.
    fn load_checked(
        &mut self,
        buf: &Name,
        at: &[Coord],
        fill: Option<Literal>,
        env: &Env,
    ) -> Result<Id, WgslFault> {
        let param = self.param(buf)?;
        let mut checks: Vec<(Dim, Dim)> = Vec::new();
        let mut flat = Dim::constant(0);
        for (place, (coord, extent)) in at.iter().zip(&param.dims).enumerate() {
            let ix = self.resolve(&coord.ix, env);
            let inside = !coord.checked || self.in_range(&ix, extent);
            let four = if inside || place + 1 < at.len() {
                None
            } else {
                self.block_of_four(&ix, extent, env)?
            };
            let ix = if inside {
                ix
            } else if let Some((block, rest)) = four {
                // Of four neighbours all are inside or none: the clamp stands above them, and vectors stay whole.
                let blocks = self.facts.simplify(&extent.floor_div(&Dim::constant(4)));
                checks.push((block.clone(), blocks.clone()));
                self.clamp_checked(&block, &blocks, env)? * 4 + rest
            } else {
                if self.varies(&ix, env)? {
                    return self
                        .composed(env, &mut |this, env| this.load_direct(buf, at, fill, env));
                }
                checks.push((ix.clone(), extent.clone()));
                // The name stands for the clamped coordinate; its value is made below.
                self.clamp_checked(&ix, extent, env)?
            };
            flat = flat * extent.clone() + ix;
        }
        let flat = self.facts.simplify(&flat);
        let value = self.element(param, &flat, env)?;
        if checks.is_empty() {
            return Ok(value);
        }
        let mut ok: Option<Id> = None;
        for (ix, extent) in checks {
            let (ix, end) = (self.index(&ix, env)?, self.index(&extent, env)?);
            let below = self.emit.node(Kind::Infix("<"), &[ix, end], Ty::BOOL);
            self.emit.hint(below, "ok");
            ok = Some(match ok {
                None => below,
                Some(ok) => {
                    let both = self.emit.node(Kind::Infix("&"), &[ok, below], Ty::BOOL);
                    self.emit.hint(both, "ok");
                    both
                }
            });
        }
        let fill = self.literal(fill.unwrap_or(Literal::zero(param.dtype.scalar())));
        let ty = self.emit.ty(value);
        let fill = self.splat(fill, ty.width);
        Ok(match ok {
            Some(ok) => self.emit.node(Kind::Call("select".to_owned()), &[fill, value, ok], ty),
            None => value,
        })
    }

    /// A coordinate as four times a number plus the place in a vector, if the extent is whole vectors.
    fn block_of_four(
        &mut self,
        ix: &Dim,
        extent: &Dim,
        env: &Env,
    ) -> Result<Option<(Dim, Dim)>, WgslFault> {
        let whole = |dim: &Dim| self.facts.prove_multiple(dim, 4).is_yes();
        let base = env.vec.as_ref().filter(|(_, width)| *width == 4);
        let (base, place) = match base.and_then(|_| self.vector_base(ix, env)) {
            Some(base) => (base.clone(), self.facts.simplify(&(ix.clone() - base))),
            None => {
                let place = Dim::constant(ix.constant_term().rem_euclid(4));
                (self.facts.simplify(&(ix.clone() - place.clone())), place)
            }
        };
        if !whole(extent) || !whole(&base) {
            return Ok(None);
        }
        let block = self.facts.simplify(&base.floor_div(&Dim::constant(4)));
        Ok((!self.varies(&block, env)?).then_some((block, place)))
    }

    pub(super) fn in_range(&self, ix: &Dim, extent: &Dim) -> bool {
        self.facts.prove_nonneg(ix).is_yes() && self.facts.prove_lt(ix, extent).is_yes()
    }

    /// A coordinate that may be negative (then it is a huge `u32`) or too large, brought into range. It enters the
    /// index as a variable of its own, so that the sum's other terms keep their form.
    fn clamp_checked(&mut self, ix: &Dim, extent: &Dim, env: &Env) -> Result<Dim, WgslFault> {
        let value = self.index(ix, env)?;
        let last = self.facts.simplify(&(Dim::max(extent, &Dim::constant(1)) - 1));
        let end = self.index(&last, env)?;
        let id = self.emit.node(Kind::Call("min".to_owned()), &[value, end], Ty::U32);
        self.emit.hint(id, "i");
        let name = Name::from(format!("clamped {}", id.0));
        let var = Var::Axis(name.clone());
        self.facts.set_range(var.clone(), ferrodyne_plan::Range::at_least(0));
        if self.facts.prove_le(&Dim::constant(1), extent).is_yes() {
            self.facts.assume_lt(Dim::var(var.clone()), extent.clone());
        }
        self.running.insert(name, id);
        Ok(Dim::var(var))
    }

    /// The element at a flat index, converted to its scalar type.
    fn element(&mut self, param: &Param, flat: &Dim, env: &Env) -> Result<Id, WgslFault> {
        let varies = self.varies(flat, env)?;
        if varies && let Some(base) = self.vector_base(flat, env) {
            let width = env.vec.as_ref().map_or(1, |(_, width)| *width);
            if let Some(id) = self.whole(param, &base, width, env)? {
                return Ok(id);
            }
        }
        if varies {
            let flat = flat.clone();
            return self.composed(env, &mut |this, env| {
                let at = this.resolve(&flat, env);
                this.single(param, &at, env)
            });
        }
        self.single(param, flat, env)
    }

    /// The index of the first of consecutive elements, if the components are that and it is a multiple of their number.
    pub(super) fn vector_base(&self, flat: &Dim, env: &Env) -> Option<Dim> {
        let (vec, width) = env.vec.as_ref()?;
        let (factor, rest) = flat.linear_in(&Var::Axis(vec.clone()))?;
        let whole = self.facts.prove_multiple(&rest, i64::from(*width)).is_yes();
        (factor.as_const() == Some(1) && whole).then_some(rest)
    }

    /// Consecutive elements as one access; `None` if the buffer has another form.
    pub(super) fn whole(
        &mut self,
        param: &Param,
        base: &Dim,
        width: u8,
        env: &Env,
    ) -> Result<Option<Id>, WgslFault> {
        let per_word = 4 / param.dtype.device_bytes() as i64;
        if per_word > 1 {
            let words = i64::from(width) / per_word;
            if words == 0 {
                return Ok(None);
            }
            let first = base.floor_div(&Dim::constant(per_word));
            let mut parts = Vec::new();
            for word in 0..words {
                parts.push(self.word(param, &(&first + word), env)?);
            }
            return Ok(Some(self.unpacked(param.dtype, &parts, width)));
        }
        let unpadded = !param.padded && self.overhangs_padding(env);
        let vec4 = self.buffers.get(&param.name).is_some_and(|buffer| buffer.vec4);
        if width != 4 || unpadded || !vec4 {
            return Ok(None);
        }
        if let Some(buffer) = self.buffers.get_mut(&param.name) {
            buffer.vec_uses += 1;
        }
        let at = self.facts.simplify(&base.floor_div(&Dim::constant(4)));
        let raw = self.raw_element(param, &at, 4, env)?;
        Ok(Some(self.as_scalar(param.dtype, raw)))
    }

    /// One element.
    pub(super) fn single(&mut self, param: &Param, flat: &Dim, env: &Env) -> Result<Id, WgslFault> {
        let per_word = 4 / param.dtype.device_bytes() as i64;
        if per_word > 1 {
            let by = Dim::constant(per_word);
            let (word, part) = (flat.floor_div(&by), self.facts.simplify(&flat.modulo(&by)));
            let word = self.facts.simplify(&word);
            let word = self.word(param, &word, env)?;
            return self.unpacked_one(param.dtype, word, &part, env);
        }
        if self.buffers.get(&param.name).is_some_and(|buffer| buffer.vec4) {
            let part = self.facts.simplify(&flat.modulo(&Dim::constant(4)));
            if let Some(component) = part.as_const() {
                let at = self.facts.simplify(&flat.floor_div(&Dim::constant(4)));
                let raw = self.raw_element(param, &at, 4, env)?;
                let raw = self.component(raw, component as u8);
                return Ok(self.as_scalar(param.dtype, raw));
            }
            self.scalar.insert(param.name.clone());
        }
        let raw = self.raw_element(param, flat, 1, env)?;
        Ok(self.as_scalar(param.dtype, raw))
    }

    /// A component of a vector.
    pub(super) fn component(&mut self, id: Id, component: u8) -> Id {
        let ty = self.emit.ty(id);
        if ty.width == 1 {
            return id;
        }
        self.emit.node(Kind::Component(component), &[id], Ty::of(ty.scalar, 1))
    }

    /// An element of the buffer as it is stored, not moved over a store.
    fn raw_element(
        &mut self,
        param: &Param,
        at: &Dim,
        width: u8,
        env: &Env,
    ) -> Result<Id, WgslFault> {
        let at = self.index(at, env)?;
        let ty = Ty::of(stored(param.dtype), width);
        let Some(Buffer { text, version, ranges, .. }) = self.buffers.get(&param.name).cloned()
        else {
            return Err(self.undeclared(&param.name));
        };
        let kind = match ranges {
            None => Kind::Element(text.clone()),
            Some(_) => Kind::RangedElement(text.clone()),
        };
        // What the kernel writes is read at its place only: not before the loops around it, and never again after a store.
        let written = param.role != Role::In;
        let depth = if written { self.emit.depth() } else { 0 };
        let id = self.emit.versioned(kind, &[at], ty, depth, version);
        self.emit.hint(id, &format!("{text}_at"));
        if written {
            self.emit.pin(id);
        }
        Ok(id)
    }

    fn as_scalar(&mut self, dtype: DType, raw: Id) -> Id {
        if dtype != DType::Bool {
            return raw;
        }
        let width = self.emit.ty(raw).width;
        let zero = self.literal_u32(0);
        let zero = self.splat(zero, width);
        self.emit.node(Kind::Infix("!="), &[raw, zero], Ty::of(Scalar::Bool, width))
    }

    fn word(&mut self, param: &Param, at: &Dim, env: &Env) -> Result<Id, WgslFault> {
        let at = self.facts.simplify(at);
        self.raw_element(param, &at, 1, env)
    }
}

/// The type of an element in the buffer's declaration.
pub(super) fn stored(dtype: DType) -> Scalar {
    match dtype {
        DType::F32 | DType::F64 => Scalar::F32,
        DType::I32 | DType::I64 => Scalar::I32,
        DType::Long => Scalar::Long,
        _ => Scalar::U32,
    }
}
