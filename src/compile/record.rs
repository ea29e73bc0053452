//! The recording of a call: comes in the body with its arguments, goes out a program under guards, or the result itself where
//! the body had to stop for values.

use std::any::Any;
use std::collections::BTreeSet;

use ferrodyne_plan::{Diagnostic, Name, Source};
use ferrodyne_runtime::Stopwatch;

use super::arg::{Arg, Fresh};
use super::cache::{Cache, CallSite, Entry};
use super::call::{Call, Given};
use super::declared::{self, declare, numbers_of, pinned};
use super::event::{self, EventKind};
use super::guards::Guards;
use super::options::Options;
use super::program::Program;
use super::ret::{Rebuild, Ret};
use super::tune::{Trial, tuned};
use crate::capture::{self, End, GraphBreak, Leave, Lifted, Recorder, Recording};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::module::Module;
use crate::scalar::Scalar;
use crate::tensor::{Stored, Tensor};

/// What a recording gave.
pub(super) enum Made<R> {
    /// A program for this call and those like it.
    Entry(Box<Entry>),
    /// The result of this call; no program is kept.
    Result(R),
    /// The result of this call, and the breaks because of which calls like it replay.
    Broken(R, Vec<GraphBreak>),
    /// The body must run on every call, and has to be run for this one yet.
    Replay(GraphBreak),
}

/// A result taken apart: how to make it again, its tensors by name, and a print of all else.
pub(crate) type Apart<R> = (std::result::Result<Rebuild<R>, R>, Vec<(Name, Tensor)>, String);

/// Takes a result apart.
pub(crate) fn take_apart<R: Ret>(result: R) -> Apart<R> {
    let mut outputs: Vec<(String, Tensor)> = Vec::new();
    let (rebuild, print) = super::ret::printed(|| result.take_apart("", &mut outputs));
    let named = |(i, (name, tensor)): (usize, (String, Tensor))| {
        (Name::from(if name.is_empty() { format!("out{i}") } else { name }), tensor)
    };
    (rebuild, outputs.into_iter().enumerate().map(named).collect(), print)
}

/// How a recording was left. A panic of the user's goes on, unless it may be on the side of a decision that is not taken.
fn left(panic: Box<dyn Any + Send>, recorder: &Recorder) -> Leave {
    match (panic.downcast::<Leave>(), recorder.decisions()) {
        (Ok(left), _) => *left,
        (Err(panic), None) => std::panic::resume_unwind(panic),
        (Err(_), Some(source)) => {
            let why =
                "a function with decisions on tensors panicked while both sides were recorded";
            Leave::Replay(GraphBreak::new(why, &source, "return an error instead"))
        }
    }
}

fn error_on_one_side(source: &Source) -> GraphBreak {
    let why = "the result is an error on one side of a decision on a tensor";
    GraphBreak::new(why, source, "check for the error before or behind the decision")
}

/// A body that was recorded: all that it does, or why it is no one graph.
pub(crate) enum Recorded<R> {
    /// What it did, how its result is made of tensors, and which these are.
    Whole { recorder: Box<Recorder>, rebuild: Rebuild<R>, outputs: Vec<(Name, Tensor)> },
    /// The result is an error, with this text.
    Error(R, String),
    /// The result of this call, and the breaks between which segments have run.
    Broken(R, Vec<GraphBreak>),
    /// The body cannot be one graph, and has not been run to its end.
    Replay(GraphBreak),
}

/// Why a body panicked, said with what is known of earlier calls.
type Explained<'a> = &'a dyn Fn(Box<dyn Any + Send>) -> Box<dyn Any + Send>;

/// Records the body of a call, once for each side of its decisions.
pub(crate) fn record<A: Arg, R: Ret>(
    mut recorder: Recorder,
    call: &Call,
    args: &A,
    body: &impl Fn(A) -> R,
    explained: Explained<'_>,
) -> Result<Recorded<R>> {
    loop {
        recorder.begin();
        let handles = recorder.argument_handles().into_iter().zip(&call.given);
        let fresh = args.fresh(&mut Inputs(handles));
        let (result, back) = capture::install(recorder, || body(fresh));
        recorder = back;
        if let Some(why) = recorder.broken() {
            return Ok(Recorded::Replay(why));
        }
        let result = match result {
            Ok(result) => result,
            Err(panic) => match left(explained(panic), &recorder) {
                Leave::Again => continue,
                Leave::Replay(why) => return Ok(Recorded::Replay(why)),
            },
        };
        if recorder.is_replay() {
            recorder.flush()?;
            return Ok(Recorded::Broken(result, recorder.breaks().to_vec()));
        }
        let (taken, mut outputs, print) = take_apart(result);
        let rebuild = match taken {
            Ok(rebuild) => rebuild,
            Err(result) => match recorder.decisions() {
                Some(source) => return Ok(Recorded::Replay(error_on_one_side(&source))),
                None => {
                    if !recorder.is_ahead() {
                        recorder.flush()?;
                    }
                    return Ok(Recorded::Error(result, print));
                }
            },
        };
        match recorder.end(&mut outputs, &print) {
            Ok(End::Again) => {}
            Ok(End::Done) => {
                let recorder = Box::new(recorder);
                return Ok(Recorded::Whole { recorder, rebuild, outputs });
            }
            Err(why) => return Ok(Recorded::Replay(why)),
        }
    }
}

/// Refuses a module with fields whose changes a cached call would lose.
fn refuse_interior(module: Option<&dyn Module>) -> Result<()> {
    let Some(module) = module else { return Ok(()) };
    let fields = crate::module::interior(module);
    if fields.is_empty() {
        return Ok(());
    }
    let message = format!(
        "`{}` changes behind shared references: {}; a compiled call does not run the code that changes it",
        module.type_name(),
        fields.join(", ")
    );
    let help = "hold tensors in a `Buffer`; let the body run on every call, by `replay`; or write `#[module(skip)]` on a field \
                on which no result depends";
    Err(Error::Tensor(Diagnostic::new("capture", message).help(help)))
}

/// Why a body with decisions that a backend cannot compile must run on every call.
pub(crate) fn undecided(fault: &Error, source: &Source) -> GraphBreak {
    let why = format!("the backend cannot compile a decision or a loop on a tensor: {fault}");
    GraphBreak::new(why, source, "choose between values with `where_`, or another backend")
}

impl Cache {
    /// Records a call, and compiles what was recorded.
    pub(super) fn make<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        device: &Device,
        call: &Call,
        args: &A,
        body: &impl Fn(A) -> R,
    ) -> Result<Made<R>> {
        declared::check(site.options, call)?;
        self.attempt(site, device, call, args, body, &BTreeSet::new())
    }

    /// Records a call with the sizes at `open` as symbols, beside those that are declared or vary. Where that shows that an
    /// operation makes a declared dim equal to a size that was taken for a number, the call is recorded once more with that size
    /// as a symbol too.
    fn attempt<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        device: &Device,
        call: &Call,
        args: &A,
        body: &impl Fn(A) -> R,
        open: &BTreeSet<usize>,
    ) -> Result<Made<R>> {
        let CallSite { options, module, progress, .. } = *site;
        let watch = Stopwatch::start();
        let segments = self.segments(options);
        refuse_interior(module)?;
        let mut recorder = Recorder::new(options.name.as_str(), device.clone(), segments);
        if options.fullgraph {
            recorder.set_whole();
        }
        if let Some(module) = module {
            recorder.name_cells(module);
        }
        self.arguments(options, device, call, open, &mut recorder)?;
        let explained = |panic| self.explained(panic, call);
        let (recorder, rebuild, outputs) = match record(recorder, call, args, body, &explained)? {
            Recorded::Whole { recorder, rebuild, outputs } => (*recorder, rebuild, outputs),
            Recorded::Error(result, _) => return Ok(Made::Result(result)),
            Recorded::Broken(result, breaks) => return Ok(Made::Broken(result, breaks)),
            Recorded::Replay(why) => return Ok(Made::Replay(why)),
        };
        let decides = recorder.decisions();
        let recording = match (recorder.finish(&outputs), &decides) {
            (Err(fault), Some(source)) => {
                let why = format!("a decision or a loop on a tensor has no graph: {fault}");
                let hint = "choose between values with `where_`, or read the value";
                return Ok(Made::Replay(GraphBreak::new(why, source, hint)));
            }
            (recording, _) => recording?,
        };
        let Recording { graph, lifted, scalars } = recording;
        let capture_ms = watch.ms();
        let pinned = pinned(&graph, options);
        let numbers = numbers_of(&pinned, call, options);
        if open.is_empty() && !numbers.is_empty() {
            return self.attempt(site, device, call, args, body, &numbers);
        }
        for (name, size, source) in pinned {
            let reason = format!("`{name}` was declared, but is {size} in this program");
            self.log.note(&options.name, EventKind::Fallback, &reason, &event::text(&source));
        }
        let guards = Guards::of(&graph, scalars, call, options);
        let mut compiler = options.compiler(device.target())?;
        if compiler.tune {
            let lifted = lifted.iter().map(Lifted::value).collect::<Result<Vec<Stored>>>()?;
            let given = call.values(device)?;
            let inputs: Vec<&Stored> = given.iter().chain(&lifted).collect();
            let trial = Trial { sizes: &guards.sizes(call), inputs: &inputs };
            compiler = tuned(&graph, device, options.backend, compiler, &trial)?;
        }
        let made = Program::make(graph, device, options.backend, &compiler, progress);
        let mut program = match (made, decides) {
            (Err(fault), Some(source)) => {
                return Ok(Made::Replay(undecided(&fault, &source)));
            }
            (made, _) => made?,
        };
        program.times.stages.insert(0, ("capture".to_owned(), capture_ms));
        let entry = Entry::new(guards, program, lifted, Box::new(rebuild));
        Ok(Made::Entry(Box::new(entry)))
    }

    /// A panic, with the sizes of the call where the fault may name them by symbols, and with the equality that the call does not keep
    /// and earlier ones did.
    fn explained(&self, panic: Box<dyn Any + Send>, call: &Call) -> Box<dyn Any + Send> {
        let panic = match self.varying(call).is_empty() {
            true => panic,
            false => crate::fault::noted(panic, &format!("this call has {}", call.types())),
        };
        match self.misses(call).into_iter().find(|miss| miss.is_equality) {
            Some(miss) => crate::fault::noted(panic, &format!("in earlier calls {}", miss.text)),
            None => panic,
        }
    }

    /// Declares the arguments: a dim is a symbol when the user said so, or when an earlier call of the same kind had another
    /// size there.
    ///
    /// # Errors
    /// Faults of the device.
    fn arguments(
        &self,
        options: &Options,
        device: &Device,
        call: &Call,
        open: &BTreeSet<usize>,
        recorder: &mut Recorder,
    ) -> Result<()> {
        let mut varying = self.varying(call);
        varying.extend(open);
        let mut number = 0;
        for given in &call.given {
            let (path, value) = (call.path(given), given.stored(device)?);
            let dims = declare(options, number, path, given.at, &value.dims, &varying, recorder);
            recorder.argument(path, given.role(), dims, value);
            number += usize::from(given.number().is_none());
        }
        Ok(())
    }

    /// Positions of sizes that differ from an earlier call's of the same kind.
    fn varying(&self, call: &Call) -> BTreeSet<usize> {
        let mut positions = BTreeSet::new();
        for entry in self.entries().iter().filter(|entry| entry.guards.same_kind(call)) {
            positions.extend(
                entry.guards.fixed().filter(|&(at, size)| call.words[at] != size).map(|(at, _)| at),
            );
            positions.extend(entry.guards.symbolic());
        }
        positions
    }
}

/// The handles of a recording for the inputs of a call.
struct Inputs<I>(I);

impl<'a, I: Iterator<Item = (Tensor, &'a Given)>> Fresh for Inputs<I> {
    fn tensor(&mut self, _tensor: &Tensor) -> Tensor {
        self.0.next().expect("a handle was made for every input").0
    }

    fn scalar(&mut self, scalar: &Scalar) -> Scalar {
        let (handle, given) = self.0.next().expect("a handle was made for every input");
        Scalar::input(scalar.number(), given.at, handle)
    }
}
