//! Reductions made of sums and extremes.

use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::case::{Case, Domain};
use super::row::Op;
use super::shorthand::{float_or, in_f32, ints_or};
use super::typing::converted;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&MEAN, &VAR, &STD, &NORM, &LOGSUMEXP];

const AXES: AttrSpec = AttrSpec::optional("axes", AttrKind::Ints);
const KEEP: AttrSpec = AttrSpec::optional("keepdim", AttrKind::Bool);

/// The signed axes of a node (all where it names none) and whether they are kept.
fn over(b: &Builder, node: &Node, x: NodeId) -> Result<(Vec<i64>, bool), Diagnostic> {
    Ok((b.axes(&node.op, x, ints_or(node, "axes", &[]))?, node.attrs.get_bool("keepdim")))
}

/// The number of elements that axes hold together.
fn count(b: &Builder, x: NodeId, axes: &[i64]) -> Dim {
    let dims = b.dims(x);
    axes.iter().map(|&axis| dims[axis as usize].clone()).product()
}

/// The mean over plain axes.
pub(super) fn mean(b: &mut Builder, x: NodeId, axes: &[i64], keep: bool) -> Value {
    if axes.is_empty() {
        return Ok(x);
    }
    let sum = b.reduce("sum", x, axes, keep)?;
    let size = b.size(&count(b, x, axes), b.dtype(x))?;
    b.binary("div", sum, size)
}

/// Squared distances from the mean, summed over plain axes.
fn deviations(b: &mut Builder, x: NodeId, axes: &[i64], keep: bool) -> Value {
    let middle = mean(b, x, axes, true)?;
    let centred = b.binary("sub", x, middle)?;
    let square = b.binary("mul", centred, centred)?;
    if axes.is_empty() { Ok(square) } else { b.reduce("sum", square, axes, keep) }
}

fn variance(b: &mut Builder, node: &Node, x: NodeId) -> Value {
    let (axes, keep) = over(b, node, x)?;
    let sum = deviations(b, x, &axes, keep)?;
    let correction = float_or(node, "correction", 1.0);
    let count = count(b, x, &axes);
    let freedom = match count.as_const() {
        Some(n) => b.scalar_like(x, (n as f64 - correction).max(0.0))?,
        None => {
            let size = b.size(&count, b.dtype(x))?;
            let freedom = b.with_number("sub", size, correction)?;
            b.with_number("max", freedom, 0.0)?
        }
    };
    b.binary("div", sum, freedom)
}

/// Refuses a value that is not of a floating-point type.
pub(super) fn float_only(b: &Builder, node: &Node, x: NodeId) -> Result<(), Diagnostic> {
    if b.dtype(x).is_float() {
        return Ok(());
    }
    let rule = converted!("it must be a float", "it");
    Err(b.fault(&node.op, "dtype", format_args!("{}: {rule}", b.describe(x))))
}

fn cases() -> Vec<Case> {
    let axes = |axes: &[i64], keep| Attrs::new().ints("axes", axes).bool("keepdim", keep);
    let rows = vec![3i64.into(), Dim::sym("n")];
    vec![
        Case::new().f32(&[3, 13]).with(axes(&[1], false)),
        Case::new().f32(&[2, 5, 4]).with(axes(&[0, -1], true)),
        Case::new().f32(&[3, 4]),
        Case::new()
            .symbolic(DType::F32, rows, Domain::Real(-2.0, 2.0))
            .size("n", 6)
            .with(axes(&[1], false)),
    ]
}

static MEAN: Op = Op::composite(
    "mean",
    "Mean over `axes`, all unless given; NaN over nothing.",
    1,
    |b, node, x| {
        float_only(b, node, x[0])?;
        let (axes, keep) = over(b, node, x[0])?;
        in_f32(b, x[0], |b, x| mean(b, x, &axes, keep))
    },
)
.attrs(&[AXES, KEEP])
.cases(cases);

static VAR: Op = Op::composite(
    "var",
    "Variance over `axes`, all unless given: squared distances from the mean, summed and divided by their number less \
     `correction` (1 unless given).",
    1,
    |b, node, x| {
        float_only(b, node, x[0])?;
        in_f32(b, x[0], |b, x| variance(b, node, x))
    },
)
.attrs(&[AXES, KEEP, AttrSpec::optional("correction", AttrKind::Float)])
.cases(cases);

static STD: Op =
    Op::composite("std", "Square root of the variance (see `var`).", 1, |b, node, x| {
        float_only(b, node, x[0])?;
        in_f32(b, x[0], |b, x| {
            let variance = variance(b, node, x)?;
            b.unary("sqrt", variance)
        })
    })
    .attrs(&[AXES, KEEP, AttrSpec::optional("correction", AttrKind::Float)])
    .cases(cases);

fn norm(b: &mut Builder, node: &Node, x: NodeId) -> Value {
    let (axes, keep) = over(b, node, x)?;
    let size = b.unary("abs", x)?;
    match float_or(node, "p", 2.0) {
        p if p == f64::INFINITY => b.reduce("amax", size, &axes, keep),
        p if p == f64::NEG_INFINITY => b.reduce("amin", size, &axes, keep),
        0.0 => {
            let some = b.with_number("ne", x, 0.0)?;
            let ones = b.cast(some, b.dtype(x))?;
            b.reduce("sum", ones, &axes, keep)
        }
        1.0 => b.reduce("sum", size, &axes, keep),
        2.0 => {
            let square = b.binary("mul", x, x)?;
            let sum = b.reduce("sum", square, &axes, keep)?;
            b.unary("sqrt", sum)
        }
        p => {
            let power = b.with_number("pow", size, p)?;
            let sum = b.reduce("sum", power, &axes, keep)?;
            b.with_number("pow", sum, 1.0 / p)
        }
    }
}

static NORM: Op = Op::composite(
    "norm",
    "The `p`-norm over `axes` (all unless given), `p` being 2 unless given: the `p`-th root of the sum of `|x|^p`; the largest \
     or smallest `|x|` for an infinite `p`, the number of elements that are not 0 for 0.",
    1,
    |b, node, x| {
        float_only(b, node, x[0])?;
        in_f32(b, x[0], |b, x| norm(b, node, x))
    },
)
.attrs(&[AXES, KEEP, AttrSpec::optional("p", AttrKind::Float)])
.cases(|| {
    let p = |p| Case::new().f32(&[3, 7]).with(Attrs::new().ints("axes", &[1]).float("p", p));
    vec![Case::new().f32(&[3, 7]), p(1.0), p(3.0), p(f64::INFINITY), p(0.0)]
});

fn logsumexp(b: &mut Builder, node: &Node, x: NodeId) -> Value {
    let (axes, keep) = over(b, node, x)?;
    let max = b.reduce("amax", x, &axes, true)?;
    let size = b.unary("abs", max)?;
    let finite = b.with_number("lt", size, f64::INFINITY)?;
    let zero = b.scalar_like(x, 0.0)?;
    let shift = b.select(finite, max, zero)?;
    let low = b.binary("sub", x, shift)?;
    let exp = b.unary("exp", low)?;
    let sum = b.reduce("sum", exp, &axes, keep)?;
    let log = b.unary("log", sum)?;
    let shift = if keep { shift } else { b.reshape(shift, &b.dims(log))? };
    b.binary("add", log, shift)
}

static LOGSUMEXP: Op = Op::composite(
    "logsumexp",
    "Logarithm of the sum of `e^x` over `axes`, all unless given; nothing overflows.",
    1,
    |b, node, x| in_f32(b, x[0], |b, x| logsumexp(b, node, x)),
)
.attrs(&[AXES, KEEP])
.cases(cases);
