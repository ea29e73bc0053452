//! Products of matrices.

use ferrodyne_plan::{Diagnostic, Dim, Proof};

use super::case::{Case, Domain};
use super::row::{Arity, Op};
use crate::graph::{Builder, Node, NodeId};

mod einsum;

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&MATMUL, &LINEAR, &OUTER, &BILINEAR, &einsum::EINSUM];

/// The size to which two sizes of batch axes broadcast. Where neither is known to be 1, they must be equal, which the product
/// itself checks.
fn joined(b: &Builder, x: &Dim, y: &Dim) -> Dim {
    let one = Dim::constant(1);
    match b.graph().facts.prove_eq(x, &one) {
        Proof::Yes => y.clone(),
        _ => x.clone(),
    }
}

/// Operands with the batch axes (all but the last two) that numpy's broadcasting gives them.
fn batched(b: &mut Builder, x: NodeId, y: NodeId) -> Result<(NodeId, NodeId), Diagnostic> {
    let (xs, ys) = (b.dims(x), b.dims(y));
    let rank = xs.len().max(ys.len());
    let at = |dims: &[Dim], axis: usize| match (axis + dims.len()).checked_sub(rank) {
        Some(own) => dims[own].clone(),
        None => Dim::constant(1),
    };
    let batch: Vec<Dim> =
        (0..rank - 2).map(|axis| joined(b, &at(&xs, axis), &at(&ys, axis))).collect();
    let whole = |dims: &[Dim]| [batch.as_slice(), &dims[dims.len() - 2..]].concat();
    Ok((b.expand(x, &whole(&xs))?, b.expand(y, &whole(&ys))?))
}

fn matmul(b: &mut Builder, _: &Node, x: &[NodeId]) -> Value {
    let (x, y) = (x[0], x[1]);
    let (rank_x, rank_y) = (b.rank(x) as i64, b.rank(y) as i64);
    if rank_x == 0 || rank_y == 0 {
        let rule =
            format_args!("{} and {}: rank 0 has no axis to sum over", b.describe(x), b.describe(y));
        return Err(b.fault("matmul", "shape", rule));
    }
    if rank_y <= 2 {
        return b.dot(x, y, &[], &[(rank_x - 1, 0)]);
    }
    if rank_x == 1 {
        return b.dot(x, y, &[], &[(0, rank_y - 2)]);
    }
    let (x, y) = batched(b, x, y)?;
    let rank = b.rank(x) as i64;
    let batch: Vec<(i64, i64)> = (0..rank - 2).map(|axis| (axis, axis)).collect();
    b.dot(x, y, &batch, &[(rank - 1, rank - 2)])
}

static MATMUL: Op = Op::composite(
    "matmul",
    "Product of matrices as numpy's `matmul`: the last two axes are rows and columns, axes before them broadcast, and an operand of \
     rank 1 is a row on the left, a column on the right.",
    2,
    matmul,
)
.cases(|| {
    let rows = vec![Dim::sym("n"), 6i64.into()];
    vec![
        Case::new().f32(&[5, 6]).f32(&[6, 4]),
        Case::new().f32(&[6]).f32(&[6, 4]),
        Case::new().f32(&[5, 6]).f32(&[6]),
        Case::new().f32(&[6]).f32(&[6]),
        Case::new().f32(&[2, 3, 4, 5]).f32(&[3, 5, 2]),
        Case::new().f32(&[2, 1, 4, 5]).f32(&[1, 3, 5, 2]),
        Case::new().f32(&[3, 4]).f32(&[2, 4, 3]),
        Case::new().f32(&[4]).f32(&[2, 4, 3]),
        Case::new().i32(&[3, 4]).i32(&[4, 2]),
        Case::new().symbolic(ferrodyne_plan::DType::F32, rows, Domain::Real(-2.0, 2.0)).f32(&[6, 3]).size("n", 4),
    ]
});

static LINEAR: Op = Op::composite(
    "linear",
    "For operands `x, weight, bias`: `x` times the transposed weight `[out, in]`, plus the bias, which may be absent.",
    2,
    |b, _, x| {
        if b.rank(x[0]) == 0 || b.rank(x[1]) != 2 {
            let rule = format!("{} and {}: the weight must have rank 2, the data at least 1",
                b.describe(x[0]), b.describe(x[1]));
            return Err(b.fault("linear", "shape", rule));
        }
        let last = b.rank(x[0]) as i64 - 1;
        let product = b.dot(x[0], x[1], &[], &[(last, 1)])?;
        match x.get(2) {
            Some(&bias) => b.binary("add", product, bias),
            None => Ok(product),
        }
    },
)
.arity(Arity::Between(2, 3))
.cases(|| {
    vec![Case::new().f32(&[3, 5]).f32(&[4, 5]).f32(&[4]), Case::new().f32(&[2, 3, 5]).f32(&[4, 5])]
});

static OUTER: Op =
    Op::composite("outer", "All products of the elements of two vectors.", 2, |b, _, x| {
        b.dot(x[0], x[1], &[], &[])
    })
    .cases(|| vec![Case::new().f32(&[3]).f32(&[4])]);

static BILINEAR: Op = Op::composite(
    "bilinear",
    "For operands `x [.., i], y [.., j], weight [o, i, j], bias [o]`: the sums of `x_i weight_oij y_j`, plus the bias, which may be \
     absent.",
    3,
    |b, _, x| {
        let last = b.rank(x[0]) as i64 - 1;
        let rows = b.dot(x[0], x[2], &[], &[(last, 1)])?;
        let y = b.unsqueeze(x[1], -2)?;
        let products = b.binary("mul", rows, y)?;
        let sum = b.reduce("sum", products, &[-1], false)?;
        match x.get(3) {
            Some(&bias) => b.binary("add", sum, bias),
            None => Ok(sum),
        }
    },
)
.arity(Arity::Between(3, 4))
.cases(|| vec![Case::new().f32(&[5, 2]).f32(&[5, 3]).f32(&[4, 2, 3]).f32(&[4])]);
