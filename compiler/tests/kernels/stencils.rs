//! Folds over a few taps of an image, and transpositions: each takes its own rule and computes what its loops say.

use ferrodyne_compiler::schedule::{ScheduleOptions, schedule};
use ferrodyne_plan::loops::{Bind, Kernel};
use ferrodyne_plan::{Name, Target};

use super::alternatives::{check, parsed};
use super::operators::Sizes;

/// A square image, and the windows that a fold takes of it.
#[derive(Clone, Copy)]
struct Image {
    channels: i64,
    side: i64,
    taps: i64,
    stride: i64,
    pad: i64,
    dilation: i64,
    channels_last: bool,
}

const SAME: Image =
    Image { channels: 8, side: 16, taps: 3, stride: 1, pad: 1, dilation: 1, channels_last: false };

impl Image {
    fn result(&self) -> i64 {
        (self.side + 2 * self.pad - self.dilation * (self.taps - 1) - 1) / self.stride + 1
    }

    /// A kernel of a fold over the windows; `term` is of `window` and of the weight `w[c, ky, kx]`.
    fn kernel(&self, fold: &str, fill: &str, term: &str) -> Kernel {
        let Image { channels, side, taps, stride, pad, dilation, channels_last } = *self;
        let result = self.result();
        let at = |axis: &str, tap: &str| {
            let checked = if pad > 0 { "?" } else { "" };
            format!("({stride}*{axis} + {dilation}*{tap} - {pad}){checked}")
        };
        let (y, x) = (at("y", "ky"), at("u", "kx"));
        let (dims, result_dims, nest, window) = match channels_last {
            true => (
                format!("2, {side}, {side}, {channels}"),
                format!("2, {result}, {result}, {channels}"),
                "n y u c",
                format!("x[n, {y}, {x}, c]"),
            ),
            false => (
                format!("2, {channels}, {side}, {side}"),
                format!("2, {channels}, {result}, {result}"),
                "n c y u",
                format!("x[n, c, {y}, {x}]"),
            ),
        };
        let fill = if pad > 0 { format!(" else {fill}") } else { String::new() };
        let term = term.replace("window", &format!("({window}{fill})"));
        let place = nest.replace(' ', ", ");
        parsed(&format!(
            "kernel stencil(in x: f32[{dims}] padded, in w: f32[{channels}, {taps}, {taps}] padded, out o: f32[{result_dims}] padded) {{
               axis n in 2
               axis c in {channels}
               axis y in {result}
               axis u in {result}
               axis ky in {taps}
               axis kx in {taps}
               for {nest} {{
                 fold s = {fold} over ky kx {{ {term} }}
                 o[{place}] = s + 1.0
               }}
             }}"
        ))
    }

    fn depthwise(&self) -> Kernel {
        self.kernel("sum", "0.0", "window * w[c, ky, kx]")
    }
}

/// The rule that the first schedule was made by; all of them compute what the kernel says.
fn rule(kernel: &Kernel, target: &Target, sizes: &Sizes) -> String {
    let options = ScheduleOptions::default();
    let variants = schedule(kernel, target, &options, &|_| None);
    let variants = variants.unwrap_or_else(|fault| panic!("{fault}\n{kernel}"));
    variants.iter().for_each(|variant| check(kernel, variant, target, sizes));
    variants[0].kernels[0].notes[0].clone()
}

fn targets() -> [Target; 3] {
    [Target::software(), Target::webgpu_default(), Target::vulkan_desktop()]
}

#[test]
fn windows_of_any_form_are_written_out() {
    let forms = [
        SAME,
        Image { stride: 2, ..SAME },
        Image { stride: 3, pad: 0, ..SAME },
        Image { dilation: 2, pad: 2, ..SAME },
        Image { side: 14, ..SAME },
        Image { side: 13, channels: 7, ..SAME },
        Image { taps: 5, pad: 2, ..SAME },
        Image { taps: 2, stride: 2, pad: 0, ..SAME },
        Image { side: 1, ..SAME },
    ];
    for target in targets() {
        for form in forms {
            for channels_last in [false, true] {
                let image = Image { channels_last, ..form };
                for kernel in [
                    image.depthwise(),
                    image.kernel("max", "-inf", "window"),
                    image.kernel("sum", "0.0", "window"),
                ] {
                    let rule = rule(&kernel, &target, &Sizes::new());
                    assert_eq!(rule, "rule stencil", "{kernel}");
                }
            }
        }
    }
}

#[test]
fn an_image_of_any_size_is_written_out() {
    let kernel = parsed(
        "kernel stencil(in x: f32[n, h, w, 8] padded, in t: f32[3, 3, 8] padded, out o: f32[n, h, w, 8] padded) {
           axis b in n
           axis y in h
           axis u in w
           axis c in 8
           axis ky in 3
           axis kx in 3
           for b y u c {
             fold s = sum over ky kx { x[b, (y + ky - 1)?, (u + kx - 1)?, c] else 0.0 * t[ky, kx, c] }
             o[b, y, u, c] = s
           }
           where n in 0.., h in 1.., w in 1..
         }",
    );
    for target in targets() {
        for (n, h, w) in [(1, 1, 1), (2, 5, 9), (0, 3, 4), (1, 16, 8)] {
            let sizes = Sizes::from([("n".into(), n), ("h".into(), h), ("w".into(), w)]);
            assert_eq!(rule(&kernel, &target, &sizes), "rule stencil");
        }
    }
}

/// The axes that are written out or form vectors, with their extents.
fn tile(kernel: &Kernel, target: &Target) -> Vec<(Name, i64)> {
    let options = ScheduleOptions::default();
    let variants = schedule(kernel, target, &options, &|_| None).expect("it has a schedule");
    let axes = variants[0].kernels[0].axes.iter();
    let unfolded = axes.filter(|axis| matches!(axis.bind, Bind::Unroll | Bind::Vec));
    let tile = unfolded.filter(|axis| axis.name.as_str().ends_with(".t"));
    tile.map(|axis| (axis.name.clone(), axis.extent.as_const().unwrap_or(0))).collect()
}

#[test]
fn an_invocation_takes_neighbours_whose_windows_overlap() {
    let named = |tile: &[(&str, i64)]| -> Vec<(Name, i64)> {
        tile.iter().map(|(name, count)| (Name::from(*name), *count)).collect()
    };
    let target = Target::software();
    assert_eq!(tile(&SAME.depthwise(), &target), named(&[("y.t", 8), ("u.t", 4)]));
    let last = Image { channels_last: true, ..SAME };
    assert_eq!(tile(&last.depthwise(), &target), named(&[("y.t", 2), ("u.t", 4), ("c.t", 4)]));
    let apart = Image { taps: 2, stride: 2, pad: 0, channels_last: true, ..SAME };
    assert_eq!(tile(&apart.depthwise(), &target), named(&[("c.t", 4)]));
}

#[test]
fn a_fold_without_windows_is_no_stencil() {
    let kernel = parsed(
        "kernel rows(in x: f32[64, 3] padded, out o: f32[64] padded) {
           axis r in 64
           axis k in 3
           for r { fold s = sum over k { x[r, k] } o[r] = s }
         }",
    );
    for target in targets() {
        assert_ne!(rule(&kernel, &target, &Sizes::new()), "rule stencil");
    }
}

/// Channels go before the pixels of an image.
fn transposed(channels: i64, side: i64) -> Kernel {
    parsed(&format!(
        "kernel transposed(in x: f32[2, {side}, {side}, {channels}] padded, in b: f32[{channels}] padded,
            out o: f32[2, {channels}, {side}, {side}] padded) {{
           axis n in 2
           axis c in {channels}
           axis y in {side}
           axis u in {side}
           for n c y u {{ o[n, c, y, u] = x[n, y, u, c] + b[c] }}
         }}"
    ))
}

#[test]
fn a_transposition_moves_squares_of_whole_vectors() {
    for target in targets() {
        for (channels, side, squares) in
            [(8, 8, true), (12, 14, true), (40, 6, true), (6, 8, false), (8, 7, false)]
        {
            let rule = rule(&transposed(channels, side), &target, &Sizes::new());
            assert_eq!(
                rule == "rule transpose",
                squares,
                "{channels} channels of side {side}: {rule}"
            );
        }
    }
}

#[test]
fn what_lies_along_one_axis_is_no_transposition() {
    let kernel = parsed(
        "kernel heads(in x: f32[4, 8, 2, 16] padded, out o: f32[4, 2, 8, 16] padded) {
           axis b in 4
           axis h in 2
           axis s in 8
           axis d in 16
           for b h s d { o[b, h, s, d] = x[b, s, h, d] }
         }",
    );
    for target in targets() {
        assert_eq!(rule(&kernel, &target, &Sizes::new()), "rule pointwise");
    }
}
