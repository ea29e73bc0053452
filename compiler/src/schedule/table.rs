//! The numbers of the rules, in one place. Most were measured on Mesa's software adapter; those for GPUs are estimates.

use ferrodyne_plan::Target;
use ferrodyne_plan::target::DeviceClass;

/// Reductions shorter than this are folded by one invocation.
pub(super) const SHORT_ROW: i64 = 32;

/// Vectors of four that a lane holds of a row before the row is read again in each pass.
pub(super) const KEPT_VECTORS: i64 = 32;

/// Operations of a kept row, counted for each vector: more take a software driver too long to compile.
pub(super) const KEPT_OPERATIONS: i64 = 1600;

/// Classes of devices on which a subgroup takes several kept rows where they share what they are scaled by: a processor, which
/// loads for each lane by itself, gains by every load that is not repeated.
const TOGETHER: &[DeviceClass] = &[DeviceClass::Software];

/// How many, the most first; the operations that they may have in all, for the driver's sake; and the rows for each that there must be.
const TOGETHER_TIMES: [i64; 2] = [4, 2];
const TOGETHER_OPERATIONS: i64 = 480;
const TOGETHER_ROWS: i64 = 32;

/// How many kept rows a subgroup takes together, of those numbers that divide the rows, where a row has so many operations.
pub(super) fn together(
    target: &Target,
    operations: i64,
    rows: Option<i64>,
    divides: &dyn Fn(i64) -> bool,
) -> i64 {
    let fits = |times: &i64| {
        operations * times <= TOGETHER_OPERATIONS
            && rows.is_none_or(|rows| rows >= TOGETHER_ROWS * times)
            && divides(*times)
    };
    let wanted = TOGETHER.contains(&target.class);
    TOGETHER_TIMES.into_iter().filter(|_| wanted).find(fits).unwrap_or(1)
}

/// Rows that the subgroups of one workgroup take.
pub(super) const ROWS_A_GROUP: i64 = 4;

/// Rows that a subgroup folds side by side where they share what they are multiplied with.
pub(super) const ROWS_AT_ONCE: i64 = 4;

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
    /// Vectors of columns.
    pub(super) vectors: i64,
    /// Columns of a vector: four, or one where their number is no multiple of four.
    pub(super) width: i64,
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
    /// In workgroup memory, and the right operand too: rows of invocations share both.
    Workgroup,
}

/// Vectors of a tile that holds whole rows: what folds them is written out for each.
pub(super) const ROW_TILE_MAX: i64 = 16;

const fn lane(rows: i64, vectors: i64) -> Tile {
    Tile { rows, vectors, width: 4, steps: 2, left: Left::Lane }
}

const fn register(rows: i64, vectors: i64) -> Tile {
    Tile { rows, vectors, width: 4, steps: 4, left: Left::Register }
}

const fn workgroup(rows: i64, vectors: i64) -> Tile {
    Tile { rows, vectors, width: 4, steps: 16, left: Left::Workgroup }
}

impl Tile {
    /// Columns of a workgroup's tile.
    pub(super) fn columns(&self, target: &Target) -> i64 {
        self.vectors * self.width * self.workgroup(target).1
    }

    /// Invocations of a workgroup along the rows of its tile, and along the columns.
    pub(super) fn workgroup(&self, target: &Target) -> (i64, i64) {
        match self.left {
            Left::Lane => (1, target.lanes()),
            Left::Register => (1, 32),
            Left::Workgroup => (8, 16),
        }
    }
}

/// Rows and columns below which most of a workgroup that shares its operands would have nothing to do.
pub(super) const SHARED_MIN: i64 = 64;

/// Tiles by device class, from the largest product of rows, columns and length on.
const TILES: &[(DeviceClass, i64, Tile)] = &[
    (DeviceClass::Software, 1 << 21, lane(16, 2)),
    (DeviceClass::Software, 0, lane(8, 1)),
    (DeviceClass::Discrete, 1 << 28, workgroup(8, 1)),
    (DeviceClass::Discrete, 0, register(8, 1)),
    (DeviceClass::Integrated, 0, register(8, 1)),
    (DeviceClass::Apple, 0, register(8, 1)),
    (DeviceClass::Browser, 0, register(8, 1)),
];

/// Classes of devices that read a weight fastest in panels as wide as a tile: in a wide matrix, the rows of a tile's columns lie so
/// far apart that they take each other's place in a processor's cache.
const PANELS: &[DeviceClass] = &[DeviceClass::Software];

/// Columns of a panel of a contraction's weight, where the target wants panels.
pub(crate) fn panel(target: &Target) -> Option<i64> {
    let (tile, _) = tile(target, None, 0);
    PANELS.contains(&target.class).then(|| tile.columns(target))
}

/// What a tuner tries beside the default. Large tiles run fastest on some drivers and take seconds to compile on all.
const OTHER_TILES: &[Tile] = &[
    lane(32, 2),
    lane(32, 1),
    lane(16, 1),
    lane(64, 1),
    lane(16, 2),
    lane(8, 1),
    lane(8, 2),
    register(8, 1),
    register(4, 1),
    register(8, 2),
    register(16, 1),
    register(4, 4),
    workgroup(8, 1),
    workgroup(4, 1),
    workgroup(8, 2),
];

/// Parts of the reduced axis that a tuner tries, with the default tile.
const OTHER_PARTS: &[i64] = &[2, 4, 8];

/// The tile for a contraction of `work` products, and in how many parts the reduced axis is cut where the tuner says so.
pub(super) fn tile(target: &Target, work: Option<i64>, pick: usize) -> (Tile, Option<i64>) {
    let work = work.unwrap_or(i64::MAX);
    let lanes = target.subgroup_size.is_some();
    let fits = |tile: &Tile| tile.left != Left::Lane || lanes;
    let default = TILES
        .iter()
        .find(|(class, least, tile)| *class == target.class && work >= *least && fits(tile))
        .map_or(register(8, 2), |(_, _, tile)| *tile);
    let others = OTHER_TILES.iter().filter(|tile| fits(tile) && **tile != default);
    let tiles = others.map(|tile| (*tile, Some(1)));
    let parts = OTHER_PARTS.iter().map(|parts| (default, Some(*parts)));
    let other = pick.checked_sub(1).and_then(|at| tiles.chain(parts).nth(at));
    other.unwrap_or((default, None))
}

/// Workgroups that keep a device of a class busy, and the shortest part of a reduced axis that is worth a workgroup.
const FILLS: &[(DeviceClass, i64, i64)] = &[
    (DeviceClass::Software, 4, 512),
    (DeviceClass::Discrete, 128, 128),
    (DeviceClass::Integrated, 32, 128),
    (DeviceClass::Apple, 32, 128),
    (DeviceClass::Browser, 32, 128),
];

/// Into how many parts the reduced axis of a contraction is cut, so that its few tiles keep the device busy.
pub(super) fn parts(target: &Target, groups: i64, length: i64) -> i64 {
    let Some((_, fill, shortest)) = FILLS.iter().find(|(class, ..)| *class == target.class) else {
        return 1;
    };
    let mut parts = 1;
    while groups * parts < *fill && parts < PARTS_MAX && length / (2 * parts) >= *shortest {
        parts *= 2;
    }
    parts
}

/// Parts of a contraction at most: their sums stand in memory before they are added.
const PARTS_MAX: i64 = 16;

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

/// Queries of an invocation that a tuner tries.
const OTHER_QUERIES: &[i64] = &[1, 2, 4];

/// The pass for heads of so many elements, where scores take `work` products.
pub(super) fn pass(target: &Target, width: i64, work: Option<i64>, pick: usize) -> Pass {
    let default = default_pass(target, width, work);
    let mut others = OTHER_QUERIES.iter().filter(|queries| **queries != default.queries);
    let other = pick.checked_sub(1).and_then(|at| others.nth(at));
    Pass { queries: other.copied().unwrap_or(default.queries), ..default }
}

fn default_pass(target: &Target, width: i64, work: Option<i64>) -> Pass {
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

/// Columns of the tile and rows of a lane that a tuner tries for products of operands that both lie along the reduced axis.
const OTHER_INNER: &[(i64, i64)] = &[(8, 4), (16, 4), (8, 2), (16, 2), (4, 4), (8, 1), (16, 1)];

/// Columns of the tile and rows of an invocation, where both operands lie along the reduced axis.
pub(super) fn inner(lanes: Option<u32>, few_rows: bool, pick: usize) -> (i64, i64) {
    let columns = match lanes {
        Some(lanes) if lanes > 8 => 8,
        Some(_) => 16,
        None => 4,
    };
    let default = (columns, if few_rows { 1 } else { 4 });
    let mut others = OTHER_INNER.iter().filter(|other| **other != default);
    pick.checked_sub(1).and_then(|at| others.nth(at)).copied().unwrap_or(default)
}

/// How an element-by-element kernel is spread: vectors of an invocation, and invocations of a workgroup.
pub(super) fn spread(count: Option<i64>, pick: usize) -> (i64, i64) {
    let size = if count.is_some_and(|count| count < 2048) { 64 } else { 256 };
    match pick {
        1 => (2, size),
        2 => (4, size),
        3 => (1, 64),
        _ => (1, size),
    }
}

/// Taps of a stencil that are written out at most.
pub(super) const TAPS_MAX: i64 = 27;

/// Invocations of a workgroup of a stencil, and how many of them lie along the innermost axis, at most.
pub(super) const STENCIL_GROUP: i64 = 256;
pub(super) const STENCIL_ROW: i64 = 64;

/// Results of an invocation of a stencil, by device class: more share more loads, and take longer to compile.
const STENCILS: &[(DeviceClass, i64)] = &[(DeviceClass::Software, 8)];

/// How many times the loads of the tile that shares most a result may cost, for a smaller tile: it compiles in less time.
pub(super) const STENCIL_LOADS: f64 = 1.125;

/// Results of an invocation of a stencil, vectors of four or numbers.
pub(super) fn stencil(target: &Target, vectors: bool) -> i64 {
    let own = STENCILS.iter().find(|(class, _)| *class == target.class);
    let most = own.map_or(4, |(_, most)| *most);
    if vectors { most } else { 2 * most }
}

/// How a row is folded, where a tuner asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowForm {
    /// As its length wants.
    Chosen,
    /// By one invocation.
    Invocation,
    /// Read again in each pass.
    Passes,
    /// In so many parts, by two kernels.
    Parts(i64),
    /// In registers, so many rows together.
    Together(i64),
}

/// The form of a tuner's pick.
pub(super) fn row_form(pick: usize) -> RowForm {
    match pick {
        1 => RowForm::Invocation,
        2 => RowForm::Passes,
        3 => RowForm::Parts(8),
        4 => RowForm::Parts(32),
        5 => RowForm::Parts(128),
        6 => RowForm::Together(2),
        7 => RowForm::Together(4),
        _ => RowForm::Chosen,
    }
}
