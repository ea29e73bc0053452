//! The cost model of fusion: what a repetition costs against what memory traffic and a launch cost. All numbers of the model
//! are here.

use std::collections::BTreeSet;

use ferrodyne_plan::{Dim, Target};

use super::analysis::Analysis;
use super::region::Reason;

/// Nodes of one region, so that kernels stay readable and drivers compile them in reasonable time.
const NODES_MAX: usize = 96;

/// Modelled operations for one element of a region.
const FLOPS_MAX: u64 = 1500;

/// Rows below which a kernel of one row a workgroup leaves most of a device idle ..
const ROWS_MIN: f64 = 32.0;

/// .. when a row has more elements than this.
const ROW_MAX: f64 = 65_536.0;

/// What a symbol without a hint is taken to be.
const SYMBOL: i64 = 64;

/// Refuses regions that are too long.
pub(super) fn size(nodes: usize, flops: u64) -> Result<(), Reason> {
    match nodes > NODES_MAX || flops > FLOPS_MAX {
        true => Err(Reason::Size { nodes, flops }),
        false => Ok(()),
    }
}

/// Refuses regions that bind more buffers than the target allows.
pub(super) fn bindings(target: &Target, need: usize) -> Result<(), Reason> {
    let max = target.storage_buffers_max as usize;
    if need > max { Err(Reason::Bindings { need, max }) } else { Ok(()) }
}

/// Refuses to walk few long rows again after their reduction: each is one workgroup, and most of the device would wait.
pub(super) fn rows_fill_device(
    analysis: &Analysis<'_>,
    space: &[Dim],
    red: &BTreeSet<usize>,
) -> Result<(), Reason> {
    let count = |reduced: bool| {
        let dims = space.iter().enumerate().filter(|(d, _)| red.contains(d) == reduced);
        dims.map(|(_, size)| analysis.estimate(size)).product::<f64>()
    };
    let (rows, elements) = (count(false), count(true));
    match rows < ROWS_MIN && elements > ROW_MAX {
        true => Err(Reason::FewRows { rows: rows as u64, elements: elements as u64 }),
        false => Ok(()),
    }
}

impl Analysis<'_> {
    /// A size as a number: exact, or by the hints of its symbols.
    pub(super) fn estimate(&self, dim: &Dim) -> f64 {
        let value = dim.eval(&|var| {
            let known = self.graph.symbols.get(var.name());
            Some(known.and_then(|s| s.hint.or(s.range.hi)).unwrap_or(SYMBOL))
        });
        value.unwrap_or(SYMBOL) as f64
    }
}
