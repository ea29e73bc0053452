//! Gives the nodes of each module a graph of their own, and puts a call in their place: the inverse of `inline`.
//!
//! Assumes nothing. Nodes that follow each other and come from one module, as their sources say, become a graph named after the
//! module; its inputs are what they read from outside (parameters under their names inside the module), its results what is read
//! of them. This is done again inside of each such graph, with paths relative to it. Modules whose graphs are equal but for
//! the name share one. Nodes whose results another module takes apart stay where they are, and so do branches of which a part is
//! another module's. A constant is of each module that uses it, whichever came first. The bodies of branches and loops are given graphs in the same way. Linear in the size of the graph.

use std::collections::BTreeSet;
use std::sync::Arc;

use ferrodyne_plan::{Diagnostic, Dim, Facts, Name, Source, Var};
use indexmap::IndexMap;

use super::{Changed, Pass, PassCx};
use crate::graph::{
    Attr, Attrs, Graph, GuardFact, INPUT, Input, InputRole, Node, NodeId, Output, Rewriter,
};

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "outline", doc: "gives each module a graph of its own, and calls it", run };

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    if has_modules(graph) {
        *graph = with_own_constants(graph, cx);
    }
    Ok(outline(graph, cx).into())
}

fn outline(graph: &mut Graph, cx: &PassCx) -> bool {
    let segments = segments(graph);
    if segments.is_empty() {
        return outline_bodies(graph, cx);
    }
    let outside = Outside::of(graph, &segments);
    let mut rewriter = Rewriter::new(graph, cx.rules);
    let mut segments = segments.into_iter().peekable();
    let ids: Vec<NodeId> = rewriter.ids().collect();
    let mut at = 0;
    while at < ids.len() {
        match segments.next_if(|segment| segment.nodes[0] == ids[at]) {
            Some(segment) => {
                at += segment.nodes.len();
                replace(&mut rewriter, &segment, &outside, cx);
            }
            None => {
                rewriter.copy(ids[at]);
                at += 1;
            }
        }
    }
    let mut new = rewriter.finish();
    let used: BTreeSet<Name> = new.nodes.iter().flat_map(|node| node.calls.clone()).collect();
    new.subgraphs.retain(|name, _| used.contains(name));
    *graph = new;
    outline_bodies(graph, cx);
    true
}

/// Whether a node, or one in a body, is a module's.
fn has_modules(graph: &Graph) -> bool {
    graph.nodes.iter().any(|node| node.source.module.is_some())
        || graph.subgraphs.values().any(|body| has_modules(body))
}

/// The graph, in which a constant that a module takes from another, or from none, is its own.
fn with_own_constants(old: &Graph, cx: &PassCx) -> Graph {
    let is_foreign = |user: &Node, operand: &NodeId| {
        let operand = old.node(*operand);
        operand.op.as_str() == "constant" && operand.source.module != user.source.module
    };
    let mut kept: BTreeSet<NodeId> = old.roots().collect();
    for user in &old.nodes {
        kept.extend(user.inputs.iter().filter(|operand| !is_foreign(user, operand)));
    }
    let mut own: IndexMap<(NodeId, Option<Name>), NodeId> = IndexMap::new();
    let mut rewriter = Rewriter::new(old, cx.rules);
    for id in rewriter.ids() {
        let user = old.node(id);
        if user.op.as_str() == "constant" && !kept.contains(&id) {
            continue;
        }
        let mut inputs = Vec::new();
        for operand in &user.inputs {
            inputs.push(match is_foreign(user, operand) {
                false => rewriter.get(*operand),
                true => *own.entry((*operand, user.source.module.clone())).or_insert_with(|| {
                    let source = user.source.clone();
                    rewriter.push_node(Node { source, ..old.node(*operand).clone() })
                }),
            });
        }
        rewriter.copy_with(id, inputs);
    }
    let mut new = rewriter.finish();
    for body in new.subgraphs.values_mut() {
        *body = Arc::new(with_own_constants(body, cx));
    }
    new
}

/// Outlines the bodies of branches and loops; what calls name is outlined already.
fn outline_bodies(graph: &mut Graph, cx: &PassCx) -> bool {
    let nodes = graph.nodes.iter().filter(|node| node.op.as_str() != "call");
    let bodies: BTreeSet<Name> = nodes.flat_map(|node| node.calls.clone()).collect();
    let mut changed = false;
    for name in bodies {
        let Some(body) = graph.subgraphs.get_mut(&name) else { continue };
        let mut outlined = (**body).clone();
        if outline(&mut outlined, cx) {
            *body = Arc::new(outlined);
            changed = true;
        }
    }
    changed
}

/// Nodes of one module that follow each other.
struct Segment {
    /// The first part of the path that they share.
    module: Name,
    nodes: Vec<NodeId>,
}

/// The module of a node at this level: the first part of its path.
fn module_of(node: &Node) -> Option<&str> {
    node.source.module.as_ref()?.split('.').next()
}

fn segments(graph: &Graph) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut last = None;
    for id in graph.ids().filter(|id| graph.node(*id).op.as_str() != INPUT) {
        let module = module_of(graph.node(id));
        match (module, segments.last_mut()) {
            (Some(_), Some(segment)) if last == module => segment.nodes.push(id),
            (Some(name), _) => {
                segments.push(Segment { module: Name::from(name), nodes: vec![id] });
            }
            (None, _) => {}
        }
        last = module;
    }
    segments.retain(|segment| is_closed(graph, segment));
    segments
}

/// Whether calls and the taking of their results are on the same side of a segment's border.
fn is_closed(graph: &Graph, segment: &Segment) -> bool {
    let inside: BTreeSet<NodeId> = segment.nodes.iter().copied().collect();
    let takes = |id: NodeId| graph.node(id).op.as_str() == "result";
    let from_inside = segment
        .nodes
        .iter()
        .filter(|id| takes(**id))
        .all(|id| inside.contains(&graph.node(*id).inputs[0]));
    let has_calls = segment.nodes.iter().any(|id| !graph.node(*id).calls.is_empty());
    let by_inside = !has_calls
        || graph
            .ids()
            .filter(|id| takes(*id) && !inside.contains(id))
            .all(|id| !inside.contains(&graph.node(id).inputs[0]));
    let bodies = segment.nodes.iter().flat_map(|id| &graph.node(*id).calls);
    from_inside
        && by_inside
        && bodies.filter_map(|name| graph.subgraphs.get(name)).all(|b| is_of(b, &segment.module))
}

/// Whether all that a body computes is a module's.
fn is_of(body: &Graph, module: &str) -> bool {
    let mut nodes = body.nodes.iter().filter(|node| node.op.as_str() != INPUT);
    nodes.all(|node| module_of(node) == Some(module))
        && body.subgraphs.values().all(|inner| is_of(inner, module))
}

/// What segments need to know of the graph around them.
struct Outside {
    /// Whether a value is read outside of the segment that it is made in.
    read: Vec<bool>,
    /// Roles of the values that are parameters and buffers.
    roles: IndexMap<NodeId, InputRole>,
    /// Whether all that is known of sizes follows from ranges and guards.
    facts_are_stated: bool,
}

impl Outside {
    fn of(graph: &Graph, segments: &[Segment]) -> Outside {
        let mut segment_of = vec![None; graph.nodes.len()];
        for (number, segment) in segments.iter().enumerate() {
            for id in &segment.nodes {
                segment_of[id.index()] = Some(number);
            }
        }
        let mut read = vec![false; graph.nodes.len()];
        for id in graph.ids() {
            for operand in &graph.node(id).inputs {
                read[operand.index()] |= segment_of[operand.index()] != segment_of[id.index()];
            }
        }
        graph.roots().for_each(|id| read[id.index()] = true);
        let symbols: BTreeSet<Name> = graph.symbols.keys().cloned().collect();
        let facts_are_stated = graph.facts == stated_facts(graph, &symbols);
        let state = |role| matches!(role, InputRole::Parameter | InputRole::Buffer);
        let inputs = graph.inputs.iter().filter(|input| state(input.role));
        let roles = inputs.map(|input| (input.node, input.role)).collect();
        Outside { read, roles, facts_are_stated }
    }
}

/// What follows from the ranges of these symbols and the guards about them.
fn stated_facts(graph: &Graph, symbols: &BTreeSet<Name>) -> Facts {
    let mut facts = Facts::new();
    for (name, info) in graph.symbols.iter().filter(|(name, _)| symbols.contains(*name)) {
        facts.set_range(Var::Sym(name.clone()), info.range);
    }
    for guard in graph.guards.iter().filter(|guard| is_about(&guard.fact, symbols)) {
        match &guard.fact {
            GuardFact::Equal(a, b) => facts.assume_equal(a, b),
            GuardFact::Multiple(a, n) => facts.assume_multiple(a, *n),
            GuardFact::Differ(..) | GuardFact::Within(..) => {}
        }
    }
    facts
}

fn names_of(dim: &Dim) -> impl Iterator<Item = Name> + use<> {
    dim.vars().into_iter().map(|var| var.name().clone())
}

fn is_about(fact: &GuardFact, symbols: &BTreeSet<Name>) -> bool {
    fact.dims().into_iter().flat_map(names_of).all(|name| symbols.contains(&name))
}

/// Puts a call in the place of a segment.
fn replace(rewriter: &mut Rewriter<'_>, segment: &Segment, outside: &Outside, cx: &PassCx) {
    let old = rewriter.old();
    let results: Vec<NodeId> =
        segment.nodes.iter().copied().filter(|id| outside.read[id.index()]).collect();
    if results.is_empty() {
        segment.nodes.iter().for_each(|id| {
            rewriter.copy(*id);
        });
        return;
    }
    let (mut callee, operands) = cut_out(old, segment, &results, &outside.roles);
    callee.facts = match outside.facts_are_stated {
        true => stated_facts(old, &callee.symbols.keys().cloned().collect()),
        false => old.facts.clone(),
    };
    outline(&mut callee, cx);
    let types = results.iter().map(|id| old.ty(*id).clone()).collect::<Vec<_>>();
    let name = share(rewriter, callee);
    let source = Source { module: Some(segment.module.clone()), ..Source::unknown() };
    let bare = Node {
        op: Name::from("call"),
        attrs: Attrs::new(),
        inputs: operands.iter().map(|id| rewriter.get(*id)).collect(),
        types: types.clone(),
        calls: vec![name],
        name: None,
        source,
    };
    let call = rewriter.push_node(bare.clone());
    if let [only] = results.as_slice() {
        return rewriter.replace(*only, call);
    }
    for (index, (id, ty)) in results.into_iter().zip(types).enumerate() {
        let attrs = Attrs::new().with("index", Attr::Int(index as i64));
        let (op, inputs, types, calls) = ("result".into(), vec![call], vec![ty], Vec::new());
        let result = rewriter.push_node(Node { op, attrs, inputs, types, calls, ..bare.clone() });
        rewriter.replace(id, result);
    }
}

/// The graph of a segment, and the values that it is called with.
fn cut_out(
    old: &Graph,
    segment: &Segment,
    results: &[NodeId],
    roles: &IndexMap<NodeId, InputRole>,
) -> (Graph, Vec<NodeId>) {
    let mut graph = Graph { name: segment.module.clone(), ..Graph::default() };
    let mut operands = Vec::new();
    let mut map: IndexMap<NodeId, NodeId> = IndexMap::new();
    let inside: BTreeSet<NodeId> = segment.nodes.iter().copied().collect();
    for id in segment.nodes.iter().flat_map(|id| &old.node(*id).inputs) {
        if !inside.contains(id) && !map.contains_key(id) {
            let role = roles.get(id).copied().unwrap_or(InputRole::Argument);
            map.insert(*id, add_input(&mut graph, old.node(*id), role));
            operands.push(*id);
        }
    }
    for &id in &segment.nodes {
        let mut node = old.node(id).clone();
        node.inputs.iter_mut().for_each(|operand| *operand = map[&*operand]);
        node.source.module = below(node.source.module.as_ref());
        for callee in &node.calls {
            graph
                .subgraphs
                .insert(callee.clone(), Arc::new(seen_from_inside(&old.subgraphs[callee])));
        }
        map.insert(id, graph.push(node));
    }
    for (index, id) in results.iter().enumerate() {
        let name = if results.len() == 1 { "out".to_owned() } else { format!("out{index}") };
        graph.outputs.push(Output { name: Name::from(name), node: map[id] });
    }
    take_symbols(&mut graph, old);
    (graph, operands)
}

/// A body with paths relative to the module that it is in.
fn seen_from_inside(body: &Graph) -> Graph {
    let mut body = body.clone();
    for node in body.nodes_mut() {
        node.source.module = below(node.source.module.as_ref());
    }
    for inner in body.subgraphs.values_mut() {
        *inner = Arc::new(seen_from_inside(inner));
    }
    body
}

/// A path without its first part.
fn below(path: Option<&Name>) -> Option<Name> {
    path?.split_once('.').map(|(_, rest)| Name::from(rest))
}

/// Adds an input to the graph of a module for a value from outside.
fn add_input(graph: &mut Graph, value: &Node, role: InputRole) -> NodeId {
    // A second call of a module is marked by a number; its parameters are the same.
    let module = graph.name.split('#').next().unwrap_or_default();
    let inside = |name: &Name| Some(name.strip_prefix(module)?.strip_prefix('.')?.to_owned());
    let state = role != InputRole::Argument;
    let own = value.name.as_ref();
    let own = own.and_then(|name| inside(name).or_else(|| state.then(|| name.to_string())));
    let stem = own.unwrap_or("x".to_owned());
    let taken = |name: &str| graph.inputs.iter().any(|input| input.name.as_str() == name);
    let numbered = (2..).map(|n| format!("{stem}_{n}"));
    let free = std::iter::once(stem.clone()).chain(numbered).find(|name| !taken(name));
    let name = Name::from(free.expect("the numbers do not end"));
    let node = graph.push(Node {
        op: Name::from(INPUT),
        attrs: Attrs::new(),
        inputs: Vec::new(),
        types: vec![value.ty().clone()],
        calls: Vec::new(),
        name: Some(name.clone()),
        source: Source::unknown(),
    });
    graph.inputs.push(Input { name, role, node });
    node
}

/// Collects the symbols that a graph and the bodies in it use.
fn collect_names(graph: &Graph, used: &mut BTreeSet<Name>) {
    for node in &graph.nodes {
        used.extend(node.types.iter().flat_map(|ty| &ty.dims).flat_map(names_of));
        for (_, attr) in node.attrs.iter() {
            if let Attr::Dims(dims) = attr {
                used.extend(dims.iter().flat_map(names_of));
            }
        }
    }
    graph.subgraphs.values().for_each(|body| collect_names(body, used));
}

/// Declares the symbols that a graph uses, and those that guards tie to them, with these guards.
fn take_symbols(graph: &mut Graph, old: &Graph) {
    let mut used: BTreeSet<Name> = BTreeSet::new();
    collect_names(graph, &mut used);
    let mut known = 0;
    while known < used.len() {
        known = used.len();
        for guard in &old.guards {
            let names: Vec<Name> = guard.fact.dims().into_iter().flat_map(names_of).collect();
            if names.iter().any(|name| used.contains(name)) {
                used.extend(names);
            }
        }
    }
    let symbols = old.symbols.iter().filter(|(name, _)| used.contains(*name));
    graph.symbols = symbols.map(|(name, info)| (name.clone(), info.clone())).collect();
    let guards = old.guards.iter().filter(|g| !used.is_empty() && is_about(&g.fact, &used));
    graph.guards = guards.cloned().collect();
}

/// Adds a graph, unless one that differs in its name alone is there; gives the name to call it by.
fn share(rewriter: &mut Rewriter<'_>, callee: Graph) -> Name {
    let graphs = &mut rewriter.builder().graph_mut().subgraphs;
    let known = graphs.iter().find(|(_, other)| {
        other.nodes == callee.nodes
            && Graph { name: other.name.clone(), ..callee.clone() } == ***other
    });
    if let Some((name, _)) = known {
        return name.clone();
    }
    let numbered = (2..).map(|n| format!("{}_{n}", callee.name));
    let mut names = std::iter::once(callee.name.to_string()).chain(numbered);
    let name = names.find(|name| !graphs.contains_key(name.as_str()));
    let name = Name::from(name.expect("the numbers do not end"));
    graphs.insert(name.clone(), Arc::new(callee));
    name
}
