//! Normalisation by mean and variance.

use ferrodyne_plan::{Diagnostic, Dim};

use super::case::{Case, Domain};
use super::row::{Arity, Op};
use super::shorthand::{float_or, in_f32, int_or};
use super::statistics::mean;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] =
    &[&BATCH_NORM, &LAYER_NORM, &GROUP_NORM, &INSTANCE_NORM, &RMS_NORM, &LOCAL_RESPONSE_NORM];

const EPS: AttrSpec = AttrSpec::optional("eps", AttrKind::Float);

/// One number a channel, shaped so that it broadcasts along an axis of a value of the given rank.
fn along_axis(b: &mut Builder, x: NodeId, axis: usize, rank: usize) -> Value {
    if b.rank(x) != 1 {
        return Ok(x);
    }
    let mut dims = b.dims(x);
    dims.extend(std::iter::repeat_n(Dim::constant(1), rank - axis - 1));
    b.reshape(x, &dims)
}

/// `(x - mean) / sqrt(variance + eps)` with both taken over plain axes.
fn standardised(b: &mut Builder, x: NodeId, axes: &[i64], eps: f64) -> Value {
    let middle = mean(b, x, axes, true)?;
    let centred = b.binary("sub", x, middle)?;
    let square = b.binary("mul", centred, centred)?;
    let variance = mean(b, square, axes, true)?;
    let moved = b.with_number("add", variance, eps)?;
    let scale = b.unary("rsqrt", moved)?;
    b.binary("mul", centred, scale)
}

/// `x * scale + bias` with the operands that are there.
fn affine(b: &mut Builder, x: NodeId, params: &[NodeId], axis: Option<usize>) -> Value {
    let mut value = x;
    for (op, &param) in ["mul", "add"].into_iter().zip(params) {
        let rank = b.rank(x);
        let param = match axis {
            Some(axis) => along_axis(b, param, axis, rank)?,
            None => param,
        };
        value = b.binary(op, value, param)?;
    }
    Ok(value)
}

static BATCH_NORM: Op = Op::composite(
    "batch_norm",
    "For operands `x, scale, bias, mean, var`, the last four of one number a channel: `(x - mean) / sqrt(var + eps) * scale + bias`; the \
     channels are axis 1 unless `axis` says otherwise, `eps` is 1e-5 unless given.",
    5,
    |b, node, x| {
        let axis = b.axis("batch_norm", x[0], int_or(node, "axis", 1))?;
        let rank = b.rank(x[0]);
        let moved = b.with_number("add", x[4], float_or(node, "eps", 1e-5))?;
        let root = b.unary("rsqrt", moved)?;
        let factor = b.binary("mul", root, x[1])?;
        let factor = along_axis(b, factor, axis, rank)?;
        let middle = along_axis(b, x[3], axis, rank)?;
        let bias = along_axis(b, x[2], axis, rank)?;
        let centred = b.binary("sub", x[0], middle)?;
        let scaled = b.binary("mul", centred, factor)?;
        b.binary("add", scaled, bias)
    },
)
.attrs(&[EPS, AttrSpec::optional("axis", AttrKind::Int)])
.cases(|| {
    let variance = Domain::Real(0.1, 2.0);
    let of = |dims: &[i64]| {
        Case::new().f32(dims).f32(&[3]).f32(&[3]).f32(&[3]).operand(ferrodyne_plan::DType::F32, &[3], variance.clone())
    };
    vec![of(&[2, 3, 4, 5]), of(&[2, 3]), of(&[2, 4, 3]).with(Attrs::new().int("axis", -1))]
});

/// The trailing axes that a node normalises over: `rank` of them, one unless given.
fn trailing(b: &Builder, node: &Node, x: NodeId) -> Result<Vec<i64>, Diagnostic> {
    let (rank, count) = (b.rank(x) as i64, int_or(node, "rank", 1));
    if (1..=rank).contains(&count) {
        return Ok((rank - count..rank).collect());
    }
    let rule = format!("{}: cannot be normalised over its last {count} axes", b.describe(x));
    Err(b.fault(&node.op, "attribute", rule))
}

static LAYER_NORM: Op = Op::composite(
    "layer_norm",
    "For operands `x, scale, bias`, the last two of which may be absent: `x` less its mean and divided by `sqrt(variance + eps)`, both \
     over the last `rank` axes (1 unless given), times the scale, plus the bias; `eps` is 1e-5 unless given.",
    3,
    |b, node, x| {
        let axes = trailing(b, node, x[0])?;
        let eps = float_or(node, "eps", 1e-5);
        let value = in_f32(b, x[0], |b, x| standardised(b, x, &axes, eps))?;
        affine(b, value, &x[1..], None)
    },
)
.arity(Arity::Between(1, 3))
.attrs(&[EPS, AttrSpec::optional("rank", AttrKind::Int)])
.cases(|| {
    vec![
        Case::new().f32(&[4, 17]).f32(&[17]).f32(&[17]),
        Case::new().f32(&[2, 3, 8]),
        Case::new().f32(&[2, 3, 8]).f32(&[3, 8]).with(Attrs::new().int("rank", 2)),
    ]
});

static RMS_NORM: Op = Op::composite(
    "rms_norm",
    "For operands `x, scale`, the last of which may be absent: `x / sqrt(mean of x^2 + eps)` over the last `rank` axes (1 unless given), \
     times the scale; `eps` is 1e-6 unless given.",
    2,
    |b, node, x| {
        let axes = trailing(b, node, x[0])?;
        let value = in_f32(b, x[0], |b, x| {
            let square = b.binary("mul", x, x)?;
            let average = mean(b, square, &axes, true)?;
            let moved = b.with_number("add", average, float_or(node, "eps", 1e-6))?;
            let factor = b.unary("rsqrt", moved)?;
            b.binary("mul", x, factor)
        })?;
        affine(b, value, &x[1..], None)
    },
)
.arity(Arity::Between(1, 2))
.attrs(&[EPS, AttrSpec::optional("rank", AttrKind::Int)])
.cases(|| vec![Case::new().f32(&[4, 17]).f32(&[17]), Case::new().f32(&[2, 3, 8])]);

/// Refuses a number of groups that does not divide the channels of a value.
fn check_groups(b: &mut Builder, node: &Node, x: NodeId, groups: i64) -> Result<(), Diagnostic> {
    if groups < 1 {
        let rule = format_args!("`groups` is {groups}, but must be at least 1");
        return Err(b.fault(&node.op, "attribute", rule));
    }
    let channels = b.dims(x)[1].clone();
    if b.divides(&node.op, groups, &channels) {
        return Ok(());
    }
    let rule =
        format!("{}: its {channels} channels are no multiple of {groups} groups", b.describe(x));
    Err(b.fault(&node.op, "shape", rule))
}

fn group_norm(b: &mut Builder, node: &Node, x: &[NodeId], groups: Option<i64>) -> Value {
    let dims = b.dims(x[0]);
    if dims.len() < 2 {
        let rule = format!("{}: must have at least rank 2", b.describe(x[0]));
        return Err(b.fault(&node.op, "shape", rule));
    }
    if let Some(groups) = groups {
        check_groups(b, node, x[0], groups)?;
    }
    let groups = groups.map_or_else(|| dims[1].clone(), Dim::constant);
    let mut split = vec![dims[0].clone(), groups.clone(), dims[1].floor_div(&groups)];
    split.extend_from_slice(&dims[2..]);
    let grouped = b.reshape(x[0], &split)?;
    let axes: Vec<i64> = (2..split.len() as i64).collect();
    let eps = float_or(node, "eps", 1e-5);
    let value = in_f32(b, grouped, |b, x| standardised(b, x, &axes, eps))?;
    let value = b.reshape(value, &dims)?;
    affine(b, value, &x[1..], Some(1))
}

static GROUP_NORM: Op = Op::composite(
    "group_norm",
    "For operands `x [N, C, ..], scale [C], bias [C]`, the last two of which may be absent: `x` standardised over each of `groups` groups \
     of channels and everything behind them, times the scale, plus the bias; `eps` is 1e-5 unless given.",
    3,
    |b, node, x| group_norm(b, node, x, Some(node.attrs.get_int("groups"))),
)
.arity(Arity::Between(1, 3))
.attrs(&[EPS, AttrSpec::required("groups", AttrKind::Int)])
.cases(|| {
    let groups = |groups| Attrs::new().int("groups", groups);
    vec![
        Case::new().f32(&[2, 6, 3, 4]).f32(&[6]).f32(&[6]).with(groups(3)),
        Case::new().f32(&[1, 4, 5, 8]).f32(&[4]).f32(&[4]).with(groups(1)),
        Case::new().f32(&[2, 8, 9]).with(groups(4)),
    ]
});

static INSTANCE_NORM: Op = Op::composite(
    "instance_norm",
    "`group_norm` with a group for each channel.",
    3,
    |b, node, x| group_norm(b, node, x, None),
)
.arity(Arity::Between(1, 3))
.attrs(&[EPS])
.cases(|| vec![Case::new().f32(&[2, 3, 4, 4]).f32(&[3]).f32(&[3])]);

static LOCAL_RESPONSE_NORM: Op = Op::composite(
    "local_response_norm",
    "`x / (bias + alpha / size * sum)^beta` with the sum of `x^2` over `size` neighbouring channels (axis 1).",
    1,
    |b, node, x| {
        let size = node.attrs.get_int("size");
        let square = b.binary("mul", x[0], x[0])?;
        let (low, high) = (Dim::constant((size - 1) / 2), Dim::constant(size / 2));
        let padded = b.pad_axis(square, 1, &low, &high, 0.0)?;
        let windows = b.window(padded, &[1], &[Dim::constant(size)], &[1], &[1])?;
        let sum = b.reduce("sum", windows, &[-1], false)?;
        let scaled = b.with_number("mul", sum, float_or(node, "alpha", 1e-4) / size as f64)?;
        let moved = b.with_number("add", scaled, float_or(node, "bias", 1.0))?;
        let power = b.with_number("pow", moved, float_or(node, "beta", 0.75))?;
        b.binary("div", x[0], power)
    },
)
.attrs(&[
    AttrSpec::required("size", AttrKind::Int),
    AttrSpec::optional("alpha", AttrKind::Float),
    AttrSpec::optional("beta", AttrKind::Float),
    AttrSpec::optional("bias", AttrKind::Float),
])
.cases(|| vec![Case::new().f32(&[1, 6, 3]).with(Attrs::new().int("size", 3).float("alpha", 0.5))]);
