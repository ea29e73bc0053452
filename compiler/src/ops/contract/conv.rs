//! Convolution, kept as one operator until it is lowered to a fold over taps and channels.

use ferrodyne_plan::loops::{Coord, FoldKind, Math, Val};
use ferrodyne_plan::{Diagnostic, Dim};
use ndarray::{ArrayD, Axis, Dimension, IxDyn, Slice};

use super::cases;
use crate::graph::{AttrKind, AttrSpec, Node, TensorType, TypeCx};
use crate::ops::row::{Arity, EvalCx, EvalError, Op, OpClass};
use crate::ops::typing::one;
use crate::ops::{Lower, Lowering, coords, literal};

/// Which axis of the operands is which.
struct Layout {
    /// Number of spatial axes.
    spatial: usize,
    /// First spatial axis of data and result.
    first: usize,
    /// Channels of data and result.
    channel: usize,
    /// First spatial axis of the weight.
    tap: usize,
    /// Input channels of the weight.
    input: usize,
    /// Output channels of the weight.
    output: usize,
}

fn layout(node: &crate::graph::Attrs, rank: usize) -> Layout {
    let spatial = rank - 2;
    match node.get_str("layout") {
        "nhwc" => Layout {
            spatial,
            first: 1,
            channel: rank - 1,
            tap: 0,
            input: spatial,
            output: spatial + 1,
        },
        _ => Layout { spatial, first: 2, channel: 1, tap: 2, input: 1, output: 0 },
    }
}

fn check_attrs(cx: &TypeCx<'_>, spatial: usize) -> Result<(), Diagnostic> {
    let layout = cx.attrs.get_str("layout");
    if layout != "nchw" && layout != "nhwc" {
        return Err(
            cx.fault("attribute", format_args!("`layout` is `{layout}`, but must be nchw or nhwc"))
        );
    }
    for (attr, want) in [("strides", spatial), ("dilations", spatial), ("pads", 2 * spatial)] {
        cx.lengths(attr, cx.attrs.get_ints(attr).len(), want)?;
    }
    let (strides, dilations) = (cx.attrs.get_ints("strides"), cx.attrs.get_ints("dilations"));
    if strides.iter().chain(dilations).any(|&n| n < 1) {
        return Err(cx.fault("attribute", "strides and dilations must be at least 1"));
    }
    if cx.attrs.get_int("groups") < 1 {
        return Err(cx.fault("attribute", "`groups` must be at least 1"));
    }
    Ok(())
}

fn types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let dtype = cx.one_dtype(&[0, 1])?;
    cx.number(0)?;
    let (x, w) = (cx.inputs[0], cx.inputs[1]);
    if !(3..=5).contains(&x.rank()) || w.rank() != x.rank() {
        let (x, w) = (cx.operand(0), cx.operand(1));
        let rule = "both must have the same rank, which must be 3, 4 or 5";
        return Err(cx.fault("shape", format_args!("{x} but {w}: {rule}")));
    }
    let at = layout(cx.attrs, x.rank());
    check_attrs(cx, at.spatial)?;
    let groups = cx.attrs.get_int("groups");
    cx.same_size((0, &x.dims[at.channel]), (1, &(&w.dims[at.input] * groups)))?;
    if !cx.divides(groups, &w.dims[at.output]) {
        let text = format!(
            "{} but its {} output channels are not a multiple of {groups} groups",
            cx.operand(1),
            w.dims[at.output]
        );
        return Err(cx.fault("shape", text));
    }
    let mut dims = x.dims.clone();
    dims[at.channel] = w.dims[at.output].clone();
    let (strides, dilations) = (cx.attrs.get_ints("strides"), cx.attrs.get_ints("dilations"));
    let pads = cx.attrs.get_ints("pads");
    for k in 0..at.spatial {
        let size = &x.dims[at.first + k] + (pads[k] + pads[at.spatial + k]);
        let span = &(&(&w.dims[at.tap + k] - 1) * dilations[k]) + 1;
        if !cx.at_most(&span, &size) {
            let text = format!(
                "{} but {}: a window of {span} does not fit into {size}",
                cx.operand(0),
                cx.operand(1)
            );
            return Err(cx.fault("shape", text));
        }
        dims[at.first + k] = &(&size - &span).floor_div(&Dim::constant(strides[k])) + 1;
    }
    one(dtype, dims)
}

/// A fold over taps and the channels of a group; what lies in the padding is a checked coordinate.
fn at(cx: &mut dyn Lowering, node: &Node, at: &[Dim]) -> Val {
    let (x, w) = (cx.dims(0), cx.dims(1));
    let axes = layout(&node.attrs, x.len());
    let (strides, dilations) = (node.attrs.get_ints("strides"), node.attrs.get_ints("dilations"));
    let (pads, groups) = (node.attrs.get_ints("pads"), node.attrs.get_int("groups"));
    let mut extents = w[axes.tap..axes.tap + axes.spatial].to_vec();
    extents.push(w[axes.input].clone());
    let output = &at[axes.channel];
    let group = match groups {
        1 => Dim::constant(0),
        _ => output.floor_div(&w[axes.output].floor_div(&Dim::constant(groups))),
    };
    let zero = literal(node.ty().dtype, 0.0);
    let padded = pads.iter().any(|&p| p > 0);
    let mut term = |cx: &mut dyn Lowering, folded: &[Dim]| {
        let inner = &folded[axes.spatial];
        let mut data = coords(at.to_vec());
        data[axes.channel].ix = &(&group * &w[axes.input]) + inner;
        let mut weight = coords(vec![Dim::constant(0); w.len()]);
        weight[axes.input].ix = inner.clone();
        weight[axes.output].ix = output.clone();
        for k in 0..axes.spatial {
            let from = &(&at[axes.first + k] * strides[k]) + &(&folded[k] * dilations[k]);
            let checked = pads[k] > 0 || pads[axes.spatial + k] > 0;
            data[axes.first + k] = Coord { ix: &from - pads[k], checked };
            weight[axes.tap + k].ix = folded[k].clone();
        }
        let x = cx.input(0, &data, padded.then_some(zero));
        let w = cx.input(1, &weight, None);
        vec![Val::Op(Math::Mul, vec![x, w])]
    };
    let sum = cx.fold(FoldKind::Sum, &extents, &mut term).remove(0);
    crate::ops::pointwise::narrow(node.ty().dtype, sum)
}

/// The sum over taps of the products of shifted data and the weight's matrix at the tap, group by group.
fn eval(cx: &EvalCx<'_>) -> Result<ArrayD<f64>, EvalError> {
    let attrs = &cx.node.attrs;
    let axes = layout(attrs, cx.inputs[0].ndim());
    let pads = attrs.get_ints("pads");
    let x = padded(cx.inputs[0], &axes, pads);
    let x = channels_last(&x, axes.channel);
    let w = taps_first(cx.inputs[1], &axes);
    let groups = attrs.get_int("groups") as usize;
    let (inner, outer) = (w.shape()[axes.spatial], w.shape()[axes.spatial + 1] / groups);
    let mut shape: Vec<usize> = vec![x.shape()[0]];
    shape.extend((0..axes.spatial).map(|k| cx.out_dims[axes.first + k]));
    let pixels: usize = shape.iter().product();
    let mut sum = ndarray::Array2::<f64>::zeros((pixels, outer * groups));
    for tap in ndarray::indices(&w.shape()[..axes.spatial]) {
        let tap = tap.slice().to_vec();
        let seen = shifted(&x, attrs, &tap, &shape[1..]);
        let seen = seen.into_shape_with_order((pixels, inner * groups)).map_err(|e| cx.fault(e))?;
        let mut weight = w.view();
        for &t in &tap {
            weight = weight.index_axis_move(Axis(0), t);
        }
        for g in 0..groups {
            let data = seen.slice_axis(Axis(1), Slice::from(g * inner..(g + 1) * inner));
            let columns = weight.slice_axis(Axis(1), Slice::from(g * outer..(g + 1) * outer));
            let columns = columns.into_dimensionality().map_err(|e| cx.fault(e))?;
            let mut into = sum.slice_axis_mut(Axis(1), Slice::from(g * outer..(g + 1) * outer));
            into += &data.dot::<ndarray::ArrayView2<'_, f64>>(&columns);
        }
    }
    shape.push(outer * groups);
    let dtype = cx.dtype();
    if !dtype.is_float() {
        sum.mapv_inplace(|v| crate::ops::element::wrap(dtype, v as i64));
    }
    let result = sum.into_shape_with_order(IxDyn(&shape)).map_err(|e| cx.fault(e))?;
    Ok(match axes.channel {
        1 => {
            let mut order: Vec<usize> = vec![0, shape.len() - 1];
            order.extend(1..shape.len() - 1);
            result.permuted_axes(IxDyn(&order)).as_standard_layout().into_owned()
        }
        _ => result,
    })
}

fn padded(x: &ArrayD<f64>, axes: &Layout, pads: &[i64]) -> ArrayD<f64> {
    let (mut shape, mut low) = (x.shape().to_vec(), vec![0; x.ndim()]);
    for k in 0..axes.spatial {
        let size = shape[axes.first + k] as i64 + pads[k] + pads[axes.spatial + k];
        shape[axes.first + k] = size.max(0) as usize;
        low[axes.first + k] = pads[k];
    }
    crate::ops::views::eval::padded(x, &low, &shape, 0.0)
}

fn channels_last(x: &ArrayD<f64>, channel: usize) -> ArrayD<f64> {
    let mut order: Vec<usize> = (0..x.ndim()).filter(|&axis| axis != channel).collect();
    order.push(channel);
    x.view().permuted_axes(IxDyn(&order)).as_standard_layout().into_owned()
}

fn taps_first(w: &ArrayD<f64>, axes: &Layout) -> ArrayD<f64> {
    let mut order: Vec<usize> = (axes.tap..axes.tap + axes.spatial).collect();
    order.extend([axes.input, axes.output]);
    w.view().permuted_axes(IxDyn(&order)).as_standard_layout().into_owned()
}

/// The data that a tap sees for every element of the result.
fn shifted(
    x: &ArrayD<f64>,
    attrs: &crate::graph::Attrs,
    tap: &[usize],
    out: &[usize],
) -> ArrayD<f64> {
    let (strides, dilations) = (attrs.get_ints("strides"), attrs.get_ints("dilations"));
    let mut view = x.view();
    for k in 0..tap.len() {
        let start = tap[k] * dilations[k] as usize;
        let end = start + (out[k].max(1) - 1) * strides[k] as usize + 1;
        view.slice_axis_inplace(
            Axis(k + 1),
            Slice::new(start as isize, Some(end as isize), strides[k] as isize),
        );
    }
    view.as_standard_layout().into_owned()
}

/// Convolution.
pub(super) static CONV: Op = Op::new(
    "conv",
    "Convolution of data with a weight over 1 to 3 spatial axes. `layout` nchw: data `[N, C, spatial..]`, weight \
     `[O, C / groups, spatial..]`; nhwc: data `[N, spatial.., C]`, weight `[spatial.., C / groups, O]`. `pads` are all low ones, \
     then all high ones; outside the data is 0.",
    OpClass::Contract,
    Arity::Exactly(2),
)
.window_operand(1)
.attrs(&[
    AttrSpec::required("strides", AttrKind::Ints),
    AttrSpec::required("pads", AttrKind::Ints),
    AttrSpec::required("dilations", AttrKind::Ints),
    AttrSpec::required("groups", AttrKind::Int),
    AttrSpec::required("layout", AttrKind::Str),
])
.types(types)
.eval(eval)
.lower(Lower::At(at))
.cases(cases::conv);
