//! Operators that read or write at indices that come from data, and the joining of tensors.

use ferrodyne_plan::loops::{Coord, FoldKind, Literal, Math, Val};
use ferrodyne_plan::{DType, Diagnostic, Dim, Facts, Scalar};

use super::row::{Arity, Op, OpClass};
use super::typing::one;
use super::{Lower, Lowering, Scattered, coords, literal};
use crate::graph::{AttrKind, AttrSpec, Graph, Node, NodeId, TensorType, TypeCx};

mod cases;
mod eval;

/// The family.
pub(super) static ALL: &[&Op] = &[&CONCAT, &GATHER, &TAKE_ALONG, &SCATTER];

const AXIS: AttrSpec = AttrSpec::required("axis", AttrKind::Int);

fn concat_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let all: Vec<usize> = (0..cx.inputs.len()).collect();
    let dtype = cx.one_dtype(&all)?;
    let mut dims = cx.inputs[0].dims.clone();
    let axis = cx.axis("axis", dims.len())?;
    for k in 1..all.len() {
        let x = cx.inputs[k];
        if x.rank() != dims.len() {
            let text =
                format_args!("{} but {}: both must have one rank", cx.operand(0), cx.operand(k));
            return Err(cx.fault("shape", text));
        }
        for other in (0..dims.len()).filter(|&a| a != axis) {
            cx.same_size((0, &dims[other]), (k, &x.dims[other]))?;
        }
        dims[axis] = &dims[axis] + &x.dims[axis];
    }
    one(dtype, dims)
}

fn concat(cx: &mut dyn Lowering, node: &Node, at: &[Dim]) -> Val {
    let axis = node.attrs.get_int("axis") as usize;
    let mut arms = Vec::new();
    let mut from = Dim::constant(0);
    for k in 0..node.inputs.len() {
        let to = &from + &cx.dims(k)[axis];
        let mut inside = at.to_vec();
        inside[axis] = &at[axis] - &from;
        let val = cx.input(k, &coords(inside), None);
        arms.push((from, to.clone(), val));
        from = to;
    }
    match arms.len() {
        1 => arms.remove(0).2,
        _ => Val::Case { on: at[axis].clone(), arms },
    }
}

/// Tensors one behind the other.
static CONCAT: Op = Op::new(
    "concat",
    "The operands one behind the other along `axis`; their other axes are equal.",
    OpClass::Gather,
    Arity::AtLeast(1),
)
.attrs(&[AXIS])
.types(concat_types)
.eval(eval::concat)
.lower(Lower::At(concat))
.cases(cases::concat);

/// A 64-bit index as 32 bits. What does not fit is out of range of every axis, and stays so.
fn clamped(index: Val) -> Val {
    if let Val::Op(Math::Cast(Scalar::Long), inner) = &index
        && let [inner @ Val::Index(_, Scalar::I32)] = inner.as_slice()
    {
        return inner.clone();
    }
    let bound = |value: i32| Val::Const(Literal::Long(value.into()));
    let index = Val::Op(Math::Max, vec![index, bound(i32::MIN)]);
    let index = Val::Op(Math::Min, vec![index, bound(i32::MAX)]);
    Val::Op(Math::Cast(Scalar::I32), vec![index])
}

/// Whether a node is a constant of integers that all lie in `0..size`.
pub(crate) fn constant_in(graph: &Graph, id: NodeId, size: &Dim, facts: &Facts) -> bool {
    let node = graph.node(id);
    let Some(least) = facts.range_of(size).lo.filter(|_| node.op.as_str() == "constant") else {
        return false;
    };
    let values = super::element::values(node.attrs.get_tensor("value"));
    values.iter().all(|value| (0.0..least as f64).contains(value))
}

/// An index, operand 1, that may count from the end, as a coordinate into an axis.
fn coordinate(cx: &mut dyn Lowering, index: Val, size: &Dim) -> Coord {
    if cx.lies_in(1, size) {
        let wide = cx.dtype(1) == DType::Long;
        let index = if wide { Val::Op(Math::Cast(Scalar::I32), vec![index]) } else { index };
        return Coord { ix: cx.data(index, size), checked: false };
    }
    let index = if cx.dtype(1) == DType::Long { clamped(index) } else { index };
    let negative = Val::Op(Math::Lt, vec![index.clone(), Val::Const(Literal::I32(0))]);
    let from_end = Val::Op(Math::Add, vec![index.clone(), Val::Index(size.clone(), Scalar::I32)]);
    let index = Val::Op(Math::Select, vec![negative, from_end, index]);
    Coord { ix: cx.data(index, size), checked: true }
}

fn gather_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let (x, index) = (cx.inputs[0], cx.inputs[1]);
    cx.index(1)?;
    let axis = cx.axis("axis", x.rank())?;
    let mut dims = x.dims[..axis].to_vec();
    dims.extend(index.dims.iter().chain(&x.dims[axis + 1..]).cloned());
    one(x.dtype, dims)
}

fn gather(cx: &mut dyn Lowering, node: &Node, at: &[Dim]) -> Val {
    let axis = node.attrs.get_int("axis") as usize;
    let (x, rank) = (cx.dims(0), cx.dims(1).len());
    let index = cx.input(1, &coords(at[axis..axis + rank].iter().cloned()), None);
    let mut from = coords(at[..axis].iter().cloned());
    from.push(coordinate(cx, index, &x[axis]));
    from.extend(coords(at[axis + rank..].iter().cloned()));
    cx.input(0, &from, Some(literal(node.ty().dtype, 0.0)))
}

/// Slices picked by an index tensor.
static GATHER: Op = Op::new(
    "gather",
    "For operands `x, index`: the slices of `x` along `axis` named by `index`, whose axes take the place of `axis`; `numpy.take`. \
     Negative indices count from the end; an index out of range is an error where it can be seen, and 0 on devices.",
    OpClass::Gather,
    Arity::Exactly(2),
)
.attrs(&[AXIS])
.types(gather_types)
.eval(eval::gather)
.lower(Lower::At(gather))
.cases(cases::gather);

/// Refuses an index tensor that leaves the operand on an axis other than the one it runs along.
fn along(cx: &mut TypeCx<'_>, k: usize) -> Result<(), Diagnostic> {
    let (x, index) = (cx.inputs[0], cx.inputs[1]);
    cx.index(1)?;
    let axis = cx.axis("axis", x.rank())?;
    if index.rank() != x.rank() {
        let text = format!("{} but {}: both must have one rank", cx.operand(0), cx.operand(1));
        return Err(cx.fault("shape", text));
    }
    for other in (0..x.rank()).filter(|&a| a != axis) {
        if !cx.at_most(&index.dims[other], &x.dims[other]) {
            let (have, want) = (&index.dims[other], &x.dims[other]);
            let text =
                format!("{} but {}: {have} must be at most {want}", cx.operand(0), cx.operand(1));
            return Err(cx.fault("shape", text));
        }
        if k == 2 {
            cx.same_size((1, &index.dims[other]), (2, &cx.inputs[2].dims[other]))?;
        }
    }
    Ok(())
}

/// Elements picked by an index tensor of the operand's rank.
static TAKE_ALONG: Op = Op::new(
    "take_along",
    "For operands `x, index` of one rank: the element of `x` whose coordinate along `axis` is the index and whose others are \
     the result's; `numpy.take_along_axis`, ONNX `GatherElements`. Negative indices count from the end.",
    OpClass::Gather,
    Arity::Exactly(2),
)
.attrs(&[AXIS])
.types(|cx| {
    along(cx, 1)?;
    one(cx.inputs[0].dtype, cx.inputs[1].dims.clone())
})
.eval(eval::take_along)
.lower(Lower::At(|cx, node, at| {
    let axis = node.attrs.get_int("axis") as usize;
    let size = cx.dims(0)[axis].clone();
    let index = cx.input(1, &coords(at.to_vec()), None);
    let mut from = coords(at.to_vec());
    from[axis] = coordinate(cx, index, &size);
    cx.input(0, &from, Some(literal(node.ty().dtype, 0.0)))
}))
.cases(cases::take_along);

/// The merge of a scatter's mode; `None` for a word that is no mode.
fn merge(mode: &str) -> Option<Option<FoldKind>> {
    match mode {
        "set" => Some(None),
        "add" => Some(Some(FoldKind::Sum)),
        "mul" => Some(Some(FoldKind::Prod)),
        "min" => Some(Some(FoldKind::Min)),
        "max" => Some(Some(FoldKind::Max)),
        _ => None,
    }
}

fn scatter_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let dtype = cx.one_dtype(&[0, 2])?;
    let mode = cx.attrs.get_str("mode");
    match merge(mode) {
        None => {
            let text = format!("`mode` is `{mode}`, but must be set, add, mul, min or max");
            return Err(cx.fault("attribute", text));
        }
        Some(Some(_)) if dtype == DType::Bool => {
            return Err(
                cx.fault("dtype", format_args!("{}: mode `{mode}` needs a number", cx.operand(0)))
            );
        }
        Some(_) => {}
    }
    if cx.inputs[1].rank() != cx.inputs[2].rank() {
        let text =
            format_args!("{} but {}: both must have one shape", cx.operand(1), cx.operand(2));
        return Err(cx.fault("shape", text));
    }
    along(cx, 2)?;
    let axis = cx.axis("axis", cx.inputs[0].rank())?;
    let (index, updates) = (cx.inputs[1].dims[axis].clone(), cx.inputs[2].dims[axis].clone());
    cx.same_size((1, &index), (2, &updates))?;
    Ok(vec![cx.inputs[0].clone()])
}

fn scatter(cx: &mut dyn Lowering, node: &Node, at: &[Dim]) -> Scattered {
    let axis = node.attrs.get_int("axis") as usize;
    let size = cx.dims(0)[axis].clone();
    let index = cx.input(1, &coords(at.to_vec()), None);
    let value = cx.input(2, &coords(at.to_vec()), None);
    let mut to = coords(at.to_vec());
    to[axis] = coordinate(cx, index, &size);
    (to, value, merge(node.attrs.get_str("mode")).flatten())
}

/// Elements written where an index tensor says.
static SCATTER: Op = Op::new(
    "scatter",
    "For operands `x, index, updates` of one rank: `x` with each update merged into the element whose coordinate along `axis` is \
     the index and whose others are the update's; ONNX `ScatterElements`. `mode` is set, add, mul, min or max; with `set`, which \
     of several updates of one element stays is not defined. Negative indices count from the end.",
    OpClass::Movement,
    Arity::Exactly(3),
)
.attrs(&[AXIS, AttrSpec::required("mode", AttrKind::Str)])
.types(scatter_types)
.eval(eval::scatter)
.lower(Lower::Scatter(scatter))
.cases(cases::scatter);
