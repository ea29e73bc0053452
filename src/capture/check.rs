//! Which recordings check a graph: comes in its decisions and loops, goes out what each check does differently.

use std::collections::HashMap;

use super::GraphBreak;
use super::path::{Owner, Path};

/// Most recordings that check.
const CHECKS_MAX: usize = 2048;

/// A recording that checks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Check {
    pub(super) what: Checked,
    /// A decision behind it whose first side is taken too.
    pub(super) behind: Option<usize>,
}

/// What a check does differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Checked {
    /// Takes the first side of a decision.
    First(usize),
    /// Makes so many trips through a loop.
    Trips(usize, usize),
}

impl Path {
    /// The sides that lead to a decision, and its first.
    pub(super) fn way_to(&self, decision: usize) -> HashMap<usize, bool> {
        let mut sides = self.way_into(self.decisions[decision].owner);
        sides.insert(decision, true);
        sides
    }

    /// The sides that lead to a place.
    fn way_into(&self, mut owner: Owner) -> HashMap<usize, bool> {
        let mut sides = HashMap::new();
        loop {
            owner = match owner {
                Owner::Root => return sides,
                Owner::Body(index) => self.loops[index].owner,
                Owner::Side(decision, side) => {
                    sides.insert(decision, side);
                    self.decisions[decision].owner
                }
            };
        }
    }

    pub(super) fn way(&self, what: Checked) -> HashMap<usize, bool> {
        match what {
            Checked::First(decision) => self.way_to(decision),
            Checked::Trips(index, _) => self.way_into(self.loops[index].owner),
        }
    }

    /// Each decision and each loop is checked by itself, and with each decision behind it that can be reached along its way.
    pub(super) fn plan_checks(&mut self) -> Result<(), GraphBreak> {
        let reachable: Vec<usize> =
            (0..self.decisions.len()).filter(|&decision| self.is_reachable(decision)).collect();
        let loops = (0..self.loops.len()).filter(|&index| self.reaches(self.loops[index].owner));
        let trips = loops.flat_map(|index| {
            super::repeat::CHECKED_TRIPS.map(|trips| Checked::Trips(index, trips))
        });
        let all: Vec<Checked> =
            reachable.iter().map(|&decision| Checked::First(decision)).chain(trips).collect();
        for what in all {
            self.checks.push(Check { what, behind: None });
            let way = self.way(what);
            let later = |behind: usize| match what {
                Checked::First(decision) => behind > decision,
                Checked::Trips(..) => true,
            };
            for &behind in reachable.iter().filter(|&&behind| later(behind)) {
                let other = self.way_to(behind);
                let inside = matches!(what, Checked::First(d) if other.contains_key(&d));
                if !inside && other.iter().all(|(d, side)| way.get(d).is_none_or(|s| s == side)) {
                    self.checks.push(Check { what, behind: Some(behind) });
                }
            }
        }
        match self.checks.len() > CHECKS_MAX {
            true => {
                let count = reachable.len();
                let why = format!("{count} decisions on tensors are too many for one graph");
                let hint = "use `where_`, or functions of their own for parts";
                let source = self.first_source().unwrap_or_default();
                Err(GraphBreak::new(why, &source, hint))
            }
            false => Ok(()),
        }
    }

    fn is_reachable(&self, decision: usize) -> bool {
        let owner = self.decisions[decision].owner;
        let listed = match owner {
            Owner::Root => self.roots.contains(&decision),
            Owner::Side(outer, side) => {
                self.decisions[outer].inside[usize::from(!side)].contains(&decision)
            }
            Owner::Body(index) => self.loops[index].inside.contains(&decision),
        };
        listed && self.reaches(owner)
    }

    fn reaches(&self, owner: Owner) -> bool {
        match owner {
            Owner::Root => true,
            Owner::Side(outer, _) => self.is_reachable(outer),
            Owner::Body(index) => self.reaches(self.loops[index].owner),
        }
    }
}
