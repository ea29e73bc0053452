//! Joining: a node that reduces or shares what it reads goes into a group that is there, and groups that meet become one.
//!
//! In: the groups grown so far and a node by itself. Out: the node in one of them, or the reason why not. Promise: the joined group
//! still walks one space, and no value leaves it and comes back.

use std::collections::BTreeSet;

use ferrodyne_plan::Dim;

use super::{Group, Groups, SIBLINGS_MAX};
use crate::fusion::analysis::Analysis;
use crate::fusion::cost;
use crate::fusion::region::{Reason, RegionKind};
use crate::fusion::space::{axis, axis_number, identity, same_dims};
use crate::graph::NodeId;

impl Groups<'_> {
    /// Joins a group that walks the same space over a value that both read.
    pub(super) fn join_sibling(&mut self, id: NodeId, own: &Group) -> bool {
        for base in self.point_reads(id) {
            let readers = self.readers.get(&base).cloned().unwrap_or_default();
            for &g in readers.iter().rev().take(SIBLINGS_MAX) {
                let Some(group) = self.groups[g].as_ref() else { continue };
                let walks = matches!(group.kind, RegionKind::Pointwise | RegionKind::Reduction)
                    && same_dims(&group.facts, &group.space, &own.space);
                if !walks || self.permits(g, own).is_err() {
                    continue;
                }
                let red = match (group.red.is_empty(), own.red.is_empty()) {
                    (true, _) => own.red.clone(),
                    (_, true) => group.red.clone(),
                    _ if group.red == own.red => group.red.clone(),
                    _ => continue,
                };
                let mixed = group.red != own.red;
                if mixed
                    && cost::rows_fill_device(self.target, self.analysis, &own.space, &red).is_err()
                {
                    continue;
                }
                if self.acyclic(g, own.inputs.iter().copied()).is_err() {
                    continue;
                }
                let group = self.groups[g].as_mut().expect("checked above");
                if !red.is_empty() {
                    group.kind = RegionKind::Reduction;
                    group.red = red;
                }
                self.absorb(g, id, own, identity_of(own, self.analysis, id));
                return true;
            }
        }
        false
    }

    pub(super) fn join_reduction(&mut self, id: NodeId, own: &Group) -> bool {
        for (g, operand, base) in self.producers(id) {
            match self.host_reduction(id, own, g, operand, base) {
                Ok((index, red)) => {
                    let group = self.groups[g].as_mut().expect("producers exist");
                    group.kind = RegionKind::Reduction;
                    group.red = red;
                    self.absorb(g, id, own, index);
                    return true;
                }
                Err(reason) => self.refuse(base, id, reason),
            }
        }
        self.join_sibling(id, own)
    }

    /// Whether a reduction may join the group that computes its operand: at which index, and over which axes.
    fn host_reduction(
        &self,
        id: NodeId,
        own: &Group,
        g: usize,
        operand: NodeId,
        base: NodeId,
    ) -> Result<(Vec<Dim>, BTreeSet<usize>), Reason> {
        let group = self.get(g);
        if group.kind == RegionKind::Contraction {
            return Err(Reason::RowsOfContraction);
        }
        self.permits(g, own)?;
        let at = self.operand_in(g, operand, base).ok_or(Reason::OtherPoints)?;
        let mut red = BTreeSet::new();
        for &d in &own.red {
            match axis_number(&at[d]) {
                Some(axis) => red.extend([axis]),
                None if at[d] == Dim::constant(0) => {}
                None => return Err(Reason::OtherPoints),
            }
        }
        let kept = |(d, ix): (usize, &Dim)| {
            own.red.contains(&d) || red.iter().all(|&r| !ix.uses(&axis_var(r)))
        };
        if !at.iter().enumerate().all(kept) {
            return Err(Reason::OtherPoints);
        }
        if group.kind == RegionKind::Reduction && group.red != red {
            return Err(Reason::OtherRows);
        }
        let stored = group.nodes.iter().any(|n| self.analysis.root[n.index()]);
        if stored {
            cost::rows_fill_device(self.target, self.analysis, &group.space, &red)?;
        }
        self.acyclic(g, own.inputs.iter().copied())?;
        Ok((kept_index(self.analysis, id, own, &at), red))
    }

    /// Joins two groups that meet in a node of the second.
    pub(super) fn merge(
        &mut self,
        from: usize,
        into: usize,
        id: NodeId,
        operand: NodeId,
        base: NodeId,
    ) -> Result<(), Reason> {
        let (a, b) = (self.get(from), self.get(into));
        let reduces = match (a.kind, b.kind) {
            (RegionKind::Contraction, RegionKind::Contraction) => {
                return Err(Reason::TwoContractions);
            }
            (RegionKind::Contraction, RegionKind::Reduction)
            | (RegionKind::Reduction, RegionKind::Contraction) => {
                return Err(Reason::RowsOfContraction);
            }
            (RegionKind::Pointwise | RegionKind::Copy, _) => false,
            (RegionKind::Reduction, _) => true,
            _ => return Err(Reason::Kinds(a.kind, b.kind)),
        };
        // Only the node at hand may read across, and at one place: other reads would repeat what the other group computes.
        if self.reads_between(&b.nodes, &a.nodes) > 1 || self.reads_between(&a.nodes, &b.nodes) > 0
        {
            return Err(Reason::OtherPoints);
        }
        self.permits(into, a)?;
        let at = self.analysis.operand_index(id, operand, &self.index[&id]);
        let at = self.analysis.descend(operand, at, &b.facts).ok_or(Reason::OtherPoints)?;
        let map =
            substitution(&self.index[&base], &at, &a.space, &b.space).ok_or(Reason::OtherPoints)?;
        let red: BTreeSet<usize> =
            a.red.iter().filter_map(|&r| axis_number(map[r].as_ref()?)).collect();
        if reduces
            && (red.len() != a.red.len() || (b.kind == RegionKind::Reduction && red != b.red))
        {
            return Err(Reason::OtherRows);
        }
        self.acyclic(into, a.inputs.iter().copied())?;
        self.acyclic(from, b.inputs.iter().copied())?;
        let a = self.groups[from].take().expect("checked above");
        for &node in &a.nodes {
            let moved = self.index[&node].iter().map(|ix| {
                ix.substitute(&|var| {
                    (0..map.len()).find(|&d| *var == axis_var(d)).and_then(|d| map[d].clone())
                })
            });
            let moved: Vec<Dim> = moved.collect();
            self.place(node, into, moved);
        }
        for &node in &a.nodes {
            for base in self.point_reads(node) {
                let lists = self.readers.entry(base).iter_mut();
                lists.flatten().filter(|g| **g == from).for_each(|g| *g = into);
            }
        }
        let b = self.groups[into].as_mut().expect("checked above");
        b.nodes.extend(a.nodes);
        b.nodes.sort();
        b.inputs.extend(a.inputs);
        b.inputs.retain(|i| b.nodes.binary_search(i).is_err());
        b.flops += a.flops;
        if reduces {
            b.kind = RegionKind::Reduction;
            b.red.extend(red);
        }
        Ok(())
    }
}

fn axis_var(d: usize) -> ferrodyne_plan::Var {
    ferrodyne_plan::Var::Axis(axis(d))
}

/// The index of a node in the group that it makes by itself.
pub(super) fn identity_of(own: &Group, analysis: &Analysis<'_>, id: NodeId) -> Vec<Dim> {
    let at = identity(&own.space);
    if own.red.is_empty() { at } else { kept_index(analysis, id, own, &at) }
}

/// The index of a reduction's result from that of its operand.
fn kept_index(analysis: &Analysis<'_>, id: NodeId, own: &Group, at: &[Dim]) -> Vec<Dim> {
    let keeps = analysis.graph.ty(id).rank() == at.len();
    at.iter()
        .enumerate()
        .filter_map(|(d, ix)| match own.folded.contains(&d) {
            true => keeps.then(|| Dim::constant(0)),
            false => Some(ix.clone()),
        })
        .collect()
}

/// For each axis of one space, its index in another, given a value's index in both; `None` unless points match one to one.
fn substitution(here: &[Dim], there: &[Dim], from: &[Dim], to: &[Dim]) -> Option<Vec<Option<Dim>>> {
    let mut map: Vec<Option<Dim>> = vec![None; from.len()];
    let mut covered = BTreeSet::new();
    for (a, b) in here.iter().zip(there) {
        if a.as_const().is_some() && b.as_const().is_some() {
            continue;
        }
        let (a, b) = (axis_number(a)?, axis_number(b)?);
        map[a] = Some(Dim::axis(axis(b)));
        covered.insert(b);
    }
    let wide = |space: &[Dim]| space.iter().filter(|d| d.as_const() != Some(1)).count();
    (covered.len() == wide(to) && covered.len() == wide(from)).then_some(map)
}
