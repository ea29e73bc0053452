//! Random numbers, counter-based: element `i` is a hash of the seed and `i`, the same on every device and in every order.

use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::case::{Case, Domain};
use super::row::Op;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] =
    &[&RANDOM_BITS, &RANDOM_UNIFORM, &RANDOM_NORMAL, &RANDOM_INT, &BERNOULLI, &DROPOUT];

/// Rounds of the hash; Salmon et al. found 13 to pass all their tests.
const ROUNDS: usize = 13;

/// Rotations of the rounds, again and again.
const ROTATIONS: [u32; 8] = [13, 15, 26, 6, 17, 29, 16, 24];

fn rotated(b: &mut Builder, x: NodeId, by: u32) -> Value {
    let up = b.with_number("shl", x, f64::from(by))?;
    let down = b.with_number("shr", x, f64::from(32 - by))?;
    b.binary("or", up, down)
}

/// A word of the seed, a `u32[2]`.
fn seed_word(b: &mut Builder, seed: NodeId, k: i64) -> Value {
    let word = b.slice_axis(seed, 0, &Dim::constant(k), &Dim::constant(k + 1), 1)?;
    b.reshape(word, &[])
}

/// Threefry-2x32 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) of the counters `(i, 0)` for every element
/// `i` of a shape in row-major order: two words each.
fn threefry(
    b: &mut Builder,
    node: &Node,
    seed: NodeId,
    dims: &[Dim],
) -> Result<(NodeId, NodeId), Diagnostic> {
    let ty = b.ty(seed).clone();
    if ty.dtype != DType::U32 || ty.rank() != 1 || ty.dims[0].as_const().is_some_and(|n| n != 2) {
        let rule = format!("{}: the seed must be u32[2]", b.describe(seed));
        return Err(b.fault(&node.op, "dtype", rule));
    }
    let (first, second) = (seed_word(b, seed, 0)?, seed_word(b, seed, 1)?);
    let mixed = b.binary("xor", first, second)?;
    let parity = b.with_number("xor", mixed, f64::from(0x1bd1_1bda_u32))?;
    let keys = [first, second, parity];
    let count: Dim = dims.iter().cloned().product();
    let counter = b.iota(&[count], 0, DType::U32)?;
    let counter = b.reshape(counter, dims)?;
    let mut x = b.binary("add", counter, keys[0])?;
    let mut y = b.expand(keys[1], dims)?;
    for round in 0..ROUNDS {
        x = b.binary("add", x, y)?;
        y = rotated(b, y, ROTATIONS[round % 8])?;
        y = b.binary("xor", y, x)?;
        if round % 4 == 3 {
            let step = round / 4 + 1;
            x = b.binary("add", x, keys[step % 3])?;
            let key = b.with_number("add", keys[(step + 1) % 3], step as f64)?;
            y = b.binary("add", y, key)?;
        }
    }
    Ok((x, y))
}

/// Words as numbers of `0 <= u < 1` in steps of 2^-24.
fn unit(b: &mut Builder, words: NodeId) -> Value {
    let high = b.with_number("shr", words, 8.0)?;
    let number = b.cast(high, DType::F32)?;
    b.with_number("mul", number, (-24f64).exp2())
}

fn uniform(b: &mut Builder, node: &Node, seed: NodeId, dims: &[Dim]) -> Value {
    let (words, _) = threefry(b, node, seed, dims)?;
    unit(b, words)
}

const DIMS: &[AttrSpec] = &[AttrSpec::required("dims", AttrKind::Dims)];

fn seeded() -> Case {
    Case::new().operand(DType::U32, &[2], Domain::Values(vec![12345.0, 4_000_000_000.0]))
}

fn shapes() -> Vec<Case> {
    let of = |dims: &[Dim]| seeded().with(Attrs::new().dims("dims", dims));
    vec![of(&[3i64.into(), 5i64.into()]), of(&[Dim::sym("n"), 2i64.into()]).size("n", 4), of(&[])]
}

static RANDOM_BITS: Op = Op::composite(
    "random_bits",
    "32 random bits for each element of a `u32` tensor of shape `dims`; the operand is the seed, a `u32[2]`.",
    1,
    |b, node, x| {
        let dims = node.attrs.get_dims("dims").to_vec();
        Ok(threefry(b, node, x[0], &dims)?.0)
    },
)
.attrs(DIMS)
.cases(shapes);

static RANDOM_UNIFORM: Op = Op::composite(
    "random_uniform",
    "Evenly distributed f32 of `0 <= u < 1`, in steps of 2^-24, of shape `dims`; the operand is the seed, a `u32[2]`.",
    1,
    |b, node, x| {
        let dims = node.attrs.get_dims("dims").to_vec();
        uniform(b, node, x[0], &dims)
    },
)
.attrs(DIMS)
.cases(shapes);

static RANDOM_NORMAL: Op = Op::composite(
    "random_normal",
    "Normally distributed f32 with mean 0 and variance 1 (Box and Muller) of shape `dims`; the operand is the seed, a `u32[2]`.",
    1,
    |b, node, x| {
        let dims = node.attrs.get_dims("dims").to_vec();
        let (first, second) = threefry(b, node, x[0], &dims)?;
        let (radius, angle) = (unit(b, first)?, unit(b, second)?);
        let above_zero = b.number_with("sub", 1.0, radius)?;
        let log = b.unary("log", above_zero)?;
        let square = b.with_number("mul", log, -2.0)?;
        let radius = b.unary("sqrt", square)?;
        let angle = b.with_number("mul", angle, std::f64::consts::TAU)?;
        let cos = b.unary("cos", angle)?;
        b.binary("mul", radius, cos)
    },
)
.attrs(DIMS)
.cases(shapes);

static RANDOM_INT: Op = Op::composite(
    "random_int",
    "Integers of `low <= i < high` as i64 of shape `dims`: random bits modulo the span, so that spans far below 2^32 are even.",
    1,
    |b, node, x| {
        let (low, high) = (node.attrs.get_int("low"), node.attrs.get_int("high"));
        let span = high.checked_sub(low).filter(|span| (1..=i64::from(i32::MAX)).contains(span));
        let Some(span) = span else {
            let rule = format!("`low` {low} and `high` {high} must span 1 to 2^31 - 1 integers");
            return Err(b.fault("random_int", "attribute", rule));
        };
        let dims = node.attrs.get_dims("dims").to_vec();
        let (words, _) = threefry(b, node, x[0], &dims)?;
        let rest = b.with_number("rem", words, span as f64)?;
        let rest = b.cast(rest, DType::I64)?;
        b.with_number("add", rest, low as f64)
    },
)
.attrs(&[
    AttrSpec::required("dims", AttrKind::Dims),
    AttrSpec::required("low", AttrKind::Int),
    AttrSpec::required("high", AttrKind::Int),
])
.cases(|| {
    let attrs = Attrs::new().dims("dims", &[Dim::constant(9)]).int("low", -3).int("high", 4);
    vec![seeded().with(attrs)]
});

static BERNOULLI: Op = Op::composite(
    "bernoulli",
    "For operands `p, seed`: true with probability `p`, element by element.",
    2,
    |b, node, x| {
        let dims = b.dims(x[0]);
        let uniform = uniform(b, node, x[1], &dims)?;
        let p = b.cast(x[0], DType::F32)?;
        b.binary("lt", uniform, p)
    },
)
.cases(|| {
    let p = Case::new().operand(DType::F32, &[4, 3], Domain::Real(0.0, 1.0));
    vec![p.operand(DType::U32, &[2], Domain::Values(vec![1.0, 2.0]))]
});

static DROPOUT: Op = Op::composite(
    "dropout",
    "For operands `x, seed`: each element is 0 with probability `p`, else divided by `1 - p`; the seed is a `u32[2]`.",
    2,
    |b, node, x| {
        let p = node.attrs.get_float("p");
        if !(0.0..=1.0).contains(&p) {
            return Err(b.fault("dropout", "attribute", format_args!("`p` is {p}, but must lie in 0..=1")));
        }
        let dims = b.dims(x[0]);
        let uniform = uniform(b, node, x[1], &dims)?;
        let kept = b.with_number("ge", uniform, p)?;
        let scale = if p == 1.0 { 0.0 } else { 1.0 / (1.0 - p) };
        let scaled = b.with_number("mul", x[0], scale)?;
        let zero = b.scalar_like(x[0], 0.0)?;
        b.select(kept, scaled, zero)
    },
)
.attrs(&[AttrSpec::required("p", AttrKind::Float)])
.cases(|| {
    let x = Case::new().f32(&[4, 5]).operand(DType::U32, &[2], Domain::Values(vec![7.0, 0.0]));
    vec![x.with(Attrs::new().float("p", 0.3))]
});
