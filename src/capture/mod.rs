//! Records tensor code as a graph.
//!
//! A [`Recorder`] is installed on the thread while a function is captured; every operation on tensors then adds a node instead
//! of running. Tensors that were not made by the recording are lifted: they become inputs of the graph that the program
//! keeps. Where a value is needed, what was recorded so far is run as a segment, and recording goes on: a graph break.

mod check;
mod cycles;
mod eagerly;
mod functions;
mod join;
mod numbered;
mod path;
mod place;
mod read;
mod recorder;
mod repeat;
mod segment;
mod splice;
mod state;
mod tree;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrodyne_compiler::graph::{Attrs, GuardFact};
use ferrodyne_plan::{Diagnostic, Dim, Range, Source};

pub(crate) use eagerly::{eagerly, is_disabled};
pub(crate) use functions::{Body, decide_between, is_recorded as records_flow, walk};
pub(crate) use join::{End, decide, join, mark};
pub use join::{Held, HeldHost, HeldOpaque, HeldTree, Val, Var};
pub use path::Mark;
pub use read::TraceWarning;
pub(crate) use recorder::{Lifted, Origin, Recorder, Recording, same_attrs};
pub use repeat::Loop;
pub(crate) use repeat::{Tested, back, end, enter, test, unroll};
pub(crate) use segment::{Known, Segments, lifted_state};
pub use tree::{Leaves, Tree};
pub(crate) use tree::{collected, replaced};

use crate::error::{Error, Result};
use crate::scalar::ScalarGuard;
use crate::shape::Shape;
use crate::tensor::{Recorded, Stored, Tensor};

/// A place where a compiled function cannot stay one graph: the function's body runs on every call, and the parts between such
/// places are programs of their own.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct GraphBreak {
    /// What was done there.
    pub reason: String,
    /// File and line; empty where that is not known.
    pub source: String,
    /// What to write instead.
    pub hint: String,
    /// How often it happened.
    pub count: usize,
}

impl GraphBreak {
    /// A break that has happened once.
    pub(crate) fn new(
        reason: impl Into<String>,
        source: &Source,
        hint: impl Into<String>,
    ) -> GraphBreak {
        let source = if source.is_unknown() { String::new() } else { source.to_string() };
        GraphBreak { reason: reason.into(), source, hint: hint.into(), count: 1 }
    }

    /// Adds a break to a list in which each place stands once.
    pub(crate) fn add_to(self, breaks: &mut Vec<GraphBreak>) {
        let same = |b: &&mut GraphBreak| b.reason == self.reason && b.source == self.source;
        match breaks.iter_mut().find(same) {
            Some(known) => known.count += self.count,
            None => breaks.push(self),
        }
    }
}

impl std::fmt::Display for GraphBreak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)?;
        if !self.source.is_empty() {
            write!(f, " ({})", self.source)?;
        }
        write!(f, ": {}", self.hint)
    }
}

/// Why a recording was left before its end: the payload of a quiet unwind.
pub(crate) enum Leave {
    /// To record the other side of a decision.
    Again,
    /// Because the body must run on every call.
    Replay(GraphBreak),
}

/// Leaves the recording: unwinds to whoever installed the recorder, without a message.
pub(crate) fn leave(why: Leave) -> ! {
    std::panic::resume_unwind(Box::new(why))
}

thread_local! {
    static CURRENT: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

/// Runs a function on the recorder of this thread, if there is one.
pub(crate) fn with<R>(f: impl FnOnce(&mut Recorder) -> R) -> Option<R> {
    CURRENT.with_borrow_mut(|current| current.as_mut().map(f))
}

/// Whether a function is being captured on this thread.
pub(crate) fn is_recording() -> bool {
    CURRENT.with_borrow(Option::is_some)
}

/// Whether the recorder of that number is the one of this thread.
pub(crate) fn is_current(recorder: u64) -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(|r| r.id() == recorder))
}

/// Whether what is captured on this thread is compiled ahead of time: no value is known, and devices do not matter.
pub(crate) fn is_ahead() -> bool {
    with(|recorder| recorder.is_ahead()).unwrap_or(false)
}

/// Installs a recorder, runs the function, and takes the recorder away again, also when the function panics.
pub(crate) fn install<R>(
    recorder: Recorder,
    f: impl FnOnce() -> R,
) -> (std::thread::Result<R>, Recorder) {
    let outer = CURRENT.replace(Some(recorder));
    let result = catch_unwind(AssertUnwindSafe(f));
    let recorder = CURRENT.replace(outer);
    (result, recorder.expect("it was installed above, and whoever takes it puts it back"))
}

/// Records an operation if a function is being captured.
pub(crate) fn record(
    op: &str,
    inputs: &[&Tensor],
    attrs: &Attrs,
    source: &Source,
) -> Option<Result<Tensor>> {
    with(|recorder| recorder.add(op, inputs, attrs, source))
}

/// Notes that two sizes were taken to be equal.
pub(crate) fn guard_equal(a: &Dim, b: &Dim, source: Source) {
    with(|recorder| recorder.guard(GuardFact::Equal(a.clone(), b.clone()), source));
}

/// Notes that two sizes were taken to differ.
pub(crate) fn guard_differ(a: &Dim, b: &Dim, source: Source) {
    with(|recorder| recorder.guard(GuardFact::Differ(a.clone(), b.clone()), source));
}

/// Notes that a size was found to lie in a range.
pub(crate) fn guard_within(a: &Dim, range: Range, source: Source) {
    with(|recorder| recorder.guard(GuardFact::Within(a.clone(), range), source));
}

/// Notes how a comparison of scalars came out.
pub(crate) fn guard_scalar(guard: ScalarGuard) {
    with(|recorder| recorder.guard_scalar(guard));
}

/// The shape of a tensor from outside, if the recording knows some of its sizes as symbols.
pub(crate) fn shape_of_argument(stored: &Stored) -> Option<Shape> {
    with(|recorder| recorder.known(stored).map(|dims| Shape::of(dims, &stored.dims))).flatten()
}

/// Where a tensor that is being recorded was made.
pub(crate) fn source_of(tensor: &Tensor) -> Source {
    let Some(recorded) = tensor.as_recorded() else { return Source::unknown() };
    with(|recorder| recorder.source(recorded)).flatten().unwrap_or_default()
}

/// The name of an input of a recording, which was made nowhere in the function.
pub(crate) fn input_name(tensor: &Tensor) -> Option<String> {
    let recorded = tensor.as_recorded()?;
    with(|recorder| recorder.input_name(recorded)).flatten()
}

/// What reads the value of a comparison that is a `bool`.
pub(crate) const COMPARISON: &str = "a comparison";

/// What reads the value of a condition.
pub(crate) const CONDITION: &str = "a condition";

fn needs_value(what: &str) -> String {
    format!("{what} needs a tensor's value")
}

/// Makes the value of a tensor known that is being recorded on this thread; does nothing for one of another recording.
///
/// # Errors
/// Faults of the compiler and the device.
pub(crate) fn settle(recorded: &Recorded, what: &str, source: &Source) -> Result<()> {
    match is_current(recorded.recorder) {
        true => {
            let hint = match what {
                COMPARISON => {
                    "choose with `where_` or `flow::cond`: closures and functions without `#[compile]` read what they compare"
                }
                _ => "return the tensor and read it outside of the compiled function",
            };
            let why = GraphBreak::new(needs_value(what), source, hint);
            match read::read(recorded, what, source, &why) {
                Some(read) => read,
                None => end_segment(why),
            }
        }
        false => Ok(()),
    }
}

/// Arguments whose tensors have values: where they are being recorded, a graph break makes the values known.
///
/// # Errors
/// Faults of the compiler and the device.
pub(crate) fn settled<A: crate::compile::Arg>(args: &A, source: &Source) -> Result<A> {
    let mut fault = None;
    let mut known = crate::compile::EachTensor(|tensor: &Tensor| {
        tensor.known("a call that needs values", source.clone()).unwrap_or_else(|error| {
            fault.get_or_insert(error);
            tensor.clone()
        })
    });
    let settled = args.fresh(&mut known);
    fault.map_or(Ok(settled), Err)
}

/// Compiles and runs what was recorded so far, if a function is being captured.
///
/// # Errors
/// Faults of the compiler and the device.
pub(crate) fn end_segment(why: GraphBreak) -> Result<()> {
    let Some(mut recorder) = CURRENT.take() else { return Ok(()) };
    let is_left = recorder.is_whole() || recorder.is_ahead();
    if recorder.has_flow() || !recorder.inside.is_empty() || is_left {
        CURRENT.set(Some(recorder));
        leave(Leave::Replay(why));
    }
    recorder.note(why);
    let result = recorder.flush();
    CURRENT.set(Some(recorder));
    result
}

pub(crate) fn stray_handle(op: &str, source: &Source) -> Error {
    let message =
        format!("{op}: this tensor was recorded by another capture, or on another thread");
    let help = "tensors of a captured function must not outlive it or be shared with other threads";
    Error::Tensor(Diagnostic::new("capture", message).at(source.clone()).help(help))
}
