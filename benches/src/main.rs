//! The benchmark suite: each workload of one table compiled, eager and without fusion, against the device's own limits and,
//! where there are any, hand-written kernels. Prints a table; `--json FILE` writes the same for machines.

mod baseline;
mod compiling;
mod floor;
mod measure;
mod report;
#[path = "../../examples/models/resnet.rs"]
mod resnet;
mod suite;
mod text;
mod verdict;
mod workload;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use ferrodyne::Device;

use floor::Floors;
use report::{Compilation, Failure, Limits, Overhead, Report, Row};
use workload::{Group, Mode, Setting, Workload, table};

/// Measures ferrodyne on a device.
#[derive(Parser)]
#[command(name = "ferrodyne-bench")]
struct Arguments {
    /// Part of the suite, may be given several times; all parts unless given.
    #[arg(long, value_enum)]
    suite: Vec<Group>,
    /// Only workloads with this text in their name or their shapes.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// How the measured functions are compiled.
    #[arg(long, value_enum, default_value = "default")]
    mode: Mode,
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
    Row(Box<Row>),
    Overhead(Overhead),
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
    let setting = Setting { device: &device, mode: arguments.mode };
    let floors = Floors::of(&device);
    let mut report = empty(&setting, limits(&device, &floors)?);
    print!("{}", text::heading(&report));
    let suites = if arguments.suite.is_empty() { &Group::ALL[..] } else { &arguments.suite };
    for group in Group::ALL.iter().filter(|group| suites.contains(group)) {
        println!("\n{}", group.name());
        if *group != Group::Compile {
            print!("{}", text::titles());
        }
        let asked = |workload: &&Workload| {
            let Workload { group: of, name, shapes, .. } = workload;
            of == group && (name.contains(&arguments.only) || shapes.contains(&arguments.only))
        };
        for workload in table().iter().filter(asked) {
            add(&mut report, workload, suite::measure(&setting, &floors, workload));
        }
    }
    report.growths = compiling::growths(&report.compilations);
    report.growths.iter().for_each(|growth| print!("{}", text::growth(growth)));
    report.misses = verdict::misses(&report);
    print!("{}", text::summary(&report.misses));
    if let Some(path) = &arguments.json {
        write(path, &report)?;
    }
    Ok(report.failures.len())
}

/// A report without rows.
fn empty(setting: &Setting<'_>, limits: Limits) -> Report {
    Report {
        device: setting.device.name().to_owned(),
        driver: setting.device.driver().to_owned(),
        mode: setting.mode,
        optimised: !cfg!(debug_assertions),
        limits,
        rows: Vec::new(),
        overheads: Vec::new(),
        compilations: Vec::new(),
        growths: Vec::new(),
        failures: Vec::new(),
        misses: Vec::new(),
    }
}

/// Prints what came of a workload and keeps it.
fn add(report: &mut Report, workload: &Workload, outcome: Result<Outcome, Fault>) {
    match outcome {
        Ok(Outcome::Row(row)) => {
            print!("{}", text::line(&row));
            report.rows.push(*row);
        }
        Ok(Outcome::Overhead(row)) => {
            print!("{}", text::overhead(&row));
            report.overheads.push(row);
        }
        Ok(Outcome::Compilation(row)) => {
            print!("{}", text::compilation(&row));
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
