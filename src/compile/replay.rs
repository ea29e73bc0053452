//! Calls of functions with graph breaks: the body runs on every call, and the segments between its breaks are programs.

use std::collections::BTreeSet;

use ferrodyne_plan::{DType, Diagnostic, Dim, Name, Range};

use super::arg::Arg;
use super::cache::{Cache, CallSite, lock};
use super::call::Call;
use super::options::Options;
use super::ret::Ret;
use crate::capture::{self, GraphBreak, Known, Recorder};
use crate::device::Device;
use crate::error::{Error, Result};

/// Calls that differ in sizes alone, and whose body must run each time.
pub(super) struct Kind {
    tensors: Vec<(DType, usize)>,
    hosts: Vec<u64>,
    device: Option<Device>,
    sizes: Vec<i64>,
    /// Positions of sizes that have differed between calls.
    varying: BTreeSet<usize>,
}

impl Kind {
    pub(super) fn of(call: &Call) -> Kind {
        Kind {
            tensors: call.tensors.iter().map(|t| (t.dtype, t.dims.len())).collect(),
            hosts: call.hosts.clone(),
            device: call.tensors.first().map(|t| t.device.clone()),
            sizes: call.sizes.clone(),
            varying: BTreeSet::new(),
        }
    }

    pub(super) fn fits(&self, call: &Call) -> bool {
        self.tensors.iter().copied().eq(call.tensors.iter().map(|t| (t.dtype, t.dims.len())))
            && self.hosts == call.hosts
            && self.device.as_ref() == call.tensors.first().map(|t| &t.device)
    }

    /// The sizes that vary, this call's included.
    fn varying(&mut self, call: &Call) -> BTreeSet<usize> {
        let differing = self.sizes.iter().zip(&call.sizes).enumerate().filter(|(_, (a, b))| a != b);
        self.varying.extend(differing.map(|(position, _)| position));
        self.varying.clone()
    }
}

impl Cache {
    /// Runs the body, with its segments compiled.
    pub(super) fn replay<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        call: &Call,
        args: A,
        body: &impl Fn(A) -> R,
    ) -> Result<R> {
        let (result, breaks) = self.replayed(site, call, args, body)?;
        self.note_breaks(site.options, &breaks);
        result
    }

    /// The fault of a function that must be one graph: the recording was left at its first break, so that the body runs once
    /// more for the others.
    pub(super) fn all_breaks<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        call: &Call,
        args: A,
        body: &impl Fn(A) -> R,
        first: GraphBreak,
    ) -> Error {
        let mut breaks = vec![first];
        match self.replayed(site, call, args, body) {
            Ok((_, others)) => {
                // A condition is read here because the others are: in one graph it would be a decision.
                let others = others.into_iter().filter(|other| !other.is_condition());
                others.for_each(|other| other.add_to(&mut breaks));
                fullgraph_fault(site.options, &breaks)
            }
            Err(fault) => fault,
        }
    }

    /// Runs the body, and gives the breaks beside the result.
    fn replayed<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        call: &Call,
        args: A,
        body: &impl Fn(A) -> R,
    ) -> Result<(Result<R>, Vec<GraphBreak>)> {
        let device = call.device(site.module)?;
        let segments = self.segments(site.options);
        let mut recorder = Recorder::new(site.options.name.as_str(), device, segments);
        if let Some(module) = site.module {
            recorder.name_cells(module);
        }
        self.know_arguments(site.options, call, &mut recorder);
        recorder.set_replay();
        recorder.begin();
        let (result, mut recorder) = capture::install(recorder, || body(args));
        let flushed = if result.is_ok() { recorder.flush() } else { Ok(()) };
        match result {
            Ok(result) => Ok((flushed.map(|()| result), recorder.breaks().to_vec())),
            Err(panic) => {
                self.note_breaks(site.options, recorder.breaks());
                std::panic::resume_unwind(panic)
            }
        }
    }

    /// Names the arguments; sizes that vary from call to call are symbols.
    fn know_arguments(&self, options: &Options, call: &Call, recorder: &mut Recorder) {
        let varying = {
            let mut kinds = lock(&self.kinds);
            kinds.iter_mut().find(|kind| kind.fits(call)).map(|kind| kind.varying(call))
        }
        .unwrap_or_default();
        let mut position = 0;
        for (index, tensor) in call.tensors.iter().enumerate() {
            let name = Name::from(options.argument_name(index));
            let mut dims = Vec::new();
            for (axis, &size) in tensor.dims.iter().enumerate() {
                let size = size as i64;
                let declared = options.dynamic.iter().find(|d| d.tensor == index && d.axis == axis);
                dims.push(match declared {
                    Some(d) => recorder.symbol(Name::from(d.name.as_str()), d.range, size),
                    None if varying.contains(&position) => {
                        let name = Name::from(format!("{name}_{axis}"));
                        recorder.symbol(name, Range::at_least(0), size)
                    }
                    None => Dim::constant(size),
                });
                position += 1;
            }
            recorder.know(Known { value: tensor.clone(), name, dims });
        }
    }

    /// Makes calls of this kind replay from now on.
    pub(super) fn set_replay(&self, call: &Call) {
        let mut kinds = lock(&self.kinds);
        if !kinds.iter().any(|kind| kind.fits(call)) {
            kinds.push(Kind::of(call));
        }
    }

    /// Whether calls of this kind replay.
    pub(super) fn is_replay(&self, options: &Options, call: &Call) -> bool {
        let mut kinds = lock(&self.kinds);
        if kinds.iter().any(|kind| kind.fits(call)) {
            return true;
        }
        // A host value that differs in every call would otherwise make a kind of each.
        let all = options.replay || kinds.len() >= options.programs_max.max(1);
        if all && kinds.len() < 64 {
            kinds.push(Kind::of(call));
        }
        all
    }

    /// Counts breaks, and tells of those that are new.
    pub(super) fn note_breaks(&self, options: &Options, breaks: &[GraphBreak]) {
        let known = &mut lock(&self.stats).breaks;
        for graph_break in breaks {
            if !known
                .iter()
                .any(|b| b.reason == graph_break.reason && b.source == graph_break.source)
            {
                tracing::warn!(target: "breaks", "`{}`: graph break: {graph_break}", options.name);
            }
            graph_break.clone().add_to(known);
        }
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
