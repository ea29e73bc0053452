//! `#[compile]` on a function: called like any other, compiled once.
//!
//! ```text
//! cargo run --example compile_attribute -- --device cpu
//! ```

use ferrodyne::prelude::*;

#[compile]
fn opt_foo2(x: &Tensor, y: &Tensor) -> Tensor {
    let a = x.sin();
    let b = y.cos();
    a + b
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let (x, y) = (Tensor::randn([4, 10], &device), Tensor::randn([4, 10], &device));
    let want = (x.sin() + y.cos()).to_vec::<f32>()?;
    for call in 1..=3 {
        let got = opt_foo2(&x, &y).to_vec::<f32>()?;
        let worst = got.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("call {call} on {device}: largest difference from eager {worst:e}");
        assert!(worst < 1e-5);
    }
    Ok(())
}
