//! A value read inside of a compiled function: the parts around the break are compiled, and the host code runs on every call.
//!
//! ```text
//! cargo run --example graph_break -- --device cpu
//! ```

use ferrodyne::prelude::*;
use ferrodyne::{Error, Result};

/// Scales a batch by its largest value, which the host looks at.
fn normalised(x: &Tensor) -> Result<Tensor> {
    let y = (x * 2).exp();
    let top: f32 = y.amax((), false).item()?;
    let steps = if top > 10.0 { 2 } else { 1 };
    let y = (0..steps).fold(y, |y, _| y.sqrt());
    Ok(y / top)
}

fn main() -> Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let x = Tensor::randn([4, 10], &device);

    let f = compile(normalised);
    for scale in [1, 0, 3, 1] {
        let x = &x * scale;
        let (got, want) = (f.call(&x)??, normalised(&x)?);
        let worst = (got - want).abs().amax((), false).item::<f32>()?;
        println!("on {device}, inputs times {scale}: largest difference from eager {worst:e}");
        assert!(worst < 1e-5);
    }
    let stats = f.stats();
    for found in &stats.breaks {
        println!("{} times: {found}", found.count);
    }
    println!("{} programs of segments", stats.segments);
    assert_eq!(stats.breaks.len(), 1);
    assert!(stats.breaks[0].source.contains("graph_break.rs:"));
    assert!(stats.segments >= 2);

    // Where a break would be too slow, it is made an error that says where and why.
    let whole = compile(normalised).named("normalised").fullgraph();
    let Err(Error::Tensor(fault)) = whole.call(&x) else {
        panic!("a full graph has no breaks");
    };
    println!("{fault}");
    assert!(fault.to_string().contains("breaks in 1 place"));
    Ok(())
}
