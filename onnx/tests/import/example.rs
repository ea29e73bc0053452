//! The model of the examples: a tiny perceptron, whose file is made here.

use std::path::Path;

use ferrodyne_onnx::load;
use ferrodyne_plan::DType;

use super::builder::{Model, array, close, int, run};

/// `relu(x w1' + b1) w2' + b2` from 4 numbers to 3, with small weights that a person can read.
fn perceptron() -> Model {
    let ramp = |count: usize, step: f64| -> Vec<f64> {
        (0..count).map(|k| step * (k as f64 - count as f64 / 2.0)).collect()
    };
    let mut model = Model::new(17)
        .input("x", DType::F32, &["batch", "4"])
        .weight("w1", DType::F32, &[8, 4], &ramp(32, 0.0625))
        .weight("b1", DType::F32, &[8], &ramp(8, 0.25))
        .weight("w2", DType::F32, &[3, 8], &ramp(24, 0.125))
        .weight("b2", DType::F32, &[3], &ramp(3, 0.5))
        .node("Gemm", &["x", "w1", "b1"], &["hidden"], &[int("transB", 1)])
        .node("Relu", &["hidden"], &["active"], &[])
        .node("Gemm", &["active", "w2", "b2"], &["y"], &[int("transB", 1)]);
    let graph = model.proto.graph.get_or_insert_default();
    graph.name = "mlp".to_owned();
    graph.output.push(super::builder::declared("y", DType::F32, &["batch", "3"]));
    model.proto.producer_name = "ferrodyne".to_owned();
    model
}

/// Set to 1, the environment variable writes the file anew.
#[test]
fn the_examples_file_is_this_model() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/mlp.onnx");
    let bytes = perceptron().bytes();
    if std::env::var("FERRODYNE_BLESS").is_ok_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().expect("the file lies in a folder"))
            .and_then(|()| std::fs::write(&path, &bytes))
            .expect("the examples' folder can be written");
    }
    let written = std::fs::read(&path).unwrap_or_default();
    assert!(
        written == bytes,
        "examples/data/mlp.onnx is another model: run the tests with FERRODYNE_BLESS=1"
    );
    let model = load(&path).expect("the file is whole");
    let x = array(&[2, 4], &[1.0, 0.0, 0.0, 0.0, 0.5, -0.5, 0.25, 1.0]);
    let layer = |x: &ndarray::ArrayD<f64>, rows: usize, step: f64, bias: f64| {
        let columns = x.shape()[1];
        let weight =
            |i: usize, j: usize| step * ((i * columns + j) as f64 - (rows * columns) as f64 / 2.0);
        ndarray::ArrayD::from_shape_fn(ndarray::IxDyn(&[x.shape()[0], rows]), |at| {
            let sum: f64 = (0..columns).map(|j| x[[at[0], j]] * weight(at[1], j)).sum();
            sum + bias * (at[1] as f64 - rows as f64 / 2.0)
        })
    };
    let want = layer(&layer(&x, 8, 0.0625, 0.25).mapv(|v| v.max(0.0)), 3, 0.125, 0.5);
    close(&run(&model, &[x])[0], &want);
}
