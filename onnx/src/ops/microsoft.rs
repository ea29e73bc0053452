//! Operators of the domain `com.microsoft`, which ONNX Runtime's optimiser writes into transformers.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::Diagnostic;

use super::Row;
use super::normalisation::trailing;
use crate::context::{Cx, Results};
use crate::value::Value;

const DOMAIN: &str = "com.microsoft";

pub(super) static ALL: &[Row] = &[
    Row::new("Gelu", &[1], "none", gelu).domain(DOMAIN),
    Row::new("BiasGelu", &[1], "none", gelu).domain(DOMAIN),
    Row::new("FastGelu", &[1], "tanh", gelu).domain(DOMAIN),
    Row::new("QuickGelu", &[1], "", quick_gelu).domain(DOMAIN),
    Row::new("FusedMatMul", &[1], "", fused_matmul)
        .domain(DOMAIN)
        .limits("no `transBatchA` or `transBatchB`"),
    Row::new("SkipLayerNormalization", &[1], "layer_norm", skip_norm)
        .domain(DOMAIN)
        .limits("mean and inverse deviation are not given"),
    Row::new("SkipSimplifiedLayerNormalization", &[1], "rms_norm", skip_norm)
        .domain(DOMAIN)
        .limits("mean and inverse deviation are not given"),
    Row::new("SimplifiedLayerNormalization", &[1], "rms_norm", trailing),
];

/// The bias, where there is one, is added before.
fn gelu(cx: &mut Cx<'_>, approximate: &'static str) -> Results {
    let mut x = cx.x(0)?;
    if cx.maybe(1).is_some() {
        let bias = cx.x(1)?;
        x = cx.m.b.binary("add", x, bias)?;
    }
    cx.add("gelu", &[x], Attrs::new().str("approximate", approximate))
}

fn quick_gelu(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let scaled = cx.m.b.with_number("mul", x, cx.float("alpha").unwrap_or(1.702))?;
    let gate = cx.m.b.unary("sigmoid", scaled)?;
    cx.add("mul", &[x, gate], Attrs::new())
}

fn fused_matmul(cx: &mut Cx<'_>, _: &'static str) -> Results {
    if cx.flag("transBatchA") || cx.flag("transBatchB") {
        return Err(cx.unsupported("`transBatchA` or `transBatchB`"));
    }
    let (x, y) = (turned(cx, 0, "transA")?, turned(cx, 1, "transB")?);
    let product = cx.m.b.matmul(x, y)?;
    let alpha = cx.float("alpha").unwrap_or(1.0);
    let result = if alpha == 1.0 { product } else { cx.m.b.with_number("mul", product, alpha)? };
    cx.done(result)
}

/// An operand with its last two axes swapped if a flag says so.
fn turned(cx: &mut Cx<'_>, k: usize, flag: &str) -> Result<NodeId, Diagnostic> {
    let x = cx.x(k)?;
    if cx.flag(flag) && cx.m.b.rank(x) > 1 { cx.m.b.transpose(x, -2, -1) } else { Ok(x) }
}

/// The sum of two operands (and a bias) normalised over the last axis. Operands: data, skip, scale, then for layer
/// normalisation its shift, then the bias. The fourth result is the sum.
fn skip_norm(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let shift = if op == "layer_norm" { Some(3) } else { None };
    let bias = shift.map_or(3, |at| at + 1);
    let (x, skip) = (cx.x(0)?, cx.x(1)?);
    let mut sum = cx.m.b.binary("add", x, skip)?;
    if cx.maybe(bias).is_some() {
        let bias = cx.x(bias)?;
        sum = cx.m.b.binary("add", sum, bias)?;
    }
    let mut operands = vec![sum, cx.x(2)?];
    if let Some(at) = shift.filter(|&at| cx.maybe(at).is_some()) {
        operands.push(cx.x(at)?);
    }
    let eps = cx.float("epsilon").unwrap_or(1e-12);
    let result = cx.m.b.add(op, &operands, Attrs::new().float("eps", eps))?;
    let mut results = cx.done(result)?;
    if let Some(name) = cx.node.output.iter().skip(1).take(2).find(|name| !name.is_empty()) {
        return Err(cx.unsupported(format_args!("the result `{name}`")));
    }
    let sum = Value::node(cx.m, sum);
    results.extend([sum.clone(), sum.clone(), sum]);
    Ok(results)
}
