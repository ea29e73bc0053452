//! Integers with a scale and a zero point.

use ferrodyne_plan::DType;

use super::builder::{Model, array, close, int};

#[test]
fn quantising_rounds_to_even_and_saturates() {
    let model = |opset: i64| {
        Model::new(opset)
            .input("x", DType::F32, &["n"])
            .weight("scale", DType::F32, &[], &[2.0])
            .weight("zero", DType::U8, &[], &[128.0])
            .node("QuantizeLinear", &["x", "scale", "zero"], &["q"], &[])
            .node("DequantizeLinear", &["q", "scale", "zero"], &["y"], &[])
            .outputs(&["q", "y"])
    };
    let x = array(&[5], &[0.0, 3.0, 5.0, 1000.0, -254.0]);
    for opset in [10, 13, 19, 21] {
        let results = model(opset).run(std::slice::from_ref(&x));
        assert_eq!(results[0], array(&[5], &[128.0, 130.0, 130.0, 255.0, 1.0]));
        assert_eq!(results[1], array(&[5], &[0.0, 4.0, 4.0, 254.0, -254.0]));
    }
}

#[test]
fn scales_along_an_axis() {
    let model = Model::new(13)
        .input("x", DType::I8, &["2", "3"])
        .weight("scale", DType::F32, &[2], &[1.0, 10.0])
        .node("DequantizeLinear", &["x", "scale"], &["y"], &[int("axis", 0)])
        .outputs(&["y"]);
    let x = array(&[2, 3], &[-1.0, 0.0, 1.0, -1.0, 0.0, 1.0]);
    close(&model.run(&[x])[0], &array(&[2, 3], &[-1.0, 0.0, 1.0, -10.0, 0.0, 10.0]));
}

#[test]
fn the_range_of_the_data_gives_scale_and_zero_point() {
    let model = Model::new(11)
        .input("x", DType::F32, &["n"])
        .node("DynamicQuantizeLinear", &["x"], &["q", "scale", "zero"], &[])
        .outputs(&["q", "scale", "zero"]);
    let results = model.run(&[array(&[4], &[-51.0, 0.0, 102.0, 204.0])]);
    assert_eq!(results[0], array(&[4], &[0.0, 51.0, 153.0, 255.0]));
    assert_eq!((results[1][[]], results[2][[]]), (1.0, 51.0));
    let zeros = model.run(&[array(&[2], &[0.0, 0.0])]);
    assert_eq!((&zeros[0], zeros[2][[]]), (&array(&[2], &[0.0, 0.0]), 0.0));
}

#[test]
fn integer_products_take_zero_points_off() {
    let model = Model::new(10)
        .input("a", DType::U8, &["1", "2"])
        .input("b", DType::I8, &["2", "2"])
        .weight("a_zero", DType::U8, &[], &[1.0])
        .weight("b_zero", DType::I8, &[2], &[0.0, 1.0])
        .node("MatMulInteger", &["a", "b", "a_zero", "b_zero"], &["y"], &[])
        .outputs(&["y"]);
    let (a, b) = (array(&[1, 2], &[200.0, 3.0]), array(&[2, 2], &[1.0, 2.0, 3.0, 4.0]));
    assert_eq!(model.run(&[a, b])[0], array(&[1, 2], &[205.0, 205.0]));
    let conv = Model::new(10)
        .input("x", DType::U8, &["1", "1", "3"])
        .weight("w", DType::U8, &[1, 1, 2], &[2.0, 3.0])
        .weight("x_zero", DType::U8, &[], &[1.0])
        .weight("w_zero", DType::U8, &[1], &[1.0])
        .node(
            "ConvInteger",
            &["x", "w", "x_zero", "w_zero"],
            &["y"],
            &[super::builder::ints("pads", &[1, 0])],
        )
        .outputs(&["y"]);
    assert_eq!(
        conv.run(&[array(&[1, 1, 3], &[1.0, 2.0, 3.0])])[0],
        array(&[1, 1, 3], &[0.0, 2.0, 5.0])
    );
}

#[test]
fn quantised_products_are_computed_in_real_numbers() {
    let model = Model::new(10)
        .input("x", DType::U8, &["1", "1", "2"])
        .weight("x_scale", DType::F32, &[], &[0.5])
        .weight("x_zero", DType::U8, &[], &[1.0])
        .weight("w", DType::U8, &[2, 1, 1], &[3.0, 5.0])
        .weight("w_scale", DType::F32, &[2], &[2.0, 4.0])
        .weight("w_zero", DType::U8, &[2], &[1.0, 1.0])
        .weight("y_scale", DType::F32, &[], &[1.0])
        .weight("y_zero", DType::U8, &[], &[10.0])
        .weight("bias", DType::I32, &[2], &[1.0, 2.0])
        .node(
            "QLinearConv",
            &["x", "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale", "y_zero", "bias"],
            &["y"],
            &[],
        )
        .outputs(&["y"]);
    let x = array(&[1, 1, 2], &[1.0, 3.0]);
    assert_eq!(model.run(&[x])[0], array(&[1, 2, 2], &[11.0, 15.0, 14.0, 30.0]));
    let product = Model::new(10)
        .input("a", DType::U8, &["1", "2"])
        .weight("a_scale", DType::F32, &[], &[0.5])
        .weight("a_zero", DType::U8, &[], &[0.0])
        .weight("b", DType::I8, &[2, 1], &[2.0, -2.0])
        .weight("b_scale", DType::F32, &[1], &[1.0])
        .weight("b_zero", DType::I8, &[1], &[0.0])
        .weight("y_scale", DType::F32, &[], &[1.0])
        .weight("y_zero", DType::I8, &[], &[-1.0])
        .node(
            "QLinearMatMul",
            &["a", "a_scale", "a_zero", "b", "b_scale", "b_zero", "y_scale", "y_zero"],
            &["y"],
            &[],
        )
        .outputs(&["y"]);
    assert_eq!(product.run(&[array(&[1, 2], &[7.0, 4.0])])[0], array(&[1, 1], &[2.0]));
}
