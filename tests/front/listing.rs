//! A captured graph as Rust: the listing is a file of this test, so that it is compiled, and it must compute the same numbers.

use expect_test::expect_file;
use ferrodyne::prelude::*;

use super::{generated, generated_branch, generated_scan};
use crate::tensor::{close, devices, sample};

#[derive(Module)]
struct Block {
    first: Linear,
    norm: LayerNorm,
}

#[module]
impl Block {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.norm.forward(&self.first.forward(x).gelu("none")) + x
    }
}

#[derive(Module)]
struct Network {
    blocks: Vec<Block>,
}

#[module]
impl Network {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.clone();
        for block in &self.blocks {
            y = block.forward(&y);
        }
        let rows = x.dim(0);
        let table = Tensor::from_vec((0..24).map(|v| v as f32).collect(), [4, 6], x.device());
        let cut = y.narrow(-1, 0, 4).reshape(shape![rows, 2, -1]).sum_dim(-1, false);
        (cut.softmax(-1) * 2.0).matmul(&table.narrow(0, 1, 2)).clamp(-3.0, 30.0)
    }
}

fn network(device: &Device) -> Network {
    device.manual_seed(7);
    let block = || Block { first: Linear::new(6, 6, device), norm: LayerNorm::new(&[6], device) };
    Network { blocks: vec![block(), block()] }
}

#[test]
fn a_listing_compiles_and_computes_the_same_numbers() {
    for device in devices() {
        let model = compile(network(&device)).dynamic(0, 0, "batch", 1..=64).named("network");
        let x = sample(&[5, 6], &device);
        let want = model.call(&x).unwrap().to_vec::<f32>().unwrap();
        let explained = model.explain().unwrap();
        let text = ferrodyne::code::rust(&explained[0].captured);
        let header =
            "//! Written by `ferrodyne::code::rust` from the graph of a test; do not edit.\n\n";
        expect_file!["generated.rs"].assert_eq(&format!("{header}{text}"));
        let w: Vec<Tensor> =
            model.inner().named_parameters().into_iter().map(|(_, p)| p.tensor()).collect();
        let table = Tensor::from_vec((0..24).map(|v| v as f32).collect(), [4, 6], &device);
        let got =
            generated::network(&x, &w[0], &w[1], &w[2], &w[3], &w[4], &w[5], &w[6], &w[7], &table);
        close(&got, &want, "the listing");
    }
}

#[derive(Module)]
struct Gate {
    left: Linear,
    right: Linear,
}

#[module]
impl Gate {
    fn forward(&self, x: &Tensor) -> (Tensor, Tensor) {
        let y = if x.sum() > 0 { self.left.forward(x) } else { self.right.forward(x) };
        let scale = if y.mean() > 0 { x.ones_like() } else { x.zeros_like() };
        (y, scale)
    }
}

#[test]
fn a_listing_of_branches_compiles_and_takes_the_right_side() {
    for device in devices() {
        device.manual_seed(7);
        let gate = Gate { left: Linear::new(3, 3, &device), right: Linear::new(3, 3, &device) };
        let x = sample(&[2, 3], &device);
        let options = ferrodyne::TraceOptions::new().named("gate").arguments(&["x"]);
        let traced = ferrodyne::trace_with(&gate, &x, options).unwrap();
        let header =
            "//! Written by `ferrodyne::code::rust` from the graph of a test; do not edit.\n\n";
        expect_file!["generated_branch.rs"].assert_eq(&format!("{header}{}", traced.code()));
        let w: Vec<Tensor> = gate.named_parameters().into_iter().map(|(_, p)| p.tensor()).collect();
        for k in [-3, -1, 1, 2] {
            let x = &x * k;
            let got = generated_branch::gate(&x, &w[0], &w[1], &w[2], &w[3]);
            let want = gate.forward(&x);
            close(&got.0, &want.0.to_vec::<f32>().unwrap(), "the value");
            close(&got.1, &want.1.to_vec::<f32>().unwrap(), "the scale");
        }
    }
}

fn running(x: &Tensor, factor: &Tensor) -> (Tensor, Tensor) {
    ferrodyne::flow::scan(
        |sum: &Tensor, row: &Tensor| {
            let next = sum + row * factor;
            (next.clone(), next.relu())
        },
        x.sum_dim(0, false) * 0.0,
        x,
    )
}

#[test]
fn a_listing_of_a_walk_along_a_tensor_compiles_and_gives_the_same() {
    for device in devices() {
        let (x, factor) = (sample(&[5, 3], &device), Tensor::scalar(0.5, &device));
        let options = ferrodyne::TraceOptions::new().named("running").arguments(&["x", "factor"]);
        let call = |x: &Tensor, factor: &Tensor| running(x, factor);
        let traced = ferrodyne::trace_with(call, (&x, &factor), options).unwrap();
        let header =
            "//! Written by `ferrodyne::code::rust` from the graph of a test; do not edit.\n\n";
        expect_file!["generated_scan.rs"].assert_eq(&format!("{header}{}", traced.code()));
        let (got, want) = (generated_scan::running(&x, &factor), running(&x, &factor));
        close(&got.0, &want.0.to_vec::<f32>().unwrap(), "the state");
        close(&got.1, &want.1.to_vec::<f32>().unwrap(), "the rows");
    }
}

#[test]
fn a_loop_on_a_tensor_is_listed_as_a_while() {
    let text = "graph doubling(%x: f32[2], %top: f32[]) {
        head = graph head(%y: f32[2], %top: f32[]) {
            %0 = sum %y {axes=[0], keepdim=false} : f32[]
            %1 = lt %0 %top : bool[]
            return %1 as go
        }
        body = graph body(%y: f32[2], %top: f32[]) {
            %0 = add %y %y : f32[2]
            return %0 as next
        }
        %0 = while @head @body %x %top {carried=1} : f32[2]
        %1 = result %0 {index=0} : f32[2]
        return %1 as y
    }";
    let path = std::env::temp_dir().join(format!("ferrodyne-while-{}.fd", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let model = ferrodyne::Model::load(&path);
    std::fs::remove_file(&path).unwrap();
    let code = ferrodyne::code::rust(model.unwrap().graph());
    let lines = [
        "#[compile]\npub fn doubling(x: &Tensor, top: &Tensor) -> Tensor {",
        "let v2 = { let mut state = x.clone(); while head(&state, top) { state = body(&state); } state };",
    ];
    lines.iter().for_each(|line| assert!(code.contains(line), "no `{line}` in:\n{code}"));
}
