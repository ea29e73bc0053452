//! Convolutions that are made of the primitive one.

use ferrodyne_plan::{Diagnostic, Dim};

use super::case::Case;
use super::row::{Arity, Op};
use super::shorthand::{int_or, ints_or};
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&CONV_BIAS, &CONV_TRANSPOSE, &UNFOLD, &PIXEL_SHUFFLE];

/// A bias of one number a channel, shaped to be added to `[N, C, spatial..]`.
fn channels(b: &mut Builder, bias: NodeId, spatial: usize) -> Value {
    let mut dims = b.dims(bias);
    dims.extend(std::iter::repeat_n(Dim::constant(1), spatial));
    b.reshape(bias, &dims)
}

static CONV_BIAS: Op = Op::composite(
    "conv_bias",
    "Convolution `conv` of data `[N, C, spatial..]` with a weight and a bias `[O]`, which may be absent. Strides and dilations are 1, \
     pads 0 and groups 1 unless given.",
    3,
    |b, node, x| {
        let spatial = b.rank(x[0]).saturating_sub(2);
        let (ones, zeros) = (vec![1; spatial], vec![0; 2 * spatial]);
        let attrs = Attrs::new()
            .ints("strides", ints_or(node, "strides", &ones))
            .ints("dilations", ints_or(node, "dilations", &ones))
            .ints("pads", ints_or(node, "pads", &zeros))
            .int("groups", int_or(node, "groups", 1))
            .str("layout", "nchw");
        let sum = b.add("conv", &x[..2], attrs)?;
        match x.get(2) {
            Some(&bias) => {
                let bias = channels(b, bias, spatial)?;
                b.binary("add", sum, bias)
            }
            None => Ok(sum),
        }
    },
)
.window_operand(1)
.arity(Arity::Between(2, 3))
.attrs(&[
    AttrSpec::optional("strides", AttrKind::Ints),
    AttrSpec::optional("dilations", AttrKind::Ints),
    AttrSpec::optional("pads", AttrKind::Ints),
    AttrSpec::optional("groups", AttrKind::Int),
])
.cases(|| vec![Case::new().f32(&[1, 3, 6, 6]).f32(&[4, 3, 3, 3]).f32(&[4])]);

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

fn conv_transpose(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let rank = b.rank(x[0]);
    if !(3..=5).contains(&rank) || b.rank(x[1]) != rank {
        let rule =
            format!("{} but {}: both must have rank 3, 4 or 5", b.describe(x[0]), b.describe(x[1]));
        return Err(b.fault("conv_transpose", "shape", rule));
    }
    let spatial = rank - 2;
    let (ones, zeros) = (vec![1; spatial], vec![0; 2 * spatial]);
    let strides = ints_or(node, "strides", &ones);
    let dilations = ints_or(node, "dilations", &ones);
    let (pads, more) = (ints_or(node, "pads", &zeros), ints_or(node, "output_pads", &zeros));
    if strides.len() != spatial
        || dilations.len() != spatial
        || pads.len() != 2 * spatial
        || more.len() < spatial
    {
        let rule = format!(
            "strides, dilations, pads and output_pads must have {spatial}, {spatial}, {} and {spatial} entries",
            2 * spatial
        );
        return Err(b.fault("conv_transpose", "attribute", rule));
    }
    let groups = int_or(node, "groups", 1);
    let taps = b.dims(x[1])[2..].to_vec();
    let (mut data, mut low, mut high) =
        (x[0], vec![Dim::constant(0); 2], vec![Dim::constant(0); 2]);
    for k in 0..spatial {
        data = spread(b, data, k + 2, strides[k])?;
        let reach = &(&taps[k] - 1) * dilations[k];
        low.push(&reach - pads[k]);
        high.push(&reach + (more[k] - pads[spatial + k]));
    }
    let data = b.pad(data, &low, &high, 0.0)?;
    let weight = turned(b, x[1], groups)?;
    let attrs =
        Attrs::new().ints("strides", &ones).ints("dilations", dilations).ints("pads", &zeros);
    let sum = b.add("conv", &[data, weight], attrs.int("groups", groups).str("layout", "nchw"))?;
    match x.get(2) {
        Some(&bias) => {
            let bias = channels(b, bias, spatial)?;
            b.binary("add", sum, bias)
        }
        None => Ok(sum),
    }
}

static CONV_TRANSPOSE: Op = Op::composite(
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
    ]
});

fn unfold(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let sizes: Vec<Dim> = node.attrs.get_ints("sizes").iter().map(|&n| Dim::constant(n)).collect();
    let spatial = sizes.len();
    if b.rank(x[0]) != spatial + 2 {
        let rule = format!("{}: must have rank {}", b.describe(x[0]), spatial + 2);
        return Err(b.fault("unfold", "shape", rule));
    }
    let (ones, zeros) = (vec![1; spatial], vec![0; 2 * spatial]);
    let pads = ints_or(node, "pads", &zeros);
    let side = |from: usize| -> Vec<Dim> {
        [0, 0].iter().chain(&pads[from..from + spatial]).map(|&n| Dim::constant(n)).collect()
    };
    let padded = b.pad(x[0], &side(0), &side(spatial), 0.0)?;
    let axes: Vec<i64> = (2..2 + spatial as i64).collect();
    let (strides, dilations) = (ints_or(node, "strides", &ones), ints_or(node, "dilations", &ones));
    let windows = b.window(padded, &axes, &sizes, strides, dilations)?;
    let dims = b.dims(windows);
    let taps = 2 + spatial as i64..2 + 2 * spatial as i64;
    let order: Vec<i64> = [0, 1].into_iter().chain(taps).chain(axes).collect();
    let columns = b.permute(windows, &order)?;
    let rows: Dim = sizes.iter().cloned().product::<Dim>() * &dims[1];
    let places: Dim = dims[2..2 + spatial].iter().cloned().product();
    b.reshape(columns, &[dims[0].clone(), rows, places])
}

static UNFOLD: Op = Op::composite(
    "unfold",
    "The windows of `[N, C, spatial..]` as columns: `[N, C * taps, windows]`; torch's `nn.functional.unfold`.",
    1,
    unfold,
)
.attrs(&[
    AttrSpec::required("sizes", AttrKind::Ints),
    AttrSpec::optional("strides", AttrKind::Ints),
    AttrSpec::optional("pads", AttrKind::Ints),
    AttrSpec::optional("dilations", AttrKind::Ints),
])
.cases(|| {
    let attrs = Attrs::new().ints("sizes", &[2, 3]).ints("pads", &[1, 0, 1, 0]).ints("strides", &[2, 1]);
    vec![Case::new().f32(&[2, 3, 4, 5]).with(attrs)]
});

static PIXEL_SHUFFLE: Op = Op::composite(
    "pixel_shuffle",
    "`[.., C * r * r, H, W]` as `[.., C, H * r, W * r]` with `r` the attribute `factor`; with `mode` dcr the factors lie before the \
     channel (ONNX `DepthToSpace`), with crd, the default, behind it (torch).",
    1,
    |b, node, x| {
        let r = Dim::constant(node.attrs.get_int("factor"));
        let dims = b.dims(x[0]);
        if dims.len() < 3 {
            let rule = format!("{}: must have at least rank 3", b.describe(x[0]));
            return Err(b.fault("pixel_shuffle", "shape", rule));
        }
        let (lead, last) = dims.split_at(dims.len() - 3);
        let channel = last[0].floor_div(&(&r * &r));
        let dcr = super::shorthand::str_or(node, "mode", "crd") == "dcr";
        let parts = match dcr {
            true => [r.clone(), r.clone(), channel.clone()],
            false => [channel.clone(), r.clone(), r.clone()],
        };
        let split = b.reshape(x[0], &[lead, &parts[..], &last[1..]].concat())?;
        let n = lead.len() as i64;
        let order = if dcr { [2, 3, 0, 4, 1] } else { [0, 3, 1, 4, 2] };
        let order: Vec<i64> = (0..n).chain(order.iter().map(|k| k + n)).collect();
        let moved = b.permute(split, &order)?;
        let grown = [channel, &last[1] * &r, &last[2] * &r];
        b.reshape(moved, &[lead, &grown[..]].concat())
    },
)
.attrs(&[AttrSpec::required("factor", AttrKind::Int), AttrSpec::optional("mode", AttrKind::Str)])
.cases(|| {
    let by = Attrs::new().int("factor", 2);
    vec![
        Case::new().f32(&[1, 8, 3, 2]).with(by.clone()),
        Case::new().f32(&[1, 8, 3, 2]).with(by.str("mode", "dcr")),
    ]
});
