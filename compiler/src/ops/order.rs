//! Sorting: the order of rows is found first, as indices; values follow it.

mod merge;

use std::cmp::Ordering;

use ferrodyne_plan::{DType, Diagnostic, Dim};
use ndarray::{ArrayD, Axis, IxDyn};

use super::case::{Case, Domain};
use super::row::{EvalCx, EvalError, Op};
use super::shorthand::int_or;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&SORT, &ARGSORT, &TOP_K, &TOP_K_INDICES];

/// Values or indices sorted along the node's axis, and cut to the first `k` if it is given.
fn sorted(
    b: &mut Builder,
    node: &Node,
    x: NodeId,
    descending: bool,
    indices: bool,
    k: Option<&Dim>,
) -> Value {
    let axis = b.axis(&node.op, x, int_or(node, "axis", -1))? as i64;
    let rows = b.transpose(x, axis, -1)?;
    let order = merge::order(b, rows, descending, k)?;
    let result = match indices {
        true => b.cast(order, DType::I64)?,
        false => b.take_along(rows, order, -1)?,
    };
    b.transpose(result, axis, -1)
}

/// The order of numbers in which NaN is larger than all others.
fn compare(a: f64, c: f64) -> Ordering {
    a.partial_cmp(&c).unwrap_or_else(|| a.is_nan().cmp(&c.is_nan()))
}

/// What the sorting operators mean, by the standard library's stable sort: a square of comparisons would be slow here.
fn eval(cx: &EvalCx<'_>, descending: bool, indices: bool) -> Result<ArrayD<f64>, EvalError> {
    let x = cx.inputs[0];
    let signed = int_or(cx.node, "axis", -1);
    let axis = Axis((if signed < 0 { signed + x.ndim() as i64 } else { signed }) as usize);
    let mut result = ArrayD::zeros(IxDyn(cx.out_dims));
    for (from, mut to) in x.lanes(axis).into_iter().zip(result.lanes_mut(axis)) {
        let mut order: Vec<usize> = (0..from.len()).collect();
        order.sort_by(|&i, &j| match descending {
            true => compare(from[j], from[i]),
            false => compare(from[i], from[j]),
        });
        for (to, &k) in to.iter_mut().zip(&order) {
            *to = if indices { k as f64 } else { from[k] };
        }
    }
    Ok(result)
}

fn descends(cx: &EvalCx<'_>) -> bool {
    cx.node.attrs.get_bool("descending")
}

fn takes_largest(cx: &EvalCx<'_>) -> bool {
    !cx.node.attrs.get_bool("smallest")
}

const SORT_ATTRS: &[AttrSpec] =
    &[AttrSpec::optional("axis", AttrKind::Int), AttrSpec::optional("descending", AttrKind::Bool)];

fn cases() -> Vec<Case> {
    let ties = Domain::Values(vec![3.0, 1.0, 3.0, f64::NAN, -2.0, 1.0, 0.5]);
    let attrs = |axis, descending| Attrs::new().int("axis", axis).bool("descending", descending);
    vec![
        Case::new().f32(&[3, 8]),
        Case::new().operand(DType::F32, &[7, 2], ties.clone()).with(attrs(0, true)),
        Case::new().operand(DType::F32, &[7], ties.clone()).with(attrs(-1, false)),
        Case::new().i32(&[2, 9]).with(attrs(1, true)),
        Case::new().operand(DType::F32, &[2, 131], ties).with(attrs(-1, true)),
        Case::new().i32(&[300]).with(attrs(0, false)),
        Case::new().f32(&[1]).with(attrs(0, false)),
        Case::new().operand(DType::U32, &[2, 5], Domain::Values(vec![3.0, 4_000_000_000.0, 7.0])),
        Case::new()
            .symbolic(DType::F32, vec![2i64.into(), Dim::sym("n")], Domain::Real(-2.0, 2.0))
            .size("n", 9),
    ]
}

static SORT: Op = Op::composite(
    "sort",
    "Elements along `axis` (the last unless given) in ascending or `descending` order. NaN is larger than all numbers.",
    1,
    |b, node, x| sorted(b, node, x[0], node.attrs.get_bool("descending"), false, None),
)
.eval(|cx| eval(cx, descends(cx), false))
.attrs(SORT_ATTRS)
.asks_bounds()
.cases(cases);

static ARGSORT: Op = Op::composite(
    "argsort",
    "The indices, as i64, that `sort` takes its elements from; equal elements keep their order.",
    1,
    |b, node, x| sorted(b, node, x[0], node.attrs.get_bool("descending"), true, None),
)
.eval(|cx| eval(cx, descends(cx), true))
.attrs(SORT_ATTRS)
.asks_bounds()
.cases(cases);

const TOP_ATTRS: &[AttrSpec] = &[
    AttrSpec::required("k", AttrKind::Dims),
    AttrSpec::optional("axis", AttrKind::Int),
    AttrSpec::optional("smallest", AttrKind::Bool),
];

fn top(b: &mut Builder, node: &Node, x: NodeId, indices: bool) -> Value {
    let [k] = node.attrs.get_dims("k") else {
        return Err(b.fault(&node.op, "attribute", "`k` must be one size"));
    };
    let k = k.clone();
    let axis = b.axis(&node.op, x, int_or(node, "axis", -1))?;
    let size = b.dims(x)[axis].clone();
    if !b.at_most(&node.op, &k, &size) {
        let rule = format!("{}: `k` is {k}, but axis {axis} has {size} elements", b.describe(x));
        return Err(b.fault(&node.op, "shape", rule));
    }
    sorted(b, node, x, !node.attrs.get_bool("smallest"), indices, Some(&k))
}

fn top_cases() -> Vec<Case> {
    let k = |k: i64| Attrs::new().dims("k", &[Dim::constant(k)]);
    vec![
        Case::new().f32(&[3, 8]).with(k(3)),
        Case::new().i32(&[6, 2]).with(k(2).int("axis", 0).bool("smallest", true)),
        Case::new().i32(&[2, 300]).with(k(5)),
        Case::new().i32(&[130]).with(k(40)),
        Case::new().f32(&[1100]).with(k(70)),
    ]
}

static TOP_K: Op = Op::composite(
    "top_k",
    "The `k` largest elements along `axis` (the last unless given) in descending order; the `smallest` in ascending order.",
    1,
    |b, node, x| top(b, node, x[0], false),
)
.eval(|cx| eval(cx, takes_largest(cx), false))
.attrs(TOP_ATTRS)
.asks_bounds()
.cases(top_cases);

static TOP_K_INDICES: Op = Op::composite(
    "top_k_indices",
    "The indices, as i64, of what `top_k` gives; of equal elements the first come first.",
    1,
    |b, node, x| top(b, node, x[0], true),
)
.eval(|cx| eval(cx, takes_largest(cx), true))
.attrs(TOP_ATTRS)
.asks_bounds()
.cases(top_cases);
