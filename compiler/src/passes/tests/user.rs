//! Passes of users: where they run, and what happens when they go wrong.

use super::{body, graph};
use crate::graph::NodeId;
use crate::passes::{Changed, PassCx, PassList, Pattern, Position, UserPass};

fn doubling(position: Position) -> UserPass {
    UserPass::new("doubling", position, |graph, _| {
        let (find, by) = (Pattern::parse("add(?x, ?x)")?, Pattern::parse("mul(?x, 2)")?);
        Ok((find.replace(graph, &by)? > 0).into())
    })
}

#[test]
fn a_pass_runs_where_it_was_put() {
    let list = || PassList::named("inline, dce, cse, dce").unwrap();
    let with = |position| list().with(doubling(position)).unwrap().to_string();
    assert_eq!(with(Position::First), "doubling, inline, dce, cse, dce");
    assert_eq!(with(Position::Last), "inline, dce, cse, dce, doubling");
    assert_eq!(with(Position::Before("dce".into())), "inline, doubling, dce, cse, dce");
    assert_eq!(with(Position::After("dce".into())), "inline, dce, cse, dce, doubling");
    let fault = list().with(doubling(Position::After("layout".into()))).unwrap_err().to_string();
    assert_eq!(
        fault,
        "`doubling` is to run beside `layout`, which does not run\n  help: these run: inline, dce, cse, dce"
    );
}

#[test]
fn a_pass_rewrites_the_graph() {
    let mut graph = graph("%x: f32[n]", "%a = add %x %x return %a");
    let list = PassList::named("dce").unwrap().with(doubling(Position::First)).unwrap();
    list.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
    assert!(body(&graph).contains("mul %x"), "{graph}");
}

#[test]
fn a_pass_that_breaks_the_graph_is_named() {
    let broken = UserPass::new("breaking", Position::First, |graph, _| {
        let last = graph.nodes.len() - 1;
        graph.node_mut(NodeId(last as u32)).inputs = vec![NodeId(99)];
        Ok(Changed::Yes)
    });
    let mut graph = graph("%x: f32[n]", "%a = sin %x return %a");
    let list = PassList::empty().with(broken).unwrap();
    let fault = list.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap_err().to_string();
    assert!(fault.contains("after the pass `breaking`"), "{fault}");
}
