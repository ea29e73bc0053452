//! Fourier transforms as products with their matrices, whose sizes are fixed.

use std::f64::consts::TAU;

use ferrodyne_compiler::graph::{Attrs, NodeId};
use ferrodyne_compiler::ops::element;
use ferrodyne_plan::{DType, Diagnostic, Dim, HostTensor};

use super::Row;
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("DFT", &[17, 20], "", dft).limits("the length must be fixed; no inverse of one side"),
    Row::new("STFT", &[17], "", stft).limits("the length of a frame must be fixed"),
];

/// The longest transform: its matrix has the square of that many elements.
const LONGEST: i64 = 8192;

/// A transform of `length` elements to the first `bins` frequencies.
struct Transform {
    length: usize,
    bins: usize,
    inverse: bool,
}

impl Transform {
    fn of(
        cx: &Cx<'_>,
        length: i64,
        onesided: bool,
        inverse: bool,
    ) -> Result<Transform, Diagnostic> {
        if !(1..=LONGEST).contains(&length) {
            return Err(cx.unsupported(format_args!("a transform of {length} elements")));
        }
        let length = length as usize;
        let bins = if onesided { length / 2 + 1 } else { length };
        Ok(Transform { length, bins, inverse })
    }

    /// What a part of an element (real, imaginary) adds to a part of a frequency.
    fn factor(&self, at: usize, bin: usize, from: usize, to: usize) -> f64 {
        let turns = ((at * bin) % self.length) as f64 / self.length as f64;
        let angle = if self.inverse { TAU * turns } else { -TAU * turns };
        let scale = if self.inverse { 1.0 / self.length as f64 } else { 1.0 };
        scale
            * match (from, to) {
                (0, 0) | (1, 1) => angle.cos(),
                (0, _) => angle.sin(),
                _ => -angle.sin(),
            }
    }

    /// The factors as a constant of the file, ordered by what `index` makes of a place in the tensor: element, bin, and both parts.
    fn matrix(
        &self,
        cx: &mut Cx<'_>,
        dims: &[usize],
        dtype: DType,
        index: impl Fn(usize) -> [usize; 4],
    ) -> Result<NodeId, Diagnostic> {
        let count: usize = dims.iter().product();
        let values: Vec<f64> = (0..count)
            .map(|flat| {
                let [at, bin, from, to] = index(flat);
                self.factor(at, bin, from, to)
            })
            .collect();
        let tensor = element::host(dtype, dims, &values);
        let output = cx.node.output.first().cloned().unwrap_or_default();
        Value::constant(&format!("{output}/factors"), HostTensor::clone(&tensor)).on_graph(cx.m)
    }
}

/// The number of parts of an element: 1 of a real one, 2 of a complex one.
fn parts(cx: &Cx<'_>, x: NodeId) -> Result<usize, Diagnostic> {
    match cx.m.b.dims(x).last().and_then(Dim::as_const) {
        Some(1) => Ok(1),
        Some(2) => Ok(2),
        _ => {
            let x = cx.m.b.describe(x);
            Err(cx.fault(format_args!("{x}: the last axis must have 1 or 2 elements")))
        }
    }
}

/// One known integer of an operand; none where it is absent.
fn number(cx: &Cx<'_>, k: usize, what: &str) -> Result<Option<i64>, Diagnostic> {
    Ok(cx.integers(k, what)?.and_then(|all| all.first().copied()))
}

fn dft(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let x = cx.x(0)?;
    let (rank, parts) = (cx.m.b.rank(x), parts(cx, x)?);
    let axis = match cx.opset < 20 {
        true => cx.int("axis").unwrap_or(1),
        false => number(cx, 2, "an axis")?.unwrap_or(-2),
    };
    let axis = cx.axis(axis, rank)?;
    if axis + 1 >= rank {
        return Err(cx.fault("the last axis holds the parts of elements and is not transformed"));
    }
    let size = cx.m.b.dims(x)[axis].as_const();
    let given = number(cx, 1, "a length")?.or(size);
    let (Some(size), Some(length)) = (size, given) else {
        return Err(cx.unsupported("a symbolic size"));
    };
    let (onesided, inverse) = (cx.flag("onesided"), cx.flag("inverse"));
    if onesided && inverse {
        return Err(cx.unsupported("the inverse of one side"));
    }
    let transform = Transform::of(cx, length, onesided, inverse)?;
    // What is missing of the length is 0, and has no rows in the matrix.
    let rows = size.min(length) as usize;
    let (zero, end) = (Dim::constant(0), Dim::from(rows));
    let x = cx.m.b.slice_axis(x, axis as i64, &zero, &end, 1)?;
    let x = cx.m.b.transpose(x, axis as i64, -2)?;
    let x = cx.m.b.flatten(x, -2, -1)?;
    let (bins, dtype) = (transform.bins, cx.m.b.dtype(x));
    let matrix = transform.matrix(cx, &[rows * parts, bins * 2], dtype, |flat| {
        let (row, column) = (flat / (bins * 2), flat % (bins * 2));
        [row / parts, column / 2, row % parts, column % 2]
    })?;
    let product = cx.m.b.matmul(x, matrix)?;
    let mut dims = cx.m.b.dims(product);
    dims.truncate(rank - 2);
    dims.extend([Dim::from(bins), Dim::constant(2)]);
    let result = cx.m.b.reshape(product, &dims)?;
    let result = cx.m.b.transpose(result, axis as i64, -2)?;
    cx.done(result)
}

/// A convolution whose taps are the factors times the window, and whose channels are frequencies.
fn stft(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let mut x = cx.x(0)?;
    // Exporters leave out the axis of parts of real signals.
    if cx.m.b.rank(x) == 2 {
        x = cx.m.b.unsqueeze(x, -1)?;
    }
    if cx.m.b.rank(x) != 3 {
        let x = cx.m.b.describe(x);
        return Err(cx.fault(format_args!("{x}: it must be [batch, length, parts]")));
    }
    let parts = parts(cx, x)?;
    let step = number(cx, 1, "a step")?.ok_or_else(|| cx.fault("the step is missing"))?;
    let of_window = cx.maybe(2).and_then(|window| window.dims().first()?.as_const());
    let length = number(cx, 3, "a length")?.or(of_window);
    let length = length.ok_or_else(|| cx.fault("the length of a frame is missing"))?;
    if step < 1 {
        return Err(cx.fault(format_args!("a step of {step}")));
    }
    let onesided = cx.int("onesided").unwrap_or(1) != 0;
    let transform = Transform::of(cx, length, onesided, false)?;
    let (bins, dtype) = (transform.bins, cx.m.b.dtype(x));
    let (length, dims) = (transform.length, [bins * 2, parts, transform.length]);
    let mut taps = transform.matrix(cx, &dims, dtype, |flat| {
        let (row, at) = (flat / length, flat % length);
        let (channel, from) = (row / parts, row % parts);
        [at, channel / 2, from, channel % 2]
    })?;
    if cx.maybe(2).is_some() {
        let window = cx.x(2)?;
        taps = cx.m.b.binary("mul", taps, window)?;
    }
    let channels = cx.m.b.transpose(x, 1, 2)?;
    let attrs = Attrs::new().ints("strides", &[step]).str("layout", "nchw");
    let frames = cx.m.b.add(
        "conv",
        &[channels, taps],
        attrs.ints("dilations", &[1]).ints("pads", &[0, 0]).int("groups", 1),
    )?;
    let frames = cx.m.b.transpose(frames, 1, 2)?;
    let mut dims = cx.m.b.dims(frames);
    dims.pop();
    dims.extend([Dim::from(bins), Dim::constant(2)]);
    let result = cx.m.b.reshape(frames, &dims)?;
    cx.done(result)
}
