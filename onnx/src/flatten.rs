//! The nodes of a model in an order in which they can run, with the functions that the file defines put in their callers' place.
//!
//! Graphs inside of nodes are flattened likewise. They read names from around them, so a node also waits for what its graphs read.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::UnsupportedNode;
use crate::ops;
use crate::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    SparseTensorProto, TensorProto, ValueInfoProto,
};

/// Nested calls of functions; more means that one calls itself.
const MAX_DEPTH: usize = 32;

/// Nodes after functions have been put in; more is refused.
const MAX_NODES: usize = 1 << 20;

/// A node and the version of its operator set.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The node; its attributes are without graphs.
    pub(crate) node: NodeProto,
    pub(crate) opset: i64,
    /// The graphs in its attributes.
    pub(crate) bodies: Vec<Body>,
}

/// A graph inside of a node.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    /// Name of the attribute that holds it.
    pub(crate) attribute: String,
    /// Names of its inputs.
    pub(crate) inputs: Vec<String>,
    /// Names of its results.
    pub(crate) outputs: Vec<String>,
    /// Its constants.
    pub(crate) initialisers: Vec<TensorProto>,
    /// Its sparse constants.
    pub(crate) sparse: Vec<SparseTensorProto>,
    /// Its nodes.
    pub(crate) steps: Vec<Step>,
    /// Names that it reads from around it.
    pub(crate) reads: BTreeSet<String>,
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

    /// The names that must be made before it.
    fn needs(&self) -> impl Iterator<Item = &String> {
        let own = self.node.input.iter().filter(|name| !name.is_empty());
        own.chain(self.bodies.iter().flat_map(|body| &body.reads))
    }

    /// The step and those in its graphs.
    pub(crate) fn all(&self) -> Vec<&Step> {
        let inner = self.bodies.iter().flat_map(|body| &body.steps);
        std::iter::once(self).chain(inner.flat_map(Step::all)).collect()
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
    let mut inliner = Inliner { functions: BTreeMap::new(), nodes: 0, calls: 0 };
    for function in &model.functions {
        let key = (plain(&function.domain).to_owned(), function.name.clone());
        inliner.functions.insert(key, function);
    }
    let mut steps = Vec::new();
    inliner.nodes(&graph.node, &model.opset_import, 0, &mut steps)?;
    let inputs = graph.input.iter().map(|input| input.name.as_str());
    let given = inputs.chain(graph.initializer.iter().map(|tensor| tensor.name.as_str()));
    let (steps, missing) = ordered(given, steps)?;
    match missing.first() {
        Some((node, name)) => {
            Err(format!("node `{node}` uses `{name}`, which nothing makes before it"))
        }
        None => Ok(steps),
    }
}

struct Inliner<'a> {
    functions: BTreeMap<(String, String), &'a FunctionProto>,
    nodes: usize,
    calls: usize,
}

impl Inliner<'_> {
    fn nodes(
        &mut self,
        nodes: &[NodeProto],
        imports: &[OperatorSetIdProto],
        depth: usize,
        steps: &mut Vec<Step>,
    ) -> Result<(), String> {
        for node in nodes {
            let domain = plain(&node.domain).to_owned();
            let key = (domain, node.op_type.clone());
            match self.functions.get(&key).copied() {
                Some(function) => self.call(node, function, imports, depth, steps)?,
                None => {
                    let opset = opset(imports, &key.0);
                    let mut node = NodeProto { domain: key.0, ..node.clone() };
                    let bodies = self.bodies(&mut node, imports, depth)?;
                    steps.push(Step { node, opset, bodies });
                    self.nodes += 1;
                }
            }
            if self.nodes > MAX_NODES {
                return Err(format!("its functions expand to more than {MAX_NODES} nodes"));
            }
        }
        Ok(())
    }

    /// Takes the graphs out of a node's attributes.
    fn bodies(
        &mut self,
        node: &mut NodeProto,
        imports: &[OperatorSetIdProto],
        depth: usize,
    ) -> Result<Vec<Body>, String> {
        let mut bodies = Vec::new();
        for attribute in &mut node.attribute {
            if let Some(graph) = attribute.g.take() {
                bodies.push(self.body(&attribute.name, graph, imports, depth)?);
            }
        }
        Ok(bodies)
    }

    fn body(
        &mut self,
        attribute: &str,
        graph: GraphProto,
        imports: &[OperatorSetIdProto],
        depth: usize,
    ) -> Result<Body, String> {
        if depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} graphs stand one inside of another"));
        }
        let mut steps = Vec::new();
        self.nodes(&graph.node, imports, depth + 1, &mut steps)?;
        let names = |values: &[ValueInfoProto]| -> Vec<String> {
            values.iter().map(|value| value.name.clone()).collect()
        };
        let (inputs, outputs) = (names(&graph.input), names(&graph.output));
        let constants = graph.initializer.iter().map(|tensor| tensor.name.as_str());
        let (steps, missing) = ordered(inputs.iter().map(String::as_str).chain(constants), steps)?;
        let mut reads: BTreeSet<String> = missing.into_iter().map(|(_, name)| name).collect();
        let made = |name: &String| {
            inputs.contains(name)
                || graph.initializer.iter().any(|tensor| tensor.name == *name)
                || steps.iter().any(|step| step.node.output.contains(name))
        };
        reads.extend(outputs.iter().filter(|name| !made(name)).cloned());
        Ok(Body {
            attribute: attribute.to_owned(),
            inputs,
            outputs,
            initialisers: graph.initializer,
            sparse: graph.sparse_initializer,
            steps,
            reads,
        })
    }

    /// The body of a function with the caller's names and attributes; its own names get a prefix.
    fn call(
        &mut self,
        caller: &NodeProto,
        function: &FunctionProto,
        imports: &[OperatorSetIdProto],
        depth: usize,
        steps: &mut Vec<Step>,
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
        let rename = |name: &str| match names.get(name) {
            Some(outside) => (*outside).to_owned(),
            None if name.is_empty() => String::new(),
            None => format!("{prefix}/{name}:{call}"),
        };
        let mut body = Vec::new();
        for node in &function.node {
            let mut node = node.clone();
            if !node.name.is_empty() {
                node.name = format!("{prefix}/{}", node.name);
            }
            called(&mut node, caller, function, &rename);
            body.push(node);
        }
        let own = if function.opset_import.is_empty() { imports } else { &function.opset_import };
        self.nodes(&body, own, depth + 1, steps)
    }
}

/// Gives a function's node, and those in its graphs, the names and the attributes of a call.
fn called(
    node: &mut NodeProto,
    caller: &NodeProto,
    function: &FunctionProto,
    rename: &dyn Fn(&str) -> String,
) {
    node.input.iter_mut().chain(&mut node.output).for_each(|name| *name = rename(name));
    let attributes = std::mem::take(&mut node.attribute).into_iter();
    node.attribute = attributes.filter_map(|own| resolved(own, caller, function)).collect();
    for graph in node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()) {
        let values = graph.input.iter_mut().chain(&mut graph.output).map(|value| &mut value.name);
        let tensors = graph.initializer.iter_mut().map(|tensor| &mut tensor.name);
        values.chain(tensors).for_each(|name| *name = rename(name));
        graph.node.iter_mut().for_each(|inner| called(inner, caller, function, rename));
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

/// A node by its name, and a name that it reads.
type Missing = (String, String);

/// The nodes of one graph in an order in which they can run, their own where that is one, and the names that nothing in the graph
/// makes, with a node that reads each.
fn ordered<'a>(
    given: impl Iterator<Item = &'a str>,
    mut waiting: Vec<Step>,
) -> Result<(Vec<Step>, Vec<Missing>), String> {
    let mut known: BTreeSet<String> = given.map(str::to_owned).collect();
    let outputs = waiting.iter().flat_map(|step| &step.node.output);
    let made: BTreeSet<String> = outputs.chain(&known).cloned().collect();
    let mut missing = Vec::new();
    for step in &waiting {
        let absent = step.needs().filter(|name| !made.contains(*name));
        missing.extend(absent.map(|name| (step.name().to_owned(), name.clone())));
    }
    known.extend(missing.iter().map(|(_, name)| name.clone()));
    let mut sorted = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut later = Vec::new();
        for step in waiting {
            if step.needs().all(|name| known.contains(name)) {
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
            let (node, absent) = (step.name(), step.needs().find(|name| !known.contains(*name)));
            let absent = absent.map_or("", String::as_str);
            return Err(format!("node `{node}` uses `{absent}`, which nothing makes before it"));
        }
        waiting = later;
    }
    Ok((sorted, missing))
}
