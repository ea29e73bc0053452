//! Values of tensors while a trace is recorded: comes in a node, goes out its value at the examples. The recording goes on as it
//! was; that a value was read is noted, since what the host makes of it is fixed in the trace.

use std::collections::HashMap;

use ferrodyne_compiler::graph::{Graph, InputRole, NodeId, Output};
use ferrodyne_compiler::pipeline;
use ferrodyne_plan::plan::Sizes;
use ferrodyne_plan::{Name, Source};

use super::cycles::Settled;
use super::recorder::Origin;
use super::{CONDITION, CURRENT, GraphBreak, Leave, Recorder, leave};
use crate::compile::{BackendKind, Program};
use crate::error::Result;
use crate::tensor::{Recorded, Stored};

/// A place where what a traced function did depended on the examples' values: the trace does the same for all inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceWarning {
    /// What was done there.
    pub reason: String,
    /// File and line, and the module; empty where that is not known.
    pub source: String,
    /// What to write instead.
    pub hint: String,
}

impl std::fmt::Display for TraceWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.source.is_empty() {
            write!(f, "{}: ", self.source)?;
        }
        write!(f, "{}\n  help: {}", self.reason, self.hint)
    }
}

/// What a recorder keeps while it traces.
#[derive(Default)]
pub(super) struct Tracing {
    /// Values that were read, and keys of draws: one key serves all reads of a trace.
    values: HashMap<NodeId, Stored>,
    warnings: Vec<TraceWarning>,
    /// Decisions that cannot be part of the graph, with the reasons; one without a place stands for all.
    read: Vec<GraphBreak>,
}

impl Recorder {
    /// Lets values be read while the recording goes on. The decisions at the places of `read` are taken by the examples.
    pub(crate) fn set_tracing(&mut self, read: &[GraphBreak]) {
        let read = read.to_vec();
        self.tracing = Some(Box::new(Tracing { read, ..Tracing::default() }));
    }

    /// Whether a trace is recorded.
    pub(super) fn is_tracing(&self) -> bool {
        self.tracing.is_some()
    }

    /// What depended on the examples' values, in the order of the code's run.
    pub(crate) fn warnings(&self) -> Vec<TraceWarning> {
        self.tracing.as_ref().map(|tracing| tracing.warnings.clone()).unwrap_or_default()
    }

    /// Why the decision at a place is taken by the examples, if it is.
    pub(super) fn why_read(&self, source: &Source) -> Option<&GraphBreak> {
        let place = self.place(source).to_string();
        let tracing = self.tracing.as_ref()?;
        tracing.read.iter().find(|why| why.source.is_empty() || why.source == place)
    }

    /// Whether all decisions are taken by the examples.
    pub(super) fn reads_all(&self) -> bool {
        let read = self.tracing.as_ref().map(|tracing| &tracing.read);
        read.is_some_and(|read| read.iter().any(|why| why.source.is_empty()))
    }

    /// Whether a value depends on the state of a loop that is being recorded, so that it differs from trip to trip.
    fn is_in_loop(&self, node: NodeId) -> bool {
        let cycles = self.cycles();
        if cycles.is_empty() {
            return false;
        }
        let mut graph = self.builder.graph().clone();
        graph.outputs = vec![Output { name: Name::from("value"), node }];
        graph.write_backs.clear();
        Settled::new(&graph, cycles).leak().is_some()
    }

    fn warn(&mut self, what: &str, source: &Source) {
        let (reason, hint) = match (what, self.why_read(source)) {
            (CONDITION, Some(why)) => (
                format!("the trace keeps the side that the examples take: {}", why.reason),
                why.hint.as_str(),
            ),
            (CONDITION | "a comparison", _) => (
                "a comparison reads a tensor's value: the trace keeps the side that the examples take"
                    .to_owned(),
                "put `#[compile]` on the function, so that both branches stay in the graph",
            ),
            (what, _) if what.starts_with("printing") => (
                "printing reads a tensor's value: the text is the examples'".to_owned(),
                "print outside of traced functions",
            ),
            _ => (
                format!("{what} makes a tensor's value known: what the host does with it is fixed in the trace"),
                "keep the value in a tensor; for a branch on it, put `#[compile]` on the function and compare the tensor",
            ),
        };
        let place = self.place(source);
        let source = if place.is_unknown() { String::new() } else { place.to_string() };
        let warning = TraceWarning { reason, source, hint: hint.to_owned() };
        if let Some(tracing) = self.tracing.as_mut()
            && !tracing.warnings.contains(&warning)
        {
            tracing.warnings.push(warning);
        }
    }

    /// The value of a node at the examples.
    fn value_of(&mut self, node: NodeId) -> Result<Stored> {
        if let Some(known) = self.tracing.as_ref().and_then(|t| t.values.get(&node)) {
            return Ok(known.clone());
        }
        let inputs = self.input_values()?;
        let mut graph = self.builder.graph().clone();
        graph.outputs = vec![Output { name: Name::from("value"), node }];
        graph.write_backs.clear();
        let mut graph = match self.has_flow() {
            true => super::place::place(&Settled::new(&graph, self.cycles()))?,
            false => graph,
        };
        as_arguments(&mut graph);
        let sizes = Sizes::new(self.symbols.iter().map(|(name, _, v)| (name.clone(), *v)));
        let inputs: Vec<&Stored> = inputs.iter().collect();
        let options = pipeline::Options::default();
        let made =
            Program::make(graph.clone(), &self.device, BackendKind::default(), &options, None)
                .or_else(|_| {
                    Program::make(graph, &self.device, BackendKind::Reference, &options, None)
                })?;
        let (results, _) = made.run(&sizes, &inputs)?;
        let value = results[0].value("reading", Source::unknown())?.clone();
        if let Some(tracing) = self.tracing.as_mut() {
            tracing.values.insert(node, value.clone());
        }
        Ok(value)
    }

    /// Values of all inputs; a draw has one key for the whole trace.
    fn input_values(&mut self) -> Result<Vec<Stored>> {
        let mut values = self.arguments.clone();
        for lifted in self.lifted.clone() {
            let known = self.tracing.as_ref().and_then(|t| t.values.get(&lifted.node).cloned());
            let value = known.map_or_else(|| lifted.value(), Ok)?;
            if let (Origin::Draw(_), Some(tracing)) = (&lifted.origin, self.tracing.as_mut()) {
                tracing.values.insert(lifted.node, value.clone());
            }
            values.push(value);
        }
        Ok(values)
    }
}

/// A value is read once, so that nothing is worth computing ahead.
fn as_arguments(graph: &mut Graph) {
    graph.inputs.iter_mut().for_each(|input| input.role = InputRole::Argument);
}

/// Makes a recorded value known to a function that is being traced; `None` where none is.
///
/// # Errors
/// Faults of the compiler and the device.
pub(super) fn read(
    recorded: &Recorded,
    what: &str,
    source: &Source,
    why: &GraphBreak,
) -> Option<Result<()>> {
    let is_tracing = super::with(|recorder| recorder.is_tracing()).unwrap_or(false);
    if !is_tracing {
        return None;
    }
    // A backend of the user's may use tensors of its own, which must not be recorded.
    let mut recorder = CURRENT.take()?;
    if recorder.is_in_loop(recorded.node) {
        CURRENT.set(Some(recorder));
        // A recording that is left here twice unrolls the loops, as often as the examples go round.
        leave(Leave::Replay(why.clone()));
    }
    if what != CONDITION || recorder.why_read(source).is_none() {
        recorder.note(why.clone());
    }
    recorder.warn(what, source);
    let value = match recorded.read.get() {
        Some(_) => Ok(()),
        None => recorder.value_of(recorded.node).map(|value| {
            // Only this thread reads values of this recording, so the place is empty.
            let _ = recorded.read.set(value);
        }),
    };
    CURRENT.set(Some(recorder));
    Some(value)
}
