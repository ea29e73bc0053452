//! Attention and rotary positions.

use ferrodyne_plan::DType;

use super::builder::{Model, array, close, float, int};

/// Queries of two places against keys and values of two, one head of width 1 whose scores are all equal; rounded to
/// six places.
fn attend(
    mask: Option<(DType, &[f64])>,
    past: bool,
    attributes: &[ferrodyne_onnx::proto::AttributeProto],
) -> Vec<f64> {
    let mut model = Model::new(24)
        .input("q", DType::F32, &["1", "1", "2", "1"])
        .weight("k", DType::F32, &[1, 1, 2, 1], &[0.0, 0.0])
        .weight("v", DType::F32, &[1, 1, 2, 1], &[1.0, 3.0])
        .weight("past_k", DType::F32, &[1, 1, 1, 1], &[0.0])
        .weight("past_v", DType::F32, &[1, 1, 1, 1], &[5.0]);
    let mut inputs = vec!["q", "k", "v", ""];
    if let Some((dtype, values)) = mask {
        model = model.weight("mask", dtype, &[2, values.len() / 2], values);
        inputs[3] = "mask";
    }
    if past {
        inputs.extend(["past_k", "past_v"]);
    }
    let outputs = ["y", "present_k", "present_v"];
    let model = model.node("Attention", &inputs, &outputs, attributes).outputs(&outputs);
    let results = model.run(&[array(&[1, 1, 2, 1], &[1.0, 1.0])]);
    assert_eq!(results[2].len(), if past { 3 } else { 2 });
    results[0].iter().map(|v| (v * 1e6).round() / 1e6).collect()
}

#[test]
fn scores_are_masked_and_keys_of_earlier_calls_are_seen() {
    let causal = [int("is_causal", 1)];
    let never = f64::NEG_INFINITY;
    assert_eq!(attend(None, false, &[]), [2.0, 2.0]);
    assert_eq!(attend(None, false, &causal), [1.0, 2.0]);
    assert_eq!(attend(None, true, &causal), [3.0, 3.0]);
    assert_eq!(attend(Some((DType::Bool, &[0.0, 1.0, 1.0, 1.0])), false, &[]), [3.0, 2.0]);
    assert_eq!(attend(Some((DType::F32, &[0.0, never, 0.0, 0.0])), false, &[]), [1.0, 2.0]);
    assert_eq!(attend(Some((DType::F32, &[0.0, 0.0, 0.0, 0.0])), false, &causal), [1.0, 2.0]);
    assert_eq!(attend(Some((DType::Bool, &[1.0, 1.0, 1.0, 1.0])), true, &[]), [3.0, 3.0]);
    let capped =
        attend(Some((DType::Bool, &[0.0, 1.0, 1.0, 1.0])), false, &[float("softcap", 2.0)]);
    assert_eq!(capped, [3.0, 2.0]);
}

#[test]
fn a_query_that_sees_nothing_gives_zero() {
    assert_eq!(attend(Some((DType::Bool, &[0.0, 0.0, 1.0, 1.0])), false, &[]), [0.0, 2.0]);
    let never = f64::NEG_INFINITY;
    assert_eq!(attend(Some((DType::F32, &[never, never, 0.0, 0.0])), false, &[]), [0.0, 2.0]);
}

#[test]
fn heads_lie_in_the_last_axis_of_rank_3() {
    let model = Model::new(23)
        .input("q", DType::F32, &["batch", "places", "4"])
        .input("k", DType::F32, &["batch", "keys", "2"])
        .node(
            "Attention",
            &["q", "k", "k"],
            &["y"],
            &[int("q_num_heads", 4), int("kv_num_heads", 2)],
        )
        .outputs(&["y"]);
    let (q, k) = (array(&[1, 1, 4], &[0.0; 4]), array(&[1, 2, 2], &[1.0, 10.0, 3.0, 30.0]));
    close(&model.run(&[q, k])[0], &array(&[1, 1, 4], &[2.0, 2.0, 20.0, 20.0]));
}

#[test]
fn positions_rotate_halves_or_neighbours() {
    let model = |interleaved: i64| {
        Model::new(23)
            .input("x", DType::F32, &["1", "1", "1", "6"])
            .weight("cos", DType::F32, &[2, 2], &[1.0, 1.0, 0.0, 0.0])
            .weight("sin", DType::F32, &[2, 2], &[0.0, 0.0, 1.0, 1.0])
            .weight("place", DType::I64, &[1, 1], &[1.0])
            .node(
                "RotaryEmbedding",
                &["x", "cos", "sin", "place"],
                &["y"],
                &[int("interleaved", interleaved), int("rotary_embedding_dim", 4)],
            )
            .outputs(&["y"])
            .run(&[array(&[1, 1, 1, 6], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])])
            .remove(0)
    };
    close(&model(0), &array(&[1, 1, 1, 6], &[-3.0, -4.0, 1.0, 2.0, 5.0, 6.0]));
    close(&model(1), &array(&[1, 1, 1, 6], &[-2.0, 1.0, -4.0, 3.0, 5.0, 6.0]));
}
