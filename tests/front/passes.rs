//! Passes of users, as people write them: find a shape of nodes, replace it, insert nodes, look at the graph, carry it on as Rust.

use std::sync::Mutex;

use ferrodyne::passes::{self, Attrs, Changed, Graph, NodeId, Pattern, Position, UserPass};
use ferrodyne::prelude::*;

use crate::tensor::{close, devices, sample};

#[derive(Module)]
struct Swish {
    gate: Linear,
}

#[module]
impl Swish {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.gate.forward(x);
        &y * ((-&y).exp() + 1).reciprocal()
    }
}

#[derive(Module)]
struct Net {
    first: Swish,
    second: Swish,
}

#[module]
impl Net {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.second.forward(&self.first.forward(x)) * 2
    }
}

fn net(device: &Device) -> Net {
    device.manual_seed(5);
    Net {
        first: Swish { gate: Linear::new(4, 4, device) },
        second: Swish { gate: Linear::new(4, 4, device) },
    }
}

const SWISH: &str = "mul(?x, recip(add(exp(neg(?x)), 1)))";

#[test]
fn a_pattern_is_found_and_replaced_inside_of_modules() {
    static COUNTS: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    passes::register(UserPass::new("swish_is_silu", Position::First, |graph, _| {
        let count = Pattern::parse(SWISH)?.replace(graph, &Pattern::parse("silu(?x)")?)?;
        COUNTS.lock().unwrap().push(count);
        Ok(Changed::from(count > 0))
    }));
    for device in devices() {
        let net = net(&device);
        let x = sample(&[3, 4], &device);
        let model = compile(&net).pass("swish_is_silu").unwrap();
        let want = net.forward(&x).to_vec::<f32>().unwrap();
        close(&model.call(&x).unwrap(), &want, "rewritten");
        let explained = &model.explain().unwrap()[0];
        assert!(explained.passes.starts_with("swish_is_silu, "), "{}", explained.passes);
    }
    // Both blocks are one graph, called twice.
    let counts = COUNTS.lock().unwrap();
    assert!(!counts.is_empty() && counts.iter().all(|count| *count == 1), "{counts:?}");
}

#[test]
fn matches_tell_the_root_and_the_values_of_the_holes() {
    let device = Device::cpu();
    let f = compile(|x: &Tensor, y: &Tensor| (x + y).relu() - (y + x).tanh());
    f.call((&sample(&[3], &device), &sample(&[3], &device))).unwrap();
    let graph = f.explain().unwrap().remove(0).captured;
    let found = Pattern::parse("relu(add(?a, ?b))").unwrap().find(&graph);
    assert_eq!(found.len(), 1);
    assert_eq!(graph.node(found[0].root).op.as_str(), "relu");
    let name = |hole: &str| graph.node(found[0].holes[hole]).name.clone().unwrap();
    assert_eq!((name("a").as_str(), name("b").as_str()), ("x0", "x1"));
}

/// Keeps every sum between two numbers, by nodes inserted behind it.
fn clamp_sums(graph: &mut Graph) -> Result<Changed, ferrodyne::Diagnostic> {
    let sums = Pattern::parse("add(?x, ?y)")?;
    let count = sums.replace_with(graph, |rewriter, found| -> Result<Option<NodeId>, _> {
        let sum = rewriter.copy(found.root);
        let bounds = Attrs::new().float("low", -1.0).float("high", 1.0);
        rewriter.add("clamp", &[sum], bounds).map(Some)
    })?;
    Ok(Changed::from(count > 0))
}

#[test]
fn a_node_is_inserted_behind_others() {
    passes::register(UserPass::new("clamp_sums", Position::First, |graph, _| clamp_sums(graph)));
    for device in devices() {
        let x = sample(&[5], &device);
        let f = compile(|x: &Tensor| (x + 1) * 3).pass("clamp_sums").unwrap();
        let want = ((&x + 1).clamp(-1.0, 1.0) * 3).to_vec::<f32>().unwrap();
        close(&f.call(&x).unwrap(), &want, "with a node more");
    }
}

#[test]
fn a_rewritten_graph_prints_as_a_table_and_as_rust() {
    let device = Device::cpu();
    let f = compile(|x: &Tensor| (x + 1) * 3);
    f.call(&sample(&[5], &device)).unwrap();
    let mut graph = f.explain().unwrap().remove(0).captured;
    clamp_sums(&mut graph).unwrap();
    let table = graph.table();
    assert!(table.lines().any(|line| line.contains("clamp")), "{table}");
    assert!(ferrodyne::code::rust(&graph).contains("clamp"), "{}", ferrodyne::code::rust(&graph));
}

#[test]
fn positions_are_relative_to_passes_that_run() {
    passes::register(UserPass::new("astray", Position::After("no_such_pass".into()), |_, _| {
        Ok(Changed::No)
    }));
    let f = compile(|x: &Tensor| x + 1).pass("astray").unwrap();
    let fault = f.call(&sample(&[2], &Device::cpu())).unwrap_err().to_string();
    assert!(
        fault.contains("`astray` is to run beside `no_such_pass`, which does not run"),
        "{fault}"
    );
    assert!(passes::registered().contains(&"astray".to_owned()));
}
