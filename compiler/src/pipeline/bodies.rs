//! Graphs that are put into others over the same symbols: arms into the graph that chooses between them, head and body into a round.

use std::sync::Arc;

use ferrodyne_plan::target::DeviceClass;
use ferrodyne_plan::{Diagnostic, Dim, Name, Target};

use crate::graph::{
    Attr, Attrs, Builder, Graph, INPUT, InputRole, Node, NodeId, Rewriter, TensorType,
};
use crate::ops::{self, OpClass, Table};

/// Whether an operator calls graphs and has no kernel.
pub(super) fn is_control(node: &Node) -> bool {
    matches!(node.op.as_str(), "cond" | "while" | "scan")
}

/// Whether a graph, or one that it calls, branches or loops.
pub(super) fn has_control(graph: &Graph) -> bool {
    graph.nodes.iter().any(|node| is_control(node))
        || graph.subgraphs.values().any(|sub| has_control(sub))
}

/// Puts the nodes of a graph into one that is being built; gives its results.
pub(super) fn splice(builder: &mut Builder, callee: &Graph, operands: &[NodeId]) -> Vec<NodeId> {
    let bodies = adopt(builder, callee);
    let mut map = vec![NodeId(0); callee.nodes.len()];
    for (input, operand) in callee.inputs.iter().zip(operands) {
        map[input.node.index()] = *operand;
    }
    for id in callee.ids().filter(|id| callee.node(*id).op.as_str() != INPUT) {
        let mut node = callee.node(id).clone();
        node.inputs.iter_mut().for_each(|operand| *operand = map[operand.index()]);
        node.calls.iter_mut().for_each(|call| {
            let renamed = bodies.iter().find(|(old, _)| old == call);
            *call = renamed.map_or_else(|| call.clone(), |(_, new)| new.clone());
        });
        map[id.index()] = builder.graph_mut().push(node);
    }
    callee.outputs.iter().map(|output| map[output.node.index()]).collect()
}

/// Takes over the graphs that the callee calls; gives their names there and here.
fn adopt(builder: &mut Builder, callee: &Graph) -> Vec<(Name, Name)> {
    let called = callee.subgraphs.iter();
    called.map(|(key, body)| (key.clone(), put_as(builder, key, body.clone()))).collect()
}

/// Puts a graph among those that another calls; gives its name there.
pub(super) fn put(builder: &mut Builder, body: Graph) -> Name {
    let name = body.name.clone();
    put_as(builder, &name, Arc::new(body))
}

fn put_as(builder: &mut Builder, key: &Name, body: Arc<Graph>) -> Name {
    let taken = &mut builder.graph_mut().subgraphs;
    let numbered = (2..).map(|n| Name::from(format!("{key}_{n}")));
    let mut candidates = std::iter::once(key.clone()).chain(numbered);
    let free = |name: &Name| taken.get(name).is_none_or(|other| *other == body);
    let name = candidates.find(free).expect("the numbers do not end");
    taken.insert(name.clone(), body);
    name
}

/// A graph over the symbols of another, with what is known of them.
pub(super) fn over(caller: &Graph, name: Name) -> Builder {
    let mut builder = Builder::new(name, &Table);
    let graph = builder.graph_mut();
    graph.symbols.clone_from(&caller.symbols);
    graph.facts = caller.facts.clone();
    graph.guards.clone_from(&caller.guards);
    builder
}

/// A called graph with what its caller knows of the symbols.
pub(super) fn informed(caller: &Graph, callee: &Graph) -> Graph {
    let mut graph = callee.clone();
    for (name, info) in &caller.symbols {
        graph.symbols.insert(name.clone(), info.clone());
    }
    graph.facts = caller.facts.clone();
    graph
}

/// Work that a device does in the time in which its host reads a condition, in elements computed.
fn elements_max(target: &Target) -> i64 {
    match target.class {
        DeviceClass::Discrete | DeviceClass::Apple => 1 << 22,
        DeviceClass::Integrated | DeviceClass::Browser => 1 << 20,
        DeviceClass::Software => 1 << 16,
        DeviceClass::Cpu => 1 << 10,
    }
}

/// Elements that an arm computes, with products counted one by one; `None` where it loops or a size is unknown.
fn elements(caller: &Graph, arm: &Graph) -> Option<i64> {
    let size = |ty: &TensorType| caller.hint(&ty.elements());
    let mut all = 0i64;
    for node in &arm.nodes {
        let class = ops::find(&node.op).map(|row| row.class)?;
        let own = size(node.ty())?;
        let work = match class {
            OpClass::View | OpClass::Source => 0,
            OpClass::Control if is_control(node) => return None,
            OpClass::Control => 0,
            OpClass::Pointwise => own,
            _ => {
                let operands = node.inputs.iter().map(|id| size(arm.ty(*id)));
                let read = operands.sum::<Option<i64>>()?;
                if class == OpClass::Contract {
                    own.checked_mul(read)?
                } else {
                    own.checked_add(read)?
                }
            }
        };
        all = all.checked_add(work)?;
    }
    Some(all)
}

/// Computes both arms, and chooses between their results element by element, where that costs less than reading the condition.
///
/// # Errors
/// Faults of the type rules, which are ferrodyne's.
pub(super) fn choose_small_arms(graph: &Graph, target: &Target) -> Result<Graph, Diagnostic> {
    let mut graph = graph.clone();
    for key in graph.subgraphs.keys().cloned().collect::<Vec<Name>>() {
        let inner = informed(&graph, &graph.subgraphs[&key]);
        graph.subgraphs.insert(key, Arc::new(choose_small_arms(&inner, target)?));
    }
    let graph = &graph;
    let mut rewriter = Rewriter::new(graph, &Table);
    let mut chosen: Vec<(NodeId, Vec<NodeId>)> = Vec::new();
    for id in rewriter.ids() {
        let node = graph.node(id);
        if node.op.as_str() == "result"
            && let Some((_, values)) = chosen.iter().find(|(of, _)| *of == node.inputs[0])
        {
            rewriter.replace(id, values[node.attrs.get_int("index") as usize]);
            continue;
        }
        let small = node.op.as_str() == "cond" && {
            let work = node.calls.iter().map(|arm| elements(graph, &graph.subgraphs[arm]));
            work.sum::<Option<i64>>().is_some_and(|all| all <= elements_max(target))
        };
        if !small {
            rewriter.copy(id);
            continue;
        }
        rewriter.enter(id);
        let operands = rewriter.operands(id);
        let builder = rewriter.builder();
        let mut sides = Vec::new();
        for arm in &node.calls {
            sides.push(splice(builder, &graph.subgraphs[arm], &operands[1..]));
        }
        let mut values = Vec::new();
        for (&a, &b) in sides[0].iter().zip(&sides[1]) {
            values.push(choose(builder, operands[0], a, b)?);
        }
        rewriter.replace(id, values[0]);
        chosen.push((id, values));
    }
    Ok(rewriter.finish())
}

/// One of two values of one type.
fn choose(builder: &mut Builder, c: NodeId, a: NodeId, b: NodeId) -> Result<NodeId, Diagnostic> {
    if a == b {
        return Ok(a);
    }
    let none: Vec<Dim> = Vec::new();
    let c = builder.add("reshape", &[c], Attrs::new().with("dims", Attr::Dims(none)))?;
    builder.add("select", &[c, a, b], Attrs::new())
}

/// A round of a `while`: comes in the condition (where it is masked), the state and what is captured; goes out the next state and
/// the condition of the next round. A masked round leaves the state as it is where its condition is false.
///
/// # Errors
/// Faults of the type rules, which are ferrodyne's.
pub(super) fn round(graph: &Graph, node: &Node, masked: bool) -> Result<Graph, Diagnostic> {
    let [head, body] = [0, 1].map(|k| &graph.subgraphs[&node.calls[k]]);
    let carried = node.attrs.get_int("carried") as usize;
    let mut builder = over(graph, Name::from(format!("{}_round", body.name)));
    let argument = InputRole::Argument;
    let alive = head.ty(head.outputs[0].node).clone();
    let alive = masked.then(|| builder.input("go", argument, alive));
    let types = node.inputs.iter().enumerate();
    let inputs: Vec<NodeId> = types
        .map(|(k, id)| builder.input(format!("x{k}"), argument, graph.ty(*id).clone()))
        .collect();
    let mut next = splice(&mut builder, body, &inputs);
    if let Some(alive) = alive {
        for (value, old) in next.iter_mut().zip(&inputs) {
            *value = choose(&mut builder, alive, *value, *old)?;
        }
    }
    let operands: Vec<NodeId> = next.iter().chain(&inputs[carried..]).copied().collect();
    let mut go = splice(&mut builder, head, &operands)[0];
    if let Some(alive) = alive {
        go = builder.add("and", &[alive, go], Attrs::new())?;
    }
    for (k, value) in next.iter().enumerate() {
        builder.output(format!("y{k}"), *value);
    }
    builder.output("go", go);
    Ok(builder.finish())
}

/// Names the graphs that a node calls, informed by their caller.
pub(super) fn called(graph: &Graph, node: &Node) -> Vec<Graph> {
    let sub = |name: &Name| informed(graph, &graph.subgraphs[name]);
    node.calls.iter().map(sub).collect()
}
