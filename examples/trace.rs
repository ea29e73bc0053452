//! A module traced on an example: its graph, its listing, its submodules, and what a trace cannot keep.
//!
//! ```text
//! cargo run --example trace -- --device cpu
//! ```

use ferrodyne::prelude::*;
use ferrodyne::trace;

#[derive(Module)]
struct Decision {
    scale: Linear,
}

#[module]
impl Decision {
    /// Code under `#[module]` and `#[compile]` keeps both of its branches in a trace.
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.scale.forward(x);
        if y.sum() > 0 { y } else { -y }
    }
}

#[derive(Module)]
struct MyCell {
    gate: Decision,
    linear: Linear,
}

#[module]
impl MyCell {
    fn forward(&self, x: &Tensor, h: &Tensor) -> (Tensor, Tensor) {
        let next = (self.gate.forward(&self.linear.forward(x)) + h).tanh();
        (next.clone(), next)
    }
}

/// Plain code does not: the host looks at a value, and goes one way.
fn plain(x: &Tensor) -> Tensor {
    if x.sum() > 0.0 { x * 2 } else { x * 3 }
}

/// The largest difference of two tensors.
fn difference(a: &Tensor, b: &Tensor) -> ferrodyne::Result<f32> {
    (a - b).abs().amax((), false).item()
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let cell = MyCell {
        gate: Decision { scale: Linear::new(4, 4, &device) },
        linear: Linear::new(4, 4, &device),
    };
    let (x, h) = (Tensor::rand([3, 4], &device), Tensor::rand([3, 4], &device));

    let traced = trace(&cell, (&x, &h))?;
    println!("{traced}");
    println!("{}", traced.graph());
    println!("{}", traced.submodule("gate")?.code());
    println!("inlined:\n{}", traced.inlined()?.code());
    assert!(traced.to_string().contains("(gate): Decision("));
    assert!(traced.divergences().is_empty());
    for sign in [1, -1] {
        let x = &x * sign;
        let (got, want) = (traced.call((&x, &h))?, cell.forward(&x, &h));
        let worst = difference(&got.0, &want.0)?;
        println!("on {device}, inputs times {sign}: largest difference {worst:e}");
        assert!(worst < 1e-5, "both branches are in the graph");
    }

    let traced = trace(plain, &x)?;
    for warning in traced.warnings() {
        println!("warning: {warning}");
    }
    for divergence in traced.divergences() {
        println!("check: {divergence}");
    }
    assert_eq!(traced.warnings().len(), 1);
    assert!(traced.warnings()[0].source.contains("trace.rs:"));
    assert!(!traced.divergences().is_empty(), "with other signs the function does something else");
    Ok(())
}
