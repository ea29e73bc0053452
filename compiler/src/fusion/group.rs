//! Groups of nodes that one kernel computes at the same points, grown in program order.
//!
//! A node joins the groups of its operands wherever that repeats nothing; several groups that meet in a node become one.
//! What cannot join starts a group, and the reason is kept for the edge.

mod cycles;
mod join;
mod limits;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ferrodyne_plan::{Dim, Facts, Target};

use super::analysis::{Analysis, Standing};
use super::cost;
use super::reads::{Reads, is_fold_axis, reads};
use super::region::{Reason, RegionKind};
use super::space::{axis_number, facts_of, identity, same_dims};
use crate::graph::{NodeId, NodeMap};
use crate::ops::OpClass;
use cycles::Seen;
use join::identity_of;

/// Groups of one kernel each.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub kind: RegionKind,
    pub nodes: Vec<NodeId>,
    /// Extents of the axes that the group walks.
    pub space: Vec<Dim>,
    /// Axes that its reductions fold; values after them vary with the others. Axes of one element are none of them, unless a
    /// reduction has no others.
    pub red: BTreeSet<usize>,
    /// Dims of its operand that the first node folds, axes of one element among them.
    pub folded: BTreeSet<usize>,
    pub facts: Facts,
    /// Values read from outside.
    pub inputs: BTreeSet<NodeId>,
    pub flops: u64,
    pub weights_only: bool,
}

/// All groups, and what was decided about edges between them.
pub(super) struct Groups<'a> {
    pub analysis: &'a Analysis<'a>,
    pub target: &'a Target,
    pub groups: Vec<Option<Group>>,
    pub group_of: NodeMap<usize>,
    /// At which index of each member its group stands.
    index: NodeMap<Vec<Dim>>,
    pub reasons: BTreeMap<(NodeId, NodeId), Reason>,
    /// Groups that read a value at the points of their space, latest last.
    readers: NodeMap<Vec<usize>>,
    users: Vec<Vec<NodeId>>,
    /// Operations that may still join a group.
    pub joins_left: usize,
    seen: RefCell<Seen>,
}

/// Readers of one value that are tried for a sibling.
const SIBLINGS_MAX: usize = 4;

/// Groups of a graph.
pub(super) fn grow<'a>(
    analysis: &'a Analysis<'a>,
    target: &'a Target,
    joins_max: Option<usize>,
) -> Groups<'a> {
    let count = analysis.graph.nodes.len();
    let mut groups = Groups {
        analysis,
        target,
        groups: Vec::new(),
        group_of: NodeMap::new(count),
        index: NodeMap::new(count),
        reasons: BTreeMap::new(),
        readers: NodeMap::new(count),
        users: analysis.base_users(),
        joins_left: joins_max.unwrap_or(usize::MAX),
        seen: RefCell::default(),
    };
    for id in analysis.computed() {
        groups.add(id);
    }
    groups
}

impl Groups<'_> {
    fn add(&mut self, id: NodeId) {
        let own = self.single(id);
        let joined = match own.kind {
            _ if self.joins_left == 0 => false,
            RegionKind::Pointwise => self.join_pointwise(id, &own),
            RegionKind::Reduction => self.join_reduction(id, &own),
            _ => false,
        };
        if joined {
            self.joins_left -= 1;
        } else {
            let g = self.groups.len();
            self.place(id, g, identity_of(&own, self.analysis, id));
            self.note_reads(id, g);
            self.groups.push(Some(own));
        }
    }

    /// The group that a node makes by itself.
    fn single(&self, id: NodeId) -> Group {
        let analysis = self.analysis;
        let graph = analysis.graph;
        let ty = graph.ty(id);
        let read = reads(graph, id, &identity(&ty.dims), &graph.facts);
        let inputs = graph.node(id).inputs.iter().map(|&i| analysis.through_views(i).0);
        let inputs = inputs.filter(|b| analysis.standing[b.index()] != Standing::Free).collect();
        let (mut kind, mut space) = (analysis.kind(id), ty.dims.clone());
        let mut folded = BTreeSet::new();
        match kind {
            RegionKind::Copy => kind = RegionKind::Pointwise,
            RegionKind::Reduction => match reduced(&read, ty.rank()) {
                Some(axes) => {
                    space = graph.ty(graph.node(id).inputs[0]).dims.clone();
                    folded = axes;
                }
                None => kind = RegionKind::Contraction,
            },
            _ => {}
        }
        if kind == RegionKind::Pointwise && !read.folds.is_empty() {
            kind = RegionKind::Contraction;
        }
        let wide = |d: &&usize| space[**d].as_const() != Some(1);
        let wide: BTreeSet<usize> = folded.iter().filter(wide).copied().collect();
        Group {
            kind,
            nodes: vec![id],
            facts: facts_of(&graph.facts, &space),
            space,
            red: if wide.is_empty() { folded.clone() } else { wide },
            folded,
            inputs,
            flops: read.flops,
            weights_only: analysis.weights_only[id.index()],
        }
    }

    fn place(&mut self, id: NodeId, g: usize, index: Vec<Dim>) {
        self.group_of.insert(id, g);
        self.index.insert(id, index);
    }

    /// Notes the values that a node reads point by point, for siblings to be found.
    fn note_reads(&mut self, id: NodeId, g: usize) {
        for base in self.point_reads(id) {
            let list = self.readers.entry(base).get_or_insert_default();
            if list.last() != Some(&g) {
                list.push(g);
            }
        }
    }

    /// Values that are read at the points of a node's own space.
    fn point_reads(&self, id: NodeId) -> Vec<NodeId> {
        let analysis = self.analysis;
        let node = analysis.graph.node(id);
        if !matches!(analysis.class[id.index()], OpClass::Pointwise | OpClass::Reduce) {
            return Vec::new();
        }
        let space = match analysis.class[id.index()] {
            OpClass::Reduce => analysis.graph.ty(node.inputs[0]).dims.clone(),
            _ => node.ty().dims.clone(),
        };
        let direct = node.inputs.iter().filter(|i| analysis.graph.ty(**i).dims == space);
        direct.copied().filter(|i| analysis.standing[i.index()] != Standing::Free).collect()
    }

    pub(super) fn get(&self, g: usize) -> &Group {
        self.groups[g].as_ref().expect("members point at groups that exist")
    }

    /// Groups of a node's operands, the ones that should host it first, each with the operand and its base.
    fn producers(&self, id: NodeId) -> Vec<(usize, NodeId, NodeId)> {
        let mut found: Vec<(usize, NodeId, NodeId)> = Vec::new();
        for &operand in &self.analysis.graph.node(id).inputs {
            let (base, _) = self.analysis.through_views(operand);
            if let Some(&g) = self.group_of.get(&base) {
                found.push((g, operand, base));
            }
        }
        let rank = |kind| match kind {
            RegionKind::Contraction => 0,
            RegionKind::Reduction => 1,
            _ => 2,
        };
        found.sort_by_key(|&(g, _, base)| (rank(self.get(g).kind), std::cmp::Reverse((g, base))));
        found
    }

    /// The index at which an operand must be read for its base to be where its group computes it.
    fn operand_in(&self, g: usize, operand: NodeId, base: NodeId) -> Option<Vec<Dim>> {
        let group = self.get(g);
        let (_, views) = self.analysis.through_views(operand);
        let here = &self.index[&base];
        let dims = &self.analysis.graph.ty(operand).dims;
        let whole = same_dims(&group.facts, dims, &group.space).then(|| identity(dims));
        let lifted = self.analysis.ascend(&views, here, &group.facts);
        let fits = |at: &Vec<Dim>| {
            self.analysis.descend(operand, at.clone(), &group.facts).as_ref() == Some(here)
        };
        whole.into_iter().chain(lifted).find(fits)
    }

    /// The index of an elementwise node in the group of one of its operands.
    fn pointwise_in(
        &self,
        id: NodeId,
        g: usize,
        operand: NodeId,
        base: NodeId,
    ) -> Option<Vec<Dim>> {
        let group = self.get(g);
        let dims = &self.analysis.graph.ty(id).dims;
        let reads_here = |at: &Vec<Dim>| {
            let operand_at = self.analysis.operand_index(id, operand, at);
            let down = self.analysis.descend(operand, operand_at, &group.facts);
            down.as_ref() == Some(&self.index[&base])
        };
        let whole = same_dims(&group.facts, dims, &group.space).then(|| identity(dims));
        let as_operand = self
            .operand_in(g, operand, base)
            .filter(|_| same_dims(&group.facts, dims, &self.analysis.graph.ty(operand).dims));
        whole.into_iter().chain(as_operand).find(reads_here)
    }

    fn join_pointwise(&mut self, id: NodeId, own: &Group) -> bool {
        let gathers = self.analysis.class[id.index()] != OpClass::Pointwise;
        let producers = self.producers(id);
        let mut host = None;
        for &(g, operand, base) in &producers {
            if host.is_some() {
                break;
            }
            if gathers {
                self.refuse(base, id, Reason::Gathers);
                continue;
            }
            match self.host(id, own, g, operand, base) {
                Ok(index) => {
                    self.absorb(g, id, own, index);
                    host = Some(g);
                }
                Err(reason) => self.refuse(base, id, reason),
            }
        }
        let host = match host {
            Some(host) => host,
            None => return !gathers && self.join_sibling(id, own),
        };
        for &(_, operand, base) in &producers {
            let from = self.group_of[&base];
            if from != host
                && let Err(reason) = self.merge(from, host, id, operand, base)
            {
                self.refuse(base, id, reason);
            }
        }
        if let Err(reason) = self.binds(host) {
            self.withdraw(id, own);
            producers.iter().for_each(|&(_, _, base)| self.refuse(base, id, reason.clone()));
            return false;
        }
        true
    }

    /// Whether a node may join the group of an operand, and at which index.
    fn host(
        &self,
        id: NodeId,
        own: &Group,
        g: usize,
        operand: NodeId,
        base: NodeId,
    ) -> Result<Vec<Dim>, Reason> {
        let group = self.get(g);
        let soon = own.inputs.iter().copied().filter(|&i| self.may_merge(i, id)).collect();
        self.permits_once(g, own, &soon)?;
        let index = self.pointwise_in(id, g, operand, base).ok_or(Reason::OtherPoints)?;
        if !self.at_points(id, g, &index) {
            return Err(Reason::OtherPoints);
        }
        self.keeps_rows(g, &index)?;
        let whole = index.iter().any(|ix| axis_number(ix).is_some_and(|a| group.red.contains(&a)));
        if whole && group.kind == RegionKind::Reduction {
            cost::rows_fill_device(self.target, self.analysis, &group.space, &group.red)?;
        }
        self.acyclic(g, own.inputs.iter().copied())?;
        Ok(index)
    }

    /// Whether a node reads all values of a group at the points where the group computes them.
    fn at_points(&self, id: NodeId, g: usize, index: &[Dim]) -> bool {
        let facts = &self.get(g).facts;
        self.analysis.graph.node(id).inputs.iter().all(|&operand| {
            let base = self.analysis.through_views(operand).0;
            let at = || self.analysis.operand_index(id, operand, index);
            self.group_of.get(&base) != Some(&g)
                || self.analysis.descend(operand, at(), facts).as_ref() == self.index.get(&base)
        })
    }

    /// Operands of some nodes whose base is one of others.
    fn reads_between(&self, readers: &[NodeId], values: &[NodeId]) -> usize {
        let mut operands = BTreeSet::new();
        for &reader in readers {
            for &operand in &self.analysis.graph.node(reader).inputs {
                if values.contains(&self.analysis.through_views(operand).0) {
                    operands.insert((reader, operand));
                }
            }
        }
        operands.len()
    }

    /// At which index of a member its group stands.
    pub(super) fn index_of(&self, id: NodeId) -> &[Dim] {
        self.index.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Computed nodes that read a value, directly or through views.
    pub(super) fn users_of(&self, id: NodeId) -> &[NodeId] {
        &self.users[id.index()]
    }

    /// Modelled operations for one element of a node.
    pub(super) fn flops_of(&self, id: NodeId) -> u64 {
        let graph = self.analysis.graph;
        reads(graph, id, &identity(&graph.ty(id).dims), &graph.facts).flops
    }

    /// Makes a node of a group a group by itself, and gives its number.
    pub(super) fn set_apart(&mut self, g: usize, id: NodeId) -> usize {
        let own = self.single(id);
        let group = self.groups[g].as_mut().expect("the node has a group");
        group.nodes.retain(|&n| n != id);
        group.flops -= own.flops.min(group.flops);
        let apart = self.groups.len();
        self.place(id, apart, identity_of(&own, self.analysis, id));
        self.groups.push(Some(own));
        apart
    }

    /// Takes a node out of the group that it has joined last.
    fn withdraw(&mut self, id: NodeId, own: &Group) {
        let Some(g) = self.group_of.remove(&id) else { return };
        let read = |n: &NodeId| {
            let operands = self.analysis.graph.node(*n).inputs.iter();
            operands.map(|&i| self.analysis.through_views(i).0).collect::<Vec<_>>()
        };
        let rest = self.get(g).nodes.iter().filter(|n| **n != id);
        let read: BTreeSet<NodeId> = rest.flat_map(read).collect();
        let group = self.groups[g].as_mut().expect("the node has joined it");
        group.nodes.retain(|n| *n != id);
        group.inputs.retain(|i| read.contains(i));
        group.flops -= own.flops;
    }

    /// Undoes [`Groups::set_apart`] for a group that is still there.
    pub(super) fn take_back(&mut self, apart: usize, g: usize) {
        if self.groups[g].is_none() {
            return;
        }
        let (Some(own), Some(group)) = (self.groups[apart].take(), self.groups[g].as_mut()) else {
            return;
        };
        group.flops += own.flops;
        self.group_of.extend(own.nodes.iter().map(|&id| (id, g)));
        group.nodes.extend(own.nodes);
    }

    /// Puts a group that walks the same space into another, when no more nodes will join.
    pub(super) fn unite(&mut self, into: usize, from: usize) {
        let (Some(from), Some(group)) = (self.groups[from].take(), self.groups[into].as_mut())
        else {
            return;
        };
        self.group_of.extend(from.nodes.iter().map(|&id| (id, into)));
        group.nodes.extend(from.nodes);
        group.inputs.extend(from.inputs);
        group.flops += from.flops;
    }

    fn absorb(&mut self, g: usize, id: NodeId, own: &Group, index: Vec<Dim>) {
        self.place(id, g, index);
        let outside = own.inputs.iter().filter(|i| self.group_of.get(i) != Some(&g));
        let group = self.groups[g].as_mut().expect("the host exists");
        group.nodes.push(id);
        group.inputs.extend(outside);
        group.inputs.remove(&id);
        group.flops += own.flops;
        self.note_reads(id, g);
    }

    pub(super) fn refuse(&mut self, from: NodeId, to: NodeId, reason: Reason) {
        self.reasons.insert((from, to), reason);
    }
}

/// Dims of its operand that a reduction folds, if it reads the operand once, at its own axes and those of one fold.
fn reduced(read: &Reads, rank: usize) -> Option<BTreeSet<usize>> {
    let [(0, coords)] = &read.inputs[..] else { return None };
    if read.folds.len() != 1 || coords.iter().any(|c| c.checked) {
        return None;
    }
    let plain = |ix: &Dim| is_fold_axis(ix) || axis_number(ix).is_some() || *ix == Dim::constant(0);
    let folded: BTreeSet<usize> =
        coords.iter().enumerate().filter(|(_, c)| is_fold_axis(&c.ix)).map(|(d, _)| d).collect();
    let whole = coords.iter().all(|c| plain(&c.ix)) && folded.len() == read.folds[0].len();
    (whole && (rank == coords.len() || rank + folded.len() == coords.len())).then_some(folded)
}
