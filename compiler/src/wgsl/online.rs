//! The pass over an axis that carries a maximum and the sums of exponentials below it (online softmax).
//!
//! Sums are scaled by `exp(before - now)` when the maximum grows. While every score is minus infinity the lowest finite number
//! stands for the maximum, so that no infinity is taken from another: terms and sums are then zero. Scores beyond the axis' end
//! are minus infinity, so that no sum needs a mask.

use ferrodyne_plan::loops::{FoldKind, Literal, Math, Stmt, Val};
use ferrodyne_plan::{Name, Scalar};

use super::emit::{Id, Kind, Ty, pieces};
use super::expand::{Def, Env, Expand};
use super::fault::WgslFault;
use super::fold::Walk;

/// A pass while it is walked.
struct Pass<'a> {
    body: &'a [Stmt],
    /// The folds that are carried from block to block, by their place in the body.
    carried: Vec<Option<Walk<'a>>>,
    /// Axes of the pass and its blocks, without parts.
    leaves: Vec<Name>,
    /// The maximum, the definition it is taken of, and the axes of its family.
    anchor: &'a Name,
    score: &'a Name,
    over: &'a [Name],
}

/// By how much sums are scaled, for each point of the maximum's family.
type Factors = Vec<(Vec<i64>, Id)>;

impl<'a> Expand<'a> {
    /// Walks the pass; its folds are named afterwards.
    pub(super) fn online(&mut self, stmt: &'a Stmt, env: &Env) -> Result<(), WgslFault> {
        let Stmt::Online { axis, block, anchor, body } = stmt else { return Ok(()) };
        let outer = self.leaves(axis);
        let leaves = [outer.clone(), self.leaves(block)].concat();
        let top = body.iter().find_map(|stmt| match stmt {
            Stmt::Fold { names, args, over, .. } if names.contains(anchor) => match &args[..] {
                [Val::Ref(score)] => Some((score, over.as_slice())),
                _ => None,
            },
            _ => None,
        });
        let Some((score, over)) = top else {
            return Err(self.binding(axis, "passed over without a maximum of named scores"));
        };
        let mut carried = Vec::new();
        for stmt in body {
            carried.push(self.carried(stmt, &leaves, env)?);
        }
        let mut pass = Pass { body, carried, leaves, anchor, score, over };
        self.walk(&outer, env, &mut |this, env| this.block(&mut pass, env))?;
        for walk in pass.carried.iter().flatten() {
            self.defs.insert(walk.name.clone(), Def::Kept(walk.over.to_vec()));
            for accumulator in &walk.accumulators {
                let state = self.read(accumulator)[0];
                self.values.insert((walk.name.clone(), accumulator.key.clone()), state);
            }
        }
        Ok(())
    }

    /// The walk of a fold that goes on from block to block, with its accumulators declared.
    fn carried(
        &mut self,
        stmt: &'a Stmt,
        leaves: &[Name],
        env: &Env,
    ) -> Result<Option<Walk<'a>>, WgslFault> {
        let Stmt::Fold { names, kind, over, red, inner, args, stages, .. } = stmt else {
            return Ok(None);
        };
        if !red.iter().any(|axis| self.leaves(axis).iter().any(|leaf| leaves.contains(leaf))) {
            return Ok(None);
        }
        let init = match kind {
            FoldKind::Max => f32::NEG_INFINITY,
            FoldKind::Sum => 0.0,
            _ => return Err(self.binding(&red[0], "passed over by a fold that is no sum")),
        };
        let width = self.width_of(over, red, env)?;
        let init = [Literal::F32(init)];
        let accumulators = self.declared(names, &init, over, width, env)?;
        let name = &names[0];
        Ok(Some(Walk { name, kind: *kind, over, red, inner, args, stages, accumulators }))
    }

    fn block(&mut self, pass: &mut Pass<'a>, env: &Env) -> Result<(), WgslFault> {
        let mut factors: Factors = Vec::new();
        for (stmt, carried) in pass.body.iter().zip(&mut pass.carried) {
            let Some(walk) = carried else {
                match stmt {
                    Stmt::Let { name, over, val, .. } if name == pass.score => {
                        self.scores(name, over, val, &pass.leaves, env)?;
                    }
                    _ => self.statement(stmt, env)?,
                }
                continue;
            };
            let order = order_of(stmt);
            if walk.name == pass.anchor {
                factors = self.grow(walk, &order, env)?;
            } else {
                self.scale(walk, pass.over, &factors, env)?;
                self.walk_fold(walk, &order, env)?;
            }
        }
        self.bounded.clear();
        Ok(())
    }

    /// Holds the scores of a block; those beyond the end of the keys are minus infinity.
    fn scores(
        &mut self,
        name: &'a Name,
        over: &'a [Name],
        val: &'a Val,
        leaves: &[Name],
        env: &Env,
    ) -> Result<(), WgslFault> {
        self.walk(over, env, &mut |this, env| {
            let mut id = this.value(val, env)?;
            if let Some(inside) = this.inside(FoldKind::Sum, leaves, env)? {
                let never = this.literal(Literal::F32(f32::NEG_INFINITY));
                id = this.select(inside, id, never);
            }
            this.emit.hint(id, name);
            this.emit.pin(id);
            let key = this.instance(name, over, env);
            this.values.insert(key, id);
            Ok(())
        })?;
        self.defs.insert(name.clone(), Def::Kept(over.to_vec()));
        let wholes = self.kernel.axes.iter().map(|axis| &axis.name);
        let bounded: Vec<Name> = wholes
            .filter(|axis| self.leaves(axis).iter().any(|leaf| leaves.contains(leaf)))
            .cloned()
            .collect();
        self.bounded.extend(bounded);
        Ok(())
    }

    /// Takes the block into the maximum, which is named; gives the factors of the sums.
    fn grow(
        &mut self,
        walk: &mut Walk<'a>,
        order: &[Name],
        env: &Env,
    ) -> Result<Factors, WgslFault> {
        let mut before = Vec::new();
        for at in 0..walk.accumulators.len() {
            before.push(self.copied(&walk.accumulators[at].vars[0].clone(), "before"));
        }
        self.walk_fold(walk, order, env)?;
        self.defs.insert(walk.name.clone(), Def::Kept(walk.over.to_vec()));
        let mut factors = Vec::new();
        for (accumulator, before) in walk.accumulators.iter().zip(before) {
            let now = self.read(accumulator)[0];
            let lowest = Val::Const(Literal::F32(f32::MIN));
            let bound = self.literal(Literal::F32(f32::MIN));
            let now =
                self.math(Math::Max, &[now, bound], &[Val::Ref(walk.name.clone()), lowest])?;
            self.emit.hint(now, walk.name);
            self.emit.pin(now);
            let less = self.math(Math::Sub, &[before, now], &[])?;
            let factor = self.math(Math::Exp, &[less], &[])?;
            self.emit.hint(factor, "scale");
            self.emit.pin(factor);
            self.values.insert((walk.name.clone(), accumulator.key.clone()), now);
            factors.push((accumulator.key.clone(), factor));
        }
        Ok(factors)
    }

    /// The value of a variable as it is now, under a name of its own.
    fn copied(&mut self, var: &str, hint: &str) -> Id {
        let name = self.names.fresh(hint);
        self.emit.statement(pieces![format!("let {name} = {var};")]);
        let depth = self.emit.depth();
        self.emit.versioned(Kind::Text(name), &[], Ty::of(Scalar::F32, 1), depth, 0)
    }

    /// Scales what was summed so far.
    fn scale(
        &mut self,
        walk: &Walk<'a>,
        family: &[Name],
        factors: &Factors,
        env: &Env,
    ) -> Result<(), WgslFault> {
        let tile: Vec<Name> =
            walk.over.iter().filter(|axis| self.is_unrolled(axis)).cloned().collect();
        self.walk(&tile, env, &mut |this, env| {
            let key = this.instance_key(walk.over, env);
            let of = this.instance_key(family, env);
            let var = walk.accumulators.iter().find(|own| own.key == key).map(|own| &own.vars[0]);
            let factor = factors.iter().find(|(own, _)| *own == of).map(|(_, id)| *id);
            let (Some(var), Some(factor)) = (var, factor) else {
                return Err(this.undeclared(walk.name));
            };
            this.emit.statement(pieces![format!("{var} = {var} * "), factor, ";"]);
            Ok(())
        })
    }
}

/// The order in which a fold walks its tile and its block.
fn order_of(stmt: &Stmt) -> Vec<Name> {
    let Stmt::Fold { over, red, order, .. } = stmt else { return Vec::new() };
    if order.is_empty() { [over.as_slice(), red].concat() } else { order.clone() }
}
