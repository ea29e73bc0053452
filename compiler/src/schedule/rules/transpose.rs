//! Transpositions: element by element, where what is read lies along another axis than what is written.
//!
//! An invocation has a square of four by four elements: it reads four vectors along one axis and writes four along the other.

use ferrodyne_plan::loops::{Bind, GridDim, Kernel, Stmt, Tail, Val};
use ferrodyne_plan::{Dim, Name, Var};

use super::contract::extent;
use super::pointwise::joined_name;
use super::{Context, alone};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, bind, fuse, split, tile};

/// Invocations of a workgroup along each of the two axes.
const SIDE: i64 = 8;

/// One nest with definitions and stores, all of which lie along the last axis, and a load that lies along another.
pub(super) fn rule(kernel: &Kernel, _: &Context<'_>) -> Result<Option<ScheduledVariant>, Refusal> {
    if !is_elementwise(kernel) || super::words::is_written(kernel) {
        return Ok(None);
    }
    let mut kernel = kernel.clone();
    join(&mut kernel)?;
    let [Stmt::For { axes, .. }] = kernel.body.as_slice() else { return Ok(None) };
    let axes = axes.clone();
    let Some((last, others)) = axes.split_last() else { return Ok(None) };
    let (loads, stores) = accesses(&kernel);
    let near = |access: &Dim, axis: &Name| step(&kernel, access, axis) == Some(1);
    let across = |axis: &&Name| loads.iter().any(|load| near(load, axis));
    let four = |axis: &Name| kernel.facts.prove_multiple(&extent(&kernel, axis), 4).is_yes();
    let Some(other) = others.iter().rfind(across).cloned() else { return Ok(None) };
    if !stores.iter().all(|store| near(store, last)) || !four(last) || !four(&other) {
        return Ok(None);
    }
    let mut inner = Vec::new();
    let mut outer = Vec::new();
    for axis in [&other, last] {
        let parts = split(&mut kernel, axis, &[("o", None), ("t", Some(4))], Tail::Exact)?;
        bind(&mut kernel, &parts[1], if axis == last { Bind::Vec } else { Bind::Unroll })?;
        outer.push(parts[0].clone());
        inner.push(parts[1].clone());
    }
    tile(&mut kernel, &inner)?;
    for (axis, dim) in outer.iter().zip([GridDim::Y, GridDim::X]) {
        let parts = split(&mut kernel, axis, &[("g", None), ("l", Some(SIDE))], Tail::Clamp)?;
        bind(&mut kernel, &parts[0], Bind::Group(dim))?;
        bind(&mut kernel, &parts[1], Bind::Local(dim))?;
    }
    let rest = others.iter().filter(|axis| **axis != other);
    for axis in rest {
        bind(&mut kernel, axis, Bind::Group(GridDim::Z))?;
    }
    Ok(Some(alone(kernel)))
}

/// One nest of definitions and stores of one point each, at places that are known beforehand.
fn is_elementwise(kernel: &Kernel) -> bool {
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else { return false };
    let data = |dim: &Dim| dim.vars().iter().any(|var| matches!(var, Var::Data(_)));
    let plain = |stmt: &Stmt| match stmt {
        Stmt::Let { over, .. } => over.is_empty(),
        Stmt::Store { over, merge, at, .. } => {
            over.is_empty() && merge.is_none() && !at.iter().any(data)
        }
        Stmt::For { .. } | Stmt::Fold { .. } | Stmt::Online { .. } => false,
    };
    let mut known = true;
    kernel.visit_vals(&mut |val| match val {
        Val::Load { at, .. } => {
            known &= !at.iter().any(|coord| coord.checked || data(&coord.ix));
        }
        Val::Case { .. } | Val::Index(..) => known = false,
        _ => {}
    });
    known && axes.len() > 1 && body.iter().all(plain)
}

/// The places of loads and of stores, each as one number.
fn accesses(kernel: &Kernel) -> (Vec<Dim>, Vec<Dim>) {
    let flat = |buf: &Name, at: &mut dyn Iterator<Item = &Dim>| {
        let dims = kernel.param(buf).map_or(&[][..], |param| &param.dims);
        let joined = |flat: Dim, (ix, extent): (&Dim, &Dim)| flat * extent.clone() + ix.clone();
        kernel.facts.simplify(&at.zip(dims).fold(Dim::constant(0), joined))
    };
    let loads = kernel.loads().into_iter();
    let loads = loads.map(|(buf, at)| flat(buf, &mut at.iter().map(|coord| &coord.ix))).collect();
    let mut stores = Vec::new();
    kernel.visit(&mut |stmt| {
        if let Stmt::Store { buf, at, .. } = stmt {
            stores.push(flat(buf, &mut at.iter()));
        }
    });
    (loads, stores)
}

/// Elements from one point of the axis to the next, where that is constant.
fn step(kernel: &Kernel, access: &Dim, axis: &Name) -> Option<i64> {
    let (step, _) = access.linear_in(&Var::Axis(axis.clone()))?;
    kernel.facts.simplify(&step).as_const()
}

/// Makes one axis of neighbours that every access takes as one, such as rows and columns of an image.
fn join(kernel: &mut Kernel) -> Result<(), Refusal> {
    let mut at = 1;
    loop {
        let [Stmt::For { axes, .. }] = kernel.body.as_slice() else { return Ok(()) };
        let Some(pair) = axes.get(at - 1..=at).map(<[Name]>::to_vec) else { return Ok(()) };
        if are_one(kernel, &pair) {
            fuse(kernel, &pair, &joined_name(&pair))?;
        } else {
            at += 1;
        }
    }
}

/// Whether a step along the outer axis is as far as all of the inner one, wherever they are used.
fn are_one(kernel: &Kernel, pair: &[Name]) -> bool {
    let (loads, stores) = accesses(kernel);
    let length = extent(kernel, &pair[1]);
    let along = |access: &Dim, axis: &Name| access.linear_in(&Var::Axis(axis.clone()));
    loads.iter().chain(&stores).all(|access| {
        let steps = (along(access, &pair[0]), along(access, &pair[1]));
        let (Some((outer, _)), Some((inner, _))) = steps else { return false };
        kernel.facts.simplify(&(outer - inner * length.clone())).is_zero()
    })
}
