//! Loops on tensors: comes in what a loop's variables hold where it begins, at the end of a trip and where it is left, goes out what
//! they hold from there on.
//!
//! A loop is recorded in one pass. Where it begins, its variables become arguments of the loop; the body is recorded on them; at the
//! end of the trip their values are the next state. The head is passed once more, to leave the loop as the user's code does, and then
//! the variables become its results. A trip is one join with a flag that says whether another one follows: `break` leaves it false. A loop
//! is taken for one on tensors when its condition is one, or when it is left on one side of a decision; all others are unrolled.

mod trips;

use std::panic::Location;

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::Source;

use super::join::{Values, Var, look};
use super::path::{Mark, Owner, Seen};
use super::{GraphBreak, Leave, Recorder, join, leave, with};
use crate::tensor::Tensor;

/// What variables take: by variable, then by tensor; `None` keeps what is there.
type Given = Vec<Vec<Option<Tensor>>>;

/// The operator of nodes that stand for the state of a loop until the graph is placed.
pub(super) const ARGUMENT: &str = "loop_argument";
/// The operator of nodes that stand for what a loop leaves.
pub(super) const RESULT: &str = "loop_result";

/// Trips that checks make through a loop. A host value that trips change unseen shows after one of them.
pub(super) const CHECKED_TRIPS: [usize; 2] = [0, 4];

/// A loop in the code: file, line, column, and its number in its function.
pub(super) type Site = (&'static str, u32, u32, usize);

/// What is known of a loop in the code.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// It is part of the graph. `headed`: its condition is a tensor.
    Tensor { headed: bool },
    /// It is unrolled; why it could not be part of the graph, if that was tried.
    Host(Option<GraphBreak>),
}

impl Kind {
    pub(super) fn reason(&self) -> Option<&GraphBreak> {
        match self {
            Kind::Host(reason) => reason.as_ref(),
            Kind::Tensor { .. } => None,
        }
    }
}

/// A loop of the graph. Lists are by variable, then by tensor.
pub(super) struct Trip {
    site: Site,
    pub(super) source: Source,
    /// What it stands in, and how many loops stand there before it.
    pub(super) owner: Owner,
    nth: usize,
    /// Decisions in its body.
    pub(super) inside: Vec<usize>,
    begin: Vec<Seen>,
    arguments: Vec<Vec<NodeId>>,
    head: Option<NodeId>,
    /// The next state, and whether another trip follows.
    next: Option<(Vec<Vec<NodeId>>, NodeId)>,
    results: Vec<Vec<NodeId>>,
}

/// A loop of the graph as it is placed: lists are by the tensors that trips change.
#[derive(Clone, PartialEq)]
pub(super) struct Cycle {
    pub(super) source: Source,
    pub(super) arguments: Vec<NodeId>,
    pub(super) begin: Vec<NodeId>,
    pub(super) next: Vec<NodeId>,
    pub(super) results: Vec<NodeId>,
    pub(super) head: Option<NodeId>,
    pub(super) goes_on: NodeId,
    /// What it walks along, if it makes as many trips as an axis is long.
    pub(super) walk: Option<Walk>,
}

/// Tensors that a loop walks along, and those that it stacks.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Walk {
    pub(super) whole: Vec<NodeId>,
    /// Arguments: what the tensors hold at the place of a trip.
    pub(super) slices: Vec<NodeId>,
    /// What a trip leaves to be stacked.
    pub(super) parts: Vec<NodeId>,
    /// The stacked tensors.
    pub(super) stacked: Vec<NodeId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    /// Nothing is recorded, or conditions are read.
    Off,
    /// Unrolled.
    Host,
    /// It is not known yet what it is.
    Probe,
    /// Before the condition.
    Head,
    /// In a trip.
    Body,
    /// Behind a trip.
    Behind,
}

/// A loop that is being passed.
pub struct Loop {
    stage: Stage,
    site: Site,
    /// The place before it.
    before: Mark,
    /// The place at the beginning of a trip.
    trip: Mark,
    index: usize,
    trips: usize,
}

/// The condition of a loop.
pub(crate) enum Tested<'a> {
    /// Known while recording.
    Host(bool),
    /// Known when the program runs.
    Tensor(&'a Tensor),
}

/// Why a loop is not part of the graph.
pub(super) enum Fault {
    /// The body must run on every call.
    Break(GraphBreak),
    /// It must be recorded anew.
    Again,
}

impl From<GraphBreak> for Fault {
    fn from(why: GraphBreak) -> Fault {
        Fault::Break(why)
    }
}

/// Runs a function on the recorder, which there is; leaves the recording at a fault.
fn recorded<R>(f: impl FnOnce(&mut Recorder) -> Result<R, Fault>) -> R {
    match with(f).expect("a loop that is recorded has a recorder") {
        Ok(value) => value,
        Err(Fault::Break(why)) => leave(Leave::Replay(why)),
        Err(Fault::Again) => leave(Leave::Again),
    }
}

fn put(vars: &mut [Var<'_>], values: Given) {
    vars.iter_mut().zip(values).for_each(|(var, tensors)| var.put(tensors));
}

/// Begins a loop whose trips change these variables.
pub(crate) fn enter(
    place: &'static Location<'static>,
    number: usize,
    vars: &mut [Var<'_>],
) -> Loop {
    let site = (place.file(), place.line(), place.column(), number);
    let kind = with(|recorder| match recorder.reads() || recorder.path.draining {
        true => None,
        false => Some(recorder.path.kinds.get(&site).cloned()),
    });
    let stage = match kind.flatten() {
        None => Stage::Off,
        Some(None) => Stage::Probe,
        Some(Some(Kind::Host(_))) => Stage::Host,
        Some(Some(Kind::Tensor { .. })) => Stage::Head,
    };
    let mark = |with_mark: bool| match with_mark {
        true => with(|recorder| recorder.path.mark(place, number)).unwrap_or(Mark::NONE),
        false => Mark::NONE,
    };
    let before = mark(matches!(stage, Stage::Probe | Stage::Host));
    let mut this = Loop { stage, site, before, trip: Mark::NONE, index: 0, trips: 0 };
    if stage == Stage::Head {
        let now = look(vars);
        let source = Source::from(place);
        let (index, values) = recorded(|recorder| recorder.enter_loop(site, &source, &now));
        this.index = index;
        put(vars, values);
    }
    this
}

/// Whether a trip follows; `None` where the condition decides as any other.
pub(crate) fn test(this: &mut Loop, condition: &Tested<'_>, source: &Source) -> Option<bool> {
    let site = this.site;
    match (this.stage, condition) {
        (Stage::Off | Stage::Host, _) => None,
        (Stage::Probe, Tested::Host(known)) => Some(*known),
        (Stage::Probe, Tested::Tensor(_)) => {
            recorded(|recorder| Err(recorder.set_kind(site, Kind::Tensor { headed: true })))
        }
        _ => {
            let this = &mut *this;
            Some(recorded(|recorder| recorder.test_loop(this, condition, source)))
        }
    }
}

/// Unrolls a loop, whatever leaves it.
pub(crate) fn unroll(this: &mut Loop) {
    if this.stage == Stage::Probe {
        let site = this.site;
        recorded(|recorder| {
            recorder.path.kinds.insert(site, Kind::Host(None));
            Ok(())
        });
        this.stage = Stage::Host;
    }
}

/// Ends a trip.
pub(crate) fn back(this: &mut Loop, vars: &mut [Var<'_>]) {
    match this.stage {
        Stage::Probe => {
            let (site, before) = (this.site, this.before);
            recorded(|recorder| recorder.probe(site, before));
            unroll(this);
        }
        Stage::Body => {
            close_trip(this, vars, true);
            put(vars, recorded(|recorder| recorder.arguments_of(this.index)));
            this.stage = Stage::Behind;
        }
        Stage::Off | Stage::Host | Stage::Head | Stage::Behind => {}
    }
}

/// Leaves a loop.
pub(crate) fn end(mut this: Loop, vars: &mut [Var<'_>]) {
    match this.stage {
        Stage::Off | Stage::Head => return,
        Stage::Probe => recorded(|recorder| recorder.probe(this.site, this.before)),
        Stage::Host => {}
        Stage::Body => close_trip(&mut this, vars, false),
        Stage::Behind => {}
    }
    match this.stage {
        Stage::Probe | Stage::Host => join(this.before, vars),
        _ => put(vars, recorded(|recorder| recorder.results_of(this.index))),
    }
}

/// Joins all that is open in a trip.
fn close_trip(this: &mut Loop, vars: &mut [Var<'_>], goes_on: bool) {
    let mut flag = recorded(|recorder| {
        recorder.joined.clear();
        recorder.flag(goes_on)
    });
    let (index, mark) = (this.index, this.trip);
    loop {
        let mut now = look(vars);
        now.extend(look(&mut [Var::tensor("the loop", &mut flag)]));
        let values = recorded(|recorder| {
            let joined = recorder.path.join(mark, &now)?;
            Ok(recorder.values_of(joined, &now)?)
        });
        match values {
            None => return recorded(|recorder| recorder.end_trip(index, &now)),
            Some(Values::Again) => leave(Leave::Again),
            Some(Values::Of(mut values)) => {
                let own = values.pop().unwrap_or_default();
                put(&mut [Var::tensor("the loop", &mut flag)], vec![own]);
                put(vars, values);
            }
        }
    }
}
