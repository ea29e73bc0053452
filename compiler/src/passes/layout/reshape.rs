//! Reshapes of permuted tensors: which axes become which, and in what order they then lie.

use ferrodyne_plan::{Diagnostic, Dim};

use super::{Layout, Permuted, ints, pick};
use crate::graph::{Attrs, Node};

/// Neighbouring axes of the operand that become neighbouring axes of the result, with as many elements.
struct Group {
    from: Vec<usize>,
    to: Vec<usize>,
}

impl Layout<'_> {
    /// A reshape of a permuted operand. Where axes that are joined do not lie side by side, they are brought together first; the
    /// groups keep their order, so that channels stay last.
    pub(super) fn reshape(
        &mut self,
        node: &Node,
        lead: &Permuted,
    ) -> Result<Option<Permuted>, Diagnostic> {
        let from = self.rewriter.old().ty(node.inputs[0]).dims.clone();
        let to = &node.ty().dims;
        let Some(mut groups) = self.groups(&from, to) else { return Ok(None) };
        let one = Dim::constant(1);
        let long = |axis: &usize| !self.equal(&from[*axis], &one);
        groups.sort_by_key(|group| {
            let axis = group.from.iter().find(|axis| long(axis)).or(group.from.first());
            axis.map(|axis| lead.position(*axis))
        });
        let joined: Vec<usize> = groups.iter().flat_map(|group| group.from.clone()).collect();
        let lies: Vec<usize> = lead.axes.iter().copied().filter(&long).collect();
        let wanted: Vec<usize> = joined.iter().copied().filter(&long).collect();
        let axes: Vec<usize> = groups.iter().flat_map(|group| group.to.clone()).collect();
        let tensor = if lies == wanted { lead.tensor } else { self.permute(lead, &joined)? };
        let attrs = Attrs::new().dims("dims", &pick(to, &axes));
        let tensor = self.rewriter.add("reshape", &[tensor], attrs)?;
        debug_assert_eq!(ints(&axes).len(), to.len(), "every axis of the result is in a group");
        Ok(Some(Permuted { tensor, axes }))
    }

    /// The smallest groups of neighbouring axes with equal numbers of elements; `None` where the facts do not show them.
    fn groups(&self, from: &[Dim], to: &[Dim]) -> Option<Vec<Group>> {
        let mut groups: Vec<Group> = Vec::new();
        let (mut i, mut j) = (0, 0);
        while i < from.len() && j < to.len() {
            let (p, q) = self.group(&from[i..], &to[j..])?;
            groups.push(Group { from: (i..i + p).collect(), to: (j..j + q).collect() });
            (i, j) = (i + p, j + q);
        }
        // What is left over has one element.
        let last = groups.last_mut()?;
        last.from.extend(i..from.len());
        last.to.extend(j..to.len());
        Some(groups)
    }

    /// The fewest axes from the front of both that have equally many elements.
    fn group(&self, from: &[Dim], to: &[Dim]) -> Option<(usize, usize)> {
        let product = |dims: &[Dim]| -> Dim { dims.iter().cloned().product() };
        let sizes = (2..=from.len() + to.len())
            .flat_map(|total| (1..total).map(move |p| (p, total - p)))
            .filter(|(p, q)| *p <= from.len() && *q <= to.len());
        let mut sizes = sizes;
        sizes.find(|(p, q)| self.equal(&product(&from[..*p]), &product(&to[..*q])))
    }
}
