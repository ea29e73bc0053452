//! Patterns in text: what they find, and what they put in its place.

use super::{body, graph};
use crate::graph::verify;
use crate::ops::Table;
use crate::passes::{PassCx, PassList, Pattern};

fn pattern(text: &str) -> Pattern {
    Pattern::parse(text).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The body of a graph after a replacement and `dce`, with how often it was done.
fn replaced(inputs: &str, text: &str, find: &str, by: &str) -> (usize, String) {
    let mut graph = graph(inputs, text);
    let count = pattern(find).replace(&mut graph, &pattern(by)).unwrap();
    verify(&graph, &Table).unwrap();
    let dce = PassList::named("dce").unwrap();
    dce.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
    (count, body(&graph))
}

#[test]
fn holes_stand_for_any_value_and_one_name_for_one_value() {
    let found = replaced(
        "%x: f32[n], %y: f32[n]",
        "%a = add %x %x %b = add %x %y %c = mul %a %b return %c",
        "add(?v, ?v)",
        "mul(?v, 2)",
    );
    let want = "%b = add %x %y\n%0 = constant {value=f32[](2)}\n%a = mul %x %0\n%c = mul %a %b\nreturn %c\n";
    assert_eq!(found.0, 1);
    assert_eq!(found.1.lines().count(), want.lines().count(), "{}", found.1);
    assert!(found.1.contains("mul %x"), "{}", found.1);
    assert!(found.1.contains("add %x %y"), "{}", found.1);
}

#[test]
fn operands_of_commutative_operators_match_in_either_order() {
    for text in
        ["%a = mul %x %y %b = add %a %z return %b", "%a = mul %x %y %b = add %z %a return %b"]
    {
        let graph = graph("%x: f32[n], %y: f32[n], %z: f32[n]", text);
        let found = pattern("add(mul(?p, ?q), ?r)").find(&graph);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(graph.node(found[0].holes["r"]).name.as_ref().unwrap().as_str(), "z");
    }
    let graph = graph("%x: f32[n]", "%a = sin %x %b = sub %x %a return %b");
    assert!(pattern("sub(sin(?p), ?q)").find(&graph).is_empty());
}

#[test]
fn attributes_that_are_written_must_be_equal() {
    let graph = graph("%x: f32[n, n]", "%a = softmax %x {axis=0} return %a");
    assert_eq!(pattern("softmax(?x, axis=0)").find(&graph).len(), 1);
    assert_eq!(pattern("softmax(?x)").find(&graph).len(), 1);
    assert!(pattern("softmax(?x, axis=1)").find(&graph).is_empty());
}

#[test]
fn what_is_put_in_place_must_have_the_same_type() {
    let mut graph = graph("%x: f32[n, n]", "%a = neg %x return %a");
    let fault = pattern("neg(?x)").replace(&mut graph, &pattern("sum(?x, axes=[0])")).unwrap_err();
    assert_eq!(fault.message, "what is to stand for `neg` is f32[n], but `neg` is f32[n, n]");
    let fault = pattern("neg(?x)").replace(&mut graph, &pattern("neg(?y)")).unwrap_err();
    assert_eq!(fault.message, "there is no hole ?y; there are: ?x");
}

#[test]
fn faults_of_a_pattern_name_the_place() {
    let fault = |text: &str| Pattern::parse(text).unwrap_err().message;
    assert_eq!(fault("ad(?x)"), "`ad(?x)`, column 1: there is no operator `ad`");
    let text = fault("softmax(?x, axs=1)");
    assert!(text.contains("`softmax` has no attribute `axs`: axis"), "{text}");
    assert!(fault("add(?x").contains("expected `,`"), "{}", fault("add(?x"));
}
