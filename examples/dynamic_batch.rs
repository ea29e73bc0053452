//! Sizes that vary: found by the second call, or declared from the first.
//!
//! ```text
//! cargo run --example dynamic_batch -- --device cpu
//! ```

use ferrodyne::prelude::*;

#[compile(dynamic(x[0] = "batch" in 1..=64))]
fn declared(x: &Tensor, w: &Tensor) -> Tensor {
    x.matmul(w).gelu("none")
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let w = Tensor::randn([10, 3], &device);

    // Nothing is declared: batch 4 compiles, batch 7 compiles again with a symbolic batch, and 9 finds that program.
    let found = compile(|x: &Tensor, w: &Tensor| x.matmul(w).gelu("none"));
    for batch in [4, 7, 9, 4] {
        let x = Tensor::randn([batch, 10], &device);
        let (y, eager) = (found.call((&x, &w))?, x.matmul(&w).gelu("none"));
        assert_eq!(y.shape(), [batch, 3]);
        assert!((&y - &eager).abs().amax((), false).item::<f32>()? < 1e-5);
    }
    let stats = found.stats();
    println!(
        "on {device}, found: {} programs, because {}",
        stats.programs,
        stats.reasons.join("; ")
    );
    assert_eq!(stats.programs, 2);

    // Declared: one program from the first call on.
    for batch in [1, 4, 64] {
        let x = Tensor::randn([batch, 10], &device);
        assert_eq!(declared(&x, &w).shape(), [batch, 3]);
    }
    println!("declared: batches 1, 4 and 64 ran");
    Ok(())
}
