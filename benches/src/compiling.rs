//! Measures capture and compilation. In: functions that were not called yet. Out: the times of the stages, and how they grow with the
//! graph.

use std::time::Instant;

use crate::Fault;
use crate::measure::Timing;
use crate::report::{Compilation, Growth};
use crate::workload::{Compilable, Setting, Workload};

/// Samples that one graph is compiled for, and fewer where they take too long.
const SAMPLES: usize = 7;
const SAMPLES_MIN: usize = 3;
const SECONDS_MAX: f64 = 10.0;

/// Graphs whose times are set into a ratio, and what it may be.
const SIZES: [usize; 2] = [1000, 10_000];
const GROWTH_MAX: f64 = 13.0;

/// Measures a compilation.
///
/// # Errors
/// What compiler and device report.
pub(crate) fn measure(
    setting: &Setting<'_>,
    workload: &Workload,
    compilable: Compilable,
) -> Result<Compilation, Fault> {
    let start = Instant::now();
    let mut total = Vec::new();
    let mut first: Option<(f64, f64)> = None;
    loop {
        let fresh = (compilable.fresh)(setting)?;
        let called = Instant::now();
        (fresh.call)()?;
        setting.device.synchronize()?;
        let called = called.elapsed().as_secs_f64() * 1e3;
        let report = (fresh.report)().ok_or(Fault::NoResult)?;
        let stages = report.times.stages;
        total.push(stages.iter().map(|(_, ms)| ms / 1e3).sum());
        // Kernels of equal text are shared by all programs of a device, so that only the first sample builds them.
        let (prepare_ms, first_call_ms) = *first.get_or_insert((report.times.prepare_ms, called));
        let late = start.elapsed().as_secs_f64() >= SECONDS_MAX;
        if total.len() < if late { SAMPLES_MIN } else { SAMPLES } {
            continue;
        }
        let timing = Timing::of(total, 1);
        return Ok(Compilation {
            group: workload.group,
            name: workload.name,
            kind: compilable.kind,
            size: compilable.size,
            nodes: report.nodes,
            regions: report.regions,
            us_per_node: timing.median_us / report.nodes.max(1) as f64,
            capture_and_compile: timing,
            bar_ms: compilable.bar_ms,
            stages_ms: stages,
            prepare_ms,
            first_call_ms,
        });
    }
}

/// How compilation grows, for each kind of graph of which both sizes were measured.
pub(crate) fn growths(compilations: &[Compilation]) -> Vec<Growth> {
    let of = |kind: &str, size: usize| {
        let found = compilations.iter().find(|row| row.kind == kind && row.size == Some(size));
        found.map(|row| row.capture_and_compile.median_us)
    };
    let [small, large] = SIZES;
    let larger = compilations.iter().filter(|row| row.size == Some(large));
    let growth = |row: &Compilation| {
        let ratio = of(row.kind, large)? / of(row.kind, small)?;
        Some(Growth { kind: row.kind, sizes: SIZES, ratio, bar: GROWTH_MAX })
    };
    larger.filter_map(growth).collect()
}
