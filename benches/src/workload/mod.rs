//! What is measured. In: a device. Out: for each workload of the table, the same work three times: compiled, eager, and compiled
//! without fusion. Promise: every number that a rate is made of stands in the table beside the work.

mod encoder;
mod graph;
mod subject;
mod table;

use clap::ValueEnum;
use ferrodyne::{Device, Tensor};
use serde::Serialize;

use crate::Fault;
use crate::baseline::Baseline;
use crate::measure::Call;

pub(crate) use graph::Fresh;
pub(crate) use table::table;

/// Added to variances by the normalisations.
pub(crate) const EPS: f64 = 1e-5;

/// A part of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Group {
    /// Element by element.
    Pointwise,
    /// Sums and maxima.
    Reduction,
    /// Softmax and norms.
    Normalisation,
    /// Matrix products.
    Matmul,
    /// Convolutions.
    Convolution,
    /// Attention.
    Attention,
    /// Work so small that starting it is all the time.
    Launch,
    /// Whole models.
    Models,
    /// Time of the compiler itself.
    Compile,
}

impl Group {
    /// All groups in the order of the report.
    pub(crate) const ALL: [Group; 9] = [
        Group::Pointwise,
        Group::Reduction,
        Group::Normalisation,
        Group::Matmul,
        Group::Convolution,
        Group::Attention,
        Group::Launch,
        Group::Models,
        Group::Compile,
    ];

    /// The name by which the command line knows it.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What limits a workload on an ideal device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Bound {
    /// Moving its least bytes.
    Memory,
    /// Its operations.
    Compute,
    /// Neither: starting it.
    Launch,
}

/// How measured functions are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// By the rules.
    Default,
    /// Schedules are measured on the device.
    MaxAutotune,
}

impl Mode {
    /// The name by which the compiler knows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Mode::Default => "default",
            Mode::MaxAutotune => "max_autotune",
        }
    }
}

/// Where and how workloads run.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    /// The device.
    pub(crate) device: &'a Device,
    /// How compiled calls are compiled; those without fusion always by the rules.
    pub(crate) mode: Mode,
}

/// How to make the calls of a workload.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// Calls to be timed.
    Calls(fn(&Setting<'_>) -> Result<Subject, Fault>),
    /// One eager operation, whose time on the host is measured.
    Overhead(fn(&Setting<'_>) -> Result<Call, Fault>),
    /// A function whose capture and compilation are timed.
    Compile(Compilable),
}

/// A function whose capture and compilation are timed.
#[derive(Clone, Copy)]
pub(crate) struct Compilable {
    /// What kind of graph it is.
    pub(crate) kind: &'static str,
    /// Operations, where the kind has several sizes.
    pub(crate) size: Option<usize>,
    /// Milliseconds that it may take.
    pub(crate) bar_ms: Option<f64>,
    /// The function, not yet called.
    pub(crate) fresh: fn(&Setting<'_>) -> Result<Fresh, Fault>,
}

/// A row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Workload {
    /// The part of the suite it belongs to.
    pub(crate) group: Group,
    /// Its name.
    pub(crate) name: &'static str,
    /// Shapes of what it works on.
    pub(crate) shapes: &'static str,
    /// What limits it.
    pub(crate) bound: Bound,
    /// Operations of a call; a multiply-add is two.
    pub(crate) flops: f64,
    /// Bytes that a call must read and write at least.
    pub(crate) bytes: f64,
    /// The hand-written kernel beside it.
    pub(crate) baseline: Option<Baseline>,
    /// The calls.
    pub(crate) work: Work,
}

/// The calls of a workload.
pub(crate) struct Subject {
    /// By fused kernels.
    pub(crate) compiled: Call,
    /// Every operation at once.
    pub(crate) eager: Call,
    /// By a kernel for each operation.
    pub(crate) no_fusion: Call,
    /// What it is called with.
    pub(crate) inputs: Vec<Tensor>,
    /// The result of the compiled call, to be compared with a baseline's.
    pub(crate) result: Box<dyn Fn() -> Result<Tensor, Fault>>,
}
