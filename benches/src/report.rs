//! The results. In: measured rows. Out: a text table, and the same as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::measure::Timing;
use crate::workload::{Bound, Group};

/// All that a run of the suite has found.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Name of the device.
    pub(crate) device: String,
    /// Its driver, with the version.
    pub(crate) driver: String,
    /// Whether the suite was built with optimisations.
    pub(crate) optimised: bool,
    /// What the device reaches at most.
    pub(crate) limits: Limits,
    /// Workloads.
    pub(crate) rows: Vec<Row>,
    /// Compilations.
    pub(crate) compilations: Vec<Compilation>,
    /// Workloads that failed.
    pub(crate) failures: Vec<Failure>,
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

/// A hand-written kernel beside a workload.
#[derive(Serialize)]
pub(crate) struct HandWritten {
    /// What kernel it is.
    pub(crate) name: String,
    /// Its time.
    pub(crate) timing: Timing,
    /// The share of the limit that it reaches.
    pub(crate) share: f64,
    /// The share that it must reach to count.
    pub(crate) bar: f64,
    /// Its time over the compiled call's: 1 is as fast, above 1 is faster than by hand.
    pub(crate) ratio: f64,
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
    /// The hand-written kernel.
    pub(crate) hand_written: Option<HandWritten>,
}

/// A measured compilation.
#[derive(Serialize)]
pub(crate) struct Compilation {
    /// Part of the suite.
    pub(crate) group: Group,
    /// Name.
    pub(crate) name: &'static str,
    /// Nodes of the captured graph.
    pub(crate) nodes: usize,
    /// Regions that it became.
    pub(crate) regions: usize,
    /// A first call without the device's part and without running.
    pub(crate) capture_and_compile: Timing,
    /// That time for each node.
    pub(crate) us_per_node: f64,
    /// Stages of the compiler in the last sample.
    pub(crate) stages_ms: Vec<(String, f64)>,
    /// The device's part of the first call: building kernels.
    pub(crate) prepare_ms: f64,
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

/// The first lines of the text.
pub(crate) fn heading(report: &Report) -> String {
    let Limits { copy_gb_s, fma_gflop_s } = report.limits;
    let fma = fma_gflop_s.map_or("unknown".to_owned(), |rate| format!("{rate:.1} GFLOP/s"));
    let mut text = format!("device: {}", report.device);
    if !report.driver.is_empty() {
        text += &format!(" ({})", report.driver);
    }
    text += &format!("\nlimits: copy {copy_gb_s:.1} GB/s, multiply-add {fma}\n");
    if !report.optimised {
        text += "this build has no optimisations: times are those of a debug build\n";
    }
    text
}

/// The titles above the workloads.
pub(crate) fn titles() -> String {
    let text = format!(
        "{:<31} {:<27} {:>14} {:>10} {:>10} {:>16} {:>6} {:>7} {:>9} {:>8}",
        "workload",
        "shapes",
        "compiled",
        "eager",
        "no fusion",
        "rate",
        "limit",
        "x eager",
        "x no fus.",
        "x hand"
    );
    format!("{text}\n{}\n", "-".repeat(text.len()))
}

/// A workload's line.
pub(crate) fn line(row: &Row) -> String {
    let compiled =
        format!("{} ±{:>2.0}%", time(row.compiled.median_us), row.compiled.spread * 100.0);
    let (rate, share) = match &row.rate {
        Some(rate) => {
            let share =
                rate.share.map_or_else(String::new, |share| format!("{:.0}%", share * 100.0));
            (speed(rate), share)
        }
        None => (String::new(), String::new()),
    };
    let mut text = format!(
        "{:<31} {:<27} {:>14} {:>10} {:>10} {:>16} {:>6} {:>7.2} {:>9.2}",
        row.name,
        row.shapes,
        compiled,
        time(row.eager.median_us),
        time(row.no_fusion.median_us),
        rate,
        share,
        row.over_eager,
        row.over_no_fusion
    );
    match &row.hand_written {
        Some(hand) if hand.share >= hand.bar => {
            let _ =
                write!(text, " {:>8.2} ({}, {:.0}%)", hand.ratio, hand.name, hand.share * 100.0);
        }
        Some(hand) => {
            let (share, bar) = (hand.share * 100.0, hand.bar * 100.0);
            let _ = write!(
                text,
                "        - baseline below its bar ({}: {share:.0}% of {bar:.0}%)",
                hand.name
            );
        }
        None => {}
    }
    text + "\n"
}

/// A compilation's line.
pub(crate) fn compilation(row: &Compilation) -> String {
    let timing = row.capture_and_compile;
    let name = format!("{}: {} nodes, {} regions", row.name, row.nodes, row.regions);
    let total = format!("{} ±{:>2.0}%", time(timing.median_us), timing.spread * 100.0);
    let mut stages: Vec<&(String, f64)> = row.stages_ms.iter().collect();
    stages.sort_by(|a, b| b.1.total_cmp(&a.1));
    let longest = stages.iter().take(3).map(|(name, ms)| format!("{name} {}", time(ms * 1e3)));
    let longest = longest.collect::<Vec<_>>().join(", ");
    let (each, device) = (row.us_per_node, time(row.prepare_ms * 1e3));
    format!(
        "{name:<59} {total:>14}  {each:.1} us a node; kernels built in {device}; longest stages: {longest}\n"
    )
}

fn speed(rate: &Rate) -> String {
    let unit = match rate.unit {
        Unit::GigaFlops => "GFLOP/s",
        Unit::GigaBytes => "GB/s",
    };
    format!("{:.1} {unit}", rate.value)
}

/// A time with the unit that suits it.
fn time(us: f64) -> String {
    match us {
        us if us < 1e3 => format!("{us:.1} us"),
        us if us < 1e6 => format!("{:.2} ms", us / 1e3),
        us => format!("{:.2} s", us / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(share: f64) -> Row {
        let timing = |us| Timing { median_us: us, spread: 0.05, rounds: 5, repeats: 1 };
        Row {
            group: Group::Normalisation,
            name: "softmax",
            shapes: "[8,8]",
            bound: Bound::Memory,
            flops: 0.0,
            bytes: 512.0,
            compiled: timing(100.0),
            eager: timing(200.0),
            no_fusion: timing(400.0),
            rate: Some(Rate {
                value: 5.0,
                unit: Unit::GigaBytes,
                floor: Some(10.0),
                share: Some(0.5),
            }),
            over_eager: 2.0,
            over_no_fusion: 4.0,
            hand_written: Some(HandWritten {
                name: "by hand".to_owned(),
                timing: timing(90.0),
                share,
                bar: 0.6,
                ratio: 0.9,
            }),
        }
    }

    #[test]
    fn a_line_has_times_rate_and_ratios() {
        let line = line(&row(0.7));
        for part in ["100.0 us ± 5%", "5.0 GB/s", "50%", "2.00", "4.00", "0.90 (by hand, 70%)"] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }

    #[test]
    fn a_weak_baseline_gives_no_ratio() {
        let line = line(&row(0.4));
        assert!(line.contains("baseline below its bar (by hand: 40% of 60%)"), "{line}");
        assert!(!line.contains("0.90"), "{line}");
    }

    #[test]
    fn times_have_units() {
        assert_eq!([time(12.0), time(1500.0), time(2.5e6)], ["12.0 us", "1.50 ms", "2.50 s"]);
    }
}
