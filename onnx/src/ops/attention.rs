//! Attention as one operator, and the rotation of positions into queries and keys.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("Attention", &[23, 24], "", attention)
        .limits("no `nonpad_kv_seqlen`, no windows; scores are not given"),
    Row::new("RotaryEmbedding", &[23], "", rotary),
];

/// `[batch, sequence, heads * width]` as `[batch, sequence, heads, width]`.
fn split(cx: &mut Cx<'_>, x: NodeId, heads: i64) -> Result<NodeId, Diagnostic> {
    if heads < 1 {
        return Err(cx.fault(format_args!("{heads} heads")));
    }
    let dims = cx.m.b.dims(x);
    let heads = Dim::constant(heads);
    let width = dims[2].floor_div(&heads);
    cx.m.b.reshape(x, &[dims[0].clone(), dims[1].clone(), heads, width])
}

/// An operand as `[batch, heads, sequence, width]`.
fn headed(cx: &mut Cx<'_>, k: usize, heads: &str) -> Result<NodeId, Diagnostic> {
    let x = cx.x(k)?;
    match (cx.m.b.rank(x), cx.int(heads)) {
        (4, _) => Ok(x),
        (3, Some(heads)) => {
            let x = split(cx, x, heads)?;
            cx.m.b.transpose(x, 1, 2)
        }
        (3, None) => Err(cx.fault(format_args!("the attribute `{heads}` is missing"))),
        _ => Err(cx.fault(format_args!("operand {k} must have rank 3 or 4"))),
    }
}

/// A key or value behind those of earlier calls.
fn with_past(cx: &mut Cx<'_>, x: NodeId, k: usize) -> Result<NodeId, Diagnostic> {
    if cx.maybe(k).is_none() {
        return Ok(x);
    }
    let past = cx.x(k)?;
    cx.m.b.concat(&[past, x], 2)
}

/// Which keys each query sees, as truth values or as numbers that are added to the scores.
fn mask(
    cx: &mut Cx<'_>,
    query: NodeId,
    key: NodeId,
    past: &Dim,
) -> Result<Option<NodeId>, Diagnostic> {
    let (queries, keys) = (cx.m.b.dims(query)[2].clone(), cx.m.b.dims(key)[2].clone());
    let given = match cx.maybe(3) {
        Some(_) => {
            let given = cx.x(3)?;
            Some(filled(cx, given, &keys)?)
        }
        None => None,
    };
    if !cx.flag("is_causal") {
        return Ok(given);
    }
    let plane = [queries, keys];
    let (row, column) = (cx.m.b.iota(&plane, 0, DType::I64)?, cx.m.b.iota(&plane, 1, DType::I64)?);
    let past = cx.m.b.size(past, DType::I64)?;
    let last = cx.m.b.binary("add", row, past)?;
    let seen = cx.m.b.binary("le", column, last)?;
    match given {
        None => Ok(Some(seen)),
        Some(given) if cx.m.b.dtype(given) == DType::Bool => {
            cx.m.b.binary("and", given, seen).map(Some)
        }
        Some(given) => {
            let never = cx.m.b.scalar_like(given, f64::NEG_INFINITY)?;
            cx.m.b.select(seen, given, never).map(Some)
        }
    }
}

/// A mask that is shorter than the keys hides the rest.
fn filled(cx: &mut Cx<'_>, mask: NodeId, keys: &Dim) -> Result<NodeId, Diagnostic> {
    let last = cx.m.b.dims(mask).last().and_then(Dim::as_const);
    let missing = match (last, keys.as_const()) {
        (Some(have), Some(want)) if have > 1 && have < want => Dim::constant(want - have),
        _ => return Ok(mask),
    };
    let value = if cx.m.b.dtype(mask) == DType::Bool { 0.0 } else { f64::NEG_INFINITY };
    cx.m.b.pad_axis(mask, -1, &Dim::constant(0), &missing, value)
}

/// Scores bounded by a hyperbolic tangent need the operators one by one.
fn capped(
    cx: &mut Cx<'_>,
    [query, key, value]: [NodeId; 3],
    mask: Option<NodeId>,
    cap: f64,
) -> Result<NodeId, Diagnostic> {
    let width = cx.m.b.dims(query)[3].as_const();
    let width = width.ok_or_else(|| cx.unsupported("a symbolic width of heads"))?;
    let scale = cx.float("scale").unwrap_or(1.0 / (width as f64).sqrt());
    let turned = cx.m.b.transpose(key, -2, -1)?;
    let scores = cx.m.b.matmul(query, turned)?;
    let scaled = cx.m.b.with_number("mul", scores, scale / cap)?;
    let bounded = cx.m.b.unary("tanh", scaled)?;
    let mut scores = cx.m.b.with_number("mul", bounded, cap)?;
    if let Some(mask) = mask {
        scores = match cx.m.b.dtype(mask) {
            DType::Bool => {
                let never = cx.m.b.scalar_like(scores, f64::NEG_INFINITY)?;
                cx.m.b.select(mask, scores, never)?
            }
            _ => cx.m.b.binary("add", scores, mask)?,
        };
    }
    let shares = cx.m.b.add("softmax", &[scores], Attrs::new().int("axis", 3))?;
    cx.m.b.matmul(shares, value)
}

/// The result with 0 where a query sees no key at all, which the softmax alone would make NaN.
fn without_blind(cx: &mut Cx<'_>, result: NodeId, mask: NodeId) -> Result<NodeId, Diagnostic> {
    let sees = match cx.m.b.dtype(mask) {
        DType::Bool => cx.m.b.reduce("any", mask, &[-1], true)?,
        _ => {
            let best = cx.m.b.reduce("amax", mask, &[-1], true)?;
            cx.m.b.with_number("gt", best, f64::NEG_INFINITY)?
        }
    };
    let zero = cx.m.b.scalar_like(result, 0.0)?;
    cx.m.b.select(sees, result, zero)
}

/// Keys or values with each head repeated for the queries that share it.
fn shared(cx: &mut Cx<'_>, query: NodeId, x: NodeId) -> Result<NodeId, Diagnostic> {
    let heads = |x: NodeId| cx.m.b.dims(x)[1].as_const();
    match (heads(query), heads(x)) {
        (Some(many), Some(few)) if many > few && few > 0 && many % few == 0 => {
            let attrs = Attrs::new().int("axis", 1).int("repeats", many / few);
            cx.m.b.add("repeat_interleave", &[x], attrs)
        }
        _ => Ok(x),
    }
}

fn attention(cx: &mut Cx<'_>, _: &'static str) -> Results {
    if cx.maybe(6).is_some() {
        return Err(cx.unsupported("`nonpad_kv_seqlen`"));
    }
    for window in ["left_window_size", "right_window_size"] {
        if cx.int(window).is_some_and(|size| size >= 0) {
            return Err(cx.unsupported(format_args!("`{window}`")));
        }
    }
    let flat = cx.value(0)?.rank() == 3;
    let query = headed(cx, 0, "q_num_heads")?;
    let (key, value) = (headed(cx, 1, "kv_num_heads")?, headed(cx, 2, "kv_num_heads")?);
    let past = cx.maybe(4).map_or_else(|| Dim::constant(0), |past| past.dims()[2].clone());
    let (present_key, present_value) = (with_past(cx, key, 4)?, with_past(cx, value, 5)?);
    let mask = mask(cx, query, present_key, &past)?;
    let (key, value) = (shared(cx, query, present_key)?, shared(cx, query, present_value)?);
    let cap = cx.float("softcap").unwrap_or(0.0);
    let mut result = if cap > 0.0 {
        capped(cx, [query, key, value], mask, cap)?
    } else {
        let operands: Vec<NodeId> = [query, key, value].into_iter().chain(mask).collect();
        let attrs = cx.float("scale").map_or_else(Attrs::new, |by| Attrs::new().float("scale", by));
        cx.m.b.add("scaled_dot_product_attention", &operands, attrs)?
    };
    if let Some(mask) = mask.filter(|_| cx.maybe(3).is_some()) {
        result = without_blind(cx, result, mask)?;
    }
    if flat {
        let moved = cx.m.b.transpose(result, 1, 2)?;
        result = cx.m.b.flatten(moved, 2, 3)?;
    }
    Ok([result, present_key, present_value].map(|node| Value::node(cx.m, node)).to_vec())
}

/// A cache of cosines or sines for the positions at hand: `[batch, sequence, 1, half]`.
fn cache(cx: &mut Cx<'_>, k: usize) -> Result<NodeId, Diagnostic> {
    let mut cache = cx.x(k)?;
    if cx.maybe(3).is_some() {
        let positions = cx.x(3)?;
        cache = cx.m.b.gather(cache, positions, 0)?;
    }
    if cx.m.b.rank(cache) != 3 {
        return Err(cx.fault(format_args!("operand {k} has no position for each element")));
    }
    cx.m.b.unsqueeze(cache, 2)
}

fn rotary(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let dims = cx.m.b.dims(x);
    let wide = match dims.len() {
        4 => cx.m.b.transpose(x, 1, 2)?,
        3 => split(cx, x, cx.int("num_heads").unwrap_or(0))?,
        _ => return Err(cx.fault("the data must have rank 3 or 4")),
    };
    let width = cx.m.b.dims(wide)[3].clone();
    let turned = match cx.int("rotary_embedding_dim").unwrap_or(0) {
        0 => width.clone(),
        size => Dim::constant(size),
    };
    let (cos, sin) = (cache(cx, 1)?, cache(cx, 2)?);
    let (zero, half) = (Dim::constant(0), turned.floor_div(&Dim::constant(2)));
    let (a, b) = match cx.flag("interleaved") {
        true => {
            let odd = Dim::constant(1);
            (
                cx.m.b.slice_axis(wide, 3, &zero, &turned, 2)?,
                cx.m.b.slice_axis(wide, 3, &odd, &turned, 2)?,
            )
        }
        false => (
            cx.m.b.slice_axis(wide, 3, &zero, &half, 1)?,
            cx.m.b.slice_axis(wide, 3, &half, &turned, 1)?,
        ),
    };
    let product = |cx: &mut Cx<'_>, x, y| cx.m.b.binary("mul", x, y);
    let (ca, sb) = (product(cx, cos, a)?, product(cx, sin, b)?);
    let (sa, cb) = (product(cx, sin, a)?, product(cx, cos, b)?);
    let (real, imaginary) = (cx.m.b.binary("sub", ca, sb)?, cx.m.b.binary("add", sa, cb)?);
    let mut parts = match cx.flag("interleaved") {
        true => {
            let pair = [cx.m.b.unsqueeze(real, 4)?, cx.m.b.unsqueeze(imaginary, 4)?];
            let pairs = cx.m.b.concat(&pair, 4)?;
            vec![cx.m.b.flatten(pairs, 3, 4)?]
        }
        false => vec![real, imaginary],
    };
    if turned != width {
        parts.push(cx.m.b.slice_axis(wide, 3, &turned, &width, 1)?);
    }
    let joined = cx.m.b.concat(&parts, 3)?;
    let result = match dims.len() {
        4 => cx.m.b.transpose(joined, 1, 2)?,
        _ => cx.m.b.reshape(joined, &dims)?,
    };
    cx.done(result)
}
