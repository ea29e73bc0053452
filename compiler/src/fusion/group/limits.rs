//! What keeps groups apart whichever way they would meet: their size, what a kernel may bind, and what its loops need.

use std::collections::BTreeSet;

use ferrodyne_plan::Dim;
use ferrodyne_plan::target::DeviceClass;

use super::{Group, Groups};
use crate::fusion::cost;
use crate::fusion::region::{Reason, RegionKind};
use crate::fusion::space::{axis_number, identity};
use crate::graph::{Attr, NodeId};

impl Groups<'_> {
    /// Whether a value that a node alone reads may stay inside of the kernel that the node joins.
    pub(super) fn may_merge(&self, value: NodeId, reader: NodeId) -> bool {
        self.group_of.contains_key(&value) && self.users[value.index()] == [reader]
    }

    /// What holds whichever way something joins a group.
    pub(in crate::fusion) fn permits(&self, g: usize, own: &Group) -> Result<(), Reason> {
        self.permits_once(g, own, &BTreeSet::new())
    }

    /// The same where values that would also be read are bound once, if at all.
    pub(super) fn permits_once(
        &self,
        g: usize,
        own: &Group,
        soon: &BTreeSet<NodeId>,
    ) -> Result<(), Reason> {
        let group = self.get(g);
        if group.weights_only != own.weights_only {
            return Err(Reason::Weights);
        }
        if group.kind == RegionKind::Movement {
            return Err(Reason::Scattered);
        }
        self.keeps_vectors(group, own)?;
        cost::size(group.nodes.len() + own.nodes.len(), group.flops + own.flops)?;
        let mut nodes: Vec<NodeId> = group.nodes.iter().chain(&own.nodes).copied().collect();
        nodes.sort_unstable();
        nodes.dedup();
        let inside = |n: &NodeId| nodes.binary_search(n).is_ok();
        let added = own.inputs.iter().filter(|i| !group.inputs.contains(i) && !soon.contains(i));
        let inputs = group.inputs.iter().chain(added).filter(|i| !inside(i));
        let outputs = nodes.iter().filter(|n| self.leaves(**n, &inside));
        let outputs = outputs.chain(soon.iter().filter(|i| !inside(i)));
        cost::bindings(self.target, self.analysis.bindings(inputs, outputs))
    }

    /// A kernel with 64-bit integers has no vectors and none of the schedules that are made of them, which what folds cannot spare.
    pub(in crate::fusion) fn keeps_vectors(&self, a: &Group, b: &Group) -> Result<(), Reason> {
        let folds = |group: &Group| group.kind != RegionKind::Pointwise;
        let long = [a, b].map(|group| self.analysis.is_long(&group.nodes));
        match long[0] != long[1] && (folds(a) || folds(b)) {
            true => Err(Reason::LongIntegers),
            false => Ok(()),
        }
    }

    /// Whether what joins a contraction is stored along the rows in which that is computed, where the device would store it element by
    /// element: the executor folds windows of grouped convolutions along rows, and tiles of a software adapter have no batches in them.
    pub(super) fn keeps_rows(&self, g: usize, index: &[Dim]) -> Result<(), Reason> {
        let group = self.get(g);
        let Some(ix) = index.iter().rfind(|ix| !ix.is_const()) else { return Ok(()) };
        let space = identity(&group.space);
        let across = match self.target.class {
            DeviceClass::Cpu if group.nodes.iter().any(|id| self.is_grouped(*id)) => {
                let along = space.iter().rfind(|ix| !ix.is_const());
                along.is_some_and(|along| along.vars().iter().any(|axis| !ix.uses(axis)))
            }
            DeviceClass::Software => {
                let batches = group.nodes.iter().map(|id| self.batches(*id)).max().unwrap_or(0);
                axis_number(ix).is_some_and(|axis| axis < batches)
            }
            _ => false,
        };
        if across { Err(Reason::AcrossRows) } else { Ok(()) }
    }

    fn is_grouped(&self, id: NodeId) -> bool {
        let groups = self.analysis.graph.node(id).attrs.get("groups");
        matches!(groups, Some(Attr::Int(groups)) if *groups > 1)
    }

    /// Axes of a product that both operands have, which are its first.
    fn batches(&self, id: NodeId) -> usize {
        match self.analysis.graph.node(id).attrs.get("lhs_batch") {
            Some(Attr::Ints(axes)) => axes.len(),
            _ => 0,
        }
    }

    /// Whether a kernel may bind what a group reads and what leaves it, where values may take more bindings than one.
    pub(super) fn binds(&self, g: usize) -> Result<(), Reason> {
        if !self.analysis.has_ranges() {
            return Ok(());
        }
        let group = self.get(g);
        let inside = |n: &NodeId| self.group_of.get(n) == Some(&g);
        let outputs = group.nodes.iter().filter(|n| self.leaves(**n, &inside));
        cost::bindings(self.target, self.analysis.bindings(group.inputs.iter(), outputs))
    }

    /// Whether a value is read outside of some nodes, or is a result.
    pub(in crate::fusion) fn leaves(&self, id: NodeId, inside: &dyn Fn(&NodeId) -> bool) -> bool {
        self.analysis.root[id.index()] || self.users[id.index()].iter().any(|u| !inside(u))
    }
}
