//! Running reductions: of all elements up to each one.

use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::case::{Case, Domain};
use super::row::Op;
use super::typing::converted;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&CUMSUM, &CUMPROD, &CUMMAX];

/// Elements of a block: a longer axis is reduced block by block, and what stands before each block joins it.
const BLOCK: i64 = 32;

/// A reduction, the operator that joins two of its results, and its unit.
struct Kind {
    fold: &'static str,
    join: &'static str,
    unit: f64,
}

fn running(b: &mut Builder, node: &Node, x: NodeId, kind: &Kind) -> Value {
    if b.dtype(x) == DType::Bool {
        let rule = converted!("it must be a number", "it");
        return Err(b.fault(&node.op, "dtype", format_args!("{}: {rule}", b.describe(x))));
    }
    let axis = b.axis(&node.op, x, node.attrs.get_int("axis"))? as i64;
    let reverse = node.attrs.get_bool("reverse");
    let exclusive = node.attrs.get_bool("exclusive");
    let x = if reverse { b.flip(x, &[axis])? } else { x };
    let rows = b.transpose(x, axis, -1)?;
    let result = scanned(b, rows, exclusive, kind)?;
    let result = b.transpose(result, axis, -1)?;
    if reverse { b.flip(result, &[axis]) } else { Ok(result) }
}

/// Along the last axis.
fn scanned(b: &mut Builder, x: NodeId, exclusive: bool, kind: &Kind) -> Value {
    let dims = b.dims(x);
    let (size, outer) = dims.split_last().expect("the node's axis was checked");
    if size.is_zero() {
        return Ok(x);
    }
    let (one, facts) = (Dim::constant(1), &b.graph().facts);
    let is_short = facts.prove_lt(size, &Dim::constant(BLOCK + 1)).is_yes();
    if is_short && facts.prove_le(&one, size).is_yes() {
        return windows(b, x, exclusive, kind);
    }
    // A size that may be 0 has a block too, so that there are windows.
    let count = facts.simplify(&Dim::max(&size.ceil_div(&Dim::constant(BLOCK)), &one));
    let rest = count.clone() * BLOCK - size;
    let filled = b.pad_axis(x, -1, &Dim::constant(0), &rest, kind.unit)?;
    let blocks = b.reshape(filled, &[outer, &[count.clone(), Dim::constant(BLOCK)]].concat())?;
    let within = windows(b, blocks, exclusive, kind)?;
    let totals = b.reduce(kind.fold, blocks, &[-1], false)?;
    // The number of blocks of a size that is no number may be anything: any number of levels is right for it.
    let before = match size.is_const() || b.graph().estimate(&count) > BLOCK as f64 {
        true => scanned(b, totals, true, kind)?,
        false => windows(b, totals, true, kind)?,
    };
    let before = b.unsqueeze(before, -1)?;
    let all = b.binary(kind.join, within, before)?;
    let all = b.flatten(all, -2, -1)?;
    b.slice_axis(all, -1, &Dim::constant(0), size, 1)
}

/// Each window over the row, padded in front with the unit, is reduced by itself.
fn windows(b: &mut Builder, x: NodeId, exclusive: bool, kind: &Kind) -> Value {
    let size = b.dims(x)[b.rank(x) - 1].clone();
    let (before, after) = match exclusive {
        true => (size.clone(), Dim::constant(-1)),
        false => (&size - 1, Dim::constant(0)),
    };
    let padded = b.pad_axis(x, -1, &before, &after, kind.unit)?;
    let axis = b.rank(x) as i64 - 1;
    let windows = b.window(padded, &[axis], &[size], &[1], &[1])?;
    b.reduce(kind.fold, windows, &[-1], false)
}

const RUNNING: &[AttrSpec] = &[
    AttrSpec::required("axis", AttrKind::Int),
    AttrSpec::optional("exclusive", AttrKind::Bool),
    AttrSpec::optional("reverse", AttrKind::Bool),
];

fn running_cases() -> Vec<Case> {
    let along = |axis| Attrs::new().int("axis", axis);
    let columns = vec![3i64.into(), Dim::sym("n")];
    vec![
        Case::new().f32(&[3, 7]).with(along(-1)),
        Case::new().f32(&[5, 2]).with(along(0).bool("exclusive", true)),
        Case::new().i32(&[2, 6]).with(along(1).bool("reverse", true)),
        Case::new()
            .symbolic(DType::F32, columns, Domain::Real(-2.0, 2.0))
            .size("n", 6)
            .with(along(1)),
        Case::new().f32(&[2, 1100]).with(along(1)).within(1e-4),
        Case::new().f32(&[77, 2]).with(along(0).bool("exclusive", true).bool("reverse", true)),
    ]
}

static CUMSUM: Op = Op::composite(
    "cumsum",
    "Sum of the elements up to each one along `axis`; without itself if `exclusive`, from the end if `reverse`.",
    1,
    |b, node, x| running(b, node, x[0], &Kind { fold: "sum", join: "add", unit: 0.0 }),
)
.attrs(RUNNING)
.cases(running_cases);

static CUMPROD: Op = Op::composite(
    "cumprod",
    "Product of the elements up to each one along `axis`; without itself if `exclusive`, from the end if `reverse`.",
    1,
    |b, node, x| running(b, node, x[0], &Kind { fold: "prod", join: "mul", unit: 1.0 }),
)
.attrs(RUNNING)
.cases(running_cases);

static CUMMAX: Op = Op::composite(
    "cummax",
    "Largest of the elements up to each one along `axis`; from the end if `reverse`.",
    1,
    |b, node, x| {
        let unit = super::reduce::extreme(b.dtype(x[0]), false);
        running(b, node, x[0], &Kind { fold: "amax", join: "max", unit })
    },
)
.attrs(RUNNING)
.cases(|| vec![Case::new().f32(&[3, 7]).with(Attrs::new().int("axis", 1))]);
