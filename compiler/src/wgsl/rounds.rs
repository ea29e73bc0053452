//! Stores of a large register tile, in rounds: a loop whose body stores the first rows of the tile and then turns the
//! registers, so that the next rows are the first.
//!
//! In: a store over a tile of registers. Out: a block of the text that is as long as one round. Promise: after the loop every
//! register holds what it held before. A software driver compiles each access of memory to a loop of its own, so that a tile
//! written out costs it more time than all the arithmetic.

use ferrodyne_plan::loops::{Bind, Stmt, Val};
use ferrodyne_plan::target::DeviceClass;
use ferrodyne_plan::{Dim, Name, Range, Var};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Def, Env, Expand};
use super::fault::WgslFault;

/// Stores that a kernel writes out, by device class; more are made in rounds.
const WRITTEN_OUT: &[(DeviceClass, i64)] = &[(DeviceClass::Software, 8)];

/// A register of a tile: the constants of its point, its name and its type.
pub(super) type Register = (Vec<i64>, String, Ty);

/// How a store is made in rounds.
struct Rounds<'a> {
    /// The axis whose registers turn.
    axis: &'a Name,
    /// Rounds.
    count: i64,
    /// Values of the axis that one round stores.
    steps: i64,
    /// Names of the values that turn.
    names: Vec<Name>,
}

impl<'a> Expand<'a> {
    /// Remembers the registers of a fold's results, if they are that and nothing was made of them.
    pub(super) fn remember_registers(
        &mut self,
        name: &Name,
        results: impl Iterator<Item = (Vec<i64>, Id)>,
    ) {
        let mut registers = Vec::new();
        for (key, id) in results {
            let Kind::Text(var) = &self.emit.nodes[id.0].kind else { return };
            registers.push((key, var.clone(), self.emit.ty(id)));
        }
        self.registers.insert(name.clone(), registers);
    }

    /// Makes the store in rounds if that is worth it and possible; says whether it did.
    pub(super) fn store_in_rounds(&mut self, stmt: &'a Stmt, env: &Env) -> Result<bool, WgslFault> {
        let Some(rounds) = self.rounds(stmt)? else { return Ok(false) };
        let Stmt::Store { over, .. } = stmt else { return Ok(false) };
        let text = self.names.fresh("turn");
        let end = self.literal_u32(rounds.count);
        let end = if self.grouped { self.unforeseen(end) } else { end };
        let head = pieces![format!("for (var {text} = 0u; {text} < "), end, format!("; {text}++)")];
        self.emit.open(head, false);
        let turn = Name::from(format!("turn {text}"));
        let id = self.emit.leaf(text, Ty::U32, self.emit.depth());
        self.running.insert(turn.clone(), id);
        self.facts.set_range(Var::Axis(turn.clone()), Range::between(0, rounds.count - 1));
        let outer = self.reread(&rounds);
        for step in 0..rounds.steps {
            let mut env = env.clone();
            let value = Dim::axis(turn.clone()) * rounds.steps + step;
            env.axes.insert(rounds.axis.clone(), value);
            env.turned.insert(rounds.axis.clone(), step);
            self.walk(&over[1..], &env, &mut |this, env| this.store(stmt, env))?;
        }
        self.turn(&rounds);
        self.values.extend(outer);
        self.emit.close();
        Ok(true)
    }

    fn rounds(&self, stmt: &'a Stmt) -> Result<Option<Rounds<'a>>, WgslFault> {
        let class = self.target.class;
        let Some((_, most)) = WRITTEN_OUT.iter().find(|(own, _)| *own == class) else {
            return Ok(None);
        };
        let Stmt::Store { over, val, at, guard, .. } = stmt else { return Ok(None) };
        let unrolled = |name: &Name| self.axes.get(name).filter(|axis| axis.bind == Bind::Unroll);
        let Some((axis, rest)) = over.split_first().filter(|(first, _)| unrolled(first).is_some())
        else {
            return Ok(None);
        };
        let extent = self.const_extent(self.axis(axis)?, "unroll")?;
        let mut beside = 1;
        for other in rest.iter().filter_map(unrolled) {
            beside *= self.const_extent(other, "unroll")?;
        }
        let steps = (most / beside).clamp(1, extent.max(1));
        let dims = at.iter().chain(guard.iter().flat_map(|(index, end)| [index, end]));
        let data = dims.flat_map(Dim::vars).any(|var| matches!(var, Var::Data(_)));
        let mut names = Vec::new();
        let turns = !data && self.turning(val, axis, &mut names);
        if extent * beside <= *most || extent % steps != 0 || extent == steps || !turns {
            return Ok(None);
        }
        Ok(Some(Rounds { axis, count: extent / steps, steps, names }))
    }

    /// Collects the values along the axis of which a value is made; `false` if one of them cannot turn.
    fn turning(&self, val: &Val, axis: &Name, names: &mut Vec<Name>) -> bool {
        let data = val.dims().into_iter().flat_map(Dim::vars);
        if data.into_iter().any(|var| matches!(var, Var::Data(_))) {
            return false;
        }
        val.refs().into_iter().all(|name| match self.defs.get(&name) {
            Some(Def::Inline(val)) => self.turning(val, axis, names),
            Some(Def::Kept(over)) if over.first() == Some(axis) => {
                if !names.contains(&name) {
                    names.push(name.clone());
                }
                self.registers.contains_key(&name)
            }
            Some(Def::Kept(over)) => !over.contains(axis),
            Some(Def::Fold(..)) | None => false,
        })
    }

    /// Lets the names stand for what the registers hold in this round; gives what they stood for.
    fn reread(&mut self, rounds: &Rounds<'a>) -> Vec<((Name, Vec<i64>), Id)> {
        let mut outer = Vec::new();
        let depth = self.emit.depth();
        self.versions += 1;
        for name in &rounds.names {
            for (key, var, ty) in self.registers.get(name).cloned().unwrap_or_default() {
                let kind = Kind::Text(var);
                let id = self.emit.versioned(kind, &[], ty, depth, self.versions);
                let key = (name.clone(), key);
                outer.extend(self.values.insert(key.clone(), id).map(|old| (key, old)));
            }
        }
        outer
    }

    /// Gives each register the value of the one that a round further on is stored.
    fn turn(&mut self, rounds: &Rounds<'a>) {
        for name in &rounds.names {
            let registers = self.registers.get(name).cloned().unwrap_or_default();
            let at = |key: &[i64], row: i64| -> Option<String> {
                let mut key = key.to_vec();
                key[0] = row;
                registers.iter().find(|(own, ..)| *own == key).map(|(_, var, _)| var.clone())
            };
            let firsts = registers.iter().filter(|(key, ..)| key[0] < rounds.steps);
            for (key, first, _) in firsts {
                let saved = self.names.fresh("first");
                self.emit.statement(pieces![format!("let {saved} = {first};")]);
                let mut to = first.clone();
                let mut row = key[0] + rounds.steps;
                while let Some(from) = at(key, row) {
                    self.emit.statement(pieces![format!("{to} = {from};")]);
                    to = from;
                    row += rounds.steps;
                }
                self.emit.statement(pieces![format!("{to} = {saved};")]);
            }
        }
    }
}
