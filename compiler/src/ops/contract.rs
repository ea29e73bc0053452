//! Contractions: sums of products over shared axes.

use ferrodyne_plan::{Diagnostic, Dim};

use super::Lower;
use super::row::{Arity, Op, OpClass};
use super::typing::one;
use crate::graph::{AttrKind, AttrSpec, TensorType, TypeCx};

mod cases;
mod conv;
mod dot;

use conv::CONV;

/// The family.
pub(super) static ALL: &[&Op] = &[&DOT, &CONV];

fn dot_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let dtype = cx.one_dtype(&[0, 1])?;
    cx.number(0)?;
    let (lhs, rhs) = (cx.inputs[0], cx.inputs[1]);
    let mut taken = [Vec::new(), Vec::new()];
    let mut batch = Vec::new();
    for (left, right) in [("lhs_batch", "rhs_batch"), ("lhs_contract", "rhs_contract")] {
        let (a, b) = (cx.axes(left, lhs.rank())?, cx.axes(right, rhs.rank())?);
        cx.lengths(right, b.len(), a.len())?;
        for (&i, &j) in a.iter().zip(&b) {
            if taken[0].contains(&i) || taken[1].contains(&j) {
                return Err(cx.fault("axis", "an axis cannot be both batch and contracted"));
            }
            cx.same_size((0, &lhs.dims[i]), (1, &rhs.dims[j]))?;
            taken[0].push(i);
            taken[1].push(j);
            if left == "lhs_batch" {
                batch.push(lhs.dims[i].clone());
            }
        }
    }
    let free = |ty: &TensorType, taken: &[usize]| -> Vec<Dim> {
        (0..ty.rank())
            .filter(|axis| !taken.contains(axis))
            .map(|axis| ty.dims[axis].clone())
            .collect()
    };
    batch.extend(free(lhs, &taken[0]));
    batch.extend(free(rhs, &taken[1]));
    one(dtype, batch)
}

/// Sums of products over contracted axes.
static DOT: Op = Op::new(
    "dot",
    "Sum over the contracted axes of the products of `x` and `y`, for each element of the batch axes. Axes of the result: the \
     batch axes, the other axes of `x`, the other axes of `y`.",
    OpClass::Contract,
    Arity::Exactly(2),
)
.attrs(&[
    AttrSpec::required("lhs_batch", AttrKind::Ints),
    AttrSpec::required("rhs_batch", AttrKind::Ints),
    AttrSpec::required("lhs_contract", AttrKind::Ints),
    AttrSpec::required("rhs_contract", AttrKind::Ints),
])
.types(dot_types)
.eval(dot::eval)
.lower(Lower::At(dot::at))
.cases(cases::dot);
