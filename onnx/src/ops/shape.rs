//! Operators on shapes: what a shape is, and other shapes for the same elements.

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::{Diagnostic, Dim, Proof};

use super::Row;
use crate::context::{Cx, Results, known};
use crate::known::Known;
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("Shape", &[1, 13, 15, 19, 21, 23, 24, 25], "", shape),
    Row::new("Size", &[1, 13, 19, 21, 23, 24, 25], "", size),
    Row::new("Reshape", &[1, 5, 13, 14, 19, 21, 23, 24, 25], "", reshape)
        .limits("the shape may not be data"),
    Row::new("Flatten", &[1, 9, 11, 13, 21, 23, 24, 25], "", flatten),
    Row::new("Squeeze", &[1, 11, 13, 21, 23, 24, 25], "", squeeze),
    Row::new("Unsqueeze", &[1, 11, 13, 21, 23, 24, 25], "", unsqueeze),
    Row::new("Transpose", &[1, 13, 21, 23, 24, 25], "", transpose),
    Row::new("Expand", &[8, 13], "", expand).limits("the shape may not be data"),
];

/// The number that a known dim is; none for a symbolic one.
fn plain(dims: &[Dim]) -> Option<Vec<usize>> {
    dims.iter().map(|dim| usize::try_from(dim.as_const()?).ok()).collect()
}

fn shape(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let rank = x.rank() as i64;
    let bound = |at: i64| (if at < 0 { at + rank } else { at }).clamp(0, rank) as usize;
    let (start, end) = (bound(cx.int("start").unwrap_or(0)), bound(cx.int("end").unwrap_or(rank)));
    known(Known::sizes(x.dims()[start..end.max(start)].iter().cloned()))
}

fn size(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    known(Known::size(x.dims().iter().cloned().product()))
}

/// A value under another shape: on the host where it is known and stays so.
pub(super) fn reshaped(cx: &mut Cx<'_>, x: &Value, dims: &[Dim]) -> Results {
    let on_host = x.as_known().and_then(|known| known.reshaped(plain(dims)?));
    if let Some(result) = on_host {
        return known(result);
    }
    let node = x.on_graph(cx.m)?;
    let result = cx.m.b.reshape(node, dims)?;
    cx.done(result)
}

fn reshape(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let wanted = if cx.opset < 5 {
        cx.ints("shape").map(|shape| shape.into_iter().map(Dim::constant).collect())
    } else {
        cx.sizes(1, "a shape")?
    };
    let wanted: Vec<Dim> = wanted.ok_or_else(|| cx.fault("the shape is missing"))?;
    let zero_copies = !cx.flag("allowzero");
    let mut dims = Vec::new();
    for (axis, size) in wanted.iter().enumerate() {
        dims.push(match (size.as_const(), x.dims().get(axis)) {
            (Some(0), Some(own)) if zero_copies => own.clone(),
            (Some(0), None) if zero_copies => {
                return Err(cx.fault(format_args!("size 0 copies axis {axis}, which is not there")));
            }
            _ => size.clone(),
        });
    }
    let free: Vec<usize> =
        (0..dims.len()).filter(|&axis| dims[axis].as_const() == Some(-1)).collect();
    match free.as_slice() {
        [] => {}
        &[axis] => dims[axis] = rest(cx, x.dims(), &dims, axis)?,
        _ => return Err(cx.fault("only one size may be -1")),
    }
    if let Some(bad) = dims.iter().find(|dim| dim.as_const().is_some_and(|size| size < 0)) {
        return Err(cx.fault(format_args!("a size of {bad}")));
    }
    reshaped(cx, &x, &dims)
}

/// The size that is left for one axis.
fn rest(cx: &Cx<'_>, have: &[Dim], dims: &[Dim], axis: usize) -> Result<Dim, Diagnostic> {
    // Sizes that both shapes have cancel, which holds for 0 as well.
    let mut have: Vec<Dim> = have.to_vec();
    let mut others = Vec::new();
    for (_, dim) in dims.iter().enumerate().filter(|(k, _)| *k != axis) {
        match have.iter().position(|own| own == dim && dim.as_const() != Some(0)) {
            Some(at) => drop(have.remove(at)),
            None => others.push(dim.clone()),
        }
    }
    let (total, others): (Dim, Dim) = (have.into_iter().product(), others.into_iter().product());
    if others.as_const() == Some(0) {
        return Err(cx.fault("-1 beside a size of 0 has no value"));
    }
    if let (Some(total), Some(others)) = (total.as_const(), others.as_const())
        && total % others != 0
    {
        return Err(cx.fault(format_args!("{total} elements are no multiple of {others}")));
    }
    Ok(cx.facts().simplify(&total.floor_div(&others)))
}

fn flatten(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let rank = x.rank() as i64;
    let axis = cx.int("axis").unwrap_or(1);
    let at = if axis < 0 { axis + rank } else { axis };
    if !(0..=rank).contains(&at) {
        return Err(cx.fault(format_args!("axis {axis} must lie in -{rank}..={rank}")));
    }
    let (outer, inner) = x.dims().split_at(at as usize);
    let dims: [Dim; 2] = [outer.iter().cloned().product(), inner.iter().cloned().product()];
    reshaped(cx, &x, &dims)
}

/// The axes of an operator that has them as an attribute before version 13, then as an operand.
fn axes(cx: &Cx<'_>) -> Result<Option<Vec<i64>>, Diagnostic> {
    if cx.opset < 13 { Ok(cx.ints("axes")) } else { cx.integers(1, "axes") }
}

fn squeeze(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let one = Dim::constant(1);
    let gone: Vec<usize> = match axes(cx)? {
        Some(axes) => cx.axes(&axes, x.rank())?,
        None => (0..x.rank())
            .filter(|&axis| cx.facts().prove_eq(&x.dims()[axis], &one) == Proof::Yes)
            .collect(),
    };
    if let Some(&axis) =
        gone.iter().find(|&&axis| cx.facts().prove_eq(&x.dims()[axis], &one) == Proof::No)
    {
        let size = &x.dims()[axis];
        return Err(cx.fault(format_args!("axis {axis} has size {size}, not 1")));
    }
    let kept = (0..x.rank()).filter(|axis| !gone.contains(axis));
    let dims: Vec<Dim> = kept.map(|axis| x.dims()[axis].clone()).collect();
    reshaped(cx, &x, &dims)
}

fn unsqueeze(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let wanted = axes(cx)?.ok_or_else(|| cx.fault("the axes are missing"))?;
    let rank = x.rank() + wanted.len();
    let new = cx.axes(&wanted, rank)?;
    let mut own = x.dims().iter().cloned();
    let mut dims = Vec::new();
    for axis in 0..rank {
        let size = if new.contains(&axis) { Some(Dim::constant(1)) } else { own.next() };
        dims.push(size.ok_or_else(|| cx.fault(format_args!("axes {wanted:?} repeat")))?);
    }
    if own.next().is_some() {
        return Err(cx.fault(format_args!("axes {wanted:?} repeat")));
    }
    reshaped(cx, &x, &dims)
}

fn transpose(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let order = cx.ints("perm").unwrap_or_else(|| (0..x.rank() as i64).rev().collect());
    let plain = cx.axes(&order, x.rank())?;
    if let Some(on_host) = x.as_known().filter(|_| plain.len() == x.rank()) {
        return known(on_host.permuted(&plain));
    }
    let node = x.on_graph(cx.m)?;
    let result = cx.m.b.permute(node, &order)?;
    cx.done(result)
}

/// The shape to which a value broadcasts together with another shape. A size of 1 on either side gives way.
fn broadcast(have: &[Dim], want: &[Dim]) -> Vec<Dim> {
    let rank = have.len().max(want.len());
    let one = Dim::constant(1);
    let at = |dims: &[Dim], axis: usize| match (axis + dims.len()).checked_sub(rank) {
        Some(own) => dims[own].clone(),
        None => Dim::constant(1),
    };
    (0..rank)
        .map(|axis| {
            let (a, b) = (at(have, axis), at(want, axis));
            if a != one && (b == one || (a.is_const() && !b.is_const())) { a } else { b }
        })
        .collect()
}

fn expand(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let wanted = cx.sizes(1, "a shape")?.ok_or_else(|| cx.fault("the shape is missing"))?;
    let dims = broadcast(x.dims(), &wanted);
    let on_host = x.as_known().and_then(|known| known.broadcast(&plain(&dims)?));
    if let Some(result) = on_host {
        return known(result);
    }
    let node = x.on_graph(cx.m)?;
    let result: NodeId = cx.m.b.expand(node, &dims)?;
    cx.done(result)
}
