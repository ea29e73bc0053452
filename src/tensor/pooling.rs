//! Pooling over windows, and images made larger or smaller.

use ferrodyne_compiler::graph::Attrs;
use ferrodyne_plan::{Dim, Source};

use super::apply;
use super::pair::{example, pairs};
use super::sides::Sides;
use crate::error::{Error, Result};

fn ints(values: [usize; 2]) -> [i64; 2] {
    values.map(|v| v as i64)
}

fn windows(kernel: impl Sides, stride: impl Sides, padding: impl Sides) -> Attrs {
    let pads = ints(padding.sides());
    Attrs::new()
        .ints("sizes", &ints(kernel.sides()))
        .ints("strides", &ints(stride.sides()))
        .ints("pads", &[pads, pads].concat())
}

/// Refuses padding that holds a whole window, or more than half of one.
#[track_caller]
fn check_padding(
    op: &str,
    padding: [usize; 2],
    kernel: [usize; 2],
    dilation: [usize; 2],
) -> Result<()> {
    let span = |axis: usize| kernel[axis].saturating_sub(1) * dilation[axis] + 1;
    match (0..2).all(|axis| 2 * padding[axis] <= span(axis)) {
        true => Ok(()),
        false => {
            let spans = [span(0), span(1)];
            let message = format!(
                "{op}: the padding {padding:?} must be at most half of the window, which spans {spans:?}"
            );
            Err(Error::at("shape", message, Source::caller()))
        }
    }
}

pairs! {
    /// The largest element of each window of the last two axes. Padding never wins, and is at most half of a window.
    #[doc = example!("let image = x.reshape([1, 1, 2, 2]);", "image.max_pool2d(2, 2, 0, 1).to_vec::<f32>()?", "[3.000]")]
    fn max_pool2d | try_max_pool2d(self, kernel: impl Sides, stride: impl Sides, padding: impl Sides, dilation: impl Sides) {
        let (kernel, padding, dilation) = (kernel.sides(), padding.sides(), dilation.sides());
        check_padding("max_pool2d", padding, kernel, dilation)?;
        apply("max_pool", &[self], windows(kernel, stride, padding).ints("dilations", &ints(dilation.sides())))
    }

    /// The mean of each window of the last two axes. Outside of the data is 0, which is counted only if `count_padding`.
    #[doc = example!("let image = x.reshape([1, 1, 2, 2]);", "image.avg_pool2d(2, 2, 0, true).to_vec::<f32>()?", "[1.125]")]
    fn avg_pool2d | try_avg_pool2d(self, kernel: impl Sides, stride: impl Sides, padding: impl Sides, count_padding: bool) {
        let (kernel, padding) = (kernel.sides(), padding.sides());
        check_padding("avg_pool2d", padding, kernel, [1, 1])?;
        let attrs = windows(kernel, stride, padding).bool("count_include_pad", count_padding);
        apply("avg_pool", &[self], attrs)
    }

    /// The means of as many parts of the last two axes as asked for; parts overlap where the sizes do not divide.
    #[doc = example!("let image = x.reshape([1, 1, 2, 2]);", "image.adaptive_avg_pool2d(1).to_vec::<f32>()?", "[1.125]")]
    fn adaptive_avg_pool2d | try_adaptive_avg_pool2d(self, size: impl Sides) {
        apply("adaptive_avg_pool", &[self], Attrs::new().ints("sizes", &ints(size.sides())))
    }

    /// The last two axes of `[N, C, H, W]` with other sizes. `mode` is `"nearest"`, `"bilinear"` or `"bicubic"`.
    #[doc = example!("let image = x.reshape([1, 1, 2, 2]);", "image.interpolate([2, 4], \"nearest\", false).to_vec::<f32>()?", "[-1.000, -1.000, 0.500, 0.500, 2.000, 2.000, 3.000, 3.000]")]
    fn interpolate | try_interpolate(self, size: impl Sides, mode: &str, align_corners: bool) {
        let modes = [("nearest", "nearest"), ("bilinear", "linear"), ("bicubic", "cubic")];
        let Some((_, known)) = modes.into_iter().find(|(name, _)| *name == mode) else {
            let message = format!("interpolate: there is no mode `{mode}`; there are: nearest, bilinear, bicubic");
            return Err(Error::at("option", message, Source::caller()));
        };
        let coordinate = match (known, align_corners) {
            ("nearest", _) => "asymmetric",
            (_, true) => "align_corners",
            (_, false) => "half_pixel",
        };
        let attrs = Attrs::new()
            .dims("sizes", &size.sides().map(Dim::from))
            .str("mode", known)
            .str("coordinate", coordinate)
            .str("rounding", "floor");
        apply("resize", &[self], attrs)
    }

    /// Channels spread over space: `[.., C * r * r, H, W]` becomes `[.., C, H * r, W * r]`.
    #[doc = example!("let image = x.reshape([1, 4, 1, 1]);", "image.pixel_shuffle(2).shape()", "[1, 1, 2, 2]")]
    fn pixel_shuffle | try_pixel_shuffle(self, factor: usize) {
        apply("pixel_shuffle", &[self], Attrs::new().int("factor", factor as i64))
    }
}
