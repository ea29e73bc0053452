//! Convolutions that are made of the primitive one.

use ferrodyne_plan::{Diagnostic, Dim};

use super::case::Case;
use super::row::{Arity, Op};
use super::shorthand::{int_or, ints_or};
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

mod transpose;

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&CONV_BIAS, &transpose::CONV_TRANSPOSE, &UNFOLD, &PIXEL_SHUFFLE];

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
