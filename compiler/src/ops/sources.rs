//! Operators that make values from nothing.

use ferrodyne_plan::loops::{Literal, Val};
use ferrodyne_plan::{DType, Diagnostic, Dim};
use ndarray::{ArrayD, IxDyn};

use super::case::Case;
use super::element::{self, host};
use super::row::{Arity, EvalCx, EvalError, Op, OpClass};
use super::typing::one;
use super::{Lower, Lowering, literal};
use crate::graph::{AttrKind, AttrSpec, Attrs, Node, TensorType, TypeCx};

/// The family.
pub(super) static ALL: &[&Op] = &[&INPUT, &CONSTANT, &IOTA, &SIZE];

/// An input of the graph.
static INPUT: Op = Op::new(
    "input",
    "An input of the graph; made by declaring one, never by adding a node.",
    OpClass::Source,
    Arity::Exactly(0),
)
.types(|cx| Err(cx.fault("unsupported", "an input is declared, not added as an operation")))
.eval(|cx| Err(cx.fault("an input has no value of its own")));

/// Constant data.
static CONSTANT: Op = Op::new("constant", "The data `value`.", OpClass::Source, Arity::Exactly(0))
    .attrs(&[AttrSpec::required("value", AttrKind::Tensor)])
    .types(|cx| {
        let value = cx.attrs.get_tensor("value");
        one(value.dtype, value.dims.iter().map(|&d| Dim::from(d)).collect())
    })
    .eval(|cx| {
        let value = cx.node.attrs.get_tensor("value");
        let shape = IxDyn(&value.dims);
        ArrayD::from_shape_vec(shape, element::values(value)).map_err(|e| cx.fault(e))
    })
    .lower(Lower::At(constant))
    .cases(|| {
        let value = |dtype, dims: &[usize], values: &[f64]| {
            Case::new().with(Attrs::new().tensor("value", host(dtype, dims, values)))
        };
        vec![
            value(DType::F32, &[], &[2.5]),
            value(DType::F32, &[2, 3], &[1.0, 2.0, 3.0, -4.0, 0.5, 6.0]),
            value(DType::I64, &[3], &[1.0, -2.0, 3.0]),
            value(DType::Bool, &[2], &[1.0, 0.0]),
        ]
    });

/// A constant of equal elements is a literal; another is read from its buffer.
fn constant(cx: &mut dyn Lowering, node: &Node, at: &[Dim]) -> Val {
    let value = node.attrs.get_tensor("value");
    let mut elements = value.bytes.chunks_exact(value.dtype.host_bytes());
    match elements.next() {
        Some(first) if elements.all(|e| e == first) => {
            // Not through f64, which does not hold every 64-bit integer.
            match (value.dtype, <[u8; 8]>::try_from(first)) {
                (DType::Long, Ok(bytes)) => Val::Const(Literal::Long(i64::from_le_bytes(bytes))),
                _ => Val::Const(literal(value.dtype, element::values(value)[0])),
            }
        }
        _ => cx.constant(at),
    }
}

fn iota_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let (dims, dtype) = (cx.attrs.get_dims("dims").to_vec(), cx.attrs.get_dtype("dtype"));
    cx.axis("axis", dims.len())?;
    if dtype == DType::Bool {
        return Err(cx.fault("dtype", "`dtype` is bool, but counting needs a number"));
    }
    one(dtype, dims)
}

/// The index along an axis.
static IOTA: Op = Op::new(
    "iota",
    "A tensor of shape `dims` whose elements are their own index along `axis`.",
    OpClass::Source,
    Arity::Exactly(0),
)
.attrs(&[
    AttrSpec::required("dims", AttrKind::Dims),
    AttrSpec::required("axis", AttrKind::Int),
    AttrSpec::required("dtype", AttrKind::DType),
])
.types(iota_types)
.eval(|cx| {
    let axis = cx.node.attrs.get_int("axis") as usize;
    Ok(ArrayD::from_shape_fn(IxDyn(cx.out_dims), |ix| ix[axis] as f64))
})
.lower(Lower::At(|_, node, at| number(node.ty().dtype, &at[node.attrs.get_int("axis") as usize])))
.cases(|| {
    let of = |dims: &[i64], axis, dtype| {
        let dims: Vec<Dim> = dims.iter().map(|&d| Dim::constant(d)).collect();
        Case::new().with(Attrs::new().dims("dims", &dims).int("axis", axis).dtype("dtype", dtype))
    };
    let n = Attrs::new().dims("dims", &[Dim::sym("n")]).int("axis", 0).dtype("dtype", DType::F32);
    vec![
        of(&[7], 0, DType::I64),
        of(&[3, 4], 0, DType::F32),
        of(&[3, 4], 1, DType::I32),
        Case::new().with(n).size("n", 6),
    ]
});

/// An index expression as a value of an element type.
pub(super) fn number(dtype: DType, index: &Dim) -> Val {
    use ferrodyne_plan::{Scalar, loops::Math};
    match dtype.scalar() {
        Scalar::U32 => Val::Index(index.clone(), Scalar::U32),
        Scalar::I32 => Val::Index(index.clone(), Scalar::I32),
        scalar @ (Scalar::F32 | Scalar::Long | Scalar::Bool) => {
            Val::Op(Math::Cast(scalar), vec![Val::Index(index.clone(), Scalar::I32)])
        }
    }
}

fn size(cx: &EvalCx<'_>) -> Result<ArrayD<f64>, EvalError> {
    let value = (cx.sizes)(&cx.node.attrs.get_dims("dim")[0]);
    Ok(ArrayD::from_elem(IxDyn(&[]), value as f64))
}

/// A size as a number.
static SIZE: Op = Op::new(
    "size",
    "The size `dim` (one expression over the symbols) as a rank-0 number.",
    OpClass::Source,
    Arity::Exactly(0),
)
.attrs(&[AttrSpec::required("dim", AttrKind::Dims), AttrSpec::required("dtype", AttrKind::DType)])
.types(|cx| {
    cx.lengths("dim", cx.attrs.get_dims("dim").len(), 1)?;
    let dtype = cx.attrs.get_dtype("dtype");
    match dtype {
        DType::Bool => Err(cx.fault("dtype", "`dtype` is bool, but a size is a number")),
        _ => one(dtype, Vec::new()),
    }
})
.eval(size)
.lower(Lower::At(|_, node, _| number(node.ty().dtype, &node.attrs.get_dims("dim")[0])))
.cases(|| {
    let of = |dtype| {
        let attrs = Attrs::new().dims("dim", &[Dim::sym("n") * 2i64 + 1i64]).dtype("dtype", dtype);
        Case::new().with(attrs).size("n", 6)
    };
    vec![of(DType::F32), of(DType::I64)]
});
