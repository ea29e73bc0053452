//! Reductions: rows that a subgroup, a workgroup or an invocation folds, columns side by side, and long reductions in two
//! kernels.
//!
//! The strategy is the binding of the reduced axis. Statements that run along it (softmax, layer-norm) follow, for the axis
//! is one object.

use ferrodyne_plan::loops::{Axis, Bind, Coord, GridDim, Kernel, Place, Stmt, Tail, Val};
use ferrodyne_plan::{Dim, Name, Var};

use super::pointwise::{has_cases, joined_name};
use super::{Context, alone};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, bind, fuse, order, part, split, tile};
use crate::schedule::table::{self, RowForm};

/// The loops of a reduction: rows, and the axis that all folds reduce.
struct Shape {
    rows: Vec<Name>,
    red: Vec<Name>,
}

/// One nest over rows (or none), in it folds over the same axes, definitions, and stores along them or not.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let Some(shape) = shape(kernel) else { return Ok(None) };
    // Without vectors no words are whole, and a fused axis hides from the arms of a case which of them it is about.
    let apart = super::words::is_written(kernel) || has_cases(kernel);
    if super::is_long(kernel) && apart || super::words::torn(kernel, &shape.red) {
        return Ok(None);
    }
    let mut kernel = kernel.clone();
    let red = if shape.red.len() > 1 {
        fuse(&mut kernel, &shape.red, &joined_name(&shape.red))?
    } else {
        shape.red[0].clone()
    };
    let extent = extent(&kernel, &red);
    let rows: Dim = shape.rows.iter().map(|row| self::extent(&kernel, row)).product();
    let along = match shape.rows.last() {
        Some(last) => contiguous_for(&kernel, &red, &|loaded| uses(&kernel, loaded, last)),
        None => contiguous(&kernel, &red),
    };
    if let Some(parts) = parts(&kernel, &extent, &rows, along, context)
        && let Ok(cut) = part(&kernel, &red, parts)
    {
        let mut kernels = Vec::new();
        for kernel in [cut.partial, cut.whole] {
            kernels.extend(super::scheduled(&kernel, context)?.kernels);
        }
        return Ok(Some(ScheduledVariant { needs: Vec::new(), kernels, scratch: cut.scratch }));
    }
    let rows = beside_part(&mut kernel, &shape.rows)?;
    match rows.last() {
        Some(last) if !along && contiguous(&kernel, last) => {
            columns(&mut kernel, rows, &red, context)?
        }
        _ => row(&mut kernel, rows, &red, context)?,
    }
    Ok(Some(alone(kernel)))
}

/// The rows beside the parts of a reduction that was cut unevenly: these are no axis that others could be fused with, and get a
/// dimension of the grid.
fn beside_part<'a>(kernel: &mut Kernel, rows: &'a [Name]) -> Result<&'a [Name], Refusal> {
    match rows {
        [part, rows @ ..] if !rows.is_empty() && is_part(kernel, part) => {
            bind(kernel, part, Bind::Group(GridDim::Y))?;
            Ok(rows)
        }
        rows => Ok(rows),
    }
}

fn is_part(kernel: &Kernel, name: &Name) -> bool {
    kernel.axes.iter().any(|axis| axis.parts.contains(name))
}

fn extent(kernel: &Kernel, axis: &Name) -> Dim {
    kernel.axis(axis).map_or(Dim::constant(1), |axis| kernel.facts.simplify(&axis.extent))
}

fn shape(kernel: &Kernel) -> Option<Shape> {
    let (rows, body) = match kernel.body.as_slice() {
        [Stmt::For { axes, body }] => (axes.clone(), body.as_slice()),
        body => (Vec::new(), body),
    };
    let mut red: Option<&Vec<Name>> = None;
    for stmt in body {
        match stmt {
            Stmt::Fold { over, red: own, inner, .. } => {
                let same = red.is_none_or(|red| red == own);
                if !over.is_empty()
                    || !same
                    || own.is_empty()
                    || inner.iter().any(|stmt| !matches!(stmt, Stmt::Let { .. }))
                {
                    return None;
                }
                red = Some(own);
            }
            Stmt::Store { merge: Some(_), .. } | Stmt::Online { .. } => return None,
            Stmt::Let { .. } | Stmt::Store { .. } | Stmt::For { .. } => {}
        }
    }
    let red = red?.clone();
    let allowed = |stmt: &Stmt| match stmt {
        Stmt::Let { over, .. } | Stmt::Store { over, .. } => over.is_empty() || *over == red,
        Stmt::For { axes, body } => {
            *axes == red
                && body.iter().all(|stmt| matches!(stmt, Stmt::Let { .. } | Stmt::Store { .. }))
        }
        Stmt::Fold { .. } => true,
        Stmt::Online { .. } => false,
    };
    body.iter().all(allowed).then_some(Shape { rows, red })
}

/// Whether a load depends on an axis, or on one that it is a part of.
fn uses(kernel: &Kernel, at: &[Coord], axis: &Name) -> bool {
    let own = |var: Var| matches!(var, Var::Axis(name) if kernel.leaves(&name).contains(axis));
    at.iter().any(|coord| coord.ix.vars().into_iter().any(own))
}

/// Whether neighbours along the axis are neighbours in memory, for most loads that use it.
pub(super) fn contiguous(kernel: &Kernel, axis: &Name) -> bool {
    contiguous_for(kernel, axis, &|_| true)
}

/// The same, by the loads that matter most if there are such.
fn contiguous_for(kernel: &Kernel, axis: &Name, matters: &dyn Fn(&[Coord]) -> bool) -> bool {
    let var = Var::Axis(axis.clone());
    let (mut near, mut far) = (0, 0);
    let loads = kernel.loads();
    let some = loads.iter().any(|(_, at)| matters(at) && uses(kernel, at, axis));
    for (buf, at) in loads.into_iter().filter(|(_, at)| !some || matters(at)) {
        let Some(param) = kernel.param(buf) else { continue };
        let mut flat = Dim::constant(0);
        for (coord, extent) in at.iter().zip(&param.dims) {
            flat = flat * extent.clone() + coord.ix.clone();
        }
        let leaves = |var: &Var| Some(of_leaves(kernel, kernel.axis(var.name())?));
        let flat = kernel.facts.simplify(&flat.substitute(&leaves));
        if !flat.uses(&var) {
            continue;
        }
        match flat.linear_in(&var) {
            Some((factor, _)) if factor.as_const() == Some(1) => near += 1,
            _ => far += 1,
        }
    }
    near > far || (near > 0 && near == far)
}

/// The value of an axis, by the axes that are looped over for it.
fn of_leaves(kernel: &Kernel, axis: &Axis) -> Dim {
    let parts = axis.parts.iter().filter_map(|part| kernel.axis(part));
    match axis.parts.is_empty() {
        true => Dim::axis(axis.name.clone()),
        false => parts.fold(Dim::constant(0), |whole, part| {
            whole * part.extent.clone() + of_leaves(kernel, part)
        }),
    }
}

/// Into how many parts a reduction is cut, if one kernel would leave the device idle.
fn parts(
    kernel: &Kernel,
    extent: &Dim,
    rows: &Dim,
    along: bool,
    context: &Context<'_>,
) -> Option<i64> {
    if !context.options.split_reductions {
        return None;
    }
    let (length, count) = (context.size(extent)?, context.size(rows)?);
    let lanes = if along { 1 } else { 4 };
    let (short, parts) = match table::row_form(context.options.pick) {
        RowForm::Parts(parts) => (length < 16 * parts, parts),
        RowForm::Chosen => {
            let short = length < table::SPLIT_LENGTH_MIN || count / lanes >= table::SPLIT_ROWS_MAX;
            (short, (length / 1024).clamp(8, 64))
        }
        RowForm::Invocation | RowForm::Passes | RowForm::Together(_) => return None,
    };
    // One store of the fold's result alone: nothing may run along the reduced axis afterwards.
    let folds = kernel.body.iter().flat_map(|stmt| match stmt {
        Stmt::For { body, .. } => body.as_slice(),
        other => std::slice::from_ref(other),
    });
    let folds = folds.filter(|stmt| matches!(stmt, Stmt::Fold { .. })).count();
    (!short && folds == 1).then_some(parts)
}

/// Rows: the reduced axis is folded by a subgroup, a workgroup or an invocation.
fn row(
    kernel: &mut Kernel,
    rows: &[Name],
    red: &Name,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let length = extent(kernel, red);
    let form = table::row_form(context.options.pick);
    let long = context.size(&length).is_none_or(|length| length >= table::SHORT_ROW);
    let long = long && form != RowForm::Invocation;
    let vec = kernel.facts.prove_multiple(&length, 4).is_yes() || length.is_const();
    let (lanes, lane) = match context.target.subgroup_size {
        Some(size) => (i64::from(size), Bind::Lane),
        None => (64, Bind::Local(GridDim::X)),
    };
    if !long {
        return thread_row(kernel, rows, red, vec, context);
    }
    let times = rows_at_once(kernel, rows);
    if times > 1 {
        return side_by_side(kernel, rows, red, (lanes, lane), times, context);
    }
    let width = if vec { 4 } else { 1 };
    match length.as_const() {
        Some(length)
            if form != RowForm::Passes
                && length <= table::KEPT_VECTORS * lanes * width
                && operations(kernel) * (length / lanes / width) <= table::KEPT_OPERATIONS =>
        {
            let times = rows_together(kernel, rows, length / lanes / width, context);
            let parts = kept_row(kernel, red, length, lanes, lane)?;
            if times > 1 {
                return together(kernel, rows, &parts, (times, lane), context);
            }
        }
        _ => passes(kernel, red, &length, (lanes, lane), vec).map(drop)?,
    }
    spread_rows(kernel, rows, lane, context)
}

/// Several rows by one subgroup, which loads what they share once for all of them.
fn side_by_side(
    kernel: &mut Kernel,
    rows: &[Name],
    red: &Name,
    (lanes, lane): (i64, Bind),
    times: i64,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let all =
        if rows.len() > 1 { fuse(kernel, rows, &joined_name(rows))? } else { rows[0].clone() };
    let length = extent(kernel, red);
    let vec = kernel.facts.prove_multiple(&length, 4).is_yes() || length.is_const();
    let parts = passes(kernel, red, &length, (lanes, lane), vec)?;
    let own = split(kernel, &all, &[("o", None), ("t", Some(times))], Tail::Exact)?;
    bind(kernel, &own[1], Bind::Unroll)?;
    tile(kernel, &own[1..])?;
    order(kernel, &[&parts[..2], &own[1..], &parts[2..]].concat())?;
    spread_rows(kernel, &own[..1], lane, context)
}

/// How many rows of so many vectors are kept together: several, where what runs along them reads something that is the same for all.
fn rows_together(kernel: &Kernel, rows: &[Name], vectors: i64, context: &Context<'_>) -> i64 {
    let Some(row) = rows.last() else { return 1 };
    let count: Dim = rows.iter().map(|row| extent(kernel, row)).product();
    let divides = |times: i64| kernel.facts.prove_multiple(&count, times).is_yes();
    if let RowForm::Together(times) = table::row_form(context.options.pick) {
        return if divides(times) { times } else { 1 };
    }
    let apart = |at: &[Coord]| !at.is_empty() && !uses(kernel, at, row);
    let shared = kernel.loads().iter().filter(|(_, at)| apart(at)).count();
    let rows = context.size(&count);
    match shared {
        0 => 1,
        _ => table::together(context.target, operations(kernel) * vectors, rows, &divides),
    }
}

/// Several kept rows by one subgroup, which loads what they share, as the weight of a norm, once for all of them.
fn together(
    kernel: &mut Kernel,
    rows: &[Name],
    parts: &[Name],
    (times, lane): (i64, Bind),
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let all =
        if rows.len() > 1 { fuse(kernel, rows, &joined_name(rows))? } else { rows[0].clone() };
    let own = split(kernel, &all, &[("o", None), ("t", Some(times))], Tail::Exact)?;
    bind(kernel, &own[1], Bind::Unroll)?;
    tile(kernel, &own[1..])?;
    order(kernel, &[&parts[..1], &own[1..], &parts[1..]].concat())?;
    spread_rows(kernel, &own[..1], lane, context)
}

/// How many rows are folded side by side: several, where their one fold reads something that is the same for all of them, as
/// the vector of a product of matrix and vector.
fn rows_at_once(kernel: &Kernel, rows: &[Name]) -> i64 {
    let Some(row) = rows.last() else { return 1 };
    let (mut folds, mut shared) = (0, false);
    kernel.visit(&mut |stmt| {
        let Stmt::Fold { args, .. } = stmt else { return };
        folds += 1;
        let mut loads = args.iter().flat_map(Val::loads);
        shared |= loads.any(|(_, at)| !at.is_empty() && !uses(kernel, at, row));
    });
    let whole = kernel.facts.prove_multiple(&extent(kernel, row), table::ROWS_AT_ONCE).is_yes();
    if folds == 1 && shared && whole { table::ROWS_AT_ONCE } else { 1 }
}

/// Operations of a kernel for each vector of a row.
fn operations(kernel: &Kernel) -> i64 {
    let mut operations = 0;
    kernel.visit_vals(&mut |val| {
        operations += i64::from(matches!(val, Val::Op(..) | Val::Load { .. }))
    });
    operations
}

/// The whole row in registers: each lane has vectors of it.
fn kept_row(
    kernel: &mut Kernel,
    red: &Name,
    length: i64,
    lanes: i64,
    lane: Bind,
) -> Result<Vec<Name>, Refusal> {
    let rounds = (length + 4 * lanes - 1) / (4 * lanes);
    let parts =
        split(kernel, red, &[("u", Some(rounds)), ("l", Some(lanes)), ("v", Some(4))], Tail::Unit)?;
    bind(kernel, &parts[0], Bind::Unroll)?;
    bind(kernel, &parts[1], lane)?;
    bind(kernel, &parts[2], Bind::Vec)?;
    keep_all(kernel, &parts);
    Ok(parts)
}

/// Families along the row are held in registers.
fn keep_all(kernel: &mut Kernel, parts: &[Name]) {
    let mut kept = Vec::new();
    for stmt in &mut kernel.body {
        stmt.visit_mut(&mut |stmt| {
            if let Stmt::Let { name, over, place, val, .. } = stmt
                && over == parts
                && !matches!(val, Val::Ref(_))
            {
                *place = Place::Keep;
                kept.push(name.to_string());
            }
        });
    }
    if !kept.is_empty() {
        kernel.notes.push(format!("keep {}", kept.join(" ")));
    }
}

/// The row in passes, each lane four vectors at a time; gives the parts of the axis.
fn passes(
    kernel: &mut Kernel,
    red: &Name,
    length: &Dim,
    (lanes, lane): (i64, Bind),
    vec: bool,
) -> Result<Vec<Name>, Refusal> {
    let width = if vec { 4 } else { 1 };
    let fits = |times: &i64| kernel.facts.prove_multiple(length, lanes * width * times).is_yes();
    let times = [4, 2].into_iter().find(fits);
    let times =
        times.unwrap_or(if length.as_const().is_some_and(|length| length > 4096) { 4 } else { 1 });
    let mut parts: Vec<(&str, Option<i64>)> =
        vec![("o", None), ("q", Some(times)), ("l", Some(lanes))];
    if vec {
        parts.push(("v", Some(4)));
    }
    let names = split(kernel, red, &parts, Tail::Unit)?;
    bind(kernel, &names[1], Bind::Unroll)?;
    bind(kernel, &names[2], lane)?;
    if vec {
        bind(kernel, &names[3], Bind::Vec)?;
    }
    Ok(names)
}

/// Rows go to workgroups; several short ones to the subgroups of one.
fn spread_rows(
    kernel: &mut Kernel,
    rows: &[Name],
    lane: Bind,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    if rows.is_empty() {
        return Ok(());
    }
    let all =
        if rows.len() > 1 { fuse(kernel, rows, &joined_name(rows))? } else { rows[0].clone() };
    let count = extent(kernel, &all);
    let many = context.size(&count).is_none_or(|count| count >= 64);
    let lanes = i64::from(context.target.subgroup_size.unwrap_or(64));
    let room = i64::from(context.target.invocations_max) / lanes;
    if lane == Bind::Lane && many && room >= 4 {
        let parts = split(
            kernel,
            &all,
            &[("g", None), ("s", Some(room.min(table::ROWS_A_GROUP)))],
            Tail::Clamp,
        )?;
        bind(kernel, &parts[0], Bind::Group(GridDim::X))?;
        return bind(kernel, &parts[1], Bind::Sub);
    }
    bind(kernel, &all, Bind::Group(GridDim::X))
}

/// An invocation a row.
fn thread_row(
    kernel: &mut Kernel,
    rows: &[Name],
    red: &Name,
    vec: bool,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let length = extent(kernel, red);
    let whole = kernel.facts.prove_multiple(&length, 4).is_yes();
    if vec && whole {
        let parts = split(kernel, red, &[("o", None), ("v", Some(4))], Tail::Unit)?;
        bind(kernel, &parts[1], Bind::Vec)?;
        // Long rows come here where a tuner asks for them.
        if length.as_const().is_none_or(|length| length < table::SHORT_ROW) {
            bind(kernel, &parts[0], Bind::Unroll)?;
        }
    } else if length.as_const().is_some_and(|length| length <= 16) {
        bind(kernel, red, Bind::Unroll)?;
    }
    if rows.is_empty() {
        return Ok(());
    }
    let all =
        if rows.len() > 1 { fuse(kernel, rows, &joined_name(rows))? } else { rows[0].clone() };
    super::pointwise::spread(kernel, &all, context)
}

/// Columns side by side: four of them an invocation, the reduced axis four steps at a time.
fn columns(
    kernel: &mut Kernel,
    rows: &[Name],
    red: &Name,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let length = extent(kernel, red);
    if length.as_const().is_some_and(|length| length <= 8) {
        bind(kernel, red, Bind::Unroll)?;
    } else {
        let parts = split(kernel, red, &[("o", None), ("q", Some(4))], Tail::Unit)?;
        bind(kernel, &parts[1], Bind::Unroll)?;
    }
    let four = rows
        .last()
        .is_some_and(|last| kernel.facts.prove_multiple(&extent(kernel, last), 4).is_yes());
    let mut all =
        if rows.len() > 1 { fuse(kernel, rows, &joined_name(rows))? } else { rows[0].clone() };
    if four {
        let parts = split(kernel, &all, &[("o", None), ("v", Some(4))], Tail::Exact)?;
        bind(kernel, &parts[1], Bind::Vec)?;
        all.clone_from(&parts[0]);
    }
    super::pointwise::spread(kernel, &all, context)
}
