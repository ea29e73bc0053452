//! A module of two layers: made, printed, compiled, called, read.
//!
//! ```text
//! cargo run --example mlp -- --device cpu
//! ```

use ferrodyne::prelude::*;

#[derive(Module)]
struct Mlp {
    fc1: Linear,
    fc2: Linear,
}

impl Mlp {
    fn new(device: &Device) -> Mlp {
        Mlp { fc1: Linear::new(10, 32, device), fc2: Linear::new(32, 2, device) }
    }
}

#[module]
impl Mlp {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc2.forward(&self.fc1.forward(x).relu())
    }
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let mlp = Mlp::new(&device);
    println!("{mlp}");

    let x = Tensor::randn([4, 10], &device);
    let eager: ndarray::Array2<f32> = mlp.forward(&x).to_ndarray()?;
    let model = compile(mlp);
    let y = model.call(&x)?;
    println!("on {device}:\n{y}");

    let host: ndarray::Array2<f32> = y.to_ndarray()?;
    assert_eq!(host.dim(), (4, 2));
    assert!((&host - &eager).iter().all(|difference| difference.abs() < 1e-5));

    let twice = model.call(&(2.0 * &x))?;
    assert_eq!(twice.shape(), [4, 2]);
    println!("compiled {} time for {} calls", model.stats().compilations, 2);
    assert_eq!(model.stats().compilations, 1);
    Ok(())
}
