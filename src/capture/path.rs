//! The decisions of a captured function on tensors, as a tree: comes in where conditions, joins and results stand in each
//! recording of the body, goes out which side to take, and which values to join.
//!
//! The body is recorded once for each side of each decision. A decision is closed at the join that both of its sides reach; a
//! side that returns early reaches only the function's end. When all are closed, the body is recorded again for each decision and each
//! place behind it, along the decision's first side and with the joined values in place: all that is recorded must be what was
//! recorded there before. If it is not, something was changed that the joins do not see, and the decision cannot be part of the
//! graph.

use std::collections::HashMap;
use std::panic::Location;

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::Source;

use super::GraphBreak;
use super::check::{Check, Checked};
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

    /// Takes a side of a decision.
    pub(super) fn decide(
        &mut self,
        condition: NodeId,
        source: &Source,
    ) -> Result<bool, GraphBreak> {
        if self.draining {
            let why = "the condition of a loop on a tensor decides on another tensor";
            return Err(GraphBreak::new(why, source, "decide in the body of the loop"));
        }
        if self.recordings.max(self.passed) > RECORDINGS_MAX {
            if let Some(why) = self.kinds.values().find_map(Kind::reason) {
                return Err(why.clone());
            }
            let why = format!("there are more than {RECORDINGS_MAX} decisions on tensors");
            let hint = "a loop on a tensor is unrolled if `return`, a `break` with a value or one of an outer loop leaves it, \
                        or if it first assigns a variable on its way out: leave it by a plain `break`";
            return Err(GraphBreak::new(why, source, hint));
        }
        let frame = self.frames.last().expect("a recording has begun");
        let (owner, next) = (frame.owner, frame.next);
        let list = match owner {
            Owner::Root => &self.roots,
            Owner::Side(decision, side) => &self.decisions[decision].inside[usize::from(!side)],
            Owner::Body(index) => &self.loops[index].inside,
        };
        let known = list.get(next).copied();
        let decision = match known {
            Some(decision) if self.decisions[decision].condition == condition => decision,
            Some(_) => return Err(not_deterministic(source)),
            None if self.sides.is_some() => return Err(not_deterministic(source)),
            None => self.meet(owner, condition, source),
        };
        self.frames.last_mut().expect("as above").next += 1;
        self.passed += 1;
        let first = match &self.sides {
            Some(sides) => sides.get(&decision).copied().unwrap_or(false),
            None => {
                self.decisions[decision].met_at = self.log.len();
                self.decisions[decision].phase == Phase::Then
            }
        };
        self.frames.push(Frame::of(Owner::Side(decision, first)));
        self.enter(Anchor::Side(decision, first))?;
        Ok(first)
    }

    fn meet(&mut self, owner: Owner, condition: NodeId, source: &Source) -> usize {
        let decision = self.decisions.len();
        self.decisions.push(Decision {
            condition,
            source: source.clone(),
            phase: Phase::Then,
            first: None,
            second: Vec::new(),
            owner,
            only_at: None,
            results: Vec::new(),
            inside: [Vec::new(), Vec::new()],
            met_at: 0,
        });
        match owner {
            Owner::Root => self.roots.push(decision),
            Owner::Side(outer, side) => {
                self.decisions[outer].inside[usize::from(!side)].push(decision);
            }
            Owner::Body(index) => self.loops[index].inside.push(decision),
        }
        decision
    }

    /// Marks a place before a decision.
    pub(super) fn mark(&mut self, place: &'static Location<'static>, number: usize) -> Mark {
        if self.draining {
            return Mark::NONE;
        }
        self.mark_at((place.file(), place.line(), place.column(), number))
    }

    /// Marks the beginning of a trip through a loop.
    pub(super) fn mark_trip(&mut self, (file, line, column, number): Site) -> Mark {
        self.mark_at((file, line, column, usize::MAX - number))
    }

    fn mark_at(&mut self, site: Site) -> Mark {
        let place = Some(site);
        let position = self.frames.last().map_or((Owner::Root, 0), |f| (f.owner, f.next));
        let id = JoinId { place, position };
        self.marks.push(id);
        Mark { marks: self.marks.len() - 1, frames: self.frames.len(), id: Some(id) }
    }

    /// The next step of a join, which is asked until it is `Kept` or `Again`. `now` is what the variables hold.
    pub(super) fn join(&mut self, mark: Mark, now: &[Seen]) -> Result<Joined, GraphBreak> {
        let Some(here) = mark.id else { return Ok(Joined::Kept) };
        self.marks.truncate(mark.marks);
        self.close(here, mark.frames, now)
    }

    /// The next step at the function's end.
    pub(super) fn end(&mut self, now: &[Seen]) -> Result<Joined, GraphBreak> {
        self.marks.clear();
        self.close(END, 1, now)
    }

    fn close(&mut self, here: JoinId, frames: usize, now: &[Seen]) -> Result<Joined, GraphBreak> {
        if self.frames.len() <= frames {
            return Ok(Joined::Kept);
        }
        let (index, is_first) = match self.frames.last().map(|frame| frame.owner) {
            Some(Owner::Side(index, is_first)) => (index, is_first),
            Some(Owner::Body(index)) => return Err(self.left_loop(index)),
            Some(Owner::Root) | None => return Ok(Joined::Kept),
        };
        let bypassed = |at: JoinId, marks: &[JoinId]| at != END && !marks.contains(&at);
        let decision = &mut self.decisions[index];
        let at = decision.first.as_ref().map(|(at, _)| *at);
        match decision.phase {
            Phase::Then => {
                if decision.only_at.is_some_and(|only| only != here) && here != END {
                    return Ok(Joined::Kept);
                }
                decision.first = Some((here, now.to_vec()));
                decision.phase = Phase::Else;
                self.leave(index);
                Ok(Joined::Again)
            }
            Phase::Else if at == Some(here) => {
                decision.phase = Phase::Done;
                decision.second = now.to_vec();
                let first =
                    decision.first.as_ref().map(|(_, seen)| seen.clone()).unwrap_or_default();
                let (condition, source) = (decision.condition, decision.source.clone());
                self.pop(index)?;
                Ok(Joined::Close { decision: index, condition, first, source })
            }
            Phase::Else if at.is_some_and(|at| bypassed(at, &self.marks)) => {
                decision.only_at = Some(here);
                decision.phase = Phase::Then;
                decision.first = None;
                decision.inside = [Vec::new(), Vec::new()];
                self.leave(index);
                Ok(Joined::Again)
            }
            Phase::Done if at == Some(here) => {
                let results = decision.results.clone();
                if self.sides.is_some() {
                    let before = match (&decision.first, is_first) {
                        (Some((_, first)), true) => first,
                        _ => &decision.second,
                    };
                    // What is not read where a loop is left is known where its trips end.
                    let same = |(a, b): (&Seen, &Seen)| a.missing || b.missing || a == b;
                    if !before.iter().zip(now).all(same) {
                        return Err(self.unseen(index));
                    }
                }
                self.pop(index)?;
                Ok(Joined::Put(results))
            }
            Phase::Else | Phase::Done => Ok(Joined::Kept),
        }
    }

    fn pop(&mut self, decision: usize) -> Result<(), GraphBreak> {
        self.frames.pop();
        self.enter(Anchor::Behind(decision))
    }

    /// Ends a recording that goes again: up to the decision whose side changes, the next one must do the same.
    fn leave(&mut self, decision: usize) {
        self.prefix = self.log[..self.decisions[decision].met_at].to_vec();
    }

    /// Keeps the values of a join.
    pub(super) fn set_results(&mut self, decision: usize, results: Vec<Vec<NodeId>>) {
        self.decisions[decision].results = results;
    }

    /// Ends a recording in which all decisions are closed; says whether another one is needed, to check them.
    pub(super) fn finish(&mut self, results: &[Seen]) -> Result<bool, GraphBreak> {
        match self.frames.last().map(|frame| frame.owner) {
            Some(Owner::Side(open, _)) => return Err(self.unseen(open)),
            Some(Owner::Body(index)) => return Err(self.left_loop(index)),
            Some(Owner::Root) | None => {}
        }
        match self.sides {
            None => {
                self.prefix.clear();
                self.results = results.to_vec();
                self.plan_checks()?;
            }
            Some(_) => {
                self.repeated_all()?;
                if self.results != results {
                    return Err(self.unseen_in(self.at.0));
                }
            }
        }
        let Some(Check { what, behind }) = self.checks.pop() else { return Ok(false) };
        let mut sides = self.way(what);
        sides.extend(behind.map(|behind| self.way_to(behind)).unwrap_or_default());
        self.sides = Some(sides);
        self.trips = match what {
            Checked::First(_) => None,
            Checked::Trips(index, trips) => Some((index, trips)),
        };
        Ok(true)
    }

    /// A loop on a tensor that is left for a place that is not behind it.
    fn left_loop(&self, index: usize) -> GraphBreak {
        let why = "a loop on a tensor is left by `return`, by `?` or for an outer label";
        let hint = "leave it by `break`, and return behind it";
        GraphBreak::new(why, &self.loops[index].source, hint)
    }
}

pub(super) fn not_deterministic(source: &Source) -> GraphBreak {
    let why = "the function is not deterministic: recorded again, it did something else";
    let hint = "draw random numbers with ferrodyne, iterate over a `BTreeMap` and not over a `HashMap`, and keep clocks and \
                counters out of compiled functions";
    GraphBreak::new(why, source, hint)
}
