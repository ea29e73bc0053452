//! Orders of rows: for each place of a sorted row, the index of the element that stands there.
//!
//! Elements become integers that compare as they do. Short rows, and blocks of long ones, are ordered by counting the elements
//! that stand before each; the blocks are then merged pairwise, each element of the result finding its source by a
//! search along its diagonal (Green, McColl and Bader, GPU Merge Path, 2012), so that no element waits for another. Rows that have
//! no bound are merged to runs as long as expected rows; in longer ones each element searches its place in every run.

use ferrodyne_plan::{DType, Diagnostic, Dim};

use crate::graph::{Attrs, Builder, NodeId};
use crate::ops::reduce::extreme;

type Value = Result<NodeId, Diagnostic>;

/// Elements that are ordered by comparing each with each.
const BLOCK: i64 = 64;
/// The same in rows without a bound, each run of which costs a search more.
const OPEN_BLOCK: i64 = 128;

/// Elements kept of each block up to which a selection is better than a sort.
const KEPT_MAX: i64 = 512;
/// Elements of the largest block of a selection.
const BLOCK_MAX: i64 = 1024;

/// The bits of a key of 32 bits but its sign: also the key that no other stands after.
const LAST: f64 = i32::MAX as f64;

/// Elements with their places in the original row.
#[derive(Clone, Copy)]
struct Keyed {
    keys: NodeId,
    from: NodeId,
}

/// Integers that compare as the elements do, NaN being larger than all numbers; reversed if the order descends.
fn keys(b: &mut Builder, x: NodeId, descending: bool) -> Value {
    let dtype = b.dtype(x);
    let ascending = if dtype.is_float() {
        float_keys(b, x)?
    } else if dtype == DType::U32 {
        let bits = b.add("bitcast", &[x], Attrs::new().dtype("dtype", DType::I32))?;
        b.with_number("xor", bits, i32::MIN.into())?
    } else {
        b.cast(x, if dtype == DType::Long { dtype } else { DType::I32 })?
    };
    if descending { b.unary("not", ascending) } else { Ok(ascending) }
}

/// The bits of a float, with those of the magnitude reversed below zero; both zeros are one key.
fn float_keys(b: &mut Builder, x: NodeId) -> Value {
    let x = b.cast(x, DType::F32)?;
    let is_zero = b.with_number("eq", x, 0.0)?;
    let bits = b.add("bitcast", &[x], Attrs::new().dtype("dtype", DType::I32))?;
    let sign = b.with_number("shr", bits, 31.0)?;
    let magnitude = b.with_number("and", sign, LAST)?;
    let ordered = b.binary("xor", bits, magnitude)?;
    let zero = b.scalar(DType::I32, 0.0)?;
    let ordered = b.select(is_zero, zero, ordered)?;
    let is_nan = b.unary("is_nan", x)?;
    let last = b.scalar(DType::I32, LAST)?;
    b.select(is_nan, last, ordered)
}

/// For each of the first `kept` places of every row, the index of the element that stands there: the one with as many
/// before it. Equal keys keep their order.
fn by_counting(b: &mut Builder, keys: NodeId, kept: &Dim) -> Value {
    let (own, other) = (b.unsqueeze(keys, -1)?, b.unsqueeze(keys, -2)?);
    let size = b.dims(keys)[b.rank(keys) - 1].clone();
    let square = [size.clone(), size.clone()];
    let (i, j) = (b.iota(&square, 0, DType::I32)?, b.iota(&square, 1, DType::I32)?);
    let earlier = b.binary("lt", j, i)?;
    let (less, equal) = (b.binary("lt", other, own)?, b.binary("eq", other, own)?);
    let tied = b.binary("and", equal, earlier)?;
    let before = b.binary("or", less, tied)?;
    let before = b.cast(before, DType::I32)?;
    let places = b.reduce("sum", before, &[-1], false)?;
    let places = b.unsqueeze(places, -2)?;
    let grid = [kept.clone(), size];
    let (place, index) = (b.iota(&grid, 0, DType::I32)?, b.iota(&grid, 1, DType::I32)?);
    let here = b.binary("eq", places, place)?;
    let zero = b.scalar(DType::I32, 0.0)?;
    let index = b.select(here, index, zero)?;
    b.reduce("sum", index, &[-1], false)
}

/// Rows cut into blocks of so many, the last one filled up with keys that stand after all others.
fn blocks(b: &mut Builder, rows: Keyed, block: i64) -> Result<Keyed, Diagnostic> {
    let dims = b.dims(rows.keys);
    let (size, outer) = dims.split_last().expect("rows have an axis");
    let count = size.ceil_div(&Dim::constant(block));
    let filled = [outer, &[count.clone(), Dim::constant(block)]].concat();
    let rest = count * block - size;
    let last = extreme(b.dtype(rows.keys), true);
    let mut cut = |x: NodeId, value: f64| {
        let x = b.pad_axis(x, -1, &Dim::constant(0), &rest, value)?;
        b.reshape(x, &filled)
    };
    Ok(Keyed { keys: cut(rows.keys, last)?, from: cut(rows.from, 0.0)? })
}

/// The first `kept` elements of every row, in order.
fn counted(b: &mut Builder, rows: Keyed, kept: &Dim) -> Result<Keyed, Diagnostic> {
    let index = by_counting(b, rows.keys, kept)?;
    taken(b, rows, index)
}

fn taken(b: &mut Builder, rows: Keyed, index: NodeId) -> Result<Keyed, Diagnostic> {
    Ok(Keyed {
        keys: b.take_along(rows.keys, index, -1)?,
        from: b.take_along(rows.from, index, -1)?,
    })
}

/// The last two axes as one.
fn joined(b: &mut Builder, rows: Keyed) -> Result<Keyed, Diagnostic> {
    Ok(Keyed { keys: b.flatten(rows.keys, -2, -1)?, from: b.flatten(rows.from, -2, -1)? })
}

/// Merges each two neighbouring runs of `run` sorted elements.
fn merged(b: &mut Builder, rows: Keyed, run: i64) -> Result<Keyed, Diagnostic> {
    let dims = b.dims(rows.keys);
    let size = dims[dims.len() - 1].clone();
    let k = b.iota(std::slice::from_ref(&size), 0, DType::I32)?;
    let start = b.with_number("and", k, -(2 * run) as f64)?;
    let all = b.size(&size, DType::I32)?;
    let zero = b.scalar(DType::I32, 0.0)?;
    let length = |b: &mut Builder, from: NodeId| {
        let rest = b.binary("sub", all, from)?;
        let rest = b.binary("max", rest, zero)?;
        b.with_number("min", rest, run as f64)
    };
    let middle = b.with_number("add", start, run as f64)?;
    let (left, right) = (length(b, start)?, length(b, middle)?);
    let place = b.binary("sub", k, start)?;
    // Of the first `place` elements of the result, `low` to `high` come from the left run.
    let low = b.binary("sub", place, right)?;
    let low = b.binary("max", low, zero)?;
    let high = b.binary("min", place, left)?;
    let (mut low, mut high) = (b.expand(low, &dims)?, b.expand(high, &dims)?);
    for _ in 0..=run.ilog2() {
        let sum = b.binary("add", low, high)?;
        let half = b.with_number("shr", sum, 1.0)?;
        let at_left = b.binary("add", start, half)?;
        let back = b.binary("sub", place, half)?;
        let at_right = b.binary("add", middle, back)?;
        let at_right = b.with_number("sub", at_right, 1.0)?;
        let (own, other) = (key_at(b, rows.keys, at_left)?, key_at(b, rows.keys, at_right)?);
        let first = b.binary("le", own, other)?;
        (low, high) = narrowed(b, (low, high), half, first)?;
    }
    let at_left = b.binary("add", start, low)?;
    let back = b.binary("sub", place, low)?;
    let at_right = b.binary("add", middle, back)?;
    let (own, other) = (key_at(b, rows.keys, at_left)?, key_at(b, rows.keys, at_right)?);
    let some_left = b.binary("lt", low, left)?;
    let some_right = b.binary("lt", back, right)?;
    let none_right = b.unary("not", some_right)?;
    let first = b.binary("le", own, other)?;
    let first = b.binary("or", first, none_right)?;
    let from_left = b.binary("and", first, some_left)?;
    let index = b.select(from_left, at_left, at_right)?;
    taken(b, rows, index)
}

/// A step of a search from `low` to `high`: beyond `half` if what stands there comes before what is searched, else up to it.
fn narrowed(
    b: &mut Builder,
    (low, high): (NodeId, NodeId),
    half: NodeId,
    before: NodeId,
) -> Result<(NodeId, NodeId), Diagnostic> {
    let open = b.binary("lt", low, high)?;
    let before = b.binary("and", before, open)?;
    let next = b.with_number("add", half, 1.0)?;
    let stop = b.unary("not", before)?;
    let stop = b.binary("and", stop, open)?;
    Ok((b.select(before, next, low)?, b.select(stop, half, high)?))
}

/// The key at an index, which is brought into its row where nobody asks for the key.
fn key_at(b: &mut Builder, keys: NodeId, index: NodeId) -> Value {
    let last = b.dims(keys)[b.rank(keys) - 1].clone() - 1;
    let last = b.size(&last, DType::I32)?;
    let zero = b.scalar(DType::I32, 0.0)?;
    let index = b.binary("min", index, last)?;
    let index = b.binary("max", index, zero)?;
    b.take_along(keys, index, -1)
}

/// For the first `kept` places (all unless given) of the sorted rows, the indices of the elements that stand there, as `i32`.
pub(super) fn order(b: &mut Builder, x: NodeId, descending: bool, kept: Option<&Dim>) -> Value {
    let keys = keys(b, x, descending)?;
    let dims = b.dims(x);
    let size = dims[dims.len() - 1].clone();
    let kept = kept.unwrap_or(&size);
    let bound = b.graph().facts.range_of(&size).hi;
    let most = bound.unwrap_or_else(|| b.graph().estimate(&size) as i64);
    if most <= BLOCK {
        return by_counting(b, keys, kept);
    }
    let from = b.iota(&dims, dims.len() - 1, DType::I32)?;
    let rows = Keyed { keys, from };
    let few = b.graph().facts.range_of(kept).hi;
    match (few.filter(|few| *few <= KEPT_MAX && *few < most), bound) {
        (Some(few), _) => selected(b, rows, kept, few, most),
        (None, Some(most)) => {
            let (rows, _) = runs(b, rows, BLOCK, most)?;
            b.slice_axis(rows.from, -1, &Dim::constant(0), kept, 1)
        }
        (None, None) => {
            let (rows, run) = runs(b, rows, OPEN_BLOCK, most)?;
            let from = placed(b, rows, run)?;
            b.slice_axis(from, -1, &Dim::constant(0), kept, 1)
        }
    }
}

/// The first `kept` elements of every row, at most `few`, out of those of its blocks. There are as many levels of blocks as rows of
/// `most` elements need; longer rows have more elements in the last one.
fn selected(b: &mut Builder, mut rows: Keyed, kept: &Dim, few: i64, most: i64) -> Value {
    let block = (4 * few).clamp(BLOCK, BLOCK_MAX);
    let mut most = most;
    while most > block {
        rows = blocks(b, rows, block)?;
        rows = counted(b, rows, kept)?;
        rows = joined(b, rows)?;
        most = (most + block - 1) / block * few;
    }
    Ok(counted(b, rows, kept)?.from)
}

/// Every row as sorted runs of the same length, at least `most` elements, out of blocks that are counted.
fn runs(
    b: &mut Builder,
    mut rows: Keyed,
    block: i64,
    most: i64,
) -> Result<(Keyed, i64), Diagnostic> {
    rows = blocks(b, rows, block)?;
    rows = counted(b, rows, &Dim::constant(block))?;
    rows = joined(b, rows)?;
    let mut run = block;
    while run < most {
        rows = merged(b, rows, run)?;
        run *= 2;
    }
    Ok((rows, run))
}

/// The indices of any number of sorted runs in the order of the whole row: as many elements stand before one as in its own run, and
/// in each other those that a search finds.
fn placed(b: &mut Builder, rows: Keyed, run: i64) -> Value {
    let dims = b.dims(rows.keys).to_vec();
    let (size, outer) = dims.split_last().expect("rows have an axis");
    let pairs = [outer, &[size.clone(), size.ceil_div(&Dim::constant(run))]].concat();
    let last = dims.len() - 1;
    let (k, other) = (b.iota(&pairs, last, DType::I32)?, b.iota(&pairs, last + 1, DType::I32)?);
    let own_run = b.with_number("shr", k, run.ilog2().into())?;
    let (earlier, same) = (b.binary("lt", other, own_run)?, b.binary("eq", other, own_run)?);
    let start = b.with_number("mul", other, run as f64)?;
    let all = b.size(size, DType::I32)?;
    let rest = b.binary("sub", all, start)?;
    let keys = b.unsqueeze(rows.keys, -2)?;
    let keys = b.expand(keys, &[outer, &[size.clone(), size.clone()]].concat())?;
    let own = b.unsqueeze(rows.keys, -1)?;
    let zero = b.scalar(DType::I32, 0.0)?;
    let (mut low, mut high) = (b.expand(zero, &pairs)?, b.with_number("min", rest, run as f64)?);
    for _ in 0..=run.ilog2() {
        let sum = b.binary("add", low, high)?;
        let half = b.with_number("shr", sum, 1.0)?;
        let at = b.binary("add", start, half)?;
        let key = key_at(b, keys, at)?;
        let (less, equal) = (b.binary("lt", key, own)?, b.binary("eq", key, own)?);
        let tied = b.binary("and", equal, earlier)?;
        let before = b.binary("or", less, tied)?;
        (low, high) = narrowed(b, (low, high), half, before)?;
    }
    let in_own = b.binary("sub", k, start)?;
    let before = b.select(same, in_own, low)?;
    let place = b.reduce("sum", before, &[-1], false)?;
    b.scatter(rows.from, place, rows.from, -1, "set")
}
