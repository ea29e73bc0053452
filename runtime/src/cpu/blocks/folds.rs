//! Emits reductions: along lanes into one state, or lane by lane.

use ferrodyne_plan::Scalar;
use ferrodyne_plan::loops::{FoldKind, Math};

use super::choose;
use super::emit::{Emitter, Got, Place, refuse};
use super::inst::{Inst, Reg, Width};
use super::maths::fold;
use crate::cpu::form::{AxisId, Fold, Refusal, V};
use crate::cpu::lanes;

impl Emitter<'_> {
    pub(super) fn fold(&mut self, f: &Fold) -> Result<(), Refusal> {
        if self.lane.is_some() {
            if !f.over.is_empty() {
                return refuse("a family is folded inside a block of lanes".to_owned());
            }
            return self.column(f, true);
        }
        let chosen = choose::lane_of_fold(self.form, f);
        match chosen {
            Some(axis) if f.red.contains(&axis) => {
                self.nest(&f.over, None, &mut |e| e.row(f, axis))
            }
            lane => self.nest(&f.over, lane, &mut |e| e.column(f, e.lane.is_some())),
        }
    }

    /// The registers of a state, filled with the state of an empty fold.
    fn state(&mut self, f: &Fold, width: Width) -> Result<Vec<Reg>, Refusal> {
        if f.scalar == Scalar::Long {
            return self.long_state(f, width == Width::Block);
        }
        let units = match f.kind {
            FoldKind::Welford => vec![0; 3],
            FoldKind::ArgMax | FoldKind::ArgMin => {
                let kind = if f.kind == FoldKind::ArgMax { FoldKind::Max } else { FoldKind::Min };
                let value = fold(kind, f.scalar).map_or(0, |f| f.unit());
                let last = if self.form.defs[f.defs[1]].scalar == Scalar::I32 {
                    i32::MAX as u32
                } else {
                    u32::MAX
                };
                vec![value, last]
            }
            kind => match fold(kind, f.scalar) {
                Some(fold) => vec![fold.unit()],
                None => return refuse(format!("{kind:?} has no loop")),
            },
        };
        if units.len() != f.defs.len() {
            return refuse(format!(
                "{:?} has {} results, not {}",
                f.kind,
                units.len(),
                f.defs.len()
            ));
        }
        Ok(units
            .into_iter()
            .map(|bits| {
                let d = self.register(width);
                self.emit(Inst::Fill { d, bits, width });
                d
            })
            .collect())
    }

    /// A fold whose results are lanes of their own.
    fn column(&mut self, f: &Fold, wide: bool) -> Result<(), Refusal> {
        let state = self.state(f, Self::width(wide))?;
        self.nest(&f.red, None, &mut |e| {
            e.block(&f.body)?;
            e.step(f, &state, wide, wide)
        })?;
        self.finish(f, &state, wide)
    }

    /// A fold along the lanes.
    fn row(&mut self, f: &Fold, axis: AxisId) -> Result<(), Refusal> {
        let single = fold(f.kind, f.scalar);
        let width = if single.is_some() { Width::State } else { Width::One };
        let mut state = self.state(f, width)?;
        self.nest(&f.red, Some(axis), &mut |e| {
            e.block(&f.body)?;
            let Some(fold) = single else { return e.step(f, &state, true, false) };
            let got = e.eval(f.args[0])?;
            let a = e.widen(got, true);
            e.emit(Inst::Step { f: fold.at(e.level), s: state[0], a });
            Ok(())
        })?;
        if let Some(fold) = single {
            let d = self.register(Width::One);
            self.emit(Inst::Finish { fold, d, s: state[0] });
            state = vec![d];
        }
        self.finish(f, &state, false)
    }

    /// One step: `wide` terms, joined lane by lane or all into one.
    fn step(&mut self, f: &Fold, state: &[Reg], wide: bool, lanes: bool) -> Result<(), Refusal> {
        if f.scalar == Scalar::Long {
            return self.long_step(f, state, wide, lanes);
        }
        match f.kind {
            FoldKind::ArgMax | FoldKind::ArgMin => {
                let [value, index] = f.args[..] else {
                    return refuse(format!("{:?} takes a value and an index", f.kind));
                };
                let (value, index) = (self.eval(value)?, self.eval(index)?);
                let args = [self.widen(value, wide), self.widen(index, wide)];
                let (state, max) = ([state[0], state[1]], f.kind == FoldKind::ArgMax);
                let level = self.level;
                self.emit(Inst::Best { state, args, max, scalar: f.scalar, wide, lanes, level });
            }
            FoldKind::Welford => {
                let got = self.eval(f.args[0])?;
                let a = self.widen(got, wide);
                let state = [state[0], state[1], state[2]];
                self.emit(Inst::Moments { state, a, wide, lanes });
            }
            kind => {
                if self.step_product(f, state[0], wide)? {
                    return Ok(());
                }
                let Some(fold) = fold(kind, f.scalar) else {
                    return refuse(format!("{kind:?} has no loop"));
                };
                let got = self.eval(f.args[0])?;
                let a = self.widen(got, wide);
                self.emit(Inst::Join {
                    f: fold.join().accumulate(self.level),
                    d: state[0],
                    a,
                    wide,
                });
            }
        }
        Ok(())
    }

    /// A sum of products in one operation.
    fn step_product(&mut self, f: &Fold, state: Reg, wide: bool) -> Result<bool, Refusal> {
        let V::Math(Math::Mul, args) = &self.form.values[f.args[0]].kind else { return Ok(false) };
        if f.kind != FoldKind::Sum || f.scalar != Scalar::F32 || self.uses[f.args[0]] > 1 {
            return Ok(false);
        }
        let (a, b) = (self.eval(args[0])?, self.eval(args[1])?);
        let (a, b) = (self.widen(a, wide), self.widen(b, wide));
        self.emit(Inst::Bin { f: lanes::mul_accumulate(self.level), d: state, a, b, wide });
        Ok(true)
    }

    fn finish(&mut self, f: &Fold, state: &[Reg], wide: bool) -> Result<(), Refusal> {
        for (&def, &reg) in f.defs.iter().zip(state) {
            let got = Got { reg, wide, depth: self.depth() };
            if f.over.is_empty() {
                self.places[def] = Some(Place::Register(got));
            } else {
                self.put_family(def, got)?;
            }
        }
        Ok(())
    }
}
