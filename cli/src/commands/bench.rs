//! `ferrodyne bench`: times a model.

use std::process::ExitCode;
use std::time::Instant;

use serde::Serialize;

use crate::args::Bench;
use crate::values::{self, Failure, Outcome};

#[derive(Debug, Serialize)]
struct Latency {
    min: f64,
    median: f64,
    p90: f64,
}

#[derive(Debug, Serialize)]
struct Report {
    model: String,
    device: String,
    driver: String,
    backend: String,
    capture_ms: f64,
    compile_ms: f64,
    weights_ms: f64,
    pipeline_ms: f64,
    first_run_ms: f64,
    latency_ms: Latency,
    kernels: usize,
    dispatches: usize,
    host_steps: usize,
    /// Conditions of branches and loops that the host waited for in the last run.
    condition_reads: usize,
    peak_device_bytes: u64,
    weight_bytes: u64,
}

/// Runs the subcommand.
///
/// # Errors
/// Faults of files, inputs and devices.
pub(crate) fn run(args: &Bench) -> Outcome {
    if args.runs == 0 {
        return Err(Failure::Usage("--runs must be at least 1".to_owned()));
    }
    let start = Instant::now();
    let opened = values::open(&args.model)?;
    let capture_ms = milliseconds(start);
    let inputs = match &args.inputs {
        Some(path) => values::load(path)?,
        None => {
            let (inputs, note) = values::random_inputs(&opened.model, &args.random)?;
            note.inspect(|note| eprintln!("{note}"));
            inputs
        }
    };
    let tensors = opened.upload(&inputs)?;
    let device = opened.session.device();
    let start = Instant::now();
    opened.session.run_observed(&values::borrowed(&tensors), super::progress().as_deref())?;
    device.synchronize()?;
    let first_run_ms = milliseconds(start);
    let mut times = Vec::new();
    for _ in 0..args.runs {
        let start = Instant::now();
        let outputs = opened.session.run(&values::borrowed(&tensors))?;
        device.synchronize()?;
        times.push(milliseconds(start));
        drop(outputs);
    }
    times.sort_by(f64::total_cmp);
    let (compile, run) = opened.session.report().unwrap_or_default();
    let run = run.unwrap_or_default();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let report = Report {
        model: args.model.model.display().to_string(),
        device: device.name().to_owned(),
        driver: device.driver().to_owned(),
        backend: args.model.backend.clone(),
        capture_ms,
        // Without stages the sum is -0, which is written with its sign.
        compile_ms: compile.compile_ms() + 0.0,
        weights_ms: run.weights_ms,
        pipeline_ms: run.pipeline_ms,
        first_run_ms,
        latency_ms: Latency { min: times[0], median: at(0.5), p90: at(0.9) },
        kernels: run.kernels,
        dispatches: run.dispatches,
        // Every region has a kernel: what has none is refused when it is compiled.
        host_steps: 0,
        condition_reads: run.condition_reads,
        peak_device_bytes: run.peak_bytes,
        weight_bytes: run.weight_bytes,
    };
    print(args, &report)?;
    Ok(ExitCode::SUCCESS)
}

fn print(args: &Bench, report: &Report) -> Result<(), Failure> {
    if args.json {
        return super::print_json(report);
    }
    let Latency { min, median, p90 } = report.latency_ms;
    say!("{} on {} ({})", report.model, report.device, report.backend);
    say!("  latency     median {median:.3} ms, min {min:.3}, p90 {p90:.3} over {} runs", args.runs);
    say!("  capture     {:.1} ms", report.capture_ms);
    say!("  compile     {:.1} ms", report.compile_ms);
    say!("  pipelines   {:.1} ms", report.pipeline_ms);
    say!("  weights     {:.1} ms", report.weights_ms);
    say!("  first run   {:.1} ms", report.first_run_ms);
    say!(
        "  kernels     {}, dispatches {}, host steps {}",
        report.kernels,
        report.dispatches,
        report.host_steps
    );
    say!(
        "  memory      {} bytes of activations, {} of weights",
        report.peak_device_bytes,
        report.weight_bytes
    );
    Ok(())
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}
