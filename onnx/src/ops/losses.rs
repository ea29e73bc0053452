//! Losses of classifiers, which exporters leave in models that are evaluated or trained.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Diagnostic};

use super::Row;
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("NegativeLogLikelihoodLoss", &[12, 13, 22], "", likelihood),
    Row::new("SoftmaxCrossEntropyLoss", &[12, 13], "", cross_entropy),
];

/// The axis of the classes.
const CLASSES: i64 = 1;

fn likelihood(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let log = cx.x(0)?;
    let loss = of_targets(cx, log)?;
    cx.done(loss)
}

/// The second result is the logarithm of the softmax.
fn cross_entropy(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let scores = cx.x(0)?;
    if cx.m.b.rank(scores) < 2 {
        return Err(rank_fault(cx, scores));
    }
    let log = cx.m.b.along("log_softmax", &[scores], CLASSES, Attrs::new())?;
    let loss = of_targets(cx, log)?;
    Ok(vec![Value::node(cx.m, loss), Value::node(cx.m, log)])
}

fn rank_fault(cx: &Cx<'_>, scores: NodeId) -> Diagnostic {
    let scores = cx.m.b.describe(scores);
    cx.fault(format_args!("{scores}: it must have the axes [N, C, ..], and the target [N, ..]"))
}

/// The loss of `log [N, C, ..]` at the targets of operand 1, weighed by operand 2 where there is one.
fn of_targets(cx: &mut Cx<'_>, log: NodeId) -> Result<NodeId, Diagnostic> {
    let target = cx.x(1)?;
    if cx.m.b.rank(log) < 2 || cx.m.b.rank(target) + 1 != cx.m.b.rank(log) {
        return Err(rank_fault(cx, log));
    }
    let counts = match cx.int("ignore_index") {
        Some(ignored) => Some(cx.m.b.with_number("ne", target, ignored as f64)?),
        None => None,
    };
    // A target that does not count need not be a class.
    let class = match counts {
        Some(counts) => {
            let first = cx.m.b.scalar_like(target, 0.0)?;
            cx.m.b.select(counts, target, first)?
        }
        None => target,
    };
    let index = cx.m.b.unsqueeze(class, CLASSES)?;
    let picked = cx.m.b.take_along(log, index, CLASSES)?;
    let picked = cx.m.b.squeeze(picked, CLASSES)?;
    let mut loss = cx.m.b.unary("neg", picked)?;
    let weight = weight(cx, class, counts, cx.m.b.dtype(log))?;
    if let Some(weight) = weight {
        loss = cx.m.b.binary("mul", loss, weight)?;
    }
    if let Some(counts) = counts {
        let nothing = cx.m.b.scalar_like(loss, 0.0)?;
        loss = cx.m.b.select(counts, loss, nothing)?;
    }
    reduced(cx, loss, weight)
}

/// What each target counts for; none where all count 1.
fn weight(
    cx: &mut Cx<'_>,
    class: NodeId,
    counts: Option<NodeId>,
    dtype: DType,
) -> Result<Option<NodeId>, Diagnostic> {
    let counts = match counts {
        Some(counts) => Some(cx.m.b.cast(counts, dtype)?),
        None => None,
    };
    if cx.maybe(2).is_none() {
        return Ok(counts);
    }
    let weights = cx.x(2)?;
    let own = cx.m.b.gather(weights, class, 0)?;
    match counts {
        Some(counts) => cx.m.b.binary("mul", own, counts).map(Some),
        None => Ok(Some(own)),
    }
}

/// The mean is over the weights, not over the targets.
fn reduced(cx: &mut Cx<'_>, loss: NodeId, weight: Option<NodeId>) -> Result<NodeId, Diagnostic> {
    let axes: Vec<i64> = (0..cx.m.b.rank(loss) as i64).collect();
    let reduction = cx.text("reduction").unwrap_or_else(|| "mean".to_owned());
    match (reduction.as_str(), weight) {
        ("none", _) => Ok(loss),
        ("sum", _) => cx.m.b.reduce("sum", loss, &axes, false),
        ("mean", None) => cx.m.b.reduce("mean", loss, &axes, false),
        ("mean", Some(weight)) => {
            let sum = cx.m.b.reduce("sum", loss, &axes, false)?;
            let count = cx.m.b.reduce("sum", weight, &axes, false)?;
            cx.m.b.binary("div", sum, count)
        }
        (other, _) => Err(cx.fault(format_args!("reduction `{other}` is unknown"))),
    }
}
