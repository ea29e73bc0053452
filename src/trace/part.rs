//! Where two graphs part: the first node in which they differ.

use ferrodyne_compiler::graph::{Graph, INPUT, Node};
use ferrodyne_compiler::passes::{PassCx, PassList};

/// The first difference of two graphs: what stands in each of them, and where the first one's node was made.
pub(super) struct Parting {
    pub(super) one: String,
    pub(super) other: String,
    pub(super) source: String,
}

/// Where two recordings part, modules inlined; `None` when they are the same but for names and sources.
pub(super) fn parting(one: &Graph, other: &Graph) -> Option<Parting> {
    let (one, other) = (inlined(one), inlined(other));
    nodes_part(&one, &other).or_else(|| {
        let results = |graph: &Graph| graph.roots().collect::<Vec<_>>();
        (results(&one) != results(&other)).then(|| Parting {
            one: results_text(&one),
            other: results_text(&other),
            source: String::new(),
        })
    })
}

fn inlined(graph: &Graph) -> Graph {
    let mut inlined = graph.clone();
    let pass = PassList::named("inline");
    let done = pass.and_then(|pass| pass.run(&mut inlined, &PassCx::default(), &mut |_, _| {}));
    // Graphs that cannot be inlined are compared as they are.
    if done.is_ok() { inlined } else { graph.clone() }
}

fn results_text(graph: &Graph) -> String {
    let labels: Vec<String> = graph.roots().map(|node| label(graph, node.index())).collect();
    format!("return {}", labels.join(" "))
}

fn nodes_part(one: &Graph, other: &Graph) -> Option<Parting> {
    let longest = one.nodes.len().max(other.nodes.len());
    for at in 0..longest {
        let (a, b) = (one.nodes.get(at), other.nodes.get(at));
        let inner = a.zip(b).and_then(|(a, b)| {
            same(a, b).then(|| {
                let bodies = a.calls.iter().zip(&b.calls);
                bodies
                    .filter_map(|(a, b)| Some((one.subgraphs.get(a)?, other.subgraphs.get(b)?)))
                    .find_map(|(a, b)| nodes_part(a, b))
            })
        });
        match inner {
            Some(None) => {}
            Some(found) => return found,
            None => {
                let known = a.or(b).filter(|node| !node.source.is_unknown());
                return Some(Parting {
                    one: text(one, at),
                    other: text(other, at),
                    source: known.map(|node| node.source.to_string()).unwrap_or_default(),
                });
            }
        }
    }
    None
}

/// Whether two nodes compute the same of the same operands, to the bit.
fn same(a: &Node, b: &Node) -> bool {
    a.op == b.op
        && a.inputs == b.inputs
        && a.types == b.types
        && a.calls.len() == b.calls.len()
        && crate::capture::same_attrs(&a.attrs, &b.attrs)
}

/// A node as it would stand in a graph's text.
fn text(graph: &Graph, at: usize) -> String {
    let Some(node) = graph.nodes.get(at) else { return "nothing more".to_owned() };
    let calls = node.calls.iter().map(|call| format!(" @{call}"));
    let operands = node.inputs.iter().map(|input| format!(" {}", label(graph, input.index())));
    let attrs = if node.attrs.is_empty() { String::new() } else { format!(" {}", node.attrs) };
    let types: Vec<String> = node.types.iter().map(ToString::to_string).collect();
    let words: String = calls.chain(operands).collect();
    format!("{}{words}{attrs} : {}", node.op, types.join(", "))
}

fn label(graph: &Graph, at: usize) -> String {
    let node = &graph.nodes[at];
    match &node.name {
        Some(name) if node.op.as_str() == INPUT => format!("%{name}"),
        _ => format!("%{at}"),
    }
}
