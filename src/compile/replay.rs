//! Calls of functions with graph breaks: the body runs on every call, and the segments between its breaks are programs.

use std::collections::BTreeSet;

use ferrodyne_plan::{Diagnostic, Name};

use super::arg::Arg;
use super::cache::{Cache, CallSite, lock};
use super::call::{Call, Kind};
use super::declared::declare;
use super::event::EventKind;
use super::options::Options;
use super::ret::Ret;
use crate::capture::{self, GraphBreak, Known, Recorder};
use crate::device::Device;
use crate::error::{Error, Result};

/// Calls that differ in sizes and scalars alone, and whose body must run each time.
pub(super) struct Replayed {
    kind: Kind,
    /// Positions of sizes that have differed between calls.
    varying: BTreeSet<usize>,
}

impl Replayed {
    fn of(call: &Call) -> Replayed {
        Replayed { kind: call.kind(), varying: BTreeSet::new() }
    }

    fn fits(&self, call: &Call) -> bool {
        self.kind.fits(&call.words)
    }

    /// The sizes that vary, this call's included.
    fn varying(&mut self, call: &Call) -> BTreeSet<usize> {
        self.varying.extend(self.kind.differing(&call.words));
        self.varying.clone()
    }
}

impl Cache {
    /// Runs the body, with its segments compiled.
    pub(super) fn replay<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        device: &Device,
        call: &Call,
        args: A,
        body: &impl Fn(A) -> R,
    ) -> Result<R> {
        let (result, breaks) = self.replayed(site, device, call, args, body)?;
        self.log.broke(&site.options.name, &breaks);
        result
    }

    /// Runs the body, and gives the breaks beside the result.
    fn replayed<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        device: &Device,
        call: &Call,
        args: A,
        body: &impl Fn(A) -> R,
    ) -> Result<(Result<R>, Vec<GraphBreak>)> {
        let segments = self.segments(site.options);
        let mut recorder = Recorder::new(site.options.name.as_str(), device.clone(), segments);
        if let Some(module) = site.module {
            recorder.name_cells(module);
        }
        self.know_arguments(site.options, device, call, &mut recorder)?;
        recorder.set_replay();
        recorder.begin();
        let (result, mut recorder) = capture::install(recorder, || body(args));
        let flushed = if result.is_ok() { recorder.flush() } else { Ok(()) };
        match result {
            Ok(result) => Ok((flushed.map(|()| result), recorder.breaks().to_vec())),
            Err(panic) => {
                self.log.broke(&site.options.name, recorder.breaks());
                std::panic::resume_unwind(panic)
            }
        }
    }

    /// Names the tensors among the arguments; sizes that vary from call to call are symbols.
    fn know_arguments(
        &self,
        options: &Options,
        device: &Device,
        call: &Call,
        recorder: &mut Recorder,
    ) -> Result<()> {
        let varying = {
            let mut kinds = lock(&self.kinds);
            kinds.iter_mut().find(|kind| kind.fits(call)).map(|kind| kind.varying(call))
        }
        .unwrap_or_default();
        for (number, given) in call.tensors().enumerate() {
            let (path, value) = (call.path(given), given.stored(device)?);
            let dims = declare(options, number, path, given.at, &value.dims, &varying, recorder);
            recorder.know(Known { value, name: Name::from(path), dims });
        }
        Ok(())
    }

    /// Makes calls of this kind replay from now on.
    pub(super) fn set_replay(&self, call: &Call) {
        let mut kinds = lock(&self.kinds);
        if !kinds.iter().any(|kind| kind.fits(call)) {
            kinds.push(Replayed::of(call));
        }
    }

    /// Whether calls of this kind replay.
    pub(super) fn is_replay(&self, options: &Options, call: &Call) -> bool {
        let mut kinds = lock(&self.kinds);
        if kinds.iter().any(|kind| kind.fits(call)) {
            return true;
        }
        // A host value that differs in every call would otherwise make a kind of each.
        let many = !options.replay && kinds.len() >= options.programs_max.max(1);
        if many {
            let reason = "calls of many kinds break the graph, so that the body runs on every call";
            let source = super::event::text(&options.source);
            self.log.note(&options.name, EventKind::Fallback, reason, &source);
        }
        let all = options.replay || many;
        if all && kinds.len() < 64 {
            kinds.push(Replayed::of(call));
        }
        all
    }
}

/// The error of a function that must be one graph and is not: all of its breaks.
pub(super) fn fullgraph_fault(options: &Options, breaks: &[GraphBreak]) -> Error {
    let message = format!(
        "`{}` must be one graph (fullgraph), but it breaks in {} place{}",
        options.name,
        breaks.len(),
        if breaks.len() == 1 { "" } else { "s" }
    );
    let notes = breaks.iter().map(GraphBreak::to_string);
    let fault = notes.fold(Diagnostic::new("break", message), Diagnostic::note);
    Error::Tensor(fault.help("without `fullgraph` the parts between the breaks are compiled"))
}
