//! ResNet-18, compiled as a whole, against the same model run operator by operator.
//!
//! ```text
//! cargo run --release --example resnet18 -- --device cpu --weights resnet18.safetensors
//! ```

use std::time::Instant;

use ferrodyne::prelude::*;

#[path = "models/resnet.rs"]
mod resnet;

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn main() -> ferrodyne::Result<()> {
    let device = Device::named(argument("--device").as_deref().unwrap_or("auto"))?;
    device.manual_seed(0);
    let resnet = resnet::ResNet::resnet18(1000, &device);
    if let Some(path) = argument("--weights") {
        resnet.load_state_dict(&StateDict::load(path, &device)?, true)?;
    }
    let parameters: usize = resnet.parameters().iter().map(|p| p.tensor().numel().get()).sum();
    println!("ResNet-18 with {parameters} parameters on {device}");
    assert_eq!(parameters, 11_689_512);

    let x = Tensor::randn([1, 3, 64, 64], &device);
    let eager = resnet.forward(&x);
    let model = compile(&resnet);
    let compiled = model.call(&x)?;
    let scale = eager.abs().amax((), false).item::<f32>()?;
    let difference = (&compiled - &eager).abs().amax((), false).item::<f32>()?;
    println!("largest difference from eager: {difference:e} of {scale}");
    assert!(difference <= 1e-3 * scale);

    let start = Instant::now();
    let (_, class) = model.call(&x)?.max(1);
    println!("class {} in {:.1} ms", class.item::<i64>()?, start.elapsed().as_secs_f64() * 1e3);
    assert_eq!(class.item::<i64>()?, eager.argmax(1, false).item::<i64>()?);
    assert_eq!(model.stats().compilations, 1);
    Ok(())
}
