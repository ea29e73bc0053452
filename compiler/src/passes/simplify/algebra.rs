//! Rules about values: neutral elements, inverses, conversions, powers, choices.

use ferrodyne_plan::DType;

use super::{Expr, Known, Rule};
use crate::graph::{Attrs, Node, NodeId};

pub(super) static RULES: &[(&str, Rule)] = &[
    ("add", number_last),
    ("add", |k, n| k.is(n.inputs[1], 0.0).then(|| n.inputs[0].into())),
    ("add", add_negated),
    ("sub", |k, n| k.is(n.inputs[1], 0.0).then(|| n.inputs[0].into())),
    ("sub", |k, n| k.is(n.inputs[0], 0.0).then(|| op("neg", [n.inputs[1]]))),
    ("mul", number_last),
    ("mul", |k, n| k.is(n.inputs[1], 1.0).then(|| n.inputs[0].into())),
    ("mul", |k, n| (k.is(n.inputs[1], -1.0)).then(|| op("neg", [n.inputs[0]]))),
    ("mul", times_zero),
    ("div", |k, n| k.is(n.inputs[1], 1.0).then(|| n.inputs[0].into())),
    ("div", reciprocal),
    ("div", exact_divisor),
    ("min", number_last),
    ("min", idempotent),
    ("min", bounds),
    ("max", number_last),
    ("max", idempotent),
    ("max", bounds),
    ("and", number_last),
    ("and", idempotent),
    ("and", conjunction),
    ("or", number_last),
    ("or", idempotent),
    ("or", disjunction),
    ("pow", power),
    ("neg", involution),
    ("not", involution),
    ("recip", |k, n| {
        let root = k.node(n.inputs[0], "sqrt")?;
        Some(op("rsqrt", [root.inputs[0]]))
    }),
    ("recip", |k, n| k.node(n.inputs[0], "recip").map(|inner| inner.inputs[0].into())),
    ("abs", |k, n| k.node(n.inputs[0], "abs").map(|_| n.inputs[0].into())),
    ("abs", |k, n| k.node(n.inputs[0], "neg").map(|inner| op("abs", [inner.inputs[0]]))),
    ("floor", rounded),
    ("ceil", rounded),
    ("round", rounded),
    ("trunc", rounded),
    ("cast", conversion),
    ("ne", truth_again),
    ("select", choice),
];

fn op<const N: usize>(name: &'static str, args: [NodeId; N]) -> Expr {
    Expr::Op(name, args.into_iter().map(Expr::Value).collect(), Attrs::new())
}

/// A number stands last in a commutative operation, so that other rules and patterns find it there.
fn number_last(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let swap = k.number(n.inputs[0]).is_some() && k.number(n.inputs[1]).is_none();
    let name =
        ["add", "mul", "min", "max", "and", "or"].into_iter().find(|o| n.op.as_str() == *o)?;
    swap.then(|| op(name, [n.inputs[1], n.inputs[0]]))
}

/// `x + -y` is `x - y`.
fn add_negated(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let negated = k.node(n.inputs[1], "neg")?;
    Some(op("sub", [n.inputs[0], negated.inputs[0]]))
}

/// Integers times 0 are 0; a float may be NaN or infinite.
fn times_zero(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let dtype = n.ty().dtype;
    (dtype.is_integer() && k.is(n.inputs[1], 0.0)).then_some(Expr::Number(dtype, 0.0))
}

fn reciprocal(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let unit = k.is(n.inputs[0], 1.0) && n.ty().dtype.is_float();
    unit.then(|| op("recip", [n.inputs[1]]))
}

/// Division by a power of two is multiplication by its reciprocal, bit for bit.
fn exact_divisor(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let by = k.number(n.inputs[1]).filter(|_| n.ty().dtype.is_float())?;
    let power_of_two = by.abs().log2().fract() == 0.0 && (1e-3..1e4).contains(&by.abs());
    let factor = Expr::Number(n.ty().dtype, 1.0 / by);
    power_of_two.then(|| Expr::Op("mul", vec![n.inputs[0].into(), factor], Attrs::new()))
}

fn idempotent(_: &Known<'_>, n: &Node) -> Option<Expr> {
    (n.inputs[0] == n.inputs[1]).then(|| n.inputs[0].into())
}

/// `max(max(x, a), b)` is `max(x, max(a, b))`, and likewise for `min`.
fn bounds(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let outer = k.number(n.inputs[1])?;
    let inner = k.node(n.inputs[0], &n.op)?;
    let both = (k.number(inner.inputs[1])?, outer);
    let (name, bound) = match n.op.as_str() {
        "max" => ("max", if both.0 >= both.1 { both.0 } else { both.1 }),
        _ => ("min", if both.0 <= both.1 { both.0 } else { both.1 }),
    };
    let usable = !both.0.is_nan() && !both.1.is_nan();
    let bound = Expr::Number(n.ty().dtype, bound);
    usable.then(|| Expr::Op(name, vec![inner.inputs[0].into(), bound], Attrs::new()))
}

fn conjunction(k: &Known<'_>, n: &Node) -> Option<Expr> {
    match (n.ty().dtype, k.number(n.inputs[1])?) {
        (DType::Bool, 0.0) => Some(Expr::Number(DType::Bool, 0.0)),
        (DType::Bool, _) => Some(n.inputs[0].into()),
        _ => None,
    }
}

fn disjunction(k: &Known<'_>, n: &Node) -> Option<Expr> {
    match (n.ty().dtype, k.number(n.inputs[1])?) {
        (DType::Bool, 0.0) => Some(n.inputs[0].into()),
        (DType::Bool, _) => Some(Expr::Number(DType::Bool, 1.0)),
        _ => None,
    }
}

/// Small powers as products and roots.
fn power(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let x = n.inputs[0];
    let exponent = k.number(n.inputs[1])?;
    let is_float = n.ty().dtype.is_float();
    let square = || op("mul", [x, x]);
    let of = |name, arg| Expr::Op(name, vec![arg], Attrs::new());
    Some(if exponent == 0.0 {
        Expr::Number(n.ty().dtype, 1.0)
    } else if exponent == 1.0 {
        x.into()
    } else if exponent == 2.0 {
        square()
    } else if exponent == 3.0 {
        Expr::Op("mul", vec![square(), x.into()], Attrs::new())
    } else if exponent == 4.0 {
        Expr::Op("mul", vec![square(), square()], Attrs::new())
    } else if !is_float {
        return None;
    } else if exponent == 0.5 {
        root(k, "sqrt", x)
    } else if exponent == -0.5 {
        root(k, "rsqrt", x)
    } else if exponent == -1.0 {
        op("recip", [x])
    } else if exponent == -2.0 {
        of("recip", square())
    } else {
        return None;
    })
}

/// The power `0.5` or `-0.5`: a root, but that of the magnitude for -inf and -0, which are below 0 to a root.
fn root(k: &Known<'_>, name: &'static str, x: NodeId) -> Expr {
    if never_negative(k, x, DEPTH) {
        return op(name, [x]);
    }
    let dtype = k.ty(x).dtype;
    let of = |name, args: Vec<Expr>| Expr::Op(name, args, Attrs::new());
    let than = |name, bound| of(name, vec![x.into(), Expr::Number(dtype, bound)]);
    let without_root = of("and", vec![than("lt", 0.0), than("gt", f64::NEG_INFINITY)]);
    let base = of("select", vec![without_root, x.into(), op("abs", [x])]);
    of(name, vec![base])
}

/// How many operators deep the sign of a value is looked for.
const DEPTH: u32 = 8;

/// Whether a value is NaN, +0 or above for certain.
fn never_negative(k: &Known<'_>, id: NodeId, depth: u32) -> bool {
    if let Some(number) = k.number(id) {
        return number.is_sign_positive();
    }
    if depth == 0 {
        return false;
    }
    let node = k.graph.node(id);
    let operand = |at: usize| never_negative(k, node.inputs[at], depth - 1);
    match node.op.as_str() {
        "abs" | "exp" => true,
        "mul" if node.inputs[0] == node.inputs[1] => true,
        "add" | "mul" | "div" => operand(0) && operand(1),
        "sum" | "mean" | "amax" | "amin" | "sqrt" | "cast" | "expand" | "reshape" | "permute" => {
            operand(0)
        }
        _ => false,
    }
}

fn involution(k: &Known<'_>, n: &Node) -> Option<Expr> {
    k.node(n.inputs[0], &n.op).map(|inner| inner.inputs[0].into())
}

/// A whole number is its own rounding.
fn rounded(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let inner = k.graph.node(n.inputs[0]).op.as_str();
    ["floor", "ceil", "round", "trunc"].contains(&inner).then(|| n.inputs[0].into())
}

/// Conversion to the type that is there, and conversions that undo or only widen another.
fn conversion(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let (x, to) = (n.inputs[0], n.attrs.get_dtype("dtype"));
    if k.ty(x).dtype == to {
        return Some(x.into());
    }
    let inner = k.node(x, "cast")?.inputs[0];
    let (from, via) = (k.ty(inner).dtype, k.ty(x).dtype);
    let attrs = Attrs::new().dtype("dtype", to);
    holds(via, from).then(|| Expr::Op("cast", vec![inner.into()], attrs))
}

/// Whether the first type holds every value of the second.
fn holds(wide: DType, narrow: DType) -> bool {
    use DType::{BF16, Bool, F16, F32, F64, I8, I32, I64, Long, U8, U32};
    match narrow {
        Bool => true,
        I8 => matches!(wide, F16 | F32 | F64 | I32 | I64 | Long),
        U8 => matches!(wide, F16 | F32 | F64 | I32 | I64 | Long | U32),
        F16 | BF16 => matches!(wide, F32 | F64),
        F32 => wide == F64,
        I32 => matches!(wide, I64 | Long | F64),
        U32 => matches!(wide, I64 | Long | F64),
        // On devices `i64` has the range of 32 bits.
        I64 => wide == Long,
        Long | F64 => false,
    }
}

/// A truth value made a number and compared with 0 is the truth value.
fn truth_again(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let inner = k.node(n.inputs[0], "cast")?.inputs[0];
    (k.ty(inner).dtype == DType::Bool && k.is(n.inputs[1], 0.0)).then(|| inner.into())
}

fn choice(k: &Known<'_>, n: &Node) -> Option<Expr> {
    let [c, x, y] = n.inputs[..] else { return None };
    if x == y {
        return Some(x.into());
    }
    if let Some(truth) = k.number(c) {
        return Some(if truth != 0.0 { x.into() } else { y.into() });
    }
    k.node(c, "not").map(|inner| op("select", [inner.inputs[0], y, x]))
}
