//! Sizes that are computed in floats, written element by element, or nothing.

use ferrodyne_plan::DType;

use super::builder::{Model, array, counted, int, ints};

/// `x` brought to a size that is computed from its own in floats.
fn resized_by(steps: &[(&str, &str)], factor: f64) -> Model {
    let mut model = Model::new(18)
        .input("x", DType::F32, &["n", "m"])
        .row("second", &[1])
        .weight("by", DType::F32, &[], &[factor])
        .node("Shape", &["x"], &["shape"], &[])
        .node("Gather", &["shape", "second"], &["m"], &[])
        .node("Cast", &["m"], &["size_0"], &[int("to", 1)]);
    for (k, (op, operand)) in steps.iter().enumerate() {
        let (from, to) = (format!("size_{k}"), format!("size_{}", k + 1));
        let operands: Vec<&str> =
            [from.as_str(), *operand].into_iter().filter(|s| !s.is_empty()).collect();
        model = model.node(op, &operands, &[&to], &[]);
    }
    model
        .node("Cast", &[&format!("size_{}", steps.len())], &["size"], &[int("to", 7)])
        .row("axis", &[1])
        .node("Resize", &["x", "", "", "size"], &["y"], &[ints("axes", &[1])])
        .outputs(&["y"])
}

#[test]
fn sizes_times_fractions_are_sizes_when_rounded() {
    let shape = |steps: &[(&str, &str)], factor: f64| {
        let model = resized_by(steps, factor).load().unwrap_or_else(|error| panic!("{error}"));
        model.graph.ty(model.graph.outputs[0].node).to_string()
    };
    assert_eq!(shape(&[("Mul", "by")], 0.5), "f32[n, m div 2]");
    assert_eq!(shape(&[("Mul", "by"), ("Floor", "")], 0.75), "f32[n, (3*m) div 4]");
    assert_eq!(shape(&[("Div", "by"), ("Ceil", "")], 32.0), "f32[n, ceildiv(m, 32)]");
    assert_eq!(
        shape(&[("Div", "by"), ("Ceil", ""), ("Mul", "by")], 32.0),
        "f32[n, 32*ceildiv(m, 32)]"
    );
    assert_eq!(
        shape(&[("Mul", "by"), ("Add", "by"), ("Floor", "")], 1.5),
        "f32[n, m + ceildiv(m, 2) + 1]"
    );
    // 0.29f is below 29/100, so that 100 of it are 28 in floats.
    assert!(resized_by(&[("Mul", "by")], 0.29).fault().contains("sizes (operand 3)"));
}

#[test]
fn a_shape_written_element_by_element_is_known() {
    let model = Model::new(18)
        .input("x", DType::F32, &["n", "4"])
        .input("k", DType::F32, &["m"])
        .weight("zero", DType::I64, &[1], &[0.0])
        .node("Shape", &["x"], &["shape"], &[])
        .node("Shape", &["k"], &["size"], &[])
        .node("ScatterElements", &["shape", "zero", "size"], &["target"], &[])
        .weight("one", DType::F32, &[], &[1.0])
        .node("Expand", &["one", "target"], &["y"], &[])
        .outputs(&["y"])
        .load()
        .expect("the model is valid");
    assert_eq!(model.graph.ty(model.graph.outputs[0].node).to_string(), "f32[m, 4]");
}

#[test]
fn a_running_sum_of_nothing_is_empty() {
    let model = Model::new(14)
        .input("x", DType::F32, &["n", "m"])
        .weight("axis", DType::I64, &[], &[1.0])
        .node("CumSum", &["x", "axis"], &["y"], &[])
        .outputs(&["y"]);
    assert_eq!(model.run(&[counted(&[2, 0])])[0].shape(), &[2, 0]);
    assert_eq!(model.run(&[counted(&[1, 3])])[0], array(&[1, 3], &[0.0, 1.0, 3.0]));
}

/// Position biases of decoders: `bias[:, max(1 - n, 0):]`, an axis of size 1 that broadcasts.
#[test]
fn what_a_size_leaves_of_one_element_is_all_of_it() {
    let model = Model::new(18)
        .input("x", DType::F32, &["n", "m"])
        .input("bias", DType::F32, &["1", "m"])
        .weight("zero", DType::I64, &[], &[0.0])
        .row("first", &[0])
        .row("one", &[1])
        .row("far", &[i64::MAX])
        .node("Shape", &["x"], &["shape"], &[])
        .node("Gather", &["shape", "first"], &["n"], &[])
        .node("Sub", &["one", "n"], &["rest"], &[])
        .node("Max", &["rest", "zero"], &["start"], &[])
        .node("Slice", &["bias", "start", "far", "first"], &["part"], &[])
        .node("Add", &["x", "part"], &["y"], &[])
        .outputs(&["y"]);
    let loaded = model.load().expect("the model is valid");
    assert_eq!(loaded.graph.ty(loaded.graph.outputs[0].node).to_string(), "f32[n, m]");
    let y = model.run(&[counted(&[3, 2]), array(&[1, 2], &[1.0, 2.0])]);
    assert_eq!(y[0], array(&[3, 2], &[1.0, 3.0, 3.0, 5.0, 5.0, 7.0]));
}

/// What padding as TensorFlow does it leaves: `max((ceil(n / 2) - 1) * 2 + 3 - n, 0)`, its half before and the rest behind.
#[test]
fn padding_that_is_computed_in_floats_is_known() {
    let cast = |to: i64| [int("to", to)];
    let model = Model::new(17)
        .input("x", DType::F32, &["n"])
        .weight("zero", DType::F32, &[], &[0.0])
        .weight("one", DType::F32, &[], &[1.0])
        .weight("two", DType::F32, &[], &[2.0])
        .weight("four", DType::F32, &[], &[4.0])
        .weight("half", DType::F32, &[], &[0.5])
        .node("Shape", &["x"], &["shape"], &[])
        .node("Cast", &["shape"], &["n"], &cast(1))
        .node("Div", &["n", "two"], &["halved"], &[])
        .node("Ceil", &["halved"], &["count"], &[])
        .node("Sub", &["count", "one"], &["steps"], &[])
        .node("Pow", &["four", "half"], &["stride"], &[])
        .node("Mul", &["steps", "stride"], &["reach"], &[])
        .node("Add", &["reach", "two"], &["last"], &[])
        .node("Add", &["last", "one"], &["whole"], &[])
        .node("Sub", &["whole", "n"], &["missing"], &[])
        .node("Clip", &["missing", "zero"], &["both"], &[])
        .node("Div", &["both", "two"], &["share"], &[])
        .node("Cast", &["share"], &["low"], &cast(7))
        .node("Cast", &["both"], &["all"], &cast(7))
        .node("Sub", &["all", "low"], &["high"], &[])
        .node("Concat", &["low", "high"], &["pads"], &[int("axis", 0)])
        .node("Pad", &["x", "pads"], &["y"], &[])
        .outputs(&["y"]);
    for (n, want) in
        [(5, [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 0.0]), (6, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.0])]
    {
        assert_eq!(model.run(&[counted(&[n])])[0], array(&[7], &want));
    }
}

/// `cumsum(x)[-1:]` of an axis whose size is a quotient.
#[test]
fn the_last_element_of_a_quotient_broadcasts() {
    let model = Model::new(17)
        .input("x", DType::F32, &["n"])
        .row("last", &[-1])
        .row("far", &[i64::MAX])
        .row("zero", &[0])
        .row("count", &[4])
        .node("Slice", &["x", "zero", "far", "zero", "count"], &["part"], &[])
        .node("Slice", &["part", "last", "far", "zero"], &["end"], &[])
        .node("Div", &["part", "end"], &["y"], &[])
        .outputs(&["y"]);
    let y = model.run(&[counted(&[9])]);
    assert_eq!(y[0], array(&[3], &[0.0, 0.5, 1.0]));
    assert_eq!(model.run(&[counted(&[1]) + 2.0])[0], array(&[1], &[1.0]));
}

/// Repeats as exporters write them: one at each axis but that of the windows, where it is a quotient of two sizes.
#[test]
fn repeats_written_as_one_hot_rows_are_known() {
    let model = Model::new(17)
        .input("x", DType::F32, &["n"])
        .input("windows", DType::F32, &["m"])
        .row("one", &[1])
        .row("seven", &[7])
        .weight("depth", DType::I64, &[], &[2.0])
        .node("Shape", &["windows"], &["m"], &[])
        .node("Sub", &["m", "seven"], &["less"], &[])
        .node("Div", &["less", "seven"], &["count"], &[])
        .node("Concat", &["one", "count"], &["values"], &[int("axis", 0)])
        .node("OneHot", &["one", "depth", "values"], &["row"], &[])
        .row("flat", &[-1])
        .node("Reshape", &["row", "flat"], &["repeats"], &[])
        .row("two", &[1, -1])
        .node("Reshape", &["x", "two"], &["wide"], &[])
        .node("Tile", &["wide", "repeats"], &["y"], &[])
        .outputs(&["y"]);
    let y = model.run(&[counted(&[2]), counted(&[23])]);
    assert_eq!(y[0], array(&[1, 4], &[0.0, 1.0, 0.0, 1.0]));
}

/// Windows of a batch: `reshape(x, [b * w / w, -1])` for `w = min(n - 7, b)`, whose sign is not known.
#[test]
fn a_product_divided_by_a_factor_is_the_other_factor() {
    let model = Model::new(17)
        .input("x", DType::F32, &["b", "n"])
        .row("second", &[1])
        .row("first", &[0])
        .row("seven", &[7])
        .row("rest", &[-1])
        .node("Shape", &["x"], &["shape"], &[])
        .node("Gather", &["shape", "first"], &["b"], &[])
        .node("Gather", &["shape", "second"], &["n"], &[])
        .node("Sub", &["n", "seven"], &["less"], &[])
        .node("Min", &["less", "b"], &["windows"], &[])
        .node("Mul", &["b", "windows"], &["rows"], &[])
        .node("Div", &["rows", "windows"], &["count"], &[])
        .node("Concat", &["count", "rest"], &["target"], &[int("axis", 0)])
        .node("Reshape", &["x", "target"], &["y"], &[])
        .outputs(&["y"])
        .load()
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(model.graph.ty(model.graph.outputs[0].node).to_string(), "f32[b, n]");
}
