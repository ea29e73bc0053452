//! Contractions (matrix products, convolutions): a register tile of sums, one operand shared by the rows of the tile, the
//! other by its columns.
//!
//! The shape is recognised from the loops: a sum of products of two values, one that does not change along the last row
//! axis (left), and one that lies along it (right). A convolution is a contraction whose left operand has checked
//! coordinates; its taps stay loops outside the channels.

use ferrodyne_plan::loops::{Bind, FoldKind, GridDim, Kernel, Level, Math, Stmt, Tail, Val};
use ferrodyne_plan::{Dim, Facts, Name, Range, Var};

use super::pointwise::joined_name;
use super::{Context, alone};
use crate::schedule::steps::{Refusal, bind, fuse, order, part, refuse, split, stage, tile};
use crate::schedule::table::{self, Left, Tile};
use crate::schedule::{ScheduleOptions, ScheduledVariant};

/// What is known of a contraction.
pub(super) struct Shape {
    /// Axes that both operands share, and those of the right one that lie outside of its column: one product each.
    pub(super) batch: Vec<Name>,
    /// Axes of the left operand and the result.
    pub(super) rows: Vec<Name>,
    /// The axis of the right operand and the result.
    pub(super) column: Name,
    /// Reduced axes but the last.
    pub(super) taps: Vec<Name>,
    /// The last reduced axis.
    pub(super) depth: Name,
    /// The left factor and the right one.
    pub(super) factors: [Val; 2],
}

/// One nest with one sum of products whose right factor lies along the last axis of the nest.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    tiled(kernel, context, true)
}

/// The same where the right factor lies otherwise, as the weights of a convolution that were not repacked: its vectors are
/// gathered, once for all rows of the tile.
pub(super) fn gathered(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    tiled(kernel, context, false)
}

fn tiled(
    kernel: &Kernel,
    context: &Context<'_>,
    near: bool,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let Some(shape) = shape(kernel) else { return Ok(None) };
    if super::words::torn(kernel, std::slice::from_ref(&shape.column)) {
        return Ok(None);
    }
    let extent = |axis: &Name| extent(kernel, axis);
    let columns = extent(&shape.column);
    let rows: Dim = shape.rows.iter().map(extent).product();
    let depth: Dim = shape.taps.iter().chain([&shape.depth]).map(extent).product();
    let all = rows.clone() * columns.clone() * depth;
    let work = context.size(&all);
    let few = context.size(&rows).is_some_and(|rows| rows < 4)
        || context.size(&columns).is_some_and(|n| n < 16);
    let (mut tile, parts) = table::tile(context.target, work, context.options.pick);
    let right = &shape.factors[1];
    let lies_near = along(kernel, right, &shape.column)
        || in_panels(kernel, right, &shape.column, tile.columns(context.target));
    if few || near != lies_near {
        return Ok(None);
    }
    let narrow = |size: &Dim| context.size(size).is_some_and(|size| size < table::SHARED_MIN);
    if tile.left == Left::Workgroup
        && context.options.pick == 0
        && (narrow(&rows) || narrow(&columns))
    {
        (tile, _) = table::tile(context.target, Some(0), 0);
    }
    if !near {
        tile.vectors = 1;
    }
    if !kernel.facts.prove_multiple(&columns, 4).is_yes() {
        tile.width = 1;
    }
    let parts = parts.or_else(|| chosen_parts(kernel, &shape, tile, context)).unwrap_or(1);
    if let Some(cut) = cut(kernel, &shape, parts, context)? {
        return Ok(Some(cut));
    }
    let mut kernel = kernel.clone();
    scheduled(&mut kernel, shape, tile, context)?;
    Ok(Some(alone(kernel)))
}

/// In how many parts few tiles of a long reduced axis keep the device busy. Sizes that vary are left alone: the sums of the
/// parts would grow with them.
fn chosen_parts(kernel: &Kernel, shape: &Shape, tile: Tile, context: &Context<'_>) -> Option<i64> {
    let size =
        |axes: &[Name]| axes.iter().map(|axis| extent(kernel, axis)).product::<Dim>().as_const();
    let (abreast, lanes) = tile.workgroup(context.target);
    let columns = size(std::slice::from_ref(&shape.column))?;
    let width = (tile.width * lanes * tile.vectors).min(columns.max(1));
    let height = tile.rows * abreast;
    let tiles = (size(&shape.rows)? + height - 1) / height * ((columns + width - 1) / width);
    let taps = size(&shape.taps)?;
    let depth = size(std::slice::from_ref(&shape.depth))?;
    Some(table::parts(context.target, tiles * size(&shape.batch)?, taps * depth))
}

/// Whether a contraction is cut in parts, which are numbers of its own sizes.
pub(super) fn is_cut(kernel: &Kernel, shape: &Shape, context: &Context<'_>) -> bool {
    let sizes = [&shape.batch, &shape.rows, &shape.taps].into_iter().flatten();
    let sizes = sizes.chain([&shape.column, &shape.depth]).map(|axis| extent(kernel, axis));
    let (tile, _) = table::tile(context.target, sizes.product::<Dim>().as_const(), 0);
    let cut = |parts: i64| parts > 1 && context.options.split_reductions;
    chosen_parts(kernel, shape, tile, context).is_some_and(cut)
}

/// Split-k: the parts of the last reduced axis are products of their own, whose sums a second kernel adds in order.
fn cut(
    kernel: &Kernel,
    shape: &Shape,
    parts: i64,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let depth = extent(kernel, &shape.depth);
    let whole = kernel.facts.prove_multiple(&depth, 4 * parts).is_yes();
    if parts <= 1 || !context.options.split_reductions || !whole {
        return Ok(None);
    }
    let Ok(cut) = part(kernel, &shape.depth, parts) else { return Ok(None) };
    let options = ScheduleOptions { split_reductions: false, pick: 0, ..context.options.clone() };
    let context = Context { options: &options, ..*context };
    let mut kernels = Vec::new();
    for kernel in [cut.partial, cut.whole] {
        kernels.extend(super::scheduled(&kernel, &context)?.kernels);
    }
    Ok(Some(ScheduledVariant { needs: Vec::new(), kernels, scratch: cut.scratch }))
}

pub(super) fn extent(kernel: &Kernel, axis: &Name) -> Dim {
    kernel.axis(axis).map_or(Dim::constant(1), |axis| kernel.facts.simplify(&axis.extent))
}

pub(super) fn shape(kernel: &Kernel) -> Option<Shape> {
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else { return None };
    let mut folds = body.iter().filter(|stmt| matches!(stmt, Stmt::Fold { .. }));
    let Some(Stmt::Fold { kind: FoldKind::Sum, over, red, inner, args, .. }) = folds.next() else {
        return None;
    };
    let plain = |stmt: &Stmt| match stmt {
        Stmt::Let { over, .. } => over.is_empty(),
        Stmt::Store { over, merge, .. } => over.is_empty() && merge.is_none(),
        Stmt::Fold { .. } => true,
        Stmt::For { .. } | Stmt::Online { .. } => false,
    };
    if folds.next().is_some() || !over.is_empty() || !inner.is_empty() || !body.iter().all(plain) {
        return None;
    }
    let (column, rest) = axes.split_last()?;
    product(body, rest, column, red, args)
}

/// The contraction that a sum of products is: `column` is its own axis of the right factor, `rest` are the others that it is made for.
pub(super) fn product(
    body: &[Stmt],
    rest: &[Name],
    column: &Name,
    red: &[Name],
    args: &[Val],
) -> Option<Shape> {
    let [Val::Op(Math::Mul, factors)] = args else { return None };
    let (depth, taps) = red.split_last()?;
    let uses = |val: &Val, axis: &Name| val_axes(body, val).contains(axis);
    let at = factors.iter().position(|factor| uses(factor, column))?;
    let (right, left) = (&factors[at], &factors[1 - at]);
    if uses(left, column) || !single_load(right) || !single_load(left) {
        return None;
    }
    let shared = |axis: &&Name| uses(right, axis);
    let batch: Vec<Name> = rest.iter().filter(shared).cloned().collect();
    let rows: Vec<Name> = rest.iter().filter(|axis| !batch.contains(axis)).cloned().collect();
    let own = |axis: &Name| uses(left, axis) && uses(right, axis);
    let first = rest.iter().position(|axis| rows.first() == Some(axis))?;
    let adjoin = rest[first..].starts_with(&rows);
    (adjoin && red.iter().all(own)).then(|| Shape {
        batch,
        rows,
        column: column.clone(),
        taps: taps.to_vec(),
        depth: depth.clone(),
        factors: [left.clone(), right.clone()],
    })
}

/// A factor is one load, and arithmetic on it and constants.
fn single_load(val: &Val) -> bool {
    let mut other = false;
    val.visit(&mut |val| other |= matches!(val, Val::Ref(_) | Val::Index(..) | Val::Case { .. }));
    !other && val.loads().len() == 1
}

/// The axes that a value's loads use, definitions included.
fn val_axes(body: &[Stmt], val: &Val) -> Vec<Name> {
    let mut axes = Vec::new();
    for var in val.dims().into_iter().flat_map(Dim::vars) {
        if let Var::Axis(name) = var {
            axes.push(name);
        }
    }
    for name in val.refs() {
        for stmt in body {
            if let Stmt::Let { name: own, val, .. } = stmt
                && *own == name
            {
                axes.extend(val_axes(body, val));
            }
        }
    }
    axes
}

/// Whether neighbours along the axis are neighbours in memory.
pub(super) fn along(kernel: &Kernel, val: &Val, axis: &Name) -> bool {
    lies_along(kernel, &kernel.facts, val, axis)
}

/// Whether they are within each run of so many, of which the axis is a multiple.
fn in_panels(kernel: &Kernel, val: &Val, axis: &Name, run: i64) -> bool {
    if !kernel.facts.prove_multiple(&extent(kernel, axis), run).is_yes() {
        return false;
    }
    let [outer, inner] = ["outer", "inner"].map(|part| Name::from(format!("{axis}.{part}")));
    let place = Dim::axis(outer.clone()) * run + Dim::axis(inner.clone());
    let mut facts = kernel.facts.clone();
    facts.set_range(Var::Axis(outer), Range::at_least(0));
    facts.set_range(Var::Axis(inner.clone()), Range::between(0, run - 1));
    let axis = Var::Axis(axis.clone());
    let mut val = val.clone();
    val.map_dims(&|dim| dim.substitute(&|var| (*var == axis).then(|| place.clone())));
    lies_along(kernel, &facts, &val, &inner)
}

fn lies_along(kernel: &Kernel, facts: &Facts, val: &Val, axis: &Name) -> bool {
    let var = Var::Axis(axis.clone());
    val.loads().into_iter().all(|(buf, at)| {
        let Some(param) = kernel.param(buf) else { return false };
        let mut flat = Dim::constant(0);
        for (coord, extent) in at.iter().zip(&param.dims) {
            flat = flat * extent.clone() + coord.ix.clone();
        }
        let flat = facts.simplify(&flat);
        flat.linear_in(&var).is_some_and(|(factor, _)| factor.as_const() == Some(1))
            && at.iter().all(|coord| !coord.checked || !coord.ix.uses(&var))
    })
}

/// The buffer of a factor.
pub(super) fn buffer(val: &Val) -> Name {
    val.loads().first().map_or(Name::from(""), |(buf, _)| (*buf).clone())
}

fn scheduled(
    kernel: &mut Kernel,
    shape: Shape,
    mut shaped: Tile,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let Shape { batch, rows, column, taps, depth, factors } = shape;
    let row =
        if rows.len() > 1 { fuse(kernel, &rows, &joined_name(&rows))? } else { rows[0].clone() };
    let (abreast, lanes) = shaped.workgroup(context.target);
    let columns = extent(kernel, &column);
    // A column tile wider than the matrix wastes what overhangs.
    while shaped.vectors > 1
        && context.size(&columns).is_some_and(|n| n < shaped.width * lanes * shaped.vectors)
    {
        shaped.vectors /= 2;
    }
    let mut parts = vec![("g", None), ("l", Some(abreast)), ("t", Some(shaped.rows))];
    if abreast == 1 {
        parts.remove(1);
    }
    let i = split(kernel, &row, &parts, Tail::Clamp)?;
    let (across, t) = (&i[1..i.len() - 1], i[i.len() - 1].clone());
    let mut parts = vec![("g", None), ("t", Some(shaped.vectors)), ("l", Some(lanes))];
    if shaped.width > 1 {
        parts.push(("v", Some(shaped.width)));
    }
    let j = split(kernel, &column, &parts, Tail::Clamp)?;
    let (vectors, components) = (j[1].clone(), &j[3..]);
    let k = split_depth(kernel, &depth, shaped.steps)?;
    bind(kernel, &i[0], Bind::Group(GridDim::X))?;
    bind(kernel, &j[0], Bind::Group(GridDim::Y))?;
    for axis in &batch {
        bind(kernel, axis, Bind::Group(GridDim::Z))?;
    }
    let lane = if shaped.left == Left::Lane { Bind::Lane } else { Bind::Local(GridDim::X) };
    across.iter().try_for_each(|axis| bind(kernel, axis, Bind::Local(GridDim::Y)))?;
    bind(kernel, &t, Bind::Unroll)?;
    bind(kernel, &j[1], Bind::Unroll)?;
    bind(kernel, &j[2], lane)?;
    components.iter().try_for_each(|axis| bind(kernel, axis, Bind::Vec))?;
    tile(kernel, &[&[t.clone(), vectors.clone()], components].concat())?;
    let inner = [k[0].clone(), k[1].clone(), t.clone(), k[2].clone(), vectors];
    order(kernel, &[taps.as_slice(), &inner, components].concat())?;
    stage_operands(kernel, &factors, &t, &k, shaped.left)
}

/// Splits the last reduced axis in rounds, steps and what is taken at once, the last two written out.
pub(super) fn split_depth(
    kernel: &mut Kernel,
    depth: &Name,
    steps: i64,
) -> Result<Vec<Name>, Refusal> {
    let length = extent(kernel, depth);
    let steps: Vec<(&str, Option<i64>)> = match (in_vectors(kernel, &length), steps) {
        (true, 16) if kernel.facts.prove_multiple(&length, 16).is_yes() => {
            vec![("o", None), ("s", Some(4)), ("q", Some(4))]
        }
        (true, 2) => vec![("o", None), ("s", Some(2)), ("q", Some(2))],
        (true, _) => vec![("o", None), ("s", Some(1)), ("q", Some(4))],
        (false, _) => match length.as_const() {
            Some(few @ 1..=16) => vec![("o", None), ("s", Some(few)), ("q", Some(1))],
            _ => vec![("o", None), ("s", Some(1)), ("q", Some(1))],
        },
    };
    let k = split(kernel, depth, &steps, Tail::Unit)?;
    bind(kernel, &k[1], Bind::Unroll)?;
    bind(kernel, &k[2], Bind::Unroll)?;
    Ok(k)
}

fn in_vectors(kernel: &Kernel, length: &Dim) -> bool {
    kernel.facts.prove_multiple(length, 4).is_yes()
}

/// Holds the operands of a tile: the left one for the rows of axis `row`, the right one for one step of the reduced axis. Where the
/// left operand lies otherwise, its vectors are gathered: the rows of the tile are still visited once for all of one.
pub(super) fn stage_operands(
    kernel: &mut Kernel,
    factors: &[Val; 2],
    row: &Name,
    k: &[Name],
    held: Left,
) -> Result<(), Refusal> {
    let (left, right) = (buffer(&factors[0]), buffer(&factors[1]));
    if left == right {
        // A stage names a buffer: of one operand only.
        return if held != Left::Register {
            refuse("stage", &left, "both operands are one buffer")
        } else {
            Ok(())
        };
    }
    if held == Left::Workgroup {
        let fours = extent(kernel, &k[2]).as_const() == Some(4);
        let vec = if fours { std::slice::from_ref(&k[2]) } else { &[] };
        stage(kernel, &left, &k[0], Level::Workgroup, vec)?;
        return stage(kernel, &right, &k[0], Level::Workgroup, &[]);
    }
    let extents = k[1..].iter().map(|axis| extent(kernel, axis).as_const());
    let fours = extents.product::<Option<i64>>() == Some(4);
    let vec: Vec<Name> = if fours { k[1..].to_vec() } else { Vec::new() };
    match held {
        Left::Lane => stage(kernel, &left, &k[0], Level::Lane(row.clone()), &vec)?,
        Left::Register if !vec.is_empty() => stage(kernel, &left, &k[0], Level::Register, &vec)?,
        Left::Register | Left::Workgroup => {}
    }
    stage(kernel, &right, &k[1], Level::Register, &[])
}
