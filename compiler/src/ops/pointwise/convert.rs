//! Conversions between element types.

use ferrodyne_plan::loops::{Literal, Math, Val};
use ferrodyne_plan::{DType, Diagnostic, Scalar};

use super::{map1, narrow};
use crate::graph::{AttrKind, AttrSpec, Node, TensorType, TypeCx};
use crate::ops::Lower;
use crate::ops::case::{Case, Domain};
use crate::ops::element;
use crate::ops::row::{Arity, Op, OpClass};
use crate::ops::typing::one;

const DTYPE: &[AttrSpec] = &[AttrSpec::required("dtype", AttrKind::DType)];

/// Conversion to the type `dtype`.
pub(super) static CAST: Op = Op::new(
    "cast",
    "Conversion to `dtype`. Floats to integers truncate, saturate at the borders of 32 bits and wrap to narrower types; NaN \
     becomes 0; anything not zero is true; f16 and bf16 round to nearest even.",
    OpClass::Pointwise,
    Arity::Exactly(1),
)
.attrs(DTYPE)
.types(|cx| one(cx.attrs.get_dtype("dtype"), cx.inputs[0].dims.clone()))
.eval(|cx| {
    let (from, to) = (cx.types[0].dtype, cx.dtype());
    map1(cx, |x| element::convert(from, to, x))
})
.lower(Lower::Pointwise(cast))
.cases(|| {
    let to = |dtype| Case::new().with(crate::graph::Attrs::new().dtype("dtype", dtype));
    let reals = Domain::Values(vec![0.0, 0.5, -0.5, 2.75, -3.5, 300.25, -1.0, 1e-3]);
    let mut cases = Vec::new();
    for dtype in [DType::I32, DType::I64, DType::U8, DType::I8, DType::Bool, DType::F16, DType::BF16] {
        cases.push(to(dtype).operand(DType::F32, &[8], reals.clone()));
    }
    for dtype in [DType::F32, DType::U32, DType::I8, DType::Bool] {
        cases.push(to(dtype).i32(&[2, 5]));
    }
    cases.push(to(DType::F32).bool(&[5]));
    cases.push(to(DType::I64).bool(&[5]));
    cases.push(to(DType::F32).operand(DType::U8, &[5], Domain::Int(0, 255)));
    cases
});

fn cast(node: &Node, x: &[Val]) -> Val {
    let to = |scalar, val: Val| Val::Op(Math::Cast(scalar), vec![val]);
    let x = x[0].clone();
    match node.ty().dtype {
        DType::F16 | DType::BF16 => {
            Val::Op(Math::RoundTo(node.ty().dtype), vec![to(Scalar::F32, x)])
        }
        DType::U8 => {
            let word = to(Scalar::U32, to(Scalar::I32, x));
            Val::Op(Math::And, vec![word, Val::Const(Literal::U32(255))])
        }
        dtype => narrow(dtype, to(dtype.scalar(), x)),
    }
}

fn same_bits(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let words = |d| matches!(d, DType::F32 | DType::I32 | DType::U32);
    cx.require(0, words, "only f32, i32 and u32 have 32 bits to be read as another type")?;
    let dtype = cx.attrs.get_dtype("dtype");
    if !words(dtype) {
        return Err(
            cx.fault("dtype", format_args!("`dtype` is {dtype}, but must be f32, i32 or u32"))
        );
    }
    one(dtype, cx.inputs[0].dims.clone())
}

fn reread(from: DType, to: DType, x: f64) -> f64 {
    let bits = match from {
        DType::F32 => (x as f32).to_bits(),
        DType::I32 => x as i32 as u32,
        _ => x as u32,
    };
    match to {
        DType::F32 => f64::from(f32::from_bits(bits)),
        DType::I32 => f64::from(bits as i32),
        _ => f64::from(bits),
    }
}

/// The same 32 bits as another type.
pub(super) static BITCAST: Op = Op::new(
    "bitcast",
    "The same 32 bits read as another of f32, i32 and u32.",
    OpClass::Pointwise,
    Arity::Exactly(1),
)
.attrs(DTYPE)
.types(same_bits)
.eval(|cx| {
    let (from, to) = (cx.types[0].dtype, cx.dtype());
    map1(cx, |x| reread(from, to, x))
})
.lower(Lower::Pointwise(|node, x| Val::Op(Math::Bitcast(node.ty().dtype.scalar()), x.to_vec())))
.cases(|| {
    let to = |dtype| Case::new().with(crate::graph::Attrs::new().dtype("dtype", dtype));
    vec![to(DType::U32).f32(&[5]), to(DType::I32).f32(&[5]), to(DType::U32).i32(&[5])]
});
