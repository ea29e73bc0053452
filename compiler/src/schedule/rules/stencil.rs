//! Stencils: folds over a few taps of an image, as depthwise convolutions and pooling.
//!
//! The taps are written out, and an invocation has a tile of neighbouring results, so that what their windows share is loaded
//! once. Four neighbours in memory are a vector where their number divides by four.

use std::collections::BTreeSet;

use ferrodyne_plan::loops::{Bind, GridDim, Kernel, Stmt, Tail, Val};
use ferrodyne_plan::{Dim, Name, Var};

use super::contract::extent;
use super::{Context, alone};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, bind, split, tile};
use crate::schedule::table;

/// An axis of the results along which windows overlap or lie beside each other.
struct Window {
    axis: Name,
    /// Elements from one window to the next.
    stride: i64,
    /// Where the taps lie in a window.
    offsets: BTreeSet<i64>,
}

impl Window {
    /// Elements along the axis that so many neighbouring windows read.
    fn reads(&self, count: i64) -> i64 {
        let read: BTreeSet<i64> = (0..count)
            .flat_map(|at| self.offsets.iter().map(move |offset| self.stride * at + offset))
            .collect();
        read.len() as i64
    }
}

/// Results of an invocation along an axis.
struct Tiled {
    axis: Name,
    count: i64,
    bind: Bind,
}

/// One nest with folds over the same few taps, definitions and stores, in which a load's coordinate moves with an axis of the
/// nest and with a tap.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let Some((axes, taps)) = shape(kernel) else { return Ok(None) };
    let windows = windows(kernel, &axes, &taps);
    let Some(last) = axes.last().filter(|_| !windows.is_empty()) else { return Ok(None) };
    if super::words::torn(kernel, std::slice::from_ref(last)) {
        return Ok(None);
    }
    let four = kernel.facts.prove_multiple(&extent(kernel, last), 4).is_yes();
    let most = table::stencil(context.target, four);
    let mut tiles = tiles(kernel, windows, four.then_some(last), most);
    if four {
        tiles.push(Tiled { axis: last.clone(), count: 4, bind: Bind::Vec });
    }
    let mut kernel = kernel.clone();
    for tap in &taps {
        bind(&mut kernel, tap, Bind::Unroll)?;
    }
    let (mut outer, mut inner) = (Vec::new(), Vec::new());
    for axis in &axes {
        let Some(Tiled { count, bind: to, .. }) = tiles.iter().find(|tile| tile.axis == *axis)
        else {
            outer.push(axis.clone());
            continue;
        };
        let parts = split(&mut kernel, axis, &[("o", None), ("t", Some(*count))], Tail::Exact)?;
        bind(&mut kernel, &parts[1], *to)?;
        outer.push(parts[0].clone());
        inner.push(parts[1].clone());
    }
    if !inner.is_empty() {
        tile(&mut kernel, &inner)?;
    }
    spread(&mut kernel, &outer, context)?;
    Ok(Some(alone(kernel)))
}

/// The axes of the nest and the taps.
fn shape(kernel: &Kernel) -> Option<(Vec<Name>, Vec<Name>)> {
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else { return None };
    let mut taps: Option<&Vec<Name>> = None;
    for stmt in body {
        match stmt {
            Stmt::Fold { over, red, inner, .. } => {
                let same = taps.is_none_or(|taps| taps == red);
                if !same || !over.is_empty() || inner.iter().any(|own| !is_plain(own)) {
                    return None;
                }
                taps = Some(red);
            }
            other if !is_plain(other) => return None,
            _ => {}
        }
    }
    let taps = taps?;
    let count: Dim = taps.iter().map(|tap| extent(kernel, tap)).product();
    let few = count.as_const().is_some_and(|count| (2..=table::TAPS_MAX).contains(&count));
    few.then(|| (axes.clone(), taps.clone()))
}

/// Whether a statement is of one point and the only one to write it.
fn is_plain(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Let { over, .. } => over.is_empty(),
        Stmt::Store { over, merge, .. } => over.is_empty() && merge.is_none(),
        Stmt::Fold { .. } | Stmt::For { .. } | Stmt::Online { .. } => false,
    }
}

/// The windows, in the order of the nest.
fn windows(kernel: &Kernel, axes: &[Name], taps: &[Name]) -> Vec<Window> {
    let mut coords: Vec<Dim> = Vec::new();
    kernel.visit(&mut |stmt| {
        if let Stmt::Fold { args, inner, .. } = stmt {
            let vals = args.iter().chain(inner.iter().flat_map(Stmt::vals));
            let loads = vals.flat_map(Val::loads);
            coords.extend(loads.flat_map(|(_, at)| at).map(|coord| coord.ix.clone()));
        }
    });
    let window = |axis: &Name| coords.iter().find_map(|ix| window(kernel, ix, axis, taps));
    axes.iter().filter_map(window).collect()
}

/// The windows of a coordinate along an axis: a multiple of the axis and multiples of taps.
fn window(kernel: &Kernel, ix: &Dim, axis: &Name, taps: &[Name]) -> Option<Window> {
    let (stride, mut rest) = ix.linear_in(&Var::Axis(axis.clone()))?;
    let stride = stride.as_const().filter(|stride| *stride > 0)?;
    let mut offsets = BTreeSet::from([0]);
    for tap in taps {
        let (step, left) = rest.linear_in(&Var::Axis(tap.clone()))?;
        let (step, count) = (step.as_const()?, extent(kernel, tap).as_const()?);
        let moved = |k: i64| offsets.iter().map(move |offset| offset + k * step);
        offsets = (0..count).flat_map(moved).collect();
        rest = left;
    }
    let axis = axis.clone();
    (offsets.len() > 1).then_some(Window { axis, stride, offsets })
}

/// How many neighbouring results an invocation has along the two innermost windows that are no vectors: of all that divide their
/// axes, the fewest for which a result costs hardly more loads than it can.
fn tiles(
    kernel: &Kernel,
    mut windows: Vec<Window>,
    vector: Option<&Name>,
    most: i64,
) -> Vec<Tiled> {
    windows.retain(|window| Some(&window.axis) != vector);
    let windows = &windows[windows.len().saturating_sub(2)..];
    let divides = |window: &Window, count: &i64| {
        kernel.facts.prove_multiple(&extent(kernel, &window.axis), *count).is_yes()
    };
    let counts: Vec<Vec<i64>> = windows
        .iter()
        .map(|window| (1..=most).filter(|count| divides(window, count)).collect())
        .collect();
    let results = |tile: &[i64]| tile.iter().product::<i64>();
    let loads = |tile: &[i64]| {
        let reads: i64 = windows.iter().zip(tile).map(|(window, n)| window.reads(*n)).product();
        reads as f64 / results(tile) as f64
    };
    let mut tiles = product(&counts);
    tiles.retain(|tile| results(tile) <= most);
    let fewest = tiles.iter().map(|tile| loads(tile)).fold(f64::INFINITY, f64::min);
    tiles.retain(|tile| loads(tile) <= fewest * table::STENCIL_LOADS);
    let order = |a: &Vec<i64>, b: &Vec<i64>| {
        results(a).cmp(&results(b)).then(loads(a).total_cmp(&loads(b)))
    };
    let tile = tiles.into_iter().min_by(order).unwrap_or_default();
    let tiled = |(window, count): (&Window, &i64)| Tiled {
        axis: window.axis.clone(),
        count: *count,
        bind: Bind::Unroll,
    };
    windows.iter().zip(&tile).map(tiled).filter(|tiled| tiled.count > 1).collect()
}

/// Every choice of one number of each list.
fn product(lists: &[Vec<i64>]) -> Vec<Vec<i64>> {
    lists.iter().fold(vec![Vec::new()], |chosen, list| {
        let longer = |own: &Vec<i64>| {
            let own = own.clone();
            list.iter().map(move |next| [own.as_slice(), &[*next]].concat())
        };
        chosen.iter().flat_map(longer).collect()
    })
}

/// Gives all axes to the grid: neighbours along the innermost to one workgroup, which takes more of the others until it is full.
fn spread(kernel: &mut Kernel, axes: &[Name], context: &Context<'_>) -> Result<(), Refusal> {
    let most = table::STENCIL_GROUP.min(i64::from(context.target.invocations_max));
    let lanes = context.target.lanes();
    let mut room = most;
    let dims = [GridDim::X, GridDim::Y, GridDim::Z];
    for (at, axis) in axes.iter().rev().enumerate() {
        let dim = dims[at.min(2)];
        let count = extent(kernel, axis);
        let width = match at {
            0 => innermost_width(kernel, &count, room),
            _ => width(kernel, &count, room, most / room < lanes),
        };
        room /= width;
        let group = if width > 1 {
            let parts = split(kernel, axis, &[("g", None), ("l", Some(width))], Tail::Clamp)?;
            bind(kernel, &parts[1], Bind::Local(dim))?;
            parts[0].clone()
        } else {
            axis.clone()
        };
        bind(kernel, &group, Bind::Group(dim))?;
    }
    Ok(())
}

/// Invocations of a workgroup along the innermost axis: all of a short one.
fn innermost_width(kernel: &Kernel, count: &Dim, room: i64) -> i64 {
    let longest = room.min(table::STENCIL_ROW);
    let divides = |width: &i64| kernel.facts.prove_multiple(count, *width).is_yes();
    let fits = (1..=longest).rev().find(divides).unwrap_or(1);
    let whole = count.as_const().is_some_and(|count| fits == count || fits >= longest / 4);
    if whole { fits } else { longest }
}

/// Invocations of a workgroup along another axis: what divides it, and a power of two if it is not needed to fill a subgroup.
fn width(kernel: &Kernel, count: &Dim, room: i64, needed: bool) -> i64 {
    let divides = |width: &i64| kernel.facts.prove_multiple(count, *width).is_yes();
    let suits = |width: &i64| divides(width) && (needed || (*width as u64).is_power_of_two());
    (1..=room).rev().find(suits).unwrap_or(1)
}
