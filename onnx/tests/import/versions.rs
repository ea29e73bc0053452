//! Operators whose meaning or spelling changed from version to version.

use ferrodyne_plan::DType;
use ndarray::ArrayD;

use super::builder::{Model, array, close, counted, float, int, ints, single, text};

#[test]
fn softmax_flattened_before_13() {
    let x = array(&[1, 2, 2], &[0.0, 0.0, 0.0, 0.0]);
    let old = single(11, "Softmax", std::slice::from_ref(&x), &[]);
    close(&old, &array(&[1, 2, 2], &[0.25; 4]));
    let new = single(13, "Softmax", std::slice::from_ref(&x), &[]);
    close(&new, &array(&[1, 2, 2], &[0.5; 4]));
    let log = single(12, "LogSoftmax", &[x], &[int("axis", 2)]);
    close(&log, &array(&[1, 2, 2], &[0.5f64.ln(); 4]));
}

/// The model with `axes` as an attribute, and with `axes` as an operand.
fn both(opsets: (i64, i64), op: &str, axes: &[i64], dims: &[&str]) -> [Model; 2] {
    let start = |opset| Model::new(opset).input("x", DType::F32, dims).row("axes", axes);
    [
        start(opsets.0).node(op, &["x"], &["y"], &[ints("axes", axes)]).outputs(&["y"]),
        start(opsets.1).node(op, &["x", "axes"], &["y"], &[]).outputs(&["y"]),
    ]
}

fn agree(models: [Model; 2], x: &ArrayD<f64>, want: &ArrayD<f64>) {
    for model in models {
        close(&model.run(std::slice::from_ref(x))[0], want);
    }
}

#[test]
fn axes_became_an_operand() {
    let x = counted(&[2, 1, 3]);
    agree(both((11, 13), "Squeeze", &[1], &["2", "1", "3"]), &x, &counted(&[2, 3]));
    agree(both((11, 13), "Squeeze", &[-2], &["n", "1", "3"]), &x, &counted(&[2, 3]));
    agree(both((11, 13), "Unsqueeze", &[0, -1], &["2", "1", "3"]), &x, &counted(&[1, 2, 1, 3, 1]));
    let sums = array(&[1, 1, 3], &[3.0, 5.0, 7.0]);
    agree(both((11, 13), "ReduceSum", &[0], &["2", "1", "3"]), &x, &sums);
    agree(both((13, 18), "ReduceMean", &[0], &["n", "1", "3"]), &x, &(&sums / 2.0));
    agree(
        both((13, 18), "ReduceMax", &[0], &["2", "1", "3"]),
        &x,
        &array(&[1, 1, 3], &[3.0, 4.0, 5.0]),
    );
    agree(
        both((13, 18), "ReduceL2", &[0], &["2", "1", "3"]),
        &x,
        &array(&[1, 1, 3], &[3.0, 17f64.sqrt(), 29f64.sqrt()]),
    );
}

#[test]
fn reductions_over_all_axes_or_none() {
    let x = array(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let of = |op: &str, attributes: &[_]| single(13, op, std::slice::from_ref(&x), attributes);
    let dropped = [int("keepdims", 0)];
    close(&of("ReduceProd", &dropped), &array(&[], &[24.0]));
    close(&of("ReduceMin", &[]), &array(&[1, 1], &[1.0]));
    close(&of("ReduceL1", &dropped), &array(&[], &[10.0]));
    close(&of("ReduceSumSquare", &dropped), &array(&[], &[30.0]));
    close(&of("ReduceLogSum", &dropped), &array(&[], &[10f64.ln()]));
    let log_sum = x.iter().map(|v| v.exp()).sum::<f64>().ln();
    close(&of("ReduceLogSumExp", &dropped), &array(&[], &[log_sum]));
    let same =
        single(18, "ReduceSumSquare", std::slice::from_ref(&x), &[int("noop_with_empty_axes", 1)]);
    close(&same, &(&x * &x));
}

#[test]
fn bounds_of_clip_became_operands() {
    let x = array(&[3], &[-2.0, 0.5, 9.0]);
    let want = array(&[3], &[-1.0, 0.5, 6.0]);
    let old = single(6, "Clip", std::slice::from_ref(&x), &[float("min", -1.0), float("max", 6.0)]);
    close(&old, &want);
    let model = |inputs: &[&str]| {
        Model::new(13)
            .input("x", DType::F32, &["3"])
            .input("given", DType::F32, &[])
            .weight("low", DType::F32, &[], &[-1.0])
            .weight("high", DType::F32, &[], &[6.0])
            .node("Clip", inputs, &["y"], &[])
            .outputs(&["y"])
    };
    let run = |inputs: &[&str], given: f64| {
        model(inputs).run(&[x.clone(), array(&[], &[given])]).remove(0)
    };
    close(&run(&["x", "low", "high"], 0.0), &want);
    close(&run(&["x", "", "high"], 0.0), &array(&[3], &[-2.0, 0.5, 6.0]));
    close(&run(&["x", "given", "high"], -1.0), &want);
    close(&run(&["x", "low", "given"], 6.0), &want);
    close(&run(&["x", "given", "high"], 7.0), &array(&[3], &[6.0; 3]));
}

#[test]
fn slices_became_operands() {
    let x = counted(&[3, 4]);
    let want = array(&[2, 2], &[5.0, 7.0, 9.0, 11.0]);
    let old = Model::new(9)
        .input("x", DType::F32, &["3", "4"])
        .node(
            "Slice",
            &["x"],
            &["y"],
            &[ints("starts", &[1, 1]), ints("ends", &[9, 4]), ints("axes", &[0, 1])],
        )
        .outputs(&["y"]);
    close(
        &old.run(std::slice::from_ref(&x))[0],
        &array(&[2, 3], &[5.0, 6.0, 7.0, 9.0, 10.0, 11.0]),
    );
    let new = |starts: &[i64], ends: &[i64], steps: &[i64]| {
        Model::new(13)
            .input("x", DType::F32, &["n", "4"])
            .row("starts", starts)
            .row("ends", ends)
            .row("axes", &[0, 1])
            .row("steps", steps)
            .node("Slice", &["x", "starts", "ends", "axes", "steps"], &["y"], &[])
            .outputs(&["y"])
            .run(std::slice::from_ref(&x))
            .remove(0)
    };
    close(&new(&[1, 1], &[i64::MAX, 4], &[1, 2]), &want);
    close(&new(&[-2, -3], &[i64::MAX, i64::MAX], &[1, 2]), &want);
    let backwards = new(&[-1, 3], &[i64::MIN, 0], &[-2, -1]);
    close(&backwards, &array(&[2, 3], &[11.0, 10.0, 9.0, 3.0, 2.0, 1.0]));
}

#[test]
fn split_has_had_three_spellings() {
    let x = counted(&[5]);
    let parts = |model: Model| model.outputs(&["a", "b"]).run(std::slice::from_ref(&x));
    let start = |opset| Model::new(opset).input("x", DType::F32, &["5"]).row("sizes", &[3, 2]);
    let want = [counted(&[3]), array(&[2], &[3.0, 4.0])];
    let attribute = start(11).node("Split", &["x"], &["a", "b"], &[ints("split", &[3, 2])]);
    assert_eq!(parts(attribute), want);
    assert_eq!(parts(start(13).node("Split", &["x", "sizes"], &["a", "b"], &[])), want);
    let uneven = Model::new(18).input("x", DType::F32, &["n"]);
    let uneven = uneven.node("Split", &["x"], &["a", "b"], &[int("num_outputs", 2)]);
    assert_eq!(parts(uneven), want);
    let odd = Model::new(11).input("x", DType::F32, &["5"]).node("Split", &["x"], &["a", "b"], &[]);
    assert!(odd.outputs(&["a"]).fault().starts_with("Split: size 5 is no multiple of 2 parts"));
    let even =
        Model::new(11).input("x", DType::F32, &["n"]).node("Split", &["x"], &["a", "b"], &[]);
    let guards = even.outputs(&["a"]).load().expect("the model is valid").graph.guards;
    assert!(guards.iter().any(|g| g.fact.to_string() == "n % 2 == 0"), "{guards:?}");
    let counted = start(18).node("Split", &["x"], &["a", "b"], &[int("num_outputs", 2)]);
    assert_eq!(parts(counted), want);
}

#[test]
fn pads_became_operands_and_got_axes() {
    let x = counted(&[1, 3]);
    let old = single(
        2,
        "Pad",
        std::slice::from_ref(&x),
        &[ints("pads", &[0, 1, 0, -1]), float("value", 9.0)],
    );
    close(&old, &array(&[1, 3], &[9.0, 0.0, 1.0]));
    let new = |mode: &str| {
        Model::new(19)
            .input("x", DType::F32, &["1", "n"])
            .row("pads", &[2, 1])
            .weight("value", DType::F32, &[], &[7.0])
            .row("axes", &[-1])
            .node("Pad", &["x", "pads", "value", "axes"], &["y"], &[text("mode", mode)])
            .outputs(&["y"])
            .run(std::slice::from_ref(&x))
            .remove(0)
    };
    close(&new("constant"), &array(&[1, 6], &[7.0, 7.0, 0.0, 1.0, 2.0, 7.0]));
    close(&new("edge"), &array(&[1, 6], &[0.0, 0.0, 0.0, 1.0, 2.0, 2.0]));
    close(&new("reflect"), &array(&[1, 6], &[2.0, 1.0, 0.0, 1.0, 2.0, 1.0]));
    close(&new("wrap"), &array(&[1, 6], &[1.0, 2.0, 0.0, 1.0, 2.0, 0.0]));
}

#[test]
fn dropout_passes_its_operand_on() {
    let x = counted(&[3]);
    for opset in [7, 10] {
        assert_eq!(single(opset, "Dropout", std::slice::from_ref(&x), &[float("ratio", 0.5)]), x);
    }
    let model = |training: f64| {
        Model::new(13)
            .input("x", DType::F32, &["3"])
            .weight("ratio", DType::F32, &[], &[0.5])
            .weight("training", DType::Bool, &[], &[training])
            .node("Dropout", &["x", "ratio", "training"], &["y", "mask"], &[])
            .outputs(&["y", "mask"])
    };
    assert_eq!(model(0.0).run(std::slice::from_ref(&x)), [x, array(&[3], &[1.0; 3])]);
    assert!(model(1.0).fault().starts_with("Dropout: training mode is not supported"));
}
