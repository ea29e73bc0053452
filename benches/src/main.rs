//! The benchmark suite: each workload of one table compiled, eager and without fusion, against the device's own limits and,
//! where there are any, hand-written kernels. Prints a table; `--json FILE` writes the same for machines.

mod baseline;
mod floor;
mod measure;
mod report;
#[path = "../../examples/models/resnet.rs"]
mod resnet;
mod suite;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use ferrodyne::Device;

use floor::Floors;
use report::{Compilation, Failure, Limits, Report, Row};
use workload::{Group, Workload, table};

/// Measures ferrodyne on a device.
#[derive(Parser)]
#[command(name = "ferrodyne-bench")]
struct Arguments {
    /// Part of the suite, may be given several times; all parts unless given.
    #[arg(long, value_enum)]
    suite: Vec<Group>,
    /// Writes the results as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where to measure: `gpu`, `cpu`, `auto`, or a part of an adapter's name.
    #[arg(long, value_name = "DEVICE", default_value = "auto")]
    device: String,
}

/// Why something could not be measured.
#[derive(Debug, thiserror::Error)]
enum Fault {
    /// Compiler or device.
    #[error(transparent)]
    Ferrodyne(#[from] ferrodyne::Error),
    /// A call without a result.
    #[error("the call gave no result")]
    NoResult,
    /// A hand-written kernel computes something else.
    #[error(
        "the hand-written kernel `{name}` differs by {difference:e} from the compiled result, whose largest value is {scale:e}"
    )]
    Differs { name: String, difference: f32, scale: f32 },
    /// The file of results.
    #[error("{}: {message}", path.display())]
    File { path: PathBuf, message: String },
}

/// What came of a workload.
enum Outcome {
    Row(Row),
    Compilation(Compilation),
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("{failed} workloads failed");
            ExitCode::FAILURE
        }
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the parts of the suite that were asked for. Out: how many workloads failed.
fn run(arguments: &Arguments) -> Result<usize, Fault> {
    let device = Device::named(&arguments.device)?;
    device.manual_seed(0);
    let floors = Floors::of(&device);
    let mut report = Report {
        device: device.name().to_owned(),
        driver: device.driver().to_owned(),
        optimised: !cfg!(debug_assertions),
        limits: limits(&device, &floors)?,
        rows: Vec::new(),
        compilations: Vec::new(),
        failures: Vec::new(),
    };
    print!("{}", report::heading(&report));
    let suites = if arguments.suite.is_empty() { &Group::ALL[..] } else { &arguments.suite };
    for group in Group::ALL.iter().filter(|group| suites.contains(group)) {
        println!("\n{}", group.name());
        if *group != Group::Compile {
            print!("{}", report::titles());
        }
        for workload in table().iter().filter(|workload| workload.group == *group) {
            add(&mut report, workload, suite::measure(&device, &floors, workload));
        }
    }
    if let Some(path) = &arguments.json {
        write(path, &report)?;
    }
    Ok(report.failures.len())
}

/// Prints what came of a workload and keeps it.
fn add(report: &mut Report, workload: &Workload, outcome: Result<Outcome, Fault>) {
    match outcome {
        Ok(Outcome::Row(row)) => {
            print!("{}", report::line(&row));
            report.rows.push(row);
        }
        Ok(Outcome::Compilation(row)) => {
            print!("{}", report::compilation(&row));
            report.compilations.push(row);
        }
        Err(fault) => {
            let Workload { group, name, shapes, .. } = *workload;
            println!("{name:<31} {shapes:<27} failed: {fault}");
            report.failures.push(Failure { group, name, shapes, message: fault.to_string() });
        }
    }
}

fn limits(device: &Device, floors: &Floors) -> Result<Limits, Fault> {
    let calls: Vec<&measure::Call> = [&floors.copy].into_iter().chain(&floors.fma).collect();
    let timings = measure::interleaved(device, &calls)?;
    Ok(Limits {
        copy_gb_s: timings[0].giga_per_second(floors.copy_bytes),
        fma_gflop_s: timings.get(1).map(|timing| timing.giga_per_second(floors.fma_flops)),
    })
}

fn write(path: &PathBuf, report: &Report) -> Result<(), Fault> {
    let fault = |message: String| Fault::File { path: path.clone(), message };
    let text = serde_json::to_string_pretty(report).map_err(|error| fault(error.to_string()))?;
    std::fs::write(path, text + "\n").map_err(|error| fault(error.to_string()))
}
