//! Passes on graphs in text form: text in, text out.

mod agree;
mod basic;
mod pattern;
mod recognise;
mod simplify;
mod user;
mod weights;

use super::{Changed, PassCx, PassList};
use crate::graph::{Graph, ParseCx, parse};
use crate::ops::Table;

fn graph(inputs: &str, body: &str) -> Graph {
    let text = format!("graph f({inputs}) where n in 1.. {{\n{body}\n}}");
    parse(&text, ParseCx::new(&Table)).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
}

/// The body of a graph after passes, without types: one statement a line.
fn body(graph: &Graph) -> String {
    let text = graph.to_string();
    let lines = text.lines().skip(1).filter(|line| *line != "}");
    lines.map(|line| line.trim().split(" : ").next().unwrap_or("").to_owned() + "\n").collect()
}

/// Runs passes on a graph of these inputs and this body; gives the body afterwards.
fn after(passes: &str, inputs: &str, text: &str) -> String {
    let mut graph = graph(inputs, text);
    let guards = graph.guards.clone();
    let list = PassList::named(passes).unwrap();
    list.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
    crate::graph::verify(&graph, &Table).unwrap();
    assert_eq!(graph.guards, guards, "no pass adds or drops a guard");
    body(&graph)
}

/// Checks that passes leave a graph as it is, and say so.
fn unchanged(passes: &str, inputs: &str, text: &str) {
    let mut graph = graph(inputs, text);
    let before = graph.clone();
    let list = PassList::named(passes).unwrap();
    let changed = list.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
    assert_eq!((changed, graph.to_string()), (Changed::No, before.to_string()));
}
