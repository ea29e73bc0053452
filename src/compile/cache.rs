//! The programs of one compiled function: found by guards, made when none fits.

use std::any::Any;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ferrodyne_plan::Source;
use ferrodyne_runtime::Progress;

use super::arg::Arg;
use super::call::Call;
use super::event::{Log, Stats, advice};
use super::guards::Guards;
use super::miss::Miss;
use super::options::{BackendKind, Options};
use super::program::{CompileTimes, Program};
use super::record::Made;
use super::replay::{Replayed, fullgraph_fault};
use super::ret::{Rebuild, Ret};
use super::site;
use crate::ahead;
use crate::capture::{self, Lifted, Segments, lifted_state};
use crate::error::{Error, Result};
use crate::explain::{self, CallReport, Outcome, ProgramExplanation};
use crate::module::Module;
use crate::tensor::Stored;

/// Who calls, and how.
pub(crate) struct CallSite<'a> {
    /// Options of the function.
    pub(crate) options: &'a Options,
    /// Names that a module's `forward` gives its arguments.
    pub(crate) arguments: &'a [&'a str],
    /// The module that is called, if it is one.
    pub(crate) module: Option<&'a dyn Module>,
    /// Who watches kernels compile.
    pub(crate) progress: Option<Progress<'a>>,
}

impl CallSite<'_> {
    /// The names of the arguments, where they are known.
    pub(crate) fn argument_names(&self) -> Vec<String> {
        match self.options.arguments.is_empty() {
            true => self.arguments.iter().map(|name| (*name).to_owned()).collect(),
            false => self.options.arguments.clone(),
        }
    }
}

/// The programs of a function.
#[derive(Default)]
pub(crate) struct Cache {
    /// Most specific first.
    entries: RwLock<Vec<Arc<Entry>>>,
    /// Held while a program is made: one at a time for each function, whatever the key, so that calls that wait find it.
    compiling: Mutex<()>,
    pub(super) log: Log,
    clock: AtomicU64,
    segments: Mutex<Option<Arc<Segments>>>,
    /// Calls that are replayed.
    pub(super) kinds: Mutex<Vec<Replayed>>,
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
    /// Calls the function, from a place in the user's code: by a program if one fits, else by recording and compiling it. A body that must run each time is
    /// replayed.
    ///
    /// # Errors
    /// What capture, compiler and device report; graph breaks, where there must be none.
    pub(crate) fn call<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        at: &'static Location<'static>,
        args: A,
        body: impl Fn(A) -> R,
    ) -> Result<R> {
        if site.options.disabled {
            return capture::eagerly(&site.options.name, &Source::from(at), || body(args));
        }
        if let Some(target) = ahead::taken() {
            ahead::found(ahead::make(site, &target, &args, &body));
        }
        if !explain::is_watched() || capture::is_recording() {
            return self.serve(site, args, body);
        }
        let before = self.stats();
        explain::observed(
            || self.serve(site, args, body),
            || self.call_report(site.options, &before),
        )
    }

    fn serve<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        args: A,
        body: impl Fn(A) -> R,
    ) -> Result<R> {
        let options = site.options;
        let is_eager = options.backend == BackendKind::Eager || capture::is_disabled();
        if is_eager || capture::is_recording() {
            return Ok(body(args));
        }
        let mut call = Call::of(&args, site.module);
        if call.is_traced() {
            return Ok(body(args));
        }
        if let Some(entry) = self.find(&mut call) {
            return entry.run(&call);
        }
        drop(call);
        let mut call = Call::noted(&args, site);
        let device = call.device(site.module)?;
        if !options.fullgraph && self.is_replay(options, &call) {
            return self.replay(site, &device, &call, args, &body);
        }
        let guard = lock(&self.compiling);
        if let Some(entry) = self.find(&mut call) {
            drop(guard);
            return entry.run(&call);
        }
        let entry = match self.make(site, &device, &call, &args, &body)? {
            Made::Result(result) => return Ok(result),
            Made::Broken(result, breaks) => {
                self.log.broke(&options.name, &breaks);
                self.set_replay(&call);
                return Ok(result);
            }
            Made::Replay(why) => {
                drop(guard);
                if options.fullgraph {
                    let found = crate::trace::breaks(site, &args, &body);
                    let found = found.ok().filter(|breaks| !breaks.is_empty());
                    let breaks = found.unwrap_or_else(|| vec![why]);
                    self.log.broke(&options.name, &breaks);
                    return Err(fullgraph_fault(options, &breaks));
                }
                self.log.broke(&options.name, std::slice::from_ref(&why));
                self.set_replay(&call);
                return self.replay(site, &device, &call, args, &body);
            }
            Made::Entry(entry) => entry,
        };
        crate::logging::guards(&options.name, entry.guards.describe());
        let misses = self.misses(&call);
        let nearest = misses.iter().rev().min_by_key(|miss| miss.distance);
        let reason = nearest.map(|miss| miss.text.as_str());
        self.log.compiled(&options.name, reason, &options.source);
        let entry = self.keep(options, *entry, misses);
        drop(guard);
        entry.run(&call)
    }

    /// Forgets all programs and what has happened.
    pub(crate) fn reset(&self) {
        // A program that is being made is kept: whoever makes it began before.
        let entries =
            std::mem::take(&mut *self.entries.write().unwrap_or_else(PoisonError::into_inner));
        drop(entries);
        lock(&self.segments).take();
        lock(&self.kinds).clear();
        self.log.reset();
    }

    /// Drops the programs that read a cell which is no more.
    pub(crate) fn forget_cell(&self, id: u64) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<_> = entries.extract_if(.., |entry| entry.reads(id)).collect();
        drop(entries);
        drop(gone);
    }

    /// Whether a program is there for a call.
    pub(crate) fn serves(&self, args: &impl Arg, module: Option<&dyn Module>) -> bool {
        let mut call = Call::of(args, module);
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.iter().any(|entry| entry.guards.hold(&mut call.words))
    }

    /// The programs of segments.
    pub(super) fn segments(&self, options: &Options) -> Arc<Segments> {
        let mut segments = lock(&self.segments);
        segments.get_or_insert_with(|| Arc::new(Segments::new(options.clone()))).clone()
    }

    pub(super) fn entries(&self) -> Vec<Arc<Entry>> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn find(&self, call: &mut Call) -> Option<Arc<Entry>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.iter().find(|entry| entry.guards.hold(&mut call.words))?;
        entry.last_used.store(self.clock.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        self.log.hit();
        Some(entry.clone())
    }

    /// Why none of the programs serves a call, each by its first guard that does not hold.
    pub(super) fn misses(&self, call: &Call) -> Vec<Miss> {
        self.entries().iter().filter_map(|entry| entry.guards.miss(call)).collect()
    }

    /// Adds an entry, most specific first, and drops the one used longest ago when there are too many.
    fn keep(&self, options: &Options, entry: Entry, misses: Vec<Miss>) -> Arc<Entry> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        entry.last_used.store(now, Ordering::Relaxed);
        let entry = Arc::new(entry);
        // Dropped when no lock is held.
        let mut evicted = None;
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= options.programs_max.max(1) {
            let oldest =
                (0..entries.len()).min_by_key(|&i| entries[i].last_used.load(Ordering::Relaxed));
            if let Some(oldest) = oldest {
                evicted = Some(entries.remove(oldest));
                let advice = advice(misses.into_iter().map(|miss| miss.cause));
                let reason = format!(
                    "more than {} programs, so one was dropped: {advice}",
                    options.programs_max
                );
                self.log.evicted(&options.name, &reason, &options.source);
            }
        }
        let at =
            entries.partition_point(|other| other.guards.n_symbols() <= entry.guards.n_symbols());
        entries.insert(at, entry.clone());
        drop(entries);
        drop(evicted);
        entry
    }

    /// What has happened so far.
    pub(crate) fn stats(&self) -> Stats {
        let segments = self.segment_programs().len();
        Stats { programs: self.entries().len(), segments, ..self.log.stats() }
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

    /// What a call has done since the counts were `before`.
    fn call_report(&self, options: &Options, before: &Stats) -> CallReport {
        let stats = self.stats();
        let outcome = match options.backend {
            BackendKind::Eager => Outcome::Eager,
            _ if stats.compilations > before.compilations => Outcome::Compiled,
            _ if stats.hits > before.hits => Outcome::Found,
            _ => Outcome::Replayed,
        };
        let because = stats.reasons.get(before.reasons.len()).cloned();
        let entries = self.entries();
        let used = |entry: &Arc<Entry>| entry.last_used.load(Ordering::Relaxed);
        let last = entries.iter().map(used).max();
        let served = |entry| outcome != Outcome::Replayed && Some(used(entry)) == last;
        let whole = entries.iter().map(|e| e.program.explanation(served(e), e.guards.describe()));
        let segments = self.segment_programs();
        let segments = segments.iter().map(|program| ProgramExplanation {
            segment: true,
            ..program.explanation(outcome == Outcome::Replayed, Vec::new())
        });
        CallReport {
            name: options.name.clone(),
            outcome,
            because,
            breaks: stats.breaks.clone(),
            programs: whole.chain(segments).collect(),
            stats,
        }
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
        lifted.iter().filter_map(Lifted::cell).for_each(site::note_cell);
        Entry { guards, program, lifted, rebuild, last_used: AtomicU64::new(0) }
    }

    fn reads(&self, cell: u64) -> bool {
        self.lifted.iter().any(|lifted| lifted.cell() == Some(cell))
    }

    fn run<R: Ret>(&self, call: &Call) -> Result<R> {
        let lifted = self.lifted.iter().map(Lifted::value).collect::<Result<Vec<Stored>>>()?;
        let given = call.values(self.program.device())?;
        let inputs: Vec<&Stored> = given.iter().chain(&lifted).collect();
        let (tensors, state) = self.program.run(&self.guards.sizes(call), &inputs)?;
        lifted_state(&self.lifted, call.given.len(), &state);
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
