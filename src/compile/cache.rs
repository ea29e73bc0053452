//! The programs of one compiled function: found by guards, made when none fits.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ferrodyne_compiler::graph::TensorType;
use ferrodyne_plan::{Dim, Name, Range};
use ferrodyne_runtime::Progress;

use super::arg::Arg;
use super::call::Call;
use super::guards::{Guards, Miss};
use super::options::{BackendKind, Options};
use super::program::{CompileTimes, Program};
use super::ret::{Rebuild, Ret};
use crate::capture::{self, Lifted, Origin, Recorder};
use crate::error::{Error, Result};
use crate::module::Module;
use crate::tensor::{Stored, Tensor};

/// What has happened to a compiled function.
#[derive(Clone, Debug, Default, PartialEq)]
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
}

/// Who calls, and how.
pub(crate) struct CallSite<'a> {
    /// Options of the function.
    pub(crate) options: &'a Options,
    /// The module that is called, if it is one.
    pub(crate) module: Option<&'a dyn Module>,
    /// Who watches kernels compile.
    pub(crate) progress: Option<Progress<'a>>,
}

/// The programs of a function.
#[derive(Default)]
pub(crate) struct Cache {
    entries: RwLock<Vec<Arc<Entry>>>,
    compiling: Mutex<()>,
    stats: Mutex<Stats>,
    clock: AtomicU64,
}

struct Entry {
    guards: Guards,
    program: Program,
    lifted: Vec<Lifted>,
    rebuild: Box<dyn Any + Send + Sync>,
    last_used: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    /// Calls the function: by a program if one fits, else by recording and compiling it.
    ///
    /// # Errors
    /// What capture, compiler and device report.
    pub(crate) fn call<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        args: A,
        body: impl FnOnce(A) -> R,
    ) -> Result<R> {
        if site.options.backend == BackendKind::Eager || capture::is_recording() {
            return Ok(body(args));
        }
        let call = Call::of(&args, site.module)?;
        if call.is_traced() {
            return Ok(body(args));
        }
        if let Some(entry) = self.find(&call) {
            lock(&self.stats).hits += 1;
            return entry.run(&call);
        }
        let guard = lock(&self.compiling);
        if let Some(entry) = self.find(&call) {
            drop(guard);
            lock(&self.stats).hits += 1;
            return entry.run(&call);
        }
        let entry = match self.make(site, &call, args, body)? {
            Made::Entry(entry) => entry,
            Made::Early(result) => return Ok(result),
        };
        drop(guard);
        entry.run(&call)
    }

    fn entries(&self) -> Vec<Arc<Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self, call: &Call) -> Option<Arc<Entry>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.iter().find(|entry| entry.guards.miss(call).is_none())?;
        entry.last_used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(entry.clone())
    }

    fn make<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        call: &Call,
        args: A,
        body: impl FnOnce(A) -> R,
    ) -> Result<Made<R>> {
        let CallSite { options, module, progress } = *site;
        let device = call.device(module)?;
        let mut recorder = Recorder::new(options.name.as_str(), device.clone());
        if let Some(module) = module {
            recorder.name_cells(module);
        }
        let mut handles = self.arguments(options, call, &mut recorder).into_iter();
        let fresh =
            args.fresh(&mut |_| handles.next().expect("a handle was made for every tensor"));
        let (result, recorder) = capture::install(recorder, || body(fresh));
        let mut outputs: Vec<(String, Tensor)> = Vec::new();
        let rebuild: Rebuild<R> = match result.take_apart("", &mut outputs) {
            Ok(rebuild) => rebuild,
            Err(result) => return Ok(Made::Early(result)),
        };
        let outputs: Vec<(Name, Tensor)> = outputs
            .into_iter()
            .enumerate()
            .map(|(i, (name, tensor))| {
                (Name::from(if name.is_empty() { format!("out{i}") } else { name }), tensor)
            })
            .collect();
        let recording = recorder.finish(&outputs)?;
        let guards = Guards::of(&recording.graph, call);
        let compiler = options.compiler(&device)?;
        let program =
            Program::make(recording.graph, &device, options.backend, &compiler, progress)?;
        self.note_reason(call);
        Ok(Made::Entry(self.keep(
            options,
            Entry {
                guards,
                program,
                lifted: recording.lifted,
                rebuild: Box::new(rebuild),
                last_used: AtomicU64::new(self.clock.fetch_add(1, Ordering::Relaxed)),
            },
        )))
    }

    /// Declares the arguments: a dim is a symbol when the user said so, or when an earlier call of the same kind had another
    /// size there.
    fn arguments(&self, options: &Options, call: &Call, recorder: &mut Recorder) -> Vec<Tensor> {
        let dynamic = self.dynamic_positions(call);
        let mut position = 0;
        let mut handles = Vec::new();
        for (index, tensor) in call.tensors.iter().enumerate() {
            let name = options.argument_name(index);
            let mut dims = Vec::new();
            for (axis, &size) in tensor.dims.iter().enumerate() {
                let hint = Some(size as i64);
                let declared = options.dynamic.iter().find(|d| d.tensor == index && d.axis == axis);
                dims.push(match declared {
                    Some(declared) => {
                        recorder.symbol(Name::from(declared.name.as_str()), declared.range, hint)
                    }
                    None if dynamic.contains(&position) => recorder.symbol(
                        Name::from(format!("{name}_{axis}")),
                        Range::at_least(0),
                        hint,
                    ),
                    None => Dim::constant(size as i64),
                });
                position += 1;
            }
            let ty = TensorType { dtype: tensor.dtype, dims };
            handles.push(recorder.argument(name, ty, tensor.dims.clone()));
        }
        handles
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

    fn note_reason(&self, call: &Call) {
        let misses: Vec<String> = self
            .entries()
            .iter()
            .filter_map(|entry| entry.guards.miss(call))
            .map(|miss| match miss {
                Miss::Kind(text) | Miss::Size(text) => text,
            })
            .collect();
        let mut stats = lock(&self.stats);
        stats.compilations += 1;
        if let Some(last) = misses.last() {
            tracing::info!(target: "recompiles", "compiled again: {last}");
            stats.reasons.push(last.clone());
        }
    }

    /// Adds an entry, most specific first, and drops the one used longest ago when there are too many.
    fn keep(&self, options: &Options, entry: Entry) -> Arc<Entry> {
        let entry = Arc::new(entry);
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= options.programs_max.max(1) {
            let oldest =
                (0..entries.len()).min_by_key(|&i| entries[i].last_used.load(Ordering::Relaxed));
            if let Some(oldest) = oldest {
                entries.remove(oldest);
                lock(&self.stats).evictions += 1;
                tracing::warn!(target: "recompiles", "`{}` has more than {} programs: declare the dims that vary with `dynamic`", options.name, options.programs_max);
            }
        }
        let at =
            entries.partition_point(|other| other.guards.n_symbols() <= entry.guards.n_symbols());
        entries.insert(at, entry.clone());
        entry
    }

    /// What has happened so far.
    pub(crate) fn stats(&self) -> Stats {
        Stats { programs: self.entries().len(), ..lock(&self.stats).clone() }
    }

    /// What the compiler made of each program, stage by stage.
    ///
    /// # Errors
    /// Faults of the compiler.
    pub(crate) fn explain(&self) -> Result<Vec<crate::explain::Compiled>> {
        self.entries().iter().map(|entry| entry.program.explain()).collect()
    }

    /// What each program is and has cost.
    pub(crate) fn programs(&self) -> Vec<ProgramReport> {
        let report = |entry: &Arc<Entry>| ProgramReport {
            guards: entry.guards.describe(),
            graph: entry.program.graph().to_string(),
            nodes: entry.program.graph().inputs.len() + entry.program.graph().operations(),
            regions: entry.program.regions,
            times: entry.program.times.clone(),
            run: entry.program.stats(),
        };
        self.entries().iter().map(report).collect()
    }
}

enum Made<R> {
    Entry(Arc<Entry>),
    Early(R),
}

/// What a program is and has cost.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramReport {
    /// What must hold of a call, in words.
    pub guards: Vec<String>,
    /// The captured graph, as text, with the graphs of the modules that it calls.
    pub graph: String,
    /// Number of its inputs and operations, those of called modules included.
    pub nodes: usize,
    /// Regions that the graph was partitioned into.
    pub regions: usize,
    /// Times of the stages.
    pub times: CompileTimes,
    /// Kernels, dispatches and memory; `None` where no plan was made.
    pub run: Option<ferrodyne_runtime::RunStats>,
}

impl Entry {
    fn run<R: Ret>(&self, call: &Call) -> Result<R> {
        let lifted = self.lifted.iter().map(Lifted::value).collect::<Result<Vec<Stored>>>()?;
        let inputs: Vec<&Stored> = call.tensors.iter().chain(&lifted).collect();
        let (tensors, state) = self.program.run(&self.guards.sizes(call), &inputs)?;
        for (input, value) in state {
            let lifted = input.checked_sub(call.tensors.len()).map(|index| &self.lifted[index]);
            if let (Some(Lifted { origin: Origin::Cell(cell), .. }), Some(value)) =
                (lifted, value.as_stored())
            {
                cell.set(value.clone());
            }
        }
        let rebuild = self.rebuild.downcast_ref::<Rebuild<R>>().ok_or_else(|| {
            Error::at(
                "capture",
                "a program of another result type was found",
                ferrodyne_plan::Source::unknown(),
            )
        })?;
        Ok(rebuild(&mut tensors.into_iter()))
    }
}
