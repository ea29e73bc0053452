//! A pass of one's own: finds a pattern in the captured graph and puts another one there.
//!
//! ```text
//! cargo run --example user_pass -- --device cpu
//! ```

use ferrodyne::passes::{self, Changed, Pattern, Position, UserPass};
use ferrodyne::prelude::*;

/// `x * sigmoid(x)`, written out as someone might who does not know `silu`.
fn swish(x: &Tensor) -> Tensor {
    let steps = (-x).exp() + 1.0;
    x * steps.reciprocal()
}

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let x = Tensor::randn([4, 10], &device);

    let plain = compile(swish);
    let want = plain.call(&x)?.to_vec::<f32>()?;
    println!("captured:\n{}", plain.explain()?[0].captured.table());

    passes::register(UserPass::new("find_silu", Position::First, |graph, _| {
        let find = Pattern::parse("mul(?x, recip(add(exp(neg(?x)), 1)))")?;
        let count = find.replace(graph, &Pattern::parse("silu(?x)")?)?;
        println!("find_silu: {count} place");
        Ok(Changed::from(count > 0))
    }));
    let rewritten = compile(swish).pass("find_silu")?;
    let got = rewritten.call(&x)?.to_vec::<f32>()?;

    let worst = got.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    println!("on {device}: largest difference {worst:e}");
    assert!(worst < 1e-6);
    assert!(rewritten.explain()?[0].passes.contains("find_silu"));
    Ok(())
}
