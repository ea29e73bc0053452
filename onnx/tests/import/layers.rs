//! Products, convolutions, pooling and normalisation.

use ferrodyne_plan::DType;

use super::builder::{Model, array, close, counted, float, int, ints, single, text};

#[test]
fn gemm_scales_transposes_and_adds() {
    let (a, b, c) = (counted(&[2, 3]), counted(&[3, 2]), array(&[2], &[1.0, -1.0]));
    let plain = array(&[2, 2], &[10.0, 13.0, 28.0, 40.0]);
    close(&single(11, "Gemm", &[a.clone(), b.clone()], &[]), &plain);
    let scaled = [float("alpha", 0.5), float("beta", 2.0)];
    close(
        &single(13, "Gemm", &[a.clone(), b.clone(), c.clone()], &scaled),
        &(0.5 * &plain + 2.0 * &c),
    );
    let (a, b) = (a.reversed_axes(), b.reversed_axes());
    let (a, b) = (a.as_standard_layout().into_owned(), b.as_standard_layout().into_owned());
    let turned = [int("transA", 1), int("transB", 1)];
    close(&single(13, "Gemm", &[a, b, c.clone()], &turned), &(plain + c));
}

#[test]
fn matmul_and_einsum_contract() {
    let (x, y) = (counted(&[2, 1, 2]), counted(&[2, 2, 1]));
    let want = array(&[2, 1, 1], &[1.0, 13.0]);
    close(&single(13, "MatMul", &[x.clone(), y.clone()], &[]), &want);
    close(&single(12, "Einsum", &[x, y], &[text("equation", "bij,bjk->bik")]), &want);
}

#[test]
fn convolution_pads_as_auto_pad_says() {
    let x = array(&[1, 1, 5], &[1.0, 2.0, 3.0, 4.0, 5.0]);
    let w = array(&[1, 1, 2], &[1.0, 10.0]);
    let conv = |attributes: &[_]| single(11, "Conv", &[x.clone(), w.clone()], attributes);
    close(&conv(&[]), &array(&[1, 1, 4], &[21.0, 32.0, 43.0, 54.0]));
    let upper = conv(&[text("auto_pad", "SAME_UPPER")]);
    close(&upper, &array(&[1, 1, 5], &[21.0, 32.0, 43.0, 54.0, 5.0]));
    let lower = conv(&[text("auto_pad", "SAME_LOWER"), ints("strides", &[1])]);
    close(&lower, &array(&[1, 1, 5], &[10.0, 21.0, 32.0, 43.0, 54.0]));
    let dilated = conv(&[ints("dilations", &[2]), ints("pads", &[1, 0]), ints("strides", &[2])]);
    close(&dilated, &array(&[1, 1, 2], &[20.0, 42.0]));
}

#[test]
fn convolution_pads_symbolic_sizes() {
    let model = Model::new(11)
        .input("x", DType::F32, &["1", "1", "length"])
        .weight("w", DType::F32, &[1, 1, 3], &[1.0, 1.0, 1.0])
        .node("Conv", &["x", "w"], &["y"], &[text("auto_pad", "SAME_UPPER"), ints("strides", &[2])])
        .outputs(&["y"]);
    close(&model.run(&[counted(&[1, 1, 5])])[0], &array(&[1, 1, 3], &[1.0, 6.0, 7.0]));
    close(&model.run(&[counted(&[1, 1, 4])])[0], &array(&[1, 1, 2], &[3.0, 5.0]));
}

#[test]
fn transposed_convolution_undoes_sizes() {
    let (x, w) = (array(&[1, 1, 2], &[1.0, 2.0]), array(&[1, 1, 2], &[1.0, 10.0]));
    let of = |attributes: &[_]| single(11, "ConvTranspose", &[x.clone(), w.clone()], attributes);
    close(&of(&[]), &array(&[1, 1, 3], &[1.0, 12.0, 20.0]));
    let wide = of(&[ints("strides", &[2]), ints("output_padding", &[1])]);
    close(&wide, &array(&[1, 1, 5], &[1.0, 10.0, 2.0, 20.0, 0.0]));
    let larger = of(&[ints("strides", &[2]), ints("output_shape", &[5])]);
    close(&larger, &wide);
    let shaped = of(&[ints("strides", &[2]), ints("output_shape", &[3])]);
    close(&shaped, &array(&[1, 1, 3], &[10.0, 2.0, 20.0]));
}

#[test]
fn transposed_convolution_of_symbolic_sizes_has_the_shape_asked_for() {
    let of = |attributes: &[_], length: usize| {
        let model = |dims: &[&str]| {
            Model::new(11)
                .input("x", DType::F32, dims)
                .weight("w", DType::F32, &[1, 1, 3], &[1.0, 10.0, 100.0])
                .weight("b", DType::F32, &[1], &[0.5])
                .node("ConvTranspose", &["x", "w", "b"], &["y"], attributes)
                .outputs(&["y"])
        };
        let x = [counted(&[1, 1, length])];
        let want = model(&["1", "1", &length.to_string()]).run(&x).remove(0);
        close(&model(&["1", "1", "length"]).run(&x)[0], &want);
    };
    for length in [3, 4, 5] {
        of(&[ints("strides", &[2]), ints("output_shape", &[8])], length);
        let upper =
            [ints("strides", &[2]), ints("output_shape", &[8]), text("auto_pad", "SAME_UPPER")];
        of(&upper, length);
    }
}

#[test]
fn pooling_rounds_up_and_counts_padding_as_told() {
    let x = array(&[1, 1, 5], &[1.0, 2.0, 3.0, 4.0, 5.0]);
    let of = |op: &str, attributes: &[_]| single(19, op, std::slice::from_ref(&x), attributes);
    let (kernel, strides) = (ints("kernel_shape", &[2]), ints("strides", &[2]));
    let max = of("MaxPool", &[kernel.clone(), strides.clone(), int("ceil_mode", 1)]);
    close(&max, &array(&[1, 1, 3], &[2.0, 4.0, 5.0]));
    let mean = [kernel.clone(), strides, int("ceil_mode", 1), int("count_include_pad", 1)];
    close(&of("AveragePool", &mean), &array(&[1, 1, 3], &[1.5, 3.5, 5.0]));
    let padded = [kernel.clone(), ints("pads", &[1, 0])];
    close(&of("AveragePool", &padded), &array(&[1, 1, 5], &[1.0, 1.5, 2.5, 3.5, 4.5]));
    let counted = [kernel.clone(), ints("pads", &[1, 0]), int("count_include_pad", 1)];
    close(&of("AveragePool", &counted), &array(&[1, 1, 5], &[0.5, 1.5, 2.5, 3.5, 4.5]));
    close(&of("LpPool", &[kernel, int("p", 1)]), &array(&[1, 1, 4], &[3.0, 5.0, 7.0, 9.0]));
    close(&of("GlobalAveragePool", &[]), &array(&[1, 1, 1], &[3.0]));
    close(&of("GlobalMaxPool", &[]), &array(&[1, 1, 1], &[5.0]));
}

#[test]
fn same_padding_never_makes_a_transposed_convolution_larger() {
    let (x, w) = (array(&[1, 1, 2], &[1.0, 2.0]), array(&[1, 1, 2], &[1.0, 10.0]));
    let attributes = [text("auto_pad", "SAME_UPPER"), ints("strides", &[3])];
    let result = single(11, "ConvTranspose", &[x, w], &attributes);
    close(&result, &array(&[1, 1, 5], &[1.0, 10.0, 0.0, 2.0, 20.0]));
}

#[test]
fn same_padding_of_symbolic_sizes_is_that_of_fixed_ones() {
    let attributes = |op: &str, auto: &str, count: i64| {
        let mut all =
            vec![ints("kernel_shape", &[3]), ints("strides", &[2]), text("auto_pad", auto)];
        if op == "AveragePool" {
            all.push(int("count_include_pad", count));
        }
        all
    };
    for op in ["MaxPool", "AveragePool", "LpPool", "ConvTranspose"] {
        for (auto, count) in [("SAME_UPPER", 0), ("SAME_LOWER", 0), ("SAME_UPPER", 1)] {
            let over = |length: &str| {
                let model = Model::new(18).input("x", DType::F32, &["1", "1", length]);
                let model = model.weight("w", DType::F32, &[1, 1, 3], &[1.0, 10.0, 100.0]);
                let operands = if op == "ConvTranspose" { &["x", "w"][..] } else { &["x"] };
                model.node(op, operands, &["y"], &attributes(op, auto, count)).outputs(&["y"])
            };
            for length in 1..7 {
                let x = counted(&[1, 1, length]) - 2.0;
                let want = over(&length.to_string()).run(std::slice::from_ref(&x)).remove(0);
                close(&over("length").run(&[x])[0], &want);
            }
        }
    }
}

#[test]
fn normalisations_follow_their_formulas() {
    let x = counted(&[1, 4, 2]);
    let ones = |n: usize| array(&[n], &vec![1.0; n]);
    let (twos, zeros) = (ones(4) * 2.0, ones(4) * 0.0);
    let batch = single(
        15,
        "BatchNormalization",
        &[x.clone(), twos.clone(), ones(4), ones(4) * 3.0, ones(4) * 4.0],
        &[float("epsilon", 0.0)],
    );
    close(&batch, &((&x - 3.0) / 2.0 * 2.0 + 1.0));
    let layer = single(
        17,
        "LayerNormalization",
        &[x.clone(), ones(2), zeros_of(2)],
        &[float("epsilon", 0.0)],
    );
    close(&layer, &array(&[1, 4, 2], &[-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0]));
    let instance =
        single(6, "InstanceNormalization", &[x.clone(), twos, zeros], &[float("epsilon", 0.0)]);
    close(&instance, &array(&[1, 4, 2], &[-2.0, 2.0, -2.0, 2.0, -2.0, 2.0, -2.0, 2.0]));
    let rms = single(
        23,
        "RMSNormalization",
        &[array(&[2], &[3.0, 4.0]), ones(2)],
        &[float("epsilon", 0.0)],
    );
    close(&rms, &(array(&[2], &[3.0, 4.0]) / 12.5f64.sqrt()));
    let unit = single(1, "LpNormalization", &[array(&[1, 2], &[3.0, 4.0])], &[]);
    close(&unit, &array(&[1, 2], &[0.6, 0.8]));
    let response = single(
        13,
        "LRN",
        &[array(&[1, 2, 1], &[1.0, 2.0])],
        &[int("size", 1), float("alpha", 1.0), float("beta", 1.0)],
    );
    close(&response, &array(&[1, 2, 1], &[0.5, 0.4]));
}

#[test]
fn layer_norm_gives_its_statistics() {
    let model = Model::new(17)
        .input("x", DType::F32, &["1", "2"])
        .weight("scale", DType::F32, &[2], &[1.0, 1.0])
        .node(
            "LayerNormalization",
            &["x", "scale"],
            &["y", "mean", "inverse"],
            &[float("epsilon", 0.0)],
        )
        .outputs(&["y", "mean", "inverse"]);
    let results = model.run(&[array(&[1, 2], &[1.0, 5.0])]);
    close(&results[0], &array(&[1, 2], &[-1.0, 1.0]));
    close(&results[1], &array(&[1, 1], &[3.0]));
    close(&results[2], &array(&[1, 1], &[0.5]));
}

fn zeros_of(n: usize) -> ndarray::ArrayD<f64> {
    array(&[n], &vec![0.0; n])
}

#[test]
fn group_norm_has_a_scale_a_group_before_21_and_a_channel_after() {
    let x = array(&[1, 4, 1], &[-1.0, 1.0, -1.0, 1.0]);
    let attributes = [int("num_groups", 2), float("epsilon", 0.0)];
    let old = [x.clone(), array(&[2], &[1.0, 3.0]), zeros_of(2)];
    let want = array(&[1, 4, 1], &[-1.0, 1.0, -3.0, 3.0]);
    close(&single(18, "GroupNormalization", &old, &attributes), &want);
    let new = [x, array(&[4], &[1.0, 1.0, 3.0, 3.0]), zeros_of(4)];
    close(&single(21, "GroupNormalization", &new, &attributes), &want);
}

#[test]
fn resizing_by_scales_and_by_sizes() {
    let x = array(&[1, 1, 2], &[1.0, 3.0]);
    let model = |opset, weights: &[(&str, &[f64])], inputs: &[&str], attributes: &[_]| {
        let model = weights.iter().fold(
            Model::new(opset).input("x", DType::F32, &["1", "1", "2"]),
            |model, (name, values)| model.weight(name, DType::F32, &[values.len()], values),
        );
        model.row("sizes", &[1, 1, 4]).node("Resize", inputs, &["y"], attributes).outputs(&["y"])
    };
    let scales: &[(&str, &[f64])] = &[("scales", &[1.0, 1.0, 2.0]), ("none", &[])];
    let nearest = model(10, scales, &["x", "scales"], &[]).run(std::slice::from_ref(&x)).remove(0);
    close(&nearest, &array(&[1, 1, 4], &[1.0, 1.0, 3.0, 3.0]));
    let linear = [text("mode", "linear")];
    let half_pixel = array(&[1, 1, 4], &[1.0, 1.5, 2.5, 3.0]);
    let by_scales = model(11, scales, &["x", "none", "scales"], &linear);
    close(&by_scales.run(std::slice::from_ref(&x))[0], &half_pixel);
    let by_sizes = model(13, scales, &["x", "", "none", "sizes"], &linear);
    close(&by_sizes.run(std::slice::from_ref(&x))[0], &half_pixel);
    let corners = [text("mode", "linear"), text("coordinate_transformation_mode", "align_corners")];
    let by_corners = model(19, scales, &["x", "", "scales"], &corners);
    close(
        &by_corners.run(std::slice::from_ref(&x))[0],
        &array(&[1, 1, 4], &[1.0, 5.0 / 3.0, 7.0 / 3.0, 3.0]),
    );
    let upsample = Model::new(9)
        .input("x", DType::F32, &["1", "1", "2"])
        .weight("scales", DType::F32, &[3], &[1.0, 1.0, 2.0])
        .node("Upsample", &["x", "scales"], &["y"], &[])
        .outputs(&["y"]);
    close(&upsample.run(&[x])[0], &nearest);
}

#[test]
fn running_sums_extremes_and_the_largest() {
    let x = array(&[2, 3], &[1.0, 3.0, 3.0, 0.0, -1.0, -1.0]);
    let of = |op: &str, attributes: &[_]| single(13, op, std::slice::from_ref(&x), attributes);
    assert_eq!(of("ArgMax", &[int("axis", 1)]), array(&[2, 1], &[1.0, 0.0]));
    let last = [int("axis", 1), int("keepdims", 0), int("select_last_index", 1)];
    assert_eq!(of("ArgMin", &last), array(&[2], &[0.0, 2.0]));
    assert_eq!(of("Hardmax", &[]), array(&[2, 3], &[0.0, 1.0, 0.0, 1.0, 0.0, 0.0]));
    let model = |op: &str, extra: i64, outputs: &[&str], attributes: &[_]| {
        let shape = if op == "TopK" { vec![1] } else { vec![] };
        Model::new(14)
            .input("x", DType::F32, &["2", "3"])
            .weight("extra", DType::I64, &shape, &[extra as f64])
            .node(op, &["x", "extra"], outputs, attributes)
            .outputs(outputs)
            .run(std::slice::from_ref(&x))
    };
    let sums = model("CumSum", 1, &["y"], &[int("reverse", 1), int("exclusive", 1)]).remove(0);
    assert_eq!(sums, array(&[2, 3], &[6.0, 3.0, 0.0, -2.0, -1.0, 0.0]));
    let top = model("TopK", 2, &["values", "places"], &[int("largest", 0)]);
    assert_eq!(top[0], array(&[2, 2], &[1.0, 3.0, -1.0, -1.0]));
    assert_eq!(top[1], array(&[2, 2], &[0.0, 1.0, 1.0, 2.0]));
}
