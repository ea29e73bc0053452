//! Contractions of permuted tensors: they name their axes, so the operands are read as they lie.

use ferrodyne_plan::Diagnostic;

use super::{Layout, Permuted};
use crate::graph::{Node, NodeId};

impl Layout<'_> {
    /// A contraction; the free axes of its result lie as those of the operands do.
    pub(super) fn dot(&mut self, node: &Node) -> Result<Permuted, Diagnostic> {
        let (lhs, rhs) = (self.as_it_lies(node.inputs[0]), self.as_it_lies(node.inputs[1]));
        let batch = node.attrs.get_ints("lhs_batch").len();
        let mut axes: Vec<usize> = (0..batch).collect();
        let mut attrs = node.attrs.clone();
        for (side, names) in
            [(&lhs, ["lhs_batch", "lhs_contract"]), (&rhs, ["rhs_batch", "rhs_contract"])]
        {
            let taken: Vec<i64> =
                names.iter().flat_map(|name| node.attrs.get_ints(name)).copied().collect();
            let free = |axis: &usize| !taken.contains(&(*axis as i64));
            let before = axes.len();
            for axis in side.axes.iter().filter(|axis| free(axis)) {
                axes.push(before + (0..*axis).filter(free).count());
            }
            for name in names {
                let positions = side.positions(node.attrs.get_ints(name));
                attrs = attrs.ints(name, &positions);
            }
        }
        let tensor = self.rewriter.add("dot", &[lhs.tensor, rhs.tensor], attrs)?;
        Ok(Permuted { tensor, axes })
    }

    /// The tensor by which a value is known, and the order of its axes.
    fn as_it_lies(&self, id: NodeId) -> Permuted {
        let rank = self.rewriter.old().ty(id).rank();
        self.permuted[id.index()]
            .clone()
            .unwrap_or_else(|| Permuted { tensor: self.tensor(id), axes: (0..rank).collect() })
    }
}
