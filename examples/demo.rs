//! ResNet-18, eagerly and compiled, on a GPU adapter and on the CPU executor: that they agree, and what it costs.

#[path = "models/resnet.rs"]
mod resnet;

use std::time::Instant;

use ferrodyne::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

/// Ways of running are timed in turn, so that what else the machine does falls on both alike.
const ROUNDS: usize = 5;

fn main() -> ferrodyne::Result<()> {
    let mut outputs = Vec::new();
    match Device::named("gpu") {
        Ok(gpu) => outputs.push(show(&gpu)?),
        Err(error) => println!("no GPU adapter, so the CPU executor alone: {error}\n"),
    }
    outputs.push(show(&Device::cpu())?);
    if let [gpu, cpu] = outputs.as_slice() {
        let worst = worst_difference(gpu, cpu);
        println!("GPU adapter and CPU executor: largest difference {worst:.2e}");
        assert!(worst <= 1e-3 * largest(cpu), "the devices must agree");
    }
    Ok(())
}

/// Runs the model on a device, prints what it costs, and gives the scores.
fn show(device: &Device) -> ferrodyne::Result<Vec<f32>> {
    device.manual_seed(0);
    let model = resnet::ResNet::resnet18(1000, device);
    let image = Tensor::randn([1, 3, 224, 224], device);
    let compiled = compile(&model).on_progress(progress_bar());

    let start = Instant::now();
    let scores = compiled.call(&image)?.to_vec::<f32>()?;
    let first_ms = milliseconds(start);
    let eager = model.forward(&image).to_vec::<f32>()?;
    let worst = worst_difference(&scores, &eager);

    let (mut compiled_ms, mut eager_ms) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        compiled_ms.push(timed(device, || compiled.call(&image))?);
        eager_ms.push(timed(device, || Ok(model.forward(&image)))?);
    }
    let (compiled_ms, eager_ms) = (median(compiled_ms), median(eager_ms));

    let program = &compiled.programs()[0];
    let run = program.run.clone().unwrap_or_default();
    println!("ResNet-18 on {device}");
    println!(
        "  graph       {} nodes, {} regions, {} distinct kernels",
        program.nodes, program.regions, run.kernels
    );
    println!(
        "  a run       {} dispatches, {:.1} MiB of activations",
        run.dispatches,
        mib(run.peak_bytes)
    );
    let stages: Vec<_> =
        program.times.stages.iter().map(|(stage, ms)| format!("{stage} {ms:.1}")).collect();
    println!(
        "  compile ms  {}; kernels on the device {:.1}",
        stages.join(", "),
        program.times.prepare_ms
    );
    println!("  first run   {first_ms:.0} ms from the call to the scores");
    println!(
        "  latency     compiled {compiled_ms:.1} ms, eager {eager_ms:.1} ms: {:.2} times",
        eager_ms / compiled_ms
    );
    println!(
        "  agreement   largest difference between compiled and eager {worst:.2e} of {:.2}\n",
        largest(&eager)
    );
    assert!(worst <= 1e-3 * largest(&eager), "compiled and eager must agree");
    Ok(scores)
}

fn progress_bar() -> impl Fn(usize, usize) + Send + Sync + 'static {
    let style = ProgressStyle::with_template("compiling kernels [{bar:32}] {pos}/{len}");
    let bar =
        ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    move |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        if done == all {
            bar.finish_and_clear();
        }
    }
}

fn timed<T>(device: &Device, run: impl FnOnce() -> ferrodyne::Result<T>) -> ferrodyne::Result<f64> {
    let start = Instant::now();
    run()?;
    device.synchronize()?;
    Ok(milliseconds(start))
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn worst_difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn largest(values: &[f32]) -> f32 {
    values.iter().map(|v| v.abs()).fold(0.0, f32::max)
}
