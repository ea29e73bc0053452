//! Sizes stay symbolic, and arithmetic on them is done while importing.

use ferrodyne_plan::DType;

use super::builder::{Model, array, close, counted, int, ints, run, single, text};

/// Heads split off as exporters write it: `reshape(x, [shape(x)[0], shape(x)[1], -1, 2])`.
fn split_heads() -> Model {
    Model::new(17)
        .input("x", DType::F32, &["batch", "seq", "6"])
        .row("zero", &[0])
        .row("one", &[1])
        .row("rest", &[-1])
        .row("two", &[2])
        .node("Shape", &["x"], &["shape"], &[])
        .node("Gather", &["shape", "zero"], &["batch_size"], &[int("axis", 0)])
        .node("Slice", &["shape", "one", "two"], &["seq_size"], &[])
        .node("Concat", &["batch_size", "seq_size", "rest", "two"], &["target"], &[int("axis", 0)])
        .node("Reshape", &["x", "target"], &["y"], &[])
        .outputs(&["y"])
}

#[test]
fn shape_arithmetic_leaves_the_graph() {
    let model = split_heads().load().expect("the model is valid");
    let ops: Vec<&str> = model.graph.nodes.iter().map(|n| n.op.as_ref()).collect();
    assert_eq!(ops, ["input", "reshape"], "{}", model.graph);
    assert_eq!(model.graph.ty(model.graph.outputs[0].node).to_string(), "f32[batch, seq, 3, 2]");
    assert!(model.graph.guards.is_empty(), "{:?}", model.graph.guards);
    for dims in [[1, 5], [4, 2], [0, 3]] {
        let y = split_heads().run(&[counted(&[dims[0], dims[1], 6])]);
        assert_eq!(y[0].shape(), &[dims[0], dims[1], 3, 2]);
    }
}

#[test]
fn declared_sizes_become_symbols_and_expressions() {
    let model = Model::new(17)
        .input("x", DType::F32, &["past", "seq", ""])
        .input("y", DType::F32, &["past + seq", "a weird name", "2*other"])
        .node("Identity", &["x"], &["z"], &[])
        .outputs(&["z"])
        .load()
        .expect("the model is valid");
    let dims = |k: usize| model.graph.ty(model.graph.inputs[k].node).dims.clone();
    assert_eq!(dims(0).iter().map(ToString::to_string).collect::<Vec<_>>(), ["past", "seq", "x_2"]);
    assert_eq!(dims(1)[0].to_string(), "past + seq");
    let second = dims(1);
    let alone: Vec<&str> =
        second[1..].iter().filter_map(|d| d.as_var()).map(|v| v.name().as_str()).collect();
    assert_eq!(alone, ["a weird name", "2*other"]);
}

#[test]
fn reshape_copies_sizes_and_finds_the_rest() {
    let reshape = |opset: i64, dims: &[&str], target: &[i64], allow_zero: i64| {
        Model::new(opset)
            .input("x", DType::F32, dims)
            .row("target", target)
            .node("Reshape", &["x", "target"], &["y"], &[int("allowzero", allow_zero)])
            .outputs(&["y"])
    };
    let shape = |model: Model| {
        let model = model.load().expect("the model is valid");
        model.graph.ty(model.graph.outputs[0].node).to_string()
    };
    assert_eq!(shape(reshape(5, &["n", "6"], &[0, 2, -1], 0)), "f32[n, 2, 3]");
    assert_eq!(shape(reshape(14, &["0", "3"], &[-1, 3], 0)), "f32[0, 3]");
    assert_eq!(shape(reshape(14, &["0", "3"], &[5, 0], 1)), "f32[5, 0]");
    assert_eq!(shape(reshape(14, &["n", "4", "2"], &[-1, 8], 0)), "f32[n, 8]");
    let fault = reshape(14, &["2", "3"], &[4, -1], 0).fault();
    assert!(fault.contains("6 elements are no multiple of 4"), "{fault}");
    assert!(reshape(14, &["2", "3"], &[-1, -1], 0).fault().contains("only one size may be -1"));
}

#[test]
fn expand_with_minus_one_by_where_keeps_sizes() {
    let model = Model::new(17)
        .input("x", DType::F32, &["batch", "1", "seq"])
        .row("wanted", &[-1, 4, -1])
        .row("length", &[3])
        .weight("minus", DType::I64, &[], &[-1.0])
        .node("ConstantOfShape", &["length"], &["ones"], &[one()])
        .node("Mul", &["ones", "minus"], &["all_minus"], &[])
        .node("Equal", &["wanted", "all_minus"], &["free"], &[])
        .node("Where", &["free", "ones", "wanted"], &["target"], &[])
        .node("Expand", &["x", "target"], &["y"], &[])
        .outputs(&["y"]);
    let loaded = model.load().expect("the model is valid");
    assert_eq!(loaded.graph.ty(loaded.graph.outputs[0].node).to_string(), "f32[batch, 4, seq]");
    assert_eq!(loaded.graph.nodes.len(), 2, "{}", loaded.graph);
}

fn one() -> ferrodyne_onnx::proto::AttributeProto {
    let value = super::builder::data("", DType::I64, &[1], &[1.0]);
    ferrodyne_onnx::proto::AttributeProto { t: Some(value), ..super::builder::attribute("value") }
}

#[test]
fn ranges_over_sizes_are_counted_on_the_device() {
    let model = Model::new(17)
        .input("x", DType::F32, &["n", "m"])
        .weight("zero", DType::I64, &[], &[0.0])
        .weight("one", DType::I64, &[], &[1.0])
        .weight("two", DType::I64, &[], &[2.0])
        .node("Shape", &["x"], &["shape"], &[])
        .node("Gather", &["shape", "zero"], &["n"], &[])
        .node("Gather", &["shape", "one"], &["m"], &[])
        .node("Range", &["zero", "n", "one"], &["rows"], &[])
        .node("Mul", &["m", "two"], &["twice"], &[])
        .node("Add", &["rows", "twice"], &["y"], &[])
        .node("Size", &["x"], &["size"], &[])
        .outputs(&["y", "size"]);
    let results = model.run(&[counted(&[3, 5])]);
    assert_eq!(results[0], array(&[3], &[10.0, 11.0, 12.0]));
    assert_eq!(results[1], array(&[], &[15.0]));
}

#[test]
fn a_slice_that_a_size_bounds_is_guarded() {
    let model = Model::new(17)
        .input("x", DType::F32, &["seq"])
        .weight("table", DType::F32, &[100], &(0..100).map(f64::from).collect::<Vec<_>>())
        .row("zero", &[0])
        .node("Shape", &["x"], &["seq"], &[])
        .node("Slice", &["table", "zero", "seq"], &["head"], &[])
        .node("Add", &["x", "head"], &["y"], &[])
        .outputs(&["y"]);
    let loaded = model.load().expect("the model is valid");
    assert_eq!(loaded.graph.facts.to_string(), "seq in 0..=100");
    close(&model.run(&[counted(&[3])])[0], &array(&[3], &[0.0, 2.0, 4.0]));
}

#[test]
fn a_slice_that_a_size_bounds_may_count_from_the_end() {
    let model = Model::new(17)
        .input("x", DType::F32, &["seq"])
        .weight("table", DType::F32, &[100], &(0..100).map(f64::from).collect::<Vec<_>>())
        .row("all", &[i64::MAX])
        .node("Shape", &["x"], &["seq"], &[])
        .node("Neg", &["seq"], &["from"], &[])
        .node("Slice", &["table", "from", "all"], &["tail"], &[])
        .node("Add", &["x", "tail"], &["y"], &[])
        .outputs(&["y"]);
    let loaded = model.load().expect("the model is valid");
    assert_eq!(loaded.graph.facts.to_string(), "seq in 1..=100");
    close(&model.run(&[counted(&[3])])[0], &array(&[3], &[97.0, 99.0, 101.0]));
}

#[test]
fn a_size_that_may_count_from_either_end_is_guarded() {
    let model = Model::new(17)
        .input("x", DType::F32, &["seq"])
        .row("zero", &[0])
        .row("five", &[5])
        .node("Shape", &["x"], &["seq"], &[])
        .node("Sub", &["seq", "five"], &["end"], &[])
        .node("Slice", &["x", "zero", "end"], &["y"], &[])
        .outputs(&["y"]);
    let loaded = model.load().expect("the model is valid");
    assert_eq!(loaded.graph.facts.to_string(), "seq in 5..");
}

#[test]
fn blocks_move_between_depth_and_space() {
    let x = counted(&[1, 4, 1, 2]);
    let of = |mode: &str| {
        single(
            13,
            "DepthToSpace",
            std::slice::from_ref(&x),
            &[int("blocksize", 2), text("mode", mode)],
        )
    };
    let want = array(&[1, 1, 2, 4], &[0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0]);
    assert_eq!(of("DCR"), want);
    assert_eq!(of("CRD"), want);
    assert_eq!(single(13, "SpaceToDepth", &[want], &[int("blocksize", 2)]), x);
}

#[test]
fn joining_repeating_and_turning() {
    let x = counted(&[2, 2]);
    let joined = single(13, "Concat", &[x.clone(), x.clone() + 4.0], &[int("axis", -1)]);
    assert_eq!(joined, array(&[2, 4], &[0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]));
    assert_eq!(
        single(13, "Transpose", std::slice::from_ref(&x), &[]),
        array(&[2, 2], &[0.0, 2.0, 1.0, 3.0])
    );
    assert_eq!(single(13, "Flatten", &[counted(&[2, 3, 4])], &[int("axis", -1)]), counted(&[6, 4]));
    let tiled = Model::new(13)
        .input("x", DType::F32, &["n", "2"])
        .row("repeats", &[1, 2])
        .node("Tile", &["x", "repeats"], &["y"], &[])
        .outputs(&["y"]);
    assert_eq!(tiled.run(&[x])[0], array(&[2, 4], &[0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 3.0]));
}

#[test]
fn gathering_and_scattering() {
    let x = counted(&[2, 3]);
    let run = |op: &str, indices: (&[usize], &[f64]), attributes: &[_]| {
        Model::new(16)
            .input("x", DType::F32, &["2", "3"])
            .input(
                "i",
                DType::I64,
                &indices
                    .0
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>(),
            )
            .node(op, &["x", "i"], &["y"], attributes)
            .outputs(&["y"])
            .run(&[x.clone(), array(indices.0, indices.1)])
            .remove(0)
    };
    assert_eq!(
        run("Gather", (&[2], &[-1.0, 0.0]), &[int("axis", 1)]),
        array(&[2, 2], &[2.0, 0.0, 5.0, 3.0])
    );
    assert_eq!(
        run("GatherElements", (&[2, 1], &[2.0, -2.0]), &[int("axis", 1)]),
        array(&[2, 1], &[2.0, 4.0])
    );
    assert_eq!(run("GatherND", (&[2, 2], &[0.0, 1.0, -1.0, -1.0]), &[]), array(&[2], &[1.0, 5.0]));
    assert_eq!(
        run("GatherND", (&[2, 1], &[2.0, 0.0]), &[int("batch_dims", 1)]),
        array(&[2], &[2.0, 3.0])
    );
    let scatter =
        |op: &str, index: (&[usize], &[f64]), updates: (&[usize], &[f64]), attributes: &[_]| {
            Model::new(18)
                .input("x", DType::F32, &["2", "3"])
                .weight("i", DType::I64, index.0, index.1)
                .weight("u", DType::F32, updates.0, updates.1)
                .node(op, &["x", "i", "u"], &["y"], attributes)
                .outputs(&["y"])
                .run(std::slice::from_ref(&x))
                .remove(0)
        };
    let added = scatter(
        "ScatterND",
        (&[1, 1], &[-1.0]),
        (&[1, 3], &[9.0, 9.0, 9.0]),
        &[text("reduction", "add")],
    );
    assert_eq!(added, array(&[2, 3], &[0.0, 1.0, 2.0, 12.0, 13.0, 14.0]));
    let set = scatter(
        "ScatterElements",
        (&[1, 2], &[2.0, 0.0]),
        (&[1, 2], &[8.0, 9.0]),
        &[int("axis", 1)],
    );
    assert_eq!(set, array(&[2, 3], &[9.0, 1.0, 8.0, 3.0, 4.0, 5.0]));
}

#[test]
fn one_hot_triangles_and_diagonals() {
    let hot = Model::new(11)
        .input("i", DType::I64, &["n"])
        .weight("depth", DType::I64, &[1], &[3.0])
        .weight("values", DType::F32, &[2], &[-1.0, 5.0])
        .node("OneHot", &["i", "depth", "values"], &["y"], &[])
        .outputs(&["y"]);
    let want = array(&[2, 3], &[5.0, -1.0, -1.0, -1.0, -1.0, 5.0]);
    assert_eq!(hot.run(&[array(&[2], &[0.0, -1.0])])[0], want);
    let x = counted(&[2, 2]) + 1.0;
    assert_eq!(
        single(14, "Trilu", std::slice::from_ref(&x), &[]),
        array(&[2, 2], &[1.0, 2.0, 0.0, 4.0])
    );
    let lower = single(14, "Trilu", std::slice::from_ref(&x), &[int("upper", 0)]);
    assert_eq!(lower, array(&[2, 2], &[1.0, 0.0, 3.0, 4.0]));
    assert_eq!(single(9, "EyeLike", &[x], &[int("k", 1)]), array(&[2, 2], &[0.0, 1.0, 0.0, 0.0]));
}

#[test]
fn constants_have_several_spellings() {
    let constant = |attribute| {
        Model::new(13)
            .node("Constant", &[], &["y"], &[attribute])
            .outputs(&["y"])
            .run(&[])
            .remove(0)
    };
    assert_eq!(constant(int("value_int", 7)), array(&[], &[7.0]));
    assert_eq!(constant(ints("value_ints", &[7, 8])), array(&[2], &[7.0, 8.0]));
    assert_eq!(constant(super::builder::float("value_float", 0.5)), array(&[], &[0.5]));
    assert_eq!(constant(one()), array(&[1], &[1.0]));
}

#[test]
fn a_size_that_is_divided_is_taken_to_be_no_less_than_0() {
    let model = Model::new(17)
        .input("x", DType::F32, &["n"])
        .weight("none", DType::I64, &[], &[0.0])
        .weight("one", DType::I64, &[], &[1.0])
        .weight("three", DType::I64, &[], &[3.0])
        .weight("four", DType::I64, &[], &[4.0])
        .node("Size", &["x"], &["n"], &[])
        .node("Sub", &["n", "three"], &["rest"], &[])
        .node("Div", &["rest", "four"], &["quarter"], &[])
        .node("Add", &["quarter", "one"], &["count"], &[])
        .node("Range", &["none", "count", "one"], &["y"], &[])
        .outputs(&["y"]);
    for (n, count) in [(3, 1), (6, 1), (7, 2), (12, 3)] {
        close(&model.run(&[counted(&[n])])[0], &counted(&[count]));
    }
    let guards = model.load().expect("the model is valid").graph.guards;
    let facts: Vec<String> = guards.iter().map(|guard| guard.fact.to_string()).collect();
    assert_eq!(facts, ["n - 3 in 0.."]);
}

/// The indices that the rule of ONNX takes of an axis.
fn taken(size: i64, start: i64, end: i64, step: i64) -> Vec<i64> {
    let plain = |at: i64| if at < 0 { at.saturating_add(size) } else { at };
    let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let first = plain(start).clamp(low.max(0), high);
    let end = match end {
        i64::MAX if step < 0 => low,
        end => plain(end).clamp(low, high),
    };
    let inside = |at: &i64| if step > 0 { *at < end } else { *at > end };
    std::iter::successors(Some(first), |at| Some(at + step)).take_while(inside).collect()
}

#[test]
fn a_slice_of_a_symbolic_axis_is_clamped_for_every_size() {
    let bounds = [i64::MIN, -i64::from(i32::MAX), -100, -7, -2, -1, 0, 1, 2, 7, 100, i64::MAX];
    for (start, end) in bounds.iter().flat_map(|&s| bounds.iter().map(move |&e| (s, e))) {
        for step in [1, 2, -1, -3] {
            let mut model = Model::new(13).input("x", DType::F32, &["s"]);
            for (name, value) in [("start", start), ("end", end), ("axis", 0), ("step", step)] {
                model = model.row(name, &[value]);
            }
            let operands = ["x", "start", "end", "axis", "step"];
            let model = model.node("Slice", &operands, &["y"], &[]).outputs(&["y"]);
            let loaded = model.load().expect("every bound has a meaning");
            let assumed = loaded.graph.facts.to_string();
            assert!(
                ["s in 0..", "s in 1.."].contains(&assumed.as_str()),
                "{start}..{end}: {assumed}"
            );
            for size in [1, 4, 9] {
                let indices = taken(size, start, end, step);
                let want: Vec<f64> = indices.iter().map(|&at| at as f64).collect();
                let got = run(&loaded, &[counted(&[size as usize])]).remove(0);
                assert_eq!(got, array(&[want.len()], &want), "{start}..{end}..{step} of {size}");
            }
        }
    }
}
