//! Element-by-element operators: arithmetic, comparisons, logic, conversions.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim, Facts, Proof};

use super::Row;
use crate::context::{Cx, Results, known};
use crate::known::{self, Elem, Known};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("Abs", &[6, 13], "abs", unary),
    Row::new("Neg", &[6, 13], "neg", unary),
    Row::new("Sign", &[9, 13], "sign", unary),
    Row::new("Ceil", &[6, 13], "ceil", unary),
    Row::new("Floor", &[6, 13], "floor", unary),
    Row::new("Round", &[11, 22], "round", unary),
    Row::new("Sqrt", &[6, 13], "sqrt", unary),
    Row::new("Reciprocal", &[6, 13], "recip", unary),
    Row::new("Exp", &[6, 13], "exp", unary),
    Row::new("Log", &[6, 13], "log", unary),
    Row::new("Erf", &[9, 13], "erf", unary),
    Row::new("Sin", &[7, 22], "sin", unary),
    Row::new("Cos", &[7, 22], "cos", unary),
    Row::new("Tan", &[7, 22], "tan", unary),
    Row::new("Asin", &[7, 22], "asin", unary),
    Row::new("Acos", &[7, 22], "acos", unary),
    Row::new("Atan", &[7, 22], "atan", unary),
    Row::new("Sinh", &[9, 22], "sinh", unary),
    Row::new("Cosh", &[9, 22], "cosh", unary),
    Row::new("Tanh", &[6, 13], "tanh", unary),
    Row::new("Asinh", &[9, 22], "asinh", unary),
    Row::new("Acosh", &[9, 22], "acosh", unary),
    Row::new("Atanh", &[9, 22], "atanh", unary),
    Row::new("Not", &[1], "not", unary),
    Row::new("BitwiseNot", &[18], "not", unary),
    Row::new("IsNaN", &[9, 13, 20], "is_nan", unary),
    Row::new("IsInf", &[10, 20], "", is_inf),
    Row::new("Add", &[7, 13, 14], "add", binary),
    Row::new("Sub", &[7, 13, 14], "sub", binary),
    Row::new("Mul", &[7, 13, 14], "mul", binary),
    Row::new("Div", &[7, 13, 14], "div", binary),
    Row::new("Pow", &[7, 12, 13, 15], "", pow),
    Row::new("Mod", &[10, 13, 28], "", modulo),
    Row::new("BitShift", &[11, 28], "", shift),
    Row::new("And", &[7], "and", binary),
    Row::new("Or", &[7], "or", binary),
    Row::new("Xor", &[7], "xor", binary),
    Row::new("BitwiseAnd", &[18], "and", binary),
    Row::new("BitwiseOr", &[18], "or", binary),
    Row::new("BitwiseXor", &[18], "xor", binary),
    Row::new("Equal", &[7, 11, 13, 19], "eq", binary),
    Row::new("Less", &[7, 9, 13], "lt", binary),
    Row::new("LessOrEqual", &[12, 16], "le", binary),
    Row::new("Greater", &[7, 9, 13], "gt", binary),
    Row::new("GreaterOrEqual", &[12, 16], "ge", binary),
    Row::new("Max", &[6, 8, 12, 13], "max", variadic),
    Row::new("Min", &[6, 8, 12, 13], "min", variadic),
    Row::new("Sum", &[6, 8, 13], "add", variadic),
    Row::new("Mean", &[6, 8, 13], "", mean),
    Row::new("Where", &[9, 16], "", select),
    Row::new("Clip", &[6, 11, 12, 13], "", clip),
    Row::new("Cast", &[6, 9, 13, 19, 21, 23, 24, 25, 28], "", cast).limits(
        "numbers out of the range of i32 saturate; no strings, 16-bit integers or 8-bit floats",
    ),
    Row::new("CastLike", &[15, 19, 21, 23, 24, 25], "", cast_like),
    Row::new("Identity", &[1, 13, 14, 16, 19, 21, 23, 24, 25], "", identity),
    Row::new("Dropout", &[7, 10, 12, 13, 22], "", dropout).limits("inference only"),
];

fn unary(cx: &mut Cx<'_>, op: &'static str) -> Results {
    if let Some(result) = cx.known(0).and_then(|x| of_known(op, &x, cx.facts())) {
        return known(result);
    }
    let x = cx.x(0)?;
    cx.add(op, &[x], Attrs::new())
}

fn of_known(op: &str, x: &Known, facts: &Facts) -> Option<Known> {
    x.map(x.dtype, |elem| match (op, elem) {
        ("neg", Elem::Size(dim)) => Some(Elem::Size(-dim)),
        ("neg", Elem::Float(value)) => Some(Elem::Float(-value)),
        (op, Elem::Ratio(ratio)) => ratio.rounded(op, facts),
        ("ceil" | "floor" | "round", Elem::Size(_)) => Some(elem.clone()),
        ("ceil", Elem::Float(value)) => Some(Elem::Float(value.ceil())),
        ("floor", Elem::Float(value)) => Some(Elem::Float(value.floor())),
        ("abs", Elem::Size(dim)) => Some(Elem::Size(Dim::constant(dim.as_const()?.abs()))),
        ("abs", Elem::Float(value)) => Some(Elem::Float(value.abs())),
        ("sqrt", elem) => elem.number().map(|value| Elem::Float(f64::from((value as f32).sqrt()))),
        ("not", elem) if x.dtype == DType::Bool => {
            elem.number().map(|value| Elem::Size(Dim::constant(i64::from(value == 0.0))))
        }
        _ => None,
    })
}

/// An operator of two operands; on known ones it is done here.
pub(super) fn joined(cx: &mut Cx<'_>, op: &str, x: &Value, y: &Value) -> Result<Value, Diagnostic> {
    if let (Some(a), Some(b)) = (x.as_known(), y.as_known()) {
        let whole = op == "div" && !a.dtype.is_float() && rounds_down(cx, a, b);
        let op = if whole { "div_floor" } else { op };
        if let Some(result) = known::binary(op, a, b, cx.facts()) {
            return Ok(Value::known(result));
        }
    }
    let (x, y) = (x.on_graph(cx.m)?, y.on_graph(cx.m)?);
    let node = cx.m.b.binary(op, x, y)?;
    Ok(Value::node(cx.m, node))
}

/// Takes sizes that a positive number divides to be no less than 0, which becomes a guard where it is not known: division rounds
/// towards 0, and of these alone a size is known then. False where it cannot be taken so.
fn rounds_down(cx: &mut Cx<'_>, sizes: &Known, by: &Known) -> bool {
    let zero = Dim::constant(0);
    let is_positive =
        |elem: &Elem| elem.size().is_some_and(|by| cx.facts().prove_lt(&zero, &by) == Proof::Yes);
    if !by.elems.iter().all(is_positive) {
        return false;
    }
    sizes.elems.iter().filter_map(Elem::size).all(|size| cx.at_most(&zero, &size))
}

fn binary(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let (x, y) = (cx.value(0)?, cx.value(1)?);
    Ok(vec![joined(cx, op, &x, &y)?])
}

fn variadic(cx: &mut Cx<'_>, op: &'static str) -> Results {
    let mut result = cx.value(0)?;
    for k in 1..cx.inputs.len() {
        let next = cx.value(k)?;
        result = joined(cx, op, &result, &next)?;
    }
    Ok(vec![result])
}

fn mean(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let sum = variadic(cx, "add")?.remove(0).on_graph(cx.m)?;
    let mean = cx.m.b.with_number("mul", sum, 1.0 / cx.inputs.len() as f64)?;
    cx.done(mean)
}

fn is_inf(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let flag = |name: &str| cx.int(name).unwrap_or(1) != 0;
    let result = match (flag("detect_negative"), flag("detect_positive")) {
        (true, true) => cx.m.b.unary("is_inf", x)?,
        (true, false) => cx.m.b.with_number("eq", x, f64::NEG_INFINITY)?,
        (false, true) => cx.m.b.with_number("eq", x, f64::INFINITY)?,
        (false, false) => {
            let dims = cx.m.b.dims(x);
            cx.m.b.full(DType::Bool, &dims, 0.0)?
        }
    };
    cx.done(result)
}

fn pow(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (base, exponent) = (cx.value(0)?, cx.value(1)?);
    if let (Some(x), Some(y)) = (base.as_known(), exponent.as_known())
        && let Some(result) = known::binary("pow", x, y, cx.facts())
    {
        return known(result);
    }
    let x = cx.x(0)?;
    let scalar = exponent
        .as_known()
        .filter(|known| known.elems.len() == 1 && known.dims.len() <= base.rank());
    let number = scalar.and_then(|known| known.elems[0].number());
    if let Some(simple) = simple_power(cx, x, number)? {
        return cx.done(simple);
    }
    let y = cx.x(1)?;
    let (of_base, of_exponent) = (base.dtype(), exponent.dtype());
    let result = match (of_base.is_float(), of_exponent.is_float()) {
        (true, _) => {
            let y = cx.m.b.cast(y, of_base)?;
            cx.m.b.binary("pow", x, y)?
        }
        (false, false) => {
            let y = cx.m.b.cast(y, of_base)?;
            cx.m.b.binary("pow_int", x, y)?
        }
        (false, true) => {
            let wide = cx.m.b.cast(x, of_exponent)?;
            let power = cx.m.b.binary("pow", wide, y)?;
            cx.m.b.cast(power, of_base)?
        }
    };
    cx.done(result)
}

/// Powers that need no logarithm.
fn simple_power(
    cx: &mut Cx<'_>,
    x: NodeId,
    exponent: Option<f64>,
) -> Result<Option<NodeId>, Diagnostic> {
    let float = cx.m.b.dtype(x).is_float();
    Ok(match exponent {
        Some(1.0) => Some(x),
        Some(2.0) => Some(cx.m.b.binary("mul", x, x)?),
        Some(0.5) if float => Some(cx.m.b.unary("sqrt", x)?),
        Some(-1.0) if float => Some(cx.m.b.unary("recip", x)?),
        _ => None,
    })
}

fn modulo(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let op = if cx.flag("fmod") { "rem" } else { "mod_floor" };
    binary(cx, op)
}

/// Shifts by the width or more, and negative ones, leave nothing but the sign.
fn shift(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, by) = (cx.x(0)?, cx.x(1)?);
    let op = match cx.text("direction").as_deref() {
        Some("LEFT") => "shl",
        Some("RIGHT") => "shr",
        other => {
            let other = other.unwrap_or_default();
            return Err(cx.fault(format_args!("direction `{other}` must be LEFT or RIGHT")));
        }
    };
    let dtype = cx.m.b.dtype(x);
    let signed = matches!(dtype, DType::I8 | DType::I32 | DType::I64);
    let width = 8.0 * dtype.host_bytes() as f64;
    let shifted = cx.m.b.binary(op, x, by)?;
    let within = cx.m.b.with_number("lt", by, width)?;
    let zero = cx.m.b.scalar_like(x, 0.0)?;
    let emptied = match signed && op == "shr" {
        true => cx.m.b.with_number("shr", x, width - 1.0)?,
        false => zero,
    };
    let mut result = cx.m.b.select(within, shifted, emptied)?;
    if signed {
        let backwards = cx.m.b.with_number("lt", by, 0.0)?;
        result = cx.m.b.select(backwards, emptied, result)?;
    }
    cx.done(result)
}

fn select(cx: &mut Cx<'_>, _: &'static str) -> Results {
    if let (Some(c), Some(a), Some(b)) = (cx.known(0), cx.known(1), cx.known(2))
        && let Some(result) = known::select(&c, &a, &b)
    {
        return known(result);
    }
    let (c, x, y) = (cx.x(0)?, cx.x(1)?, cx.x(2)?);
    let result = cx.m.b.select(c, x, y)?;
    cx.done(result)
}

/// A bound of `Clip`: a constant, a value, or absent.
enum Bound {
    None,
    Number(f64),
    Value(NodeId),
}

fn bound(cx: &mut Cx<'_>, name: &str, k: usize) -> Result<Bound, Diagnostic> {
    if cx.opset < 11 {
        return Ok(cx.float(name).map_or(Bound::None, Bound::Number));
    }
    let Some(value) = cx.maybe(k) else { return Ok(Bound::None) };
    let number = value.as_known().filter(|known| known.elems.len() == 1);
    match number.and_then(|known| known.elems[0].number()) {
        Some(number) => Ok(Bound::Number(number)),
        None => Ok(Bound::Value(value.on_graph(cx.m)?)),
    }
}

/// A known value brought between known bounds.
fn clipped(cx: &Cx<'_>) -> Option<Known> {
    let x = cx.known(0)?;
    let bound = |name: &str, k: usize| match cx.opset < 11 {
        true => cx.float(name).map(|value| Known {
            dtype: x.dtype,
            dims: Vec::new(),
            elems: vec![Elem::Float(value)],
        }),
        false => cx.known(k),
    };
    // A bound that is not known is one that the graph computes.
    if [1, 2].iter().any(|&k| cx.maybe(k).is_some() && cx.known(k).is_none()) {
        return None;
    }
    let low = match bound("min", 1) {
        Some(low) => known::binary("max", &x, &low, cx.facts())?,
        None => x.clone(),
    };
    match bound("max", 2) {
        Some(high) => known::binary("min", &low, &high, cx.facts()),
        None => Some(low),
    }
}

fn clip(cx: &mut Cx<'_>, _: &'static str) -> Results {
    if let Some(result) = clipped(cx) {
        return known(result);
    }
    let mut x = cx.x(0)?;
    let (low, high) = (bound(cx, "min", 1)?, bound(cx, "max", 2)?);
    let mut attrs = Attrs::new();
    if let Bound::Number(low) = low {
        attrs = attrs.float("low", low);
    }
    if let (Bound::Number(high), Bound::None | Bound::Number(_)) = (&high, &low) {
        attrs = attrs.float("high", *high);
    }
    if !attrs.is_empty() {
        x = cx.m.b.add("clamp", &[x], attrs)?;
    }
    if let Bound::Value(low) = low {
        x = cx.m.b.binary("max", x, low)?;
        if let Bound::Number(high) = high {
            x = cx.m.b.with_number("min", x, high)?;
        }
    }
    if let Bound::Value(high) = high {
        x = cx.m.b.binary("min", x, high)?;
    }
    cx.done(x)
}

fn converted(cx: &mut Cx<'_>, dtype: DType) -> Results {
    if let Some(result) = cx.known(0).and_then(|x| x.cast(dtype, cx.facts())) {
        return known(result);
    }
    let x = cx.x(0)?;
    let result = cx.m.b.cast(x, dtype)?;
    cx.done(result)
}

fn cast(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let code = cx.int("to").ok_or_else(|| cx.fault("the attribute `to` is missing"))?;
    let dtype = cx.dtype(code)?;
    converted(cx, dtype)
}

fn cast_like(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let dtype = cx.value(1)?.dtype();
    converted(cx, dtype)
}

fn identity(cx: &mut Cx<'_>, _: &'static str) -> Results {
    Ok(vec![cx.value(0)?])
}

fn dropout(cx: &mut Cx<'_>, _: &'static str) -> Results {
    if cx.opset >= 12 && cx.maybe(2).is_some() {
        let training = cx.integers(2, "training_mode")?.unwrap_or_default();
        if training.first().is_some_and(|&flag| flag != 0) {
            return Err(cx.unsupported("training mode"));
        }
    }
    let x = cx.value(0)?;
    let dims = x.dims().to_vec();
    let mut results = vec![x];
    if cx.node.output.len() > 1 {
        let mask = cx.m.b.full(DType::Bool, &dims, 1.0)?;
        results.push(Value::node(cx.m, mask));
    }
    Ok(results)
}
