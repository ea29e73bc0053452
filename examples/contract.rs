//! Promises that `cargo test` keeps: how many kernels a function is, and how much memory it takes, for hardware that is not here.
//!
//! ```text
//! cargo run --example contract -- --device cpu
//! cargo test --example contract
//! ```

use ferrodyne::prelude::*;
use ferrodyne::{Contract, Target, aot};

#[compile(
    args(x = "f32[batch in 1..=64, 1024]"),
    kernels <= 1,
    peak <= "256KiB",
    targets("webgpu-default", "vulkan-desktop", "metal-apple")
)]
fn probabilities(x: &Tensor) -> Tensor {
    x.softmax(-1)
}

#[derive(Module)]
struct Mlp {
    fc1: Linear,
    fc2: Linear,
}

#[module]
impl Mlp {
    #[compile(args(x = "f32[batch in 1..=64, 10]"), kernels <= 2, targets("mobile-mali", "dx12-desktop"))]
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc2.forward(&self.fc1.forward(x).relu())
    }
}

fn main() -> ferrodyne::Result<()> {
    ferrodyne::logging::init();
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);

    // A function under contract runs as any other.
    let y = probabilities(&Tensor::randn([3, 1024], &device));
    let total = y.sum().item::<f32>()?;
    println!("on {device}: the probabilities of 3 rows sum to {total:.3}");
    assert!((total - 3.0).abs() < 1e-4);

    // Its plan for every target that ships with the crate, on types alone.
    for target in Target::all() {
        let plan = aot(&probabilities, &target, "f32[batch in 1..=64, 1024]")?;
        println!(
            "{:>16}: {} kernels, at most {} bytes",
            target.name,
            plan.kernels.len(),
            plan.peak_bytes
        );
        assert!(plan.steps.len() == 1 || target.name.as_str() != "webgpu-default");
    }

    // Contracts of methods are checked by a method, which a test calls.
    let mlp = Mlp { fc1: Linear::new(10, 32, &device), fc2: Linear::new(32, 2, &device) };
    mlp.check_contracts()?;

    // A promise that is too good names the target, the figure, and why.
    let x = Tensor::of_spec(&"f32[batch in 1..=64, 10]".parse()?);
    let broken =
        Contract::new("forward").kernels(1).check(|| mlp.forward(&x)).unwrap_err().to_string();
    println!("{broken}");
    assert!(broken.contains("kernels <= 1 on `webgpu-default`: they are 2"));
    assert!(broken.contains("not fused: "));
    Ok(())
}
