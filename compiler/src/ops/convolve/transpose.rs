//! Transposed convolutions: the gradient of a convolution by its data.

use ferrodyne_plan::{Diagnostic, Dim};

use super::{Value, channels};
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};
use crate::ops::case::Case;
use crate::ops::row::{Arity, Op};
use crate::ops::shorthand::{int_or, ints_or};

/// `step - 1` zeros put between the elements of an axis.
fn spread(b: &mut Builder, x: NodeId, axis: usize, step: i64) -> Value {
    if step == 1 {
        return Ok(x);
    }
    let (at, dims) = (axis as i64, b.dims(x));
    let split = b.unsqueeze(x, at + 1)?;
    let zero = Dim::constant(0);
    let padded = b.pad_axis(split, at + 1, &zero, &Dim::constant(step - 1), 0.0)?;
    let mut merged = dims.clone();
    merged[axis] = &dims[axis] * step;
    let merged = b.reshape(padded, &merged)?;
    b.pad_axis(merged, at, &zero, &Dim::constant(1 - step), 0.0)
}

/// The weight `[C, O / groups, taps..]` as one of the convolution that undoes it: `[O, C / groups, taps..]`, taps reversed.
fn turned(b: &mut Builder, w: NodeId, groups: i64) -> Value {
    let dims = b.dims(w);
    let group = Dim::constant(groups);
    let (inner, outer) = (dims[0].floor_div(&group), dims[1].clone());
    let taps = &dims[2..];
    let head = [group.clone(), inner.clone(), outer.clone()];
    let split = b.reshape(w, &[&head[..], taps].concat())?;
    let swapped = b.transpose(split, 1, 2)?;
    let joined = b.reshape(swapped, &[&[&group * &outer, inner][..], taps].concat())?;
    let axes: Vec<i64> = (2..dims.len() as i64).collect();
    b.flip(joined, &axes)
}

/// Taps, strides and dilations whose products by phases cannot overflow.
const USUAL_MAX: i64 = 1 << 10;

/// A transposed convolution: what it is given, axis by axis.
struct Spec {
    strides: Vec<i64>,
    dilations: Vec<i64>,
    pads: Vec<i64>,
    more: Vec<i64>,
    groups: i64,
}

fn spec(b: &Builder, node: &Node, x: &[NodeId]) -> Result<Spec, Diagnostic> {
    let rank = b.rank(x[0]);
    if !(3..=5).contains(&rank) || b.rank(x[1]) != rank {
        let rule =
            format!("{} but {}: both must have rank 3, 4 or 5", b.describe(x[0]), b.describe(x[1]));
        return Err(b.fault("conv_transpose", "shape", rule));
    }
    let spatial = rank - 2;
    let (ones, zeros) = (vec![1; spatial], vec![0; 2 * spatial]);
    let spec = Spec {
        strides: ints_or(node, "strides", &ones).to_vec(),
        dilations: ints_or(node, "dilations", &ones).to_vec(),
        pads: ints_or(node, "pads", &zeros).to_vec(),
        more: ints_or(node, "output_pads", &zeros).to_vec(),
        groups: int_or(node, "groups", 1),
    };
    if spec.strides.len() != spatial
        || spec.dilations.len() != spatial
        || spec.pads.len() != 2 * spatial
        || spec.more.len() < spatial
    {
        let rule = format!(
            "strides, dilations, pads and output_pads must have {spatial}, {spatial}, {} and {spatial} entries",
            2 * spatial
        );
        return Err(b.fault("conv_transpose", "attribute", rule));
    }
    if spec.strides.iter().chain(&spec.dilations).any(|&step| step < 1) || spec.groups < 1 {
        let rule = "strides, dilations and groups must be at least 1".to_owned();
        return Err(b.fault("conv_transpose", "attribute", rule));
    }
    Ok(spec)
}

fn conv_transpose(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let spec = spec(b, node, x)?;
    let spatial = spec.strides.len();
    let taps: Option<Vec<i64>> = b.dims(x[1])[2..].iter().map(Dim::as_const).collect();
    let dense = spec.strides.iter().zip(&spec.dilations).all(|(&s, &d)| s == 1 || d == 1);
    let usual = |numbers: &[i64]| numbers.iter().all(|number| (1..=USUAL_MAX).contains(number));
    let sum = match taps {
        Some(taps)
            if dense && [&taps, &spec.strides, &spec.dilations].map(|n| usual(n)) == [true; 3] =>
        {
            by_phases(b, x[0], x[1], &spec, &taps)?
        }
        _ => by_zeros(b, x[0], x[1], &spec)?,
    };
    match x.get(2) {
        Some(&bias) => {
            let bias = channels(b, bias, spatial)?;
            b.binary("add", sum, bias)
        }
        None => Ok(sum),
    }
}

/// The convolution of the data with zeros between its elements.
fn by_zeros(b: &mut Builder, x: NodeId, w: NodeId, spec: &Spec) -> Value {
    let spatial = spec.strides.len();
    let (mut data, mut low, mut high) = (x, vec![Dim::constant(0); 2], vec![Dim::constant(0); 2]);
    for (k, taps) in b.dims(w)[2..].iter().enumerate() {
        data = spread(b, data, k + 2, spec.strides[k])?;
        let reach = &(taps - 1) * spec.dilations[k];
        low.push(&reach - spec.pads[k]);
        high.push(&reach + spec.more[k] - spec.pads[spatial + k]);
    }
    let data = b.pad(data, &low, &high, 0.0)?;
    let weight = turned(b, w, spec.groups)?;
    let attrs = Attrs::new()
        .ints("strides", &vec![1; spatial])
        .ints("dilations", &spec.dilations)
        .ints("pads", &vec![0; 2 * spatial])
        .int("groups", spec.groups)
        .str("layout", "nchw");
    b.add("conv", &[data, weight], attrs)
}

/// A convolution that gives each element of a stride as channels of its own, which are then put beside each other: nothing is
/// multiplied by the zeros between elements. Shi et al., "Is the deconvolution layer the same as a convolutional layer?", 2016.
fn by_phases(b: &mut Builder, x: NodeId, w: NodeId, spec: &Spec, taps: &[i64]) -> Value {
    let spatial = taps.len();
    let each: Vec<i64> = taps.iter().zip(&spec.strides).map(|(k, s)| (k + s - 1) / s).collect();
    let reach: Vec<i64> = each.iter().zip(&spec.dilations).map(|(t, d)| (t - 1) * d).collect();
    let weight = phased(b, w, spec, taps, &each)?;
    let weight = turned(b, weight, spec.groups)?;
    let attrs = Attrs::new()
        .ints("strides", &vec![1; spatial])
        .ints("dilations", &spec.dilations)
        .ints("pads", &[&reach[..], &reach[..]].concat())
        .int("groups", spec.groups)
        .str("layout", "nchw");
    let sums = b.add("conv", &[x, weight], attrs)?;
    let whole = beside(b, sums, spec)?;
    let (mut low, mut high) = (vec![Dim::constant(0); 2], vec![Dim::constant(0); 2]);
    for (k, &taps) in taps.iter().enumerate() {
        let length = (taps - 1) * spec.dilations[k] + 1 - (reach[k] + 1) * spec.strides[k];
        low.push(Dim::constant(0) - spec.pads[k]);
        high.push(Dim::constant(length) + spec.more[k] - spec.pads[spatial + k]);
    }
    b.pad(whole, &low, &high, 0.0)
}

/// The weight `[C, O / groups, taps..]` as `[C, strides.. * O / groups, taps of a phase..]`.
fn phased(b: &mut Builder, w: NodeId, spec: &Spec, taps: &[i64], each: &[i64]) -> Value {
    let dims = b.dims(w);
    let (mut high, mut split) = (vec![Dim::constant(0); 2], dims[..2].to_vec());
    for k in 0..taps.len() {
        high.push(Dim::constant(each[k] * spec.strides[k] - taps[k]));
        split.extend([Dim::constant(each[k]), Dim::constant(spec.strides[k])]);
    }
    let padded = b.pad(w, &vec![Dim::constant(0); dims.len()], &high, 0.0)?;
    let apart = b.reshape(padded, &split)?;
    let phases = (0..taps.len() as i64).map(|k| 3 + 2 * k);
    let inside = (0..taps.len() as i64).map(|k| 2 + 2 * k);
    let order: Vec<i64> = [0].into_iter().chain(phases).chain([1]).chain(inside).collect();
    let ordered = b.permute(apart, &order)?;
    let count: i64 = spec.strides.iter().product();
    let mut joined = vec![dims[0].clone(), &dims[1] * count];
    joined.extend(each.iter().map(|&taps| Dim::constant(taps)));
    b.reshape(ordered, &joined)
}

/// Channels `[N, groups * strides.. * O / groups, spatial..]` as `[N, O, spatial * stride..]`.
fn beside(b: &mut Builder, sums: NodeId, spec: &Spec) -> Value {
    let dims = b.dims(sums);
    let count: i64 = spec.strides.iter().product();
    if count == 1 {
        return Ok(sums);
    }
    let spatial = spec.strides.len() as i64;
    let group = Dim::constant(spec.groups);
    let inside = dims[1].floor_div(&(&group * count));
    let mut split = vec![dims[0].clone(), group.clone()];
    split.extend(spec.strides.iter().map(|&stride| Dim::constant(stride)));
    split.push(inside.clone());
    split.extend_from_slice(&dims[2..]);
    let apart = b.reshape(sums, &split)?;
    let places = (0..spatial).flat_map(|k| [3 + spatial + k, 2 + k]);
    let order: Vec<i64> = [0, 1, 2 + spatial].into_iter().chain(places).collect();
    let ordered = b.permute(apart, &order)?;
    let mut joined = vec![dims[0].clone(), group * inside];
    joined.extend(dims[2..].iter().zip(&spec.strides).map(|(size, &stride)| size * stride));
    b.reshape(ordered, &joined)
}

pub(super) static CONV_TRANSPOSE: Op = Op::composite(
    "conv_transpose",
    "The gradient of a convolution by its data: data `[N, C, spatial..]`, weight `[C, O / groups, taps..]`, a bias `[O]`, which may be \
     absent. A spatial axis becomes `(size - 1) * stride - pads + dilation * (taps - 1) + output_pad + 1`.",
    3,
    conv_transpose,
)
.window_operand(1)
.arity(Arity::Between(2, 3))
.attrs(&[
    AttrSpec::optional("strides", AttrKind::Ints),
    AttrSpec::optional("dilations", AttrKind::Ints),
    AttrSpec::optional("pads", AttrKind::Ints),
    AttrSpec::optional("output_pads", AttrKind::Ints),
    AttrSpec::optional("groups", AttrKind::Int),
])
.cases(|| {
    let strided = Attrs::new().ints("strides", &[2, 3]).ints("pads", &[1, 0, 1, 1]);
    vec![
        Case::new().f32(&[1, 3, 4, 5]).f32(&[3, 2, 3, 3]).f32(&[2]).with(strided.ints("output_pads", &[1, 0])),
        Case::new().f32(&[2, 4, 5]).f32(&[4, 3, 3]).with(Attrs::new().int("groups", 2).ints("dilations", &[2])),
        Case::new().f32(&[2, 4, 3]).f32(&[4, 2, 5]).f32(&[4]).with(Attrs::new().int("groups", 2).ints("strides", &[3])),
        Case::new().f32(&[1, 2, 3, 3]).f32(&[2, 2, 2, 1]).with(Attrs::new().ints("strides", &[2, 3]).ints("dilations", &[2, 1])),
    ]
});
