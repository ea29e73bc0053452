//! Random bits from counters: each element depends on the key and on its own position alone, so that every device and every
//! order of evaluation gives the same.

use std::sync::Arc;

use ferrodyne_plan::{DType, Diagnostic, Dim, HostTensor};

use super::case::{Case, Domain};
use super::row::Op;
use super::typing;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId, TensorType, TypeCx};

/// The family.
pub(super) static ALL: &[&Op] = &[&RANDOM_BITS];

/// Random words.
static RANDOM_BITS: Op = Op::composite(
    "random_bits",
    "For a key `u32[3]` (two words of a seed, and the number of the draw): 32 random bits for each element of the shape `dims`, \
     by Threefry-2x32 with 20 rounds (Salmon et al., 2011) of the element's position and the draw. `word` is which of its two \
     words is taken.",
    1,
    build,
)
.attrs(&[AttrSpec::required("dims", AttrKind::Dims), AttrSpec::required("word", AttrKind::Int)])
.types(types)
.cases(|| {
    let of = |dims: &[i64], word| {
        let dims: Vec<Dim> = dims.iter().map(|&d| Dim::constant(d)).collect();
        let key = Domain::Values(vec![1.0, 4_294_967_295.0, 7.0]);
        Case::new().operand(DType::U32, &[3], key).with(Attrs::new().dims("dims", &dims).int("word", word))
    };
    vec![of(&[3, 5], 0), of(&[7], 1)]
});

fn types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let key = cx.inputs[0];
    let three = Dim::constant(3);
    if key.dtype != DType::U32 || key.rank() != 1 || !cx.equal(&key.dims[0], &three) {
        return Err(cx.fault("shape", format_args!("{}: the key must be u32[3]", cx.operand(0))));
    }
    if !(0..2).contains(&cx.attrs.get_int("word")) {
        return Err(cx.fault("attribute", "`word` must be 0 or 1"));
    }
    typing::one(DType::U32, cx.attrs.get_dims("dims").to_vec())
}

/// Rotations of the rounds.
const ROTATIONS: [u32; 8] = [13, 15, 26, 6, 17, 29, 16, 24];
/// The parity of the key schedule.
const PARITY: u32 = 0x1BD1_1BDA;

fn build(b: &mut Builder, node: &Node, operands: &[NodeId]) -> Result<NodeId, Diagnostic> {
    let dims = node.attrs.get_dims("dims");
    let key = [key_word(b, operands[0], 0)?, key_word(b, operands[0], 1)?];
    let draw = key_word(b, operands[0], 2)?;
    let parity = word(b, PARITY)?;
    let third = both(b, "xor", key[0], key[1])?;
    let key = [key[0], key[1], both(b, "xor", third, parity)?];
    let elements: Dim = dims.iter().cloned().product();
    let counted = Attrs::new().dims("dims", &[elements]).int("axis", 0).dtype("dtype", DType::U32);
    let position = b.add("iota", &[], counted)?;
    let mut x = [both(b, "add", position, key[0])?, both(b, "add", draw, key[1])?];
    for round in 0..20 {
        x[0] = both(b, "add", x[0], x[1])?;
        let turned = rotated(b, x[1], ROTATIONS[round % 8])?;
        x[1] = both(b, "xor", turned, x[0])?;
        if round % 4 == 3 {
            let step = round / 4 + 1;
            x[0] = both(b, "add", x[0], key[step % 3])?;
            let number = word(b, step as u32)?;
            let injected = both(b, "add", key[(step + 1) % 3], number)?;
            x[1] = both(b, "add", x[1], injected)?;
        }
    }
    let chosen = x[usize::from(node.attrs.get_int("word") == 1)];
    b.add("reshape", &[chosen], Attrs::new().dims("dims", dims))
}

fn both(b: &mut Builder, op: &str, x: NodeId, y: NodeId) -> Result<NodeId, Diagnostic> {
    b.add(op, &[x, y], Attrs::new())
}

fn word(b: &mut Builder, value: u32) -> Result<NodeId, Diagnostic> {
    let bytes = Arc::new(value.to_le_bytes().to_vec());
    let value = HostTensor { dtype: DType::U32, dims: Vec::new(), bytes };
    b.add("constant", &[], Attrs::new().tensor("value", Arc::new(value)))
}

fn key_word(b: &mut Builder, key: NodeId, at: i64) -> Result<NodeId, Diagnostic> {
    let attrs = Attrs::new()
        .dims("starts", &[Dim::constant(at)])
        .dims("ends", &[Dim::constant(at + 1)])
        .ints("steps", &[1]);
    let one = b.add("slice", &[key], attrs)?;
    b.add("reshape", &[one], Attrs::new().dims("dims", &[]))
}

fn rotated(b: &mut Builder, x: NodeId, by: u32) -> Result<NodeId, Diagnostic> {
    let (left, right) = (word(b, by)?, word(b, 32 - by)?);
    let (high, low) = (both(b, "shl", x, left)?, both(b, "shr", x, right)?);
    both(b, "or", high, low)
}
