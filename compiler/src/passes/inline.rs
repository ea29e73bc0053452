//! Puts called graphs in the place of their calls.
//!
//! Assumes that the called graphs have passed the verifier. A `call` whose callee has no write-backs is replaced by the callee's
//! nodes, with the caller's sizes in the place of the callee's symbols, module paths joined, and the callee's guards taken over;
//! `result` nodes of such a call become the values themselves. Bodies of `cond` and `while` stay calls, but calls inside them are inlined.
//! Linear in the size of the result; repeated modules are found again as equal regions after fusion.

use std::collections::BTreeSet;
use std::sync::Arc;

use ferrodyne_plan::{Diagnostic, Dim, Name, Source};
use indexmap::IndexMap;

use super::{Changed, Pass, PassCx};
use crate::graph::{Graph, Guard, INPUT, NodeId, Rewriter, TensorType};

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "inline", doc: "puts called graphs in the place of their calls", run };

/// Calls within calls deeper than this are refused; graphs cannot call themselves, so this is never met by captured code.
const DEPTH_MAX: usize = 256;

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    inline(graph, cx, 0)
}

fn inline(graph: &mut Graph, cx: &PassCx, depth: usize) -> Result<Changed, Diagnostic> {
    if depth > DEPTH_MAX {
        let text = format!("graph `{}`: calls nest deeper than {DEPTH_MAX}", graph.name);
        return Err(Diagnostic::new("graph", text));
    }
    if graph.subgraphs.is_empty() {
        return Ok(Changed::No);
    }
    let mut changed = false;
    for sub in graph.subgraphs.values_mut() {
        let mut inner = (**sub).clone();
        if inline(&mut inner, cx, depth + 1)? == Changed::Yes {
            *sub = Arc::new(inner);
            changed = true;
        }
    }
    let mut rewriter = Rewriter::new(graph, cx.rules);
    let mut results: IndexMap<NodeId, Vec<NodeId>> = IndexMap::new();
    for id in rewriter.ids() {
        let node = graph.node(id);
        match (node.op.as_str(), node.calls.as_slice()) {
            ("call", [callee]) if graph.subgraphs[callee].write_backs.is_empty() => {
                let values = splice(&mut rewriter, &graph.subgraphs[callee], id);
                rewriter.replace(id, *values.first().unwrap_or(&NodeId(0)));
                results.insert(id, values);
            }
            ("result", _) if results.contains_key(&node.inputs[0]) => {
                let value = results[&node.inputs[0]][node.attrs.get_int("index") as usize];
                rewriter.replace(id, value);
            }
            _ => {
                rewriter.copy(id);
            }
        }
    }
    changed |= rewriter.changed();
    let mut new = rewriter.finish();
    let used: BTreeSet<Name> = new.nodes.iter().flat_map(|node| node.calls.clone()).collect();
    let called = new.subgraphs.len();
    new.subgraphs.retain(|name, _| used.contains(name));
    changed |= new.subgraphs.len() < called;
    *graph = new;
    Ok(changed.into())
}

/// Puts the nodes of `callee` in the place of the call; gives the values of its results.
fn splice(rewriter: &mut Rewriter<'_>, callee: &Graph, call: NodeId) -> Vec<NodeId> {
    let operands = rewriter.operands(call);
    let sizes = bind(rewriter.graph(), callee, &operands);
    let sized = |dim: &Dim| dim.substitute(&|var| sizes.get(var.name()).cloned());
    let place = rewriter.old().node(call).source.clone();
    for guard in &callee.guards {
        let (fact, source) = (guard.fact.map_dims(&sized), inner(&place, &guard.source));
        rewriter.builder().assume(Guard { fact, source, op: guard.op.clone() });
    }
    let bodies = adopt(rewriter, callee, &place);
    let mut map = vec![NodeId(0); callee.nodes.len()];
    for (input, operand) in callee.inputs.iter().zip(&operands) {
        map[input.node.index()] = *operand;
    }
    for id in callee.ids().filter(|id| callee.node(*id).op.as_str() != INPUT) {
        let mut node = callee.node(id).clone();
        for operand in &mut node.inputs {
            *operand = map[operand.index()];
        }
        for ty in &mut node.types {
            *ty = TensorType { dtype: ty.dtype, dims: ty.dims.iter().map(sized).collect() };
        }
        node.attrs = node.attrs.map_dims(&sized);
        for body in &mut node.calls {
            *body = bodies[body.as_str()].clone();
        }
        node.source = inner(&place, &node.source);
        map[id.index()] = rewriter.push_node(node);
    }
    callee.outputs.iter().map(|output| map[output.node.index()]).collect()
}

/// The caller's sizes for the callee's symbols, read off the operands' shapes. A symbol that is no size of an input by itself has
/// the caller's meaning.
fn bind(caller: &Graph, callee: &Graph, operands: &[NodeId]) -> IndexMap<Name, Dim> {
    let mut sizes = IndexMap::new();
    for (input, operand) in callee.inputs.iter().zip(operands) {
        for (want, have) in callee.ty(input.node).dims.iter().zip(&caller.ty(*operand).dims) {
            if let Some(var) = want.as_var() {
                sizes.entry(var.name().clone()).or_insert_with(|| have.clone());
            }
        }
    }
    sizes
}

/// Takes over the graphs that the callee calls, under names of their own; gives the names by the callee's.
fn adopt(rewriter: &mut Rewriter<'_>, callee: &Graph, place: &Source) -> IndexMap<Name, Name> {
    let mut names = IndexMap::new();
    for (key, body) in &callee.subgraphs {
        let body = &seen_from(place, body);
        let taken = &mut rewriter.builder().graph_mut().subgraphs;
        let mut name = key.clone();
        let mut number = 2;
        while taken.get(&name).is_some_and(|other| other != body) {
            name = Name::from(format!("{key}_{number}"));
            number += 1;
        }
        taken.insert(name.clone(), body.clone());
        names.insert(key.clone(), name);
    }
    names
}

/// A body of the callee, with its places seen from the caller.
fn seen_from(place: &Source, body: &Arc<Graph>) -> Arc<Graph> {
    let mut body = (**body).clone();
    for node in body.nodes_mut().filter(|node| node.op.as_str() != INPUT) {
        node.source = inner(place, &node.source);
    }
    for nested in body.subgraphs.values_mut() {
        *nested = seen_from(place, nested);
    }
    Arc::new(body)
}

/// A place inside the callee, seen from the caller: its line, and the path through the caller's module.
fn inner(call: &Source, inside: &Source) -> Source {
    if inside.is_unknown() {
        return call.clone();
    }
    let module = match (&call.module, &inside.module) {
        (Some(outer), Some(inner)) => Some(Name::from(format!("{outer}.{inner}"))),
        (outer, inner) => inner.clone().or_else(|| outer.clone()),
    };
    Source { module, ..inside.clone() }
}
