//! An ONNX file on a device: its inputs, its outputs, and one program for every batch size.
//!
//! ```text
//! cargo run --release --example onnx_run -- --device cpu
//! ```

use ferrodyne::prelude::*;

fn main() -> ferrodyne::Result<()> {
    let name = std::env::args().skip_while(|argument| argument != "--device").nth(1);
    let device = Device::named(name.as_deref().unwrap_or("auto"))?;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mlp.onnx");
    let onnx = ferrodyne::onnx::load(path)?;
    let input = &onnx.inputs()[0];
    let output = &onnx.outputs()[0];
    println!("{} inputs, first `{}`: {}", onnx.inputs().len(), input.name, input.dtype);

    let model = compile(&onnx);
    for batch in [1usize, 5, 64] {
        let sizes: Vec<usize> =
            input.dims.iter().map(|dim| dim.as_const().map_or(batch, |n| n as usize)).collect();
        let x = Tensor::randn(sizes, &device);
        let outputs = model.run([(&input.name, &x)])?;
        let y = &outputs[&output.name];
        println!("batch {batch}: `{}` has shape {}", output.name, y.shape());
        assert_eq!(y.dim(0), batch);
        assert!(y.to_vec::<f32>()?.iter().all(|value| value.is_finite()));
    }
    Ok(())
}
