//! The first function that one compiles: `sin(x) + cos(y)`.
//!
//! ```text
//! cargo run --example opt_foo2 -- --device cpu
//! ```

use ferrodyne::prelude::*;

#[compile]
fn opt_foo2(x: &Tensor, y: &Tensor) -> Tensor {
    x.sin() + y.cos()
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let (x, y) = (Tensor::randn([4, 10], &device), Tensor::randn([4, 10], &device));

    let compiled = opt_foo2(&x, &y);
    let eager = x.sin() + y.cos();
    println!("on {device}:\n{compiled}");

    let difference = (compiled - eager).abs().amax((), false).item::<f32>()?;
    println!("largest difference from eager: {difference:e}");
    assert!(difference < 1e-5);
    Ok(())
}
