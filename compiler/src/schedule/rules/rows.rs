//! A contraction with what reduces its rows (a softmax, a norm): a register tile whose columns are the whole row, so that the folds over
//! the row join what the lanes hold.
//!
//! In: one nest over rows, in it a sum of products along the columns, folds over these, and stores. Out: rows in groups and unrolled,
//! columns in vectors over the lanes.

use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Bind, FoldKind, GridDim, Kernel, Stmt, Tail};

use super::contract::{Shape, extent, product, split_depth, stage_operands};
use super::pointwise::joined_name;
use super::{Context, alone};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, bind, fuse, order, split, tile};
use crate::schedule::table::{self, Left};

/// The rule.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let Some(shape) = shape(kernel) else { return Ok(None) };
    let Some(columns) = extent(kernel, &shape.column).as_const() else { return Ok(None) };
    let lanes = context.target.lanes();
    let width = if columns % 4 == 0 { 4 } else { 1 };
    let vectors = (columns + width * lanes - 1) / (width * lanes);
    if super::words::torn(kernel, std::slice::from_ref(&shape.column))
        || vectors > table::ROW_TILE_MAX
    {
        return Ok(None);
    }
    let mut kernel = kernel.clone();
    scheduled(&mut kernel, shape, [vectors, lanes, width], context)?;
    Ok(Some(alone(kernel)))
}

/// The contraction: its batch and rows are what the nest walks, its column is what its sums run along.
fn shape(kernel: &Kernel) -> Option<Shape> {
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else { return None };
    let is_sum = |stmt: &&Stmt| matches!(stmt, Stmt::Fold { over, .. } if !over.is_empty());
    let mut sums = body.iter().filter(is_sum);
    let Some(Stmt::Fold { kind: FoldKind::Sum, over, red, inner, args, .. }) = sums.next() else {
        return None;
    };
    let [column] = over.as_slice() else { return None };
    let along = |axes: &[Name]| axes.is_empty() || axes == over.as_slice();
    let fits = |stmt: &Stmt| match stmt {
        Stmt::Let { over, .. } => along(over),
        Stmt::Store { over, merge, .. } => along(over) && merge.is_none(),
        Stmt::Fold { over: own, red, inner, .. } => {
            !own.is_empty()
                || (red.as_slice() == over.as_slice()
                    && inner.iter().all(|stmt| matches!(stmt, Stmt::Let { .. })))
        }
        Stmt::For { .. } | Stmt::Online { .. } => false,
    };
    if sums.next().is_some() || !inner.is_empty() || !body.iter().all(fits) {
        return None;
    }
    product(body, axes, column, red, args)
}

fn scheduled(
    kernel: &mut Kernel,
    shape: Shape,
    [vectors, lanes, width]: [i64; 3],
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let Shape { batch, rows, column, taps, depth, factors } = shape;
    let (shaped, _) = table::tile(context.target, Some(0), 0);
    let row =
        if rows.len() > 1 { fuse(kernel, &rows, &joined_name(&rows))? } else { rows[0].clone() };
    let many = shaped.rows.min(table::ROW_TILE_MAX / vectors);
    let i = split(kernel, &row, &[("g", None), ("t", Some(many))], Tail::Clamp)?;
    let mut parts = vec![("t", Some(vectors)), ("l", Some(lanes))];
    if width > 1 {
        parts.push(("v", Some(width)));
    }
    let j = split(kernel, &column, &parts, Tail::Unit)?;
    let k = split_depth(kernel, &depth, shaped.steps)?;
    bind(kernel, &i[0], Bind::Group(GridDim::X))?;
    for axis in &batch {
        bind(kernel, axis, Bind::Group(GridDim::Z))?;
    }
    let lane = if shaped.left == Left::Lane { Bind::Lane } else { Bind::Local(GridDim::X) };
    bind(kernel, &i[1], Bind::Unroll)?;
    bind(kernel, &j[0], Bind::Unroll)?;
    bind(kernel, &j[1], lane)?;
    j[2..].iter().try_for_each(|axis| bind(kernel, axis, Bind::Vec))?;
    tile(kernel, &i[1..])?;
    let inner = [k[0].clone(), k[1].clone(), i[1].clone(), k[2].clone()];
    order(kernel, &[taps.as_slice(), &inner, j.as_slice()].concat())?;
    let held = if shaped.left == Left::Lane { Left::Lane } else { Left::Register };
    stage_operands(kernel, &factors, &i[1], &k, held)
}
