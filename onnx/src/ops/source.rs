//! Operators that make tensors from nothing, or from sizes alone.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::{DType, Diagnostic, Dim, HostTensor, Proof};

use super::Row;
use crate::context::{Cx, Results, known};
use crate::known::{Elem, Known, MAX_ELEMENTS};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("Constant", &[1, 9, 11, 12, 13, 19, 21, 23, 24, 25], "", constant)
        .limits("no strings, no sparse tensors"),
    Row::new("ConstantOfShape", &[9, 20, 21, 23, 24, 25], "", constant_of_shape)
        .limits("the shape may not be data"),
    Row::new("Range", &[11, 27], "", range).limits("the length may not be data"),
    Row::new("EyeLike", &[9, 22], "", eye_like),
    Row::new("Trilu", &[14], "", trilu),
];

fn constant(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let name = cx.node.output.first().cloned().unwrap_or_default();
    let row = |dtype, numbers: &[f64]| {
        HostTensor::clone(&element::host(dtype, &[numbers.len()], numbers))
    };
    let tensor = if let Some(tensor) = cx.tensor("value")? {
        tensor
    } else if let Some(value) = cx.float("value_float") {
        HostTensor::clone(&element::host(DType::F32, &[], &[value]))
    } else if let Some(values) = cx.floats("value_floats") {
        row(DType::F32, &values)
    } else if let Some(value) = cx.int("value_int") {
        return known(Known::size(Dim::constant(value)));
    } else if let Some(values) = cx.ints("value_ints") {
        return known(Known::sizes(values.into_iter().map(Dim::constant)));
    } else {
        return Err(cx.unsupported("a constant that is no dense tensor of numbers"));
    };
    Ok(vec![Value::constant(&name, tensor)])
}

fn constant_of_shape(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let dims = cx.sizes(0, "a shape")?.ok_or_else(|| cx.fault("the shape is missing"))?;
    let (dtype, value) = match cx.tensor("value")? {
        Some(tensor) => {
            let first = element::values(&tensor).first().copied();
            (tensor.dtype, first.ok_or_else(|| cx.fault("`value` is empty"))?)
        }
        None => (DType::F32, 0.0),
    };
    let elem = match dtype.is_float() {
        true => Elem::Float(value),
        false => Elem::Size(Dim::constant(value as i64)),
    };
    let plain: Option<Vec<usize>> =
        dims.iter().map(|dim| usize::try_from(dim.as_const()?).ok()).collect();
    if let Some(dims) = plain
        && let Some(count) = crate::known::count(&dims).filter(|&n| n <= MAX_ELEMENTS)
    {
        return known(Known { dtype, dims, elems: vec![elem; count] });
    }
    if let Some(bad) = dims.iter().find(|dim| dim.as_const().is_some_and(|size| size < 0)) {
        return Err(cx.fault(format_args!("a size of {bad}")));
    }
    let result = cx.m.b.full(dtype, &dims, value)?;
    cx.done(result)
}

/// One known number of an operand.
fn scalar(cx: &Cx<'_>, k: usize, what: &str) -> Result<Elem, Diagnostic> {
    let found = cx.known(k).and_then(|known| known.elems.first().cloned());
    found.ok_or_else(|| cx.data_fault(k, what))
}

fn range(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let dtype = cx.value(0)?.dtype();
    let (start, limit, delta) =
        (scalar(cx, 0, "a start")?, scalar(cx, 1, "a limit")?, scalar(cx, 2, "a step")?);
    if dtype.is_float() {
        return float_range(cx, dtype, &start, &limit, &delta);
    }
    let sizes = (start.size(), limit.size(), delta.size());
    let (Some(start), Some(limit), Some(delta)) = sizes else {
        return Err(cx.fault("start, limit and step must be integers"));
    };
    if delta.as_const() == Some(0) {
        return Err(cx.fault("a step of 0"));
    }
    let length = (&limit - &start).ceil_div(&delta);
    let length = match cx.facts().prove_nonneg(&length) {
        Proof::Yes => length,
        Proof::No => Dim::constant(0),
        Proof::Unknown => Dim::max(&length, &Dim::constant(0)),
    };
    if let Some(n) = length.as_const().filter(|&n| n <= MAX_ELEMENTS as i64) {
        let elems = (0..n).map(|k| Elem::Size(&start + &delta * k)).collect();
        return known(Known { dtype, dims: vec![n as usize], elems });
    }
    let mut node = cx.m.b.iota(&[length], 0, dtype)?;
    for (op, by, neutral) in [("mul", delta, 1), ("add", start, 0)] {
        if by.as_const() != Some(neutral) {
            let by = cx.m.b.size(&by, dtype)?;
            node = cx.m.b.binary(op, node, by)?;
        }
    }
    cx.done(node)
}

fn float_range(cx: &mut Cx<'_>, dtype: DType, start: &Elem, limit: &Elem, delta: &Elem) -> Results {
    if let (Some(start), Some(limit), Some(delta)) =
        (start.number(), limit.number(), delta.number())
    {
        let length = ((limit - start) / delta).ceil().max(0.0);
        if !length.is_finite() || length > f64::from(i32::MAX) {
            return Err(cx.fault("the length is not finite"));
        }
        let node = cx.m.b.iota(&[Dim::constant(length as i64)], 0, dtype)?;
        let scaled = cx.m.b.with_number("mul", node, delta)?;
        let result = cx.m.b.with_number("add", scaled, start)?;
        return cx.done(result);
    }
    let sizes = (start.size(), limit.size(), delta.size());
    let (Some(start), Some(limit), Some(1)) =
        (sizes.0, sizes.1, sizes.2.and_then(|d| d.as_const()))
    else {
        return Err(cx.unsupported("a range of broken sizes"));
    };
    let node = cx.m.b.iota(&[Dim::max(&(&limit - &start), &Dim::constant(0))], 0, dtype)?;
    let start = cx.m.b.size(&start, dtype)?;
    let result = cx.m.b.binary("add", node, start)?;
    cx.done(result)
}

fn eye_like(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let dtype = match cx.int("dtype") {
        Some(code) => cx.dtype(code)?,
        None => x.dtype(),
    };
    if x.rank() != 2 {
        return Err(cx.fault("the operand must have rank 2"));
    }
    let dims = x.dims().to_vec();
    let (row, column) = (cx.m.b.iota(&dims, 0, DType::I64)?, cx.m.b.iota(&dims, 1, DType::I64)?);
    let shifted = cx.m.b.with_number("add", row, cx.int("k").unwrap_or(0) as f64)?;
    let hit = cx.m.b.binary("eq", column, shifted)?;
    let result = cx.m.b.cast(hit, dtype)?;
    cx.done(result)
}

fn trilu(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let dims = cx.m.b.dims(x);
    let Some(first) = dims.len().checked_sub(2) else {
        return Err(cx.fault("the operand must have rank 2 or more"));
    };
    let upper = cx.int("upper").unwrap_or(1) != 0;
    let k = match cx.maybe(1) {
        None => Some(0),
        Some(k) => k.as_known().and_then(|known| known.elems.first()?.size()?.as_const()),
    };
    if let Some(k) = k {
        let op = if upper { "triu" } else { "tril" };
        return cx.add(op, &[x], Attrs::new().int("k", k));
    }
    let plane = &dims[first..];
    let (row, column) = (cx.m.b.iota(plane, 0, DType::I64)?, cx.m.b.iota(plane, 1, DType::I64)?);
    let by = cx.x(1)?;
    let by = cx.m.b.reshape(by, &[])?;
    let shifted = cx.m.b.binary("add", row, by)?;
    let kept = cx.m.b.binary(if upper { "ge" } else { "le" }, column, shifted)?;
    let zero = cx.m.b.scalar_like(x, 0.0)?;
    let result = cx.m.b.select(kept, x, zero)?;
    cx.done(result)
}
