//! Resizing by interpolation, an axis at a time. Where the sizes are known, indices and weights are computed here in f64.

use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::case::Case;
use super::element;
use super::row::Op;
use super::shorthand::{float_or, ints_or, str_or};
use super::typing::converted;
use crate::graph::{AttrKind, AttrSpec, Attrs, Builder, Node, NodeId};

mod symbolic;

type Value = Result<NodeId, Diagnostic>;

/// The family.
pub(super) static ALL: &[&Op] = &[&RESIZE];

/// Words that the attributes may hold.
const MODES: &[&str] = &["nearest", "linear", "cubic"];
const COORDINATES: &[&str] =
    &["half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric"];
const ROUNDINGS: &[&str] = &["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

/// How elements are found and weighed.
struct Plan<'a> {
    mode: &'a str,
    coordinate: &'a str,
    rounding: &'a str,
    cubic: f64,
}

fn word<'a>(
    b: &Builder,
    node: &'a Node,
    attr: &str,
    known: &[&'static str],
) -> Result<&'a str, Diagnostic> {
    let given = str_or(node, attr, known[0]);
    if known.contains(&given) {
        return Ok(given);
    }
    let rule = format!("`{attr}` is `{given}`, but must be one of {}", known.join(", "));
    Err(b.fault("resize", "attribute", rule))
}

impl Plan<'_> {
    /// The place in the operand that element `i` of the result stands for.
    fn position(&self, i: f64, from: f64, to: f64, scale: f64) -> f64 {
        match self.coordinate {
            "asymmetric" => i / scale,
            "align_corners" => i * (from - 1.0) / (to - 1.0).max(1.0),
            "pytorch_half_pixel" if to <= 1.0 => 0.0,
            "half_pixel_symmetric" => {
                let offset = from / 2.0 * (1.0 - to / (from * scale));
                offset + (i + 0.5) / scale - 0.5
            }
            _ => (i + 0.5) / scale - 0.5,
        }
    }

    /// The nearest element to a place.
    fn nearest(&self, place: f64) -> f64 {
        match self.rounding {
            "floor" => place.floor(),
            "ceil" => place.ceil(),
            "round_prefer_ceil" => (place + 0.5).floor(),
            _ => (place - 0.5).ceil(),
        }
    }

    /// The elements around a place that count, as distances from the one below it, with their weights at a fraction.
    fn taps(&self, fraction: f64) -> Vec<(f64, f64)> {
        match self.mode {
            "linear" => vec![(0.0, 1.0 - fraction), (1.0, fraction)],
            _ => [-1.0, 0.0, 1.0, 2.0].map(|at| (at, self.weight((at - fraction).abs()))).to_vec(),
        }
    }

    /// The cubic kernel of Keys (1981) at a distance.
    fn weight(&self, d: f64) -> f64 {
        let a = self.cubic;
        if d <= 1.0 {
            ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0
        } else if d < 2.0 {
            ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a
        } else {
            0.0
        }
    }
}

/// An axis read at constant indices: repeats and steps are views, anything else a gather.
fn picked(b: &mut Builder, x: NodeId, axis: usize, index: &[f64]) -> Value {
    let at = axis as i64;
    let from = b.dims(x)[axis].as_const().unwrap_or(0);
    let to = index.len() as i64;
    if from > 0
        && to % from == 0
        && index.iter().zip(0..).all(|(&k, i): (_, i64)| k as i64 == i / (to / from))
    {
        if to == from {
            return Ok(x);
        }
        let attrs = Attrs::new().int("axis", at).int("repeats", to / from);
        return b.add("repeat_interleave", &[x], attrs);
    }
    let step = if to > 1 { (index[1] - index[0]) as i64 } else { 1 };
    let first = index.first().map_or(0, |&k| k as i64);
    if step > 0 && index.iter().zip(0..).all(|(&k, i): (_, i64)| k as i64 == first + step * i) {
        let end = Dim::constant(first + step * (to - 1) + 1);
        return b.slice_axis(x, at, &Dim::constant(first), &end, step);
    }
    let index = b.constant_of(DType::I64, &[index.len()], index)?;
    b.gather(x, index, at)
}

/// One number an element of an axis, shaped to broadcast along it.
fn along(b: &mut Builder, weights: NodeId, axis: usize, rank: usize) -> Value {
    let mut dims = b.dims(weights);
    dims.extend(std::iter::repeat_n(Dim::constant(1), rank - axis - 1));
    b.reshape(weights, &dims)
}

/// Adds a weighed part to a sum that may not have begun.
fn accumulated(
    b: &mut Builder,
    sum: Option<NodeId>,
    part: NodeId,
    weight: NodeId,
    axis: usize,
) -> Value {
    let rank = b.rank(part);
    let weight = along(b, weight, axis, rank)?;
    let part = b.binary("mul", part, weight)?;
    match sum {
        None => Ok(part),
        Some(sum) => b.binary("add", sum, part),
    }
}

fn constant_axis(
    b: &mut Builder,
    plan: &Plan<'_>,
    x: NodeId,
    axis: usize,
    sizes: (i64, i64),
    scale: f64,
) -> Value {
    let (from, to) = (sizes.0 as f64, sizes.1 as f64);
    let places: Vec<f64> = (0..sizes.1).map(|i| plan.position(i as f64, from, to, scale)).collect();
    let inside = |k: f64| k.clamp(0.0, from - 1.0);
    if plan.mode == "nearest" {
        let index: Vec<f64> = places.iter().map(|&place| inside(plan.nearest(place))).collect();
        return picked(b, x, axis, &index);
    }
    let taps: Vec<Vec<(f64, f64)>> =
        places.iter().map(|place| plan.taps(place - place.floor())).collect();
    let mut sum = None;
    for k in 0..taps.first().map_or(0, Vec::len) {
        let index: Vec<f64> = places
            .iter()
            .zip(&taps)
            .map(|(place, taps)| inside(place.floor() + taps[k].0))
            .collect();
        let weights: Vec<f64> = taps.iter().map(|taps| taps[k].1).collect();
        let part = picked(b, x, axis, &index)?;
        let weights = b.constant_of(b.dtype(x), &[weights.len()], &weights)?;
        sum = Some(accumulated(b, sum, part, weights, axis)?);
    }
    sum.map_or(Ok(x), Ok)
}

fn resize(b: &mut Builder, node: &Node, x: &[NodeId]) -> Value {
    let plan = Plan {
        mode: word(b, node, "mode", MODES)?,
        coordinate: word(b, node, "coordinate", COORDINATES)?,
        rounding: word(b, node, "rounding", ROUNDINGS)?,
        cubic: float_or(node, "cubic", -0.75),
    };
    if plan.mode != "nearest" && !b.dtype(x[0]).is_float() {
        let rule = converted!("it must be a float to be interpolated", "it");
        return Err(b.fault("resize", "dtype", format_args!("{}: {rule}", b.describe(x[0]))));
    }
    let sizes = node.attrs.get_dims("sizes");
    let trailing: Vec<i64> = (1..=sizes.len() as i64).rev().map(|k| -k).collect();
    let axes = ints_or(node, "axes", &trailing);
    let scales = match node.attrs.get("scales") {
        Some(_) => element::values(node.attrs.get_tensor("scales")),
        None => Vec::new(),
    };
    if axes.len() != sizes.len() || !(scales.is_empty() || scales.len() == sizes.len()) {
        return Err(b.fault(
            "resize",
            "attribute",
            "`sizes`, `axes` and `scales` must have as many entries",
        ));
    }
    let mut value = x[0];
    for (k, to) in sizes.iter().enumerate() {
        let axis = b.axis("resize", value, axes[k])?;
        let from = b.dims(value)[axis].clone();
        let scale = scales.get(k).copied();
        if from == *to && scale.is_none_or(|s| s == 1.0) {
            continue;
        }
        value = match (from.as_const(), to.as_const()) {
            (Some(from), Some(to)) => {
                let scale = scale.unwrap_or(to as f64 / from as f64);
                constant_axis(b, &plan, value, axis, (from, to), scale)?
            }
            _ => symbolic::axis(b, &plan, value, axis, to, scale)?,
        };
    }
    Ok(value)
}

static RESIZE: Op = Op::composite(
    "resize",
    "Axes (`axes`, the last ones unless given) brought to `sizes` by nearest, linear or cubic interpolation (`mode`). `coordinate` maps \
     a place of the result to one of the operand as ONNX `Resize` defines: half_pixel, pytorch_half_pixel, half_pixel_symmetric, \
     align_corners or asymmetric. `rounding` serves nearest; `scales` replace the quotients of sizes in these formulas; `cubic` is the \
     kernel's coefficient, -0.75 unless given.",
    1,
    resize,
)
.attrs(&[
    AttrSpec::required("sizes", AttrKind::Dims),
    AttrSpec::optional("axes", AttrKind::Ints),
    AttrSpec::optional("scales", AttrKind::Tensor),
    AttrSpec::optional("mode", AttrKind::Str),
    AttrSpec::optional("coordinate", AttrKind::Str),
    AttrSpec::optional("rounding", AttrKind::Str),
    AttrSpec::optional("cubic", AttrKind::Float),
])
.cases(|| {
    let to = |sizes: &[i64]| {
        let sizes: Vec<Dim> = sizes.iter().map(|&n| Dim::constant(n)).collect();
        Attrs::new().dims("sizes", &sizes)
    };
    let image = || Case::new().f32(&[1, 2, 4, 5]);
    let n = || vec![2i64.into(), Dim::sym("n")];
    let grown = Attrs::new().dims("sizes", &[Dim::sym("n") * 2i64]);
    let real = super::case::Domain::Real(-2.0, 2.0);
    let open = || Case::new().symbolic(DType::F32, n(), real.clone()).size("n", 5);
    vec![
        image().with(to(&[8, 10])),
        image().with(to(&[7, 3]).str("rounding", "floor").str("coordinate", "asymmetric")),
        image().with(to(&[8, 8]).str("mode", "linear")),
        image().with(to(&[3, 9]).str("mode", "linear").str("coordinate", "align_corners")),
        image().with(to(&[8, 7]).str("mode", "cubic")),
        open().with(grown.clone().str("rounding", "floor").str("coordinate", "asymmetric")),
        open().with(grown.clone().str("mode", "linear")),
        open().with(grown.str("mode", "cubic").str("coordinate", "align_corners")),
    ]
});
