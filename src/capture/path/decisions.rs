//! How decisions are met, and closed where their sides join.

use std::panic::Location;

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::Source;

use super::{
    Anchor, Decision, END, Frame, JoinId, Joined, Mark, Owner, Path, Phase, RECORDINGS_MAX, Seen,
    not_deterministic,
};
use crate::capture::GraphBreak;
use crate::capture::check::{Check, Checked};
use crate::capture::repeat::{Kind, Site};

impl Path {
    /// Takes a side of a decision.
    pub(in crate::capture) fn decide(
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
    pub(in crate::capture) fn mark(
        &mut self,
        place: &'static Location<'static>,
        number: usize,
    ) -> Mark {
        if self.draining {
            return Mark::NONE;
        }
        self.mark_at((place.file(), place.line(), place.column(), number))
    }

    /// Marks the beginning of a trip through a loop.
    pub(in crate::capture) fn mark_trip(&mut self, (file, line, column, number): Site) -> Mark {
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
    pub(in crate::capture) fn join(
        &mut self,
        mark: Mark,
        now: &[Seen],
    ) -> Result<Joined, GraphBreak> {
        let Some(here) = mark.id else { return Ok(Joined::Kept) };
        self.marks.truncate(mark.marks);
        self.close(here, mark.frames, now)
    }

    /// The next step at the function's end.
    pub(in crate::capture) fn end(&mut self, now: &[Seen]) -> Result<Joined, GraphBreak> {
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
    pub(in crate::capture) fn set_results(&mut self, decision: usize, results: Vec<Vec<NodeId>>) {
        self.decisions[decision].results = results;
    }

    /// Ends a recording in which all decisions are closed; says whether another one is needed, to check them.
    pub(in crate::capture) fn finish(&mut self, results: &[Seen]) -> Result<bool, GraphBreak> {
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
