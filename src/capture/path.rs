//! The decisions of a captured function on tensors, as a tree: comes in where conditions, joins and results stand in each
//! recording of the body, goes out which side to take, and which values to join.
//!
//! The body is recorded once for each side of each decision. A decision is closed at the join that both of its sides reach; a
//! side that returns early reaches only the function's end. When all are closed, the body is recorded again along the first
//! sides, with the joined values in place: what follows a join must then be what followed it before. If it is not, something
//! was changed that the joins do not see, and the decision cannot be part of the graph.

use std::panic::Location;

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::Source;

use super::GraphBreak;

/// Most recordings of one body.
const RECORDINGS_MAX: usize = 256;

/// A join: its place in the code, and how many decisions stand before it on the way there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct JoinId {
    /// File, line, column, and the number of the branch in its function: code made by macros has one line for all.
    place: Option<(&'static str, u32, u32, usize)>,
    position: usize,
}

/// The end of the function.
const END: JoinId = JoinId { place: None, position: 0 };

/// What a joined variable holds: its tensors, and a print of all else.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Seen {
    pub(crate) name: &'static str,
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) print: String,
    /// The type of a variable that cannot be joined.
    pub(crate) opaque: Option<&'static str>,
}

/// Which sides of a decision are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Then,
    Else,
    Done,
}

struct Decision {
    condition: NodeId,
    source: Source,
    phase: Phase,
    /// Where the first side was joined, and with which values.
    first: Option<(JoinId, Vec<Seen>)>,
    /// The only join at which the decision may be closed.
    only_at: Option<JoinId>,
    /// Values of the join.
    results: Vec<Vec<NodeId>>,
    /// Decisions met on each side.
    inside: [Vec<usize>; 2],
    /// How much was recorded when it was met.
    met_at: usize,
    /// What was recorded behind its join.
    after: Vec<NodeId>,
    is_checked: bool,
}

/// Decisions on one side of another, and which of them comes next.
struct Frame {
    owner: Option<(usize, bool)>,
    next: usize,
}

/// What is known of the paths through a body.
#[derive(Default)]
pub(crate) struct Path {
    decisions: Vec<Decision>,
    roots: Vec<usize>,
    frames: Vec<Frame>,
    marks: Vec<JoinId>,
    passed: usize,
    recordings: usize,
    /// Nodes of this recording, in order.
    log: Vec<NodeId>,
    /// What this recording must repeat.
    prefix: Vec<NodeId>,
    /// Decisions closed in this recording, with the length of the log then.
    closed: Vec<(usize, usize)>,
    is_check: bool,
    /// While checking: decisions whose first side was taken.
    taken: Vec<usize>,
    /// While checking: the decision behind whose join the recording stands, and how much of what followed it has been repeated.
    expected: Option<(usize, usize)>,
    results: Vec<Seen>,
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

impl Path {
    /// Begins a recording.
    pub(super) fn begin(&mut self) {
        self.frames = vec![Frame { owner: None, next: 0 }];
        self.marks.clear();
        self.closed.clear();
        self.passed = 0;
        self.log.clear();
        self.taken.clear();
        self.expected = None;
        self.recordings += 1;
    }

    /// Whether the body decides on tensors.
    pub(super) fn has_decisions(&self) -> bool {
        !self.decisions.is_empty()
    }

    /// Where the first decision stands.
    pub(super) fn first_source(&self) -> Option<Source> {
        self.decisions.first().map(|decision| decision.source.clone())
    }

    /// Where the decision opened last stands.
    pub(super) fn open_source(&self) -> Option<Source> {
        let (decision, _) = self.frames.last()?.owner?;
        Some(self.decisions[decision].source.clone())
    }

    /// Notes a node that the body made.
    pub(super) fn did(&mut self, node: NodeId) -> Result<(), GraphBreak> {
        if let Some((decision, at)) = self.expected {
            if self.decisions[decision].after.get(at) != Some(&node) {
                return Err(self.unseen(decision));
            }
            self.expected = Some((decision, at + 1));
        }
        let at = self.log.len();
        self.log.push(node);
        match self.prefix.get(at) {
            Some(&before) if before != node => Err(not_deterministic(&Source::unknown())),
            _ => Ok(()),
        }
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
        if self.recordings.max(self.passed) > RECORDINGS_MAX {
            let why = format!("there are more than {RECORDINGS_MAX} decisions on tensors");
            let hint = "use fewer decisions on tensors, `where_`, or a `while` on a tensor";
            return Err(GraphBreak::new(why, source, hint));
        }
        let frame = self.frames.last().expect("a recording has begun");
        let (owner, next) = (frame.owner, frame.next);
        let list = match owner {
            None => &self.roots,
            Some((decision, side)) => &self.decisions[decision].inside[usize::from(!side)],
        };
        let known = list.get(next).copied();
        let decision = match known {
            Some(decision) if self.decisions[decision].condition == condition => decision,
            Some(_) => return Err(not_deterministic(source)),
            None if self.is_check => return Err(not_deterministic(source)),
            None => self.meet(owner, condition, source),
        };
        self.frames.last_mut().expect("as above").next += 1;
        self.passed += 1;
        let first = match self.is_check {
            true => self.needs_check(decision),
            false => self.decisions[decision].phase == Phase::Then,
        };
        if self.is_check && first {
            self.expected = None;
            self.taken.push(decision);
        }
        if !self.is_check {
            self.decisions[decision].met_at = self.log.len();
        }
        self.frames.push(Frame { owner: Some((decision, first)), next: 0 });
        Ok(first)
    }

    fn meet(&mut self, owner: Option<(usize, bool)>, condition: NodeId, source: &Source) -> usize {
        let decision = self.decisions.len();
        self.decisions.push(Decision {
            condition,
            source: source.clone(),
            phase: Phase::Then,
            first: None,
            only_at: None,
            results: Vec::new(),
            inside: [Vec::new(), Vec::new()],
            met_at: 0,
            after: Vec::new(),
            is_checked: false,
        });
        match owner {
            None => self.roots.push(decision),
            Some((outer, side)) => self.decisions[outer].inside[usize::from(!side)].push(decision),
        }
        decision
    }

    /// Whether the first side of a decision is to be checked, or holds something that is.
    fn needs_check(&self, decision: usize) -> bool {
        let known = &self.decisions[decision];
        !known.is_checked || known.inside[0].iter().any(|&inner| self.is_unchecked(inner))
    }

    /// Whether a decision or one on either of its sides has not been checked.
    fn is_unchecked(&self, decision: usize) -> bool {
        let known = &self.decisions[decision];
        !known.is_checked || known.inside.iter().flatten().any(|&inner| self.is_unchecked(inner))
    }

    /// Marks a place before a decision.
    pub(super) fn mark(&mut self, place: &'static Location<'static>, number: usize) -> Mark {
        let place = Some((place.file(), place.line(), place.column(), number));
        let id = JoinId { place, position: self.passed };
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
        let Some((index, is_first)) = self.frames.last().and_then(|frame| frame.owner) else {
            return Ok(Joined::Kept);
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
                let first =
                    decision.first.as_ref().map(|(_, seen)| seen.clone()).unwrap_or_default();
                let (condition, source) = (decision.condition, decision.source.clone());
                self.pop(index);
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
                if self.is_check && is_first {
                    if decision.first.as_ref().is_some_and(|(_, seen)| seen != now) {
                        return Err(self.unseen(index));
                    }
                    self.repeated_all()?;
                    self.expected = Some((index, 0));
                }
                self.pop(index);
                Ok(Joined::Put(results))
            }
            Phase::Else | Phase::Done => Ok(Joined::Kept),
        }
    }

    fn pop(&mut self, decision: usize) {
        self.frames.pop();
        self.closed.push((decision, self.log.len()));
    }

    /// Ends a recording that goes again: up to the decision whose side changes, the next one must do the same.
    fn leave(&mut self, decision: usize) {
        self.keep_tails();
        self.prefix = self.log[..self.decisions[decision].met_at].to_vec();
    }

    fn keep_tails(&mut self) {
        for &(decision, at) in &self.closed {
            self.decisions[decision].after = self.log[at..].to_vec();
        }
    }

    /// Keeps the values of a join.
    pub(super) fn set_results(&mut self, decision: usize, results: Vec<Vec<NodeId>>) {
        self.decisions[decision].results = results;
    }

    /// Ends a recording in which all decisions are closed; says whether another one is needed, to check them.
    pub(super) fn finish(&mut self, results: &[Seen]) -> Result<bool, GraphBreak> {
        if !self.is_check {
            self.keep_tails();
            self.prefix.clear();
            self.results = results.to_vec();
            self.is_check = true;
        } else {
            self.repeated_all()?;
            if let Some((decision, _)) = self.expected
                && self.results != results
            {
                return Err(self.unseen(decision));
            }
            for decision in std::mem::take(&mut self.taken) {
                self.decisions[decision].is_checked = true;
            }
        }
        Ok(self.roots.iter().any(|&decision| self.is_unchecked(decision)))
    }

    /// While checking: what followed the last join must have been repeated to its end.
    fn repeated_all(&self) -> Result<(), GraphBreak> {
        match self.expected {
            Some((decision, at)) if self.decisions[decision].after.len() != at => {
                Err(self.unseen(decision))
            }
            _ => Ok(()),
        }
    }
}

fn not_deterministic(source: &Source) -> GraphBreak {
    let why = "the function is not deterministic: recorded again, it did something else";
    let hint = "draw random numbers with ferrodyne, and keep clocks and counters out of compiled functions";
    GraphBreak::new(why, source, hint)
}
