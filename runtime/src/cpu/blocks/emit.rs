//! Compiles a form to instructions.
//!
//! Code is emitted into a stack of scopes, one for each open loop: here phases, loops and
//! statements; folds and values are emitted by their own files.

use std::collections::{HashMap, HashSet};

use ferrodyne_plan::Scalar;

use super::inst::{Access, Blocks, Inst, Phase, Reg, Width};
use super::long::Long;
use super::maths::fold;
use super::rows::Walk;
use super::{choose, registers};
use crate::cpu::Level;
use crate::cpu::form::{
    AxisId, AxisSet, BufId, Def, DefId, Form, Ix, Refusal, St, Store, V, ValId, set,
};
use crate::cpu::lanes::{self, Storage};

/// Compiles a form for a level.
pub(crate) fn compile(form: &Form, level: Level) -> Result<Blocks, Refusal> {
    let mut emitter = Emitter::new(form, level);
    let mut phases = Vec::new();
    if form.body.iter().all(|st| matches!(st, St::For { .. })) {
        for st in &form.body {
            let St::For { axes, body } = st else { continue };
            phases.push(emitter.phase(axes, body)?);
        }
    } else {
        phases.push(emitter.phase(&[], &form.body)?);
    }
    Ok(assemble(emitter, phases, super::BLOCK))
}

/// Compiles the body of a loop nest for tiles of rows of at most `most` lanes along an axis.
pub(crate) fn compile_tile(
    form: &Form,
    level: Level,
    lane: AxisId,
    most: usize,
) -> Result<Blocks, Refusal> {
    compile_along(form, level, Walk::along(Some(lane)), most)
}

/// Compiles the one loop nest of a form, which is walked as said.
pub(super) fn compile_along(
    form: &Form,
    level: Level,
    walk: Walk,
    most: usize,
) -> Result<Blocks, Refusal> {
    let mut emitter = Emitter::new(form, level);
    let [St::For { axes, body }] = &form.body[..] else {
        return refuse("a tile is made of one loop nest".to_owned());
    };
    let phase = emitter.phase_along(axes, body, walk, 0.0)?;
    Ok(assemble(emitter, vec![phase], most))
}

fn assemble(emitter: Emitter<'_>, phases: Vec<Phase>, most: usize) -> Blocks {
    let places = registers::place(&phases, &emitter.widths, most);
    let mut words = places.words.next_multiple_of(16);
    let mut kept = Vec::new();
    for (size, storage) in &emitter.kept {
        kept.push(words);
        words += (size * storage.bytes() / 4).next_multiple_of(16);
    }
    Blocks {
        phases,
        homes: places.homes,
        words,
        kept,
        n_axes: emitter.form.extents.len(),
        block: places.block,
    }
}

/// An open loop.
#[derive(Default)]
pub(super) struct Scope {
    pub(super) axes: AxisSet,
    pub(super) code: Vec<Inst>,
    pub(super) known: HashMap<ValId, (Reg, bool)>,
    pub(super) splats: HashMap<Reg, Reg>,
}

/// A value in a register.
#[derive(Clone, Copy)]
pub(super) struct Got {
    pub(super) reg: Reg,
    pub(super) wide: bool,
    pub(super) depth: usize,
}

/// Where a named value lies.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Register(Got),
    Family(usize),
}

pub(super) struct Emitter<'f> {
    pub(super) form: &'f Form,
    pub(super) level: Level,
    pub(super) scopes: Vec<Scope>,
    pub(super) lane: Option<AxisId>,
    /// How the present phase is walked.
    pub(super) walk: Walk,
    pub(super) widths: Vec<Width>,
    pub(super) places: Vec<Option<Place>>,
    /// Elements of each kept family, and how they are stored.
    pub(super) kept: Vec<(usize, Storage)>,
    /// Registers whose lanes are two words.
    pub(super) long: HashSet<Reg>,
    pub(super) uses: Vec<usize>,
}

pub(super) fn refuse<T>(text: String) -> Result<T, Refusal> {
    Err(Refusal(text))
}

impl<'f> Emitter<'f> {
    fn new(form: &'f Form, level: Level) -> Emitter<'f> {
        let mut uses = vec![0; form.values.len()];
        for value in &form.values {
            match &value.kind {
                V::Math(_, args) => args.iter().for_each(|&a| uses[a] += 1),
                V::ExpNonpositive(a) => uses[*a] += 1,
                V::FloorDiv(a, b) | V::FloorMod(a, b) => [a, b].iter().for_each(|&&a| uses[a] += 1),
                _ => {}
            }
        }
        count_roots(&form.body, &mut uses);
        let places = vec![None; form.defs.len()];
        Emitter {
            form,
            level,
            scopes: Vec::new(),
            lane: None,
            walk: Walk::default(),
            widths: Vec::new(),
            places,
            kept: Vec::new(),
            long: HashSet::new(),
            uses,
        }
    }

    fn phase(&mut self, axes: &[AxisId], body: &[St]) -> Result<Phase, Refusal> {
        let (walk, cost) = choose::walk_of_nest(self.form, axes, body);
        self.phase_along(axes, body, walk, cost)
    }

    fn phase_along(
        &mut self,
        axes: &[AxisId],
        body: &[St],
        walk: Walk,
        cost: f64,
    ) -> Result<Phase, Refusal> {
        (self.lane, self.walk) = (walk.lane, walk);
        let rows = walk.rows.map_or(0, |axis| 1 << axis);
        let scope = |axes| Scope { axes, ..Scope::default() };
        self.scopes = vec![Scope::default(), scope(set(axes) & !rows)];
        if let Some(axis) = walk.rows {
            self.scopes.push(scope(rows));
            self.block(body)?;
            let body = self.scopes.pop().map_or_else(Vec::new, |s| s.code);
            self.emit(Inst::Rows { axis, body });
        } else {
            self.block(body)?;
        }
        let mut scopes = std::mem::take(&mut self.scopes).into_iter();
        let mut code = || scopes.next().map_or_else(Vec::new, |s| s.code);
        let extent = |&axis: &AxisId| (axis, self.form.extent(axis));
        let outer = |a: &&AxisId| Some(**a) != walk.lane && Some(**a) != walk.rows;
        Ok(Phase {
            axes: axes.iter().filter(outer).map(extent).collect(),
            lane: walk.lane.as_ref().map(extent),
            rows: walk.rows.as_ref().map(extent),
            setup: code(),
            body: code(),
            cost,
            ordered: choose::merges(body),
        })
    }

    pub(super) fn block(&mut self, body: &[St]) -> Result<(), Refusal> {
        for st in body {
            match st {
                St::For { axes, body } => {
                    let lane = match self.lane {
                        None => choose::lane_of_nest(self.form, axes, body).0,
                        Some(_) => None,
                    };
                    self.nest(axes, lane, &mut |e| e.block(body))?;
                }
                St::Keep { def, val } => {
                    let d = self.form.defs[*def].clone();
                    let lane =
                        self.lane_for(choose::lane_of_value(self.form, &d.over, *val, None))?;
                    self.nest(&d.over, lane, &mut |e| e.write_family(*def, *val))?;
                }
                St::Fold(fold) => self.fold(fold)?,
                St::Store(store) => {
                    let at = Some(&store.at);
                    let lane = match self.lane {
                        Some(_) => None,
                        None => choose::lane_of_value(self.form, &store.over, store.val, at),
                    };
                    self.nest(&store.over, lane, &mut |e| e.store(store))?;
                }
            }
        }
        Ok(())
    }

    fn lane_for(&self, chosen: Option<AxisId>) -> Result<Option<AxisId>, Refusal> {
        match self.lane {
            Some(_) => refuse("a family is made inside a block of lanes".to_owned()),
            None => Ok(chosen),
        }
    }

    /// Opens loops over the axes, the lanes innermost, and emits what `f` does.
    pub(super) fn nest(
        &mut self,
        axes: &[AxisId],
        lane: Option<AxisId>,
        f: &mut dyn FnMut(&mut Self) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let outer: Vec<AxisId> = axes.iter().copied().filter(|&a| Some(a) != lane).collect();
        self.nest_from(&outer, lane, f)
    }

    fn nest_from(
        &mut self,
        outer: &[AxisId],
        lane: Option<AxisId>,
        f: &mut dyn FnMut(&mut Self) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let (axis, rest) = match (outer, lane) {
            ([], None) => return f(self),
            ([], Some(axis)) => (axis, None),
            ([axis, rest @ ..], _) => (*axis, Some(rest)),
        };
        self.scopes.push(Scope { axes: 1 << axis, ..Scope::default() });
        match rest {
            Some(rest) => self.nest_from(rest, lane, f)?,
            None => {
                let before = self.lane.replace(axis);
                f(self)?;
                self.lane = before;
            }
        }
        let body = self.scopes.pop().map_or_else(Vec::new, |s| s.code);
        let extent = self.form.extent(axis);
        self.emit(match rest {
            Some(_) => Inst::Loop { axis, extent, body },
            None => Inst::Lanes { axis, extent, body },
        });
        Ok(())
    }

    pub(super) fn emit(&mut self, inst: Inst) {
        let depth = self.depth();
        self.emit_at(depth, inst);
    }

    pub(super) fn emit_at(&mut self, depth: usize, inst: Inst) {
        self.scopes[depth].code.push(inst);
    }

    pub(super) fn depth(&self) -> usize {
        self.scopes.len() - 1
    }

    pub(super) fn register(&mut self, width: Width) -> Reg {
        self.widths.push(width);
        self.widths.len() - 1
    }

    pub(super) fn width(wide: bool) -> Width {
        if wide { Width::Block } else { Width::One }
    }

    fn emit_store(&mut self, s: Reg, access: Access, wide: bool) {
        match access.storage {
            Storage::Long => self.emit_long(self.depth(), Long::Store { s, access, wide }),
            _ => self.emit(Inst::Store { s, access: Box::new(access), wide }),
        }
    }

    fn store(&mut self, store: &Store) -> Result<(), Refusal> {
        let got = self.eval(store.val)?;
        let (access, depth, varies) = self.access(store.buf, &store.at, &store.checks)?;
        // What is merged counts once for every lane, also where all merge one value into one element.
        let wide = self.lane.is_some() && (varies || got.wide || store.merge.is_some());
        debug_assert!(depth <= self.depth(), "an element is known where it is written");
        if let Some(kind) = store.merge {
            let scalar = self.form.values[store.val].scalar;
            let s = self.widen(got, wide);
            if let (Storage::Long, Some((_, join))) = (access.storage, lanes::fold_long(kind)) {
                self.emit_long(self.depth(), Long::Merge { s, access, join, wide });
                self.forget(store);
                return Ok(());
            }
            let Some(join) = fold(kind, scalar) else {
                return refuse(format!("{kind:?} does not merge into a buffer"));
            };
            let (access, join) = (Box::new(access), join.join().accumulate(self.level));
            self.emit(Inst::Merge { s, access, join, wide });
        } else if wide && self.goes_into(store.val, got, &access) {
            let depth = self.depth();
            let last = self.scopes[depth].code.len() - 1;
            self.scopes[depth].code.insert(last, Inst::Into { access: Box::new(access) });
            self.scopes[depth].known.remove(&store.val);
        } else {
            let s = self.widen(got, wide);
            self.emit_store(s, access, wide);
        }
        self.forget(store);
        Ok(())
    }

    /// What was loaded before a store is no longer what the buffer holds.
    fn forget(&mut self, store: &Store) {
        if self.form.buffers[store.buf].read {
            self.scopes.iter_mut().for_each(|s| s.known.clear());
        }
    }

    /// Whether the last operation made this value for this store alone, and can write it there.
    fn goes_into(&self, val: ValId, got: Got, access: &Access) -> bool {
        let made_here = match self.scopes[self.depth()].code.last() {
            Some(Inst::Un { d, wide: true, .. })
            | Some(Inst::Bin { d, wide: true, .. })
            | Some(Inst::Ter { d, wide: true, .. }) => *d == got.reg,
            _ => false,
        };
        let plain = access.storage == Storage::Word
            && access.at.step == 1
            && access.at.lanes.is_empty()
            && access.checks.is_empty()
            && access.in_place;
        made_here
            && plain
            && self.uses[val] == 1
            && !matches!(self.form.values[val].kind, V::Def(_))
    }

    /// Writes a value to its place in a family.
    fn write_family(&mut self, def: DefId, val: ValId) -> Result<(), Refusal> {
        let got = self.eval(val)?;
        self.put_family(def, got)
    }

    pub(super) fn put_family(&mut self, def: DefId, got: Got) -> Result<(), Refusal> {
        let d = &self.form.defs[def];
        let family = match self.places[def] {
            Some(Place::Family(family)) => family,
            _ => {
                let long = d.scalar == Scalar::Long;
                let storage = if long { Storage::Long } else { Storage::Word };
                self.kept.push((self.form.volume(&d.over).max(0) as usize, storage));
                self.places[def] = Some(Place::Family(self.kept.len() - 1));
                self.kept.len() - 1
            }
        };
        let (access, _, wide) =
            self.access(self.family_buffer(family), &family_index(self.form, d), &[])?;
        let s = self.widen(got, wide);
        self.emit_store(s, access, wide);
        Ok(())
    }

    pub(super) fn family_buffer(&self, family: usize) -> BufId {
        self.form.buffers.len() + family
    }
}

/// Where an element of a family lies.
pub(super) fn family_index(form: &Form, def: &Def) -> Ix {
    let (mut ix, mut stride) = (Ix::default(), 1);
    for &axis in def.over.iter().rev() {
        // Families are small, so that the strides cannot overflow.
        let _ = ix.affine.add_term(axis, stride);
        stride *= form.extent(axis).max(1);
    }
    ix
}

/// Counts the uses of values by statements.
fn count_roots(body: &[St], uses: &mut [usize]) {
    for st in body {
        match st {
            St::For { body, .. } => count_roots(body, uses),
            St::Keep { val, .. } => uses[*val] += 1,
            St::Fold(fold) => {
                count_roots(&fold.body, uses);
                fold.args.iter().for_each(|&a| uses[a] += 1);
            }
            St::Store(store) => uses[store.val] += 1,
        }
    }
}
