//! Cuts a failing graph down: from its results, then from its inputs, then node by node.

use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_compiler::graph::{Attrs, Graph, INPUT, Input, InputRole, Node, NodeId, Output};
use ferrodyne_compiler::interpret::interpret_nodes;
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::{Diagnostic, HostTensor, Name};

use super::{Bench, Case, Way};
use crate::error::{Error, Result};

/// Nodes that are tried one by one.
const TRIES_MAX: usize = 64;

impl Bench<'_> {
    /// The smallest case found that still fails.
    pub(super) fn shrink(&self, case: Case, way: &Way) -> Result<Case> {
        let case = self.specialised(case, way)?;
        let all: Vec<NodeId> = operations(&case.graph);
        let truncated = |n: usize| {
            let kept: BTreeSet<NodeId> = all[..n].iter().copied().collect();
            let ends = ends(&case.graph, &kept);
            part(&case, &ends, &BTreeMap::new())
        };
        let shortest =
            self.least(1, all.len(), |n| Ok(self.outcome(&truncated(n), way)?.is_wrong()))?;
        let case = shortest.map(truncated).unwrap_or(case);
        let case = self.one_result(case, way)?;
        if !case.graph.symbols.is_empty() {
            return Ok(case);
        }
        self.without_beginning(case, way)
    }

    /// The case with one of its results alone, if one alone fails.
    fn one_result(&self, case: Case, way: &Way) -> Result<Case> {
        for output in &case.graph.outputs {
            let alone = part(&case, &[output.node], &BTreeMap::new());
            if self.outcome(&alone, way)?.is_wrong() {
                return Ok(alone);
            }
        }
        Ok(case)
    }

    /// The case with as many of its values as possible given instead of computed.
    fn without_beginning(&self, case: Case, way: &Way) -> Result<Case> {
        let mut case = case;
        let mut tried: BTreeSet<NodeId> = BTreeSet::new();
        for _ in 0..TRIES_MAX {
            let values = values(&case)?;
            let roots: Vec<NodeId> = case.graph.roots().collect();
            let candidates = operations(&case.graph);
            let untried = |id: &&NodeId| {
                !roots.contains(id) && !tried.contains(id) && values.contains_key(id)
            };
            let Some(&id) = candidates.iter().rev().find(untried) else { break };
            tried.insert(id);
            let given = BTreeMap::from([(id, values[&id].clone())]);
            let smaller = part(&case, &roots, &given);
            let fewer = smaller.graph.nodes.len() < case.graph.nodes.len();
            if fewer && self.outcome(&smaller, way)?.is_wrong() {
                case = smaller;
                tried.clear();
            }
        }
        Ok(case)
    }
}

/// The nodes that compute something.
fn operations(graph: &Graph) -> Vec<NodeId> {
    graph.ids().filter(|&id| graph.node(id).op.as_str() != INPUT).collect()
}

/// Nodes of a set whose values are read outside of it or by nobody.
fn ends(graph: &Graph, kept: &BTreeSet<NodeId>) -> Vec<NodeId> {
    let mut read: BTreeSet<NodeId> = BTreeSet::new();
    for id in kept {
        read.extend(&graph.node(*id).inputs);
    }
    let wanted: BTreeSet<NodeId> = graph.roots().collect();
    let is_end = |id: &&NodeId| {
        let single = graph.node(**id).types.len() == 1;
        single && (!read.contains(id) || wanted.contains(id))
    };
    kept.iter().filter(is_end).copied().collect()
}

/// Values of all nodes, by the interpreter.
fn values(case: &Case) -> Result<BTreeMap<NodeId, HostTensor>> {
    let inputs = case
        .inputs
        .iter()
        .map(|host| ndarray::ArrayD::from_shape_vec(host.dims.clone(), element::values(host)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::Tensor(Diagnostic::new("bisect", error.to_string())))?;
    let ids: Vec<NodeId> =
        case.graph.ids().filter(|&id| case.graph.node(id).types.len() == 1).collect();
    let arrays = interpret_nodes(&case.graph, &inputs, &Default::default(), &ids)
        .map_err(|error| Error::Tensor(Diagnostic::new("bisect", error.to_string())))?;
    let host = |(id, array): (NodeId, ndarray::ArrayD<f64>)| {
        let dtype = case.graph.ty(id).dtype;
        let elements: Vec<f64> = array.iter().copied().collect();
        (id, element::host(dtype, array.shape(), &elements).as_ref().clone())
    };
    Ok(ids.into_iter().zip(arrays).map(host).collect())
}

/// The part of a graph that computes some values, with others given.
fn part(case: &Case, wanted: &[NodeId], given: &BTreeMap<NodeId, HostTensor>) -> Case {
    let old = &case.graph;
    let mut needed = BTreeSet::new();
    let mut open: Vec<NodeId> = wanted.to_vec();
    while let Some(id) = open.pop() {
        if needed.insert(id) && !given.contains_key(&id) {
            open.extend(&old.node(id).inputs);
        }
    }
    let mut graph = Graph {
        name: old.name.clone(),
        symbols: old.symbols.clone(),
        facts: old.facts.clone(),
        guards: old.guards.clone(),
        subgraphs: old.subgraphs.clone(),
        ..Graph::default()
    };
    let mut inputs = Vec::new();
    let mut map: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    for &id in &needed {
        let at = old.inputs.iter().position(|input| input.node == id);
        let Some(value) = given.get(&id).or_else(|| at.map(|at| &case.inputs[at])) else {
            continue;
        };
        let name = match at {
            Some(at) => old.inputs[at].name.clone(),
            None => Name::from(format!("v{}_{}", old.nodes.len(), id.0)),
        };
        let types = old.node(id).types.clone();
        let source = old.node(id).source.clone();
        let node = graph.push(Node {
            op: Name::from(INPUT),
            attrs: Attrs::new(),
            inputs: Vec::new(),
            types,
            calls: Vec::new(),
            name: Some(name.clone()),
            source,
        });
        graph.inputs.push(Input { name, role: InputRole::Argument, node });
        inputs.push(value.clone());
        map.insert(id, node);
    }
    for &id in &needed {
        if !map.contains_key(&id) {
            let operands = old.node(id).inputs.iter().map(|operand| map[operand]).collect();
            map.insert(id, graph.push(Node { inputs: operands, ..old.node(id).clone() }));
        }
    }
    let name = |k: usize| Name::from(format!("out{k}"));
    graph.outputs =
        wanted.iter().enumerate().map(|(k, id)| Output { name: name(k), node: map[id] }).collect();
    Case { graph, inputs }
}
