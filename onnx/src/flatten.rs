//! The nodes of a model in an order in which they can run, with the functions that the file defines put in their callers' place.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::UnsupportedNode;
use crate::ops;
use crate::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
};

/// Nested calls of functions; more means that one calls itself.
const MAX_DEPTH: usize = 32;

/// Nodes after functions have been put in; more is refused.
const MAX_NODES: usize = 1 << 20;

/// A node and the version of its operator set.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) node: NodeProto,
    pub(crate) opset: i64,
}

impl Step {
    /// The node's name, or that of its first result.
    pub(crate) fn name(&self) -> &str {
        match self.node.name.as_str() {
            "" => self.node.output.iter().find(|o| !o.is_empty()).map_or("", String::as_str),
            name => name,
        }
    }

    /// Whether there is an operator for it.
    pub(crate) fn is_supported(&self) -> bool {
        ops::find(&self.node.domain, &self.node.op_type, self.opset).is_some()
    }

    /// The node as an unsupported one.
    pub(crate) fn unsupported(&self) -> UnsupportedNode {
        UnsupportedNode {
            op: self.node.op_type.clone(),
            domain: self.node.domain.clone(),
            opset: self.opset,
            node: self.name().to_owned(),
        }
    }
}

/// The version of a domain; the oldest where the file imports none.
pub(crate) fn opset(imports: &[OperatorSetIdProto], domain: &str) -> i64 {
    let found = imports.iter().find(|import| plain(&import.domain) == domain);
    found.and_then(|import| import.version).unwrap_or(1)
}

/// The standard domain has two names.
fn plain(domain: &str) -> &str {
    if domain == "ai.onnx" { "" } else { domain }
}

/// All nodes of a model.
pub(crate) fn steps(model: &ModelProto) -> Result<Vec<Step>, String> {
    let Some(graph) = &model.graph else { return Ok(Vec::new()) };
    let mut inliner = Inliner { functions: BTreeMap::new(), steps: Vec::new(), calls: 0 };
    for function in &model.functions {
        let key = (plain(&function.domain).to_owned(), function.name.clone());
        inliner.functions.insert(key, function);
    }
    inliner.nodes(&graph.node, &model.opset_import, 0)?;
    ordered(graph, inliner.steps)
}

struct Inliner<'a> {
    functions: BTreeMap<(String, String), &'a FunctionProto>,
    steps: Vec<Step>,
    calls: usize,
}

impl Inliner<'_> {
    fn nodes(
        &mut self,
        nodes: &[NodeProto],
        imports: &[OperatorSetIdProto],
        depth: usize,
    ) -> Result<(), String> {
        for node in nodes {
            let domain = plain(&node.domain).to_owned();
            let key = (domain, node.op_type.clone());
            match self.functions.get(&key).copied() {
                Some(function) => self.call(node, function, imports, depth)?,
                None => {
                    let opset = opset(imports, &key.0);
                    let node = NodeProto { domain: key.0, ..node.clone() };
                    self.steps.push(Step { node, opset });
                }
            }
            if self.steps.len() > MAX_NODES {
                return Err(format!("its functions expand to more than {MAX_NODES} nodes"));
            }
        }
        Ok(())
    }

    /// The body of a function with the caller's names and attributes; its own names get a prefix.
    fn call(
        &mut self,
        caller: &NodeProto,
        function: &FunctionProto,
        imports: &[OperatorSetIdProto],
        depth: usize,
    ) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("function `{}` calls itself", function.name));
        }
        self.calls += 1;
        let mut names: BTreeMap<&str, &str> = BTreeMap::new();
        for (inside, outside) in function.output.iter().zip(&caller.output) {
            names.insert(inside, outside);
        }
        let absent = String::new();
        for (k, inside) in function.input.iter().enumerate() {
            names.insert(inside, caller.input.get(k).unwrap_or(&absent));
        }
        let prefix = match caller.name.is_empty() {
            true => format!("{}_{}", function.name, self.calls),
            false => caller.name.clone(),
        };
        let call = self.calls;
        let rename = |name: &String| match names.get(name.as_str()) {
            Some(outside) => (*outside).to_owned(),
            None if name.is_empty() => String::new(),
            None => format!("{prefix}/{name}:{call}"),
        };
        let mut body = Vec::new();
        for node in &function.node {
            let mut node = node.clone();
            node.input = node.input.iter().map(rename).collect();
            node.output = node.output.iter().map(rename).collect();
            if !node.name.is_empty() {
                node.name = format!("{prefix}/{}", node.name);
            }
            node.attribute = node
                .attribute
                .into_iter()
                .filter_map(|attribute| resolved(attribute, caller, function))
                .collect();
            body.push(node);
        }
        let own = if function.opset_import.is_empty() { imports } else { &function.opset_import };
        self.nodes(&body, own, depth + 1)
    }
}

/// An attribute of a function's node with the caller's value; none where neither caller nor function gives one.
fn resolved(
    attribute: AttributeProto,
    caller: &NodeProto,
    function: &FunctionProto,
) -> Option<AttributeProto> {
    if attribute.ref_attr_name.is_empty() {
        return Some(attribute);
    }
    let given = caller.attribute.iter().chain(&function.attribute_proto);
    let value = given.into_iter().find(|a| a.name == attribute.ref_attr_name)?;
    Some(AttributeProto { name: attribute.name, ..value.clone() })
}

/// The nodes in an order in which they can run, their own where that is one.
fn ordered(graph: &GraphProto, mut waiting: Vec<Step>) -> Result<Vec<Step>, String> {
    let mut known: BTreeSet<String> = graph.input.iter().map(|i| i.name.clone()).collect();
    known.extend(graph.initializer.iter().map(|t| t.name.clone()));
    let mut sorted = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut later = Vec::new();
        for step in waiting {
            if step.node.input.iter().all(|name| name.is_empty() || known.contains(name)) {
                for made in step.node.output.iter().filter(|name| !name.is_empty()) {
                    if !known.insert(made.clone()) {
                        let node = step.name();
                        return Err(format!("node `{node}` makes `{made}`, which is made already"));
                    }
                }
                sorted.push(step);
            } else {
                later.push(step);
            }
        }
        if let (true, Some(step)) = (later.len() == before, later.first()) {
            let missing = step.node.input.iter().find(|name| !known.contains(*name));
            let missing = missing.map_or("", String::as_str);
            let node = step.name();
            return Err(format!("node `{node}` uses `{missing}`, which nothing makes before it"));
        }
        waiting = later;
    }
    Ok(sorted)
}
