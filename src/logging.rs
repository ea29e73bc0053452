//! What ferrodyne says while it works, through [`tracing`]: comes in a list of topics, goes out lines of text.
//!
//! Every topic is the target of its events, so that any subscriber finds them by bare names; `FERRODYNE_LOG=guards,recompiles` does
//! in the command `ferrodyne`, and in a program of one's own after [`init`]. A program that has a subscriber already (such as
//! `tracing_subscriber::fmt()` with an `EnvFilter`) needs nothing else.

use std::fmt::{Debug, Write};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};

use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::pipeline::Compiled;
use ferrodyne_plan::plan::Body;

use crate::compile::CompileTimes;

/// The topics, each with what it says.
pub const TOPICS: [(&str, &str); 8] = [
    ("breaks", "graph breaks, each with its line and what to write instead"),
    ("guards", "what must hold of a call for each program"),
    ("recompiles", "why a program was made although there were others, and which were dropped"),
    ("passes", "the graph before the passes, and after each that changed it"),
    ("fusion", "regions, and the reason for every edge that was not fused"),
    ("wgsl", "the code of every kernel"),
    ("plan", "buffers, steps and the peak of memory"),
    ("perf", "times of the compiler's stages and of making kernels ready"),
];

/// Prints the topics that the environment variable `FERRODYNE_LOG` names to stderr: `guards,recompiles`, or `all`; with a level
/// (`recompiles=warn`) only what is as grave. Does nothing where the variable is not set, or where the program has a subscriber
/// already.
///
/// ```
/// ferrodyne::logging::init();
/// ```
pub fn init() {
    let Ok(filter) = std::env::var("FERRODYNE_LOG") else { return };
    for name in filter.split(',').map(|entry| entry.split('=').next().unwrap_or_default().trim()) {
        if name != "all" && TOPICS.iter().all(|(topic, _)| *topic != name) {
            let topics: Vec<&str> = TOPICS.iter().map(|(topic, _)| *topic).collect();
            eprintln!(
                "FERRODYNE_LOG: there is no topic `{name}`; there are: all, {}",
                topics.join(", ")
            );
        }
    }
    // A program that has a subscriber keeps it.
    let _ =
        tracing::subscriber::set_global_default(subscriber(&filter, |line| eprintln!("{line}")));
}

/// A subscriber that hands the lines of some topics to a function: `subscriber("guards,recompiles=warn", |line| ..)`.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use ferrodyne::prelude::*;
///
/// let lines = Arc::new(Mutex::new(Vec::new()));
/// let sink = lines.clone();
/// let subscriber = ferrodyne::logging::subscriber("guards", move |line| sink.lock().unwrap().push(line.to_owned()));
/// tracing::subscriber::with_default(subscriber, || {
///     compile(|x: &Tensor| x + 1.0).named("next").call(&Tensor::zeros([3], &Device::cpu()))
/// })?;
/// assert_eq!(lines.lock().unwrap()[0], "guards: `next`: x0.dim(0) == 3");
/// # Ok::<(), ferrodyne::Error>(())
/// ```
pub fn subscriber(
    filter: &str,
    line: impl Fn(&str) + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    let entries = filter.split(',').map(|entry| {
        let (topic, level) = entry.split_once('=').unwrap_or((entry, "trace"));
        (topic.trim().to_owned(), level.trim().parse().unwrap_or(Level::TRACE))
    });
    Lines { topics: entries.collect(), line }
}

/// Prints the events of topics, a line or block of text for each.
struct Lines<F> {
    topics: Vec<(String, Level)>,
    line: F,
}

impl<F: Fn(&str) + Send + Sync + 'static> Subscriber for Lines<F> {
    fn register_callsite(&self, _metadata: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let known = TOPICS.iter().any(|(topic, _)| *topic == metadata.target());
        if !known {
            // What is wrong is told whatever the topics are.
            return metadata.target().starts_with("ferrodyne") && *metadata.level() <= Level::WARN;
        }
        self.topics.iter().any(|(topic, level)| {
            (topic == metadata.target() || topic == "all") && metadata.level() <= level
        })
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = format!("{}: ", event.metadata().target());
        event.record(&mut Message(&mut text));
        (self.line)(&text);
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

/// Tells what the compiler made of a graph.
pub(crate) fn compiled(graph: &Graph, made: &Compiled) {
    let name = &graph.name;
    for part in made.all() {
        tracing::debug!(target: "fusion", "`{}`:\n{}", part.graph.name, part.regions);
    }
    tracing::debug!(target: "plan", "`{name}`:\n{}", made.plan);
    for kernel in &made.plan.kernels {
        if let Body::Wgsl(code) = &kernel.body {
            tracing::debug!(target: "wgsl", "`{name}`, kernel `{}`:\n{}", kernel.name, code.text);
        }
    }
}

/// Tells what the making of a program took.
pub(crate) fn took(graph: &Graph, times: &CompileTimes) {
    let stages = times.stages.iter().map(|(stage, ms)| format!("{stage} {ms:.2} ms"));
    let stages = stages.collect::<Vec<_>>().join(", ");
    tracing::debug!(target: "perf", "`{}`: {stages}, kernels ready after {:.2} ms", graph.name, times.prepare_ms);
}

/// Tells what must hold of calls of a program.
pub(crate) fn guards(name: &str, guards: impl IntoIterator<Item = String>) {
    for guard in guards {
        tracing::debug!(target: "guards", "`{name}`: {guard}");
    }
}
