//! Resizing of symbolic sizes gives what that of fixed ones does.

use ferrodyne_onnx::proto::AttributeProto;
use ferrodyne_plan::DType;

use super::builder::{Model, close, counted, float, int, text};

/// What becomes of a row of numbers.
enum To {
    Size(i64),
    Scale(f64),
}

fn resized(size: &str, to: &To, attributes: &[AttributeProto]) -> Model {
    let (scales, sizes) = match to {
        To::Size(_) => ("", "sizes"),
        To::Scale(_) => ("scales", ""),
    };
    let model = Model::new(19)
        .input("x", DType::F32, &["2", size])
        .weight("roi", DType::F32, &[4], &[0.0, 0.25, 1.0, 1.5])
        .node("Resize", &["x", "roi", scales, sizes], &["y"], attributes)
        .outputs(&["y"]);
    match *to {
        To::Size(size) => model.row("sizes", &[2, size]),
        To::Scale(scale) => model.weight("scales", DType::F32, &[2], &[1.0, scale]),
    }
}

fn check(to: &To, attributes: &[AttributeProto]) {
    for size in [3, 4, 9] {
        let x = [counted(&[2, size])];
        let want = resized(&size.to_string(), to, attributes).run(&x).remove(0);
        close(&resized("n", to, attributes).run(&x)[0], &want);
    }
}

#[test]
fn filters_against_aliasing() {
    for mode in ["linear", "cubic"] {
        let plain = [text("mode", mode), int("antialias", 1)];
        let inside = [text("mode", mode), int("antialias", 1), int("exclude_outside", 1)];
        for to in [To::Size(2), To::Size(7), To::Scale(0.5), To::Scale(2.0)] {
            check(&to, &plain);
            check(&to, &inside);
        }
    }
}

#[test]
fn regions_of_the_data() {
    for mode in ["nearest", "linear", "cubic"] {
        let crop = [
            text("mode", mode),
            text("coordinate_transformation_mode", "tf_crop_and_resize"),
            float("extrapolation_value", -2.0),
        ];
        check(&To::Size(5), &crop);
        check(&To::Size(1), &crop);
    }
}

#[test]
fn weights_that_leave_the_outside_out() {
    for coordinate in
        ["half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "asymmetric", "align_corners"]
    {
        let attributes = [
            text("mode", "cubic"),
            text("coordinate_transformation_mode", coordinate),
            int("exclude_outside", 1),
        ];
        check(&To::Size(5), &attributes);
        check(&To::Scale(1.5), &attributes);
    }
}
