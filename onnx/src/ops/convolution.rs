//! Convolutions, and the padding that their attributes ask for.

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_plan::{Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results};

pub(super) static ALL: &[Row] = &[
    Row::new("Conv", &[1, 11, 22], "", conv),
    Row::new("ConvTranspose", &[1, 11, 22], "", conv_transpose),
];

/// The largest stride, dilation, padding or window: products of two stay far within 64 bits.
const MAX_ENTRY: i64 = i32::MAX as i64;

/// The geometry of windows over the spatial axes, one entry an axis.
pub(super) struct Windows {
    /// Elements of a window.
    pub(super) kernel: Vec<i64>,
    /// Steps between windows.
    pub(super) strides: Vec<i64>,
    /// Steps between elements of a window.
    pub(super) dilations: Vec<i64>,
    /// Elements before and after each axis.
    pub(super) pads: Vec<(Dim, Dim)>,
}

impl Windows {
    /// The padding as attributes: all low ones, then all high ones. None where it depends on sizes.
    pub(super) fn fixed_pads(&self) -> Option<Vec<i64>> {
        let low = self.pads.iter().map(|(low, _)| low.as_const());
        low.chain(self.pads.iter().map(|(_, high)| high.as_const())).collect()
    }

    /// The data with padding that depends on sizes put around it, and the padding that is left for attributes.
    pub(super) fn padded(
        &self,
        cx: &mut Cx<'_>,
        x: NodeId,
        value: f64,
    ) -> Result<(NodeId, Vec<i64>), Diagnostic> {
        if let Some(pads) = self.fixed_pads() {
            return Ok((x, pads));
        }
        let lead = vec![Dim::constant(0); cx.m.b.rank(x) - self.pads.len()];
        let low = lead.iter().chain(self.pads.iter().map(|(low, _)| low)).cloned();
        let high = lead.iter().chain(self.pads.iter().map(|(_, high)| high)).cloned();
        let (low, high): (Vec<Dim>, Vec<Dim>) = (low.collect(), high.collect());
        Ok((cx.m.b.pad(x, &low, &high, value)?, vec![0; 2 * self.pads.len()]))
    }
}

/// An attribute of one integer a spatial axis.
fn entries(cx: &Cx<'_>, name: &str, count: usize, default: i64) -> Result<Vec<i64>, Diagnostic> {
    let values = cx.ints(name).filter(|v| !v.is_empty()).unwrap_or_else(|| vec![default; count]);
    match values.len() == count && values.iter().all(|v| (0..=MAX_ENTRY).contains(v)) {
        true => Ok(values),
        false => {
            let rule = format!("`{name}` must have {count} entries from 0 to {MAX_ENTRY}");
            Err(cx.fault(rule))
        }
    }
}

/// The windows of a node over the given sizes.
pub(super) fn windows(cx: &Cx<'_>, kernel: Vec<i64>, sizes: &[Dim]) -> Result<Windows, Diagnostic> {
    let count = sizes.len();
    if kernel.len() != count {
        return Err(cx.fault(format_args!("`kernel_shape` must have {count} entries")));
    }
    let (strides, dilations) =
        (entries(cx, "strides", count, 1)?, entries(cx, "dilations", count, 1)?);
    if strides.contains(&0)
        || dilations.contains(&0)
        || kernel.iter().any(|k| !(1..=MAX_ENTRY).contains(k))
    {
        return Err(cx.fault("kernel, strides and dilations must be at least 1"));
    }
    let auto = cx.text("auto_pad").unwrap_or_default();
    let pads = match auto.as_str() {
        "" | "NOTSET" => {
            let pads = entries(cx, "pads", 2 * count, 0)?;
            let pair = |k: usize| (Dim::constant(pads[k]), Dim::constant(pads[count + k]));
            (0..count).map(pair).collect()
        }
        "VALID" => vec![(Dim::constant(0), Dim::constant(0)); count],
        "SAME_UPPER" | "SAME_LOWER" => (0..count)
            .map(|k| {
                let span = (kernel[k] - 1) * dilations[k] + 1;
                let both = same(&sizes[k], span, strides[k]);
                let (less, more) =
                    (both.floor_div(&Dim::constant(2)), both.ceil_div(&Dim::constant(2)));
                if auto == "SAME_UPPER" { (less, more) } else { (more, less) }
            })
            .collect(),
        other => return Err(cx.fault(format_args!("auto_pad `{other}` is unknown"))),
    };
    Ok(Windows { kernel, strides, dilations, pads })
}

/// The padding with which there are `ceil(size / stride)` windows.
fn same(size: &Dim, span: i64, stride: i64) -> Dim {
    if stride == 1 {
        return Dim::constant(span - 1);
    }
    let count = size.ceil_div(&Dim::constant(stride));
    Dim::max(&(&(&count - 1) * stride + span - size), &Dim::constant(0))
}

/// The sizes of a weight's taps.
fn taps(cx: &Cx<'_>, x: NodeId, w: NodeId) -> Result<Vec<i64>, Diagnostic> {
    let (rank, dims) = (cx.m.b.rank(x), cx.m.b.dims(w));
    if !(3..=5).contains(&rank) || dims.len() != rank {
        let (x, w) = (cx.m.b.describe(x), cx.m.b.describe(w));
        return Err(cx.fault(format_args!("{x} but {w}: both must have rank 3, 4 or 5")));
    }
    let taps: Option<Vec<i64>> = dims[2..].iter().map(Dim::as_const).collect();
    let taps = taps.ok_or_else(|| cx.unsupported("a weight of symbolic size"))?;
    if let Some(declared) = cx.ints("kernel_shape").filter(|d| *d != taps && !d.is_empty()) {
        let rule = format!("`kernel_shape` is {declared:?}, but the weight has {taps:?}");
        return Err(cx.fault(rule));
    }
    Ok(taps)
}

/// The attributes of a convolution, and the data with padding that no attribute can say.
fn geometry(cx: &mut Cx<'_>, x: NodeId, taps: Vec<i64>) -> Result<(NodeId, Attrs), Diagnostic> {
    let windows = windows(cx, taps, &cx.m.b.dims(x)[2..])?;
    let (x, pads) = windows.padded(cx, x, 0.0)?;
    let attrs = Attrs::new()
        .ints("strides", &windows.strides)
        .ints("dilations", &windows.dilations)
        .ints("pads", &pads)
        .int("groups", cx.int("group").unwrap_or(1));
    Ok((x, attrs))
}

/// A convolution by the node's attributes, without a bias.
pub(super) fn plain(cx: &mut Cx<'_>, x: NodeId, w: NodeId) -> Results {
    let taps = taps(cx, x, w)?;
    let (x, attrs) = geometry(cx, x, taps)?;
    cx.add("conv", &[x, w], attrs.str("layout", "nchw"))
}

fn conv(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, w) = (cx.x(0)?, cx.x(1)?);
    if cx.maybe(2).is_none() {
        return plain(cx, x, w);
    }
    let taps = taps(cx, x, w)?;
    let (x, attrs) = geometry(cx, x, taps)?;
    let bias = cx.x(2)?;
    cx.add("conv_bias", &[x, w, bias], attrs)
}

/// The size of a transposed convolution without padding along an axis.
fn reach(size: &Dim, tap: i64, stride: i64, dilation: i64, more: i64) -> Dim {
    size * stride + ((tap - 1) * dilation + 1 - stride + more)
}

/// The spatial sizes that `output_shape` asks for, or `auto_pad`; none where the padding is given.
fn wanted(cx: &Cx<'_>, sizes: &[Dim], strides: &[i64]) -> Result<Option<Vec<Dim>>, Diagnostic> {
    let auto = cx.text("auto_pad").unwrap_or_default();
    let Some(shape) = cx.ints("output_shape").filter(|shape| !shape.is_empty()) else {
        return Ok(match auto.as_str() {
            "" | "NOTSET" | "VALID" => None,
            _ => Some(sizes.iter().zip(strides).map(|(size, &stride)| size * stride).collect()),
        });
    };
    let spatial = shape.len().checked_sub(sizes.len()).map(|skip| &shape[skip..]);
    match spatial.filter(|spatial| spatial.iter().all(|want| (0..=MAX_ENTRY).contains(want))) {
        Some(spatial) => Ok(Some(spatial.iter().map(|&want| Dim::constant(want)).collect())),
        None => Err(cx.fault("`output_shape` has too few entries, or one out of range")),
    }
}

fn conv_transpose(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, w) = (cx.x(0)?, cx.x(1)?);
    let taps = taps(cx, x, w)?;
    let count = taps.len();
    let (strides, dilations) =
        (entries(cx, "strides", count, 1)?, entries(cx, "dilations", count, 1)?);
    let more = entries(cx, "output_padding", count, 0)?;
    let sizes = cx.m.b.dims(x)[2..].to_vec();
    let plain = Attrs::new()
        .ints("strides", &strides)
        .ints("dilations", &dilations)
        .int("groups", cx.int("group").unwrap_or(1));
    let Some(wanted) = wanted(cx, &sizes, &strides)? else {
        let pads = match cx.text("auto_pad").as_deref() {
            Some("VALID") => vec![0; 2 * count],
            _ => entries(cx, "pads", 2 * count, 0)?,
        };
        return transposed(cx, &[x, w], plain.ints("pads", &pads).ints("output_pads", &more));
    };
    let spare: Vec<Dim> = (0..count)
        .map(|k| reach(&sizes[k], taps[k], strides[k], dilations[k], more[k]) - &wanted[k])
        .collect();
    let known: Option<Vec<i64>> = spare.iter().map(Dim::as_const).collect();
    let lower = cx.text("auto_pad").as_deref() != Some("SAME_UPPER");
    let Some(spare) = known else {
        return cut(cx, &[x, w], plain.ints("output_pads", &more), &wanted, lower);
    };
    let is_shape = cx.ints("output_shape").is_some_and(|shape| !shape.is_empty());
    let (mut pads, mut more) = (vec![0; 2 * count], more);
    for (k, &spare) in spare.iter().enumerate() {
        // A shape asked for that is larger than the windows reach is filled up behind them; `auto_pad` makes none larger.
        more[k] += if is_shape { (-spare).max(0) } else { 0 };
        let (less, rest) = (spare.max(0) / 2, spare.max(0) - spare.max(0) / 2);
        (pads[k], pads[count + k]) = if lower { (rest, less) } else { (less, rest) };
    }
    transposed(cx, &[x, w], plain.ints("pads", &pads).ints("output_pads", &more))
}

/// A transposed convolution with the node's bias.
fn transposed(cx: &mut Cx<'_>, operands: &[NodeId], attrs: Attrs) -> Results {
    let mut all = operands.to_vec();
    if cx.maybe(2).is_some() {
        all.push(cx.x(2)?);
    }
    cx.add("conv_transpose", &all, attrs)
}

/// A transposed convolution whose padding depends on sizes: what is asked for is cut out of the result without padding.
fn cut(cx: &mut Cx<'_>, operands: &[NodeId], attrs: Attrs, wanted: &[Dim], lower: bool) -> Results {
    let none = vec![0; 2 * wanted.len()];
    let mut result = cx.m.b.add("conv_transpose", operands, attrs.ints("pads", &none))?;
    for (k, want) in wanted.iter().enumerate() {
        let (axis, zero, two) = (k as i64 + 2, Dim::constant(0), Dim::constant(2));
        let size = cx.m.b.dims(result)[k + 2].clone();
        let spare = Dim::max(&(&size - want), &zero);
        let low = if lower { spare.ceil_div(&two) } else { spare.floor_div(&two) };
        let missing = Dim::max(&(want - &size), &zero);
        result = cx.m.b.pad_axis(result, axis, &zero, &missing, 0.0)?;
        result = cx.m.b.slice_axis(result, axis, &low, &(&low + want), 1)?;
    }
    if cx.maybe(2).is_some() {
        let bias = cx.x(2)?;
        let mut dims = cx.m.b.dims(bias);
        dims.extend(vec![Dim::constant(1); wanted.len()]);
        let bias = cx.m.b.reshape(bias, &dims)?;
        result = cx.m.b.binary("add", result, bias)?;
    }
    cx.done(result)
}
