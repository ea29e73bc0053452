//! `online l at l.o`: a maximum and the sums of exponentials below it become one pass over their axis.
//!
//! Meaning is kept by the identity of exponentials: `sum exp(x - m) * w` over blocks is carried on by scaling what was summed so
//! far with `exp(m_before - m_now)` whenever the running maximum `m` grows. The sums may use the maximum in that factor only,
//! with the same `x`. A division of the terms by another sum stands after the pass.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::loops::{FoldKind, Kernel, Literal, Math, Place, Stmt, Val};
use ferrodyne_plan::{Dim, Name, Scalar};

use super::{Refusal, fresh, refuse};

/// Takes the folds of the one nest over an axis, which is split in `outer` and `block`, in one pass over `outer`.
pub fn online(kernel: &mut Kernel, axis: &Name, [outer, block]: [&Name; 2]) -> Result<(), Refusal> {
    let parts = [outer.clone(), block.clone()];
    if kernel.axis(axis).is_none_or(|axis| axis.parts != parts) {
        return refuse("online", axis, "it is not split in a loop and a block");
    }
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else {
        return refuse("online", axis, "the kernel is not one nest of loops");
    };
    let (axes, body) = (axes.clone(), body.clone());
    let mut pass = Pass::of(axis, &parts, &body)?;
    pass.check()?;
    let after = pass.divided(kernel)?;
    let Pass { mut before, along, anchor, .. } = pass;
    let mut inside = named_score(kernel, along, &anchor, block);
    for stmt in &mut inside {
        within_block(stmt, outer, block);
    }
    before.push(Stmt::Online {
        axis: outer.clone(),
        block: block.clone(),
        anchor: anchor.clone(),
        body: inside,
    });
    before.extend(after);
    kernel.body = vec![Stmt::For { axes, body: before }];
    kernel.notes.push(format!("online {anchor} at {outer}"));
    Ok(())
}

/// The statements of a nest by what they have to do with the axis.
struct Pass<'a> {
    axis: &'a Name,
    outer: &'a Name,
    /// Those that do not run along it and need nothing of what it folds.
    before: Vec<Stmt>,
    /// Those that run along it.
    along: Vec<Stmt>,
    /// Those that need what it folds.
    after: Vec<Stmt>,
    /// The maximum.
    anchor: Name,
    /// What the maximum is of.
    score: Val,
    /// Names of the sums over the axis.
    sums: BTreeSet<Name>,
    /// Definitions along the axis.
    lets: BTreeMap<Name, Val>,
}

impl<'a> Pass<'a> {
    fn of(axis: &'a Name, parts: &'a [Name; 2], body: &[Stmt]) -> Result<Pass<'a>, Refusal> {
        let outer = &parts[0];
        let folds = |stmt: &Stmt| matches!(stmt, Stmt::Fold { red, .. } if red == parts);
        let anchor = body.iter().find_map(|stmt| match stmt {
            Stmt::Fold { names, kind: FoldKind::Max, args, inner, .. }
                if folds(stmt) && inner.is_empty() =>
            {
                Some((names[0].clone(), args[0].clone()))
            }
            _ => None,
        });
        let Some((anchor, score)) = anchor else {
            return refuse("online", axis, "no maximum is taken over it");
        };
        let mut pass = Pass {
            axis,
            outer,
            before: Vec::new(),
            along: Vec::new(),
            after: Vec::new(),
            anchor,
            score,
            sums: BTreeSet::new(),
            lets: BTreeMap::new(),
        };
        let mut folded = BTreeSet::new();
        for stmt in body {
            pass.sort(stmt, folds(stmt), &mut folded)?;
        }
        Ok(pass)
    }

    fn sort(
        &mut self,
        stmt: &Stmt,
        folds: bool,
        folded: &mut BTreeSet<Name>,
    ) -> Result<(), Refusal> {
        let runs = match stmt {
            Stmt::Let { over, .. } | Stmt::Fold { over, .. } | Stmt::Store { over, .. } => {
                over.contains(self.outer)
            }
            Stmt::For { .. } | Stmt::Online { .. } => {
                return refuse("online", self.axis, "a nest stands inside");
            }
        };
        if runs && matches!(stmt, Stmt::Store { .. }) {
            return refuse("online", self.axis, "a store runs along it");
        }
        if let Stmt::Let { name, val, .. } = stmt
            && runs
        {
            self.lets.insert(name.clone(), val.clone());
        }
        if let Stmt::Fold { inner, .. } = stmt
            && folds
        {
            for stmt in inner {
                let Stmt::Let { name, val, .. } = stmt else {
                    return refuse("online", self.axis, "a fold over it holds another");
                };
                self.lets.insert(name.clone(), val.clone());
            }
        }
        if folds {
            folded.extend(stmt.defines().iter().cloned());
            let own = stmt.defines()[0].clone();
            if own != self.anchor {
                self.sums.insert(own);
            }
        }
        if folds || runs {
            self.along.push(stmt.clone());
            return Ok(());
        }
        if refs(stmt).is_disjoint(folded) {
            self.before.push(stmt.clone());
        } else {
            folded.extend(stmt.defines().iter().cloned());
            self.after.push(stmt.clone());
        }
        Ok(())
    }

    /// Every fold over the axis but the maximum is a sum, and nothing before the pass comes out of it.
    fn check(&self) -> Result<(), Refusal> {
        let after: BTreeSet<Name> =
            self.after.iter().flat_map(|stmt| stmt.defines().iter().cloned()).collect();
        for stmt in &self.along {
            let Stmt::Fold { names, kind, .. } = stmt else { continue };
            let own = self.sums.contains(&names[0]);
            if own && *kind != FoldKind::Sum {
                return refuse("online", &names[0], "only sums are carried on beside a maximum");
            }
            let leads = |name: &Name| after.contains(name);
            if refs(stmt).iter().any(leads) {
                return refuse("online", &names[0], "it needs what stands after the pass");
            }
        }
        Ok(())
    }

    /// Takes divisions by other sums out of the sums; gives the statements after the pass.
    fn divided(&mut self, kernel: &Kernel) -> Result<Vec<Stmt>, Refusal> {
        let mut quotients = Vec::new();
        let mut along = std::mem::take(&mut self.along);
        for stmt in &mut along {
            let Stmt::Fold { names, over, args, inner, .. } = stmt else { continue };
            if !self.sums.contains(&names[0]) {
                continue;
            }
            if let Some(by) = self.quotient(&args[0]) {
                let name = names[0].clone();
                names[0] = fresh(kernel, &format!("{name}_sum"));
                quotients.push(self.quotient_after(kernel, &name, &names[0], over, &by));
                args[0] = by.dividend;
            }
            inner.retain(|stmt| !self.is_quotient(stmt));
            let held: BTreeSet<Name> = inner.iter().flat_map(refs).collect();
            if !self.is_weighted(&args[0]) || self.depends(&held) {
                let rule = "its terms are not exponentials below the maximum times something else";
                return refuse("online", &names[0], rule);
            }
        }
        // What was a quotient at each point is not needed any more.
        along.retain(|stmt| !self.is_quotient(stmt));
        self.along = along;
        quotients.extend(std::mem::take(&mut self.after));
        Ok(quotients)
    }

    /// The quotient of two sums; where there is no key nothing is summed, and where every key is masked there is no number.
    fn quotient_after(
        &self,
        kernel: &Kernel,
        name: &Name,
        sum: &Name,
        over: &[Name],
        by: &Quotient,
    ) -> Stmt {
        let divisor = || Val::Ref(by.divisor.clone());
        let plain = Val::Op(Math::Div, vec![Val::Ref(sum.clone()), divisor()]);
        let zero = Val::Const(Literal::F32(0.0));
        let extent = kernel.axis(self.axis).map_or(Dim::constant(1), |axis| axis.extent.clone());
        let some = kernel.facts.prove_le(&Dim::constant(1), &extent).is_yes();
        let val = if by.zero_for_nan {
            let positive = Val::Op(Math::Gt, vec![divisor(), zero.clone()]);
            Val::Op(Math::Select, vec![positive, plain, zero])
        } else if some {
            plain
        } else {
            let count = Val::Index(extent, Scalar::I32);
            let any = Val::Op(Math::Gt, vec![count, Val::Const(Literal::I32(0))]);
            Val::Op(Math::Select, vec![any, plain, zero])
        };
        let (name, over) = (name.clone(), over.to_vec());
        Stmt::Let { name, scalar: Scalar::F32, over, val, place: Place::Inline }
    }

    /// A product with a division by one of the sums, apart.
    fn quotient(&self, val: &Val) -> Option<Quotient> {
        match val {
            Val::Op(Math::Div, args) => match &args[1] {
                Val::Ref(by) if self.sums.contains(by) => Some(Quotient {
                    dividend: args[0].clone(),
                    divisor: by.clone(),
                    zero_for_nan: false,
                }),
                _ => None,
            },
            Val::Op(Math::Mul, args) => {
                let (at, found) = args
                    .iter()
                    .enumerate()
                    .find_map(|(at, arg)| self.quotient(arg).map(|found| (at, found)))?;
                let mut factors = args.clone();
                factors[at] = found.dividend;
                Some(Quotient { dividend: Val::Op(Math::Mul, factors), ..found })
            }
            Val::Ref(name) => self.quotient(self.lets.get(name)?),
            // Weights that are no number, since every key is masked, are taken for nothing.
            Val::Op(Math::Select, args) => match &args[..] {
                [Val::Op(Math::IsNan, of), Val::Const(Literal::F32(0.0)), weight]
                    if of[0] == *weight =>
                {
                    Some(Quotient { zero_for_nan: true, ..self.quotient(weight)? })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a definition is a division by a sum, or is made of one.
    fn is_quotient(&self, stmt: &Stmt) -> bool {
        let Stmt::Let { val, .. } = stmt else { return false };
        let mut divides = !val.refs().is_disjoint(&self.sums);
        val.visit(&mut |part| divides |= self.quotient(part).is_some());
        divides
    }

    /// Whether a value is a product of one exponential below the maximum and of what does not depend on it.
    fn is_weighted(&self, val: &Val) -> bool {
        if self.is_exponential(val) {
            return true;
        }
        let Val::Op(Math::Mul, args) = val else { return false };
        let free = |val: &Val| !self.depends(&val.refs());
        (self.is_weighted(&args[0]) && free(&args[1]))
            || (free(&args[0]) && self.is_weighted(&args[1]))
    }

    fn is_exponential(&self, val: &Val) -> bool {
        let Val::Op(Math::Exp, args) = self.resolved(val) else { return false };
        let Val::Op(Math::Sub, args) = self.resolved(&args[0]) else { return false };
        args[1] == Val::Ref(self.anchor.clone())
            && (args[0] == self.score || self.resolved(&args[0]) == self.resolved(&self.score))
    }

    /// The value that a definition along the axis names.
    fn resolved<'v>(&'v self, val: &'v Val) -> &'v Val {
        match val {
            Val::Ref(name) => self.lets.get(name).map_or(val, |val| self.resolved(val)),
            _ => val,
        }
    }

    /// Whether one of the names comes out of the maximum or a sum.
    fn depends(&self, names: &BTreeSet<Name>) -> bool {
        names.iter().any(|name| {
            *name == self.anchor
                || self.sums.contains(name)
                || self.lets.get(name).is_some_and(|val| self.depends(&val.refs()))
        })
    }
}

/// A division of every term by a sum.
struct Quotient {
    dividend: Val,
    divisor: Name,
    zero_for_nan: bool,
}

/// Names that a statement uses, inside included.
fn refs(stmt: &Stmt) -> BTreeSet<Name> {
    let mut found = BTreeSet::new();
    stmt.visit(&mut |stmt| {
        stmt.vals().iter().for_each(|val| found.extend(val.refs()));
        if let Stmt::Store { at, guard, .. } = stmt {
            let dims = at.iter().chain(guard.iter().flat_map(|(a, b)| [a, b]));
            found.extend(dims.flat_map(Dim::vars).map(|var| var.name().clone()));
        }
    });
    found
}

/// The statements with what the maximum is of as a definition, held in registers like all that is dear along the block.
fn named_score(kernel: &Kernel, along: Vec<Stmt>, anchor: &Name, block: &Name) -> Vec<Stmt> {
    let lets: BTreeSet<Name> = along
        .iter()
        .filter(|stmt| matches!(stmt, Stmt::Let { .. }))
        .flat_map(|stmt| stmt.defines().iter().cloned())
        .collect();
    let mut named: Option<(Val, Val)> = None;
    let mut body = Vec::new();
    for mut stmt in along {
        if let Stmt::Fold { names, args, over, red, .. } = &mut stmt
            && names.contains(anchor)
            && !matches!(&args[0], Val::Ref(name) if lets.contains(name))
        {
            let (name, over) = (fresh(kernel, "score"), [over.as_slice(), red].concat());
            let reference = Val::Ref(name.clone());
            let val = std::mem::replace(&mut args[0], reference.clone());
            named = Some((val.clone(), reference));
            body.push(Stmt::Let { name, scalar: Scalar::F32, over, val, place: Place::Keep });
        } else if let Some((score, reference)) = &named {
            stmt.visit_mut(&mut |stmt| {
                for val in stmt.vals_mut() {
                    let old = std::mem::replace(val, Val::Const(Literal::Bool(false)));
                    *val =
                        old.map(&mut |part| if part == *score { reference.clone() } else { part });
                }
            });
        }
        body.push(stmt);
    }
    let score = body.iter().find_map(|stmt| match stmt {
        Stmt::Fold { names, args, .. } if names.contains(anchor) => args[0].refs().pop_first(),
        _ => None,
    });
    for stmt in &mut body {
        if let Stmt::Let { name, over, place, val, .. } = stmt
            && over.contains(block)
            && (matches!(val, Val::Op(..)) || Some(&*name) == score.as_ref())
        {
            *place = Place::Keep;
        }
    }
    body
}

/// The statement at one block of the pass.
fn within_block(stmt: &mut Stmt, outer: &Name, block: &Name) {
    for axes in super::axis_lists(stmt) {
        if axes.contains(block) {
            axes.retain(|axis| axis != outer);
        }
    }
}
