//! Resizing whose every result is a weighted sum along each axis: with a filter that is widened against aliasing, with
//! weights that leave the outside out, or of a region of the data.
//!
//! Where the sizes are fixed, the weights are known while the file is read: an axis is a product with a constant matrix.

use ferrodyne_compiler::graph::NodeId;
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::{DType, Diagnostic, Dim, HostTensor};

use super::resize::Target;
use super::resize_open;
use crate::context::{Cx, Results};
use crate::value::Value;

/// The coordinates of a region of the data.
const CROP: &str = "tf_crop_and_resize";

/// Whether a node asks for weights that the operator `resize` does not have.
pub(super) fn is_needed(cx: &Cx<'_>) -> bool {
    cx.flag("antialias") || cx.flag("exclude_outside") || is_crop(cx)
}

fn is_crop(cx: &Cx<'_>) -> bool {
    cx.text("coordinate_transformation_mode").as_deref() == Some(CROP)
}

/// How the weights along an axis are made.
pub(super) struct Filter {
    pub(super) mode: String,
    pub(super) coordinate: String,
    pub(super) rounding: String,
    pub(super) cubic: f64,
    pub(super) antialias: bool,
    pub(super) exclude_outside: bool,
}

/// An axis: its size before and after, the ratio of both as it is asked for, and the region that is resized.
struct Axis {
    from: usize,
    to: usize,
    scale: f64,
    region: (f64, f64),
}

impl Axis {
    /// The place in the data that an element of the result stands for; none outside of the data where only the region is read.
    fn position(&self, coordinate: &str, i: usize) -> Option<f64> {
        let (i, from, to) = (i as f64, self.from as f64, self.to as f64);
        let centre = (i + 0.5) / self.scale - 0.5;
        Some(match coordinate {
            "half_pixel" => centre,
            "pytorch_half_pixel" if self.to <= 1 => 0.0,
            "pytorch_half_pixel" => centre,
            "half_pixel_symmetric" => {
                let adjustment = to / (self.scale * from);
                from / 2.0 * (1.0 - adjustment) + centre
            }
            "asymmetric" => i / self.scale,
            "align_corners" => i * (from - 1.0) / (to - 1.0).max(1.0),
            _ => {
                let (start, end) = self.region;
                let share = if self.to > 1 { i / (to - 1.0) } else { 0.5 };
                let at = (start + share * (end - start)) * (from - 1.0);
                return (0.0..=from - 1.0).contains(&at).then_some(at);
            }
        })
    }
}

impl Filter {
    fn of(cx: &Cx<'_>) -> Filter {
        let text = |name: &str, default: &str| cx.text(name).unwrap_or_else(|| default.to_owned());
        Filter {
            mode: text("mode", "nearest"),
            coordinate: text("coordinate_transformation_mode", "half_pixel"),
            rounding: text("nearest_mode", "round_prefer_floor"),
            cubic: cx.float("cubic_coeff_a").unwrap_or(-0.75),
            antialias: cx.flag("antialias"),
            exclude_outside: cx.flag("exclude_outside"),
        }
    }

    /// Whether a region of the data is resized.
    pub(super) fn is_crop(&self) -> bool {
        self.coordinate == CROP
    }

    /// The distance from which on weights are 0, where the filter is not widened.
    pub(super) fn reach(&self) -> f64 {
        if self.mode == "cubic" { 2.0 } else { 1.0 }
    }

    /// The weight of an element at a distance.
    fn weight(&self, distance: f64) -> f64 {
        let (x, a) = (distance.abs(), self.cubic);
        match self.mode.as_str() {
            "cubic" if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            "cubic" if x < 2.0 => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
            "cubic" => 0.0,
            _ => (1.0 - x).max(0.0),
        }
    }

    /// The element nearest to a place.
    fn nearest(&self, at: f64) -> f64 {
        match self.rounding.as_str() {
            "floor" => at.floor(),
            "ceil" => at.ceil(),
            "round_prefer_ceil" => (at + 0.5).floor(),
            _ => (at - 0.5).ceil(),
        }
    }

    /// The weights of all elements of the data for one of the result, and whether it lies outside of the data.
    fn row(&self, axis: &Axis, i: usize) -> (Vec<f64>, bool) {
        let mut row = vec![0.0; axis.from];
        let Some(at) = axis.position(&self.coordinate, i) else { return (row, true) };
        let last = axis.from.saturating_sub(1) as f64;
        if self.mode == "nearest" {
            row[self.nearest(at).clamp(0.0, last) as usize] = 1.0;
            return (row, false);
        }
        let reach = self.reach();
        let shrink = if self.antialias { axis.scale.min(1.0) } else { 1.0 };
        let (first, end) = ((at - reach / shrink).floor(), (at + reach / shrink).ceil());
        let mut place = first;
        let mut sum = 0.0;
        while place <= end {
            let inside = (0.0..=last).contains(&place);
            if inside || !self.exclude_outside {
                let weight = self.weight((place - at) * shrink);
                row[place.clamp(0.0, last) as usize] += weight;
                sum += weight;
            }
            place += 1.0;
        }
        row.iter_mut().for_each(|weight| *weight /= sum);
        (row, false)
    }
}

/// Resizes axis by axis.
pub(super) fn resize(cx: &mut Cx<'_>, x: &Value, target: &Target) -> Results {
    let filter = Filter::of(cx);
    if !matches!(filter.mode.as_str(), "nearest" | "linear" | "cubic") {
        return Err(cx.fault(format_args!("mode `{}` is unknown", filter.mode)));
    }
    let known = |dim: &Dim| dim.as_const().and_then(|size| usize::try_from(size).ok());
    let region = match is_crop(cx) {
        true => cx.numbers(1, "`roi`")?.ok_or_else(|| cx.fault("`roi` is missing"))?,
        false => [vec![0.0; target.axes.len()], vec![1.0; target.axes.len()]].concat(),
    };
    if region.len() != 2 * target.axes.len() {
        let want = 2 * target.axes.len();
        return Err(cx.fault(format_args!("`roi` must have {want} entries, not {}", region.len())));
    }
    let dtype = x.dtype();
    let node = x.on_graph(cx.m)?;
    let mut result = cx.m.b.cast(node, DType::F32)?;
    for (k, &axis) in target.axes.iter().enumerate() {
        let (before, after) = (&x.dims()[axis], &target.sizes[k]);
        let (scale, region) =
            (target.scales.get(k).copied(), (region[k], region[k + target.axes.len()]));
        let (Some(from), Some(to)) = (known(before), known(after)) else {
            if before != after || scale.is_some_and(|s| s != 1.0) || region != (0.0, 1.0) {
                let sizes = resize_open::Axis { from: before, to: after, scale, region };
                result = resize_open::along(cx, result, axis, &filter, &sizes)?;
            }
            continue;
        };
        let scale = scale.unwrap_or(to as f64 / from as f64);
        if from == to && scale == 1.0 && region == (0.0, 1.0) {
            continue;
        }
        if from == 0 {
            return Err(cx.fault(format_args!("axis {axis} is empty")));
        }
        result = along(cx, result, axis, &filter, &Axis { from, to, scale, region })?;
    }
    let result = cx.m.b.cast(result, dtype)?;
    cx.done(result)
}

/// Resizes one axis: a product with the matrix of weights; results outside of the data are the number given for them.
fn along(
    cx: &mut Cx<'_>,
    x: NodeId,
    axis: usize,
    filter: &Filter,
    sizes: &Axis,
) -> Result<NodeId, Diagnostic> {
    let rows: Vec<(Vec<f64>, bool)> = (0..sizes.to).map(|i| filter.row(sizes, i)).collect();
    // Columns are results, so that the matrix stands right of the data.
    let weights: Vec<f64> =
        (0..sizes.from).flat_map(|j| rows.iter().map(move |(row, _)| row[j])).collect();
    let tensor = element::host(DType::F32, &[sizes.from, sizes.to], &weights);
    let output = cx.node.output.first().cloned().unwrap_or_default();
    let name = format!("{output}/weights_{axis}");
    let weights = Value::constant(&name, HostTensor::clone(&tensor)).on_graph(cx.m)?;
    let turned = cx.m.b.transpose(x, axis as i64, -1)?;
    let mut product = cx.m.b.matmul(turned, weights)?;
    if rows.iter().any(|(_, outside)| *outside) {
        let outside = cx.float("extrapolation_value").unwrap_or(0.0);
        let added: Vec<f64> =
            rows.iter().map(|(_, out)| if *out { outside } else { 0.0 }).collect();
        let added = cx.m.b.constant_of(DType::F32, &[sizes.to], &added)?;
        product = cx.m.b.binary("add", product, added)?;
    }
    cx.m.b.transpose(product, axis as i64, -1)
}
