//! Operators that sort.

use ferrodyne_compiler::graph::Attrs;

use super::Row;
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] =
    &[Row::new("TopK", &[1, 10, 11, 24], "", top_k).limits("`k` may not be data")];

fn top_k(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let k = match cx.opset < 10 {
        true => cx.int("k").map(ferrodyne_plan::Dim::constant),
        false => cx.sizes(1, "`k`")?.and_then(|sizes| sizes.into_iter().next()),
    };
    let k = k.ok_or_else(|| cx.fault("`k` is missing"))?;
    let axis = cx.axis(cx.int("axis").unwrap_or(-1), cx.m.b.rank(x))? as i64;
    let smallest = cx.int("largest") == Some(0);
    let attrs = Attrs::new().dims("k", &[k]).int("axis", axis).bool("smallest", smallest);
    let values = cx.m.b.add("top_k", &[x], attrs.clone())?;
    let indices = cx.m.b.add("top_k_indices", &[x], attrs)?;
    Ok([values, indices].map(|node| Value::node(cx.m, node)).to_vec())
}
