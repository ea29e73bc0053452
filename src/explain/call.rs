//! What a call of a compiled function did and what became of it: comes in a function with arguments, goes out data that prints.
//!
//! While a function is explained, an observer stands on the thread; the outermost compiled functions that are called tell it.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::panic::Location;

use serde::Serialize;

use super::page::size;
use super::{GuardReport, Report};
use crate::capture::GraphBreak;
use crate::compile::{Arg, Cache, CallSite, Callable, Options, Ret, Stats, taken_apart};
use crate::error::{Error, Result};

/// What calls of compiled functions did: one entry for each outermost compiled function that was called, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Explanation {
    /// The calls.
    pub calls: Vec<CallReport>,
}

/// What one call of a compiled function did, and what the function has been compiled to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallReport {
    /// The function or model.
    pub name: String,
    /// How it was served.
    pub outcome: Outcome,
    /// The guard that failed, where the call was compiled although programs were there.
    pub because: Option<String>,
    /// Places at which the function cannot stay one graph, with reasons.
    pub breaks: Vec<GraphBreak>,
    /// Programs, compilations, hits, and the guards that failed.
    pub stats: Stats,
    /// All programs of the function.
    pub programs: Vec<ProgramExplanation>,
}

/// How a call was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// By a program that was there.
    Found,
    /// By a program that was made for it.
    Compiled,
    /// By running the body, with the segments between graph breaks compiled.
    Replayed,
    /// By running every operation at once: the backend is `eager`.
    Eager,
}

/// A program of a function.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProgramExplanation {
    /// Whether it served the call.
    pub served: bool,
    /// Whether it is a segment between graph breaks.
    pub segment: bool,
    /// What must hold of a call, with the lines that need it.
    pub guards: Vec<String>,
    /// The captured graph as text, with the graphs of the modules that it calls.
    pub graph: String,
    /// What the compiler made of it; absent where no plan is made, with the reason.
    pub report: std::result::Result<Report, String>,
}

thread_local! {
    /// Calls seen so far, while a function is explained.
    static SEEN: RefCell<Option<Vec<CallReport>>> = const { RefCell::new(None) };
}

/// Observes a compiled call, if a function is being explained; calls inside of it are part of it.
pub(crate) fn observed<R>(call: impl FnOnce() -> R, report: impl FnOnce() -> CallReport) -> R {
    let Some(mut seen) = SEEN.take() else { return call() };
    let result = call();
    seen.push(report());
    SEEN.set(Some(seen));
    result
}

/// Whether a function is being explained on this thread.
pub(crate) fn is_watched() -> bool {
    SEEN.with_borrow(Option::is_some)
}

/// Takes the observer away again, also when a call panics.
struct Watch(Option<Vec<CallReport>>);

impl Drop for Watch {
    fn drop(&mut self) {
        SEEN.set(self.0.take());
    }
}

fn watch<R>(call: impl FnOnce() -> R) -> (R, Vec<CallReport>) {
    let _outer = Watch(SEEN.replace(Some(Vec::new())));
    let result = call();
    (result, SEEN.take().unwrap_or_default())
}

/// Calls a function and says what became of the call: graphs, graph breaks with reasons, guards with their sources, regions,
/// kernels, what was not fused and why, bytes moved, the memory plan, recompilations and the guards that failed. The function is
/// one with `#[compile]`, a [`Compiled`](crate::Compiled), a loaded model, or anything that calls these; what calls none of them is
/// compiled as [`compile`](fn@crate::compile) would, for which it runs a second time.
///
/// ```
/// use ferrodyne::prelude::*;
/// use ferrodyne::explain::{Outcome, explain};
///
/// #[compile]
/// fn scores(x: &Tensor) -> Tensor {
///     x.softmax(-1)
/// }
///
/// let told = explain(&scores, &Tensor::ones([4, 10], &Device::cpu()))?;
/// assert_eq!(told.calls[0].outcome, Outcome::Compiled);
/// assert_eq!(told.calls[0].programs[0].report.as_ref().unwrap().dispatches, 1);
/// println!("{told}");
/// # Ok::<(), ferrodyne::Error>(())
/// ```
///
/// # Errors
/// What the call reports.
#[track_caller]
pub fn explain<A: Arg, F: Callable<A>>(f: &F, args: A) -> Result<Explanation> {
    let at = Location::caller();
    crate::fault::returned(|| explained(f, args, at))
}

fn explained<A: Arg, F: Callable<A>>(
    f: &F,
    args: A,
    at: &'static Location<'static>,
) -> Result<Explanation> {
    let again = args.fresh(&mut crate::ahead::Same);
    let (result, mut calls) = watch(|| f.invoke(args));
    check(result)?;
    if calls.is_empty() {
        let options = Options::default();
        let (arguments, module) = (f.arguments(), f.module());
        let site = CallSite { options: &options, arguments, module, progress: None };
        let cache = Cache::default();
        let (result, seen) = watch(|| cache.call(&site, at, again, |args| f.invoke(args)));
        check(result?)?;
        calls = seen;
    }
    Ok(Explanation { calls })
}

/// The fault of a result that is an error.
fn check(result: impl Ret) -> Result<()> {
    taken_apart(result)
        .map_err(|text| Error::at("explain", text, ferrodyne_plan::Source::unknown()))
}

impl Explanation {
    /// The page of the program that served the first call: see [`Report::to_html`]; `None` where no plan was made.
    pub fn to_html(&self, lines: super::SourceLines<'_>) -> Option<String> {
        let programs = self.calls.iter().flat_map(|call| &call.programs);
        let shown = programs.filter(|p| p.served || p.segment);
        let (program, report) = shown.filter_map(|p| Some((p, p.report.as_ref().ok()?))).next()?;
        let mut report = report.clone();
        if !program.guards.is_empty() {
            let guard =
                |text: &String| GuardReport { text: text.clone(), op: String::new(), source: None };
            report.guards = program.guards.iter().map(guard).collect();
        }
        Some(report.to_html(lines))
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.calls.iter().try_for_each(|call| call.fmt(f))
    }
}

impl fmt::Display for CallReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Found => "served by a program that was there",
            Outcome::Compiled => "compiled",
            Outcome::Replayed => {
                "replayed: the body runs on every call, and what lies between graph breaks is compiled"
            }
            Outcome::Eager => "run operation by operation, without a program",
        };
        writeln!(f, "`{}`: {outcome}", self.name)?;
        if let Some(because) = &self.because {
            writeln!(f, "  because {because}")?;
        }
        let Stats { programs, compilations, hits, evictions, segments, .. } = &self.stats;
        writeln!(
            f,
            "  {} and {} held, {compilations} compiled, {} found one, {evictions} evicted",
            counted(*programs, "program"),
            counted(*segments, "segment"),
            counted(*hits, "call")
        )?;
        list(f, "graph breaks", &self.breaks)?;
        list(f, "compiled again because", &self.stats.reasons)?;
        for (index, program) in self.programs.iter().enumerate() {
            let what = if program.segment { "segment" } else { "program" };
            let served = if program.served { ", which served the call" } else { "" };
            writeln!(f, "  {what} {index}{served}")?;
            list(&mut Indented(f), "guards", &program.guards)?;
            list(&mut Indented(f), "graph", program.graph.lines())?;
            match &program.report {
                Ok(report) => report.summary(&mut Indented(f))?,
                Err(why) => writeln!(f, "    no plan: {why}")?,
            }
        }
        Ok(())
    }
}

/// So many of something: `1 kernel`, `2 dispatches`.
fn counted(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        _ if what.ends_with("ch") => format!("{n} {what}es"),
        _ => format!("{n} {what}s"),
    }
}

/// A heading with its entries, or nothing where there are none.
pub(super) fn list<T: fmt::Display>(
    f: &mut impl Write,
    heading: &str,
    entries: impl IntoIterator<Item = T>,
) -> fmt::Result {
    for (index, entry) in entries.into_iter().enumerate() {
        if index == 0 {
            writeln!(f, "  {heading}")?;
        }
        writeln!(f, "    {entry}")?;
    }
    Ok(())
}

/// Writes two columns further to the right.
struct Indented<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Indented<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for line in text.split_inclusive('\n') {
            // Each line is written in pieces: only its indent begins with two blanks.
            let shifted = line.starts_with("  ");
            self.0.write_str(if shifted { "  " } else { "" })?;
            self.0.write_str(line)?;
        }
        Ok(())
    }
}

impl Report {
    /// The report in words: figures, regions with their kernels and traffic, what was not fused, guards on sizes and memory.
    pub fn summary(&self, f: &mut impl Write) -> fmt::Result {
        writeln!(f, "  compiled for {}", self.target)?;
        let bytes = |n: Option<i64>| n.map_or_else(|| "?".to_owned(), size);
        let run = || self.regions.iter().filter(|region| !region.weights_only);
        let moved: Option<i64> = run().map(|r| Some(r.bytes_read? + r.bytes_written?)).sum();
        writeln!(
            f,
            "  {} captured, {} after passes, {}, {}, {}, {}, {} moved",
            counted(self.nodes_captured, "node"),
            self.nodes.len(),
            counted(run().count(), "region"),
            counted(self.kernels, "kernel"),
            counted(self.dispatches, "dispatch"),
            counted(self.weight_steps, "weight step"),
            bytes(moved)
        )?;
        let regions = self.regions.iter().map(|region| {
            let once = if region.weights_only { ", once" } else { "" };
            let kernels = region.variants.iter().map(|variant| {
                let names: Vec<&str> = variant.kernels.iter().map(|k| k.name.as_str()).collect();
                match variant.needs.is_empty() {
                    true => names.join(", "),
                    false => format!("{} if {}", names.join(", "), variant.needs.join(" and ")),
                }
            });
            format!(
                "{} ({}{once}): reads {}, writes {}; kernel {}",
                region.name,
                region.kind,
                bytes(region.bytes_read),
                bytes(region.bytes_written),
                kernels.collect::<Vec<_>>().join("; ")
            )
        });
        list(f, "regions", regions)?;
        let cuts = self.cuts.iter().map(|cut| {
            format!("{} into {}: {}", self.named(cut.from), self.named(cut.to), cut.reason)
        });
        list(f, "not fused", cuts)?;
        let guards = self.guards.iter().map(|guard| match &guard.source {
            Some(at) => {
                format!("{}, because of {} ({}:{})", guard.text, guard.op, at.file, at.line)
            }
            None => format!("{}, because of {}", guard.text, guard.op),
        });
        list(f, "guards on sizes", guards)?;
        let peak = self.memory.peak_bytes.map_or_else(|| self.memory.peak.clone(), size);
        let kept = |role: &str| matches!(role, "scratch" | "output");
        let slots =
            self.memory.slots.iter().filter(|slot| kept(&slot.role) && !slot.spans.is_empty());
        let slots = slots.map(|slot| {
            let spans = slot.spans.iter().map(|(a, b)| format!("{a} to {b}"));
            let spans = spans.collect::<Vec<_>>().join(", ");
            let whole = slot.part_of.map_or_else(String::new, |whole| {
                format!(" in the buffer of {}", self.memory.slots[whole].name)
            });
            format!("{} {} {}{whole}: steps {spans}", slot.role, slot.name, bytes(slot.bytes))
        });
        list(f, &format!("memory, at most {peak}"), slots)
    }
}
