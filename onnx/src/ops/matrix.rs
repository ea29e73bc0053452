//! Products of matrices.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::Diagnostic;

use super::Row;
use crate::context::{Cx, Results};

pub(super) static ALL: &[Row] = &[
    Row::new("MatMul", &[1, 9, 13], "", matmul),
    Row::new("Gemm", &[7, 9, 11, 13], "", gemm),
    Row::new("Einsum", &[12, 28], "", einsum),
];

fn matmul(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, y) = (cx.x(0)?, cx.x(1)?);
    let result = cx.m.b.matmul(x, y)?;
    cx.done(result)
}

/// A value times a number; nothing for 1.
fn scaled(cx: &mut Cx<'_>, x: NodeId, by: f64) -> Result<NodeId, Diagnostic> {
    if by == 1.0 { Ok(x) } else { cx.m.b.with_number("mul", x, by) }
}

fn gemm(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (mut a, mut b) = (cx.x(0)?, cx.x(1)?);
    let (alpha, beta) = (cx.float("alpha").unwrap_or(1.0), cx.float("beta").unwrap_or(1.0));
    if cx.m.b.rank(a) != 2 || cx.m.b.rank(b) != 2 {
        let (a, b) = (cx.m.b.describe(a), cx.m.b.describe(b));
        return Err(cx.fault(format_args!("{a} but {b}: both must have rank 2")));
    }
    if cx.flag("transA") {
        a = cx.m.b.transpose(a, 0, 1)?;
    }
    let c = match cx.maybe(2).filter(|_| beta != 0.0) {
        Some(_) => {
            let c = cx.x(2)?;
            Some(scaled(cx, c, beta)?)
        }
        None => None,
    };
    if cx.flag("transB") && alpha == 1.0 && c.is_none_or(|c| cx.m.b.rank(c) == 1) {
        let operands: Vec<NodeId> = [a, b].into_iter().chain(c).collect();
        return cx.add("linear", &operands, Attrs::new());
    }
    if cx.flag("transB") {
        b = cx.m.b.transpose(b, 0, 1)?;
    }
    let product = cx.m.b.matmul(a, b)?;
    let product = scaled(cx, product, alpha)?;
    match c {
        Some(c) => cx.add("add", &[product, c], Attrs::new()),
        None => cx.done(product),
    }
}

fn einsum(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let equation =
        cx.text("equation").ok_or_else(|| cx.fault("the attribute `equation` is missing"))?;
    let operands = cx.all()?;
    cx.add("einsum", &operands, Attrs::new().str("equation", &equation))
}
