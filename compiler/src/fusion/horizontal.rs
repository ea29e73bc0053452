//! Many tiny kernels over equal spaces become one, as the updates of an optimiser do: beside each other they take one launch and not
//! one each.
//!
//! Groups that are equally far from the end of the graph cannot need each other. They are joined where that holds no more memory than
//! running them in program order does: all they read is there before the first begins, and all they leave is read after the last.

use std::collections::{BTreeMap, BTreeSet};

use super::cost;
use super::group::Groups;
use super::region::RegionKind;
use super::space::same_dims;
use crate::graph::NodeId;

/// A group that may stand beside others, and what its place in program order needs.
struct Member {
    group: usize,
    first: NodeId,
    last: NodeId,
    /// The last value that it reads and that another kernel computes.
    needs: Option<NodeId>,
    /// The earliest last use of what it leaves; none where only results are left.
    until: Option<NodeId>,
}

impl Member {
    /// Both as one, if that holds no more memory than one after the other.
    fn beside(&self, other: &Member) -> Option<Member> {
        let both = Member {
            group: self.group,
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            needs: self.needs.max(other.needs),
            until: [self.until, other.until].into_iter().flatten().min(),
        };
        let holds = both.needs.is_none_or(|value| value < both.first)
            && both.until.is_none_or(|user| user > both.last);
        holds.then_some(both)
    }
}

/// Joins tiny groups that stand beside each other.
pub(super) fn join(groups: &mut Groups<'_>) {
    let heights = heights(groups);
    let mut rows: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    for g in in_order(groups) {
        let Some(member) = member(groups, g) else { continue };
        let row = rows.entry(heights[g]).or_default();
        let found = row.iter_mut().find_map(|row| {
            let both = row.beside(&member)?;
            (groups.joins_left > 0 && fits(groups, row.group, g)).then_some((row, both))
        });
        match found {
            Some((row, both)) => {
                groups.unite(both.group, g);
                groups.joins_left -= 1;
                *row = both;
            }
            None => row.push(member),
        }
    }
}

/// Numbers of groups, those that run first in front.
fn in_order(groups: &Groups<'_>) -> Vec<usize> {
    let mut order: Vec<usize> =
        (0..groups.groups.len()).filter(|&g| groups.groups[g].is_some()).collect();
    order.sort_by_key(|&g| groups.get(g).nodes.iter().max().copied());
    order
}

/// For each group, the most groups that follow one another behind it.
fn heights(groups: &Groups<'_>) -> Vec<usize> {
    let feeding = |g: usize| -> BTreeSet<usize> {
        let inputs = groups.groups[g].iter().flat_map(|group| &group.inputs);
        inputs.filter_map(|value| groups.group_of.get(value)).copied().filter(|&f| f != g).collect()
    };
    let mut waiting = vec![0; groups.groups.len()];
    (0..waiting.len()).flat_map(feeding).for_each(|from| waiting[from] += 1);
    let mut open: Vec<usize> = (0..waiting.len()).filter(|&g| waiting[g] == 0).collect();
    let mut heights = vec![0; waiting.len()];
    while let Some(g) = open.pop() {
        for from in feeding(g) {
            heights[from] = heights[from].max(heights[g] + 1);
            waiting[from] -= 1;
            if waiting[from] == 0 {
                open.push(from);
            }
        }
    }
    heights
}

/// The group as one that may stand beside others: tiny, elementwise, every value of it at the points of its space.
fn member(groups: &Groups<'_>, g: usize) -> Option<Member> {
    let (group, analysis) = (groups.get(g), groups.analysis);
    if group.kind != RegionKind::Pointwise || group.weights_only {
        return None;
    }
    let outputs: Vec<NodeId> = group
        .nodes
        .iter()
        .copied()
        .filter(|&n| groups.leaves(n, &|u| group.nodes.contains(u)))
        .collect();
    let moved = group.inputs.iter().chain(&outputs).map(|&v| analysis.bytes(v)).sum();
    let placed = outputs.iter().all(|&v| analysis.graph.ty(v).dims == group.space);
    if !placed || !cost::is_tiny(groups.target, moved) {
        return None;
    }
    let computed = |value: &&NodeId| groups.group_of.contains_key(value);
    let kept = outputs.iter().filter(|v| !analysis.root[v.index()]);
    Some(Member {
        group: g,
        first: *group.nodes.iter().min()?,
        last: *group.nodes.iter().max()?,
        needs: group.inputs.iter().filter(computed).max().copied(),
        until: kept.filter_map(|&v| groups.users_of(v).iter().max().copied()).min(),
    })
}

fn fits(groups: &Groups<'_>, into: usize, g: usize) -> bool {
    let (a, b) = (groups.get(into), groups.get(g));
    same_dims(&a.facts, &a.space, &b.space) && groups.permits(into, b).is_ok()
}
