//! The search for a wrong stage: a fault is planted by a pass of a user's, and must be found and cut down to its heart.

use ferrodyne::bisect::{Bisection, Culprit, bisect};
use ferrodyne::passes::{Graph, PassList, Pattern, Position, UserPass};
use ferrodyne::prelude::*;
use ferrodyne::{CompilerOptions, HostTensor, judge};

use crate::tensor::{devices, sample};

fn captured(device: &Device) -> (Graph, Vec<HostTensor>) {
    let f = compile(|x: &Tensor, y: &Tensor| {
        let a = x.matmul(y).relu().sin() + x.exp();
        let b = a.softmax(-1) * 3.0;
        (b.atan2(&a)).tanh() + b.sum_dim(0, true)
    });
    let (x, y) = (sample(&[5, 5], device), sample(&[5, 5], device));
    f.call((&x, &y)).unwrap();
    let graph = f.explain().unwrap()[0].captured.clone();
    (graph, vec![x.to_host().unwrap(), y.to_host().unwrap()])
}

/// Searches when a pass that swaps the operands of `atan2` runs at a position.
fn with_a_wrong_pass(position: Position, device: &Device) -> Bisection {
    let wrong = UserPass::new("swapping", position, |graph, _| {
        let (find, by) = (Pattern::parse("atan2(?x, ?y)")?, Pattern::parse("atan2(?y, ?x)")?);
        Ok((find.replace(graph, &by)? > 0).into())
    });
    let passes = PassList::default_for(device.target()).with(wrong).unwrap();
    let options = CompilerOptions { passes: Some(passes), ..CompilerOptions::default() };
    let (graph, inputs) = captured(device);
    bisect(&graph, &inputs, device, &options).unwrap()
}

#[test]
fn a_right_graph_has_no_culprit() {
    for device in devices() {
        let (graph, inputs) = captured(&device);
        let found = bisect(&graph, &inputs, &device, &CompilerOptions::default()).unwrap();
        assert_eq!(found.culprit, None);
        let names: Vec<&str> = found.rungs.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["reference", "eager", "no_fusion", "inductor"]);
    }
}

#[test]
fn a_wrong_pass_is_named_and_the_graph_is_cut_down_to_what_it_breaks() {
    let device = Device::cpu();
    for position in [Position::First, Position::After("simplify".into()), Position::Last] {
        let found = with_a_wrong_pass(position.clone(), &device);
        assert!(!found.rungs[1].1.is_wrong(), "eager execution runs no passes");
        assert!(found.rungs[2].1.is_wrong());
        match &found.culprit {
            Some(Culprit::Pass(name, _)) => assert_eq!(name, "swapping", "{position:?}"),
            other => panic!("{position:?}: {other:?}"),
        }
        let small = found.graph.unwrap();
        let operators: Vec<&str> = small.nodes.iter().map(|node| node.op.as_str()).collect();
        assert!(operators.contains(&"atan2"), "{position:?}: {small}");
        assert!(operators.len() <= 5, "{position:?}: {small}");
        assert_eq!(found.inputs.len(), small.inputs.len());
    }
}

#[test]
fn the_smallest_graph_can_be_read_back() {
    let found = with_a_wrong_pass(Position::Last, &Device::cpu());
    let small = found.graph.unwrap();
    let path = std::env::temp_dir().join(format!("ferrodyne-small-{}.fd", std::process::id()));
    std::fs::write(&path, small.text().whole().to_string()).unwrap();
    let model = ferrodyne::Model::load(&path);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(model.unwrap().graph().to_string(), small.to_string());
}

#[test]
fn the_rule_is_there_for_ones_own_tests() {
    let x = sample(&[3], &Device::cpu()).to_host().unwrap();
    assert!(judge(&x, &x, &x).agrees);
}
