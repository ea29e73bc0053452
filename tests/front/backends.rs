//! Choosing a backend by name, writing one, and passes of one's own.

use std::sync::atomic::{AtomicUsize, Ordering};

use ferrodyne::passes::{self, Graph, Pattern, Position, UserPass};
use ferrodyne::prelude::*;
use ferrodyne::{Backend, Executable, Result, backends, compile_graph, register_backend};

use crate::tensor::{close, devices, sample};

static COMPILED: AtomicUsize = AtomicUsize::new(0);

/// Counts what it compiles and leaves the work to the interpreter.
struct Counting;

impl Backend for Counting {
    fn compile(&self, graph: &Graph, device: &Device) -> Result<Box<dyn Executable>> {
        assert!(graph.to_string().contains("tanh"), "a backend receives the captured graph");
        COMPILED.fetch_add(1, Ordering::Relaxed);
        compile_graph(graph, device, "reference")
    }
}

#[compile(backend = "counting")]
fn counted(x: &Tensor) -> Result<Tensor> {
    Ok(x.tanh() + 1.0)
}

#[test]
fn a_backend_of_ones_own_receives_the_graph_once_a_program() {
    register_backend("counting", Counting).unwrap();
    assert!(backends().contains(&"counting".to_owned()));
    for device in devices() {
        let x = sample(&[4, 5], &device);
        let want: Vec<f32> = x.to_vec::<f32>().unwrap().iter().map(|v| v.tanh() + 1.0).collect();
        let before = COMPILED.load(Ordering::Relaxed);
        for _ in 0..3 {
            close(&counted(&x).unwrap(), &want, "counting");
        }
        assert_eq!(COMPILED.load(Ordering::Relaxed), before + 1);
    }
    let fault = register_backend("counting", Counting).unwrap_err().to_string();
    assert!(fault.contains("there is a backend `counting` already"), "{fault}");
}

#[compile(backend = "nowhere")]
fn nowhere(x: &Tensor) -> Result<Tensor> {
    Ok(x.sin())
}

#[test]
fn an_unknown_backend_is_told_with_the_choices() {
    let x = Tensor::ones([2], &Device::cpu());
    for fault in [
        nowhere(&x).unwrap_err().to_string(),
        compile(|x: &Tensor| x.sin()).backend("nowhere").err().unwrap().to_string(),
    ] {
        assert!(
            fault.starts_with(
                "there is no backend `nowhere`; there are: inductor, no_fusion, eager, reference"
            ),
            "{fault}"
        );
    }
}

#[test]
fn every_backend_gives_the_same_numbers() {
    for device in devices() {
        let (x, y) = (sample(&[3, 4], &device), sample(&[4, 3], &device));
        let f = |x: &Tensor, y: &Tensor| x.matmul(y).relu().softmax(1);
        let want = f(&x, &y).to_vec::<f32>().unwrap();
        for name in ["inductor", "no_fusion", "eager", "reference"] {
            let compiled = compile(f).backend(name).unwrap();
            close(&compiled.call((&x, &y)).unwrap(), &want, name);
        }
    }
}

#[test]
fn a_registered_pass_changes_what_is_compiled() {
    passes::register(UserPass::new("no_tanh", Position::First, |graph, _| {
        let (find, by) = (Pattern::parse("tanh(?x)")?, Pattern::parse("mul(?x, 3)")?);
        Ok((find.replace(graph, &by)? > 0).into())
    }));
    let x = Tensor::ones([2], &Device::cpu());
    let f = |x: &Tensor| x.tanh() + 1.0;
    let changed = compile(f).pass("no_tanh").unwrap();
    assert_eq!(changed.call(&x).unwrap().to_vec::<f32>().unwrap(), [4.0, 4.0]);
    let plain = compile(f);
    close(&plain.call(&x).unwrap(), &[1f32.tanh() + 1.0; 2], "a pass is chosen, not imposed");
    let fault = compile(f).pass("no_such").err().unwrap().to_string();
    assert!(fault.starts_with("no pass `no_such` is registered"), "{fault}");
}

#[test]
fn a_graph_prints_as_a_table() {
    let f = compile(|x: &Tensor| x.tanh() + 1.0);
    f.call(&Tensor::ones([2], &Device::cpu())).unwrap();
    let table = f.explain().unwrap()[0].captured.table();
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("node  operator  operands  type"), "{table}");
    assert!(table.contains("tanh"), "{table}");
    assert!(table.contains("tests/front/backends.rs:"), "sources stand in the table: {table}");
}
