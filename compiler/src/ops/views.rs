//! Views: other indices into the same elements. A view moves no data; it is an index map in whoever reads it.

use ferrodyne_plan::loops::Coord;
use ferrodyne_plan::{Diagnostic, Dim, Proof};

use super::row::{Arity, Op, OpClass};
use super::typing::one;
use super::{Lower, Lowering, Viewed, coords, literal};
use crate::graph::{AttrKind, AttrSpec, Node, TensorType, TypeCx};

mod cases;
pub(super) mod eval;

/// The family.
pub(super) static ALL: &[&Op] = &[&RESHAPE, &PERMUTE, &EXPAND, &SLICE, &FLIP, &PAD, &WINDOW];

const fn row(name: &'static str, doc: &'static str) -> Op {
    Op::new(name, doc, OpClass::View, Arity::Exactly(1))
}

fn reshape_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let dims = cx.attrs.get_dims("dims").to_vec();
    let to = TensorType { dtype: cx.inputs[0].dtype, dims };
    let (have, want) = (cx.inputs[0].elements(), to.elements());
    if !cx.equal(&have, &want) {
        let x = cx.operand(0);
        let text = format!("{x} with {have} elements, but {to} has {want}");
        return Err(cx.fault("shape", text));
    }
    Ok(vec![to])
}

/// The same elements in row-major order under another shape.
static RESHAPE: Op =
    row("reshape", "The same elements, in row-major order, under the shape `dims`.")
        .attrs(&[AttrSpec::required("dims", AttrKind::Dims)])
        .types(reshape_types)
        .eval(eval::reshape)
        .lower(Lower::View(reshape_at))
        .cases(cases::reshape);

/// The coordinates of an element in one shape from those in another, by way of its position in row-major order. Axes that both
/// shapes have at the front and at the back keep their coordinate, so that only what is merged or split is divided.
fn reshape_at(cx: &mut dyn Lowering, _: &Node, at: &[Dim]) -> Viewed {
    let (from, to) = (cx.dims(0), cx.out_dims());
    let same = |a: &Dim, b: &Dim| cx.facts().prove_eq(a, b) == Proof::Yes;
    let front = from.iter().zip(&to).take_while(|(a, b)| same(a, b)).count();
    let rest = from.len().min(to.len()) - front;
    let back = (1..=rest).take_while(|&k| same(&from[from.len() - k], &to[to.len() - k])).count();
    let flat = (front..to.len() - back)
        .fold(Dim::constant(0), |flat, axis| &(&flat * &to[axis]) + &at[axis]);
    let mut result = at[..front].to_vec();
    let mut inner = Vec::new();
    let (mut rest, middle) = (flat, &from[front..from.len() - back]);
    for (k, size) in middle.iter().enumerate().rev() {
        if k == 0 {
            inner.push(rest.clone());
        } else {
            inner.push(rest.modulo(size));
            rest = rest.floor_div(size);
        }
    }
    result.extend(inner.into_iter().rev());
    result.extend_from_slice(&at[to.len() - back..]);
    let facts = cx.facts();
    (coords(result.iter().map(|ix| facts.simplify(ix))), None)
}

fn permute_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let x = cx.inputs[0];
    let axes = cx.axes("axes", x.rank())?;
    cx.lengths("axes", axes.len(), x.rank())?;
    one(x.dtype, axes.iter().map(|&a| x.dims[a].clone()).collect())
}

/// Axes in another order.
static PERMUTE: Op = row("permute", "Axis `k` of the result is axis `axes[k]` of the operand.")
    .attrs(&[AttrSpec::required("axes", AttrKind::Ints)])
    .types(permute_types)
    .eval(eval::permute)
    .lower(Lower::View(|_, node, at| {
        let mut from = at.to_vec();
        for (k, &axis) in node.attrs.get_ints("axes").iter().enumerate() {
            from[axis as usize] = at[k].clone();
        }
        (coords(from), None)
    }))
    .cases(cases::permute);

fn expand_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let dims = cx.attrs.get_dims("dims").to_vec();
    let x = cx.inputs[0];
    let to = TensorType { dtype: x.dtype, dims: dims.clone() };
    let fault = |cx: &TypeCx<'_>, rule: String| {
        Err(cx.fault("shape", format_args!("{} and cannot become {to}: {rule}", cx.operand(0))))
    };
    let Some(offset) = dims.len().checked_sub(x.rank()) else {
        return fault(cx, format!("{} axes do not fit into {}", x.rank(), dims.len()));
    };
    let one_dim = Dim::constant(1);
    for (size, want) in x.dims.iter().zip(&dims[offset..]) {
        let repeats = cx.facts.prove_eq(size, &one_dim) == Proof::Yes;
        let hinted = (cx.hint)(size) == Some(1) && (cx.hint)(want).is_some_and(|n| n != 1);
        let fits = repeats || if hinted { cx.equal(size, &one_dim) } else { cx.equal(size, want) };
        if !fits {
            return fault(cx, format!("{size} must be 1 or equal to {want}"));
        }
    }
    Ok(vec![to])
}

/// Axes of size 1 repeated, and new axes put in front.
static EXPAND: Op = row(
    "expand",
    "Repeats axes of size 1 and puts new axes in front, so that the shape becomes `dims`; aligned at the last axis.",
)
.attrs(&[AttrSpec::required("dims", AttrKind::Dims)])
.types(expand_types)
.eval(eval::expand)
.lower(Lower::View(|cx, _, at| {
    let from = cx.dims(0);
    let offset = at.len() - from.len();
    let one = Dim::constant(1);
    let pick = |(k, size): (usize, &Dim)| match cx.facts().prove_eq(size, &one) {
        Proof::Yes => Dim::constant(0),
        _ => at[offset + k].clone(),
    };
    (coords(from.iter().enumerate().map(pick)), None)
}))
.cases(cases::expand);

fn slice_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let x = cx.inputs[0];
    let (starts, ends) = (cx.attrs.get_dims("starts"), cx.attrs.get_dims("ends"));
    let steps = cx.attrs.get_ints("steps");
    cx.lengths("starts", starts.len(), x.rank())?;
    cx.lengths("ends", ends.len(), x.rank())?;
    cx.lengths("steps", steps.len(), x.rank())?;
    let mut dims = Vec::new();
    for axis in 0..x.rank() {
        let (start, end, size) = (&starts[axis], &ends[axis], &x.dims[axis]);
        if steps[axis] < 1 {
            let text = format!(
                "the step {} of axis {axis} must be at least 1; reverse with `flip`",
                steps[axis]
            );
            return Err(cx.fault("attribute", text));
        }
        let whole = *start == Dim::constant(0) && end == size;
        let fits = whole
            || (cx.at_most(&Dim::constant(0), start)
                && cx.at_most(start, end)
                && cx.at_most(end, size));
        if !fits {
            let rule = format!(
                "{} but axis {axis} is cut at {start}..{end}: it must lie in 0..{size}",
                cx.operand(0)
            );
            return Err(cx.fault("shape", rule));
        }
        dims.push((end - start).ceil_div(&Dim::constant(steps[axis])));
    }
    one(x.dtype, dims)
}

/// A part of every axis.
static SLICE: Op = row(
    "slice",
    "Elements `starts..ends` of every axis, each `steps`-th: `0 <= start <= end <= size`, steps at least 1.",
)
.attrs(&[
    AttrSpec::required("starts", AttrKind::Dims),
    AttrSpec::required("ends", AttrKind::Dims),
    AttrSpec::required("steps", AttrKind::Ints),
])
.types(slice_types)
.eval(eval::slice)
.lower(Lower::View(|_, node, at| {
    let (starts, steps) = (node.attrs.get_dims("starts"), node.attrs.get_ints("steps"));
    (coords((0..at.len()).map(|k| &(&at[k] * steps[k]) + &starts[k])), None)
}))
.cases(cases::slice);

/// Axes reversed.
static FLIP: Op = row("flip", "Reverses the order of elements along `axes`.")
    .attrs(&[AttrSpec::required("axes", AttrKind::Ints)])
    .types(|cx| {
        cx.axes("axes", cx.inputs[0].rank())?;
        Ok(vec![cx.inputs[0].clone()])
    })
    .eval(eval::flip)
    .lower(Lower::View(|cx, node, at| {
        let (dims, mut from) = (cx.dims(0), at.to_vec());
        for &axis in node.attrs.get_ints("axes") {
            let axis = axis as usize;
            from[axis] = &(&dims[axis] - 1) - &at[axis];
        }
        (coords(from), None)
    }))
    .cases(cases::flip);

fn pad_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let x = cx.inputs[0];
    let (low, high) = (cx.attrs.get_dims("low"), cx.attrs.get_dims("high"));
    cx.lengths("low", low.len(), x.rank())?;
    cx.lengths("high", high.len(), x.rank())?;
    let mut dims = Vec::new();
    for axis in 0..x.rank() {
        let size = &(&x.dims[axis] + &low[axis]) + &high[axis];
        let grows = low[axis].as_const().is_some_and(|n| n >= 0)
            && high[axis].as_const().is_some_and(|n| n >= 0);
        if !grows && !cx.at_most(&Dim::constant(0), &size) {
            let (low, high) = (&low[axis], &high[axis]);
            let text = format!(
                "{} but {low} and {high} leave less than nothing of axis {axis}",
                cx.operand(0)
            );
            return Err(cx.fault("shape", text));
        }
        dims.push(size);
    }
    one(x.dtype, dims)
}

fn pad_at(cx: &mut dyn Lowering, node: &Node, at: &[Dim]) -> Viewed {
    let (low, high) = (node.attrs.get_dims("low"), node.attrs.get_dims("high"));
    let facts = cx.facts();
    let crops = |by: &Dim| facts.prove_le(by, &Dim::constant(0)) == Proof::Yes;
    let from: Vec<Coord> = (0..at.len())
        .map(|k| Coord { ix: &at[k] - &low[k], checked: !(crops(&low[k]) && crops(&high[k])) })
        .collect();
    let fill = literal(node.ty().dtype, node.attrs.get_float("value"));
    let checked = from.iter().any(|c| c.checked);
    (from, checked.then_some(fill))
}

/// Elements added around, or taken away.
static PAD: Op = row(
    "pad",
    "Adds `low` elements before and `high` after every axis, all of them `value`; a negative number takes elements away.",
)
.attrs(&[
    AttrSpec::required("low", AttrKind::Dims),
    AttrSpec::required("high", AttrKind::Dims),
    AttrSpec::required("value", AttrKind::Float),
])
.types(pad_types)
.eval(eval::pad)
.lower(Lower::View(pad_at))
.cases(cases::pad);

fn window_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let x = cx.inputs[0];
    let axes = cx.axes("axes", x.rank())?;
    let sizes = cx.attrs.get_dims("sizes");
    let (strides, dilations) = (cx.attrs.get_ints("strides"), cx.attrs.get_ints("dilations"));
    cx.lengths("sizes", sizes.len(), axes.len())?;
    cx.lengths("strides", strides.len(), axes.len())?;
    cx.lengths("dilations", dilations.len(), axes.len())?;
    if strides.iter().chain(dilations).any(|&n| n < 1) {
        return Err(cx.fault("attribute", "strides and dilations must be at least 1"));
    }
    let mut dims = x.dims.clone();
    for (k, &axis) in axes.iter().enumerate() {
        let span = &(&(&sizes[k] - 1) * dilations[k]) + 1;
        if !cx.at_most(&span, &x.dims[axis]) {
            let text =
                format!("{} but a window of {span} does not fit into axis {axis}", cx.operand(0));
            return Err(cx.fault("shape", text));
        }
        dims[axis] = &(&x.dims[axis] - &span).floor_div(&Dim::constant(strides[k])) + 1;
    }
    dims.extend(sizes.iter().cloned());
    one(x.dtype, dims)
}

/// The overlapping windows of some axes.
static WINDOW: Op = row(
    "window",
    "All windows of `sizes` elements, `dilations` apart, that start each `strides`-th element of `axes`. Those axes hold the \
     windows; the elements of a window are new axes at the end.",
)
.attrs(&[
    AttrSpec::required("axes", AttrKind::Ints),
    AttrSpec::required("sizes", AttrKind::Dims),
    AttrSpec::required("strides", AttrKind::Ints),
    AttrSpec::required("dilations", AttrKind::Ints),
])
.types(window_types)
.eval(eval::window)
.lower(Lower::View(|cx, node, at| {
    let rank = cx.dims(0).len();
    let (strides, dilations) = (node.attrs.get_ints("strides"), node.attrs.get_ints("dilations"));
    let mut from = at[..rank].to_vec();
    for (k, &axis) in node.attrs.get_ints("axes").iter().enumerate() {
        let axis = axis as usize;
        from[axis] = &(&at[axis] * strides[k]) + &(&at[rank + k] * dilations[k]);
    }
    (coords(from), None)
}))
.cases(cases::window);
