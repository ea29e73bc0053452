//! Reading and writing at indices that are data.

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results, known};
use crate::known::{Known, MAX_ELEMENTS};

pub(super) static ALL: &[Row] = &[
    Row::new("GatherElements", &[11, 13], "", gather_elements),
    Row::new("GatherND", &[11, 12, 13], "", gather_nd),
    Row::new("Scatter", &[9, 11], "", scatter_elements),
    Row::new("ScatterElements", &[11, 13, 16, 18], "", scatter_elements),
    Row::new("ScatterND", &[11, 13, 16, 18], "", scatter_nd),
    Row::new("OneHot", &[9, 11, 28], "", one_hot).limits("the depth may not be data"),
];

fn gather_elements(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, index) = (cx.x(0)?, cx.x(1)?);
    let result = cx.m.b.take_along(x, index, cx.int("axis").unwrap_or(0))?;
    cx.done(result)
}

/// How a scatter merges.
fn mode(cx: &Cx<'_>) -> Result<&'static str, Diagnostic> {
    match cx.text("reduction").as_deref() {
        None | Some("none") => Ok("set"),
        Some("add") => Ok("add"),
        Some("mul") => Ok("mul"),
        Some("min") => Ok("min"),
        Some("max") => Ok("max"),
        Some(other) => Err(cx.unsupported(format_args!("reduction `{other}`"))),
    }
}

/// Sizes written into a known shape.
fn replaced(cx: &Cx<'_>, mode: &str) -> Option<Known> {
    let (x, index, updates) = (cx.known(0)?, cx.known(1)?, cx.known(2)?);
    if mode == "set" { x.replaced(&index, &updates) } else { None }
}

fn scatter_elements(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (axis, mode) = (cx.int("axis").unwrap_or(0), mode(cx)?);
    if let Some(shape) = replaced(cx, mode) {
        return known(shape);
    }
    let (x, index, updates) = (cx.x(0)?, cx.x(1)?, cx.x(2)?);
    let result = cx.m.b.scatter(x, index, updates, axis, mode)?;
    cx.done(result)
}

/// The place in row-major order of the coordinates that the last axis of an index holds; the first `batch` coordinates are the
/// index's own. Negative coordinates count from the end.
fn flat_index(
    cx: &mut Cx<'_>,
    index: NodeId,
    sizes: &[Dim],
    batch: usize,
) -> Result<NodeId, Diagnostic> {
    let mut dims = cx.m.b.dims(index);
    dims.pop();
    let dtype = cx.m.b.dtype(index);
    let mut flat: Option<NodeId> = None;
    for (k, size) in sizes.iter().enumerate() {
        let extent = cx.m.b.size(size, dtype)?;
        let at = match k.checked_sub(batch) {
            None => cx.m.b.iota(&dims, k, dtype)?,
            Some(own) => {
                let (from, to) = (Dim::from(own), Dim::from(own + 1));
                let part = cx.m.b.slice_axis(index, -1, &from, &to, 1)?;
                let part = cx.m.b.squeeze(part, -1)?;
                let negative = cx.m.b.with_number("lt", part, 0.0)?;
                let wrapped = cx.m.b.binary("add", part, extent)?;
                cx.m.b.select(negative, wrapped, part)?
            }
        };
        flat = Some(match flat {
            None => at,
            Some(before) => {
                let scaled = cx.m.b.binary("mul", before, extent)?;
                cx.m.b.binary("add", scaled, at)?
            }
        });
    }
    match flat {
        Some(flat) => Ok(flat),
        None => cx.m.b.full(dtype, &dims, 0.0),
    }
}

/// How many coordinates the last axis of an index holds.
fn depth(cx: &Cx<'_>, index: NodeId, rank: usize) -> Result<usize, Diagnostic> {
    let last = cx.m.b.dims(index).last().and_then(Dim::as_const);
    match last.and_then(|n| usize::try_from(n).ok()) {
        Some(n) if n <= rank => Ok(n),
        Some(n) => Err(cx.fault(format_args!("{n} coordinates for rank {rank}"))),
        None => Err(cx.unsupported("a symbolic number of coordinates")),
    }
}

fn gather_nd(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, index) = (cx.x(0)?, cx.x(1)?);
    let batch = usize::try_from(cx.int("batch_dims").unwrap_or(0)).unwrap_or(usize::MAX);
    let dims = cx.m.b.dims(x);
    if batch >= cx.m.b.rank(index) || batch >= dims.len() {
        return Err(cx.fault(format_args!("batch_dims {batch} leaves no axes")));
    }
    let indexed = batch + depth(cx, index, dims.len() - batch)?;
    let flat = flat_index(cx, index, &dims[..indexed], batch)?;
    let mut rows = vec![dims[..indexed].iter().cloned().product::<Dim>()];
    rows.extend_from_slice(&dims[indexed..]);
    let rows = cx.m.b.reshape(x, &rows)?;
    let result = cx.m.b.gather(rows, flat, 0)?;
    cx.done(result)
}

fn scatter_nd(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let mode = mode(cx)?;
    if let Some(shape) = replaced(cx, mode) {
        return known(shape);
    }
    let (x, index, updates) = (cx.x(0)?, cx.x(1)?, cx.x(2)?);
    let dims = cx.m.b.dims(x);
    let indexed = depth(cx, index, dims.len())?;
    let flat = flat_index(cx, index, &dims[..indexed], 0)?;
    let places: Dim = cx.m.b.dims(flat).into_iter().product();
    let rows: Dim = dims[..indexed].iter().cloned().product();
    let inner: Dim = dims[indexed..].iter().cloned().product();
    let data = cx.m.b.reshape(x, &[rows, inner.clone()])?;
    let column = cx.m.b.reshape(flat, &[places.clone(), Dim::constant(1)])?;
    let wide = cx.m.b.expand(column, &[places.clone(), inner.clone()])?;
    let updates = cx.m.b.reshape(updates, &[places, inner])?;
    let result = cx.m.b.scatter(data, wide, updates, 0, mode)?;
    let result = cx.m.b.reshape(result, &dims)?;
    cx.done(result)
}

fn one_hot(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let depth = cx.sizes(1, "a depth")?.and_then(|sizes| sizes.into_iter().next());
    let depth = depth.ok_or_else(|| cx.fault("the depth is missing"))?;
    if let Some(bad) = depth.as_const().filter(|depth| *depth < 0) {
        return Err(cx.fault(format_args!("a depth of {bad}")));
    }
    let mut dims = cx.value(0)?.dims().to_vec();
    let axis = cx.axis(cx.int("axis").unwrap_or(-1), dims.len() + 1)?;
    if let (Some(index), Some(values), Some(size)) = (cx.known(0), cx.known(2), depth.as_const())
        && axis == dims.len()
        && size <= MAX_ELEMENTS as i64
        && let Some(rows) = index.one_hot(size as usize, &values)
    {
        return known(rows);
    }
    let (index, values) = (cx.x(0)?, cx.x(2)?);
    dims.insert(axis, depth.clone());
    let index = cx.m.b.cast(index, DType::I64)?;
    let index = cx.m.b.unsqueeze(index, axis as i64)?;
    let extent = cx.m.b.size(&depth, DType::I64)?;
    let negative = cx.m.b.with_number("lt", index, 0.0)?;
    let wrapped = cx.m.b.binary("add", index, extent)?;
    let index = cx.m.b.select(negative, wrapped, index)?;
    let place = cx.m.b.iota(&dims, axis, DType::I64)?;
    let hit = cx.m.b.binary("eq", place, index)?;
    let pick = |cx: &mut Cx<'_>, k: i64| {
        let one = cx.m.b.slice_axis(values, 0, &Dim::constant(k), &Dim::constant(k + 1), 1)?;
        cx.m.b.squeeze(one, 0)
    };
    let (off, on) = (pick(cx, 0)?, pick(cx, 1)?);
    let result = cx.m.b.select(hit, on, off)?;
    cx.done(result)
}
