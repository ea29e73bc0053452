//! Walks over values: what they refer to, how large they are, and substitution.

use ferrodyne_plan::loops::{Coord, Math, Val};
use ferrodyne_plan::{Dim, Name, Scalar, Var};

/// Calls back for every name that a value refers to, by reference or as data in an index.
pub(super) fn references(val: &Val, found: &mut dyn FnMut(&Name)) {
    let found = std::cell::RefCell::new(found);
    visit(
        val,
        &mut |part| {
            if let Val::Ref(name) = part {
                (found.borrow_mut())(name);
            }
        },
        &mut |dim| data(dim, &mut |name| (found.borrow_mut())(name)),
    );
}

/// Calls back for every name that an index takes from data.
pub(super) fn data(dim: &Dim, found: &mut dyn FnMut(&Name)) {
    for var in dim.vars() {
        if let Var::Data(name) = &var {
            found(name);
        }
    }
}

/// Calls back for every axis in a value's indices.
pub(super) fn axes(val: &Val, found: &mut dyn FnMut(&Name)) {
    visit(val, &mut |_| {}, &mut |dim| {
        for var in dim.vars() {
            if let Var::Axis(name) = &var {
                found(name);
            }
        }
    });
}

/// Calls back for every part of a value and every index in it.
pub(super) fn visit(val: &Val, part: &mut dyn FnMut(&Val), index: &mut dyn FnMut(&Dim)) {
    part(val);
    match val {
        Val::Const(_) | Val::Ref(_) => {}
        Val::Load { at, .. } => at.iter().for_each(|c| index(&c.ix)),
        Val::Index(ix, _) => index(ix),
        Val::Op(_, operands) => operands.iter().for_each(|v| visit(v, part, index)),
        Val::Case { on, arms } => {
            index(on);
            for (from, to, arm) in arms {
                index(from);
                index(to);
                visit(arm, part, index);
            }
        }
    }
}

/// Number of operations and cases in a value.
pub(super) fn operations(val: &Val) -> usize {
    let mut count = 0;
    visit(
        val,
        &mut |v| count += usize::from(matches!(v, Val::Op(..) | Val::Case { .. })),
        &mut |_| {},
    );
    count
}

/// The value with references and indices replaced.
pub(super) fn rewrite(
    val: Val,
    refs: &dyn Fn(&Name) -> Option<Val>,
    dims: &dyn Fn(&Dim) -> Dim,
) -> Val {
    match val {
        Val::Const(_) => val,
        Val::Ref(ref name) => refs(name).unwrap_or(val),
        Val::Load { buf, at, fill } => {
            let at =
                at.into_iter().map(|c| Coord { ix: dims(&c.ix), checked: c.checked }).collect();
            Val::Load { buf, at, fill }
        }
        Val::Index(ix, scalar) => Val::Index(dims(&ix), scalar),
        Val::Op(math, operands) => {
            Val::Op(math, operands.into_iter().map(|v| rewrite(v, refs, dims)).collect())
        }
        Val::Case { on, arms } => Val::Case {
            on: dims(&on),
            arms: arms
                .into_iter()
                .map(|(a, b, v)| (dims(&a), dims(&b), rewrite(v, refs, dims)))
                .collect(),
        },
    }
}

/// The type of a value; `of` gives that of a reference or a parameter.
pub(super) fn scalar(val: &Val, of: &dyn Fn(&Name) -> Scalar) -> Scalar {
    match val {
        Val::Const(literal) => literal.scalar(),
        Val::Ref(name) | Val::Load { buf: name, .. } => of(name),
        Val::Index(_, scalar) => *scalar,
        Val::Op(math, operands) => match math {
            Math::Cast(scalar) | Math::Bitcast(scalar) => *scalar,
            Math::IsNan | Math::Eq | Math::Ne | Math::Lt | Math::Le | Math::Gt | Math::Ge => {
                Scalar::Bool
            }
            Math::Select => scalar(&operands[1], of),
            _ => scalar(&operands[0], of),
        },
        Val::Case { arms, .. } => arms.first().map_or(Scalar::F32, |(_, _, v)| scalar(v, of)),
    }
}
