//! Branches and loops: what is decided while the file is read, and what the graph decides.

use ferrodyne_onnx::OnnxModel;
use ferrodyne_onnx::proto::{AttributeProto, FunctionProto, GraphProto, NodeProto};
use ferrodyne_plan::DType;

use super::builder::{Model, array, attribute, close, counted, graph, int, ints, node, run};

/// `If c: y = -x + w else y = exp x`, where `w` is a weight of the branch.
fn choice(condition: fn(Model) -> Model) -> Model {
    let mut then = graph(
        "then_branch",
        &[],
        &[node("Neg", &["x"], &["n"], &[]), node("Add", &["n", "w"], &["then"], &[])],
        &["then"],
    );
    let weight = super::builder::data("w", DType::F32, &[2], &[10.0, 20.0]);
    then.g.get_or_insert_default().initializer.push(weight);
    let other = [node("Exp", &["x"], &["else"], &[])];
    let other = graph("else_branch", &[], &other, &["else"]);
    let model = condition(Model::new(17).input("x", DType::F32, &["2"]));
    model.node("If", &["c"], &["y"], &[then, other]).outputs(&["y"])
}

/// Names of the operators of a model's graph.
fn operators(model: &OnnxModel) -> Vec<&str> {
    model.graph.nodes.iter().map(|node| node.op.as_str()).collect()
}

#[test]
fn a_branch_of_a_condition_that_is_data_is_chosen_when_the_model_runs() {
    let model = choice(|model| model.input("c", DType::Bool, &["1"]));
    let x = array(&[2], &[0.0, 1.0]);
    let of = |c: f64| model.run(&[x.clone(), array(&[1], &[c])]).remove(0);
    close(&of(1.0), &array(&[2], &[10.0, 19.0]));
    close(&of(0.0), &array(&[2], &[1.0, 1f64.exp()]));
    let loaded = model.load().expect("the model is valid");
    assert!(operators(&loaded).contains(&"cond"));
    assert_eq!(loaded.weights.len(), 1, "a weight of a branch is one of the model");
}

#[test]
fn a_branch_of_a_known_condition_is_taken_while_the_file_is_read() {
    let model = choice(|model| model.weight("c", DType::Bool, &[], &[0.0]));
    close(&model.run(&[array(&[2], &[0.0, 1.0])])[0], &array(&[2], &[1.0, 1f64.exp()]));
    assert_eq!(operators(&model.load().expect("the model is valid")), ["input", "exp"]);
    let by_size = |size: &str| {
        let rank = ["x"];
        Model::new(17)
            .input("x", DType::F32, &["n", size])
            .row("one", &[1])
            .node("Shape", &rank, &["dims"], &[int("start", 1)])
            .node("Equal", &["dims", "one"], &["c"], &[])
            .node(
                "If",
                &["c"],
                &["y"],
                &[
                    graph(
                        "then_branch",
                        &[],
                        &[node("Squeeze", &["x", "one"], &["a"], &[])],
                        &["a"],
                    ),
                    graph("else_branch", &[], &[node("Identity", &["x"], &["b"], &[])], &["b"]),
                ],
            )
            .outputs(&["y"])
    };
    close(&by_size("1").run(&[counted(&[3, 1])])[0], &counted(&[3]));
    close(&by_size("2").run(&[counted(&[3, 2])])[0], &counted(&[3, 2]));
}

#[test]
fn branches_of_unequal_types_are_a_fault_that_names_the_node() {
    let squeeze = [node("ReduceSum", &["x"], &["a"], &[int("keepdims", 0)])];
    let same = [node("Identity", &["x"], &["b"], &[])];
    let model = Model::new(17)
        .input("x", DType::F32, &["2"])
        .input("c", DType::Bool, &[])
        .node(
            "If",
            &["c"],
            &["y"],
            &[
                graph("then_branch", &[], &squeeze, &["a"]),
                graph("else_branch", &[], &same, &["b"]),
            ],
        )
        .outputs(&["y"]);
    let fault = model.fault();
    assert!(fault.starts_with("If: result 0 of `then` is f32[], but that of `else`"), "{fault}");
    assert!(fault.contains("test.onnx in y") && fault.contains("make both branches"), "{fault}");
}

/// A loop over `v` with a body of these nodes, which give `going` and `next`, and stack `row` where it is asked for.
fn looped(model: Model, operands: &[&str], nodes: &[NodeProto], stacks: bool) -> Model {
    let results: &[&str] = if stacks { &["going", "next", "row"] } else { &["going", "next"] };
    let body = graph("body", &["i", "before", "v"], nodes, results);
    let outputs: &[&str] = if stacks { &["last", "rows"] } else { &["last"] };
    model.node("Loop", operands, outputs, &[body]).outputs(outputs)
}

/// `next = v + v`, and `going` as before.
fn doubling() -> Vec<NodeProto> {
    vec![
        node("Identity", &["before"], &["going"], &[]),
        node("Add", &["v", "v"], &["next"], &[]),
        node("Neg", &["v"], &["row"], &[]),
    ]
}

/// `next = v + v`, as long as `next` is below a limit.
fn doubling_below() -> Vec<NodeProto> {
    let mut nodes = doubling();
    nodes[0] = node("Less", &["next", "limit"], &["going"], &[]);
    nodes
}

fn with_limit() -> Model {
    Model::new(17).input("x", DType::F32, &[]).input("limit", DType::F32, &[])
}

#[test]
fn a_loop_of_a_known_number_of_trips_is_a_scan() {
    let sized = Model::new(17).input("x", DType::F32, &[]).input("along", DType::F32, &["n"]).node(
        "Size",
        &["along"],
        &["n"],
        &[],
    );
    let model = looped(sized, &["n", "", "x"], &doubling(), true);
    for n in [0usize, 1, 3] {
        let got = model.run(&[array(&[], &[1.0]), counted(&[n])]);
        close(&got[0], &array(&[], &[f64::from(1 << n)]));
        let rows: Vec<f64> = (0..n).map(|k| -f64::from(1 << k)).collect();
        close(&got[1], &array(&[n], &rows));
    }
    let loaded = model.load().expect("the model is valid");
    assert!(operators(&loaded).contains(&"scan"));
    assert_eq!(loaded.graph.ty(loaded.graph.outputs[1].node).to_string(), "f32[n]");
}

#[test]
fn a_trip_count_and_a_condition_may_be_data() {
    let count = Model::new(17).input("x", DType::F32, &[]).input("count", DType::I64, &["1"]);
    let model = looped(count, &["count", "", "x"], &doubling(), false);
    for n in [-1.0, 0.0, 1.0, 5.0] {
        let got = model.run(&[array(&[], &[1.0]), array(&[1], &[n])]);
        close(&got[0], &array(&[], &[2f64.powf(n.max(0.0))]));
    }
    let model = looped(with_limit(), &["", "", "x"], &doubling_below(), false);
    for (limit, want) in [(0.0, 2.0), (3.0, 4.0), (1000.0, 1024.0)] {
        close(&model.run(&[array(&[], &[1.0]), array(&[], &[limit])])[0], &array(&[], &[want]));
    }
    let model = with_limit().input("count", DType::I64, &[]).input("start", DType::Bool, &[]);
    let model = looped(model, &["count", "start", "x"], &doubling_below(), false);
    for (count, start, want) in [(9.0, 1.0, 32.0), (3.0, 1.0, 8.0), (9.0, 0.0, 1.0)] {
        let operands = [1.0, 20.0, count, start].map(|value| array(&[], &[value]));
        close(&model.run(&operands)[0], &array(&[], &[want]));
    }
}

#[test]
fn rows_of_a_loop_that_a_condition_ends_are_as_many_as_an_output_says() {
    let model = with_limit().weight("most", DType::I64, &[], &[6.0]);
    let model = looped(model, &["most", "", "x"], &doubling_below(), true);
    let loaded = model.load().expect("the model is valid");
    assert_eq!(loaded.lengths, [("rows".to_owned(), "rows.length".to_owned())]);
    for (limit, rows) in [(0.0, 1), (3.0, 2), (1000.0, 6)] {
        let got = run(&loaded, &[array(&[], &[1.0]), array(&[], &[limit])]);
        assert_eq!(got[1].shape(), [6]);
        close(&got[2], &array(&[], &[f64::from(rows)]));
        for k in 0..rows {
            assert_eq!(got[1][k as usize], -f64::from(1 << k));
        }
    }
    let read = with_limit().weight("most", DType::I64, &[], &[6.0]);
    let read = looped(read, &["most", "", "x"], &doubling_below(), true);
    let fault = read.node("Neg", &["rows"], &["y"], &[]).fault();
    assert!(fault.starts_with("Neg: `rows` has as many entries as a loop makes trips"), "{fault}");
    let fault = looped(with_limit(), &["", "", "x"], &doubling_below(), true).fault();
    assert!(fault.starts_with("Loop: stacking values of a loop whose trips nothing"), "{fault}");
}

#[test]
fn a_loop_whose_value_grows_is_written_out_where_its_trips_are_constant() {
    let grows = vec![
        node("Identity", &["before"], &["going"], &[]),
        node("Concat", &["v", "x"], &["next"], &[int("axis", 0)]),
    ];
    let start = || Model::new(17).input("x", DType::F32, &["2"]);
    let constant = start().weight("three", DType::I64, &[], &[3.0]);
    let model = looped(constant, &["three", "", "x"], &grows, false);
    let x = array(&[2], &[1.0, 2.0]);
    let got = model.run(std::slice::from_ref(&x)).remove(0);
    close(&got, &array(&[8], &[1.0, 2.0].repeat(4)));
    let data = start().input("count", DType::I64, &[]);
    let fault = looped(data, &["count", "", "x"], &grows, false).fault();
    assert!(fault.starts_with("Loop: `x` is f32[2], but `body` gives f32[4]"), "{fault}");
    assert!(fault.contains("test.onnx in last") && fault.contains("written out"), "{fault}");
}

#[test]
fn graphs_read_names_from_all_graphs_around_them() {
    let inner = |attribute: &str, op: &str| {
        let nodes = [node(op, &["sum", "x"], &["value"], &[])];
        graph(attribute, &[], &nodes, &["value"])
    };
    let body = vec![
        node("Identity", &["before"], &["going"], &[]),
        node("Add", &["v", "x"], &["sum"], &[]),
        node("Less", &["sum", "limit"], &["low"], &[]),
        node(
            "If",
            &["low"],
            &["next"],
            &[inner("then_branch", "Mul"), inner("else_branch", "Sub")],
        ),
    ];
    let model = with_limit().input("count", DType::I64, &[]);
    let model = looped(model, &["count", "", "x"], &body, false);
    let mut want = 2.0;
    for _ in 0..4 {
        let sum = want + 2.0;
        want = if sum < 50.0 { sum * 2.0 } else { sum - 2.0 };
    }
    let got = model.run(&[2.0, 50.0, 4.0].map(|value| array(&[], &[value])));
    close(&got[0], &array(&[], &[want]));
}

#[test]
fn a_scan_walks_along_any_axis_in_either_direction() {
    let body = graph(
        "body",
        &["s", "a", "b"],
        &[node("Mul", &["a", "b"], &["p"], &[]), node("Add", &["s", "p"], &["next"], &[])],
        &["next", "next"],
    );
    let attributes = [
        body,
        int("num_scan_inputs", 2),
        ints("scan_input_axes", &[1, -1]),
        ints("scan_input_directions", &[0, 1]),
        ints("scan_output_axes", &[1]),
        ints("scan_output_directions", &[1]),
    ];
    let model = Model::new(17)
        .input("s", DType::F32, &["2"])
        .input("a", DType::F32, &["2", "t"])
        .input("b", DType::F32, &["2", "t"])
        .node("Scan", &["s", "a", "b"], &["last", "all"], &attributes)
        .outputs(&["last", "all"]);
    let (a, b) = (array(&[2, 2], &[1.0, 2.0, 3.0, 4.0]), array(&[2, 2], &[5.0, 6.0, 7.0, 8.0]));
    let got = model.run(&[array(&[2], &[100.0, 200.0]), a, b]);
    close(&got[0], &array(&[2], &[116.0, 252.0]));
    close(&got[1], &array(&[2, 2], &[116.0, 106.0, 252.0, 224.0]));
}

#[test]
fn graphs_in_functions_take_the_names_and_attributes_of_the_call() {
    let slope = AttributeProto { ref_attr_name: "slope".to_owned(), ..attribute("alpha") };
    let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
    let arm = |name: &str, node: NodeProto| graph(name, &[], &[node], &["r"]);
    let function = FunctionProto {
        name: "Choose".to_owned(),
        domain: "mine".to_owned(),
        input: names(&["c", "a"]),
        output: names(&["y"]),
        attribute: names(&["slope"]),
        node: vec![node(
            "If",
            &["c"],
            &["y"],
            &[
                arm("then_branch", node("LeakyRelu", &["a"], &["r"], &[slope])),
                arm("else_branch", node("Neg", &["a"], &["r"], &[])),
            ],
        )],
        ..FunctionProto::default()
    };
    let mut model = Model::new(17).input("x", DType::F32, &["2"]).input("k", DType::Bool, &[]);
    model.proto.functions.push(function);
    model = model.node("Choose", &["k", "x"], &["z"], &[super::builder::float("slope", 0.5)]);
    let nodes = &mut model.proto.graph.get_or_insert_default().node;
    nodes.last_mut().expect("a node was added").domain = "mine".to_owned();
    let model = model.outputs(&["z"]);
    let x = array(&[2], &[-2.0, 4.0]);
    let of = |k: f64| model.run(&[x.clone(), array(&[], &[k])]).remove(0);
    close(&of(1.0), &array(&[2], &[-1.0, 4.0]));
    close(&of(0.0), &array(&[2], &[2.0, -4.0]));
}

#[test]
fn unsupported_nodes_in_graphs_are_told_with_the_others() {
    let arm = |name: &str| graph(name, &[], &[node("Fancy", &["x"], &["f"], &[])], &["f"]);
    let model = Model::new(17)
        .input("x", DType::F32, &["2"])
        .input("c", DType::Bool, &[])
        .node("If", &["c"], &["y"], &[arm("then_branch"), arm("else_branch")])
        .node("Odd", &["y"], &["z"], &[])
        .outputs(&["z"]);
    let want = "test.onnx: 3 nodes have operators that are not supported:\n  \
                ai.onnx.Fancy (opset 17) at `f`\n  \
                ai.onnx.Fancy (opset 17) at `f`\n  \
                ai.onnx.Odd (opset 17) at `z`";
    assert_eq!(model.fault(), want);
}

#[test]
fn graphs_that_do_not_fit_their_node_are_faults() {
    let start = || Model::new(17).input("x", DType::F32, &["2"]).input("c", DType::Bool, &[]);
    let one = |name: &str| graph(name, &[], &[node("Neg", &["x"], &["r"], &[])], &["r"]);
    let fault = |op: &str, operands: &[&str], attributes: &[AttributeProto]| {
        start().node(op, operands, &["y"], attributes).outputs(&["y"]).fault()
    };
    let lacks = fault("If", &["c"], &[one("then_branch")]);
    assert!(lacks.starts_with("If: the graph `else_branch` is missing"), "{lacks}");
    let loose = fault("Loop", &["", "c", "x"], &[one("body")]);
    assert!(loose.starts_with("Loop: it carries 1 values, but its body takes 0"), "{loose}");
    let none = fault("Scan", &["x"], &[one("body")]);
    assert!(none.starts_with("Scan: it has 1 operands, 0 of them to be walked"), "{none}");
    let mut missing = one("then_branch");
    missing.g.get_or_insert_default().node[0].input[0] = "nowhere".to_owned();
    let absent = fault("If", &["c"], &[missing, one("else_branch")]);
    assert!(absent.contains("node `y` uses `nowhere`, which nothing makes"), "{absent}");
    let empty = AttributeProto { g: Some(GraphProto::default()), ..attribute("then_branch") };
    let fewer = fault("If", &["c"], &[empty, one("else_branch")]);
    assert!(fewer.starts_with("If: `then` gives 0 results and `else` gives 1"), "{fewer}");
}

#[test]
fn a_file_with_graphs_in_nodes_that_is_changed_anywhere_is_never_a_panic() {
    let arm = |name: &str, op: &str| graph(name, &[], &[node(op, &["v"], &["r"], &[])], &["r"]);
    let mut nodes = doubling_below();
    let arms = [arm("then_branch", "Neg"), arm("else_branch", "Exp")];
    nodes.push(node("If", &["going"], &["chosen"], &arms));
    let sums =
        graph("body", &["s", "part"], &[node("Add", &["s", "part"], &["t"], &[])], &["t", "t"]);
    let model = with_limit()
        .input("many", DType::F32, &["n", "1", "2"])
        .weight("most", DType::I64, &[], &[3.0])
        .weight("w", DType::F32, &[1, 3, 2], &[0.5; 6])
        .weight("r", DType::F32, &[1, 3, 1], &[0.5; 3])
        .node("GRU", &["many", "w", "r"], &["all", "end"], &[int("hidden_size", 1)])
        .node("Scan", &["end", "all"], &["s", "parts"], &[sums, int("num_scan_inputs", 1)]);
    let bytes = looped(model, &["most", "", "x"], &nodes, true).bytes();
    ferrodyne_onnx::import(&bytes, "whole.onnx").expect("the model is valid");
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            drop(ferrodyne_onnx::import(&changed, "changed.onnx"));
        }
    }
}
