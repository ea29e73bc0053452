//! Attention in one pass over the keys: an invocation has queries and their results in registers, blocks of keys and values come
//! by, and what was summed is scaled whenever the maximum of the scores grows.
//!
//! The shape is recognised from the loops: scores as a family of products along the keys, their maximum, and sums over the keys.

use std::collections::BTreeMap;

use ferrodyne_plan::loops::{Bind, FoldKind, GridDim, Kernel, Math, Stmt, Tail, Val};
use ferrodyne_plan::{Dim, Name, Var};

use super::contract::extent;
use super::{Context, alone};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, bind, hold, online, order, split, tile};
use crate::schedule::table::{self, Left};

/// Elements of a head that are written out one by one where they make no vectors of four.
const SCALARS_MAX: i64 = 32;

/// The loops of an attention.
struct Shape {
    /// Axes that each workgroup has one value of.
    heads: Vec<Name>,
    queries: Name,
    keys: Name,
    /// The axis that scores reduce.
    depth: Name,
    /// The axis of the results.
    width: Name,
    /// The folds of scores and results.
    folds: [Name; 2],
}

/// One nest over queries with scores along keys, and folds over the keys.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let kernel = &read_at_uses(kernel);
    let Some(shape) = shape(kernel) else { return Ok(None) };
    let length = |axis: &Name| extent(kernel, axis).as_const();
    let whole = |length: i64| length % 4 == 0 || length <= SCALARS_MAX;
    let (Some(depth), Some(width)) = (length(&shape.depth), length(&shape.width)) else {
        return Ok(None);
    };
    if !whole(depth) || !whole(width) || super::words::torn(kernel, &[]) {
        return Ok(None);
    }
    let mut kernel = kernel.clone();
    scheduled(&mut kernel, &shape, depth.max(width), context)?;
    Ok(Some(alone(kernel)))
}

/// The kernel with elements read where they are used: one that is key and value at once waits in two places.
fn read_at_uses(kernel: &Kernel) -> Kernel {
    let mut kernel = kernel.clone();
    let mut loads: BTreeMap<Name, Val> = BTreeMap::new();
    if let [Stmt::For { body, .. }] = kernel.body.as_mut_slice() {
        body.retain(|stmt| match stmt {
            Stmt::Let { name, over, val: val @ Val::Load { .. }, .. } if !over.is_empty() => {
                loads.insert(name.clone(), val.clone());
                false
            }
            _ => true,
        });
    }
    kernel.map_vals(&mut |val| match &val {
        Val::Ref(name) => loads.get(name).cloned().unwrap_or(val),
        _ => val,
    });
    kernel
}

fn shape(kernel: &Kernel) -> Option<Shape> {
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else { return None };
    let folds = |kind: FoldKind| {
        body.iter().filter_map(move |stmt| match stmt {
            Stmt::Fold { names, kind: own, over, red, args, .. } if *own == kind => {
                Some((&names[0], over.as_slice(), red.as_slice(), args.as_slice()))
            }
            _ => None,
        })
    };
    let (_, [], [keys], _) = folds(FoldKind::Max).next()? else { return None };
    let scores = |fold: &(_, &[Name], _, _)| fold.1 == [keys.clone()];
    let (scores, _, [depth], [Val::Op(Math::Mul, factors)]) = folds(FoldKind::Sum).find(scores)?
    else {
        return None;
    };
    let mixes = |fold: &(_, &[Name], &[Name], _)| !fold.1.is_empty() && fold.2 == [keys.clone()];
    let (result, [width], ..) = folds(FoldKind::Sum).find(mixes)? else { return None };
    let uses = |val: &Val, axis: &Name| {
        let var = Var::Axis(axis.clone());
        val.dims().into_iter().any(|dim| dim.uses(&var))
    };
    let key = factors.iter().find(|factor| uses(factor, keys))?;
    let varies = |axis: &&Name| !uses(key, axis);
    let size = |axis: &&Name| extent(kernel, axis).as_const().unwrap_or(i64::MAX);
    let queries = axes.iter().filter(varies).max_by_key(size)?;
    let rest = axes.iter().filter(|axis| *axis != queries);
    Some(Shape {
        heads: rest.cloned().collect(),
        queries: queries.clone(),
        keys: keys.clone(),
        depth: depth.clone(),
        width: width.clone(),
        folds: [scores.clone(), result.clone()],
    })
}

fn scheduled(
    kernel: &mut Kernel,
    shape: &Shape,
    length: i64,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let scores = shape.heads.iter().chain([&shape.queries, &shape.keys, &shape.depth]);
    let work: Dim = scores.map(|axis| extent(kernel, axis)).product();
    let mut pass = table::pass(context.target, length, context.size(&work), context.options.pick);
    let count = context.size(&extent(kernel, &shape.queries));
    while pass.queries > 1
        && count.is_some_and(|count| count <= pass.invocations * pass.queries / 2)
    {
        pass.queries /= 2;
    }
    let parts = [("g", None), ("t", Some(pass.queries)), ("l", Some(pass.invocations))];
    let i = split(kernel, &shape.queries, &parts, Tail::Clamp)?;
    let j = split(kernel, &shape.keys, &[("o", None), ("u", Some(pass.keys))], Tail::Unit)?;
    let depth = vectors(kernel, &shape.depth)?;
    let width =
        if shape.width == shape.depth { depth.clone() } else { vectors(kernel, &shape.width)? };
    bind(kernel, &i[0], Bind::Group(GridDim::X))?;
    bind(kernel, &i[1], Bind::Unroll)?;
    let lane = if pass.held == Left::Lane { Bind::Lane } else { Bind::Local(GridDim::X) };
    bind(kernel, &i[2], lane)?;
    bind(kernel, &j[1], Bind::Unroll)?;
    for axis in &shape.heads {
        bind(kernel, axis, Bind::Group(GridDim::Y))?;
    }
    tile(kernel, std::slice::from_ref(&i[1]))?;
    online(kernel, &shape.keys, [&j[0], &j[1]])?;
    let walk = |along: &[Name]| {
        let (first, rest) = along.split_first()?;
        let inner = [j[1].clone(), i[1].clone()];
        Some([std::slice::from_ref(first), &inner, rest].concat())
    };
    for along in [&depth, &width] {
        walk(along).map_or(Ok(()), |walk| order(kernel, &walk))?;
    }
    if pass.held == Left::Lane {
        // A factor that is no load by itself is loaded by every invocation.
        let result = sum_of(kernel, &shape.folds[1]);
        let _ = hold(kernel, &shape.folds[0], "key_at", &depth[0], &j[1]);
        let _ = hold(kernel, &result, "value_at", &width[0], &j[1]);
    }
    Ok(())
}

/// The fold that became of a fold whose terms were divided.
fn sum_of(kernel: &Kernel, name: &Name) -> Name {
    let mut folded = name.clone();
    kernel.visit(&mut |stmt| {
        if let Stmt::Let { name: own, val, .. } = stmt
            && own == name
        {
            let sums: Vec<Name> = val.refs().into_iter().collect();
            kernel.visit(&mut |stmt| {
                if let Stmt::Fold { names, over, .. } = stmt
                    && sums.contains(&names[0])
                    && over.len() > 1
                {
                    folded = names[0].clone();
                }
            });
        }
    });
    folded
}

/// An axis in registers: as vectors of four, or element by element.
fn vectors(kernel: &mut Kernel, axis: &Name) -> Result<Vec<Name>, Refusal> {
    let four = extent(kernel, axis).as_const().is_some_and(|length| length % 4 == 0);
    if !four {
        bind(kernel, axis, Bind::Unroll)?;
        return Ok(vec![axis.clone()]);
    }
    let parts = split(kernel, axis, &[("u", None), ("v", Some(4))], Tail::Exact)?;
    bind(kernel, &parts[0], Bind::Unroll)?;
    bind(kernel, &parts[1], Bind::Vec)?;
    Ok(parts)
}
