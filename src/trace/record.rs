//! One run of a function on examples: goes in with the function, comes out as a compiled graph with what was seen on the way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ferrodyne_compiler::graph::{Graph, GuardFact};
use ferrodyne_plan::{Diagnostic, Name, Source};

use super::inside::Leaves;
use super::{TraceOptions, TraceWarning, Traced};
use crate::capture::{self, GraphBreak, Lifted, Recorder, Recording, Segments};
use crate::compile::{
    Arg, BackendKind, Call, CallSite, Callable, Guards, Options, Program, Rebuild, Recorded, Ret,
    Trial, declare, declared, record, tuned,
};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::module::{Snapshot, interior};
use crate::scalar::ScalarGuard;
use crate::tensor::Stored;

static NEXT_KEY: AtomicU64 = AtomicU64::new(1);

/// Most decisions that are taken by the examples one at a time.
const READ_MAX: usize = 64;

/// A run that was recorded.
pub(super) struct Run<R> {
    pub(super) graph: Graph,
    pub(super) lifted: Vec<Lifted>,
    scalars: Vec<ScalarGuard>,
    rebuild: Rebuild<R>,
    warnings: Vec<TraceWarning>,
    breaks: Vec<GraphBreak>,
}

/// Records a function and compiles the graph.
pub(super) fn traced<A: Arg, F: Callable<A>>(
    f: &F,
    examples: &A,
    mut options: TraceOptions,
) -> Result<Traced<F::Out>> {
    if !options.is_named {
        options.options.name =
            f.module().map_or_else(function_name::<F>, |m| m.type_name().to_owned());
    }
    let name = options.options.name.clone();
    if capture::is_recording() {
        let message = format!("`{name}` is traced inside of a function that is being captured");
        let fault = Diagnostic::new("trace", message);
        return Err(Error::Tensor(fault.help("trace it outside, and call the trace inside")));
    }
    let module = f.module();
    let site =
        CallSite { options: &options.options, arguments: f.arguments(), module, progress: None };
    let call = noted(examples, &site);
    let device = call.device(module)?;
    let mut run = run(&site, examples, &|args| f.invoke(args))?;
    let scalars = std::mem::take(&mut run.scalars);
    let guards = Guards::of(&run.graph, scalars, &call, &options.options);
    let mut warnings = std::mem::take(&mut run.warnings);
    warnings.extend(specialised(&run.graph, &options.options));
    warnings.extend(module.into_iter().flat_map(interior).map(baked));
    let (program, slow) = program(&run, &call, &guards, &options.options, &device)?;
    warnings.extend(slow);
    let module = module.map_or_else(|| Snapshot::bare(&name), Snapshot::of);
    let (lifted, rebuild, divergences) = (run.lifted, run.rebuild, Vec::new());
    let hosts = Leaves::of(examples).hosts().to_vec();
    let key = NEXT_KEY.fetch_add(1, Ordering::Relaxed);
    Ok(Traced {
        module,
        guards,
        program,
        lifted,
        rebuild,
        warnings,
        divergences,
        options,
        hosts,
        key,
    })
}

/// The warning of a field whose changes a trace does not see.
fn baked(field: String) -> TraceWarning {
    let reason = format!("the trace keeps what {field} held while it was recorded");
    let hint = "hold tensors that change in a `Buffer`".to_owned();
    TraceWarning { reason, source: String::new(), hint }
}

/// The last part of a function's path; `f` for a closure.
fn function_name<F>() -> String {
    let path = std::any::type_name::<F>();
    let last = path.rsplit("::").next().unwrap_or_default();
    match last.chars().all(|c| c.is_alphanumeric() || c == '_') && !last.is_empty() {
        true => last.to_owned(),
        false => "f".to_owned(),
    }
}

/// Records a function. A decision on a tensor that the graph cannot hold is taken by the examples, in one more recording.
pub(super) fn run<A: Arg, R: Ret>(
    site: &CallSite<'_>,
    examples: &A,
    body: &impl Fn(A) -> R,
) -> Result<Run<R>> {
    let name = &site.options.name;
    let attempt = |read: &[Read]| {
        let places: Vec<GraphBreak> = read.iter().map(Read::place).collect();
        attempt(site, examples, &places, body)
    };
    let mut read: Vec<Read> = Vec::new();
    loop {
        let why = match attempt(&read)? {
            Ok(run) => return fewest(run, read, attempt),
            Err(why) => why,
        };
        if read.iter().any(|known| known.everywhere) {
            return Err(fault(format!("`{name}` cannot be traced: {why}")));
        }
        let again = read.iter().any(|known| known.why.source == why.source);
        let everywhere = read.len() >= READ_MAX || again || why.source.is_empty();
        read.push(Read { why, everywhere });
    }
}

/// A reason to read decisions: at its place, or everywhere.
#[derive(Clone)]
struct Read {
    why: GraphBreak,
    everywhere: bool,
}

impl Read {
    /// The reason as recordings take it: without a place it stands for all decisions.
    fn place(&self) -> GraphBreak {
        let mut why = self.why.clone();
        if self.everywhere {
            why.source.clear();
        }
        why
    }
}

/// A run with as few decisions taken by the examples as will do: the one that is blamed first need not be the one to blame.
fn fewest<R>(
    mut run: Run<R>,
    mut read: Vec<Read>,
    attempt: impl Fn(&[Read]) -> Result<std::result::Result<Run<R>, GraphBreak>>,
) -> Result<Run<R>> {
    let mut at = 0;
    while at + 1 < read.len() {
        let mut fewer = read.clone();
        fewer.remove(at);
        match attempt(&fewer)? {
            Ok(found) => (run, read) = (found, fewer),
            Err(_) => at += 1,
        }
    }
    read.into_iter().for_each(|read| read.why.add_to(&mut run.breaks));
    Ok(run)
}

/// One attempt to record a function, with the decisions of `read` taken by the examples; or why it is no one graph.
fn attempt<A: Arg, R: Ret>(
    site: &CallSite<'_>,
    examples: &A,
    read: &[GraphBreak],
    body: &impl Fn(A) -> R,
) -> Result<std::result::Result<Run<R>, GraphBreak>> {
    let CallSite { options, module, .. } = *site;
    let call = noted(examples, site);
    let device = call.device(module)?;
    let segments = Arc::new(Segments::new(options.clone()));
    let mut recorder = Recorder::new(options.name.as_str(), device.clone(), segments);
    if let Some(module) = module {
        recorder.name_cells(module);
    }
    declared::check(options, &call)?;
    arguments(options, &device, &call, &mut recorder)?;
    recorder.set_tracing(read);
    match record(recorder, &call, examples, body, &|panic| panic)? {
        Recorded::Whole { recorder, rebuild, outputs } => {
            let (warnings, breaks) = (recorder.warnings(), recorder.breaks().to_vec());
            let decides = recorder.decisions();
            let recording = match (recorder.finish(&outputs), decides) {
                (Err(fault), Some(source)) => {
                    let why = format!("a decision or a loop on a tensor has no graph: {fault}");
                    let hint = "choose between values with `where_`, or read the value";
                    return Ok(Err(GraphBreak::new(why, &source, hint)));
                }
                (recording, _) => recording?,
            };
            let Recording { graph, lifted, scalars } = recording;
            Ok(Ok(Run { graph, lifted, scalars, rebuild, warnings, breaks }))
        }
        Recorded::Replay(why) => Ok(Err(why)),
        Recorded::Error(_, text) => {
            Err(fault(format!("`{}` gives an error for the examples: {text}", options.name)))
        }
        Recorded::Broken(..) => {
            Err(fault(format!("`{}` was not recorded as one graph", options.name)))
        }
    }
}

/// A call whose leaves have names; the module that is traced is no part of it.
pub(super) fn noted<A: Arg>(args: &A, site: &CallSite<'_>) -> Call {
    Call::noted(args, &CallSite { module: None, ..*site })
}

/// All graph breaks of a call, found in one run: reads do not end the recording, and decisions stay in the graph where they can.
///
/// # Errors
/// A body that gives an error; faults of the compiler and the device.
pub(crate) fn breaks<A: Arg, R: Ret>(
    site: &CallSite<'_>,
    args: &A,
    body: &impl Fn(A) -> R,
) -> Result<Vec<GraphBreak>> {
    Ok(run(site, args, body)?.breaks)
}

fn fault(message: String) -> Error {
    Error::at("trace", message, Source::unknown())
}

/// Declares the arguments: a dim is a number unless the options name it.
fn arguments(
    options: &Options,
    device: &Device,
    call: &Call,
    recorder: &mut Recorder,
) -> Result<()> {
    let mut number = 0;
    for given in &call.given {
        let (path, value) = (call.path(given), given.stored(device)?);
        let dims =
            declare(options, number, path, given.at, &value.dims, &BTreeSet::new(), recorder);
        recorder.argument(path, given.role(), dims, value);
        number += usize::from(given.number().is_none());
    }
    Ok(())
}

/// A warning for each declared dim that the function needs as a number.
fn specialised<'a>(
    graph: &'a Graph,
    options: &'a Options,
) -> impl Iterator<Item = TraceWarning> + 'a {
    graph.guards.iter().filter_map(|guard| {
        let GuardFact::Equal(a, b) = &guard.fact else { return None };
        let (dim, size) = match (a.as_const(), b.as_const()) {
            (None, Some(size)) => (a, size),
            (Some(size), None) => (b, size),
            _ => return None,
        };
        let declared = |name: &Name| options.dynamic.iter().any(|d| d.name == name.as_str());
        dim.as_var().filter(|var| declared(var.name()))?;
        let op = &guard.op;
        let reason = format!("`{dim}` was declared dynamic, but the trace is right only where it is {size}, because of `{op}`");
        let hint = "compute with the dim itself, not with its number".to_owned();
        let unknown = guard.source.is_unknown();
        let source = if unknown { String::new() } else { guard.source.to_string() };
        Some(TraceWarning { reason, source, hint })
    })
}

/// The graph made ready to run. Where the backend has no branches, the interpreter runs those of the trace, with a warning.
fn program(
    run: &Run<impl Ret>,
    call: &Call,
    guards: &Guards,
    options: &Options,
    device: &Device,
) -> Result<(Program, Option<TraceWarning>)> {
    let mut compiler = options.compiler(device.target())?;
    let graph = &run.graph;
    if compiler.tune {
        let lifted = run.lifted.iter().map(Lifted::value).collect::<Result<Vec<Stored>>>()?;
        let given = call.values(device)?;
        let inputs: Vec<&Stored> = given.iter().chain(&lifted).collect();
        let trial = Trial { sizes: &guards.sizes(call), inputs: &inputs };
        compiler = tuned(graph, device, options.backend, compiler, &trial)?;
    }
    match Program::make(graph.clone(), device, options.backend, &compiler, None) {
        Err(error) if branches(graph) => {
            let reason =
                format!("the interpreter runs this trace, since the backend cannot: {error}");
            let hint = "choose between values with `where_` if speed matters".to_owned();
            let warning = TraceWarning { reason, source: String::new(), hint };
            let reference = BackendKind::Reference;
            let program = Program::make(graph.clone(), device, reference, &compiler, None)?;
            Ok((program, Some(warning)))
        }
        made => Ok((made?, None)),
    }
}

/// Whether a graph, or one that it calls, has nodes that call graphs otherwise than in place.
fn branches(graph: &Graph) -> bool {
    let mut nodes = graph.nodes.iter();
    nodes.any(|node| node.op.as_str() != "call" && !node.calls.is_empty())
        || graph.subgraphs.values().any(|inner| branches(inner))
}

/// Whether a result is whole, with its tensors and a print of all else.
pub(super) fn tensors_of<R: Ret>(result: R) -> Option<(Vec<(Name, crate::Tensor)>, String)> {
    let (rebuild, tensors, print) = crate::compile::take_apart(result);
    rebuild.ok().map(|_| (tensors, print))
}
