//! Samples of images at places that are data.

use ferrodyne_compiler::graph::{Builder, NodeId};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use crate::context::{Cx, Results};

pub(super) static ALL: &[Row] = &[Row::new("GridSample", &[16, 20, 22], "", grid_sample)];

type Made = Result<NodeId, Diagnostic>;

/// The coefficient of the cubic kernel.
const CUBIC: f64 = -0.75;

/// What the attributes say.
struct Sampling {
    mode: Mode,
    padding: Padding,
    align_corners: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Nearest,
    Linear,
    Cubic,
}

#[derive(Clone, Copy, PartialEq)]
enum Padding {
    Zeros,
    Border,
    Reflection,
}

impl Sampling {
    fn of(cx: &Cx<'_>) -> Result<Sampling, Diagnostic> {
        let text = |name: &str, default: &str| cx.text(name).unwrap_or_else(|| default.to_owned());
        let mode = match text("mode", "linear").as_str() {
            "nearest" => Mode::Nearest,
            "linear" | "bilinear" => Mode::Linear,
            "cubic" | "bicubic" => Mode::Cubic,
            other => return Err(cx.fault(format_args!("mode `{other}` is unknown"))),
        };
        let padding = match text("padding_mode", "zeros").as_str() {
            "zeros" => Padding::Zeros,
            "border" => Padding::Border,
            "reflection" => Padding::Reflection,
            other => return Err(cx.fault(format_args!("padding_mode `{other}` is unknown"))),
        };
        Ok(Sampling { mode, padding, align_corners: cx.flag("align_corners") })
    }

    /// A coordinate of -1 to 1 as a place along an axis.
    fn place(&self, b: &mut Builder, coordinate: NodeId, size: &Dim) -> Made {
        let moved = b.with_number("add", coordinate, 1.0)?;
        if self.align_corners {
            let last = b.size(&(size - 1), DType::F32)?;
            let scaled = b.binary("mul", moved, last)?;
            return b.with_number("mul", scaled, 0.5);
        }
        let size = b.size(size, DType::F32)?;
        let scaled = b.binary("mul", moved, size)?;
        let scaled = b.with_number("sub", scaled, 1.0)?;
        b.with_number("mul", scaled, 0.5)
    }

    /// The elements along an axis that count at a place.
    fn taps(&self, b: &mut Builder, place: NodeId, size: &Dim) -> Result<Vec<Tap>, Diagnostic> {
        if self.mode == Mode::Nearest {
            let nearest = b.unary("round", place)?;
            return Ok(vec![self.tap(b, nearest, size, None)?]);
        }
        let below = b.unary("floor", place)?;
        let fraction = b.binary("sub", place, below)?;
        let rest = b.number_with("sub", 1.0, fraction)?;
        let weighed = match self.mode {
            Mode::Cubic => {
                let (before, after) =
                    (b.with_number("add", fraction, 1.0)?, b.with_number("add", rest, 1.0)?);
                let (a, near) = (CUBIC, [CUBIC + 2.0, -(CUBIC + 3.0), 0.0, 1.0]);
                let far = [a, -5.0 * a, 8.0 * a, -4.0 * a];
                vec![
                    (-1.0, b.polynomial(before, &far)?),
                    (0.0, b.polynomial(fraction, &near)?),
                    (1.0, b.polynomial(rest, &near)?),
                    (2.0, b.polynomial(after, &far)?),
                ]
            }
            _ => vec![(0.0, rest), (1.0, fraction)],
        };
        let mut taps = Vec::new();
        for (at, weight) in weighed {
            let place = b.with_number("add", below, at)?;
            taps.push(self.tap(b, place, size, Some(weight))?);
        }
        Ok(taps)
    }

    /// An element at a whole place, which may lie outside.
    fn tap(
        &self,
        b: &mut Builder,
        place: NodeId,
        size: &Dim,
        weight: Option<NodeId>,
    ) -> Result<Tap, Diagnostic> {
        let last = b.size(&(size - 1), DType::F32)?;
        let inside = match self.padding {
            Padding::Zeros => {
                let (from, to) = (b.with_number("ge", place, 0.0)?, b.binary("le", place, last)?);
                Some(b.binary("and", from, to)?)
            }
            _ => None,
        };
        let place = match self.padding {
            Padding::Reflection => self.reflected(b, place, size)?,
            _ => place,
        };
        let low = b.with_number("max", place, 0.0)?;
        let place = b.binary("min", low, last)?;
        Ok(Tap { index: b.cast(place, DType::I64)?, weight, inside })
    }

    /// A place brought inside by reflection at the ends: the middles of the outer elements, or their outer edges.
    fn reflected(&self, b: &mut Builder, place: NodeId, size: &Dim) -> Made {
        let (edge, period) = if self.align_corners { (0.0, size - 1) } else { (0.5, size.clone()) };
        let period = b.size(&period, DType::F32)?;
        let period = b.with_number("max", period, 1.0)?;
        let from_edge = b.with_number("add", place, edge)?;
        let distance = b.unary("abs", from_edge)?;
        let turns = b.binary("div", distance, period)?;
        let turns = b.unary("floor", turns)?;
        let whole = b.binary("mul", turns, period)?;
        let rest = b.binary("sub", distance, whole)?;
        let half = b.with_number("mul", turns, 0.5)?;
        let even = b.unary("floor", half)?;
        let is_even = b.binary("eq", half, even)?;
        let back = b.binary("sub", period, rest)?;
        let at = b.select(is_even, rest, back)?;
        b.with_number("sub", at, edge)
    }
}

/// An element along an axis that counts: where, how much (1 if there is no weight), and whether it is one of the image at all.
struct Tap {
    index: NodeId,
    weight: Option<NodeId>,
    inside: Option<NodeId>,
}

/// The joint of what two axes say, where they say something.
fn both(
    b: &mut Builder,
    op: &str,
    x: Option<NodeId>,
    y: Option<NodeId>,
) -> Result<Option<NodeId>, Diagnostic> {
    match (x, y) {
        (Some(x), Some(y)) => b.binary(op, x, y).map(Some),
        (x, y) => Ok(x.or(y)),
    }
}

/// All combinations of the taps of several axes, with indices in row-major order.
fn combined(b: &mut Builder, axes: Vec<(Dim, Vec<Tap>)>) -> Result<Vec<Tap>, Diagnostic> {
    let mut all: Vec<Tap> = Vec::new();
    for (k, (size, taps)) in axes.into_iter().enumerate() {
        if k == 0 {
            all = taps;
            continue;
        }
        let size = b.size(&size, DType::I64)?;
        let mut next = Vec::new();
        for outer in &all {
            let rows = b.binary("mul", outer.index, size)?;
            for tap in &taps {
                next.push(Tap {
                    index: b.binary("add", rows, tap.index)?,
                    weight: both(b, "mul", outer.weight, tap.weight)?,
                    inside: both(b, "and", outer.inside, tap.inside)?,
                });
            }
        }
        all = next;
    }
    Ok(all)
}

fn grid_sample(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let (x, grid) = (cx.x(0)?, cx.x(1)?);
    let sampling = Sampling::of(cx)?;
    let (dims, places) = (cx.m.b.dims(x), cx.m.b.dims(grid));
    let spatial = dims.len().saturating_sub(2);
    let coordinates = places.last().and_then(Dim::as_const);
    if spatial == 0 || places.len() != dims.len() || coordinates != Some(spatial as i64) {
        let (x, grid) = (cx.m.b.describe(x), cx.m.b.describe(grid));
        return Err(cx.fault(format_args!("{x} but {grid}: it must be [N, .., {spatial}]")));
    }
    let b = &mut cx.m.b;
    let dtype = b.dtype(x);
    let grid = b.cast(grid, DType::F32)?;
    let count: Dim = places[1..=spatial].iter().cloned().product();
    let row = [places[0].clone(), Dim::constant(1), count];
    let mut axes = Vec::new();
    for (axis, size) in dims[2..].iter().enumerate() {
        // The last coordinate is that of the first axis.
        let from = Dim::from(spatial - 1 - axis);
        let coordinate = b.slice_axis(grid, -1, &from, &(&from + 1), 1)?;
        let coordinate = b.reshape(coordinate, &row)?;
        let place = sampling.place(b, coordinate, size)?;
        axes.push((size.clone(), sampling.taps(b, place, size)?));
    }
    let pixels: Dim = dims[2..].iter().cloned().product();
    let flat = b.reshape(x, &[dims[0].clone(), dims[1].clone(), pixels])?;
    let wide = [dims[0].clone(), dims[1].clone(), row[2].clone()];
    let mut sum = None;
    for tap in combined(b, axes)? {
        let index = b.expand(tap.index, &wide)?;
        let mut part = b.take_along(flat, index, 2)?;
        if let Some(weight) = tap.weight {
            let weight = b.cast(weight, dtype)?;
            part = b.binary("mul", part, weight)?;
        }
        if let Some(inside) = tap.inside {
            let zero = b.scalar(dtype, 0.0)?;
            part = b.select(inside, part, zero)?;
        }
        sum = both(b, "add", sum, Some(part))?;
    }
    let sum = sum.ok_or_else(|| cx.fault("there is nothing to sample"))?;
    let result = [&dims[..2], &places[1..=spatial]].concat();
    let result = cx.m.b.reshape(sum, &result)?;
    cx.done(result)
}
