//! Element by element: all axes become one number, four elements an invocation.

use ferrodyne_plan::loops::{Bind, GridDim, Kernel, Role, Stmt, Tail, Val};
use ferrodyne_plan::{Dim, Name};

use super::{Context, alone};
use crate::schedule::ScheduledVariant;
use crate::schedule::steps::{Refusal, bind, fuse, split};
use crate::schedule::table;

/// One nest of loops with definitions and stores, nothing reduced, nothing merged.
pub(super) fn rule(
    kernel: &Kernel,
    context: &Context<'_>,
) -> Result<Option<ScheduledVariant>, Refusal> {
    let [Stmt::For { axes, body }] = kernel.body.as_slice() else { return Ok(None) };
    let plain = |stmt: &Stmt| match stmt {
        Stmt::Let { over, .. } => over.is_empty(),
        Stmt::Store { over, merge, at, .. } => {
            let data = |dim: &Dim| {
                dim.vars().iter().any(|var| matches!(var, ferrodyne_plan::Var::Data(_)))
            };
            over.is_empty() && merge.is_none() && !at.iter().any(data)
        }
        Stmt::For { .. } | Stmt::Fold { .. } | Stmt::Online { .. } => false,
    };
    if axes.is_empty() || !body.iter().all(plain) {
        return Ok(None);
    }
    let mut kernel = kernel.clone();
    let axes = axes.clone();
    if has_cases(&kernel) && axes.len() > 1 && !super::words::torn(&kernel, &axes) {
        apart(&mut kernel, &axes, true)?;
    } else if !flat(&mut kernel, &axes, context)? {
        return Ok(None);
    }
    Ok(Some(alone(kernel)))
}

/// Whether a value depends on the range in which an index lies.
pub(super) fn has_cases(kernel: &Kernel) -> bool {
    let mut cases = false;
    kernel.visit_vals(&mut |val| cases |= matches!(val, Val::Case { .. }));
    cases
}

/// Axes by themselves, so that the arms of a case see theirs; in vectors where they may be and are whole.
pub(super) fn apart(kernel: &mut Kernel, axes: &[Name], in_vectors: bool) -> Result<(), Refusal> {
    let Some((last, others)) = axes.split_last() else { return Ok(()) };
    let count = kernel.axis(last).map_or(Dim::constant(1), |axis| axis.extent.clone());
    let mut last = last.clone();
    let mut length = kernel.facts.simplify(&count).as_const();
    if in_vectors && kernel.facts.prove_multiple(&count, 4).is_yes() {
        let parts = split(kernel, &last, &[("o", None), ("v", Some(4))], Tail::Exact)?;
        bind(kernel, &parts[1], Bind::Vec)?;
        last = parts[0].clone();
        length = length.map(|length| length / 4);
    }
    let width =
        length.map_or(64, |length| (length.max(1) as u64).next_power_of_two().min(64) as i64);
    let parts = split(kernel, &last, &[("g", None), ("l", Some(width))], Tail::Clamp)?;
    bind(kernel, &parts[0], Bind::Group(GridDim::X))?;
    bind(kernel, &parts[1], Bind::Local(GridDim::X))?;
    let Some((next, outer)) = others.split_last() else { return Ok(()) };
    let parts = split(kernel, next, &[("g", None), ("l", Some(64 / width))], Tail::Clamp)?;
    bind(kernel, &parts[0], Bind::Group(GridDim::Y))?;
    bind(kernel, &parts[1], Bind::Local(GridDim::Y))?;
    outer.iter().try_for_each(|axis| bind(kernel, axis, Bind::Group(GridDim::Z)))
}

/// One number over all elements. Not where the last elements would be a part of a word.
fn flat(kernel: &mut Kernel, axes: &[Name], context: &Context<'_>) -> Result<bool, Refusal> {
    let name = joined_name(axes);
    let all = if axes.len() > 1 { fuse(kernel, axes, &name)? } else { axes[0].clone() };
    let count = kernel.axis(&all).map_or(Dim::constant(1), |axis| axis.extent.clone());
    let mut whole = all.clone();
    let width = vector_width(kernel, &count);
    if width > 1 {
        let tail = if is_flat(kernel, &all) { Tail::Pad } else { Tail::Clamp };
        let whole_words = kernel.facts.prove_multiple(&count, width).is_yes();
        if tail == Tail::Clamp && !whole_words && super::words::is_written(kernel) {
            return Ok(false);
        }
        let parts = split(kernel, &all, &[("o", None), ("v", Some(width))], tail)?;
        bind(kernel, &parts[1], Bind::Vec)?;
        whole = parts[0].clone();
    }
    spread(kernel, &whole, context)?;
    Ok(true)
}

/// Whether every access is at the axis itself, so that the padding behind the last element is all that can be met.
fn is_flat(kernel: &Kernel, axis: &Name) -> bool {
    let var = Dim::axis(axis.clone());
    let count = kernel.axis(axis).map_or(Dim::constant(1), |axis| axis.extent.clone());
    let count = kernel.facts.simplify(&count);
    let flat = |buf: &Name, at: &[Dim]| {
        kernel.param(buf).is_some_and(|param| {
            let elements: Dim = param.dims.iter().cloned().product();
            // A part of a larger buffer is followed by its other elements, not by padding.
            if kernel.facts.simplify(&elements) != count {
                return false;
            }
            let mut flat = Dim::constant(0);
            for (ix, extent) in at.iter().zip(&param.dims) {
                flat = flat * extent.clone() + ix.clone();
            }
            kernel.facts.simplify(&flat) == var
        })
    };
    let mut all = true;
    kernel.visit(&mut |stmt| {
        if let Stmt::Store { buf, at, .. } = stmt {
            all &= flat(buf, at);
        }
    });
    kernel.visit_vals(&mut |val| match val {
        Val::Load { buf, at, .. } => {
            let own: Vec<Dim> = at.iter().map(|coord| coord.ix.clone()).collect();
            all &= own.is_empty() || flat(buf, &own);
        }
        Val::Case { .. } => all = false,
        _ => {}
    });
    all
}

/// Gives an axis to the invocations of one dimension of the grid.
pub(super) fn spread(
    kernel: &mut Kernel,
    axis: &Name,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let count = kernel.axis(axis).map_or(Dim::constant(1), |axis| axis.extent.clone());
    let (vectors, size) = table::spread(context.size(&count), context.options.pick);
    let mut wanted = vec![("g", None), ("u", Some(vectors)), ("l", Some(size))];
    if vectors == 1 {
        wanted.remove(1);
    }
    let parts = split(kernel, axis, &wanted, Tail::Clamp)?;
    bind(kernel, &parts[0], Bind::Group(GridDim::X))?;
    if let [_, unrolled, _] = parts.as_slice() {
        bind(kernel, unrolled, Bind::Unroll)?;
    }
    bind(kernel, &parts[parts.len() - 1], Bind::Local(GridDim::X))
}

/// Elements of one invocation: four where buffers allow whole vectors, never less than a word.
fn vector_width(kernel: &Kernel, count: &Dim) -> i64 {
    let written = || kernel.params.iter().filter(|param| param.role != Role::In);
    let word = written().map(|param| 4 / param.dtype.device_bytes() as i64).max().unwrap_or(1);
    let divides = |width: i64| kernel.facts.prove_multiple(count, width).is_yes();
    let small = kernel.facts.prove_lt(count, &Dim::constant(2)).is_yes();
    if divides(4) || (kernel.params.iter().all(|param| param.padded) && !small) {
        return 4;
    }
    // A word that is not full still lies in the buffer as a whole.
    word
}

/// A name made of the axes' names.
pub(super) fn joined_name(axes: &[Name]) -> String {
    let names: Vec<&str> = axes.iter().map(Name::as_str).collect();
    names.join("_")
}
