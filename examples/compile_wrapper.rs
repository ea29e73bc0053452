//! `compile(model)` inside of a function that is called many times: one compilation.
//!
//! ```text
//! cargo run --example compile_wrapper -- --device cpu
//! ```

use ferrodyne::prelude::*;

#[derive(Module)]
struct Classifier {
    hidden: Linear,
    output: Linear,
}

#[module]
impl Classifier {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.output.forward(&self.hidden.forward(x).relu()).softmax(-1)
    }
}

/// Wraps the model anew on each call; the programs are the model's, not the wrapper's.
fn infer(model: &Classifier, x: &Tensor) -> ferrodyne::Result<Tensor> {
    compile(model).call(x)
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let model =
        Classifier { hidden: Linear::new(16, 32, &device), output: Linear::new(32, 4, &device) };
    let x = Tensor::randn([8, 16], &device);
    for _ in 0..1000 {
        infer(&model, &x)?;
    }
    let model = compile(&model);
    let y = model.call(&x)?;
    let stats = model.stats();
    println!("on {device}: {} compilation, {} calls served by it", stats.compilations, stats.hits);
    assert_eq!((stats.compilations, stats.hits), (1, 1000));

    let sums = y.sum_dim(-1, false).to_vec::<f32>()?;
    println!("probabilities of each row sum to {sums:?}");
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-5));
    Ok(())
}
