//! Arithmetic, comparisons and activation functions.

use ferrodyne_plan::DType;

use super::builder::{Model, array, close, counted, float, int, single, text};

/// An operator and the function that it computes.
type Named = (&'static str, fn(f64) -> f64);

#[test]
fn unary_operators_compute_what_their_names_say() {
    let x = array(&[4], &[0.25, -0.5, 0.75, 0.5]);
    let cases: &[Named] = &[
        ("Abs", f64::abs),
        ("Neg", |v| -v),
        ("Exp", f64::exp),
        ("Sin", f64::sin),
        ("Cos", f64::cos),
        ("Tan", f64::tan),
        ("Asin", f64::asin),
        ("Acos", f64::acos),
        ("Atan", f64::atan),
        ("Sinh", f64::sinh),
        ("Cosh", f64::cosh),
        ("Tanh", f64::tanh),
        ("Asinh", f64::asinh),
        ("Atanh", f64::atanh),
        ("Ceil", f64::ceil),
        ("Floor", f64::floor),
        ("Round", f64::round_ties_even),
        ("Sign", f64::signum),
        ("Reciprocal", |v| 1.0 / v),
        ("Relu", |v| v.max(0.0)),
        ("Sigmoid", |v| 1.0 / (1.0 + (-v).exp())),
        ("Softplus", |v| v.exp().ln_1p()),
        ("Softsign", |v| v / (1.0 + v.abs())),
        ("HardSwish", |v| v * (v / 6.0 + 0.5).clamp(0.0, 1.0)),
        ("HardSigmoid", |v| (0.2 * v + 0.5).clamp(0.0, 1.0)),
        ("Elu", |v| if v > 0.0 { v } else { v.exp_m1() }),
        ("Celu", |v| if v > 0.0 { v } else { v.exp_m1() }),
        ("LeakyRelu", |v| if v > 0.0 { v } else { 0.01 * v }),
        ("ThresholdedRelu", |v| if v > 1.0 { v } else { 0.0 }),
        ("Shrink", |v| if v.abs() > 0.5 { v } else { 0.0 }),
        ("Mish", |v| v * v.exp().ln_1p().tanh()),
    ];
    for (op, want) in cases {
        let got = single(22, op, std::slice::from_ref(&x), &[]);
        close(&got, &x.mapv(want));
    }
    close(&single(13, "Sqrt", &[array(&[2], &[4.0, 9.0])], &[]), &array(&[2], &[2.0, 3.0]));
    close(&single(13, "Acosh", &[array(&[1], &[2.0])], &[]), &array(&[1], &[2f64.acosh()]));
}

#[test]
fn attributes_of_activations_are_read() {
    let x = array(&[3], &[-1.0, 0.5, 2.0]);
    let of = |op: &str, attributes: &[_]| single(24, op, std::slice::from_ref(&x), attributes);
    close(&of("LeakyRelu", &[float("alpha", 0.5)]), &array(&[3], &[-0.5, 0.5, 2.0]));
    close(&of("Elu", &[float("alpha", 2.0)]), &array(&[3], &[2.0 * (-1f64).exp_m1(), 0.5, 2.0]));
    close(
        &of("HardSigmoid", &[float("alpha", 0.5), float("beta", 0.25)]),
        &array(&[3], &[0.0, 0.5, 1.0]),
    );
    close(&of("ThresholdedRelu", &[float("alpha", 0.25)]), &array(&[3], &[0.0, 0.5, 2.0]));
    let swish = |v: f64| v / (1.0 + (-2.0 * v).exp());
    close(&of("Swish", &[float("alpha", 2.0)]), &x.mapv(swish));
    let tanh =
        |v: f64| 0.5 * v * (1.0 + (0.797_884_560_802_865 * (v + 0.044_715 * v * v * v)).tanh());
    close(&of("Gelu", &[text("approximate", "tanh")]), &x.mapv(tanh));
    let fault = Model::new(20)
        .input("x", DType::F32, &["3"])
        .node("Gelu", &["x"], &["y"], &[text("approximate", "sigmoid")])
        .outputs(&["y"])
        .fault();
    assert!(fault.starts_with("Gelu: approximate `sigmoid` must be none or tanh"), "{fault}");
}

#[test]
fn operands_broadcast() {
    let (x, y) = (counted(&[2, 1, 3]), array(&[2, 1], &[10.0, 20.0]));
    let sum = single(14, "Add", &[x.clone(), y.clone()], &[]);
    close(&sum, &(&x + &y));
    let all = single(13, "Max", &[x.clone(), y.clone(), array(&[], &[15.0])], &[]);
    assert_eq!(all.shape(), &[2, 2, 3]);
    assert_eq!(all[[0, 0, 0]], 15.0);
    let mean = single(13, "Mean", &[x.clone(), x.clone() + 2.0], &[]);
    close(&mean, &(x + 1.0));
}

fn integers(op: &str, attributes: &[ferrodyne_onnx::proto::AttributeProto]) -> Vec<f64> {
    let model = Model::new(18)
        .input("x", DType::I32, &["4"])
        .input("y", DType::I32, &["4"])
        .node(op, &["x", "y"], &["z"], attributes)
        .outputs(&["z"]);
    let (x, y) = (array(&[4], &[7.0, -7.0, 7.0, -7.0]), array(&[4], &[2.0, 2.0, -2.0, -2.0]));
    model.run(&[x, y]).remove(0).into_iter().collect()
}

#[test]
fn integer_division_truncates_and_mod_takes_the_sign_of_the_divisor() {
    assert_eq!(integers("Div", &[]), [3.0, -3.0, -3.0, 3.0]);
    assert_eq!(integers("Mod", &[]), [1.0, 1.0, -1.0, -1.0]);
    assert_eq!(integers("Mod", &[int("fmod", 1)]), [1.0, -1.0, 1.0, -1.0]);
    assert_eq!(integers("BitwiseAnd", &[]), [2.0, 0.0, 6.0, -8.0]);
}

#[test]
fn a_power_has_the_type_of_its_base() {
    let model = Model::new(15)
        .input("x", DType::I32, &["3"])
        .weight("y", DType::F32, &[3], &[3.0, 2.0, 0.0])
        .node("Pow", &["x", "y"], &["z"], &[])
        .outputs(&["z"]);
    assert_eq!(model.run(&[array(&[3], &[2.0, -3.0, 5.0])])[0], array(&[3], &[8.0, 9.0, 1.0]));
    let half = Model::new(15)
        .input("x", DType::F32, &["2"])
        .weight("y", DType::F32, &[], &[0.5])
        .node("Pow", &["x", "y"], &["z"], &[])
        .outputs(&["z"]);
    close(&half.run(&[array(&[2], &[4.0, 9.0])])[0], &array(&[2], &[2.0, 3.0]));
}

#[test]
fn a_shift_by_the_width_leaves_the_sign() {
    let model = |dtype, direction: &str| {
        Model::new(11)
            .input("x", dtype, &["3"])
            .weight("by", dtype, &[3], &[1.0, 31.0, 32.0])
            .node("BitShift", &["x", "by"], &["z"], &[text("direction", direction)])
            .outputs(&["z"])
    };
    let x = array(&[3], &[9.0, 4294967295.0, 4294967295.0]);
    assert_eq!(model(DType::U32, "RIGHT").run(&[x])[0], array(&[3], &[4.0, 1.0, 0.0]));
    let x = array(&[3], &[9.0, -1.0, -1.0]);
    assert_eq!(
        model(DType::I32, "RIGHT").run(std::slice::from_ref(&x))[0],
        array(&[3], &[4.0, -1.0, -1.0])
    );
    assert_eq!(model(DType::I32, "LEFT").run(&[x])[0], array(&[3], &[18.0, -2147483648.0, 0.0]));
    assert!(
        model(DType::U32, "UP")
            .fault()
            .starts_with("BitShift: direction `UP` must be LEFT or RIGHT")
    );
}

#[test]
fn comparisons_and_logic_give_truth_values() {
    let x = array(&[4], &[1.0, 2.0, f64::NAN, f64::NEG_INFINITY]);
    let of = |op: &str| single(20, op, std::slice::from_ref(&x), &[]);
    assert_eq!(of("IsNaN"), array(&[4], &[0.0, 0.0, 1.0, 0.0]));
    assert_eq!(of("IsInf"), array(&[4], &[0.0, 0.0, 0.0, 1.0]));
    let positive = single(20, "IsInf", std::slice::from_ref(&x), &[int("detect_negative", 0)]);
    assert_eq!(positive, array(&[4], &[0.0; 4]));
    let model = Model::new(16)
        .input("x", DType::F32, &["n"])
        .weight("two", DType::F32, &[], &[2.0])
        .node("GreaterOrEqual", &["x", "two"], &["high"], &[])
        .node("Equal", &["x", "two"], &["same"], &[])
        .node("Xor", &["high", "same"], &["above"], &[])
        .node("Not", &["above"], &["rest"], &[])
        .node("Where", &["rest", "x", "two"], &["z"], &[])
        .outputs(&["z"]);
    assert_eq!(model.run(&[array(&[3], &[1.0, 2.0, 5.0])])[0], array(&[3], &[1.0, 2.0, 2.0]));
}

#[test]
fn casts_convert() {
    let model = Model::new(13)
        .input("x", DType::F32, &["4"])
        .node("Cast", &["x"], &["i"], &[int("to", 7)])
        .node("Cast", &["i"], &["b"], &[int("to", 9)])
        .node("Cast", &["b"], &["h"], &[int("to", 10)])
        .outputs(&["i", "b", "h"]);
    let results = model.run(&[array(&[4], &[2.75, -2.75, 0.5, 0.0])]);
    assert_eq!(results[0], array(&[4], &[2.0, -2.0, 0.0, 0.0]));
    assert_eq!(results[1], array(&[4], &[1.0, 1.0, 0.0, 0.0]));
    let loaded = model.load().expect("the model is valid");
    let types: Vec<DType> =
        loaded.graph.outputs.iter().map(|o| loaded.graph.ty(o.node).dtype).collect();
    assert_eq!(types, [DType::I64, DType::Bool, DType::F16]);
}
