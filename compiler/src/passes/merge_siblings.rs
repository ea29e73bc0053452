//! Makes one contraction of several that multiply the same value by different weights: queries, keys and values; gates.
//!
//! Assumes decomposed graphs. Contractions without batch axes whose first operand and contracted axes agree, and whose weights depend
//! on parameters alone and have one free axis, become one contraction by the concatenation of the weights, a node of the weight program;
//! each result is a slice of the common one. When a bias that depends on parameters alone is added to each, so are the
//! biases joined. The operand is then read once, and one kernel is launched. Linear in nodes.

use std::collections::BTreeMap;

use ferrodyne_plan::{Diagnostic, Dim};
use indexmap::IndexMap;

use super::{Changed, Pass, PassCx};
use crate::graph::analysis::{Users, depends_only_on_weights, users};
use crate::graph::{Attrs, Graph, Node, NodeId, Rewriter};

/// The pass.
pub(super) const PASS: Pass = Pass {
    name: "merge_siblings",
    doc: "makes one contraction of several that multiply the same value by different weights",
    run,
};

/// Joined weights have at most so many channels: beyond that one contraction fills a device by itself.
const CHANNELS_MAX: i64 = 16_384;

/// A contraction that may be joined with others: its node, its weight's free axis, and the bias added to it with the sum.
struct Member {
    dot: NodeId,
    free: usize,
    channels: i64,
    bias: Option<(NodeId, NodeId)>,
}

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let weights = depends_only_on_weights(graph);
    let groups = groups(graph, &weights);
    if groups.is_empty() {
        return Ok(Changed::No);
    }
    let mut first: BTreeMap<NodeId, &Vec<Member>> = BTreeMap::new();
    for group in &groups {
        first.insert(group[0].dot, group);
    }
    let mut done = vec![false; graph.nodes.len()];
    let mut rewriter = Rewriter::new(graph, cx.rules);
    for id in rewriter.ids() {
        if done[id.index()] {
            continue;
        }
        match first.get(&id) {
            Some(group) => {
                for member in *group {
                    let bias = member.bias.map(|(bias, _)| bias);
                    for weight in
                        [Some(graph.node(member.dot).inputs[1]), bias].into_iter().flatten()
                    {
                        bring(&mut rewriter, weight, &mut done);
                    }
                }
                join(&mut rewriter, group, &mut done)?;
            }
            None => {
                rewriter.copy(id);
            }
        }
    }
    *graph = rewriter.finish();
    Ok(Changed::Yes)
}

/// The contractions that can be joined, at least two a group.
fn groups(graph: &Graph, weights: &[bool]) -> Vec<Vec<Member>> {
    let users = users(graph);
    let mut groups: IndexMap<String, Vec<Member>> = IndexMap::new();
    for id in graph.ids() {
        if let Some(member) = member(graph, id, weights, &users) {
            let node = graph.node(id);
            let weight = graph.ty(node.inputs[1]);
            let contracted: Vec<&Dim> = node
                .attrs
                .get_ints("rhs_contract")
                .iter()
                .map(|&axis| &weight.dims[axis as usize])
                .collect();
            let key =
                format!("{:?} {:?} {contracted:?}", node.inputs[0], node.attrs.get("lhs_contract"));
            groups.entry(key).or_default().push(member);
        }
    }
    let mut groups: Vec<Vec<Member>> = groups.into_values().collect();
    groups.retain(|group| {
        group.len() > 1 && group.iter().map(|m| m.channels).sum::<i64>() <= CHANNELS_MAX
    });
    for group in &mut groups {
        if group.iter().any(|member| member.bias.is_none()) {
            group.iter_mut().for_each(|member| member.bias = None);
        }
    }
    groups
}

fn member(graph: &Graph, id: NodeId, weights: &[bool], users: &Users) -> Option<Member> {
    let node = graph.node(id);
    if node.op.as_str() != "dot" || weights[id.index()] || !weights[node.inputs[1].index()] {
        return None;
    }
    let contract = node.attrs.get_ints("rhs_contract");
    let weight = graph.ty(node.inputs[1]);
    if !node.attrs.get_ints("rhs_batch").is_empty() || weight.rank() != contract.len() + 1 {
        return None;
    }
    let free = (0..weight.rank()).find(|axis| !contract.contains(&(*axis as i64)))?;
    let channels = weight.dims[free].as_const()?;
    let bias = users.only(id).and_then(|user| bias(graph, user, id, channels, weights));
    Some(Member { dot: id, free, channels, bias })
}

/// The bias that a sum adds along the last axis.
fn bias(
    graph: &Graph,
    user: NodeId,
    dot: NodeId,
    channels: i64,
    weights: &[bool],
) -> Option<(NodeId, NodeId)> {
    let node: &Node = graph.node(user);
    let other = *node.inputs.iter().find(|&&input| input != dot)?;
    let ty = graph.ty(other);
    let fits = node.op.as_str() == "add"
        && weights[other.index()]
        && node.ty() == graph.ty(dot)
        && ty.elements().as_const() == Some(channels)
        && ty.dims.last().and_then(Dim::as_const) == Some(channels);
    fits.then_some((other, user))
}

/// Copies a value that depends on weights alone ahead of its turn, with what it needs.
fn bring(rewriter: &mut Rewriter<'_>, id: NodeId, done: &mut [bool]) {
    let mut open = vec![id];
    while let Some(&id) = open.last() {
        if rewriter.has(id) {
            open.pop();
            continue;
        }
        let needs: Vec<NodeId> = rewriter.old().node(id).inputs.clone();
        let missing: Vec<NodeId> = needs.into_iter().filter(|need| !rewriter.has(*need)).collect();
        if missing.is_empty() {
            rewriter.copy(id);
            done[id.index()] = true;
            open.pop();
        } else {
            open.extend(missing);
        }
    }
}

/// The common contraction and the slices of it.
fn join(
    rewriter: &mut Rewriter<'_>,
    group: &[Member],
    done: &mut [bool],
) -> Result<(), Diagnostic> {
    let old = rewriter.old();
    rewriter.enter(group[0].dot);
    let mut parts = Vec::new();
    for member in group {
        let node = old.node(member.dot);
        let weight = rewriter.get(node.inputs[1]);
        let mut axes = node.attrs.get_ints("rhs_contract").to_vec();
        axes.push(member.free as i64);
        parts.push(rewriter.add("permute", &[weight], Attrs::new().ints("axes", &axes))?);
    }
    let contracted = old.node(group[0].dot).attrs.get_ints("lhs_contract").len() as i64;
    let weight = rewriter.add("concat", &parts, Attrs::new().int("axis", contracted))?;
    let attrs = old.node(group[0].dot).attrs.clone();
    let attrs = attrs.ints("rhs_contract", &(0..contracted).collect::<Vec<_>>());
    let x = rewriter.get(old.node(group[0].dot).inputs[0]);
    let mut value = rewriter.add("dot", &[x, weight], attrs)?;
    if group.iter().all(|member| member.bias.is_some()) {
        let mut parts = Vec::new();
        for (member, (bias, _)) in group.iter().filter_map(|m| Some((m, m.bias?))) {
            let flat = Attrs::new().dims("dims", &[Dim::constant(member.channels)]);
            let bias = rewriter.get(bias);
            parts.push(rewriter.add("reshape", &[bias], flat)?);
        }
        let bias = rewriter.add("concat", &parts, Attrs::new().int("axis", 0))?;
        value = rewriter.add("add", &[value, bias], Attrs::new())?;
    }
    let dims = rewriter.graph().ty(value).dims.clone();
    let last = dims.len() - 1;
    let (mut starts, mut ends) = (vec![Dim::constant(0); dims.len()], dims);
    let steps = vec![1i64; starts.len()];
    let mut at = 0;
    for member in group {
        starts[last] = Dim::constant(at);
        at += member.channels;
        ends[last] = Dim::constant(at);
        let attrs = Attrs::new().dims("starts", &starts).dims("ends", &ends).ints("steps", &steps);
        let part = rewriter.add("slice", &[value], attrs)?;
        let end = member.bias.map_or(member.dot, |(_, sum)| sum);
        rewriter.replace(end, part);
        done[member.dot.index()] = true;
        done[end.index()] = true;
    }
    Ok(())
}
