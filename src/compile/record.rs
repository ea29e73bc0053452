//! The recording of a call: comes in the body with its arguments, goes out a program under guards, or the result itself where
//! the body had to stop for values.

use std::any::Any;

use ferrodyne_plan::{Diagnostic, Dim, Name, Range, Source};

use super::arg::Arg;
use super::cache::{Cache, CallSite, Entry};
use super::call::Call;
use super::guards::Guards;
use super::options::Options;
use super::program::Program;
use super::ret::{Rebuild, Ret};
use super::tune::{Trial, tuned};
use crate::capture::{self, End, GraphBreak, Leave, Lifted, Recorder, Recording};
use crate::error::{Error, Result};
use crate::module::Module;
use crate::tensor::{Stored, Tensor};

/// What a recording gave.
pub(crate) enum Made<R> {
    /// A program for this call and those like it.
    Entry(Box<Entry>),
    /// The result of this call, which is an error with this text; no program is kept.
    Result(R, String),
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
    /// No graph.
    Not(Made<R>),
}

/// Records a body, once for each side of its decisions.
pub(crate) fn record<A: Arg, R: Ret>(
    mut recorder: Recorder,
    args: &A,
    body: &impl Fn(A) -> R,
) -> Result<Recorded<R>> {
    loop {
        recorder.begin();
        let mut handles = recorder.argument_handles().into_iter();
        let fresh =
            args.fresh(&mut |_| handles.next().expect("a handle was made for every tensor"));
        let (result, back) = capture::install(recorder, || body(fresh));
        recorder = back;
        if let Some(why) = recorder.broken() {
            return Ok(Recorded::Not(Made::Replay(why)));
        }
        let result = match result {
            Ok(result) => result,
            Err(panic) => match left(panic, &recorder) {
                Leave::Again => continue,
                Leave::Replay(why) => return Ok(Recorded::Not(Made::Replay(why))),
            },
        };
        if recorder.is_replay() {
            recorder.flush()?;
            return Ok(Recorded::Not(Made::Broken(result, recorder.breaks().to_vec())));
        }
        let (taken, mut outputs, print) = take_apart(result);
        let rebuild = match taken {
            Ok(rebuild) => rebuild,
            Err(result) => match recorder.decisions() {
                Some(source) => return Ok(Recorded::Not(Made::Replay(error_on_one_side(&source)))),
                None => {
                    recorder.flush()?;
                    return Ok(Recorded::Not(Made::Result(result, print)));
                }
            },
        };
        match recorder.end(&mut outputs, &print) {
            Ok(End::Again) => {}
            Ok(End::Done) => {
                let recorder = Box::new(recorder);
                return Ok(Recorded::Whole { recorder, rebuild, outputs });
            }
            Err(why) => return Ok(Recorded::Not(Made::Replay(why))),
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

impl Cache {
    /// Records a call, and compiles what was recorded.
    pub(super) fn make<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        call: &Call,
        args: &A,
        body: &impl Fn(A) -> R,
    ) -> Result<Made<R>> {
        let CallSite { options, module, progress } = *site;
        let device = call.device(module)?;
        let segments = self.segments(options);
        refuse_interior(module)?;
        let mut recorder = Recorder::new(options.name.as_str(), device.clone(), segments);
        if options.fullgraph {
            recorder.set_whole();
        }
        if let Some(module) = module {
            recorder.name_cells(module);
        }
        self.arguments(options, call, &mut recorder);
        let (recorder, rebuild, outputs) = match record(recorder, args, body)? {
            Recorded::Whole { recorder, rebuild, outputs } => (*recorder, rebuild, outputs),
            Recorded::Not(made) => return Ok(made),
        };
        let decides = recorder.decisions();
        let Recording { graph, lifted } = recorder.finish(&outputs)?;
        let guards = Guards::of(&graph, call);
        let mut compiler = options.compiler(&device)?;
        if compiler.tune {
            let lifted = lifted.iter().map(Lifted::value).collect::<Result<Vec<Stored>>>()?;
            let inputs: Vec<&Stored> = call.tensors.iter().chain(&lifted).collect();
            let trial = Trial { sizes: &guards.sizes(call), inputs: &inputs };
            compiler = tuned(&graph, &device, options.backend, compiler, &trial)?;
        }
        let made = Program::make(graph, &device, options.backend, &compiler, progress);
        let program = match (made, decides) {
            (Err(fault), Some(source)) => {
                let why = format!("the backend cannot compile a decision on a tensor: {fault}");
                let hint = "choose between values with `where_`, or another backend";
                return Ok(Made::Replay(GraphBreak::new(why, &source, hint)));
            }
            (made, _) => made?,
        };
        let entry = Entry::new(guards, program, lifted, Box::new(rebuild));
        Ok(Made::Entry(Box::new(entry)))
    }

    /// Declares the arguments: a dim is a symbol when the user said so, or when an earlier call of the same kind had another
    /// size there.
    fn arguments(&self, options: &Options, call: &Call, recorder: &mut Recorder) {
        let dynamic = self.dynamic_positions(call);
        let mut position = 0;
        for (index, tensor) in call.tensors.iter().enumerate() {
            let name = options.argument_name(index);
            let mut dims = Vec::new();
            for (axis, &size) in tensor.dims.iter().enumerate() {
                let size = size as i64;
                let declared = options.dynamic.iter().find(|d| d.tensor == index && d.axis == axis);
                dims.push(match declared {
                    Some(declared) => {
                        recorder.symbol(Name::from(declared.name.as_str()), declared.range, size)
                    }
                    None if dynamic.contains(&position) => recorder.symbol(
                        Name::from(format!("{name}_{axis}")),
                        Range::at_least(0),
                        size,
                    ),
                    None => Dim::constant(size),
                });
                position += 1;
            }
            recorder.argument(name, dims, tensor.clone());
        }
    }

    fn dynamic_positions(&self, call: &Call) -> Vec<usize> {
        let mut positions = Vec::new();
        for entry in self.entries().iter().filter(|entry| entry.guards.same_kind(call)) {
            positions.extend(
                entry.guards.fixed().filter(|&(at, size)| call.sizes[at] != size).map(|(at, _)| at),
            );
            positions.extend(entry.guards.symbolic());
        }
        positions
    }
}
