//! Checks that a graph is well formed: a graph in, nothing or the first fault out.
//!
//! Promised after it: operands stand before their users; every operator exists and has the attributes its row states;
//! every type is what the operator's rule gives, under the facts and guards that the graph already holds; inputs and
//! their nodes belong together; names of inputs and outputs are unique; every symbol is declared.
//! A fault found here is the compiler's, not the user's, unless the graph came from text.

use std::collections::BTreeSet;

use ferrodyne_plan::{Diagnostic, Dim, Proof, Var};

use super::build::{called, value_name};
use super::{Attrs, Graph, Guard, GuardFact, Node, NodeId, OpRules, TensorType, TypeCx};

/// The operator of nodes that stand for inputs.
pub const INPUT: &str = "input";

/// Checks a graph and the graphs that it calls.
///
/// # Errors
/// The first fault, with the node it was found at.
pub fn verify(graph: &Graph, rules: &dyn OpRules) -> Result<(), Diagnostic> {
    inputs(graph)?;
    names(graph)?;
    let mut facts = graph.facts.clone();
    let mut guards = graph.guards.clone();
    for id in graph.ids() {
        let node = graph.node(id);
        order(graph, id, node)?;
        for dim in node.types.iter().flat_map(|ty| &ty.dims) {
            declared(graph, dim).map_err(|text| fault(graph, id, text))?;
        }
        if node.op.as_str() != INPUT {
            attributes(graph, id, node, rules)?;
            types(graph, id, node, rules, &mut facts, &mut guards)?;
        }
    }
    roots(graph)?;
    for guard in &graph.guards {
        guard_declared(graph, guard)?;
    }
    graph.subgraphs.values().try_for_each(|sub| verify(sub, rules))
}

fn fault(graph: &Graph, id: NodeId, text: impl std::fmt::Display) -> Diagnostic {
    let node = graph.node(id);
    let name = value_name(graph, id);
    let message = format!("graph `{}`: node `{name}` ({}): {text}", graph.name, node.op);
    Diagnostic::new("graph", message).at(node.source.clone())
}

fn broken(graph: &Graph, text: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::new("graph", format!("graph `{}`: {text}", graph.name))
}

/// Inputs and nodes of the operator `input` belong to each other, one to one.
fn inputs(graph: &Graph) -> Result<(), Diagnostic> {
    let mut seen = BTreeSet::new();
    for input in &graph.inputs {
        let node = graph.nodes.get(input.node.index());
        let node =
            node.ok_or_else(|| broken(graph, format_args!("input `{}` has no node", input.name)))?;
        if node.op.as_str() != INPUT || node.name.as_ref() != Some(&input.name) {
            return Err(fault(
                graph,
                input.node,
                format_args!("is not the input `{}`", input.name),
            ));
        }
        if !node.attrs.is_empty() || !node.inputs.is_empty() || node.types.len() != 1 {
            return Err(fault(graph, input.node, "an input has one type and nothing else"));
        }
        if !seen.insert(input.node) {
            return Err(fault(graph, input.node, "is two inputs"));
        }
    }
    let mut nodes = graph.ids().filter(|id| graph.node(*id).op.as_str() == INPUT);
    match nodes.find(|id| !seen.contains(id)) {
        Some(id) => Err(fault(graph, id, "is not among the inputs")),
        None => Ok(()),
    }
}

fn names(graph: &Graph) -> Result<(), Diagnostic> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = graph.inputs.iter().find(|i| !seen.insert(&i.name)) {
        return Err(broken(graph, format_args!("two inputs are called `{}`", twice.name)));
    }
    seen.clear();
    match graph.outputs.iter().find(|o| !seen.insert(&o.name)) {
        Some(twice) => Err(broken(graph, format_args!("two outputs are called `{}`", twice.name))),
        None => Ok(()),
    }
}

fn order(graph: &Graph, id: NodeId, node: &Node) -> Result<(), Diagnostic> {
    match node.inputs.iter().find(|operand| **operand >= id) {
        Some(late) => {
            Err(fault(graph, id, format_args!("its operand %{} stands after it", late.0)))
        }
        None => Ok(()),
    }
}

fn declared(graph: &Graph, dim: &Dim) -> Result<(), String> {
    let missing = dim.vars().into_iter().find(|var| match var {
        Var::Sym(name) => !graph.symbols.contains_key(name),
        Var::Axis(_) => true,
        Var::Data(_) => false,
    });
    match missing {
        Some(var) => Err(format!("`{var}` is not among the graph's symbols")),
        None => Ok(()),
    }
}

fn attributes(
    graph: &Graph,
    id: NodeId,
    node: &Node,
    rules: &dyn OpRules,
) -> Result<(), Diagnostic> {
    let Some(specs) = rules.attrs(&node.op) else {
        return Err(fault(graph, id, format_args!("`{}` is no operator", node.op)));
    };
    check_attrs(&node.attrs, specs).map_err(|text| fault(graph, id, text))?;
    for (_, attr) in node.attrs.iter() {
        if let super::Attr::Dims(dims) = attr {
            for dim in dims {
                declared(graph, dim).map_err(|text| fault(graph, id, text))?;
            }
        }
    }
    match node.calls.iter().find(|callee| !graph.subgraphs.contains_key(*callee)) {
        Some(callee) => Err(fault(graph, id, format_args!("there is no graph `{callee}` to call"))),
        None => Ok(()),
    }
}

/// Whether attributes are those that an operator has.
///
/// # Errors
/// A text that names the attribute which is missing, unknown or of another kind.
pub fn check_attrs(attrs: &Attrs, specs: &[super::AttrSpec]) -> Result<(), String> {
    for spec in specs {
        match attrs.get(spec.name) {
            None if spec.optional => {}
            None => return Err(format!("the attribute `{}` is missing: {}", spec.name, spec.kind)),
            Some(attr) if attr.kind() == spec.kind => {}
            Some(attr) => {
                let (name, want, got) = (spec.name, spec.kind, attr.kind());
                return Err(format!("the attribute `{name}` must hold {want}, not {got}"));
            }
        }
    }
    match attrs.iter().find(|(name, _)| !specs.iter().any(|spec| spec.name == name.as_str())) {
        Some((name, _)) => Err(format!("the operator has no attribute `{name}`")),
        None => Ok(()),
    }
}

fn types(
    graph: &Graph,
    id: NodeId,
    node: &Node,
    rules: &dyn OpRules,
    facts: &mut ferrodyne_plan::Facts,
    guards: &mut Vec<Guard>,
) -> Result<(), Diagnostic> {
    let known = guards.len();
    let inputs: Vec<&TensorType> = node.inputs.iter().map(|&i| graph.ty(i)).collect();
    let names: Vec<_> = node.inputs.iter().map(|&i| value_name(graph, i)).collect();
    let results = node.inputs.first().map_or(&[][..], |&i| &graph.node(i).types);
    let calls = called(graph, &node.calls);
    let hint = |dim: &Dim| graph.hint(dim);
    let mut cx = TypeCx {
        op: &node.op,
        attrs: &node.attrs,
        inputs: &inputs,
        names: &names,
        calls: &calls.iter().map(|sub| &**sub).collect::<Vec<_>>(),
        results,
        facts,
        guards,
        hint: &hint,
        source: &node.source,
    };
    let types = rules.types(&node.op, &mut cx)?;
    if let Some(guard) = guards.get(known) {
        return Err(fault(graph, id, format_args!("needs the guard {}", guard.fact)));
    }
    let agree = types.len() == node.types.len()
        && types.iter().zip(&node.types).all(|(a, b)| same_type(a, b, facts));
    if agree {
        return Ok(());
    }
    let list =
        |types: &[TensorType]| types.iter().map(|t| t.to_string()).collect::<Vec<_>>().join(", ");
    let (want, got) = (list(&types), list(&node.types));
    Err(fault(graph, id, format_args!("its type is {want}, not {got}")))
}

/// Whether two types are equal under what is known of the sizes.
pub fn same_type(a: &TensorType, b: &TensorType, facts: &ferrodyne_plan::Facts) -> bool {
    a.dtype == b.dtype
        && a.dims.len() == b.dims.len()
        && a.dims.iter().zip(&b.dims).all(|(a, b)| a == b || facts.prove_eq(a, b) == Proof::Yes)
}

fn roots(graph: &Graph) -> Result<(), Diagnostic> {
    for output in &graph.outputs {
        if output.node.index() >= graph.nodes.len() {
            return Err(broken(graph, format_args!("the output `{}` has no node", output.name)));
        }
    }
    for &(input, value) in &graph.write_backs {
        let (Some(input), true) = (graph.inputs.get(input), value.index() < graph.nodes.len())
        else {
            return Err(broken(graph, "a value is written back to no input, or from no node"));
        };
        let (want, got) = (graph.ty(input.node), graph.ty(value));
        if !same_type(want, got, &graph.facts) {
            let text = format!("is {got}, but `{}`, which takes it, is {want}", input.name);
            return Err(fault(graph, value, text));
        }
    }
    Ok(())
}

fn guard_declared(graph: &Graph, guard: &Guard) -> Result<(), Diagnostic> {
    let dims = match &guard.fact {
        GuardFact::Equal(a, b) | GuardFact::Differ(a, b) => vec![a, b],
        GuardFact::Within(a, _) | GuardFact::Multiple(a, _) => vec![a],
    };
    dims.into_iter()
        .try_for_each(|dim| declared(graph, dim))
        .map_err(|text| broken(graph, format_args!("guard {}: {text}", guard.fact)))
}
