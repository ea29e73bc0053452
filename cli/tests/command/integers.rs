//! Integers of 64 bits: refused by default where 32 do not hold them, and exact with `--set int64=pair`.

use ferrodyne_onnx::proto::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto};
use prost::Message;

use super::control::{INT, node, value};
use super::workshop::{Workshop, npy};

const FACTOR: i64 = 6_364_136_223_846_793_005;
const SUMMAND: i64 = 1_442_695_040_888_963_407;
const PRIME: i64 = 1_000_000_007;

/// A hash by a linear congruential generator (Knuth's MMIX): its state, folded and reduced.
fn hash() -> Vec<u8> {
    let number = |(name, value): (&str, i64)| TensorProto {
        name: name.to_owned(),
        data_type: Some(INT),
        int64_data: vec![value],
        ..TensorProto::default()
    };
    let constants = [("factor", FACTOR), ("summand", SUMMAND), ("prime", PRIME), ("half", 1 << 33)];
    let node = |op, inputs: &[&str], output: &str| node(op, inputs, &[output], vec![]);
    let nodes: Vec<NodeProto> = vec![
        node("Mul", &["seed", "factor"], "product"),
        node("Add", &["product", "summand"], "state"),
        node("Div", &["state", "half"], "high"),
        node("BitwiseXor", &["state", "high"], "folded"),
        node("Mod", &["folded", "prime"], "bucket"),
    ];
    let graph = GraphProto {
        name: "hash".to_owned(),
        input: vec![value("seed", INT, &["n"])],
        output: ["state", "bucket"].map(|name| value(name, INT, &["n"])).to_vec(),
        initializer: constants.map(number).to_vec(),
        node: nodes,
        ..GraphProto::default()
    };
    let opset = OperatorSetIdProto { domain: String::new(), version: Some(18) };
    let model = ModelProto {
        ir_version: Some(8),
        graph: Some(graph),
        opset_import: vec![opset],
        ..ModelProto::default()
    };
    model.encode_to_vec()
}

fn i64s(values: &[i64]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    npy("<i8", false, &[values.len()], &bytes)
}

const SEEDS: [i64; 9] =
    [0, 1, -1, i64::MIN, i64::MAX, 1 << 32, -(1 << 40), 123_456_789_012_345_678, -7];

fn workshop(name: &str, seeds: &[i64]) -> Workshop {
    let workshop = Workshop::new(name);
    workshop.file("hash.onnx", &hash());
    workshop.arrays("in.npz", &[("seed", i64s(seeds))]);
    workshop
}

const RUN: [&str; 6] = ["run", "hash.onnx", "--inputs", "in.npz", "--outputs", "out.npz"];

#[test]
fn a_hash_is_exact_with_pairs() {
    let workshop = workshop("pairs", &SEEDS);
    let state = |seed: &i64| seed.wrapping_mul(FACTOR).wrapping_add(SUMMAND);
    let states: Vec<i64> = SEEDS.iter().map(state).collect();
    let buckets: Vec<i64> =
        states.iter().map(|state| (state ^ (state / (1 << 33))).rem_euclid(PRIME)).collect();
    for (device, backend) in [("cpu", "inductor"), ("cpu", "eager"), ("gpu", "inductor")] {
        let how = ["--set", "int64=pair", "--device", device, "--backend", backend];
        let run = workshop.run(&[&RUN[..], &how].concat());
        if device == "gpu" && run.err.contains("no device fits") {
            continue;
        }
        assert_eq!(run.code, 0, "{}", run.err);
        // Stored members: the arrays stand in the file as they are.
        let written = workshop.read("out.npz");
        for (name, values) in [("state", &states), ("bucket", &buckets)] {
            let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            let found = written.windows(bytes.len()).any(|window| window == bytes);
            assert!(found, "`{name}` is not exact on {device} by {backend}");
        }
    }
}

#[test]
fn what_32_bits_do_not_hold_is_named_with_the_option() {
    for device in ["cpu", "gpu"] {
        let large = workshop("large-input", &SEEDS);
        let run = large.run(&[&RUN[..], &["--device", device]].concat());
        if device == "gpu" && run.err.contains("no device fits") {
            continue;
        }
        let advice =
            "which does not fit i32 on the device; compile with `int64 = pair` for 64 bits";
        let want = format!("`seed` holds {}, {advice}", i64::MIN);
        assert_eq!(run.fault(1), want);
        let small = workshop("large-constant", &[1, 2]);
        let run = small.run(&[&RUN[..], &["--device", device]].concat());
        assert!(
            run.fault(1).starts_with(&format!("a constant of `product` holds {FACTOR}, {advice}")),
            "{}",
            run.err
        );
    }
}
