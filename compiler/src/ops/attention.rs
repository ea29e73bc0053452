//! Attention.

use ferrodyne_plan::{DType, Diagnostic};

use super::case::Case;
use super::row::{Arity, Op};
use super::shorthand::float_or;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&ATTENTION];

/// Scores with -inf where the mask says no; a mask of numbers is added.
fn masked(b: &mut Builder, scores: NodeId, mask: NodeId) -> Value {
    if b.dtype(mask) != DType::Bool {
        return b.binary("add", scores, mask);
    }
    let never = b.scalar_like(scores, f64::NEG_INFINITY)?;
    b.select(mask, scores, never)
}

/// Whether a query may see a key: those at its own place and before.
fn causal_mask(b: &mut Builder, scores: NodeId) -> Value {
    let dims = b.dims(scores);
    let last = &dims[dims.len() - 2..];
    let (query, key) = (b.iota(last, 0, DType::I32)?, b.iota(last, 1, DType::I32)?);
    b.binary("le", key, query)
}

/// Keys or values with their heads (axis -3) repeated in place, where queries have a multiple of them.
fn grouped(b: &mut Builder, query: NodeId, x: NodeId) -> Value {
    let heads = |x: NodeId| match b.rank(x) {
        rank if rank >= 3 => b.dims(x)[rank - 3].as_const(),
        _ => None,
    };
    match (heads(query), heads(x)) {
        (Some(many), Some(few)) if few > 1 && many > few && many % few == 0 => {
            let repeats = Attrs::new().int("repeats", many / few);
            b.along("repeat_interleave", &[x], -3, repeats)
        }
        _ => Ok(x),
    }
}

fn attention(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let (query, key, value) = (x[0], x[1], x[2]);
    if [query, key, value].iter().any(|&x| b.rank(x) < 2) {
        let rule = format!(
            "{}, {} and {}: all must have at least rank 2",
            b.describe(query),
            b.describe(key),
            b.describe(value)
        );
        return Err(b.fault("scaled_dot_product_attention", "shape", rule));
    }
    let (key, value) = (grouped(b, query, key)?, grouped(b, query, value)?);
    let turned = b.transpose(key, -2, -1)?;
    let scores = b.matmul(query, turned)?;
    let width = b.dims(query)[b.rank(query) - 1].clone();
    let mut scores = match (node.attrs.get("scale").is_some(), width.as_const()) {
        (true, _) => b.with_number("mul", scores, float_or(node, "scale", 1.0))?,
        (false, Some(width)) => b.with_number("mul", scores, 1.0 / (width as f64).sqrt())?,
        (false, None) => {
            let size = b.size(&width, b.dtype(scores))?;
            let scale = b.unary("rsqrt", size)?;
            b.binary("mul", scores, scale)?
        }
    };
    if node.attrs.get_bool("causal") {
        let mask = causal_mask(b, scores)?;
        scores = masked(b, scores, mask)?;
    }
    if let Some(&mask) = x.get(3) {
        scores = masked(b, scores, mask)?;
    }
    let weights = b.along("softmax", &[scores], -1, Attrs::new())?;
    b.matmul(weights, value)
}

static ATTENTION: Op = Op::composite(
    "scaled_dot_product_attention",
    "For operands `query [.., L, E], key [.., S, E], value [.., S, V], mask`, the last of which may be absent: the softmax of \
     `query * key^T * scale` over keys, times the values. `scale` is `1 / sqrt(E)` unless given; a mask of truth values says which keys \
     are seen, one of numbers is added; with `causal`, a query sees keys at its own place and before. Where queries have a multiple of the heads (axis -3) of keys, each head of keys \
     serves as many neighbouring heads of queries. A query that sees nothing gives NaN.",
    4,
    attention,
)
.arity(Arity::Between(3, 4))
.attrs(&[AttrSpec::optional("scale", AttrKind::Float), AttrSpec::optional("causal", AttrKind::Bool)])
.cases(|| {
    let of = || Case::new().f32(&[2, 2, 5, 4]).f32(&[2, 2, 6, 4]).f32(&[2, 2, 6, 3]);
    vec![
        of(),
        Case::new().f32(&[1, 4, 3, 2]).f32(&[1, 2, 5, 2]).f32(&[1, 2, 5, 2]),
        of().f32(&[5, 6]).with(Attrs::new().float("scale", 0.3)),
        Case::new().f32(&[2, 5, 4]).f32(&[2, 5, 4]).f32(&[2, 5, 4]).with(Attrs::new().bool("causal", true)),
    ]
});
