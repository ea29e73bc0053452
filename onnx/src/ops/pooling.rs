//! Pooling.

use ferrodyne_compiler::graph::Attrs;

use super::Row;
use super::convolution::windows;
use crate::context::{Cx, Results};

pub(super) static ALL: &[Row] = &[
    Row::new("MaxPool", &[1, 8, 10, 11, 12, 22], "max_pool", pool).limits("indices are not given"),
    Row::new("AveragePool", &[1, 7, 10, 11, 19, 22], "avg_pool", pool),
    Row::new("LpPool", &[2, 11, 18, 22], "lp_pool", pool),
    Row::new("GlobalAveragePool", &[1, 22], "global_avg_pool", global),
    Row::new("GlobalMaxPool", &[1, 22], "global_max_pool", global),
    Row::new("GlobalLpPool", &[2, 22], "", global_lp),
];

fn pool(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    let dims = cx.m.b.dims(x);
    if dims.len() < 3 {
        let x = cx.m.b.describe(x);
        return Err(cx.fault(format_args!("{x}: it must have rank 3 or more")));
    }
    let kernel = cx
        .ints("kernel_shape")
        .ok_or_else(|| cx.fault("the attribute `kernel_shape` is missing"))?;
    let windows = windows(cx, kernel, &dims[2..])?;
    let Some(pads) = windows.fixed_pads() else {
        return Err(cx.unsupported("`auto_pad` SAME with strides over symbolic sizes"));
    };
    let mut attrs = Attrs::new()
        .ints("sizes", &windows.kernel)
        .ints("strides", &windows.strides)
        .ints("dilations", &windows.dilations)
        .ints("pads", &pads)
        .bool("ceil_mode", cx.flag("ceil_mode"));
    match op {
        "avg_pool" => attrs = attrs.bool("count_include_pad", cx.flag("count_include_pad")),
        "lp_pool" => attrs = attrs.int("p", cx.int("p").unwrap_or(2)),
        _ => {}
    }
    cx.add(op, &[x], attrs)
}

fn global(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let x = cx.x(0)?;
    cx.add(op, &[x], Attrs::new())
}

fn global_lp(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let axes: Vec<i64> = (2..cx.m.b.rank(x) as i64).collect();
    let p = cx.int("p").unwrap_or(2) as f64;
    cx.add("norm", &[x], Attrs::new().ints("axes", &axes).bool("keepdim", true).float("p", p))
}
