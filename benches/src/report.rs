//! The results as data. In: measured rows. Out: what is written as JSON.

use serde::Serialize;

use crate::measure::Timing;
use crate::verdict::Miss;
use crate::workload::{Bound, Group, Mode};

/// All that a run of the suite has found.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Name of the device.
    pub(crate) device: String,
    /// Its driver, with the version.
    pub(crate) driver: String,
    /// How the measured functions were compiled.
    pub(crate) mode: Mode,
    /// Whether the suite was built with optimisations.
    pub(crate) optimised: bool,
    /// What the device reaches at most.
    pub(crate) limits: Limits,
    /// Workloads.
    pub(crate) rows: Vec<Row>,
    /// Eager operations.
    pub(crate) overheads: Vec<Overhead>,
    /// Compilations.
    pub(crate) compilations: Vec<Compilation>,
    /// How compilation grows with the graph.
    pub(crate) growths: Vec<Growth>,
    /// Workloads that failed.
    pub(crate) failures: Vec<Failure>,
    /// Bars that were missed, the worst first.
    pub(crate) misses: Vec<Miss>,
}

/// A device's limits, measured at the start; each row is held against a limit of its own run.
#[derive(Serialize)]
pub(crate) struct Limits {
    /// Bytes read and written by a copy, in thousands of millions a second.
    pub(crate) copy_gb_s: f64,
    /// Multiplications and additions in registers, in thousands of millions a second.
    pub(crate) fma_gflop_s: Option<f64>,
}

/// What a rate counts.
#[derive(Clone, Copy, Serialize)]
pub(crate) enum Unit {
    /// Operations.
    #[serde(rename = "GFLOP/s")]
    GigaFlops,
    /// Bytes.
    #[serde(rename = "GB/s")]
    GigaBytes,
}

/// How fast a workload goes.
#[derive(Serialize)]
pub(crate) struct Rate {
    /// The compiled call.
    pub(crate) value: f64,
    /// What it counts.
    pub(crate) unit: Unit,
    /// The device's limit in the same run, if it is known.
    pub(crate) floor: Option<f64>,
    /// The share of the limit that is reached.
    pub(crate) share: Option<f64>,
}

/// A hand-written implementation beside a workload.
#[derive(Clone, Serialize)]
pub(crate) struct Rival {
    /// What kernels it is made of.
    pub(crate) name: String,
    /// Its time.
    pub(crate) timing: Timing,
    /// The share of the limit that it reaches.
    pub(crate) share: f64,
    /// Whether it reaches the share that it must.
    pub(crate) counts: bool,
    /// Its time over the compiled call's: 1 is as fast, above 1 is faster than by hand.
    pub(crate) ratio: f64,
}

/// The hand-written implementations beside a workload.
#[derive(Clone, Serialize)]
pub(crate) struct HandWritten {
    /// The share of the limit that one must reach to count.
    pub(crate) bar: Option<f64>,
    /// The fastest.
    pub(crate) best: Rival,
    /// The one with the tile that the compiler's rules take, where tiles can be told apart.
    pub(crate) same_tile: Option<Rival>,
}

/// A measured workload.
#[derive(Serialize)]
pub(crate) struct Row {
    /// Part of the suite.
    pub(crate) group: Group,
    /// Name.
    pub(crate) name: &'static str,
    /// Shapes of its inputs.
    pub(crate) shapes: &'static str,
    /// What limits it.
    pub(crate) bound: Bound,
    /// Operations of a call.
    pub(crate) flops: f64,
    /// Bytes that a call moves at least.
    pub(crate) bytes: f64,
    /// By fused kernels.
    pub(crate) compiled: Timing,
    /// Every operation at once.
    pub(crate) eager: Timing,
    /// By a kernel for each operation.
    pub(crate) no_fusion: Timing,
    /// How fast the compiled call goes, where something limits it.
    pub(crate) rate: Option<Rate>,
    /// The eager call's time over the compiled one's.
    pub(crate) over_eager: f64,
    /// The time without fusion over the compiled call's.
    pub(crate) over_no_fusion: f64,
    /// Hand-written kernels.
    pub(crate) hand_written: Option<HandWritten>,
}

/// What an eager operation takes of the host.
#[derive(Serialize)]
pub(crate) struct Overhead {
    /// Part of the suite.
    pub(crate) group: Group,
    /// Name.
    pub(crate) name: &'static str,
    /// Shapes of its inputs.
    pub(crate) shapes: &'static str,
    /// The operation, until its work is handed over.
    pub(crate) eager: Timing,
    /// A loop that encodes and submits one dispatch with buffers that are bound already; none on the host.
    pub(crate) bare: Option<Timing>,
    /// Microseconds between the two.
    pub(crate) difference_us: f64,
    /// What they may be.
    pub(crate) bar_us: f64,
}

/// A measured compilation.
#[derive(Serialize)]
pub(crate) struct Compilation {
    /// Part of the suite.
    pub(crate) group: Group,
    /// Name.
    pub(crate) name: &'static str,
    /// What kind of graph it is.
    pub(crate) kind: &'static str,
    /// Operations that were asked for, where the kind has several sizes.
    pub(crate) size: Option<usize>,
    /// Inputs and operations of the captured graph.
    pub(crate) nodes: usize,
    /// Regions that it became.
    pub(crate) regions: usize,
    /// The stages together, capture among them.
    pub(crate) capture_and_compile: Timing,
    /// Milliseconds that they may take.
    pub(crate) bar_ms: Option<f64>,
    /// That time for each node.
    pub(crate) us_per_node: f64,
    /// Stages of the compiler in the last sample.
    pub(crate) stages_ms: Vec<(String, f64)>,
    /// The device's part of the first call: building kernels.
    pub(crate) prepare_ms: f64,
    /// The first call of all, from its start to the end of its work: weights and the driver's compiler too.
    pub(crate) first_call_ms: f64,
}

/// How the time to compile grows with a graph.
#[derive(Serialize)]
pub(crate) struct Growth {
    /// What kind of graph it is.
    pub(crate) kind: &'static str,
    /// Operations of the smaller and of the larger graph.
    pub(crate) sizes: [usize; 2],
    /// The larger one's time over the smaller one's.
    pub(crate) ratio: f64,
    /// What it may be.
    pub(crate) bar: f64,
}

/// A workload that failed.
#[derive(Serialize)]
pub(crate) struct Failure {
    /// Part of the suite.
    pub(crate) group: Group,
    /// Name.
    pub(crate) name: &'static str,
    /// Shapes of its inputs.
    pub(crate) shapes: &'static str,
    /// Why.
    pub(crate) message: String,
}
