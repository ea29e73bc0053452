//! 64-bit integers in the block interpreter: their instructions, and how values become them.
//!
//! A lane is two words, so that these values have registers and instructions of their own.

use ferrodyne_plan::Scalar;
use ferrodyne_plan::loops::{FoldKind, Math};

use super::emit::{Emitter, Got, refuse};
use super::inst::{Access, Inst, Reg, Width};
use crate::cpu::form::{Fold, Refusal, ValId};
use crate::cpu::lanes::{self, LongFn};

/// An operand: its register, and the words of a lane.
pub(super) type Operand = (Reg, usize);

/// An instruction on lanes of two words. `wide` is as for [`Inst`].
#[derive(Clone, Debug)]
pub(super) enum Long {
    /// All lanes of a register.
    Fill { d: Reg, value: i64, wide: bool },
    /// One lane to all lanes.
    Splat { d: Reg, a: Reg },
    /// An operation.
    Op { f: LongFn, d: Operand, args: Vec<Operand>, wide: bool },
    /// Elements.
    Load { d: Reg, access: Access, fill: i64, wide: bool },
    /// Writes elements.
    Store { s: Reg, access: Access, wide: bool },
    /// Joins elements with values, lane after lane.
    Merge { s: Reg, access: Access, join: LongFn, wide: bool },
    /// Joins values into a state, lane by lane or all into one.
    Join { f: LongFn, d: Reg, a: Reg, wide: bool, lanes: bool },
    /// A step of `argmax` or `argmin`, lanes into one or each its own.
    Best { state: [Reg; 2], args: [Reg; 2], max: bool, wide: bool, lanes: bool },
}

impl Long {
    /// Visits its registers but those of indices, and gives the element that it accesses.
    pub(super) fn registers(&self, f: &mut dyn FnMut(Reg)) -> Option<&Access> {
        match self {
            Long::Fill { d, .. } => f(*d),
            Long::Splat { d, a } | Long::Join { d, a, .. } => [*d, *a].into_iter().for_each(f),
            Long::Op { d, args, .. } => {
                f(d.0);
                args.iter().for_each(|arg| f(arg.0));
            }
            Long::Load { d: x, access, .. }
            | Long::Store { s: x, access, .. }
            | Long::Merge { s: x, access, .. } => {
                f(*x);
                return Some(access);
            }
            Long::Best { state, args, .. } => state.iter().chain(args).for_each(|&r| f(r)),
        }
        None
    }
}

impl Emitter<'_> {
    /// A register for 64-bit integers.
    pub(super) fn long_register(&mut self, wide: bool) -> Reg {
        let reg = self.register(if wide { Width::LongBlock } else { Width::One });
        self.long.insert(reg);
        reg
    }

    pub(super) fn emit_long(&mut self, depth: usize, long: Long) {
        self.emit_at(depth, Inst::Long(Box::new(long)));
    }

    /// A constant, which lies in all lanes.
    pub(super) fn long_constant(&mut self, value: i64) -> Got {
        let d = self.long_register(true);
        self.emit_long(0, Long::Fill { d, value, wide: true });
        self.scopes[0].splats.insert(d, d);
        Got { reg: d, wide: false, depth: 0 }
    }

    /// An operation that takes or gives 64-bit integers; `None` where it does neither.
    pub(super) fn long_math(&mut self, math: Math, args: &[ValId]) -> Result<Option<Got>, Refusal> {
        let types: Vec<Scalar> = args.iter().map(|&a| self.form.values[a].scalar).collect();
        if math != Math::Cast(Scalar::Long) && !types.contains(&Scalar::Long) {
            return Ok(None);
        }
        let Some(op) = lanes::long(math, &types) else {
            return refuse(format!("{math:?} of operands of types {types:?} is not defined"));
        };
        let got = args.iter().map(|&a| self.eval(a)).collect::<Result<Vec<_>, _>>()?;
        let wide = got.iter().any(|g| g.wide);
        let depth = got.iter().map(|g| g.depth).max().unwrap_or(0);
        let words = |scalar: &Scalar| if *scalar == Scalar::Long { 2 } else { 1 };
        let args = got.into_iter().zip(&types).map(|(g, ty)| (self.widen(g, wide), words(ty)));
        let args = args.collect();
        let d = match op.gives_long {
            true => (self.long_register(wide), 2),
            false => (self.register(Self::width(wide)), 1),
        };
        self.emit_long(depth, Long::Op { f: op.run, d, args, wide });
        Ok(Some(Got { reg: d.0, wide, depth }))
    }

    /// The registers of the state of a fold of 64-bit integers.
    pub(super) fn long_state(&mut self, f: &Fold, wide: bool) -> Result<Vec<Reg>, Refusal> {
        let unit = match (f.kind, lanes::fold_long(f.kind)) {
            (_, Some((unit, _))) => unit,
            (FoldKind::ArgMax, _) => i64::MIN,
            (FoldKind::ArgMin, _) => i64::MAX,
            (kind, None) => return refuse(format!("{kind:?} of 64-bit integers has no loop")),
        };
        let depth = self.depth();
        let value = self.long_register(wide);
        self.emit_long(depth, Long::Fill { d: value, value: unit, wide });
        if f.defs.len() < 2 {
            return Ok(vec![value]);
        }
        // The largest index that either type of index has.
        let (d, bits, width) =
            (self.register(Self::width(wide)), i32::MAX as u32, Self::width(wide));
        self.emit_at(depth, Inst::Fill { d, bits, width });
        Ok(vec![value, d])
    }

    /// One step of a fold of 64-bit integers: `wide` terms, joined lane by lane or all into one.
    pub(super) fn long_step(
        &mut self,
        f: &Fold,
        state: &[Reg],
        wide: bool,
        lanes: bool,
    ) -> Result<(), Refusal> {
        let got = f.args.iter().map(|&a| self.eval(a)).collect::<Result<Vec<_>, _>>()?;
        let args: Vec<Reg> = got.into_iter().map(|g| self.widen(g, wide)).collect();
        let depth = self.depth();
        match (state, &args[..], lanes::fold_long(f.kind)) {
            (&[d], &[a], Some((_, f))) => {
                self.emit_long(depth, Long::Join { f, d, a, wide, lanes });
            }
            (&[value, index], &[a, b], None) => {
                let (state, args, max) = ([value, index], [a, b], f.kind == FoldKind::ArgMax);
                self.emit_long(depth, Long::Best { state, args, max, wide, lanes });
            }
            _ => return refuse(format!("{:?} of 64-bit integers has no loop", f.kind)),
        }
        Ok(())
    }
}
