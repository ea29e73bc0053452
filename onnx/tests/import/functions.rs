//! Operators that a file defines itself, and nodes out of order.

use ferrodyne_onnx::proto::{AttributeProto, FunctionProto, OperatorSetIdProto};
use ferrodyne_plan::DType;

use super::builder::{Model, array, attribute, close, float, node};

/// `scaled_twice(x) = LeakyRelu(LeakyRelu(x, slope), slope)` with a default slope.
fn with_function() -> Model {
    let slope = AttributeProto { ref_attr_name: "slope".to_owned(), ..attribute("alpha") };
    let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
    let function = FunctionProto {
        name: "Twice".to_owned(),
        domain: "mine".to_owned(),
        input: names(&["a"]),
        output: names(&["c"]),
        node: vec![
            node("LeakyRelu", &["a"], &["b"], std::slice::from_ref(&slope)),
            node("LeakyRelu", &["b"], &["c"], &[slope]),
        ],
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: Some(16) }],
        attribute_proto: vec![float("slope", 0.5)],
        ..FunctionProto::default()
    };
    let mut model = Model::new(18).input("x", DType::F32, &["2"]);
    model.proto.functions.push(function);
    model
}

fn call(
    mut model: Model,
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[AttributeProto],
) -> Model {
    model = model.node("Twice", inputs, outputs, attributes);
    let nodes = &mut model.proto.graph.get_or_insert_default().node;
    nodes.last_mut().expect("a node was added").domain = "mine".to_owned();
    model
}

#[test]
fn functions_are_put_in_their_callers_place() {
    let model = call(with_function(), &["x"], &["b"], &[]);
    let model = call(model, &["b"], &["y"], &[float("slope", 2.0)]).outputs(&["y"]);
    close(&model.run(&[array(&[2], &[-1.0, 3.0])])[0], &array(&[2], &[-1.0, 3.0]));
}

#[test]
fn a_function_that_calls_itself_is_refused() {
    let mut model = call(with_function(), &["x"], &["y"], &[]).outputs(&["y"]);
    let mut inner = node("Twice", &["a"], &["c"], &[]);
    inner.domain = "mine".to_owned();
    model.proto.functions[0].node = vec![inner];
    assert_eq!(model.fault(), "test.onnx: function `Twice` calls itself");
}

#[test]
fn nodes_out_of_order_are_sorted() {
    let model = Model::new(13)
        .input("x", DType::F32, &["2"])
        .node("Neg", &["e"], &["y"], &[])
        .node("Exp", &["x"], &["e"], &[])
        .outputs(&["y"]);
    close(&model.run(&[array(&[2], &[0.0, 1.0])])[0], &array(&[2], &[-1.0, -1f64.exp()]));
    let missing = Model::new(13).node("Neg", &["e"], &["y"], &[]).outputs(&["y"]);
    let want = "test.onnx: node `y` uses `e`, which nothing makes before it";
    assert_eq!(missing.fault(), want);
}

#[test]
fn initialisers_among_the_inputs_are_no_arguments() {
    let model = Model::new(8)
        .input("x", DType::F32, &["2"])
        .input("w", DType::F32, &["2"])
        .weight("w", DType::F32, &[2], &[1.0, 2.0])
        .node("Add", &["x", "w"], &["y"], &[])
        .outputs(&["y"]);
    close(&model.run(&[array(&[2], &[1.0, 1.0])])[0], &array(&[2], &[2.0, 3.0]));
}

#[test]
fn names_and_places_come_from_the_file() {
    let model = Model::new(13)
        .input("x", DType::F32, &["2"])
        .node("Exp", &["x"], &["grown"], &[])
        .outputs(&["grown"])
        .load()
        .expect("the model is valid");
    let last = model.graph.node(model.graph.outputs[0].node);
    assert_eq!(last.name.as_ref().map(|n| n.as_str()), Some("grown"));
    assert_eq!(last.source.to_string(), "test.onnx in grown");
    assert_eq!((model.opset, model.producer.as_str()), (13, "test"));
}
