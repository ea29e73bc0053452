//! Branches and loops on tensors: one program takes both sides of an `if`, and makes as many trips through a `while` as a tensor asks for.
//!
//! ```text
//! cargo run --example control_flow -- --device cpu
//! ```

use ferrodyne::prelude::*;

/// A module that turns its input around where its sum is below zero, and scales it.
#[derive(Module)]
struct MyAbs {
    scale: Parameter,
}

#[module]
impl MyAbs {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = if x.sum() > 0 { x.clone() } else { -x };
        y * self.scale.tensor()
    }
}

/// Newton's method for a square root: as many rounds as the value needs, and their number.
#[compile(fullgraph)]
fn square_root(x: &Tensor) -> (Tensor, Tensor) {
    let mut root = x.clone();
    let mut rounds = Tensor::scalar(0, x.device());
    while (&root * &root - x).abs() > x * 1e-5 {
        root = (&root + x / &root) * 0.5;
        rounds = rounds + 1;
    }
    (root, rounds)
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    let model = compile(MyAbs { scale: Parameter::new(Tensor::scalar(2.0, &device)) }).fullgraph();
    for (values, want) in
        [([1.0f32, 2.0], [2.0f32, 4.0]), ([-3.0, 1.0], [6.0, -2.0]), ([0.5, 0.0], [1.0, 0.0])]
    {
        let y = model.call(&Tensor::from_slice(&values, [2], &device))?.to_vec::<f32>()?;
        println!("my_abs({values:?}) = {y:?}");
        assert_eq!(y, want);
    }
    let stats = model.stats();
    println!("{} compilation for both sides, on {device}", stats.compilations);
    assert_eq!((stats.compilations, stats.breaks.len()), (1, 0));

    for (value, fewest) in [(1.0f32, 0), (2.0, 1), (1e6, 10)] {
        let (root, rounds) = square_root(&Tensor::scalar(value, &device));
        let (root, rounds) = (root.item::<f32>()?, rounds.item::<i32>()?);
        println!("sqrt({value}) = {root} after {rounds} rounds");
        assert!((root - value.sqrt()).abs() <= 1e-4 * value.sqrt() && rounds >= fewest);
    }
    Ok(())
}
