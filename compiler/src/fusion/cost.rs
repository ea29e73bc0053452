//! The cost model of fusion: what a repetition costs against what memory traffic and a launch cost. All numbers of the model
//! are here.

use std::collections::BTreeSet;

use ferrodyne_plan::target::DeviceClass;
use ferrodyne_plan::{Dim, Target};

use super::analysis::Analysis;
use super::region::{AttentionForm, Reason};
use crate::graph::NodeId;

/// Nodes of one region, so that kernels stay readable and drivers compile them in reasonable time.
const NODES_MAX: usize = 96;

/// Modelled operations for one element of a region.
const FLOPS_MAX: u64 = 1500;

/// Rows below which a kernel of one row a workgroup leaves most of a device idle ..
const ROWS_MIN: f64 = 32.0;

/// .. when a row has more elements than this.
const ROW_MAX: f64 = 65_536.0;

/// The same of columns, each of which one invocation walks.
const COLUMNS_MIN: f64 = 2048.0;

/// Elements of a column that is walked again sooner than another kernel is launched.
fn column_max(class: DeviceClass) -> f64 {
    if class == DeviceClass::Software { 8192.0 } else { 1024.0 }
}

/// Operations for one element that may stand before a contraction's loads: a scale, a cast, a clamp.
const PROLOGUE_FLOPS_MAX: u64 = 4;

/// Products that one computed element of a contraction's operand serves, by tiles of registers.
pub(super) const TILE: f64 = 8.0;

/// Queries that a key serves each time it comes by in a pass over the keys.
pub(super) const PASS_QUERIES: f64 = 32.0;

/// Operations that a device does while it moves one byte.
fn flops_per_byte(class: DeviceClass) -> f64 {
    match class {
        DeviceClass::Discrete | DeviceClass::Apple => 20.0,
        DeviceClass::Integrated | DeviceClass::Browser => 12.0,
        DeviceClass::Software | DeviceClass::Cpu => 6.0,
    }
}

/// Bytes that a device moves in the time of one launch.
fn launch_bytes(class: DeviceClass) -> f64 {
    match class {
        DeviceClass::Discrete | DeviceClass::Apple => 2.0e6,
        DeviceClass::Integrated | DeviceClass::Browser => 5.0e5,
        DeviceClass::Software => 2.0e5,
        DeviceClass::Cpu => 2.0e4,
    }
}

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

/// Whether a kernel that moves so many bytes takes less time than its launch.
pub(super) fn is_tiny(target: &Target, bytes: f64) -> bool {
    bytes <= launch_bytes(target.class)
}

/// Refuses to walk few long rows or columns again after their reduction: each is one workgroup or invocation, and most of the device
/// would wait.
pub(super) fn rows_fill_device(
    target: &Target,
    analysis: &Analysis<'_>,
    space: &[Dim],
    red: &BTreeSet<usize>,
) -> Result<(), Reason> {
    let count = |reduced: bool| {
        let dims = space.iter().enumerate().filter(|(d, _)| red.contains(d) == reduced);
        dims.map(|(_, size)| analysis.graph.estimate(size)).product::<f64>()
    };
    let (rows, elements) = (count(false), count(true));
    let last = (0..space.len()).rev().find(|&d| space[d].as_const() != Some(1));
    let (rows_min, row_max) = match last.is_some_and(|last| !red.contains(&last)) {
        true => (COLUMNS_MIN, column_max(target.class)),
        false => (ROWS_MIN, ROW_MAX),
    };
    match rows < rows_min && elements > row_max {
        true => Err(Reason::FewRows { rows: rows as u64, elements: elements as u64 }),
        false => Ok(()),
    }
}

/// Sizes of an attention; those of symbols are estimates.
pub(super) struct Attention {
    /// Products of all shared axes.
    pub heads: f64,
    pub queries: f64,
    pub keys: f64,
    /// Elements of a query, where that is constant.
    pub depth: Option<i64>,
    /// Elements of a value, where that is constant.
    pub width: Option<i64>,
}

/// Elements of a query, or of its result, that one invocation holds in registers.
const HEAD_MAX: i64 = 128;

/// Queries of a head below which a pass over the keys leaves most invocations idle.
const QUERIES_MIN: f64 = 4.0;

/// Bytes of scores up to which a software adapter takes three kernels. One pass over the keys was faster at all sizes measured
/// (by a quarter at 16 keys, twice at 128 and more), but its kernel takes half a second to two seconds longer to compile, which
/// so short a call seldom earns back.
const FEW_SCORES: f64 = 64.0 * 1024.0;

/// Refuses one pass over the keys where three kernels are faster, or where it needs too many registers.
pub(super) fn attention(
    target: &Target,
    it: &Attention,
    form: AttentionForm,
) -> Result<(), Reason> {
    let held = |length: Option<i64>| length.is_some_and(|length| (1..=HEAD_MAX).contains(&length));
    let bytes = 4.0 * it.heads * it.queries * it.keys;
    let few = match target.class {
        // The executor has products of matrices with tails of their own, which a pass would forgo.
        DeviceClass::Cpu => true,
        DeviceClass::Software => bytes <= FEW_SCORES && form == AttentionForm::Chosen,
        DeviceClass::Discrete
        | DeviceClass::Apple
        | DeviceClass::Integrated
        | DeviceClass::Browser => false,
    };
    if few {
        return Err(Reason::FewScores { bytes: bytes as u64 });
    }
    if it.queries < QUERIES_MIN {
        return Err(Reason::FewQueries { queries: it.queries as u64 });
    }
    match held(it.depth) && held(it.width) {
        true => Ok(()),
        false => Err(Reason::WideHeads { max: HEAD_MAX }),
    }
}

/// Rows that a contraction computes and a reduction folds; sizes of symbols are estimates.
pub(super) struct RowTile {
    pub rows: f64,
    /// Elements of a row.
    pub columns: i64,
    /// Terms of each element's sum.
    pub depth: f64,
}

/// Vectors of columns that a tile of whole rows has at most.
const ROW_VECTORS_MAX: i64 = 2;

/// Products of one row that a workgroup may take by itself where there are too few rows for the device.
const ROW_PRODUCTS_MAX: f64 = 65_536.0;

/// Refuses folds over the rows of a contraction where no tile holds a row, or where two kernels are faster.
pub(super) fn row_tile(target: &Target, it: &RowTile) -> Result<(), Reason> {
    if target.is_cpu() {
        // The executor's tiles are narrower than a row, and its tails have no folds.
        return Err(Reason::RowsOfContraction);
    }
    let width = if it.columns % 4 == 0 { 4 } else { 1 };
    let held = target.lanes() * width * ROW_VECTORS_MAX;
    if it.columns > held || it.columns < 1 {
        return Err(Reason::RowsBeyondTile { columns: it.columns as u64, held: held as u64 });
    }
    let bytes = 4.0 * it.rows * it.columns as f64;
    if target.class == DeviceClass::Software && bytes <= FEW_SCORES {
        return Err(Reason::FewRowBytes { bytes: bytes as u64 });
    }
    let elements = it.columns as f64 * it.depth;
    match it.rows < ROWS_MIN && elements > ROW_PRODUCTS_MAX {
        true => Err(Reason::FewRows { rows: it.rows as u64, elements: elements as u64 }),
        false => Ok(()),
    }
}

/// An elementwise value before the loads of readers that share what they load, or look through windows.
pub(super) struct Prologue {
    /// Whether a reader looks through windows that overlap and shares nothing between them: pooling, convolutions of groups.
    pub in_windows: bool,
    /// Whether a reader is a contraction.
    pub innermost: bool,
    /// Elements that one element is made of.
    pub loads: usize,
    /// Whether the elements come from one of several operands, by their place.
    pub piecewise: bool,
}

/// Refuses prologues with which a reader loses the loads that make it fast on processors: blocks or vectors of one operand in
/// contractions, windows where they lie. Measured, they took 2 to 20 times as long as the two kernels.
pub(super) fn prologue(target: &Target, it: &Prologue) -> Result<(), Reason> {
    let loses = match target.class {
        DeviceClass::Cpu | DeviceClass::Software => {
            it.in_windows || (it.innermost && (it.piecewise || it.loads > 1))
        }
        DeviceClass::Discrete
        | DeviceClass::Apple
        | DeviceClass::Integrated
        | DeviceClass::Browser => false,
    };
    if loses { Err(Reason::LosesLoads) } else { Ok(()) }
}

/// A value that could be repeated in its readers instead of being stored.
pub(super) struct Repetition {
    /// Whether it has a kernel of its own, which repeating it saves.
    pub stands_alone: bool,
    /// Bytes of the value.
    pub bytes: f64,
    /// Its elements.
    pub elements: f64,
    /// Modelled operations for one element.
    pub flops: u64,
    /// Bytes of what it reads.
    pub input_bytes: f64,
    /// Times an element is computed in each reader, in all.
    pub evaluations: Vec<f64>,
    /// Whether it would stand in the innermost loop of a contraction.
    pub innermost: bool,
}

/// Refuses repetitions that cost more than the traffic and the launch that they save.
pub(super) fn repeats(target: &Target, it: &Repetition) -> Result<(), Reason> {
    let readers = it.evaluations.len();
    let balance = flops_per_byte(target.class);
    let evaluations: f64 = it.evaluations.iter().sum();
    let own_kernel =
        launch_bytes(target.class) + it.input_bytes + it.flops as f64 * it.elements / balance;
    let stored = it.bytes * (1 + readers) as f64 + if it.stands_alone { own_kernel } else { 0.0 };
    // What one reader reads more often than there are elements comes from caches at a tenth of the price.
    let again = |n: &f64| 1.0 + 0.1 * (n / it.elements.max(1.0) - 1.0).max(0.0);
    let repeated = it.input_bytes * it.evaluations.iter().map(again).sum::<f64>()
        + it.flops as f64 * evaluations / balance;
    match repeated > stored || (it.innermost && it.flops > PROLOGUE_FLOPS_MAX) {
        true => Err(Reason::Repeats {
            readers,
            flops: it.flops,
            times: (evaluations / it.elements.max(1.0)).round() as u64,
            bytes: (it.bytes * (1 + readers) as f64) as u64,
        }),
        false => Ok(()),
    }
}

impl Analysis<'_> {
    /// Elements of a value.
    pub(super) fn elements(&self, id: NodeId) -> f64 {
        self.graph.ty(id).dims.iter().map(|d| self.graph.estimate(d)).product()
    }

    /// Bytes of a value.
    pub(super) fn bytes(&self, id: NodeId) -> f64 {
        self.elements(id) * self.graph.ty(id).dtype.device_bytes() as f64
    }
}
