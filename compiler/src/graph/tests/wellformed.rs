//! The verifier finds each kind of fault, and names the node.

use ferrodyne_plan::{DType, Dim};

use super::vocabulary::{Few, cx};
use crate::graph::analysis::{depends_only_on_weights, live, post_dominators, reaches, users};
use crate::graph::{Graph, Guard, GuardFact, NodeId, TensorType, parse, verify};

fn graph() -> Graph {
    let text = "graph f(%x: f32[n], %y: f32[m], parameter %w: f32[3]) where n in 0.., m in 0.. {
      %a = add %x %y
      %b = neg %a
      %c = neg %w
      return %b, %c
    }";
    parse(text, cx()).unwrap()
}

#[test]
fn each_fault_is_named() {
    type Break = fn(&mut Graph);
    let cases: [(Break, &str); 12] = [
        (
            |g| g.node_mut(NodeId(4)).inputs[0] = NodeId(5),
            "node `b` (neg): its operand %5 stands after it",
        ),
        (|g| g.node_mut(NodeId(4)).op = "sin".into(), "node `b` (sin): `sin` is no operator"),
        (
            |g| g.node_mut(NodeId(4)).types[0].dtype = DType::I32,
            "node `b` (neg): its type is f32[n], not i32[n]",
        ),
        (|g| g.guards.clear(), "graph `f`: node `a` (add): needs the guard n == m"),
        (|g| g.inputs[1].name = "x".into(), "node `y` (input): is not the input `x`"),
        (|g| g.outputs[1].name = "b".into(), "two outputs are called `b`"),
        (|g| g.outputs[1].node = NodeId(9), "the output `c` has no node"),
        (|g| g.inputs.truncate(2), "node `w` (input): is not among the inputs"),
        (
            |g| g.symbols.retain(|name, _| name.as_str() != "m"),
            "`m` is not among the graph's symbols",
        ),
        (|g| g.write_backs.push((2, NodeId(4))), "is f32[n], but `w`, which takes it, is f32[3]"),
        (
            |g| g.node_mut(NodeId(4)).attrs = crate::graph::Attrs::new().int("bool", 1),
            "the attribute `bool` must hold a truth value, not an integer",
        ),
        (|g| g.node_mut(NodeId(4)).calls.push("h".into()), "there is no graph `h` to call"),
    ];
    for (make, want) in cases {
        let mut graph = graph();
        make(&mut graph);
        if want.contains("guard") {
            graph.facts = Default::default();
        }
        let fault = verify(&graph, &Few).unwrap_err().to_string();
        assert!(fault.contains(want), "{fault}\nbut expected: {want}");
    }
}

#[test]
fn guards_about_unknown_symbols_are_found() {
    let mut graph = graph();
    let fact = GuardFact::Multiple(Dim::sym("k"), 4);
    graph.guards.push(Guard { fact, source: Default::default(), op: "add".into() });
    let fault = verify(&graph, &Few).unwrap_err().to_string();
    assert!(fault.contains("guard k % 4 == 0: `k` is not among"), "{fault}");
}

#[test]
fn types_may_be_spelled_in_equal_sizes() {
    let mut graph = graph();
    graph.node_mut(NodeId(4)).types[0] = TensorType::new(DType::F32, [Dim::sym("m")]);
    verify(&graph, &Few).unwrap();
}

#[test]
fn analyses_answer_for_every_node() {
    let mut graph = graph();
    let [x, a, b, c] = [NodeId(0), NodeId(3), NodeId(4), NodeId(5)];
    assert_eq!(users(&graph).of(a), &[b]);
    assert_eq!(users(&graph).only(a), Some(b));
    assert_eq!(users(&graph).only(b), None);
    assert!(reaches(&graph, x, b));
    assert!(!reaches(&graph, x, c));
    assert_eq!(post_dominators(&graph).of(x), Some(a));
    assert_eq!(post_dominators(&graph).of(b), None);
    let weights = depends_only_on_weights(&graph);
    assert_eq!(weights, [false, false, true, false, false, true]);
    graph.outputs.remove(0);
    assert_eq!(live(&graph), [false, false, true, false, false, true]);
}
