//! The numbers of the rules, in one place. Most were measured on Mesa's software adapter; those for GPUs are estimates.

use ferrodyne_plan::Target;
use ferrodyne_plan::target::DeviceClass;

/// Reductions shorter than this are folded by one invocation.
pub(super) const SHORT_ROW: i64 = 32;

/// Vectors of four that a lane holds of a row before the row is read again in each pass.
pub(super) const KEPT_VECTORS: i64 = 32;

/// Operations of a kept row, counted for each vector: more take a software driver too long to compile.
pub(super) const KEPT_OPERATIONS: i64 = 1600;

/// Rows that the subgroups of one workgroup take.
pub(super) const ROWS_A_GROUP: i64 = 4;

/// A reduction is cut in two kernels only from this length on,
pub(super) const SPLIT_LENGTH_MIN: i64 = 8192;

/// and only where there are fewer rows.
pub(super) const SPLIT_ROWS_MAX: i64 = 64;

/// Classes of devices whose drivers take longer to compile a kernel than a kernel loses by sizes that are no constants.
const SHARE_SIZES: &[DeviceClass] = &[DeviceClass::Software];

/// Whether kernels that differ in sizes alone are better one.
pub(super) fn shares_sizes(target: &Target) -> bool {
    SHARE_SIZES.contains(&target.class)
}

/// A register tile of a contraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Rows.
    pub(super) rows: i64,
    /// Vectors of four columns.
    pub(super) vectors: i64,
    /// Steps of the reduced axis that one visit of a row takes.
    pub(super) steps: i64,
    /// Where the left operand waits.
    pub(super) left: Left,
}

/// Where the left operand of a contraction waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Spread over the lanes of a subgroup.
    Lane,
    /// Loaded by every invocation.
    Register,
}

/// Tiles by device class, from the largest product of rows, columns and length on.
const TILES: &[(DeviceClass, i64, Tile)] = &[
    (DeviceClass::Software, 1 << 21, Tile { rows: 16, vectors: 2, steps: 2, left: Left::Lane }),
    (DeviceClass::Software, 0, Tile { rows: 8, vectors: 1, steps: 2, left: Left::Lane }),
    (DeviceClass::Discrete, 0, Tile { rows: 8, vectors: 1, steps: 4, left: Left::Register }),
    (DeviceClass::Integrated, 0, Tile { rows: 8, vectors: 1, steps: 4, left: Left::Register }),
    (DeviceClass::Apple, 0, Tile { rows: 8, vectors: 1, steps: 4, left: Left::Register }),
    (DeviceClass::Browser, 0, Tile { rows: 8, vectors: 1, steps: 4, left: Left::Register }),
];

/// The tile for a contraction of `work` products.
pub(super) fn tile(target: &Target, work: Option<i64>) -> Tile {
    let work = work.unwrap_or(i64::MAX);
    let lanes = target.subgroup_size.is_some();
    let fits = |tile: &Tile| tile.left != Left::Lane || lanes;
    TILES
        .iter()
        .find(|(class, least, tile)| *class == target.class && work >= *least && fits(tile))
        .map_or(Tile { rows: 8, vectors: 2, steps: 4, left: Left::Register }, |(_, _, tile)| *tile)
}

/// How attention is taken in one pass over the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    /// Queries of an invocation.
    pub(super) queries: i64,
    /// Keys of a block; for lanes a multiple of their number.
    pub(super) keys: i64,
    /// Invocations of a workgroup, a query or several each.
    pub(super) invocations: i64,
    /// Where keys and values wait.
    pub(super) held: Left,
}

/// Vectors of four of all results that an invocation of a software adapter carries, from the largest number of products on. More
/// queries serve each key that is loaded, but the text grows with them: a second longer to compile than three kernels for
/// fewer, two for the most.
const CARRIED_VECTORS: &[(i64, i64)] = &[(1 << 23, 64), (0, 32)];

/// The pass for heads of so many elements, where scores take `work` products.
pub(super) fn pass(target: &Target, width: i64, work: Option<i64>) -> Pass {
    match (target.class, target.subgroup_size) {
        (DeviceClass::Software, Some(lanes)) => {
            let lanes = i64::from(lanes);
            let work = work.unwrap_or(i64::MAX);
            let row = CARRIED_VECTORS.iter().find(|(least, _)| work >= *least);
            let carried = row.map_or(0, |(_, vectors)| *vectors);
            let queries = (carried * 4 / width.max(1)).clamp(1, 4);
            let queries = if queries == 3 { 2 } else { queries };
            Pass { queries, keys: lanes, invocations: lanes, held: Left::Lane }
        }
        // All invocations read one key at a time: the same address, which GPUs read once.
        _ => Pass { queries: 1, keys: 8, invocations: 64, held: Left::Register },
    }
}
