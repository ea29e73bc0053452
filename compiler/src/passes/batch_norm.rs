//! Folds scales per channel that follow a convolution or a linear layer into its weight.
//!
//! Assumes decomposed graphs in layout `nchw`, where inference batch norm is a chain of `sub`, `mul`, `div` and `add` with values that
//! depend on parameters alone and vary along the channel axis only. For such a chain `conv(x, w) * S + T` becomes `conv(x, w * S) + T`;
//! `w * S` and `T` are nodes that depend on parameters only, so they belong to the weight program, and no parameter is
//! read here. Chains without a factor are left. Values on the way must have no other user. Linear in nodes.

use ferrodyne_plan::{Diagnostic, Dim};

use super::{Changed, Pass, PassCx};
use crate::graph::analysis::{Users, depends_only_on_weights, users};
use crate::graph::{Attr, Attrs, Graph, NodeId, Rewriter};
use crate::ops::element;

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "batch_norm", doc: "folds scales per channel into the weights before them", run };

/// What a chain does to one value: an operator, its other operand, and whether that stands first.
struct Step {
    op: &'static str,
    other: NodeId,
    other_first: bool,
}

/// A contraction, the steps behind it, and the node at whose place the result stands.
struct Chain {
    start: NodeId,
    steps: Vec<Step>,
    end: NodeId,
}

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let weights = depends_only_on_weights(graph);
    let users = users(graph);
    let mut ends: Vec<Option<Chain>> = graph.ids().map(|_| None).collect();
    for id in graph.ids() {
        if let Some(chain) = chain(graph, id, &weights, &users) {
            let end = chain.end.index();
            ends[end] = Some(chain);
        }
    }
    let mut rewriter = Rewriter::new(graph, cx.rules);
    for id in rewriter.ids() {
        match &ends[id.index()] {
            Some(chain) => {
                rewriter.enter(chain.start);
                let value = fold(&mut rewriter, chain)?;
                rewriter.replace(id, value);
            }
            None => {
                rewriter.copy(id);
            }
        }
    }
    let changed = rewriter.changed();
    *graph = rewriter.finish();
    Ok(changed.into())
}

/// The axis of a contraction's result along which its weight has its channels, if the weight depends on parameters alone.
fn channel(graph: &Graph, id: NodeId, weights: &[bool]) -> Option<usize> {
    let node = graph.node(id);
    let weight = *node.inputs.get(1)?;
    if !weights[weight.index()] || weights[id.index()] || !node.ty().dtype.is_float() {
        return None;
    }
    match node.op.as_str() {
        "conv" if node.attrs.get_str("layout") == "nchw" => Some(1),
        "dot" => weight_axis(graph, id).map(|_| node.ty().rank() - 1),
        _ => None,
    }
}

/// The axis of the weight that holds the channels.
fn weight_axis(graph: &Graph, id: NodeId) -> Option<usize> {
    let node = graph.node(id);
    if node.op.as_str() == "conv" {
        return Some(0);
    }
    let taken = |axis: &usize| {
        let axis = *axis as i64;
        node.attrs.get_ints("rhs_batch").contains(&axis)
            || node.attrs.get_ints("rhs_contract").contains(&axis)
    };
    let mut free = (0..graph.ty(node.inputs[1]).rank()).filter(|axis| !taken(axis));
    let channel = free.next()?;
    free.next().is_none().then_some(channel)
}

/// The longest chain of steps behind a contraction that holds a factor.
fn chain(graph: &Graph, start: NodeId, weights: &[bool], users: &Users) -> Option<Chain> {
    let axis = channel(graph, start, weights)?;
    let mut chain = Chain { start, steps: Vec::new(), end: start };
    while let Some(user) = users.only(chain.end) {
        let Some(step) = step(graph, user, chain.end, start, axis, weights) else { break };
        chain.steps.push(step);
        chain.end = user;
    }
    // Behind the last factor there is nothing to gain.
    chain.steps.iter().any(|step| matches!(step.op, "mul" | "div")).then_some(chain)
}

fn step(
    graph: &Graph,
    user: NodeId,
    value: NodeId,
    start: NodeId,
    axis: usize,
    weights: &[bool],
) -> Option<Step> {
    let node = graph.node(user);
    let op = ["add", "sub", "mul", "div"].into_iter().find(|op| node.op.as_str() == *op)?;
    let [a, b] = node.inputs[..] else { return None };
    let (other, other_first) = if a == value { (b, false) } else { (a, true) };
    let fits = other != value
        && weights[other.index()]
        && node.ty() == graph.ty(start)
        && !(op == "div" && other_first)
        && keeps_finite(graph, other, op);
    let rank = node.ty().rank();
    let dims = &graph.ty(other).dims;
    let offset = rank.checked_sub(dims.len())?;
    let along_channel =
        dims.iter().enumerate().all(|(k, dim)| *dim == Dim::constant(1) || k + offset == axis);
    (fits && along_channel).then_some(Step { op, other, other_first })
}

/// Whether a constant keeps a weight finite: what an infinity makes of a sum differs from what it makes of its terms. Of
/// parameters this is taken for granted.
fn keeps_finite(graph: &Graph, other: NodeId, op: &str) -> bool {
    match graph.node(other).attrs.get("value") {
        Some(Attr::Tensor(data)) => element::values(data)
            .iter()
            .all(|value| value.is_finite() && !(op == "div" && *value == 0.0)),
        _ => true,
    }
}

/// The scale and the shift that a chain comes to, as values of its parameters; then the contraction with the scale in its weight.
fn fold(rewriter: &mut Rewriter<'_>, chain: &Chain) -> Result<NodeId, Diagnostic> {
    let (mut scale, mut shift): (Option<NodeId>, Option<NodeId>) = (None, None);
    for step in &chain.steps {
        let other = rewriter.get(step.other);
        let mut apply = |value: Option<NodeId>, op: &str| match value {
            Some(value) => rewriter.add(op, &[value, other], Attrs::new()).map(Some),
            None => Ok(None),
        };
        match (step.op, step.other_first) {
            ("add", _) => shift = apply(shift, "add")?.or(Some(other)),
            ("mul", _) => {
                shift = apply(shift, "mul")?;
                scale = apply(scale, "mul")?.or(Some(other));
            }
            ("div", _) => {
                shift = apply(shift, "div")?;
                scale = match apply(scale, "div")? {
                    Some(scale) => Some(scale),
                    None => Some(rewriter.add("recip", &[other], Attrs::new())?),
                };
            }
            (_, false) => {
                shift = match apply(shift, "sub")? {
                    Some(shift) => Some(shift),
                    None => Some(rewriter.add("neg", &[other], Attrs::new())?),
                };
            }
            (_, true) => {
                shift = match shift {
                    Some(shift) => Some(rewriter.add("sub", &[other, shift], Attrs::new())?),
                    None => Some(other),
                };
                scale = Some(negated(rewriter, scale, other)?);
            }
        }
    }
    let value = scaled(rewriter, chain, scale)?;
    match shift {
        Some(shift) => rewriter.add("add", &[value, shift], Attrs::new()),
        None => Ok(value),
    }
}

/// Minus the scale so far; minus one where there is none yet.
fn negated(
    rewriter: &mut Rewriter<'_>,
    scale: Option<NodeId>,
    like: NodeId,
) -> Result<NodeId, Diagnostic> {
    match scale {
        Some(scale) => rewriter.add("neg", &[scale], Attrs::new()),
        None => {
            let dtype = rewriter.graph().ty(like).dtype;
            let value = element::host(dtype, &[], &[-1.0]);
            rewriter.add("constant", &[], Attrs::new().tensor("value", value))
        }
    }
}

/// The contraction with the scale in its weight.
fn scaled(
    rewriter: &mut Rewriter<'_>,
    chain: &Chain,
    scale: Option<NodeId>,
) -> Result<NodeId, Diagnostic> {
    let old = rewriter.old();
    let node = old.node(chain.start);
    let mut inputs = rewriter.operands(chain.start);
    if let (Some(scale), Some(axis)) = (scale, weight_axis(old, chain.start)) {
        let rank = rewriter.graph().ty(inputs[1]).rank();
        let count = rewriter.graph().ty(scale).elements();
        let mut dims = vec![Dim::constant(1); rank];
        dims[axis] = count;
        let scale = rewriter.add("reshape", &[scale], Attrs::new().dims("dims", &dims))?;
        inputs[1] = rewriter.add("mul", &[inputs[1], scale], Attrs::new())?;
    }
    rewriter.add(&node.op, &inputs, node.attrs.clone())
}
