//! Loops on tensors: comes in what a loop's variables hold where it begins, at the end of a trip and where it is left, goes out what
//! they hold from there on.
//!
//! A loop is recorded in one pass. Where it begins, its variables become arguments of the loop; the body is recorded on them; at the
//! end of the trip their values are the next state. The head is passed once more, to leave the loop as the user's code does, and then
//! the variables become its results. A trip is one join with a flag that says whether another one follows: `break` leaves it false. A loop
//! is taken for one on tensors when its condition is one, or when it is left on one side of a decision; all others are unrolled.

use std::collections::BTreeMap;
use std::panic::Location;
use std::sync::Arc;

use ferrodyne_compiler::graph::{Attrs, Node, NodeId, TensorType};
use ferrodyne_plan::{DType, HostTensor, Name, Source};

use super::join::{Values, Var, look};
use super::path::{Anchor, Frame, Mark, Owner, Seen, not_deterministic};
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

impl Recorder {
    /// Notes what a loop is; all must be recorded anew.
    fn set_kind(&mut self, site: Site, kind: Kind) -> Fault {
        if self.path.is_check() {
            return not_deterministic(&Source::unknown()).into();
        }
        self.path.kinds.insert(site, kind);
        self.path.restart();
        Fault::Again
    }

    /// A loop that cannot be part of the graph: one that tensors do not end by its condition may still be unrolled.
    fn refuse(&mut self, site: Site, why: GraphBreak) -> Fault {
        match self.path.kinds.get(&site) {
            Some(Kind::Tensor { headed: false }) if !self.path.is_check() => {
                self.set_kind(site, Kind::Host(Some(why)))
            }
            _ => Fault::Break(why),
        }
    }

    /// A loop that is left, or ends a trip, on one side of a decision is one on tensors.
    fn probe(&mut self, site: Site, before: Mark) -> Result<(), Fault> {
        match self.path.frames.len() > before.frames() {
            true => Err(self.set_kind(site, Kind::Tensor { headed: false })),
            false => Ok(()),
        }
    }

    /// Begins a loop of the graph; gives its number, and the arguments for its variables.
    fn enter_loop(
        &mut self,
        site: Site,
        source: &Source,
        now: &[Seen],
    ) -> Result<(usize, Given), Fault> {
        let frame = self.path.frames.last_mut().expect("a recording has begun");
        let (owner, nth) = (frame.owner, frame.loops);
        frame.loops += 1;
        let same = |trip: &Trip| trip.site == site && trip.owner == owner && trip.nth == nth;
        if let Some(index) = self.path.loops.iter().position(same) {
            return match self.path.loops[index].begin == now {
                true => Ok((index, self.arguments_of(index)?)),
                false => Err(not_deterministic(source).into()),
            };
        }
        if self.path.is_check() {
            return Err(not_deterministic(source).into());
        }
        if let Some((name, ty)) = now.iter().find_map(|seen| Some((seen.name, seen.opaque?))) {
            let why = format!("{name} is {ty}, which a loop on a tensor cannot carry");
            let hint = "carry tensors, containers of them, or types with `#[derive(Tree)]`";
            return Err(self.refuse(site, GraphBreak::new(why, source, hint)));
        }
        let index = self.path.loops.len();
        let mut arguments = Vec::new();
        for seen in now {
            let own = seen.nodes.iter().map(|&node| self.argument_of(index, node, source));
            arguments.push(own.collect());
        }
        self.path.loops.push(Trip {
            site,
            source: self.place(source),
            owner,
            nth,
            inside: Vec::new(),
            begin: now.to_vec(),
            arguments,
            head: None,
            next: None,
            results: Vec::new(),
        });
        Ok((index, self.arguments_of(index)?))
    }

    fn argument_of(&mut self, index: usize, begin: NodeId, source: &Source) -> NodeId {
        let ty = self.builder.ty(begin).clone();
        let attrs = Attrs::new().int("loop", 2 * index as i64);
        self.pseudo(ARGUMENT, Vec::new(), ty, attrs, source)
    }

    pub(super) fn pseudo(
        &mut self,
        op: &str,
        inputs: Vec<NodeId>,
        ty: TensorType,
        attrs: Attrs,
        source: &Source,
    ) -> NodeId {
        let nodes = &mut self.builder.graph_mut().nodes;
        let node = NodeId(nodes.len() as u32);
        nodes.push(Node {
            op: Name::from(op),
            attrs,
            inputs,
            types: vec![ty],
            calls: Vec::new(),
            name: None,
            source: source.clone(),
        });
        node
    }

    /// Handles of nodes, by variable.
    fn handles_of(&mut self, nodes: &[Vec<NodeId>]) -> Result<Given, Fault> {
        let mut all = Vec::new();
        for nodes in nodes {
            let mut own = Vec::new();
            for &node in nodes {
                let sizes = self.hints(node).map_err(|error| {
                    GraphBreak::new(error.to_string(), &Source::unknown(), "declare the sizes")
                })?;
                own.push(Some(self.handle(node, sizes)));
            }
            all.push(own);
        }
        Ok(all)
    }

    fn arguments_of(&mut self, index: usize) -> Result<Given, Fault> {
        let arguments = self.path.loops[index].arguments.clone();
        self.handles_of(&arguments)
    }

    /// A truth value that is known.
    pub(super) fn flag(&mut self, value: bool) -> Result<Tensor, Fault> {
        let bytes = Arc::new(vec![u8::from(value)]);
        let data = HostTensor { dtype: DType::Bool, dims: Vec::new(), bytes };
        let attrs = Attrs::new().tensor("value", Arc::new(data));
        let node = self.node_of("constant", &[], &attrs, &Source::unknown());
        let node = node.map_err(|error| {
            GraphBreak::new(error.to_string(), &Source::unknown(), "report this as a fault")
        })?;
        Ok(self.handle(node, Vec::new()))
    }

    /// The condition of a loop of the graph.
    fn test_loop(
        &mut self,
        this: &mut Loop,
        condition: &Tested<'_>,
        source: &Source,
    ) -> Result<bool, Fault> {
        let index = this.index;
        let head = match condition {
            Tested::Host(true) => None,
            Tested::Host(false) => {
                let why = self.path.unseen_trip(index);
                return Err(self.refuse(this.site, why));
            }
            Tested::Tensor(tensor) => {
                let node = self.node(tensor, "a condition", source).map_err(|error| {
                    GraphBreak::new(error.to_string(), source, "read the value")
                })?;
                Some(node)
            }
        };
        let first = this.stage == Stage::Head;
        let trip = &mut self.path.loops[index];
        if first && trip.next.is_none() {
            trip.head = head;
        } else if trip.head != head {
            return Err(self.path.unseen_trip(index).into());
        }
        this.stage = Stage::Behind;
        if this.trips >= self.path.trips_of(index) {
            return Ok(false);
        }
        this.trips += 1;
        this.stage = Stage::Body;
        self.path.draining = false;
        self.path.frames.push(Frame::of(Owner::Body(index)));
        self.path.enter(Anchor::Body(index))?;
        this.trip = self.path.mark_trip(this.site);
        Ok(true)
    }

    /// Ends a trip whose decisions are closed: what the variables hold is the next state.
    fn end_trip(&mut self, index: usize, now: &[Seen]) -> Result<(), Fault> {
        let joined = std::mem::take(&mut self.joined);
        let trip = &self.path.loops[index];
        let (site, source) = (trip.site, trip.source.clone());
        let mut next = Vec::new();
        let (flag, vars) = now.split_last().expect("the flag stands behind the variables");
        let (begin, arguments) = (trip.begin.clone(), trip.arguments.clone());
        for ((seen, begin), arguments) in vars.iter().zip(&begin).zip(&arguments) {
            if seen.missing {
                let known = joined.get(next.len()).filter(|nodes| nodes.len() == arguments.len());
                next.push(known.unwrap_or(arguments).clone());
                continue;
            }
            let name = seen.name;
            if let Some(ty) = seen.opaque {
                let why = format!("{name} is {ty}, which a loop on a tensor cannot carry");
                let hint = "carry tensors, containers of them, or types with `#[derive(Tree)]`";
                return Err(self.refuse(site, GraphBreak::new(why, &source, hint)));
            }
            if begin.print != seen.print || arguments.len() != seen.nodes.len() {
                let why = format!("{name} changes on the host in a loop on a tensor");
                let hint = "keep the value in a tensor, or loop over a range: `for i in 0..n`";
                return Err(self.refuse(site, GraphBreak::new(why, &source, hint)));
            }
            for (&a, &b) in arguments.iter().zip(&seen.nodes) {
                let (before, after) = (self.builder.ty(a).clone(), self.builder.ty(b).clone());
                if self.are_alike(&before, &after, "a loop", &source) {
                    continue;
                }
                let why = format!(
                    "{name} is {before} before a trip through a loop on a tensor and {after} behind it"
                );
                let hint = "keep element type and shape: convert, pad or slice the value";
                return Err(self.refuse(site, GraphBreak::new(why, &source, hint)));
            }
            next.push(seen.nodes.clone());
        }
        let next = (next, flag.nodes[0]);
        match &self.path.loops[index].next {
            Some(known) if *known != next => return Err(self.path.unseen_trip(index).into()),
            Some(_) => {}
            None => self.path.loops[index].next = Some(next),
        }
        self.path.frames.pop();
        self.path.draining = true;
        Ok(())
    }

    /// The results of a loop that is left.
    fn results_of(&mut self, index: usize) -> Result<Given, Fault> {
        self.path.draining = false;
        self.path.enter(Anchor::BehindLoop(index))?;
        if self.path.loops[index].results.is_empty() {
            self.make_results(index);
        }
        let results = self.path.loops[index].results.clone();
        self.handles_of(&results)
    }

    /// A tensor that no trip changes is what it was before.
    fn make_results(&mut self, index: usize) {
        let trip = &self.path.loops[index];
        let Some((next, goes_on)) = trip.next.clone() else { return };
        let (begin, arguments, source) =
            (trip.begin.clone(), trip.arguments.clone(), trip.source.clone());
        let mut inputs: Vec<NodeId> = begin.iter().flat_map(|seen| seen.nodes.clone()).collect();
        inputs.extend(next.iter().flatten());
        inputs.extend(trip.head);
        inputs.push(goes_on);
        let mut results = Vec::new();
        for ((begin, next), arguments) in begin.iter().zip(&next).zip(&arguments) {
            let mut own = Vec::new();
            for ((&begin, next), argument) in begin.nodes.iter().zip(next).zip(arguments) {
                own.push(match next == argument {
                    true => begin,
                    false => {
                        let ty = self.builder.ty(begin).clone();
                        let attrs = Attrs::new().int("loop", 2 * index as i64);
                        self.pseudo(RESULT, inputs.clone(), ty, attrs, &source)
                    }
                });
            }
            results.push(own);
        }
        self.path.loops[index].results = results;
    }

    /// The loops as they are placed: those of the code have even numbers, those of functions odd ones.
    pub(super) fn cycles(&self) -> BTreeMap<usize, Cycle> {
        let cycle = |trip: &Trip| {
            let (next, goes_on) = trip.next.clone().unwrap_or((Vec::new(), NodeId(0)));
            let mut cycle = Cycle {
                source: trip.source.clone(),
                arguments: Vec::new(),
                begin: Vec::new(),
                next: Vec::new(),
                results: Vec::new(),
                head: trip.head,
                goes_on,
                walk: None,
            };
            for (k, next) in next.iter().enumerate() {
                for (i, &next) in next.iter().enumerate() {
                    cycle.arguments.push(trip.arguments[k][i]);
                    cycle.begin.push(trip.begin[k].nodes[i]);
                    cycle.next.push(next);
                    cycle.results.push(trip.results.get(k).map_or(NodeId(0), |own| own[i]));
                }
            }
            cycle
        };
        let code = self.path.loops.iter().map(cycle).enumerate().map(|(k, cycle)| (2 * k, cycle));
        let made = self.made.iter().enumerate().map(|(k, (cycle, _))| (2 * k + 1, cycle.clone()));
        code.chain(made).collect()
    }
}
