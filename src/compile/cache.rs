//! The programs of one compiled function: found by guards, made when none fits.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ferrodyne_plan::Source;
use ferrodyne_runtime::Progress;

use super::arg::Arg;
use super::call::Call;
use super::guards::{Guards, Miss};
use super::options::{BackendKind, Options};
use super::program::{CompileTimes, Program};
use super::record::Made;
use super::replay::{Kind, fullgraph_fault};
use super::ret::{Rebuild, Ret};
use crate::capture::{self, GraphBreak, Lifted, Segments, lifted_state};
use crate::error::{Error, Result};
use crate::module::Module;
use crate::tensor::Stored;

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
    /// Programs of segments between graph breaks.
    pub segments: usize,
    /// Where calls had to stop for a value, each place once with its count.
    pub breaks: Vec<GraphBreak>,
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
    pub(super) stats: Mutex<Stats>,
    clock: AtomicU64,
    segments: Mutex<Option<Arc<Segments>>>,
    /// Calls that are replayed.
    pub(super) kinds: Mutex<Vec<Kind>>,
}

pub(crate) struct Entry {
    pub(super) guards: Guards,
    program: Program,
    lifted: Vec<Lifted>,
    rebuild: Box<dyn Any + Send + Sync>,
    last_used: AtomicU64,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    /// Calls the function: by a program if one fits, else by recording and compiling it. A body that must run each time is
    /// replayed.
    ///
    /// # Errors
    /// What capture, compiler and device report; graph breaks, where there must be none.
    #[track_caller]
    pub(crate) fn call<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        args: A,
        body: impl Fn(A) -> R,
    ) -> Result<R> {
        let options = site.options;
        if options.disabled {
            return capture::eagerly(&options.name, &Source::caller(), || body(args));
        }
        let is_eager = options.backend == BackendKind::Eager || capture::is_disabled();
        if is_eager || capture::is_recording() {
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
        if !options.fullgraph && self.is_replay(options, &call) {
            return self.replay(site, &call, args, &body);
        }
        let guard = lock(&self.compiling);
        if let Some(entry) = self.find(&call) {
            drop(guard);
            lock(&self.stats).hits += 1;
            return entry.run(&call);
        }
        let entry = match self.make(site, &call, &args, &body)? {
            Made::Result(result, _) => return Ok(result),
            Made::Broken(result, breaks) => {
                self.note_breaks(options, &breaks);
                self.set_replay(&call);
                return Ok(result);
            }
            Made::Replay(why) => {
                drop(guard);
                if options.fullgraph {
                    let found = crate::trace::breaks(site.module, &args, &call, options, &body);
                    let found = found.ok().filter(|breaks| !breaks.is_empty());
                    let breaks = found.unwrap_or_else(|| vec![why]);
                    self.note_breaks(options, &breaks);
                    return Err(fullgraph_fault(options, &breaks));
                }
                self.note_breaks(options, std::slice::from_ref(&why));
                self.set_replay(&call);
                return self.replay(site, &call, args, &body);
            }
            Made::Entry(entry) => entry,
        };
        self.note_reason(&call);
        let entry = self.keep(options, *entry);
        drop(guard);
        entry.run(&call)
    }

    /// Forgets all programs and what has happened.
    pub(crate) fn reset(&self) {
        // A program that is being made is kept: whoever makes it began before.
        self.entries.write().unwrap_or_else(PoisonError::into_inner).clear();
        lock(&self.segments).take();
        lock(&self.kinds).clear();
        *lock(&self.stats) = Stats::default();
    }

    /// The programs of segments.
    pub(super) fn segments(&self, options: &Options) -> Arc<Segments> {
        let mut segments = lock(&self.segments);
        segments.get_or_insert_with(|| Arc::new(Segments::new(options.clone()))).clone()
    }

    pub(super) fn entries(&self) -> Vec<Arc<Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self, call: &Call) -> Option<Arc<Entry>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.iter().find(|entry| entry.guards.miss(call).is_none())?;
        entry.last_used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(entry.clone())
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
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        entry.last_used.store(now, Ordering::Relaxed);
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
        let segments = self.segment_programs().len();
        Stats { programs: self.entries().len(), segments, ..lock(&self.stats).clone() }
    }

    /// What the compiler made of each program, stage by stage.
    ///
    /// # Errors
    /// Faults of the compiler.
    pub(crate) fn explain(&self) -> Result<Vec<crate::explain::Compiled>> {
        let entries = self.entries();
        let entries = entries.iter().map(|entry| entry.program.explain());
        entries.chain(self.segment_programs().iter().map(|program| program.explain())).collect()
    }

    fn segment_programs(&self) -> Vec<Arc<Program>> {
        lock(&self.segments).as_ref().map(|segments| segments.programs()).unwrap_or_default()
    }

    /// What each program is and has cost.
    pub(crate) fn programs(&self) -> Vec<ProgramReport> {
        let report = |guards: Vec<String>, program: &Program| ProgramReport {
            guards,
            graph: program.graph().to_string(),
            nodes: program.graph().inputs.len() + program.graph().operations(),
            regions: program.regions,
            times: program.times.clone(),
            run: program.stats(),
        };
        let entries = self.entries();
        let entries = entries.iter().map(|e| report(e.guards.describe(), &e.program));
        let segments = self.segment_programs();
        entries.chain(segments.iter().map(|program| report(Vec::new(), program))).collect()
    }
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
    pub(super) fn new(
        guards: Guards,
        program: Program,
        lifted: Vec<Lifted>,
        rebuild: Box<dyn Any + Send + Sync>,
    ) -> Entry {
        Entry { guards, program, lifted, rebuild, last_used: AtomicU64::new(0) }
    }

    fn run<R: Ret>(&self, call: &Call) -> Result<R> {
        let lifted = self.lifted.iter().map(Lifted::value).collect::<Result<Vec<Stored>>>()?;
        let inputs: Vec<&Stored> = call.tensors.iter().chain(&lifted).collect();
        let (tensors, state) = self.program.run(&self.guards.sizes(call), &inputs)?;
        lifted_state(&self.lifted, call.tensors.len(), &state);
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
