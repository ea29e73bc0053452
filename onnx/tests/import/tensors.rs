//! Constant data in all its spellings.

use ferrodyne_onnx::load;
use ferrodyne_onnx::proto::{StringStringEntryProto, TensorProto};
use ferrodyne_plan::DType;

use super::builder::{Model, array, counted, data, run};

/// The values of an initialiser, as the graph's output.
fn values(tensor: TensorProto) -> Vec<f64> {
    let model = Model::new(13).tensor(tensor).node("Identity", &["t"], &["y"], &[]).outputs(&["y"]);
    model.run(&[]).remove(0).into_iter().collect()
}

fn typed(code: i32, dims: &[i64]) -> TensorProto {
    TensorProto {
        name: "t".to_owned(),
        data_type: Some(code),
        dims: dims.to_vec(),
        ..TensorProto::default()
    }
}

#[test]
fn raw_data_of_every_element_type() {
    // A file has no `long`: the compiler makes it.
    for dtype in DType::ALL.into_iter().filter(|dtype| *dtype == dtype.declared()) {
        let (low, high) = if dtype == DType::Bool { (0.0, 1.0) } else { (1.0, 100.0) };
        assert_eq!(values(data("t", dtype, &[2], &[low, high])), [low, high], "{dtype}");
    }
    for dtype in [DType::I64, DType::I32, DType::I8, DType::F16, DType::BF16, DType::F32] {
        assert_eq!(values(data("t", dtype, &[1], &[-2.0])), [-2.0], "{dtype}");
    }
}

#[test]
fn typed_fields() {
    assert_eq!(values(TensorProto { float_data: vec![1.5, -2.0], ..typed(1, &[2]) }), [1.5, -2.0]);
    assert_eq!(values(TensorProto { int32_data: vec![255], ..typed(2, &[1]) }), [255.0]);
    assert_eq!(values(TensorProto { int32_data: vec![-3], ..typed(3, &[1]) }), [-3.0]);
    assert_eq!(values(TensorProto { int32_data: vec![-3], ..typed(6, &[]) }), [-3.0]);
    assert_eq!(values(TensorProto { int64_data: vec![-3], ..typed(7, &[1]) }), [-3.0]);
    assert_eq!(values(TensorProto { int32_data: vec![1, 0], ..typed(9, &[2]) }), [1.0, 0.0]);
    assert_eq!(values(TensorProto { int32_data: vec![0x3c00], ..typed(10, &[1]) }), [1.0]);
    assert_eq!(values(TensorProto { double_data: vec![0.5], ..typed(11, &[1]) }), [0.5]);
    assert_eq!(values(TensorProto { uint64_data: vec![7], ..typed(12, &[1]) }), [7.0]);
    assert_eq!(values(TensorProto { int32_data: vec![0x3f80], ..typed(16, &[1]) }), [1.0]);
}

#[test]
fn doubles_become_floats_with_one_warning() {
    let model = Model::new(13)
        .input("x", DType::F64, &["2"])
        .weight("w", DType::F64, &[2], &[1.5, 2.5])
        .weight("v", DType::F64, &[2], &[1.0, 1.0])
        .node("Add", &["x", "w"], &["sum"], &[])
        .node("Add", &["sum", "v"], &["y"], &[])
        .outputs(&["y"]);
    let loaded = model.load().expect("the model is valid");
    assert_eq!(loaded.warnings, ["test.onnx: 64-bit floats are computed in 32 bits"]);
    assert!(loaded.graph.nodes.iter().all(|n| n.ty().dtype == DType::F32));
    assert_eq!(run(&loaded, &[array(&[2], &[1.0, 2.0])])[0], array(&[2], &[3.5, 5.5]));
}

#[test]
fn large_constants_are_parameters_in_the_order_of_the_graph() {
    let model = Model::new(13)
        .input("x", DType::F32, &["n", "3"])
        .weight("unused", DType::F32, &[2], &[0.0, 0.0])
        .weight("late", DType::F32, &[3], &[1.0, 2.0, 3.0])
        .weight("early", DType::F32, &[3, 3], &(0..9).map(f64::from).collect::<Vec<_>>())
        .weight("scale", DType::F32, &[], &[2.0])
        .node("MatMul", &["x", "early"], &["product"], &[])
        .node("Add", &["product", "late"], &["sum"], &[])
        .node("Mul", &["sum", "scale"], &["y"], &[])
        .outputs(&["y"]);
    let loaded = model.load().expect("the model is valid");
    let names: Vec<&str> = loaded.graph.inputs.iter().map(|i| i.name.as_ref()).collect();
    assert_eq!(names, ["x", "early", "late"]);
    let shapes: Vec<&[usize]> = loaded.weights.iter().map(|w| w.dims.as_slice()).collect();
    assert_eq!(shapes, [&[3, 3][..], &[3]]);
    let want = array(&[1, 3], &[2.0, 6.0, 10.0]);
    assert_eq!(
        run(&loaded, &[array(&[1, 3], &[0.0, 0.0, 0.0]) + counted(&[1, 3]) * 0.0])[0],
        want - array(&[3], &[0.0, 2.0, 4.0])
    );
}

fn entry(key: &str, value: &str) -> StringStringEntryProto {
    StringStringEntryProto { key: key.to_owned(), value: value.to_owned() }
}

fn external(entries: &[(&str, &str)]) -> Model {
    let external_data = entries.iter().map(|(key, value)| entry(key, value)).collect();
    let tensor = TensorProto { external_data, data_location: Some(1), ..typed(1, &[2]) };
    Model::new(13).tensor(tensor).node("Identity", &["t"], &["y"], &[]).outputs(&["y"])
}

#[test]
fn external_data_lies_beside_the_file() {
    let folder = std::env::temp_dir().join(format!("ferrodyne-onnx-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
    let bytes: Vec<u8> = [9.0f32, 1.5, -2.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(folder.join("weights.bin"), bytes).expect("the folder can be written");
    let path = folder.join("model.onnx");
    let load = |entries: &[(&str, &str)]| {
        std::fs::write(&path, external(entries).bytes()).expect("the folder can be written");
        load(&path).map_err(|error| error.to_string())
    };
    let model = load(&[("location", "weights.bin"), ("offset", "4"), ("length", "8")]);
    let values: Vec<f64> =
        run(&model.expect("the data is there"), &[]).remove(0).into_iter().collect();
    assert_eq!(values, [1.5, -2.0]);
    let fault = |entries: &[(&str, &str)]| load(entries).expect_err("the data is out of reach");
    let cut = fault(&[("location", "weights.bin"), ("offset", "8")]);
    assert_eq!(
        cut,
        "model.onnx: tensor `t`: its data in `weights.bin` is cut off: bytes 8 to 8+8 of 12"
    );
    let outside = fault(&[("location", "../weights.bin")]);
    assert!(
        outside.ends_with("its data lies in `../weights.bin`, outside the model's folder"),
        "{outside}"
    );
    assert!(fault(&[("location", "missing.bin")]).contains("its data in `missing.bin`:"));
    assert!(
        fault(&[("location", "weights.bin"), ("length", "4")])
            .contains("has 4 bytes, but its shape needs 8")
    );
    assert!(
        fault(&[("location", "weights.bin"), ("offset", "-1")]).contains("external offset is `-1`")
    );
    std::fs::remove_dir_all(&folder).expect("the test made the folder");
    assert!(external(&[("location", "w")]).fault().contains("the model was given as bytes"));
}
