//! Takes away checks that are not needed: inside the arm of a case, what decides the case is known to lie in the arm's range.
//! Cases whose arms cannot be shown to cover every point become choices between values that are all computed.

use std::collections::BTreeMap;

use ferrodyne_plan::loops::{Literal, Math, Stmt, Val};
use ferrodyne_plan::{Dim, Facts, Name, Scalar};

use super::pull::in_range;

/// Shapes of the buffers that a kernel reads.
pub(super) type Shapes = BTreeMap<Name, Vec<Dim>>;

/// Statements with no more checks than needed.
pub(super) fn relax(body: &mut [Stmt], facts: &Facts, shapes: &Shapes) {
    for stmt in body {
        for val in stmt.vals_mut() {
            let old = std::mem::replace(val, Val::Const(Literal::Bool(false)));
            *val = relaxed(old, facts, shapes);
        }
        if let Some(children) = stmt.children_mut() {
            relax(children, facts, shapes);
        }
    }
}

fn relaxed(val: Val, facts: &Facts, shapes: &Shapes) -> Val {
    match val {
        Val::Const(_) | Val::Ref(_) | Val::Index(..) => val,
        Val::Load { buf, mut at, fill } => {
            let dims = shapes.get(&buf).map_or(&[][..], Vec::as_slice);
            for (coord, size) in at.iter_mut().zip(dims) {
                coord.checked = coord.checked && !in_range(facts, &coord.ix, size);
            }
            let fill = fill.filter(|_| at.iter().any(|c| c.checked));
            Val::Load { buf, at, fill }
        }
        Val::Op(math, operands) => {
            Val::Op(math, operands.into_iter().map(|v| relaxed(v, facts, shapes)).collect())
        }
        Val::Case { on, arms } if covers(&on, &arms, facts) => {
            let arms = arms.into_iter().map(|(from, to, arm)| {
                let mut inside = facts.clone();
                inside.assume_lt(on.clone(), to.clone());
                inside.assume_lt(&from - 1, on.clone());
                let arm = relaxed(arm, &inside, shapes);
                (from, to, arm)
            });
            let arms = arms.collect();
            Val::Case { on, arms }
        }
        Val::Case { on, arms } => select(&on, arms, facts, shapes),
    }
}

/// Whether the arms follow each other and cover every value of what decides.
fn covers(on: &Dim, arms: &[(Dim, Dim, Val)], facts: &Facts) -> bool {
    let (Some(first), Some(last)) = (arms.first(), arms.last()) else { return false };
    arms.windows(2).all(|pair| facts.prove_eq(&pair[0].1, &pair[1].0).is_yes())
        && facts.prove_le(&first.0, on).is_yes()
        && facts.prove_lt(on, &last.1).is_yes()
}

/// The first arm below whose end the index lies; the last one otherwise.
fn select(on: &Dim, arms: Vec<(Dim, Dim, Val)>, facts: &Facts, shapes: &Shapes) -> Val {
    let index = |ix: &Dim| Val::Index(ix.clone(), Scalar::I32);
    let mut rest = arms.into_iter().rev().map(|(_, to, arm)| (to, relaxed(arm, facts, shapes)));
    let Some((_, last)) = rest.next() else { return Val::Const(Literal::F32(0.0)) };
    rest.fold(last, |other, (to, arm)| {
        let below = Val::Op(Math::Lt, vec![index(on), index(&to)]);
        Val::Op(Math::Select, vec![below, arm, other])
    })
}
