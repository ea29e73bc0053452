//! Models that branch, loop and recur, on all devices: one program each, right by the interpreter.

use ferrodyne_onnx::proto::{
    AttributeProto, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use prost::Message;

use super::workshop::Workshop;

const FLOAT: i32 = 1;
pub(super) const INT: i32 = 7;
const BOOL: i32 = 9;

pub(super) fn value(name: &str, element: i32, dims: &[&str]) -> ValueInfoProto {
    let dim = |text: &&str| match text.parse() {
        Ok(size) => DimensionProto { dim_value: Some(size), ..DimensionProto::default() },
        Err(_) => DimensionProto { dim_param: (*text).to_owned(), ..DimensionProto::default() },
    };
    let shape = TensorShapeProto { dim: dims.iter().map(dim).collect() };
    let tensor = TensorTypeProto { elem_type: Some(element), shape: Some(shape) };
    let ty = TypeProto { tensor_type: Some(tensor), ..TypeProto::default() };
    ValueInfoProto { name: name.to_owned(), r#type: Some(ty) }
}

fn number(name: &str, element: i32, value: f32) -> TensorProto {
    let mut tensor =
        TensorProto { name: name.to_owned(), data_type: Some(element), ..TensorProto::default() };
    match element {
        INT => tensor.int64_data = vec![value as i64],
        _ => tensor.float_data = vec![value],
    }
    tensor
}

fn weight(name: &str, dims: &[i64]) -> TensorProto {
    let count: i64 = dims.iter().product();
    TensorProto {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: Some(FLOAT),
        float_data: (0..count).map(|k| (k as f32 * 0.7).sin() * 0.6).collect(),
        ..TensorProto::default()
    }
}

pub(super) fn node(
    op: &str,
    inputs: &[&str],
    outputs: &[&str],
    attribute: Vec<AttributeProto>,
) -> NodeProto {
    let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect();
    let (input, output) = (names(inputs), names(outputs));
    NodeProto { op_type: op.to_owned(), input, output, attribute, ..NodeProto::default() }
}

fn body(name: &str, inputs: &[&str], node: Vec<NodeProto>, outputs: &[&str]) -> AttributeProto {
    let values = |names: &[&str]| names.iter().map(|n| value(n, FLOAT, &[])).collect();
    let graph = GraphProto {
        node,
        input: values(inputs),
        output: values(outputs),
        ..GraphProto::default()
    };
    AttributeProto {
        name: name.to_owned(),
        g: Some(graph),
        kind: Some(5),
        ..AttributeProto::default()
    }
}

fn results(element: i32, names: &[&str]) -> Vec<ValueInfoProto> {
    names.iter().map(|name| value(name, element, &[])).collect()
}

fn model(
    input: Vec<ValueInfoProto>,
    initializer: Vec<TensorProto>,
    node: Vec<NodeProto>,
    output: Vec<ValueInfoProto>,
) -> Vec<u8> {
    let name = "test".to_owned();
    let graph = GraphProto { name, input, initializer, node, output, ..GraphProto::default() };
    let opset = OperatorSetIdProto { domain: String::new(), version: Some(17) };
    let proto = ModelProto {
        ir_version: Some(8),
        graph: Some(graph),
        opset_import: vec![opset],
        ..ModelProto::default()
    };
    proto.encode_to_vec()
}

/// Checks a model on all devices, with random inputs, which the interpreter judges.
fn agrees(name: &str, model: &[u8], arguments: &[&str]) {
    let workshop = Workshop::new(name);
    workshop.file("m.onnx", model);
    for (device, int64) in [("cpu", "narrow"), ("gpu", "narrow"), ("cpu", "pair"), ("gpu", "pair")]
    {
        let set = format!("int64={int64}");
        let check = ["check", "m.onnx", "--device", device, "--set", &set];
        let run = workshop.run(&[&check[..], arguments].concat());
        if device == "gpu" && run.err.contains("no device fits") {
            continue;
        }
        let (out, err) = (&run.out, &run.err);
        assert_eq!(
            (run.code, run.last()),
            (0, "programs: 1"),
            "{name} on {device} with {set}: {out}{err}"
        );
    }
}

#[test]
fn recurrent_layers_walk_sequences_of_any_length() {
    for (op, gates) in [("LSTM", 4), ("GRU", 3), ("RNN", 1)] {
        let inputs = vec![
            value("x", FLOAT, &["time", "batch", "3"]),
            value("lens", INT, &["batch"]),
            value("first", FLOAT, &["2", "batch", "5"]),
        ];
        let weights = vec![weight("w", &[2, gates * 5, 3]), weight("r", &[2, gates * 5, 5])];
        let both = AttributeProto {
            name: "direction".to_owned(),
            s: Some(b"bidirectional".to_vec()),
            kind: Some(3),
            ..AttributeProto::default()
        };
        let operands = ["x", "w", "r", "", "lens", "first"];
        let nodes = vec![node(op, &operands, &["all", "last"], vec![both])];
        let model = model(inputs, weights, nodes, results(FLOAT, &["all", "last"]));
        let sizes = ["--dim", "time=6", "--dim", "batch=3", "--range", "lens=1..6"];
        agrees(&format!("recurrent-{op}"), &model, &sizes);
    }
}

/// A loop that doubles `x`, or adds 1 where it is negative, and stacks its sums.
fn doubling(limit: &str, condition: Vec<NodeProto>) -> Vec<NodeProto> {
    let arm = |name: &str, op: &str, other: &str| {
        body(name, &[], vec![node(op, &["v", other], &["r"], vec![])], &["r"])
    };
    let arms = vec![arm("then_branch", "Add", "v"), arm("else_branch", "Add", "one")];
    let mut nodes = vec![
        node("ReduceSum", &["v"], &["sum"], vec![]),
        node("Greater", &["sum", "zero"], &["up"], vec![]),
        node("If", &["up"], &["next"], arms),
    ];
    nodes.extend(condition);
    let names = ["index", "before", "v"];
    let body = body("body", &names, nodes, &["going", "next", "sum"]);
    vec![node("Loop", &[limit, "", "x"], &["last", "sums"], vec![body])]
}

fn constants() -> Vec<TensorProto> {
    let number = |(name, element, value)| number(name, element, value);
    [("zero", FLOAT, 0.0), ("one", FLOAT, 1.0), ("hundred", FLOAT, 100.0), ("most", INT, 20.0)]
        .map(number)
        .to_vec()
}

#[test]
fn a_loop_stacks_as_many_rows_as_it_makes_trips() {
    let input = || vec![value("x", FLOAT, &["n", "2"])];
    let always = vec![node("Identity", &["before"], &["going"], vec![])];
    let counted =
        model(input(), constants(), doubling("most", always), results(FLOAT, &["last", "sums"]));
    agrees("counted", &counted, &["--dim", "n=3"]);
    let until = vec![node("Less", &["sum", "hundred"], &["going"], vec![])];
    let ended =
        model(input(), constants(), doubling("most", until), results(FLOAT, &["last", "sums"]));
    agrees("ended", &ended, &["--dim", "n=3"]);
}

#[test]
fn slices_need_not_fill_words() {
    let half = 10;
    let inputs = vec![value("s", half, &["n"]), value("x", half, &["time", "n"])];
    let nodes = vec![node("Add", &["before", "part"], &["sum"], vec![])];
    let sums = body("body", &["before", "part"], nodes, &["sum", "sum"]);
    let walked = AttributeProto {
        name: "num_scan_inputs".to_owned(),
        i: Some(1),
        kind: Some(2),
        ..AttributeProto::default()
    };
    let nodes = vec![node("Scan", &["s", "x"], &["last", "all"], vec![sums, walked])];
    let model = model(inputs, Vec::new(), nodes, results(half, &["last", "all"]));
    agrees("slices", &model, &["--dim", "time=4", "--dim", "n=3"]);
}

#[test]
fn a_trip_count_is_data() {
    let inputs = vec![value("x", FLOAT, &["n", "2"]), value("count", INT, &[])];
    let always = vec![node("Identity", &["before"], &["going"], vec![])];
    let mut nodes = doubling("count", always);
    let body = nodes[0].attribute[0].g.get_or_insert_default();
    body.output.truncate(2);
    nodes[0].output.truncate(1);
    let model = model(inputs, constants(), nodes, results(FLOAT, &["last"]));
    agrees("count", &model, &["--dim", "n=3", "--range", "count=3..6"]);
}

#[test]
fn a_condition_is_data() {
    let inputs = vec![value("x", FLOAT, &["n"]), value("c", BOOL, &[])];
    let arm =
        |name: &str, op: &str| body(name, &[], vec![node(op, &["x"], &["r"], vec![])], &["r"]);
    let arms = vec![arm("then_branch", "Exp"), arm("else_branch", "Tanh")];
    let model =
        model(inputs, Vec::new(), vec![node("If", &["c"], &["y"], arms)], results(FLOAT, &["y"]));
    agrees("branch", &model, &["--dim", "n=3"]);
}
