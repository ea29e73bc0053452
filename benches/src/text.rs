//! The results as text. In: measured rows. Out: lines of a table.

use crate::measure::Timing;
use crate::report::{
    Compilation, Growth, HandWritten, Limits, Overhead, Rate, Report, Rival, Row, Unit,
};
use crate::verdict::Miss;
use crate::workload::Mode;

/// The first lines of the text.
pub(crate) fn heading(report: &Report) -> String {
    let Limits { copy_gb_s, fma_gflop_s } = report.limits;
    let fma = fma_gflop_s.map_or("unknown".to_owned(), |rate| format!("{rate:.1} GFLOP/s"));
    let mut text = format!("device: {}", report.device);
    if !report.driver.is_empty() {
        text += &format!(" ({})", report.driver);
    }
    text += &format!("\nlimits: copy {copy_gb_s:.1} GB/s, multiply-add {fma}\n");
    if report.mode != Mode::Default {
        text += &format!("mode: {}\n", report.mode.name());
    }
    if !report.optimised {
        text += "this build has no optimisations: times are those of a debug build\n";
    }
    text
}

/// The titles above the workloads.
pub(crate) fn titles() -> String {
    let text = format!(
        "{:<31} {:<27} {:>14} {:>10} {:>10} {:>16} {:>6} {:>7} {:>9} {:>7} {:>7}  hand-written",
        "workload",
        "shapes",
        "compiled",
        "eager",
        "no fusion",
        "rate",
        "limit",
        "x eager",
        "x no fus.",
        "x tile",
        "x best",
    );
    format!("{text}\n{}\n", "-".repeat(text.len()))
}

/// A workload's line.
pub(crate) fn line(row: &Row) -> String {
    let (rate, share) = match &row.rate {
        Some(rate) => (speed(rate), rate.share.map_or_else(String::new, percent)),
        None => (String::new(), String::new()),
    };
    let text = format!(
        "{:<31} {:<27} {:>14} {:>10} {:>10} {:>16} {:>6} {:>7.2} {:>9.2}{}",
        row.name,
        row.shapes,
        spread(row.compiled),
        time(row.eager.median_us),
        time(row.no_fusion.median_us),
        rate,
        share,
        row.over_eager,
        row.over_no_fusion,
        row.hand_written.as_ref().map_or_else(String::new, hand_written),
    );
    text + "\n"
}

/// The ratios over hand-written kernels, and what those are. One that does not count has no ratio.
fn hand_written(hand: &HandWritten) -> String {
    let ratio = |rival: &Rival| match rival.counts {
        true => format!("{:.2}", rival.ratio),
        false => "-".to_owned(),
    };
    let about = |rival: &Rival| {
        let short = match (rival.counts, hand.bar) {
            (false, Some(bar)) => format!(" of {}: below its bar, does not count", percent(bar)),
            _ => String::new(),
        };
        format!("{}, {}{short}", rival.name, percent(rival.share))
    };
    let same = hand.same_tile.as_ref();
    let mut text = format!(
        " {:>7} {:>7}  {}",
        same.map_or_else(String::new, ratio),
        ratio(&hand.best),
        about(&hand.best)
    );
    if let Some(same) = same.filter(|same| same.name != hand.best.name) {
        text += &format!("; {}", about(same));
    }
    text
}

/// An eager operation's line.
pub(crate) fn overhead(row: &Overhead) -> String {
    let bare = row
        .bare
        .map_or_else(String::new, |bare| format!(" less {} of a bare loop", time(bare.median_us)));
    format!(
        "{:<31} {:<27} {:>14} on the host{bare}: {:.1} us an operation, at most {:.0}\n",
        row.name,
        row.shapes,
        spread(row.eager),
        row.difference_us,
        row.bar_us
    )
}

/// A compilation's line.
pub(crate) fn compilation(row: &Compilation) -> String {
    let name = format!("{}: {} nodes, {} regions", row.name, row.nodes, row.regions);
    let mut stages: Vec<&(String, f64)> = row.stages_ms.iter().collect();
    stages.sort_by(|a, b| b.1.total_cmp(&a.1));
    let longest = stages.iter().take(3).map(|(name, ms)| format!("{name} {}", milliseconds(*ms)));
    let longest = longest.collect::<Vec<_>>().join(", ");
    let bar = row.bar_ms.map_or_else(String::new, |bar| format!(" (at most {bar:.0} ms)"));
    format!(
        "{name:<59} {:>14}{bar}  {:.1} us a node; kernels built in {}, first call {}; longest stages: {longest}\n",
        spread(row.capture_and_compile),
        row.us_per_node,
        milliseconds(row.prepare_ms),
        milliseconds(row.first_call_ms)
    )
}

/// A line about growth.
pub(crate) fn growth(growth: &Growth) -> String {
    let Growth { kind, sizes: [small, large], ratio, bar } = growth;
    format!("{kind}: {large} operations take {ratio:.1} times as long as {small}, at most {bar}\n")
}

/// The last lines: which bars were missed.
pub(crate) fn summary(misses: &[Miss]) -> String {
    if misses.is_empty() {
        return "\nno bar was missed\n".to_owned();
    }
    let mut text = format!("\n{} bars missed, the worst first\n", misses.len());
    for Miss { name, shapes, what, value, bar, is_least, .. } in misses {
        let limit = if *is_least { "at least" } else { "at most" };
        text += &format!("{name:<31} {shapes:<27} {what}: {value:.2}, {limit} {bar:.2}\n");
    }
    text
}

fn speed(rate: &Rate) -> String {
    let unit = match rate.unit {
        Unit::GigaFlops => "GFLOP/s",
        Unit::GigaBytes => "GB/s",
    };
    format!("{:.1} {unit}", rate.value)
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

fn spread(timing: Timing) -> String {
    format!("{} ±{:>2.0}%", time(timing.median_us), timing.spread * 100.0)
}

fn milliseconds(ms: f64) -> String {
    time(ms * 1e3)
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
    use crate::verdict::tests::{report, rival, row};

    #[test]
    fn a_line_has_times_rate_and_ratios() {
        let line = line(&row(rival("by hand", 0.9), Some(rival("of the tile", 1.1))));
        for part in ["100.0 us ± 5%", "5.0 GB/s", "50%", "2.00", "4.00", "1.10    0.90"] {
            assert!(line.contains(part), "{part} in {line}");
        }
        assert!(line.ends_with("by hand, 70%; of the tile, 70%\n"), "{line}");
    }

    #[test]
    fn a_weak_baseline_gives_no_ratio() {
        let weak = Rival { share: 0.4, counts: false, ..rival("by hand", 0.9) };
        let line = line(&row(weak, None));
        assert!(line.contains("by hand, 40% of 60%: below its bar, does not count"), "{line}");
        assert!(!line.contains("0.90"), "{line}");
    }

    #[test]
    fn the_summary_lists_what_missed_its_bar() {
        let report = report(vec![row(rival("by hand", 0.3), None)]);
        let text = summary(&crate::verdict::misses(&report));
        assert!(
            text.contains("best hand-written") && text.contains("0.30, at least 0.75"),
            "{text}"
        );
        assert_eq!(summary(&[]), "\nno bar was missed\n");
    }

    #[test]
    fn times_have_units() {
        assert_eq!([time(12.0), time(1500.0), time(2.5e6)], ["12.0 us", "1.50 ms", "2.50 s"]);
    }
}
