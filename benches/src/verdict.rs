//! Which bars a run misses. In: a report. Out: each bar that is missed, the worst first.

use serde::Serialize;

use crate::report::{Report, Row};
use crate::workload::Mode;

/// How much longer than eager, or than without fusion, a compiled call may take.
const SLOWER_MAX: f64 = 1.05;
/// The share of a hand-written kernel's speed that a compiled call must reach.
const HAND_WRITTEN: f64 = 0.75;

/// A bar that was missed.
#[derive(Serialize)]
pub(crate) struct Miss {
    /// The workload.
    pub(crate) name: &'static str,
    /// Shapes of its inputs.
    pub(crate) shapes: &'static str,
    /// What is compared.
    pub(crate) what: &'static str,
    /// What was measured.
    pub(crate) value: f64,
    /// What it had to be.
    pub(crate) bar: f64,
    /// Whether the bar is the least allowed, and not the most.
    pub(crate) is_least: bool,
}

impl Miss {
    /// By what factor the bar is missed.
    fn factor(&self) -> f64 {
        if self.is_least { self.bar / self.value } else { self.value / self.bar }
    }
}

/// The bars that a run misses.
pub(crate) fn misses(report: &Report) -> Vec<Miss> {
    let mut all: Vec<Miss> = report.rows.iter().flat_map(|row| bars(row, report.mode)).collect();
    all.extend(report.overheads.iter().map(|row| Miss {
        name: row.name,
        shapes: row.shapes,
        what: "microseconds of the host beyond a bare loop",
        value: row.difference_us,
        bar: row.bar_us,
        is_least: false,
    }));
    all.extend(report.growths.iter().map(|growth| Miss {
        name: growth.kind,
        shapes: "",
        what: "time to compile over that of a tenth of the graph",
        value: growth.ratio,
        bar: growth.bar,
        is_least: false,
    }));
    all.extend(report.compilations.iter().filter_map(|row| {
        Some(Miss {
            name: row.name,
            shapes: "",
            what: "milliseconds of capture and compilation",
            value: row.capture_and_compile.median_us / 1e3,
            bar: row.bar_ms?,
            is_least: false,
        })
    }));
    all.retain(|miss| miss.factor() > 1.0 || miss.factor().is_nan());
    all.sort_by(|a, b| b.factor().total_cmp(&a.factor()));
    all
}

/// By what factor a workload misses its bars at worst: at most 1 where it misses none.
pub(crate) fn missed_by(row: &Row, mode: Mode) -> f64 {
    bars(row, mode).iter().map(Miss::factor).max_by(f64::total_cmp).unwrap_or(0.0)
}

/// The bars of a workload: by the rules the kernel of the same tile counts, after tuning the best one.
fn bars(row: &Row, mode: Mode) -> Vec<Miss> {
    let miss = |what, value, bar, is_least| Miss {
        name: row.name,
        shapes: row.shapes,
        what,
        value,
        bar,
        is_least,
    };
    let mut bars = vec![
        miss("the compiled call's time over eager's", 1.0 / row.over_eager, SLOWER_MAX, false),
        miss(
            "the compiled call's time over that without fusion",
            1.0 / row.over_no_fusion,
            SLOWER_MAX,
            false,
        ),
    ];
    if let Some(hand) = &row.hand_written {
        let same = hand.same_tile.as_ref().filter(|_| mode == Mode::Default);
        let (rival, what) = match same {
            Some(same) => (same, "the time by hand with the same tile over the compiled call's"),
            None => (&hand.best, "the best hand-written kernel's time over the compiled call's"),
        };
        bars.extend(rival.counts.then(|| miss(what, rival.ratio, HAND_WRITTEN, true)));
    }
    bars
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::measure::Timing;
    use crate::report::{HandWritten, Limits, Rate, Rival, Unit};
    use crate::workload::{Bound, Group};

    fn timing(us: f64) -> Timing {
        Timing { median_us: us, spread: 0.05, rounds: 5, repeats: 1 }
    }

    pub(crate) fn rival(name: &str, ratio: f64) -> Rival {
        let timing = timing(100.0 * ratio);
        Rival { name: name.to_owned(), timing, share: 0.7, counts: true, ratio }
    }

    pub(crate) fn row(best: Rival, same_tile: Option<Rival>) -> Row {
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
            hand_written: Some(HandWritten { bar: Some(0.6), best, same_tile }),
        }
    }

    pub(crate) fn report(rows: Vec<Row>) -> Report {
        Report {
            device: "a device".to_owned(),
            driver: String::new(),
            mode: Mode::Default,
            optimised: true,
            limits: Limits { copy_gb_s: 10.0, fma_gflop_s: None },
            rows,
            overheads: Vec::new(),
            compilations: Vec::new(),
            growths: Vec::new(),
            failures: Vec::new(),
            misses: Vec::new(),
        }
    }

    #[test]
    fn by_the_rules_the_same_tile_counts_and_after_tuning_the_best() {
        let mut report = report(vec![row(rival("best", 0.5), Some(rival("same", 0.8)))]);
        assert!(misses(&report).is_empty());
        report.mode = Mode::MaxAutotune;
        let misses = misses(&report);
        assert_eq!((misses.len(), misses[0].value, misses[0].bar), (1, 0.5, 0.75));
    }

    #[test]
    fn a_baseline_that_does_not_count_is_no_bar() {
        let weak = Rival { counts: false, ..rival("best", 0.5) };
        assert!(misses(&report(vec![row(weak, None)])).is_empty());
    }

    #[test]
    fn the_worst_comes_first() {
        let slow = Row { over_eager: 0.9, over_no_fusion: 0.5, ..row(rival("best", 0.7), None) };
        let factors: Vec<f64> = misses(&report(vec![slow])).iter().map(Miss::factor).collect();
        assert_eq!(factors.len(), 3);
        assert!(factors.is_sorted_by(|a, b| a >= b) && factors[0] > 1.9, "{factors:?}");
    }
}
