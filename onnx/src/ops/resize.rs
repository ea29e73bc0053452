//! Resizing by interpolation.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use super::resize_filter as filter;
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("Resize", &[10, 11, 13, 18, 19], "", resize).limits("sizes may not be data"),
    Row::new("Upsample", &[7, 9], "", resize),
];

/// The largest denominator of a scale that is applied to a symbolic size.
const MAX_DENOMINATOR: i64 = 64;

/// Which axes get which sizes.
pub(super) struct Target {
    pub(super) axes: Vec<usize>,
    pub(super) sizes: Vec<Dim>,
    /// Scales as the file gives them; empty where it gives sizes.
    pub(super) scales: Vec<f64>,
}

/// A size times a scale, rounded down.
fn scaled(cx: &Cx<'_>, size: &Dim, scale: f64) -> Result<Dim, Diagnostic> {
    if !(scale.is_finite() && scale > 0.0) {
        return Err(cx.fault(format_args!("a scale of {scale}")));
    }
    if let Some(size) = size.as_const() {
        return Ok(Dim::constant((size as f64 * scale).floor() as i64));
    }
    let whole = |q: &i64| {
        let p = scale * *q as f64;
        (p - p.round()).abs() < 1e-6 * p
    };
    let denominator = (1..=MAX_DENOMINATOR).find(whole);
    let Some(q) = denominator else {
        return Err(cx.unsupported(format_args!("a scale of {scale} for a symbolic size")));
    };
    let p = (scale * q as f64).round() as i64;
    Ok(cx.facts().simplify(&(size * p).floor_div(&Dim::constant(q))))
}

fn target(cx: &Cx<'_>, x: &Value) -> Result<Target, Diagnostic> {
    let axes = match cx.ints("axes") {
        Some(axes) if !axes.is_empty() => cx.axes(&axes, x.rank())?,
        _ => (0..x.rank()).collect(),
    };
    // Before version 11 the scales are the second operand, after it the third; an empty tensor is an absent one.
    let upsample_7 = cx.floats("scales");
    let place = if cx.opset < 11 { 1 } else { 2 };
    let scales = match upsample_7 {
        Some(scales) => Some(scales),
        None => cx.numbers(place, "scales")?.filter(|scales| !scales.is_empty()),
    };
    if let Some(scales) = scales {
        if scales.len() != axes.len() {
            let (got, want) = (scales.len(), axes.len());
            return Err(cx.fault(format_args!("{got} scales for {want} axes")));
        }
        let sizes = axes.iter().zip(&scales).map(|(&axis, &by)| scaled(cx, &x.dims()[axis], by));
        let sizes = sizes.collect::<Result<_, _>>()?;
        return Ok(Target { axes, sizes, scales });
    }
    let sizes = cx.sizes(3, "sizes")?.ok_or_else(|| cx.fault("scales and sizes are missing"))?;
    if sizes.len() != axes.len() {
        let (got, want) = (sizes.len(), axes.len());
        return Err(cx.fault(format_args!("{got} sizes for {want} axes")));
    }
    let policy = cx.text("keep_aspect_ratio_policy").unwrap_or_else(|| "stretch".to_owned());
    match policy.as_str() {
        "stretch" => Ok(Target { axes, sizes, scales: Vec::new() }),
        "not_larger" => keeping_ratio(cx, x, axes, &sizes, f64::min),
        "not_smaller" => keeping_ratio(cx, x, axes, &sizes, f64::max),
        other => Err(cx.fault(format_args!("keep_aspect_ratio_policy `{other}` is unknown"))),
    }
}

/// One scale for all axes: the least or the greatest that the sizes ask for.
fn keeping_ratio(
    cx: &Cx<'_>,
    x: &Value,
    axes: Vec<usize>,
    sizes: &[Dim],
    choose: fn(f64, f64) -> f64,
) -> Result<Target, Diagnostic> {
    let from: Option<Vec<i64>> = axes.iter().map(|&axis| x.dims()[axis].as_const()).collect();
    let to: Option<Vec<i64>> = sizes.iter().map(Dim::as_const).collect();
    let (Some(from), Some(to)) = (from, to) else {
        return Err(cx.unsupported("keeping the ratio of symbolic sizes"));
    };
    let ratios = from.iter().zip(&to).map(|(&from, &to)| to as f64 / from as f64);
    let scale = ratios.reduce(choose).unwrap_or(1.0);
    let rounded = |&from: &i64| Dim::constant((scale * from as f64 + 0.5).floor() as i64);
    let sizes = from.iter().map(rounded).collect();
    let scales = vec![scale; axes.len()];
    Ok(Target { axes, sizes, scales })
}

fn attributes(cx: &Cx<'_>) -> Result<Attrs, Diagnostic> {
    let old = cx.opset < 11;
    let mode = match cx.text("mode").as_deref() {
        None | Some("nearest") => "nearest",
        Some("linear" | "bilinear") => "linear",
        Some("cubic") => "cubic",
        Some(other) => return Err(cx.fault(format_args!("mode `{other}` is unknown"))),
    };
    let coordinate = match cx.text("coordinate_transformation_mode").as_deref() {
        None if old => "asymmetric",
        None => "half_pixel",
        Some("tf_half_pixel_for_nn") => return Err(cx.unsupported("`tf_half_pixel_for_nn`")),
        Some("half_pixel") => "half_pixel",
        Some("half_pixel_symmetric") => "half_pixel_symmetric",
        Some("pytorch_half_pixel") => "pytorch_half_pixel",
        Some("align_corners") => "align_corners",
        Some("asymmetric") => "asymmetric",
        Some(other) => {
            return Err(
                cx.fault(format_args!("coordinate_transformation_mode `{other}` is unknown"))
            );
        }
    };
    let rounding = cx.text("nearest_mode");
    let rounding = rounding.as_deref().unwrap_or(if old { "floor" } else { "round_prefer_floor" });
    let cubic = cx.float("cubic_coeff_a").unwrap_or(-0.75);
    let attrs = Attrs::new().str("mode", mode).str("coordinate", coordinate);
    Ok(attrs.str("rounding", rounding).float("cubic", cubic))
}

fn resize(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.value(0)?;
    let target = target(cx, &x)?;
    if filter::is_needed(cx) {
        return filter::resize(cx, &x, &target);
    }
    let Target { mut axes, mut sizes, mut scales } = target;
    for k in (0..axes.len()).rev() {
        let same = sizes[k] == x.dims()[axes[k]] && scales.get(k).is_none_or(|&s| s == 1.0);
        if same {
            axes.remove(k);
            sizes.remove(k);
            if !scales.is_empty() {
                scales.remove(k);
            }
        }
    }
    if axes.is_empty() {
        return Ok(vec![x]);
    }
    let axes: Vec<i64> = axes.iter().map(|&axis| axis as i64).collect();
    let mut attrs = attributes(cx)?.ints("axes", &axes).dims("sizes", &sizes);
    if !scales.is_empty() {
        attrs = attrs.tensor("scales", element::host(DType::F32, &[scales.len()], &scales));
    }
    let node = x.on_graph(cx.m)?;
    cx.add("resize", &[node], attrs)
}
