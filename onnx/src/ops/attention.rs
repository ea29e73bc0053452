//! Attention as one operator, and the rotation of positions into queries and keys.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("Attention", &[23, 24, 25], "", attention),
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

/// What decides which keys a query sees.
struct Sight {
    /// The position of the first query among the keys: one number, or one a batch as `[batch, 1, 1, 1]`.
    offset: NodeId,
    /// How many keys of each batch are no padding, as `[batch, 1, 1, 1]`.
    lengths: Option<NodeId>,
}

impl Sight {
    /// New keys stand behind those of earlier calls. In a cache that is given whole, the queries are the last of its keys.
    fn of(cx: &mut Cx<'_>, queries: &Dim) -> Result<Sight, Diagnostic> {
        let past = cx.maybe(4).map_or_else(|| Dim::constant(0), |past| past.dims()[2].clone());
        if cx.maybe(6).is_none() {
            return Ok(Sight { offset: cx.m.b.size(&past, DType::I64)?, lengths: None });
        }
        let one = Dim::constant(1);
        let lengths = cx.x(6)?;
        let lengths = cx.m.b.cast(lengths, DType::I64)?;
        let [batch] =
            cx.m.b
                .dims(lengths)
                .try_into()
                .map_err(|_| cx.fault("`nonpad_kv_seqlen` (operand 6) must have rank 1"))?;
        let lengths = cx.m.b.reshape(lengths, &[batch, one.clone(), one.clone(), one])?;
        let offset = match cx.maybe(4).is_some() {
            true => cx.m.b.size(&past, DType::I64)?,
            false => {
                let queries = cx.m.b.size(queries, DType::I64)?;
                cx.m.b.binary("sub", lengths, queries)?
            }
        };
        Ok(Sight { offset, lengths: Some(lengths) })
    }

    /// Which keys each query sees, by position; none where it sees all.
    fn seen(&self, cx: &mut Cx<'_>, plane: &[Dim; 2]) -> Result<Option<NodeId>, Diagnostic> {
        let row = cx.m.b.iota(plane, 0, DType::I64)?;
        let column = cx.m.b.iota(plane, 1, DType::I64)?;
        let at = cx.m.b.binary("add", row, self.offset)?;
        let mut all = Vec::new();
        if cx.flag("is_causal") {
            all.push(cx.m.b.binary("le", column, at)?);
        }
        if let Some(left) = window(cx, "left_window_size") {
            let first = cx.m.b.with_number("sub", at, left)?;
            all.push(cx.m.b.binary("ge", column, first)?);
        }
        if let Some(right) = window(cx, "right_window_size") {
            let last = cx.m.b.with_number("add", at, right)?;
            all.push(cx.m.b.binary("le", column, last)?);
        }
        if let Some(lengths) = self.lengths {
            all.push(cx.m.b.binary("lt", column, lengths)?);
        }
        let mut seen = None;
        for next in all {
            seen = Some(match seen {
                None => next,
                Some(seen) => cx.m.b.binary("and", seen, next)?,
            });
        }
        Ok(seen)
    }
}

/// The size of a window to one side of a query's own position; none where it has no end.
fn window(cx: &Cx<'_>, side: &str) -> Option<f64> {
    cx.int(side).filter(|&size| size >= 0).map(|size| size as f64)
}

/// Which keys each query sees, as truth values or as numbers that are added to the scores.
fn mask(cx: &mut Cx<'_>, query: NodeId, key: NodeId) -> Result<Option<NodeId>, Diagnostic> {
    let (queries, keys) = (cx.m.b.dims(query)[2].clone(), cx.m.b.dims(key)[2].clone());
    let given = match cx.maybe(3) {
        Some(_) => {
            let given = cx.x(3)?;
            Some(filled(cx, given, &keys)?)
        }
        None => None,
    };
    let sight = Sight::of(cx, &queries)?;
    match (given, sight.seen(cx, &[queries, keys])?) {
        (Some(given), Some(seen)) if cx.m.b.dtype(given) == DType::Bool => {
            cx.m.b.binary("and", given, seen).map(Some)
        }
        (Some(given), Some(seen)) => {
            let never = cx.m.b.scalar_like(given, f64::NEG_INFINITY)?;
            cx.m.b.select(seen, given, never).map(Some)
        }
        (given, seen) => Ok(given.or(seen)),
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

/// Attention by the operators one by one, for scores that are bounded by a hyperbolic tangent or given as a result: the
/// result, and the scores of the stage that `qk_matmul_output_mode` names.
fn spelt_out(
    cx: &mut Cx<'_>,
    [query, key, value]: [NodeId; 3],
    mask: Option<NodeId>,
    cap: f64,
) -> Result<(NodeId, NodeId), Diagnostic> {
    let width = cx.m.b.dims(query)[3].as_const();
    let width = width.ok_or_else(|| cx.unsupported("a symbolic width of heads"))?;
    let scale = cx.float("scale").unwrap_or(1.0 / (width as f64).sqrt());
    let turned = cx.m.b.transpose(key, -2, -1)?;
    let product = cx.m.b.matmul(query, turned)?;
    let scaled = cx.m.b.with_number("mul", product, scale)?;
    let mut bounded = scaled;
    if cap > 0.0 {
        let part = cx.m.b.with_number("div", scaled, cap)?;
        let part = cx.m.b.unary("tanh", part)?;
        bounded = cx.m.b.with_number("mul", part, cap)?;
    }
    let mut scores = bounded;
    if let Some(mask) = mask {
        scores = match cx.m.b.dtype(mask) {
            DType::Bool => {
                let never = cx.m.b.scalar_like(scores, f64::NEG_INFINITY)?;
                cx.m.b.select(mask, scores, never)?
            }
            _ => cx.m.b.binary("add", scores, mask)?,
        };
    }
    let mut shares = cx.m.b.add("softmax", &[scores], Attrs::new().int("axis", 3))?;
    if let Some(mask) = mask {
        shares = without_blind(cx, shares, mask)?;
    }
    let given = match cx.int("qk_matmul_output_mode").unwrap_or(0) {
        0 => scaled,
        1 => bounded,
        2 => scores,
        3 => shares,
        other => return Err(cx.fault(format_args!("`qk_matmul_output_mode` of {other}"))),
    };
    Ok((cx.m.b.matmul(shares, value)?, given))
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
    let flat = cx.value(0)?.rank() == 3;
    let query = headed(cx, 0, "q_num_heads")?;
    let (key, value) = (headed(cx, 1, "kv_num_heads")?, headed(cx, 2, "kv_num_heads")?);
    let (present_key, present_value) = (with_past(cx, key, 4)?, with_past(cx, value, 5)?);
    let mask = mask(cx, query, present_key)?;
    let (key, value) = (shared(cx, query, present_key)?, shared(cx, query, present_value)?);
    let cap = cx.float("softcap").unwrap_or(0.0);
    let wanted = cx.node.output.get(3).is_some_and(|name| !name.is_empty());
    let mut scores = None;
    let mut result = if cap > 0.0 || wanted {
        let (result, given) = spelt_out(cx, [query, key, value], mask, cap)?;
        scores = Some(given);
        result
    } else {
        let operands: Vec<NodeId> = [query, key, value].into_iter().chain(mask).collect();
        let attrs = cx.float("scale").map_or_else(Attrs::new, |by| Attrs::new().float("scale", by));
        let result = cx.m.b.add("scaled_dot_product_attention", &operands, attrs)?;
        let blind = [3, 6].iter().any(|&k| cx.maybe(k).is_some())
            || window(cx, "left_window_size").is_some()
            || window(cx, "right_window_size").is_some();
        match mask.filter(|_| blind) {
            Some(mask) => without_blind(cx, result, mask)?,
            None => result,
        }
    };
    if flat {
        let moved = cx.m.b.transpose(result, 1, 2)?;
        result = cx.m.b.flatten(moved, 2, 3)?;
    }
    let nodes = [result, present_key, present_value].into_iter().chain(scores);
    Ok(nodes.map(|node| Value::node(cx.m, node)).collect())
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
