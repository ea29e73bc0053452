//! Recurrent layers: what holds between layers of different attributes. Their numbers are in the table of versions.

use ferrodyne_onnx::proto::AttributeProto;
use ferrodyne_plan::DType;
use ndarray::{ArrayD, Axis, Slice};

use super::builder::{Model, array, close, counted, float, int, text};

/// Hidden and input sizes.
const SIZE: usize = 2;

/// Numbers of both signs, below 1.
fn numbers(dims: &[usize], seed: f64) -> ArrayD<f64> {
    counted(dims).mapv(|k| ((k + seed) * 1.7).sin() * 0.8)
}

/// A layer of random weights over `x: [time, batch, 2]` and `lens`, with a batch axis first where that is asked for.
fn layer(op: &str, attributes: &[AttributeProto], dims: [&str; 3]) -> Model {
    let gates = match op {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    };
    let directions = if has(attributes, "bidirectional") { 2 } else { 1 };
    let rows = gates * SIZE;
    let weight = |model: Model, name: &str, dims: &[usize], seed: f64| {
        let values: Vec<f64> = numbers(dims, seed).into_iter().collect();
        model.weight(name, DType::F32, dims, &values)
    };
    let mut model = Model::new(14).input("x", DType::F32, &dims).input("lens", DType::I32, &["b"]);
    model = weight(model, "w", &[directions, rows, SIZE], 0.3);
    model = weight(model, "r", &[directions, rows, SIZE], 1.3);
    model = weight(model, "bias", &[directions, 2 * rows], 2.3);
    let operands = ["x", "w", "r", "bias", "lens"];
    model.node(op, &operands, &["all", "last"], attributes).outputs(&["all", "last"])
}

fn has(attributes: &[AttributeProto], word: &str) -> bool {
    attributes.iter().any(|a| a.s.as_deref() == Some(word.as_bytes()))
}

fn of_layer(
    op: &str,
    attributes: &[AttributeProto],
    x: &ArrayD<f64>,
    lens: &[f64],
) -> [ArrayD<f64>; 2] {
    let model = layer(op, attributes, ["t", "b", "2"]);
    let got = model.run(&[x.clone(), array(&[lens.len()], lens)]);
    got.try_into().expect("the model has two outputs")
}

#[test]
fn a_backward_layer_is_a_forward_one_of_the_reversed_sequence() {
    let x = numbers(&[4, 1, SIZE], 5.0);
    let mut reversed = x.clone();
    reversed.invert_axis(Axis(0));
    for op in ["LSTM", "GRU", "RNN"] {
        let [mut all, last] = of_layer(op, &[], &reversed, &[4.0]);
        all.invert_axis(Axis(0));
        let [backward, end] = of_layer(op, &[text("direction", "reverse")], &x, &[4.0]);
        close(&backward, &all);
        close(&end, &last);
    }
}

#[test]
fn a_short_sequence_among_longer_ones_is_as_it_is_alone() {
    let x = numbers(&[5, 2, SIZE], 5.0);
    let alone =
        x.slice_axis(Axis(1), Slice::from(1..2)).slice_axis(Axis(0), Slice::from(0..3)).to_owned();
    for op in ["LSTM", "GRU", "RNN"] {
        for way in ["forward", "reverse", "bidirectional"] {
            let attributes = [text("direction", way)];
            let [all, last] = of_layer(op, &attributes, &x, &[5.0, 3.0]);
            let [own, end] = of_layer(op, &attributes, &alone, &[3.0]);
            let part = all.slice_axis(Axis(2), Slice::from(1..2));
            close(&part.slice_axis(Axis(0), Slice::from(0..3)).to_owned(), &own);
            assert!(part.slice_axis(Axis(0), Slice::from(3..5)).iter().all(|&v| v == 0.0));
            close(&last.slice_axis(Axis(1), Slice::from(1..2)).to_owned(), &end);
        }
    }
}

#[test]
fn the_batch_may_come_first() {
    let x = numbers(&[3, 2, SIZE], 5.0);
    for op in ["LSTM", "GRU", "RNN"] {
        let [all, last] = of_layer(op, &[text("direction", "bidirectional")], &x, &[3.0, 2.0]);
        let attributes = [text("direction", "bidirectional"), int("layout", 1)];
        let model = layer(op, &attributes, ["b", "t", "2"]);
        let turned = x.clone().permuted_axes(vec![1, 0, 2]);
        let got = model.run(&[turned, array(&[2], &[3.0, 2.0])]);
        close(&got[0], &all.permuted_axes(vec![2, 0, 1, 3]));
        close(&got[1], &last.permuted_axes(vec![1, 0, 2]));
    }
}

#[test]
fn one_program_walks_sequences_of_any_length() {
    let model = layer("GRU", &[int("linear_before_reset", 1)], ["t", "b", "2"]);
    let graph = model.load().expect("the model is valid").graph;
    assert_eq!(graph.ty(graph.outputs[0].node).to_string(), "f32[t, 1, b, 2]");
    assert_eq!(graph.nodes.iter().filter(|node| node.op.as_str() == "scan").count(), 1);
}

#[test]
fn activations_take_their_numbers_in_order() {
    let names = |names: &[&str]| AttributeProto {
        strings: names.iter().map(|name| name.as_bytes().to_vec()).collect(),
        kind: Some(8),
        ..super::builder::attribute("activations")
    };
    let alphas = |values: &[f32]| AttributeProto {
        floats: values.to_vec(),
        kind: Some(6),
        ..super::builder::attribute("activation_alpha")
    };
    let x = array(&[1, 1, SIZE], &[3.0, -2.0]);
    let sums = of_layer("RNN", &[names(&["Affine"])], &x, &[1.0])[1].clone();
    let of = |name: &str, alpha: f32| {
        of_layer("RNN", &[names(&[name]), alphas(&[alpha])], &x, &[1.0])[1].clone()
    };
    close(&of("Relu", 9.0), &sums.mapv(|v| v.max(0.0)));
    close(&of("LeakyRelu", 0.25), &sums.mapv(|v| if v < 0.0 { 0.25 * v } else { v }));
    close(&of("ThresholdedRelu", 0.5), &sums.mapv(|v| if v > 0.5 { v } else { 0.0 }));
    close(&of("ScaledTanh", 0.5), &sums.mapv(|v| 0.5 * v.tanh()));
    close(&of("HardSigmoid", 0.25), &sums.mapv(|v| (0.25 * v + 0.5).clamp(0.0, 1.0)));
    close(&of("Elu", 0.5), &sums.mapv(|v| if v < 0.0 { 0.5 * v.exp_m1() } else { v }));
    close(&of("Softsign", 9.0), &sums.mapv(|v| v / (1.0 + v.abs())));
    close(&of("Softplus", 9.0), &sums.mapv(|v| v.exp().ln_1p()));
    let clipped = of_layer("RNN", &[names(&["Affine"]), float("clip", 0.25)], &x, &[1.0]);
    close(&clipped[1], &sums.mapv(|v| v.clamp(-0.25, 0.25)));
    let unknown = layer("RNN", &[names(&["Sine"])], ["t", "b", "2"]).fault();
    assert!(unknown.starts_with("RNN: the activation `Sine` is not supported"), "{unknown}");
    let few = layer("LSTM", &[names(&["Tanh"])], ["t", "b", "2"]).fault();
    assert!(few.starts_with("LSTM: 1 activations, but it needs 3"), "{few}");
}

#[test]
fn weights_of_another_size_are_a_fault() {
    let model = Model::new(14)
        .input("x", DType::F32, &["t", "b", "2"])
        .weight("w", DType::F32, &[1, 8, 2], &[0.0; 16])
        .weight("r", DType::F32, &[1, 6, 2], &[0.0; 12])
        .node("LSTM", &["x", "w", "r"], &["y"], &[])
        .outputs(&["y"]);
    let fault = model.fault();
    assert!(
        fault.starts_with("LSTM: `r` is f32[1, 6, 2]: for 1 directions and 4 gates"),
        "{fault}"
    );
}
