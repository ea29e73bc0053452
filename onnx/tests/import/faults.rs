//! What is wrong is said in words that name it.

use ferrodyne_onnx::proto::TensorProto;
use ferrodyne_onnx::{OnnxError, import, load};
use ferrodyne_plan::DType;

use super::builder::{Model, counted, data, int};

#[test]
fn all_unsupported_nodes_are_told_at_once() {
    let mut model = Model::new(17)
        .input("x", DType::F32, &["2"])
        .node("StringConcat", &["x"], &["a"], &[])
        .node("Exp", &["a"], &["b"], &[])
        .node("Gelu", &["b"], &["c"], &[])
        .node("Fancy", &["c"], &["d"], &[])
        .outputs(&["d"]);
    let fancy = model.proto.graph.get_or_insert_default().node.last_mut().expect("there are nodes");
    (fancy.domain, fancy.name) = ("com.example".to_owned(), "the fancy one".to_owned());
    let want = "test.onnx: 3 nodes have operators that are not supported:\n  \
                ai.onnx.StringConcat (opset 17) at `a`\n  \
                ai.onnx.Gelu (opset 17) at `c`\n  \
                com.example.Fancy (opset 1) at `the fancy one`";
    assert_eq!(model.fault(), want);
    assert!(matches!(model.load(), Err(OnnxError::Unsupported { nodes, .. }) if nodes.len() == 3));
}

#[test]
fn a_missing_file_and_bytes_that_are_no_model() {
    let error = load(std::path::Path::new("no/such/file.onnx")).expect_err("there is no such file");
    assert!(error.to_string().starts_with("no/such/file.onnx: "), "{error}");
    for bytes in [&b""[..], b"\xff\xff\xff\xff", b"hello, world"] {
        let error = import(bytes, "x.onnx").expect_err("these are no models").to_string();
        assert!(error.starts_with("x.onnx: not a whole ONNX file: "), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn a_declared_element_type_that_the_graph_does_not_give_is_a_fault() {
    let declared_as = |dtype: DType| {
        let mut model =
            Model::new(17).input("x", DType::F32, &["2"]).node("Shape", &["x"], &["y"], &[]);
        let output = super::builder::declared("y", dtype, &["1"]);
        model.proto.graph.get_or_insert_default().output.push(output);
        model
    };
    assert!(declared_as(DType::I64).load().is_ok());
    let want = "test.onnx: output `y` is declared as f32, but is i64";
    assert_eq!(declared_as(DType::F32).fault(), want);
}

#[test]
fn a_file_cut_anywhere_is_a_fault_and_never_a_panic() {
    let bytes = Model::new(13)
        .input("x", DType::F32, &["batch", "3"])
        .weight("w", DType::F32, &[3, 2], &[0.5; 6])
        .weight("b", DType::F32, &[2], &[1.0, 2.0])
        .node("Gemm", &["x", "w", "b"], &["y"], &[int("transA", 0)])
        .outputs(&["y"])
        .bytes();
    for end in 0..bytes.len() {
        if let Err(error) = import(&bytes[..end], "cut.onnx") {
            assert!(!error.to_string().is_empty());
        }
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            drop(import(&changed, "changed.onnx"));
        }
    }
}

/// Many operators with attributes and known operands in one file.
fn menagerie() -> Model {
    let ints = super::builder::ints;
    Model::new(11)
        .input("x", DType::F32, &["n", "4", "6"])
        .weight("w", DType::F32, &[4, 2, 3], &[0.5; 24])
        .weight("v", DType::F32, &[4, 1, 2], &[0.5; 8])
        .row("starts", &[1, -2])
        .row("ends", &[3, i64::MAX])
        .row("axes", &[1, 2])
        .row("steps", &[1, -1])
        .row("target", &[0, 2, -1])
        .row("repeats", &[1, 2, 1])
        .row("pads", &[0, 0, 1, 0, 0, 2])
        .row("k", &[2])
        .weight("one", DType::I64, &[], &[1.0])
        .weight("limit", DType::I64, &[], &[5.0])
        .node(
            "Conv",
            &["x", "w"],
            &["c"],
            &[ints("strides", &[2]), ints("pads", &[1, 1]), int("group", 2)],
        )
        .node(
            "ConvTranspose",
            &["c", "v"],
            &["t"],
            &[ints("strides", &[2]), ints("output_shape", &[7])],
        )
        .node("MaxPool", &["x"], &["m"], &[ints("kernel_shape", &[2]), int("ceil_mode", 1)])
        .node("LRN", &["m"], &["r"], &[int("size", 3)])
        .node("Slice", &["x", "starts", "ends", "axes", "steps"], &["s"], &[])
        .node("Reshape", &["x", "target"], &["a"], &[])
        .node("Tile", &["x", "repeats"], &["b"], &[])
        .node("Pad", &["x", "pads"], &["d"], &[super::builder::text("mode", "edge")])
        .node("Split", &["x"], &["e", "f"], &[int("axis", 1), ints("split", &[1, 3])])
        .node("TopK", &["x", "k"], &["g", "h"], &[int("axis", -1)])
        .node("Range", &["one", "limit", "one"], &["i"], &[])
        .node("Gather", &["x", "i"], &["j"], &[int("axis", 2)])
        .node("Tile", &["i", "k"], &["l"], &[])
        .node("Transpose", &["x"], &["o"], &[ints("perm", &[2, 0, 1])])
        .node("Unsqueeze", &["x"], &["p"], &[ints("axes", &[0, -1])])
        .node("ReduceMean", &["x"], &["q"], &[ints("axes", &[-1]), int("keepdims", 0)])
        .node("OneHot", &["i", "limit", "k2"], &["u"], &[int("axis", 0)])
        .weight("k2", DType::F32, &[2], &[0.0, 1.0])
        .outputs(&["t", "r", "s", "a", "b", "d", "e", "g", "j", "l", "o", "p", "q", "u"])
}

#[test]
fn no_change_of_a_byte_makes_the_importer_panic() {
    let model = menagerie();
    assert!(model.load().is_ok(), "{:?}", model.load().err());
    let bytes = model.bytes();
    for at in 0..bytes.len() {
        for value in [0x00, 0x01, 0x7f, 0xff, bytes[at] ^ 0x80, bytes[at] ^ 0x01] {
            let mut changed = bytes.clone();
            changed[at] = value;
            drop(import(&changed, "changed.onnx"));
        }
    }
}

/// The fault of a model with one initialiser.
fn tensor_fault(tensor: TensorProto) -> String {
    let tensor = TensorProto { name: "t".to_owned(), ..tensor };
    let fault =
        Model::new(13).tensor(tensor).node("Identity", &["t"], &["y"], &[]).outputs(&["y"]).fault();
    fault.trim_start_matches("test.onnx: tensor `t`: ").to_owned()
}

#[test]
fn tensors_that_do_not_add_up() {
    let good = data("t", DType::F32, &[2, 2], &[0.0; 4]);
    let with = |dims: &[i64]| TensorProto { dims: dims.to_vec(), ..good.clone() };
    assert_eq!(
        tensor_fault(with(&[3, 2])),
        "it has 16 bytes of data, but its shape [3, 2] needs 24"
    );
    assert_eq!(tensor_fault(with(&[-1])), "it has a size of -1");
    assert!(
        tensor_fault(with(&[i64::MAX, i64::MAX])).ends_with("has more elements than any memory")
    );
    assert!(tensor_fault(with(&[1 << 40])).ends_with("has more elements than any memory"));
    let of = |code| TensorProto { data_type: Some(code), ..good.clone() };
    assert_eq!(
        tensor_fault(of(8)),
        "element type string is not supported; those that are: float, uint8, int8, int32, int64, bool, float16, double, \
         uint32, bfloat16"
    );
    assert_eq!(tensor_fault(of(99)), "element type 99 is unknown");
    assert_eq!(
        tensor_fault(TensorProto { raw_data: None, ..good.clone() }),
        "it has 0 elements, but its shape needs 4"
    );
}

#[test]
fn inputs_must_be_tensors_of_known_rank() {
    let with = |dims: &[&str]| {
        let model = Model::new(13).input("x", DType::F32, dims);
        model.node("Exp", &["x"], &["y"], &[]).outputs(&["y"])
    };
    let mut rankless = with(&["2"]);
    let input = &mut rankless.proto.graph.get_or_insert_default().input[0];
    let tensor = input.r#type.as_mut().and_then(|ty| ty.tensor_type.as_mut());
    tensor.expect("the input is a tensor").shape = None;
    assert!(rankless.fault().ends_with("input `x`: its rank is not declared; declare its shape"));
    assert!(with(&["-7"]).fault().ends_with("input `x`: axis 0 has a size of -7"));
    let twice = with(&["2"]).input("x", DType::F32, &["2"]);
    assert!(twice.fault().ends_with("input `x`: the name is used twice"));
}

#[test]
fn nodes_that_do_not_fit_name_operator_and_place() {
    let node = |op: &str, inputs: &[&str], attributes: &[_]| {
        Model::new(13)
            .input("x", DType::F32, &["2", "3"])
            .input("i", DType::I64, &["2"])
            .row("far", &[7])
            .node(op, inputs, &["y"], attributes)
            .outputs(&["y"])
            .fault()
    };
    assert_eq!(
        node("MatMul", &["x", "x"], &[]),
        "matmul: `x` is f32[2, 3] but `x` is f32[2, 3]: 3 and 2 must be equal (test.onnx in y)"
    );
    assert_eq!(
        node("Reshape", &["x", "i"], &[]),
        "Reshape: a shape (operand 1) that is computed from data is not supported; store `i` as an initialiser of \
         the file (test.onnx in y)"
    );
    assert_eq!(node("Unsqueeze", &["x"], &[]), "Unsqueeze: the axes are missing (test.onnx in y)");
    assert_eq!(
        node("Gather", &["x", "far"], &[]),
        "Gather: index 7 is out of range for size 2 (test.onnx in y)"
    );
    assert_eq!(
        node("Transpose", &["x"], &[super::builder::ints("perm", &[0, 5])]),
        "Transpose: axis 5 does not exist in rank 2 (test.onnx in y)"
    );
    assert_eq!(
        node("Squeeze", &["x", "far"], &[]),
        "Squeeze: axis 7 does not exist in rank 2 (test.onnx in y)"
    );
    assert!(node("Add", &["x"], &[]).starts_with("Add: operand 1 is missing"));
    let unwanted = Model::new(13)
        .input("x", DType::F32, &["2", "3"])
        .node("Relu", &["x"], &["y", "more"], &[])
        .outputs(&["y"]);
    assert!(unwanted.fault().starts_with("Relu: result 1 (`more`) is not supported"));
}

#[test]
fn names_stand_for_one_value() {
    let start = || Model::new(13).input("x", DType::F32, &["2"]).row("w", &[1, 2]);
    let relu = |model: Model, to: &str| model.node("Relu", &["x"], &[to], &[]);
    let twice = relu(relu(start(), "y"), "y").outputs(&["y"]);
    assert_eq!(twice.fault(), "test.onnx: node `y` makes `y`, which is made already");
    let over_input = relu(relu(start(), "x"), "y").outputs(&["y"]);
    assert_eq!(over_input.fault(), "test.onnx: node `x` makes `x`, which is made already");
    let over_weight = relu(start(), "w").outputs(&["w"]);
    assert_eq!(over_weight.fault(), "test.onnx: node `w` makes `w`, which is made already");
    let two_weights = relu(start().row("w", &[3]), "y").outputs(&["y"]);
    assert_eq!(two_weights.fault(), "test.onnx: tensor `w`: the name is used twice");
    let listed_twice = relu(start(), "y").outputs(&["y", "y"]).load().expect("it is one output");
    assert_eq!(listed_twice.graph.outputs.len(), 1);
    assert_eq!(relu(start(), "y").fault(), "test.onnx: the graph has no outputs");
    let ring = start().node("Add", &["x", "b"], &["a"], &[]).node("Relu", &["a"], &["b"], &[]);
    let want = "test.onnx: node `a` uses `b`, which nothing makes before it";
    assert_eq!(ring.outputs(&["b"]).fault(), want);
}

#[test]
fn values_without_end_are_refused() {
    let declared = Model::new(13)
        .input("x", DType::F32, &["1099511627776", "n"])
        .node("Relu", &["x"], &["y"], &[])
        .outputs(&["y"]);
    let want =
        "test.onnx: input `x`: the shape [1099511627776, n] has more than 2147483647 elements";
    assert_eq!(declared.fault(), want);
    let made = Model::new(13)
        .input("x", DType::F32, &["2"])
        .row("shape", &[1 << 40])
        .node("ConstantOfShape", &["shape"], &["c"], &[])
        .node("ReduceSum", &["c"], &["y"], &[])
        .outputs(&["y"]);
    let want =
        "ConstantOfShape: result `c`: the shape [1099511627776] has more than 2147483647 elements";
    assert!(made.fault().starts_with(want), "{}", made.fault());
}

#[test]
fn doubles_are_told_and_keep_their_names() {
    let mut model = Model::new(13)
        .input("x", DType::F32, &["2"])
        .node("Exp", &["x"], &["y"], &[])
        .node("Relu", &["x"], &["z"], &[]);
    let graph = model.proto.graph.get_or_insert_default();
    graph.output =
        ["y", "z"].map(|name| super::builder::declared(name, DType::F32, &["2"])).to_vec();
    for info in [&mut graph.input[0], &mut graph.output[0]] {
        let tensor = info.r#type.as_mut().and_then(|ty| ty.tensor_type.as_mut());
        tensor.expect("it is a tensor").elem_type = Some(11);
    }
    let loaded = model.load().expect("doubles are read");
    assert_eq!(loaded.warnings, ["test.onnx: 64-bit floats are computed in 32 bits"]);
    assert_eq!(loaded.doubles.iter().map(String::as_str).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(loaded.graph.ty(loaded.graph.inputs[0].node).dtype, DType::F32);
}

#[test]
fn a_newer_version_is_imported_with_a_warning() {
    let model = Model::new(99)
        .input("x", DType::F32, &["2"])
        .node("Exp", &["x"], &["y"], &[])
        .outputs(&["y"]);
    let loaded = model.load().expect("the operator is known");
    assert_eq!(loaded.warnings, ["test.onnx: opset 99 is newer than 28, the newest that is known"]);
    assert_eq!(model.run(&[counted(&[2]) * 0.0])[0], counted(&[2]) * 0.0 + 1.0);
}
