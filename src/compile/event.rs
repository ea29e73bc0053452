//! What happens to a compiled function: counted in its statistics, and logged once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ferrodyne_plan::Source;

use super::miss::Cause;
use crate::capture::GraphBreak;

/// Kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The first program was made.
    Compile,
    /// A further program was made, since no other one served a call.
    Recompile,
    /// A body had to stop for a value.
    Break,
    /// Calls are served in a slower way than was asked for.
    Fallback,
    /// A program was dropped because there were too many.
    Eviction,
}

/// Something that happened to a compiled function.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Event {
    /// What it was.
    pub kind: EventKind,
    /// Why.
    pub reason: String,
    /// File and line to blame, or where the function is compiled; empty where that is not known.
    pub source: String,
    /// How often it happened.
    pub count: usize,
}

/// What has happened to a compiled function.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Stats {
    /// Programs held.
    pub programs: usize,
    /// Programs made so far.
    pub compilations: usize,
    /// Calls served by a program that was there.
    pub hits: usize,
    /// Programs dropped because there were too many.
    pub evictions: usize,
    /// Why each program after the first was made.
    pub reasons: Vec<String>,
    /// Programs of segments between graph breaks.
    pub segments: usize,
    /// Where calls had to stop for a value, each place once with its count.
    pub breaks: Vec<GraphBreak>,
    /// All that happened apart from hits, in order; what happens again is counted.
    pub events: Vec<Event>,
}

impl Stats {
    /// Both together.
    pub(super) fn and(mut self, other: Stats) -> Stats {
        self.programs += other.programs;
        self.compilations += other.compilations;
        self.hits += other.hits;
        self.evictions += other.evictions;
        self.segments += other.segments;
        self.reasons.extend(other.reasons);
        other.breaks.into_iter().for_each(|b| b.add_to(&mut self.breaks));
        self.events.extend(other.events);
        self
    }
}

/// Most events and reasons that are kept.
const KEPT_MAX: usize = 256;

/// The statistics of a function, while they are taken.
#[derive(Default)]
pub(super) struct Log {
    stats: Mutex<Stats>,
    hits: AtomicUsize,
}

impl Log {
    /// Forgets what has happened.
    pub(super) fn reset(&self) {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner) = Stats::default();
        self.hits.store(0, Ordering::Relaxed);
    }

    pub(super) fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    /// The statistics so far.
    pub(super) fn stats(&self) -> Stats {
        let hits = self.hits.load(Ordering::Relaxed);
        Stats { hits, ..self.stats.lock().unwrap_or_else(PoisonError::into_inner).clone() }
    }

    /// Notes an event of a function; one that is new is logged.
    pub(super) fn note(&self, function: &str, kind: EventKind, reason: &str, source: &str) {
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |e: &&mut Event| e.kind == kind && e.reason == reason && e.source == source;
        if let Some(known) = stats.events.iter_mut().find(same) {
            known.count += 1;
            return;
        }
        let at = if source.is_empty() { String::new() } else { format!(" ({source})") };
        match kind {
            EventKind::Compile => {
                tracing::info!(target: "recompiles", "`{function}`: {reason}{at}")
            }
            EventKind::Recompile => {
                tracing::info!(target: "recompiles", "`{function}`: compiled again: {reason}{at}");
            }
            EventKind::Break => {
                tracing::warn!(target: "breaks", "`{function}`: graph break: {reason}{at}")
            }
            EventKind::Fallback => tracing::warn!(target: "breaks", "`{function}`: {reason}{at}"),
            EventKind::Eviction => {
                tracing::warn!(target: "recompiles", "`{function}`: {reason}{at}")
            }
        }
        if stats.events.len() < KEPT_MAX {
            let (reason, source) = (reason.to_owned(), source.to_owned());
            stats.events.push(Event { kind, reason, source, count: 1 });
        }
    }

    /// Notes that a program was made: the first one, or one because of a reason.
    pub(super) fn compiled(&self, function: &str, reason: Option<&str>, source: &Source) {
        {
            let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
            stats.compilations += 1;
            if let Some(reason) = reason.filter(|_| stats.reasons.len() < KEPT_MAX) {
                stats.reasons.push(reason.to_owned());
            }
        }
        let kind = if reason.is_some() { EventKind::Recompile } else { EventKind::Compile };
        self.note(function, kind, reason.unwrap_or("compiled at the first call"), &text(source));
    }

    /// Notes that a program was dropped.
    pub(super) fn evicted(&self, function: &str, reason: &str, source: &Source) {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner).evictions += 1;
        self.note(function, EventKind::Eviction, reason, &text(source));
    }

    /// Notes breaks.
    pub(super) fn broke(&self, function: &str, breaks: &[GraphBreak]) {
        for graph_break in breaks {
            let reason = format!("{}: {}", graph_break.reason, graph_break.hint);
            self.note(function, EventKind::Break, &reason, &graph_break.source);
            let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
            graph_break.clone().add_to(&mut stats.breaks);
        }
    }
}

pub(super) fn text(source: &Source) -> String {
    if source.is_unknown() { String::new() } else { source.to_string() }
}

/// What to do about many programs: what keeps them apart most often, and what to write.
pub(super) fn advice(causes: impl Iterator<Item = Cause>) -> String {
    let mut counts: BTreeMap<Cause, usize> = BTreeMap::new();
    causes.for_each(|cause| *counts.entry(cause).or_default() += 1);
    let most = counts.into_iter().max_by_key(|(_, count)| *count).map(|(cause, _)| cause);
    match most {
        Some(Cause::Size(path, axis)) => format!(
            "{path}'s dim {axis} keeps them apart: declare it with `dynamic({path}[{axis}] = \"name\")`, and do not fix it in the body"
        ),
        Some(Cause::Host(path)) => format!(
            "`{path}` keeps them apart: pass a number that varies as a `Scalar`, or allow more with `programs_max`"
        ),
        Some(Cause::Other(path)) if !path.is_empty() => {
            format!("`{path}` keeps them apart: allow more with `programs_max`")
        }
        _ => "allow more with `programs_max`".to_owned(),
    }
}
