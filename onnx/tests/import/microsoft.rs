//! Operators that ONNX Runtime's optimiser writes.

use ferrodyne_plan::DType;

use super::builder::{Model, array, close, float, int};

/// A node of the domain `com.microsoft` between inputs `x` and `y`, both `[2, 2]`, and a row `w` of two numbers.
fn run(
    op: &str,
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[ferrodyne_onnx::proto::AttributeProto],
) -> Vec<ndarray::ArrayD<f64>> {
    let mut model = Model::new(17)
        .input("x", DType::F32, &["2", "2"])
        .input("y", DType::F32, &["2", "2"])
        .weight("w", DType::F32, &[2], &[1.0, 2.0])
        .weight("b", DType::F32, &[2], &[0.5, -0.5])
        .node(op, inputs, outputs, attributes);
    let graph = model.proto.graph.get_or_insert_default();
    graph.node.last_mut().expect("a node was added").domain = "com.microsoft".to_owned();
    let (x, y) = (array(&[2, 2], &[1.0, -1.0, 0.5, 2.0]), array(&[2, 2], &[0.0, 1.0, 1.0, 0.0]));
    let named: Vec<&str> = outputs.iter().copied().filter(|name| !name.is_empty()).collect();
    model.outputs(&named).run(&[x, y])
}

#[test]
fn gelu_in_its_variants() {
    let x = array(&[2, 2], &[1.0, -1.0, 0.5, 2.0]);
    let tanh =
        |v: f64| 0.5 * v * (1.0 + (0.797_884_560_802_865 * (v + 0.044_715 * v * v * v)).tanh());
    close(&run("FastGelu", &["x"], &["z"], &[])[0], &x.mapv(tanh));
    close(
        &run("FastGelu", &["x", "b"], &["z"], &[])[0],
        &(&x + &array(&[2], &[0.5, -0.5])).mapv(tanh),
    );
    close(&run("QuickGelu", &["x"], &["z"], &[])[0], &x.mapv(|v| v / (1.0 + (-1.702 * v).exp())));
    assert!((run("Gelu", &["x"], &["z"], &[])[0][[0, 0]] - 0.841_344_746).abs() < 1e-6);
    assert!((run("BiasGelu", &["y", "b"], &["z"], &[])[0][[0, 0]] - 0.345_731_23).abs() < 1e-6);
}

#[test]
fn products_scale_and_turn_their_operands() {
    let z = run("FusedMatMul", &["x", "y"], &["z"], &[float("alpha", 2.0), int("transA", 1)]);
    close(&z[0], &array(&[2, 2], &[1.0, 2.0, 4.0, -2.0]));
}

#[test]
fn skips_are_added_before_normalising() {
    let eps = [float("epsilon", 0.0)];
    let z = run("SkipLayerNormalization", &["x", "y", "w", "b"], &["z", "", "", "sum"], &eps);
    close(&z[0], &array(&[2, 2], &[1.5, -2.5, -0.5, 1.5]));
    close(&z[1], &array(&[2, 2], &[1.0, 0.0, 1.5, 2.0]));
    let z = run("SkipSimplifiedLayerNormalization", &["x", "x", "w"], &["z", "", "", "sum"], &eps);
    close(&z[0].slice(ndarray::s![0..1, ..]).to_owned().into_dyn(), &array(&[1, 2], &[1.0, -2.0]));
}
