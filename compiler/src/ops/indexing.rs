//! Rearrangements and masks made of views, counters and gathers.

use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::case::Case;
use super::row::{Arity, Op};
use super::shorthand::{float_or, int_or};
use super::typing::converted;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[
    &TRIL,
    &TRIU,
    &ONE_HOT,
    &ROLL,
    &TILE,
    &REPEAT_INTERLEAVE,
    &STACK,
    &DIAGONAL,
    &EMBEDDING,
    &MASKED_FILL,
];

/// Column less row of the last two axes, as i64 of shape `[rows, columns]`.
fn column_less_row(b: &mut Builder, x: NodeId) -> Value {
    let dims = b.dims(x);
    if dims.len() < 2 {
        let rule = format!("{}: must have at least rank 2", b.describe(x));
        return Err(b.fault("tril", "shape", rule));
    }
    let last = &dims[dims.len() - 2..];
    let (row, column) = (b.iota(last, 0, DType::I64)?, b.iota(last, 1, DType::I64)?);
    b.binary("sub", column, row)
}

fn triangle(b: &mut Builder, node: &Node, x: NodeId, op: &str) -> Value {
    let offset = column_less_row(b, x)?;
    let kept = b.with_number(op, offset, int_or(node, "k", 0) as f64)?;
    let zero = b.scalar_like(x, 0.0)?;
    b.select(kept, x, zero)
}

fn triangles() -> Vec<Case> {
    let k = |k| Attrs::new().int("k", k);
    vec![
        Case::new().f32(&[4, 5]),
        Case::new().f32(&[2, 3, 3]).with(k(1)),
        Case::new().i32(&[4, 3]).with(k(-1)),
    ]
}

const K: &[AttrSpec] = &[AttrSpec::optional("k", AttrKind::Int)];

static TRIL: Op = Op::composite(
    "tril",
    "Of the last two axes, the elements on and below diagonal `k` (0 unless given), elsewhere 0.",
    1,
    |b, node, x| triangle(b, node, x[0], "le"),
)
.attrs(K)
.cases(triangles);

static TRIU: Op = Op::composite(
    "triu",
    "Of the last two axes, the elements on and above diagonal `k` (0 unless given), elsewhere 0.",
    1,
    |b, node, x| triangle(b, node, x[0], "ge"),
)
.attrs(K)
.cases(triangles);

fn one_hot(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let [depth] = node.attrs.get_dims("depth") else {
        return Err(b.fault("one_hot", "attribute", "`depth` must be one size"));
    };
    if !b.dtype(x[0]).is_integer() {
        let rule = converted!("indices must be integers", "them");
        return Err(b.fault("one_hot", "dtype", format_args!("{}: {rule}", b.describe(x[0]))));
    }
    let rank = b.rank(x[0]) as i64 + 1;
    let given = int_or(node, "axis", -1);
    let axis = if given < 0 { given + rank } else { given };
    let index = b.unsqueeze(x[0], axis)?;
    let size = b.size(depth, b.dtype(x[0]))?;
    let negative = b.with_number("lt", index, 0.0)?;
    let from_end = b.binary("add", index, size)?;
    let index = b.select(negative, from_end, index)?;
    let mut dims = b.dims(index);
    dims[axis as usize] = depth.clone();
    let place = b.iota(&dims, axis as usize, b.dtype(x[0]))?;
    let hot = b.binary("eq", place, index)?;
    let dtype = node.attrs.get_dtype("dtype");
    let (on, off) = (float_or(node, "on", 1.0), float_or(node, "off", 0.0));
    if dtype == DType::Bool && (on, off) == (1.0, 0.0) {
        return Ok(hot);
    }
    let (on, off) = (b.scalar(dtype, on)?, b.scalar(dtype, off)?);
    b.select(hot, on, off)
}

static ONE_HOT: Op = Op::composite(
    "one_hot",
    "For each index a new axis of size `depth`, the last unless `axis` says otherwise, with `on` (1) at the index and `off` (0) \
     elsewhere. Negative indices count from the end; an index out of range has `off` everywhere.",
    1,
    one_hot,
)
.attrs(&[
    AttrSpec::required("depth", AttrKind::Dims),
    AttrSpec::required("dtype", AttrKind::DType),
    AttrSpec::optional("axis", AttrKind::Int),
    AttrSpec::optional("on", AttrKind::Float),
    AttrSpec::optional("off", AttrKind::Float),
])
.cases(|| {
    let attrs = || Attrs::new().dims("depth", &[Dim::constant(5)]).dtype("dtype", DType::F32);
    vec![
        Case::new().index(&[4], 5).with(attrs()),
        Case::new().index(&[2, 3], 5).with(attrs().int("axis", 1).float("on", 3.0).float("off", -1.0)),
    ]
});

fn roll(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let (shifts, axes) = (node.attrs.get_ints("shifts"), node.attrs.get_ints("axes"));
    if shifts.len() != axes.len() {
        return Err(b.fault("roll", "attribute", "`shifts` and `axes` must have as many entries"));
    }
    let mut value = x[0];
    for (&shift, &axis) in shifts.iter().zip(axes) {
        let at = b.axis("roll", value, axis)?;
        let size = b.dims(value)[at].clone();
        if shift == 0 || size.as_const() == Some(0) {
            continue;
        }
        let start = Dim::constant(-shift).modulo(&size);
        let zero = Dim::constant(0);
        let tail = b.slice_axis(value, axis, &start, &size, 1)?;
        let head = b.slice_axis(value, axis, &zero, &start, 1)?;
        value = b.concat(&[tail, head], axis)?;
    }
    Ok(value)
}

static ROLL: Op = Op::composite(
    "roll",
    "Elements moved by `shifts` along `axes`; what leaves at one end comes in at the other.",
    1,
    roll,
)
.attrs(&[AttrSpec::required("shifts", AttrKind::Ints), AttrSpec::required("axes", AttrKind::Ints)])
.cases(|| {
    let by = |shifts: &[i64], axes: &[i64]| Attrs::new().ints("shifts", shifts).ints("axes", axes);
    vec![
        Case::new().f32(&[4, 5]).with(by(&[1, -2], &[0, 1])),
        Case::new().i32(&[3]).with(by(&[7], &[-1])),
    ]
});

static TILE: Op = Op::composite(
    "tile",
    "The operand repeated along each axis as often as `repeats` says; more repeats than axes put new axes in front.",
    1,
    |b, node, x| {
        let repeats = node.attrs.get_dims("repeats");
        let mut dims = b.dims(x[0]);
        if repeats.len() < dims.len() {
            let rule = format!("{}: `repeats` must have at least {} entries", b.describe(x[0]), dims.len());
            return Err(b.fault("tile", "attribute", rule));
        }
        dims.splice(0..0, vec![Dim::constant(1); repeats.len() - dims.len()]);
        let one = Dim::constant(1);
        let apart: Vec<Dim> = dims.iter().flat_map(|d| [one.clone(), d.clone()]).collect();
        let grown: Vec<Dim> = repeats.iter().zip(&dims).flat_map(|(r, d)| [r.clone(), d.clone()]).collect();
        let merged: Vec<Dim> = repeats.iter().zip(&dims).map(|(r, d)| r * d).collect();
        let value = b.reshape(x[0], &apart)?;
        let value = b.expand(value, &grown)?;
        b.reshape(value, &merged)
    },
)
.attrs(&[AttrSpec::required("repeats", AttrKind::Dims)])
.cases(|| {
    let by = |repeats: &[i64]| {
        let repeats: Vec<Dim> = repeats.iter().map(|&n| Dim::constant(n)).collect();
        Attrs::new().dims("repeats", &repeats)
    };
    vec![Case::new().f32(&[2, 3]).with(by(&[2, 3])), Case::new().i32(&[3]).with(by(&[2, 2]))]
});

static REPEAT_INTERLEAVE: Op = Op::composite(
    "repeat_interleave",
    "Each element along `axis` repeated `repeats` times in place.",
    1,
    |b, node, x| {
        let axis = b.axis("repeat_interleave", x[0], node.attrs.get_int("axis"))?;
        let repeats = Dim::constant(node.attrs.get_int("repeats"));
        let dims = b.dims(x[0]);
        let value = b.unsqueeze(x[0], axis as i64 + 1)?;
        let mut grown = b.dims(value);
        grown[axis + 1] = repeats.clone();
        let value = b.expand(value, &grown)?;
        let mut merged = dims.clone();
        merged[axis] = &dims[axis] * &repeats;
        b.reshape(value, &merged)
    },
)
.attrs(&[AttrSpec::required("axis", AttrKind::Int), AttrSpec::required("repeats", AttrKind::Int)])
.cases(|| vec![Case::new().f32(&[2, 3]).with(Attrs::new().int("axis", 0).int("repeats", 3))]);

static STACK: Op = Op::composite(
    "stack",
    "The operands, all of one shape, one behind the other along a new axis.",
    1,
    |b, node, x| {
        let axis = node.attrs.get_int("axis");
        let mut apart = Vec::new();
        for &value in x {
            apart.push(b.unsqueeze(value, axis)?);
        }
        b.concat(&apart, axis)
    },
)
.arity(Arity::AtLeast(1))
.attrs(&[AttrSpec::required("axis", AttrKind::Int)])
.cases(|| {
    vec![
        Case::new().f32(&[2, 3]).f32(&[2, 3]).with(Attrs::new().int("axis", 1)),
        Case::new().f32(&[3]).f32(&[3]).f32(&[3]).with(Attrs::new().int("axis", -1)),
    ]
});

/// Cuts the square whose diagonal it is out of the last two axes, and reads its elements `size + 1` apart.
fn diagonal(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let offset = int_or(node, "offset", 0);
    let rank = b.rank(x[0]);
    let first = b.axis("diagonal", x[0], int_or(node, "axis1", 0))?;
    let second = b.axis("diagonal", x[0], int_or(node, "axis2", 1))?;
    if first == second {
        let rule = format!("{}: `axis1` and `axis2` are the same axis", b.describe(x[0]));
        return Err(b.fault("diagonal", "axis", rule));
    }
    let lead = (0..rank).filter(|&axis| axis != first && axis != second);
    let order: Vec<i64> = lead.chain([first, second]).map(|axis| axis as i64).collect();
    let value = b.permute(x[0], &order)?;
    let dims = b.dims(value);
    let (rows, columns) = (&dims[rank - 2], &dims[rank - 1]);
    // A diagonal that misses the matrix is cut where the matrix ends, and has no elements.
    let within = |offset: i64, size: &Dim| match size.as_const() {
        Some(size) => Dim::constant(offset.clamp(0, size)),
        None => Dim::constant(offset.max(0)),
    };
    let (top, left) = (within(-offset, rows), within(offset, columns));
    let length = if rows == columns && offset == 0 {
        rows.clone()
    } else {
        Dim::max(&Dim::min(&(rows - &top), &(columns - &left)), &Dim::constant(0))
    };
    let value = b.slice_axis(value, -2, &top, &(&top + &length), 1)?;
    let value = b.slice_axis(value, -1, &left, &(&left + &length), 1)?;
    let mut shape = dims[..rank - 2].to_vec();
    if length.as_const() == Some(0) {
        shape.push(length);
        return b.full(b.dtype(value), &shape, 0.0);
    }
    shape.push(&length * &length);
    let flat = b.reshape(value, &shape)?;
    let padded = b.pad_axis(flat, -1, &Dim::constant(0), &length, 0.0)?;
    shape.pop();
    shape.extend([length.clone(), &length + 1]);
    let skewed = b.reshape(padded, &shape)?;
    let column = b.slice_axis(skewed, -1, &Dim::constant(0), &Dim::constant(1), 1)?;
    b.squeeze(column, -1)
}

static DIAGONAL: Op = Op::composite(
    "diagonal",
    "The elements of `axis1` and `axis2` (0 and 1 unless given) whose second coordinate is the first plus `offset`, as a new last axis.",
    1,
    diagonal,
)
.attrs(&[
    AttrSpec::optional("offset", AttrKind::Int),
    AttrSpec::optional("axis1", AttrKind::Int),
    AttrSpec::optional("axis2", AttrKind::Int),
])
.cases(|| {
    let of = |offset, axis1, axis2| {
        Attrs::new().int("offset", offset).int("axis1", axis1).int("axis2", axis2)
    };
    vec![
        Case::new().f32(&[4, 4]),
        Case::new().f32(&[3, 5]).with(of(1, 0, 1)),
        Case::new().f32(&[4, 2, 3]).with(of(-1, 0, 2)),
        Case::new().f32(&[3, 3]).with(of(5, 0, 1)),
    ]
});

static EMBEDDING: Op = Op::composite(
    "embedding",
    "For operands `table, index`: the rows of the table that the indices name.",
    2,
    |b, _, x| b.gather(x[0], x[1], 0),
)
.cases(|| vec![Case::new().f32(&[7, 4]).index(&[2, 3], 7)]);

static MASKED_FILL: Op = Op::composite(
    "masked_fill",
    "For operands `x, mask`: `value` where the mask holds, else `x`.",
    2,
    |b, node, x| {
        let value = b.scalar_like(x[0], node.attrs.get_float("value"))?;
        b.select(x[1], value, x[0])
    },
)
.attrs(&[AttrSpec::required("value", AttrKind::Float)])
.cases(|| vec![Case::new().f32(&[3, 4]).bool(&[4]).with(Attrs::new().float("value", -7.0))]);
