//! Contractions whose operands both lie along the reduced axis: `a[i, k] * b[j, k]`, as of scores of attention and of
//! weights that are stored an output a row.
//!
//! Rows go to lanes, columns to a tile; both operands are loaded as vectors along the reduced axis, the right one spread
//! over the lanes where there are subgroups.

use ferrodyne_plan::loops::{Bind, GridDim, Kernel, Level, Tail};
use ferrodyne_plan::{Dim, Name};

use super::contract::{Shape, along, buffer, extent};
use super::pointwise::joined_name;
use super::{Context, alone};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, bind, fuse, order, split, stage, tile};
use crate::schedule::table;

/// One sum of products of values that both lie along the last reduced axis.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let Some(shape) = super::contract::shape(kernel) else { return Ok(None) };
    if super::words::torn(kernel, &[]) || buffer(&shape.factors[0]) == buffer(&shape.factors[1]) {
        return Ok(None);
    }
    let length = extent(kernel, &shape.depth);
    let inner = shape.factors.iter().all(|factor| along(kernel, factor, &shape.depth));
    let rows: Dim = shape.rows.iter().map(|row| extent(kernel, row)).product();
    let few = |dim: &Dim, least: i64| context.size(dim).is_some_and(|size| size < least);
    let columns = extent(kernel, &shape.column);
    if !inner
        || !kernel.facts.prove_multiple(&length, 4).is_yes()
        || few(&rows, 8)
        || few(&columns, 4)
    {
        return Ok(None);
    }
    let mut kernel = kernel.clone();
    let name = joined_name(&shape.rows);
    let row = if shape.rows.len() > 1 {
        fuse(&mut kernel, &shape.rows, &name)?
    } else {
        shape.rows[0].clone()
    };
    let lanes = context.target.subgroup_size;
    let tile = table::inner(lanes, few(&rows, 32), context.options.pick);
    match lanes {
        Some(lanes) => by_lanes(&mut kernel, &shape, &row, i64::from(lanes), tile)?,
        None => by_invocations(&mut kernel, &shape, &row, tile)?,
    }
    for axis in &shape.batch {
        bind(&mut kernel, axis, Bind::Group(GridDim::Z))?;
    }
    Ok(Some(alone(kernel)))
}

/// The reduced axis as vectors: an outer loop, and four steps.
fn depth(kernel: &mut Kernel, axis: &Name) -> Result<[Name; 2], Refusal> {
    let parts = split(kernel, axis, &[("o", None), ("q", Some(4))], Tail::Exact)?;
    bind(kernel, &parts[1], Bind::Unroll)?;
    Ok([parts[0].clone(), parts[1].clone()])
}

fn by_lanes(
    kernel: &mut Kernel,
    shape: &Shape,
    row: &Name,
    lanes: i64,
    (columns, times): (i64, i64),
) -> Result<(), Refusal> {
    let i =
        split(kernel, row, &[("g", None), ("t", Some(times)), ("l", Some(lanes))], Tail::Clamp)?;
    let j = split(kernel, &shape.column, &[("g", None), ("t", Some(columns))], Tail::Clamp)?;
    let [outer, inner] = depth(kernel, &shape.depth)?;
    bind(kernel, &i[0], Bind::Group(GridDim::X))?;
    bind(kernel, &i[1], Bind::Unroll)?;
    bind(kernel, &i[2], Bind::Lane)?;
    bind(kernel, &j[0], Bind::Group(GridDim::Y))?;
    bind(kernel, &j[1], Bind::Unroll)?;
    tile(kernel, &[i[1].clone(), j[1].clone()])?;
    let walk = [outer.clone(), j[1].clone(), inner.clone(), i[1].clone()];
    order(kernel, &[shape.taps.as_slice(), &walk].concat())?;
    let vec = std::slice::from_ref(&inner);
    stage(kernel, &buffer(&shape.factors[0]), &outer, Level::Register, vec)?;
    stage(kernel, &buffer(&shape.factors[1]), &outer, Level::Lane(j[1].clone()), vec)
}

fn by_invocations(
    kernel: &mut Kernel,
    shape: &Shape,
    row: &Name,
    (columns, times): (i64, i64),
) -> Result<(), Refusal> {
    let i = split(kernel, row, &[("g", None), ("l", Some(8)), ("t", Some(times))], Tail::Clamp)?;
    let parts = [("g", None), ("l", Some(8)), ("t", Some(columns))];
    let j = split(kernel, &shape.column, &parts, Tail::Clamp)?;
    let [outer, inner] = depth(kernel, &shape.depth)?;
    bind(kernel, &i[0], Bind::Group(GridDim::Y))?;
    bind(kernel, &i[1], Bind::Local(GridDim::Y))?;
    bind(kernel, &i[2], Bind::Unroll)?;
    bind(kernel, &j[0], Bind::Group(GridDim::X))?;
    bind(kernel, &j[1], Bind::Local(GridDim::X))?;
    bind(kernel, &j[2], Bind::Unroll)?;
    tile(kernel, &[i[2].clone(), j[2].clone()])?;
    let walk = [outer.clone(), i[2].clone(), j[2].clone(), inner.clone()];
    order(kernel, &[shape.taps.as_slice(), &walk].concat())?;
    let vec = std::slice::from_ref(&inner);
    stage(kernel, &buffer(&shape.factors[0]), &outer, Level::Register, vec)?;
    stage(kernel, &buffer(&shape.factors[1]), &outer, Level::Register, vec)
}
