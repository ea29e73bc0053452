//! Tensors put together or repeated, and blocks moved between axes.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results, known};
use crate::known::{Known, MAX_ELEMENTS};

pub(super) static ALL: &[Row] = &[
    Row::new("Concat", &[4, 11, 13], "", concat),
    Row::new("Tile", &[6, 13], "", tile).limits("repeats may not be data"),
    Row::new("DepthToSpace", &[1, 11, 13, 28], "", depth_to_space),
    Row::new("SpaceToDepth", &[1, 13, 28], "", space_to_depth),
];

fn concat(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let first = cx.value(0)?;
    let axis = cx.int("axis").ok_or_else(|| cx.fault("the attribute `axis` is missing"))?;
    let axis = cx.axis(axis, first.rank())?;
    let parts: Option<Vec<Known>> = (0..cx.inputs.len()).map(|k| cx.known(k)).collect();
    if let Some(parts) = parts
        && let Some(result) = Known::joined(&parts.iter().collect::<Vec<_>>(), axis)
    {
        return known(result);
    }
    let operands = cx.all()?;
    let result = cx.m.b.concat(&operands, axis as i64)?;
    cx.done(result)
}

fn tile(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let repeats = cx.sizes(1, "repeats")?.ok_or_else(|| cx.fault("the repeats are missing"))?;
    if repeats.len() != x.rank() {
        let (got, rank) = (repeats.len(), x.rank());
        return Err(cx.fault(format_args!("{got} repeats for rank {rank}")));
    }
    if let Some(result) = x.as_known().and_then(|on_host| tiled(on_host, &repeats)) {
        return known(result);
    }
    let node = x.on_graph(cx.m)?;
    let result = repeated(cx, node, &repeats)?;
    cx.done(result)
}

fn tiled(x: &Known, repeats: &[Dim]) -> Option<Known> {
    let mut result = x.clone();
    for (axis, by) in repeats.iter().enumerate() {
        let by =
            usize::try_from(by.as_const()?).ok().filter(|by| (1..=MAX_ELEMENTS).contains(by))?;
        result = Known::joined(&vec![&result; by], axis)?;
    }
    Some(result)
}

/// Each repeated axis is expanded by a new axis before it and joined with it.
fn repeated(cx: &mut Cx<'_>, x: NodeId, repeats: &[Dim]) -> Result<NodeId, Diagnostic> {
    let dims = cx.m.b.dims(x);
    let (mut with_new, mut wide, mut result) = (Vec::new(), Vec::new(), Vec::new());
    for (size, by) in dims.iter().zip(repeats) {
        if by.as_const() != Some(1) {
            with_new.push(Dim::constant(1));
            wide.push(by.clone());
        }
        with_new.push(size.clone());
        wide.push(size.clone());
        result.push(size * by);
    }
    let split = cx.m.b.reshape(x, &with_new)?;
    let wide = cx.m.b.expand(split, &wide)?;
    cx.m.b.reshape(wide, &result)
}

fn block(cx: &Cx<'_>) -> Result<i64, Diagnostic> {
    match cx.int("blocksize") {
        Some(size) if size >= 1 => Ok(size),
        _ => Err(cx.fault("the attribute `blocksize` must be at least 1")),
    }
}

fn depth_to_space(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, factor) = (cx.x(0)?, block(cx)?);
    let mode = match cx.text("mode").as_deref() {
        None | Some("DCR") => "dcr",
        Some("CRD") => "crd",
        Some(other) => return Err(cx.fault(format_args!("mode `{other}` must be DCR or CRD"))),
    };
    cx.add("pixel_shuffle", &[x], Attrs::new().int("factor", factor).str("mode", mode))
}

fn space_to_depth(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, factor) = (cx.x(0)?, Dim::constant(block(cx)?));
    let dims = cx.m.b.dims(x);
    let [n, c, h, w] = dims.as_slice() else {
        return Err(cx.fault("the data must have rank 4"));
    };
    let (rows, columns) = (h.floor_div(&factor), w.floor_div(&factor));
    let split = [n, c, &rows, &factor, &columns, &factor].map(Clone::clone);
    let split = cx.m.b.reshape(x, &split)?;
    let order = match cx.text("mode").as_deref() {
        None | Some("DCR") => [0, 3, 5, 1, 2, 4],
        Some("CRD") => [0, 1, 3, 5, 2, 4],
        Some(other) => return Err(cx.fault(format_args!("mode `{other}` must be DCR or CRD"))),
    };
    let moved = cx.m.b.permute(split, &order)?;
    let result = cx.m.b.reshape(moved, &[n.clone(), c * &(&factor * &factor), rows, columns])?;
    cx.done(result)
}
