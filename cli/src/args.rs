//! The arguments of the command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A graph compiler for tensor programs: inspects, runs, checks, times and explains models.
#[derive(Debug, Parser)]
#[command(name = "ferrodyne", version, about)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print inputs, outputs, dims, element types, operators, and all unsupported nodes
    Inspect(Inspect),
    /// Run a model on inputs from an npz file
    Run(Run),
    /// Compare a model's outputs with expected ones, or with the interpreter
    Check(Check),
    /// Time a model
    Bench(Bench),
    /// Print what becomes of a model, stage by stage
    Explain(Explain),
    /// Find the stage that makes a model's results wrong, and the smallest graph that shows it
    Bisect(Bisect),
    /// List the devices
    Devices(Devices),
}

/// A model, and how to compile it.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// An .onnx file, or a graph in text form (.fd)
    pub(crate) model: PathBuf,
    /// auto, gpu, cpu, or part of an adapter's name
    #[arg(long, default_value = "auto")]
    pub(crate) device: String,
    /// inductor, no_fusion, eager or reference
    #[arg(long, default_value = "inductor")]
    pub(crate) backend: String,
    /// A compile option, KEY=VALUE; `list` lists them
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Specialise declared dims to the inputs
    #[arg(long = "static")]
    pub(crate) specialise: bool,
}

/// `inspect`.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// An .onnx file, or a graph in text form (.fd)
    pub(crate) model: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Arrays named after the model's inputs
    #[arg(long)]
    pub(crate) inputs: PathBuf,
    /// Where the outputs go
    #[arg(long)]
    pub(crate) outputs: PathBuf,
}

/// `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Arrays named after the model's inputs; may be repeated
    #[arg(long, conflicts_with_all = ["dim", "range"])]
    pub(crate) inputs: Vec<PathBuf>,
    /// Arrays named after the model's outputs, one file for each of --inputs
    #[arg(long)]
    pub(crate) expect: Vec<PathBuf>,
    /// Relative tolerance
    #[arg(long, default_value_t = 1e-3, value_parser = tolerance)]
    pub(crate) rtol: f64,
    /// Absolute tolerance
    #[arg(long, default_value_t = 1e-4, value_parser = tolerance)]
    pub(crate) atol: f64,
    /// Sizes of symbolic dims for random inputs
    #[command(flatten)]
    pub(crate) random: Random,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "write a finite number that is not negative".to_owned())
}

/// Random inputs.
#[derive(Debug, Args)]
pub(crate) struct Random {
    /// Size of a symbolic dim, NAME=N
    #[arg(long = "dim", value_name = "NAME=N")]
    pub(crate) dim: Vec<String>,
    /// Range of an integer input, NAME=LO..HI
    #[arg(long = "range", value_name = "NAME=LO..HI")]
    pub(crate) range: Vec<String>,
}

/// `bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Arrays named after the model's inputs; random ones otherwise
    #[arg(long, conflicts_with_all = ["dim", "range"])]
    pub(crate) inputs: Option<PathBuf>,
    /// Sizes of symbolic dims for random inputs
    #[command(flatten)]
    pub(crate) random: Random,
    /// Timed runs
    #[arg(long, default_value_t = 20)]
    pub(crate) runs: usize,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// graph, passes, regions, loops, schedule, wgsl or plan; all figures when absent
    #[arg(long)]
    pub(crate) stage: Option<String>,
    /// Only the N-th kernel, of stage loops, schedule or wgsl
    #[arg(long, value_name = "N", requires = "stage")]
    pub(crate) kernel: Option<usize>,
    /// Sizes of symbolic dims on which schedules are chosen
    #[command(flatten)]
    pub(crate) random: Random,
    /// Write one page with the graph, its regions, kernels, memory and guards
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Run the model and write when each stage and each kernel ran, as a Chrome trace
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Run the model on random inputs and add the times of its kernels
    #[arg(long)]
    pub(crate) measure: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `bisect`.
#[derive(Debug, Args)]
pub(crate) struct Bisect {
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Arrays named after the model's inputs; random ones otherwise
    #[arg(long, conflicts_with_all = ["dim", "range"])]
    pub(crate) inputs: Option<PathBuf>,
    /// Sizes of symbolic dims for random inputs
    #[command(flatten)]
    pub(crate) random: Random,
    /// Where the smallest failing graph goes; the values of its inputs go beside it, as .npz
    #[arg(long, value_name = "FILE", default_value = "failing.fd")]
    pub(crate) graph: PathBuf,
}

/// `devices`.
#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
