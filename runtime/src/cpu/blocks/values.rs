//! Emits values: each goes to the outermost scope that binds all axes it varies with.

use ferrodyne_plan::loops::Math;

use super::CHECKS;
use super::emit::{Emitter, Got, Place, family_index, refuse};
use super::inst::{Access, Index, Inst, Reg, Width};
use super::long::Long;
use super::maths::{Way, way};
use crate::cpu::form::{AxisSet, BufId, Check, DefId, Ix, Refusal, V, ValId};
use crate::cpu::lanes::{self, Op1, Op2, Storage};

impl Emitter<'_> {
    pub(super) fn eval(&mut self, val: ValId) -> Result<Got, Refusal> {
        for depth in (0..self.scopes.len()).rev() {
            if let Some(&(reg, wide)) = self.scopes[depth].known.get(&val) {
                return Ok(Got { reg, wide, depth });
            }
        }
        let got = self.compute(val)?;
        self.scopes[got.depth].known.insert(val, (got.reg, got.wide));
        Ok(got)
    }

    /// The outermost scope that binds all of these axes.
    fn depth_of(&self, axes: AxisSet) -> usize {
        (0..self.scopes.len()).rev().find(|&d| self.scopes[d].axes & axes != 0).unwrap_or(0)
    }

    fn compute(&mut self, val: ValId) -> Result<Got, Refusal> {
        let form = self.form;
        let value = &form.values[val];
        match &value.kind {
            V::Const(bits) => {
                let d = self.register(Width::Block);
                self.emit_at(0, Inst::Fill { d, bits: *bits, width: Width::Block });
                self.scopes[0].splats.insert(d, d);
                Ok(Got { reg: d, wide: false, depth: 0 })
            }
            V::ConstLong(value) => Ok(self.long_constant(*value)),
            V::Def(def) => self.named(*def),
            V::Index(affine) => {
                let ix = Ix { affine: affine.clone(), parts: Vec::new() };
                let (at, depth, wide) = self.index(&ix)?;
                let d = self.register(Self::width(wide));
                let f = lanes::iota(self.level);
                self.emit_at(depth, Inst::Iota { f, d, at: Box::new(at), wide });
                Ok(Got { reg: d, wide, depth })
            }
            V::Repeat { buf, at, axis, period } => {
                let ix = Ix { affine: at.clone(), parts: Vec::new() };
                let (access, _, moves) = self.access(*buf, &ix, &[])?;
                let (axis, period, along) = (*axis, *period, self.lane == Some(*axis));
                let (depth, wide) = (self.depth_of(value.axes), along || moves);
                let d = self.register(Self::width(wide));
                let access = Box::new(access);
                self.emit_at(depth, Inst::Repeat { d, access, axis, period, along, wide });
                Ok(Got { reg: d, wide, depth })
            }
            V::Load { buf, at, checks, fill } => self.load(*buf, at, checks, *fill),
            V::ExpNonpositive(a) => self.unary(Op1::ExpNonpositive, *a),
            V::FloorDiv(a, b) => self.binary(Op2::FloorDivI, *a, *b),
            V::FloorMod(a, b) => self.binary(Op2::FloorModI, *a, *b),
            V::Math(math, args) => self.math(*math, args),
        }
    }

    fn named(&mut self, def: DefId) -> Result<Got, Refusal> {
        match self.places[def] {
            Some(Place::Register(got)) => Ok(got),
            Some(Place::Family(family)) => {
                let at = family_index(self.form, &self.form.defs[def]);
                self.load(self.family_buffer(family), &at, &[], 0)
            }
            None => refuse("a fold is used before it is computed".to_owned()),
        }
    }

    fn load(&mut self, buf: BufId, at: &Ix, checks: &[Check], fill: u64) -> Result<Got, Refusal> {
        if let Some(got) = self.staged(buf, at, checks, fill)? {
            return Ok(got);
        }
        let (access, mut depth, wide) = self.access(buf, at, checks)?;
        let changes = self.form.buffers.get(buf).is_none_or(|b| b.written);
        if changes {
            depth = self.depth();
        }
        if access.storage == Storage::Long {
            let d = self.long_register(wide);
            self.emit_long(depth, Long::Load { d, access, fill: fill as i64, wide });
            return Ok(Got { reg: d, wide, depth });
        }
        let d = self.register(Self::width(wide));
        let fill = fill as u32;
        self.emit_at(depth, Inst::Load { d, access: Box::new(access), fill, wide });
        Ok(Got { reg: d, wide, depth })
    }

    fn math(&mut self, math: Math, args: &[ValId]) -> Result<Got, Refusal> {
        let Some(&first) = args.first() else { return refuse(format!("{math:?} of nothing")) };
        if let Some(got) = self.long_math(math, args)? {
            return Ok(got);
        }
        let scalar = self.form.values[first].scalar;
        let n = args.len();
        match way(math, scalar) {
            Some(Way::Two(Op2::Max)) if n == 2 && self.is_zero(args[1]) => {
                self.unary(Op1::Relu, first)
            }
            Some(Way::Two(Op2::Max)) if n == 2 && self.is_zero(first) => {
                self.unary(Op1::Relu, args[1])
            }
            Some(Way::One(op)) if n == 1 => self.unary(op, first),
            Some(Way::Two(Op2::Add)) if n == 2 && self.is_product(args[0]) => {
                self.product_sum(args[0], args[1])
            }
            Some(Way::Two(Op2::Add)) if n == 2 && self.is_product(args[1]) => {
                self.product_sum(args[1], args[0])
            }
            Some(Way::Two(op)) if n == 2 => self.binary(op, first, args[1]),
            Some(Way::Swapped(op)) if n == 2 => self.binary(op, args[1], first),
            Some(Way::Select) if n == 3 => {
                self.ternary(lanes::select(self.level), [first, args[1], args[2]])
            }
            _ => refuse(format!("{math:?} of {n} operands of type {scalar} is not defined")),
        }
    }

    fn is_zero(&self, val: ValId) -> bool {
        self.form.values[val].kind == V::Const(0)
    }

    fn is_product(&self, val: ValId) -> bool {
        matches!(self.form.values[val].kind, V::Math(Math::Mul, _)) && self.uses[val] == 1
    }

    fn product_sum(&mut self, product: ValId, addend: ValId) -> Result<Got, Refusal> {
        let V::Math(_, args) = &self.form.values[product].kind else {
            return refuse("a product is none".to_owned());
        };
        self.ternary(lanes::mul_add(self.level), [args[0], args[1], addend])
    }

    fn unary(&mut self, op: Op1, a: ValId) -> Result<Got, Refusal> {
        let Got { reg: a, wide, depth } = self.eval(a)?;
        let d = self.register(Self::width(wide));
        self.emit_at(depth, Inst::Un { f: op.at(self.level), d, a, wide });
        Ok(Got { reg: d, wide, depth })
    }

    fn binary(&mut self, op: Op2, a: ValId, b: ValId) -> Result<Got, Refusal> {
        let (a, b) = (self.eval(a)?, self.eval(b)?);
        let (wide, depth) = (a.wide || b.wide, a.depth.max(b.depth));
        let (a, b) = (self.widen(a, wide), self.widen(b, wide));
        let d = self.register(Self::width(wide));
        self.emit_at(depth, Inst::Bin { f: op.at(self.level), d, a, b, wide });
        Ok(Got { reg: d, wide, depth })
    }

    fn ternary(&mut self, f: lanes::Lane3, args: [ValId; 3]) -> Result<Got, Refusal> {
        let got = [self.eval(args[0])?, self.eval(args[1])?, self.eval(args[2])?];
        let wide = got.iter().any(|g| g.wide);
        let depth = got.iter().map(|g| g.depth).max().unwrap_or(0);
        let abc = got.map(|g| self.widen(g, wide));
        let d = self.register(Self::width(wide));
        self.emit_at(depth, Inst::Ter { f, d, abc, wide });
        Ok(Got { reg: d, wide, depth })
    }

    /// A register with the value in every lane.
    pub(super) fn widen(&mut self, got: Got, wide: bool) -> Reg {
        if !wide || got.wide {
            return got.reg;
        }
        if let Some(&splat) = self.scopes[got.depth].splats.get(&got.reg) {
            return splat;
        }
        let d = match self.long.contains(&got.reg) {
            true => {
                let d = self.long_register(true);
                self.emit_long(got.depth, Long::Splat { d, a: got.reg });
                d
            }
            false => {
                let d = self.register(Width::Block);
                self.emit_at(got.depth, Inst::Splat { d, a: got.reg });
                d
            }
        };
        self.scopes[got.depth].splats.insert(got.reg, d);
        d
    }

    /// An index at run time, the scope that knows it, and whether it varies from lane to lane.
    fn index(&mut self, ix: &Ix) -> Result<(Index, usize, bool), Refusal> {
        let step = self.lane.map_or(0, |lane| ix.affine.of(lane));
        let mut depth = self.depth_of(ix.affine.axes());
        let (mut parts, mut lanes) = (Vec::new(), Vec::new());
        for &(coefficient, val) in &ix.parts {
            let got = self.eval(val)?;
            depth = depth.max(got.depth);
            if got.wide { &mut lanes } else { &mut parts }.push((coefficient, got.reg));
        }
        let wide = step != 0 || !lanes.is_empty();
        Ok((Index { affine: ix.affine.clone(), step, parts, lanes }, depth, wide))
    }

    pub(super) fn access(
        &mut self,
        buf: BufId,
        at: &Ix,
        checks: &[Check],
    ) -> Result<(Access, usize, bool), Refusal> {
        if checks.len() > CHECKS {
            return refuse(format!(
                "{} checks on one element are more than {CHECKS}",
                checks.len()
            ));
        }
        let (at, mut depth, mut wide) = self.index(at)?;
        let mut all = Vec::new();
        for check in checks {
            let (ix, d, w) = self.index(&check.ix)?;
            (depth, wide) = (depth.max(d), wide | w);
            all.push((ix, check.extent));
        }
        let buffer = self.form.buffers.get(buf);
        let family = self.kept.get(buf.wrapping_sub(self.form.buffers.len()));
        let storage = buffer.map_or_else(|| family.map_or(Storage::Word, |f| f.1), |b| b.storage);
        let in_place = buffer.is_none_or(|b| !(b.read && b.written));
        let level = self.level;
        Ok((Access { buf, storage, at, checks: all, in_place, level }, depth, wide))
    }
}
