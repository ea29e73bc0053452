//! Keeps groups in an order: a value may not leave a group and come back.

use super::Groups;
use crate::fusion::region::Reason;
use crate::graph::NodeId;

/// Groups that a walk has met. Each walk has a number, so that the next one starts without clearing anything.
#[derive(Default)]
pub(super) struct Seen {
    walk: u32,
    met: Vec<u32>,
}

impl Seen {
    /// Starts a walk over so many groups.
    fn restart(&mut self, groups: usize) {
        self.walk += 1;
        self.met.resize(groups, 0);
    }

    /// Whether the walk meets the group for the first time.
    fn insert(&mut self, g: usize) -> bool {
        std::mem::replace(&mut self.met[g], self.walk) != self.walk
    }
}

impl Groups<'_> {
    /// Refuses values that come from a group by way of others: their kernels would have to run in between.
    pub(in crate::fusion) fn acyclic(
        &self,
        g: usize,
        inputs: impl Iterator<Item = NodeId>,
    ) -> Result<(), Reason> {
        let first = self.get(g).nodes.iter().min().copied();
        let mut seen = self.seen.borrow_mut();
        seen.restart(self.groups.len());
        seen.insert(g);
        let mut open: Vec<usize> = inputs.filter_map(|i| self.group_of.get(&i).copied()).collect();
        open.retain(|&h| seen.insert(h));
        while let Some(h) = open.pop() {
            let group = self.get(h);
            if group.nodes.iter().max().copied() < first {
                continue;
            }
            for from in group.inputs.iter().filter_map(|i| self.group_of.get(i)) {
                if *from == g {
                    return Err(Reason::Cycle(group.nodes[0]));
                }
                if seen.insert(*from) {
                    open.push(*from);
                }
            }
        }
        Ok(())
    }
}
