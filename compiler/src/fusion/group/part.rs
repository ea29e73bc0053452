//! Parting: a group whose results lie along rows of different axes becomes two.
//!
//! In: the groups as they were grown. Out: the same, but for those in which a value is stored by the axes of the space while another,
//! folded behind a reshape, is stored by axes that count several of them together. Loops have only the axes before both in common,
//! and would run few at a time.

use std::collections::BTreeSet;

use super::Groups;
use crate::fusion::region::RegionKind;
use crate::fusion::space::axis_number;
use crate::graph::NodeId;
use crate::ops::OpClass;

impl Groups<'_> {
    /// Parts all groups that need it.
    pub(super) fn part(&mut self) {
        let mut g = 0;
        while g < self.groups.len() {
            if let Some(moved) = self.of_other_rows(g) {
                self.barred.extend(moved.iter().map(|&id| (g, id)));
                self.give_up(g, &moved);
                moved.into_iter().for_each(|id| self.add(id));
            }
            g += 1;
        }
    }

    /// The members of a group that stand at other axes than those of its space, fold along them and give results, where others give
    /// results at the space's own.
    fn of_other_rows(&self, g: usize) -> Option<Vec<NodeId>> {
        let group = self.groups[g].as_ref().filter(|group| group.kind == RegionKind::Reduction)?;
        let members: BTreeSet<NodeId> = group.nodes.iter().copied().collect();
        let (own, moved): (BTreeSet<NodeId>, BTreeSet<NodeId>) =
            members.iter().partition(|id| self.stands_at_axes(**id));
        let gives = |part: &BTreeSet<NodeId>| {
            part.iter().any(|id| self.leaves(*id, &|user| members.contains(user)))
        };
        let folds = moved.iter().any(|id| self.analysis.class[id.index()] == OpClass::Reduce);
        let is_base = |id: &NodeId| {
            let operands = &self.analysis.graph.node(*id).inputs;
            operands.iter().any(|&x| moved.contains(&self.analysis.through_views(x).0))
        };
        let parts = folds && gives(&own) && gives(&moved) && !own.iter().any(is_base);
        parts.then(|| moved.into_iter().collect())
    }

    fn stands_at_axes(&self, id: NodeId) -> bool {
        self.index[&id].iter().all(|ix| ix.is_const() || axis_number(ix).is_some())
    }

    /// Takes members from a group.
    fn give_up(&mut self, g: usize, moved: &[NodeId]) {
        let Some(mut group) = self.groups[g].take() else { return };
        group.nodes.retain(|id| !moved.contains(id));
        let singles: Vec<_> = group.nodes.iter().map(|&id| self.single(id)).collect();
        group.flops = singles.iter().map(|own| own.flops).sum();
        group.inputs = singles.iter().flat_map(|own| own.inputs.iter().copied()).collect();
        group.inputs.retain(|id| !group.nodes.contains(id));
        if singles.iter().all(|own| own.kind == RegionKind::Pointwise) {
            group.kind = RegionKind::Pointwise;
            group.red.clear();
        }
        self.groups[g] = Some(group);
    }
}
