//! Parts of tensors.

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::{Diagnostic, Dim, Facts, Proof};

use super::Row;
use crate::context::{Cx, Results, known};
use crate::known::{Known, MAX_ELEMENTS};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("Slice", &[1, 10, 11, 13], "", slice).limits("bounds may not be data"),
    Row::new("Split", &[2, 11, 13, 18], "", split),
    Row::new("Gather", &[1, 11, 13], "", gather),
];

/// A part of one axis.
struct Cut {
    axis: usize,
    start: Dim,
    end: Dim,
    step: i64,
}

/// What the node says: starts, ends, axes and steps, each of one entry a cut.
fn cuts(cx: &mut Cx<'_>, dims: &[Dim]) -> Result<Vec<Cut>, Diagnostic> {
    let (starts, ends, axes, steps) = if cx.opset < 10 {
        let sizes = |ints: Vec<i64>| ints.into_iter().map(Dim::constant).collect::<Vec<_>>();
        let (starts, ends) = (cx.ints("starts").map(sizes), cx.ints("ends").map(sizes));
        (starts, ends, cx.ints("axes"), None)
    } else {
        let (starts, ends) = (cx.sizes(1, "starts")?, cx.sizes(2, "ends")?);
        (starts, ends, cx.integers(3, "axes")?, cx.integers(4, "steps")?)
    };
    let (Some(starts), Some(ends)) = (starts, ends) else {
        return Err(cx.fault("starts or ends are missing"));
    };
    let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = steps.unwrap_or_else(|| vec![1; starts.len()]);
    let axes = cx.axes(&axes, dims.len())?;
    if ends.len() != starts.len() || axes.len() != starts.len() || steps.len() != starts.len() {
        return Err(cx.fault("starts, ends, axes and steps differ in length"));
    }
    let mut cuts: Vec<Cut> = Vec::new();
    for (k, &axis) in axes.iter().enumerate() {
        if cuts.iter().any(|cut| cut.axis == axis) {
            return Err(cx.fault(format_args!("axis {axis} is cut twice")));
        }
        let bounds = (&starts[k], &ends[k]);
        cuts.push(cut(cx, axis, &dims[axis], bounds, steps[k])?);
    }
    Ok(cuts)
}

/// One cut with its bounds brought into `0..=size`; with a negative step, the part to be reversed.
fn cut(
    cx: &mut Cx<'_>,
    axis: usize,
    size: &Dim,
    (start, end): (&Dim, &Dim),
    step: i64,
) -> Result<Cut, Diagnostic> {
    if step == 0 {
        return Err(cx.fault("a step of 0"));
    }
    if takes_an_end(start, end, step) {
        // That there is an element to take is a guard, so that the size of the result is the number 1.
        cx.at_most(&Dim::constant(1), size);
    }
    let zero = Dim::constant(0);
    if is_tail_of_one(start, end, size, step) && cx.at_most(start, &zero) {
        return Ok(Cut { axis, start: zero, end: size.clone(), step });
    }
    let start = place(cx, start, size);
    let end = match end.as_const() {
        Some(at) if step < 0 && WHOLE.contains(&at) => Dim::constant(-1),
        _ => place(cx, end, size),
    };
    let (first, last) = match step {
        1.. => (Dim::max(&start, &zero), Dim::min(&end, size)),
        _ => {
            // Reversed, element `i` is element `size - 1 - i`. A start before the first element is the first element.
            let at_end = size - 1;
            let first = Dim::min(&(&at_end - &start), &at_end);
            (Dim::max(&first, &zero), Dim::min(&(&at_end - &end), size))
        }
    };
    let (start, end) = part(cx.facts(), size, &first, &last);
    Ok(Cut { axis, start, end, step })
}

/// Whether the bounds take the first element or the last one and nothing else.
fn takes_an_end(start: &Dim, end: &Dim, step: i64) -> bool {
    match (start.as_const(), end.as_const()) {
        (Some(0), Some(end)) if step > 0 => end == 1,
        (Some(-1), Some(end)) if step > 0 => end >= FAR,
        (Some(0), Some(end)) => end <= -FAR || WHOLE.contains(&end),
        (Some(-1), Some(end)) => end == -2,
        _ => false,
    }
}

/// Whether the bounds leave all or nothing of one element, by a start that depends on sizes. That it is all becomes a guard, so that
/// the result has a size of 1, which broadcasts.
fn is_tail_of_one(start: &Dim, end: &Dim, size: &Dim, step: i64) -> bool {
    let reaches = end.as_const().is_some_and(|end| end >= 1);
    size.as_const() == Some(1) && step > 0 && reaches && !start.is_const()
}

/// Beyond every size.
const FAR: i64 = i32::MAX as i64;

/// Ends that mean the end of the axis in the direction of the step.
const WHOLE: [i64; 2] = [i32::MAX as i64, i64::MAX];

/// Where a bound that may count from the end lies, `-1` where it is far before the beginning.
fn place(cx: &mut Cx<'_>, at: &Dim, size: &Dim) -> Dim {
    match at.as_const() {
        Some(at) if at <= -FAR => Dim::constant(-1),
        Some(at) if at >= FAR => size.clone(),
        Some(at) if at < 0 => size + at,
        Some(at) => Dim::constant(at),
        None => sized(cx, at, size),
    }
}

/// Where a bound lies that is a size itself. It is taken to lie inside, and to count from the end only where it is never positive;
/// both become guards.
fn sized(cx: &mut Cx<'_>, at: &Dim, size: &Dim) -> Dim {
    let zero = Dim::constant(0);
    if cx.facts().prove_le(at, &zero) == Proof::Yes && cx.at_most(at, &Dim::constant(-1)) {
        let from_end = size + at;
        cx.at_most(&zero, &from_end);
        return from_end;
    }
    cx.at_most(&zero, at);
    cx.at_most(at, size);
    at.clone()
}

/// The elements `first..last`, as far as there are any, as bounds that are in order and within `0..=size`.
fn part(facts: &Facts, size: &Dim, first: &Dim, last: &Dim) -> (Dim, Dim) {
    let start = facts.simplify(&first.min(size));
    if last == size {
        return (start, size.clone());
    }
    let length = facts.simplify(&Dim::max(&(last - first), &Dim::constant(0)));
    let end = facts.simplify(&(&start + length));
    (start, end)
}

fn slice(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let cuts = cuts(cx, x.dims())?;
    if let Some(result) = x.as_known().and_then(|on_host| sliced(on_host, &cuts)) {
        return known(result);
    }
    let mut node = x.on_graph(cx.m)?;
    let reversed: Vec<i64> =
        cuts.iter().filter(|cut| cut.step < 0).map(|cut| cut.axis as i64).collect();
    node = cx.m.b.flip(node, &reversed)?;
    let mut ends = cx.m.b.dims(node);
    let mut starts = vec![Dim::constant(0); ends.len()];
    let mut steps = vec![1; ends.len()];
    for cut in cuts {
        (starts[cut.axis], ends[cut.axis]) = (cut.start, cut.end);
        steps[cut.axis] = cut.step.abs();
    }
    let result = cx.m.b.slice(node, &starts, &ends, &steps)?;
    cx.done(result)
}

fn sliced(x: &Known, cuts: &[Cut]) -> Option<Known> {
    let mut result = x.clone();
    for cut in cuts {
        let size = result.dims[cut.axis];
        let (start, end) = (cut.start.as_const()? as usize, cut.end.as_const()? as usize);
        let places = (start..end).step_by(cut.step.unsigned_abs() as usize);
        let places: Vec<usize> = match cut.step < 0 {
            true => places.map(|at| size - 1 - at).collect(),
            false => places.collect(),
        };
        result = result.taken(cut.axis, &places)?;
    }
    Some(result)
}

/// The sizes of the parts.
fn parts(cx: &mut Cx<'_>, size: &Dim) -> Result<Vec<Dim>, Diagnostic> {
    let given = match cx.opset < 13 {
        true => cx.ints("split").map(|s| s.into_iter().map(Dim::constant).collect()),
        false => cx.sizes(1, "sizes of parts")?,
    };
    if let Some(given) = given {
        return Ok(given);
    }
    let count = cx.int("num_outputs").unwrap_or(cx.node.output.len() as i64);
    if !(1..=MAX_ELEMENTS as i64).contains(&count) {
        return Err(cx.fault(format_args!("{count} parts")));
    }
    // With `num_outputs` the last part may be smaller; without, the parts are equal, which becomes a guard.
    let multiple = cx.facts().prove_multiple(size, count);
    let uneven = cx.int("num_outputs").is_some() && multiple != Proof::Yes;
    if multiple == Proof::No && !uneven {
        return Err(cx.fault(format_args!("size {size} is no multiple of {count} parts")));
    }
    if !uneven {
        let each = cx.facts().simplify(&size.floor_div(&Dim::constant(count)));
        cx.multiple(size, count);
        return Ok(vec![each; count as usize]);
    }
    let each = size.ceil_div(&Dim::constant(count));
    let mut parts = vec![each.clone(); count as usize - 1];
    parts.push(size - each * (count - 1));
    Ok(parts)
}

fn split(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let axis = cx.axis(cx.int("axis").unwrap_or(0), x.rank())?;
    let mut start = Dim::constant(0);
    let mut results = Vec::new();
    for part in parts(cx, &x.dims()[axis])? {
        let end = &start + &part;
        let cut = [Cut { axis, start: start.clone(), end: end.clone(), step: 1 }];
        let on_host = x.as_known().and_then(|on_host| sliced(on_host, &cut));
        results.push(match on_host {
            Some(result) => Value::known(result),
            None => {
                let node = x.on_graph(cx.m)?;
                let part = cx.m.b.slice_axis(node, axis as i64, &start, &end, 1)?;
                Value::node(cx.m, part)
            }
        });
        start = end;
    }
    Ok(results)
}

/// Known indices that lie side by side are a slice, which moves no data.
fn gather(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, index) = (cx.value(0)?, cx.value(1)?);
    let axis = cx.axis(cx.int("axis").unwrap_or(0), x.rank())?;
    if let Some(wanted) = index.as_known() {
        if let Some(result) = x.as_known().and_then(|on_host| on_host.gathered(wanted, axis)) {
            return known(result);
        }
        if let Some((start, end)) = run(wanted) {
            let part = run_of(cx, &x, axis, start, end)?;
            let mut dims = x.dims().to_vec();
            dims.splice(axis..=axis, index.dims().iter().cloned());
            let result = cx.m.b.reshape(part, &dims)?;
            return cx.done(result);
        }
    }
    let (x, index) = (x.on_graph(cx.m)?, index.on_graph(cx.m)?);
    let result = cx.m.b.gather(x, index, axis as i64)?;
    cx.done(result)
}

/// The first and last index of a run of ascending ones.
fn run(index: &Known) -> Option<(i64, i64)> {
    let at: Vec<i64> = index.as_sizes()?.iter().map(Dim::as_const).collect::<Option<_>>()?;
    let (first, last) = (*at.first()?, *at.last()?);
    let ascends = at.windows(2).all(|pair| pair[0].checked_add(1) == Some(pair[1]));
    (ascends && (first < 0) == (last < 0)).then_some((first, last))
}

fn run_of(
    cx: &mut Cx<'_>,
    x: &Value,
    axis: usize,
    first: i64,
    last: i64,
) -> Result<NodeId, Diagnostic> {
    let size = x.dims()[axis].clone();
    let plain = |at: i64| if at < 0 { &size + at } else { Dim::constant(at) };
    let (start, end) = (plain(first), plain(last) + 1);
    if !cx.at_most(&Dim::constant(0), &start) || !cx.at_most(&end, &size) {
        return Err(cx.fault(format_args!("index {first} is out of range for size {size}")));
    }
    let node = x.on_graph(cx.m)?;
    cx.m.b.slice_axis(node, axis as i64, &start, &end, 1)
}
