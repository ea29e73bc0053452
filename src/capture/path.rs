//! The decisions of a captured function on tensors, as a tree: comes in where conditions, joins and results stand in each
//! recording of the body, goes out which side to take, and which values to join.
//!
//! The body is recorded once for each side of each decision. A decision is closed at the join that both of its sides reach; a
//! side that returns early reaches only the function's end. When all are closed, the body is recorded again for each decision and each
//! place behind it, along the decision's first side and with the joined values in place: all that is recorded must be what was
//! recorded there before. If it is not, something was changed that the joins do not see, and the decision cannot be part of the
//! graph.

mod decisions;

use std::collections::HashMap;

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::Source;

use super::GraphBreak;
use super::check::Check;
use super::repeat::{Kind, Site, Trip};

/// Most recordings of one body, apart from those that check.
const RECORDINGS_MAX: usize = 256;

/// A join: its place in the code, and where it stands among the decisions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct JoinId {
    /// File, line, column, and the number of the branch in its function: code made by macros has one line for all.
    place: Option<(&'static str, u32, u32, usize)>,
    /// The decision and side that it stands in, and how many decisions stand there before it.
    position: (Owner, usize),
}

/// The end of the function.
const END: JoinId = JoinId { place: None, position: (Owner::Root, 0) };

/// What decisions and loops stand in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Owner {
    /// The function.
    Root,
    /// A side of a decision.
    Side(usize, bool),
    /// The body of a loop.
    Body(usize),
}

/// What a joined variable holds: its tensors, and a print of all else.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Seen {
    pub(crate) name: &'static str,
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) print: String,
    /// The type of a variable that cannot be joined.
    pub(crate) opaque: Option<&'static str>,
    /// Whether nothing is known of it: it is not read from here on.
    pub(crate) missing: bool,
}

/// Which sides of a decision are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Then,
    Else,
    Done,
}

pub(super) struct Decision {
    condition: NodeId,
    source: Source,
    phase: Phase,
    /// Where the first side was joined, and with which values.
    first: Option<(JoinId, Vec<Seen>)>,
    /// The values at the same join on the second side.
    second: Vec<Seen>,
    /// What it stands in.
    pub(super) owner: Owner,
    /// The only join at which the decision may be closed.
    only_at: Option<JoinId>,
    /// Values of the join.
    results: Vec<Vec<NodeId>>,
    /// Decisions met on each side.
    pub(super) inside: [Vec<usize>; 2],
    /// How much was recorded when it was met.
    met_at: usize,
}

/// Where a stretch of a recording begins.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Anchor {
    Start,
    Side(usize, bool),
    Behind(usize),
    Body(usize),
    BehindLoop(usize),
}

/// Decisions and loops that stand in one thing, and which of them comes next.
pub(super) struct Frame {
    pub(super) owner: Owner,
    next: usize,
    pub(super) loops: usize,
}

impl Frame {
    pub(super) fn of(owner: Owner) -> Frame {
        Frame { owner, next: 0, loops: 0 }
    }
}

/// What is known of the paths through a body.
pub(crate) struct Path {
    pub(super) decisions: Vec<Decision>,
    pub(super) roots: Vec<usize>,
    pub(super) frames: Vec<Frame>,
    marks: Vec<JoinId>,
    passed: usize,
    recordings: usize,
    /// Nodes of this recording, in order.
    log: Vec<NodeId>,
    /// What this recording must repeat.
    prefix: Vec<NodeId>,
    /// What was recorded in each stretch.
    stretches: HashMap<Anchor, Vec<NodeId>>,
    /// The stretch at hand; while checking, how much of it has been repeated.
    at: (Anchor, usize),
    /// While checking: the sides that are not the second.
    sides: Option<HashMap<usize, bool>>,
    /// While checking: a loop, and how many trips are made through it.
    trips: Option<(usize, usize)>,
    /// Checks to come.
    pub(super) checks: Vec<Check>,
    results: Vec<Seen>,
    /// Loops on tensors.
    pub(super) loops: Vec<Trip>,
    /// What is known of loops by their place in the code.
    pub(super) kinds: HashMap<Site, Kind>,
    /// Whether the head of a loop is passed once more, only to leave it.
    pub(super) draining: bool,
}

/// A place before a decision, to find the join's decisions by.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    marks: usize,
    frames: usize,
    id: Option<JoinId>,
}

impl Mark {
    /// A mark outside of any recording.
    pub(crate) const NONE: Mark = Mark { marks: 0, frames: 0, id: None };

    /// Whether it was made by a recording.
    pub(crate) fn is_recorded(&self) -> bool {
        self.id.is_some()
    }

    /// How many decisions and loops were open.
    pub(super) fn frames(&self) -> usize {
        self.frames
    }
}

/// What a join does.
pub(crate) enum Joined {
    /// The variables keep their values.
    Kept,
    /// The variables of this decision take the values of its two sides: condition, then and else, one list a variable.
    Close { decision: usize, condition: NodeId, first: Vec<Seen>, source: Source },
    /// The variables take these values.
    Put(Vec<Vec<NodeId>>),
    /// The body must be recorded again.
    Again,
}

impl Default for Path {
    fn default() -> Path {
        Path {
            decisions: Vec::new(),
            roots: Vec::new(),
            frames: Vec::new(),
            marks: Vec::new(),
            passed: 0,
            recordings: 0,
            log: Vec::new(),
            prefix: Vec::new(),
            stretches: HashMap::new(),
            at: (Anchor::Start, 0),
            sides: None,
            trips: None,
            checks: Vec::new(),
            results: Vec::new(),
            loops: Vec::new(),
            kinds: HashMap::new(),
            draining: false,
        }
    }
}

impl Path {
    /// Begins a recording.
    pub(super) fn begin(&mut self) {
        self.frames = vec![Frame::of(Owner::Root)];
        self.marks.clear();
        self.draining = false;
        self.passed = 0;
        self.log.clear();
        self.recordings += 1;
        self.at = (Anchor::Start, 0);
        if self.sides.is_none() {
            self.stretches.insert(Anchor::Start, Vec::new());
        }
    }

    /// Goes on with another stretch.
    pub(super) fn enter(&mut self, anchor: Anchor) -> Result<(), GraphBreak> {
        match self.sides {
            None => {
                self.stretches.insert(anchor, Vec::new());
            }
            Some(_) => self.repeated_all()?,
        }
        self.at = (anchor, 0);
        Ok(())
    }

    /// While checking: a stretch must be repeated to its end.
    fn repeated_all(&self) -> Result<(), GraphBreak> {
        let (anchor, at) = self.at;
        match self.stretches.get(&anchor).map_or(0, Vec::len) == at {
            true => Ok(()),
            false => Err(self.unseen_in(anchor)),
        }
    }

    /// Whether the body decides on tensors.
    pub(super) fn has_decisions(&self) -> bool {
        !self.decisions.is_empty() || !self.loops.is_empty()
    }

    /// Whether this recording checks what was recorded.
    pub(super) fn is_check(&self) -> bool {
        self.sides.is_some()
    }

    /// How many trips this recording makes through a loop.
    pub(super) fn trips_of(&self, index: usize) -> usize {
        self.trips.filter(|(other, _)| *other == index).map_or(1, |(_, trips)| trips)
    }

    /// Forgets all recordings, but not what is known of loops.
    pub(super) fn restart(&mut self) {
        self.decisions.clear();
        self.roots.clear();
        self.prefix.clear();
        self.stretches.clear();
        self.loops.clear();
    }

    /// Where the first decision stands.
    pub(super) fn first_source(&self) -> Option<Source> {
        let decision = self.decisions.first().map(|decision| decision.source.clone());
        decision.or_else(|| self.loops.first().map(|trip| trip.source.clone()))
    }

    /// Where the decision or the loop opened last stands.
    pub(super) fn open_source(&self) -> Option<Source> {
        if self.draining {
            return self.loops.last().map(|trip| trip.source.clone());
        }
        match self.frames.last()?.owner {
            Owner::Root => None,
            Owner::Side(decision, _) => Some(self.decisions[decision].source.clone()),
            Owner::Body(index) => Some(self.loops[index].source.clone()),
        }
    }

    /// Notes a node that the body made.
    pub(super) fn did(&mut self, node: NodeId) -> Result<(), GraphBreak> {
        if self.draining {
            return Ok(());
        }
        let (anchor, repeated) = self.at;
        let stretch = self.stretches.entry(anchor).or_default();
        match self.sides {
            None => stretch.push(node),
            Some(_) if stretch.get(repeated) == Some(&node) => self.at.1 += 1,
            Some(_) => return Err(self.unseen_in(anchor)),
        }
        let at = self.log.len();
        self.log.push(node);
        match self.prefix.get(at) {
            Some(&before) if before != node => Err(not_deterministic(&Source::unknown())),
            _ => Ok(()),
        }
    }

    fn unseen_in(&self, anchor: Anchor) -> GraphBreak {
        match (anchor, self.trips) {
            (Anchor::Body(index) | Anchor::BehindLoop(index), _) => self.unseen_trip(index),
            (_, Some((index, _))) => self.unseen_trip(index),
            (Anchor::Side(decision, _) | Anchor::Behind(decision), None) => self.unseen(decision),
            (Anchor::Start, None) => match self.decisions.is_empty() {
                true => not_deterministic(&Source::unknown()),
                false => self.unseen(0),
            },
        }
    }

    /// A trip through a loop changes what its variables do not show.
    pub(super) fn unseen_trip(&self, index: usize) -> GraphBreak {
        let why = "a loop on a tensor changes something that a compiled function cannot follow: a host value behind an alias, \
                   in a closure or in a cell";
        let hint = "keep what changes in tensors, and assign them to variables in the loop itself";
        GraphBreak::new(why, &self.loops[index].source, hint)
    }

    fn unseen(&self, decision: usize) -> GraphBreak {
        let why = "a decision on a tensor changes something that a compiled function cannot follow: a variable behind an \
                   alias, in a closure or in a cell";
        let hint = "assign the variable itself in both branches, or return the new value from them";
        GraphBreak::new(why, &self.decisions[decision].source, hint)
    }
}

pub(super) fn not_deterministic(source: &Source) -> GraphBreak {
    let why = "the function is not deterministic: recorded again, it did something else";
    let hint = "draw random numbers with ferrodyne, iterate over a `BTreeMap` and not over a `HashMap`, and keep clocks and \
                counters out of compiled functions";
    GraphBreak::new(why, source, hint)
}
