//! Every row is whole, and faults are told in the agreed words.

use std::collections::BTreeSet;

use ferrodyne_plan::{DType, Dim, Range};

use super::{Lower, OpClass, Table, all, find};
use crate::graph::{Attrs, Builder, GuardFact, InputRole, NodeId, TensorType};

#[test]
fn every_row_is_whole() {
    let mut names = BTreeSet::new();
    for op in all() {
        assert!(names.insert(op.name), "{} stands twice", op.name);
        assert!(op.doc.ends_with(['.', ';']), "{}: the doc is a sentence", op.name);
        assert_eq!(op.class == OpClass::Composite, op.build.is_some(), "{}", op.name);
        if op.build.is_none() {
            assert!(op.types.is_some(), "{}: a primitive has a type rule", op.name);
        }
        let lowered = !matches!(op.lower, Lower::None);
        let whole = op.build.is_some() || op.class == OpClass::Control || op.name == "input";
        assert!(whole || (lowered && op.eval.is_some()), "{}: no meaning or lowering", op.name);
        let named: BTreeSet<_> = op.attrs.iter().map(|attr| attr.name).collect();
        assert_eq!(named.len(), op.attrs.len(), "{}: an attribute stands twice", op.name);
        assert!(std::ptr::eq(find(op.name).unwrap(), op));
    }
}

#[test]
fn every_row_has_examples_that_fit() {
    for op in all().filter(|op| op.class != OpClass::Control && op.name != "input") {
        let cases = (op.cases)();
        assert!(!cases.is_empty(), "{} has no examples", op.name);
        for (k, case) in cases.iter().enumerate() {
            if let Err(fault) = case.graph(op.name) {
                panic!("{} example {k}: {fault}", op.name);
            }
        }
    }
}

fn builder() -> Builder {
    Builder::new("f", &Table)
}

fn input(b: &mut Builder, name: &str, dtype: DType, dims: &[i64]) -> NodeId {
    b.input(name, InputRole::Argument, TensorType::new(dtype, dims.iter().copied()))
}

/// The fault of adding an operator to two inputs.
fn fault(op: &str, x: (DType, &[i64]), y: (DType, &[i64]), attrs: Attrs) -> String {
    let mut b = builder();
    let x = input(&mut b, "x", x.0, x.1);
    let y = input(&mut b, "y", y.0, y.1);
    b.add(op, &[x, y], attrs).unwrap_err().to_string()
}

#[test]
fn operands_that_do_not_fit_are_named() {
    let add = |x, y| fault("add", x, y, Attrs::new());
    assert_eq!(
        add((DType::F32, &[2, 3]), (DType::I32, &[3])),
        "add: `x` is f32[2, 3] but `y` is i32[3]: both must have one dtype; convert one with `to_dtype`"
    );
    assert_eq!(
        add((DType::F32, &[2, 3]), (DType::F32, &[4])),
        "add: `x` is f32[2, 3] but `y` is f32[4]: 3 and 4 must be equal or 1"
    );
    assert_eq!(
        add((DType::Bool, &[2]), (DType::Bool, &[2])),
        "add: `x` is bool[2]: it must be a number; convert it with `to_dtype` (`Cast` in ONNX)"
    );
}

#[test]
fn unknown_names_and_attributes_are_faults() {
    let mut b = builder();
    let x = input(&mut b, "x", DType::I32, &[2]);
    let mut told =
        |op: &str, inputs: &[NodeId], attrs| b.add(op, inputs, attrs).unwrap_err().to_string();
    assert_eq!(told("foo", &[x], Attrs::new()), "foo: there is no operator of this name");
    assert_eq!(told("neg", &[x, x], Attrs::new()), "neg: takes 1 operand, but got 2");
    assert_eq!(
        told("neg", &[x], Attrs::new().int("axis", 0)),
        "neg: has no attribute `axis`; its attributes: none"
    );
    assert_eq!(
        told("sum", &[x], Attrs::new().int("axes", 0)),
        "sum: attribute `axes` is an integer, but must be integers"
    );
    assert_eq!(told("sum", &[x], Attrs::new()), "sum: lacks the attribute `axes` (integers)");
    assert_eq!(
        told("exp", &[x], Attrs::new()),
        "exp: `x` is i32[2]: it must be a float; convert it with `to_dtype` (`Cast` in ONNX)"
    );
    assert_eq!(
        told("sum", &[x], Attrs::new().ints("axes", &[1])),
        "sum: `axes` holds 1, but the axes of rank 1 are 0 to 0"
    );
}

#[test]
fn a_symbolic_size_of_one_is_broadcast_under_a_guard() {
    let mut b = builder();
    let n = b.symbol("n", Range::at_least(1), Some(1));
    let x = b.input("x", InputRole::Argument, TensorType::new(DType::F32, [n.clone()]));
    let y = input(&mut b, "y", DType::F32, &[7]);
    let z = b.add("add", &[x, y], Attrs::new()).unwrap();
    assert_eq!(b.ty(z).to_string(), "f32[7]");
    assert_eq!(b.graph().guards[0].fact, GuardFact::Equal(n, Dim::constant(1)));
}

#[test]
fn symbolic_sizes_become_equal_only_where_an_operator_needs_it() {
    let mut b = builder();
    let m = b.symbol("m", Range::at_least(1), Some(4));
    let n = b.symbol("n", Range::at_least(1), Some(4));
    let x = b.input("x", InputRole::Argument, TensorType::new(DType::F32, [m.clone(), 1.into()]));
    let y = b.input("y", InputRole::Argument, TensorType::new(DType::F32, [n.clone()]));
    let z = b.add("mul", &[x, y], Attrs::new()).unwrap();
    assert_eq!(b.ty(z).dims, [m.clone(), n.clone()]);
    assert!(b.graph().guards.is_empty(), "an outer product compares no sizes");
    let w = b.input("w", InputRole::Argument, TensorType::new(DType::F32, [m.clone()]));
    b.add("mul", &[w, y], Attrs::new()).unwrap();
    assert_eq!(b.graph().guards.len(), 1);
    assert_eq!(b.graph().guards[0].fact, GuardFact::Equal(m, n));
}

/// What an operator of one value says is wrong.
fn refused(op: &str, dims: &[i64], attrs: Attrs) -> String {
    let mut b = builder();
    let x = input(&mut b, "x", DType::F32, dims);
    b.add(op, &[x], attrs).unwrap_err().to_string()
}

#[test]
fn sizes_that_do_not_fit_are_faults() {
    let k = Attrs::new().dims("k", &[Dim::constant(7)]);
    let text = "`x` is f32[2, 5]: `k` is 7, but axis 1 has 5 elements";
    assert_eq!(refused("top_k", &[2, 5], k.clone()), format!("top_k: {text}"));
    assert_eq!(refused("top_k_indices", &[2, 5], k), format!("top_k_indices: {text}"));
    assert_eq!(
        refused("glu", &[2, 5], Attrs::new()),
        "glu: `x` is f32[2, 5]: the size 5 of axis 1 must be even"
    );
    assert_eq!(
        refused("group_norm", &[2, 5], Attrs::new().int("groups", 0)),
        "group_norm: `groups` is 0, but must be at least 1"
    );
    assert_eq!(
        refused("group_norm", &[2, 5], Attrs::new().int("groups", 2)),
        "group_norm: `x` is f32[2, 5]: its 5 channels are no multiple of 2 groups"
    );
    assert_eq!(
        refused("argmax", &[0, 5], Attrs::new().int("axis", 0)),
        "argmax: `x` is f32[0, 5]: axis 0 has no elements, so that none of them is at a place"
    );
}

#[test]
fn what_sizes_must_be_is_a_guard_where_they_are_symbols() {
    let guards = |op: &str, attrs: Attrs| {
        let mut b = builder();
        let n = b.symbol("n", Range::at_least(0), None);
        let ty = TensorType { dtype: DType::F32, dims: vec![2i64.into(), n] };
        let x = b.input("x", InputRole::Argument, ty);
        b.add(op, &[x], attrs).unwrap();
        b.finish().guards.iter().map(|guard| guard.fact.clone()).collect::<Vec<_>>()
    };
    let n = Dim::sym("n");
    let k = Attrs::new().dims("k", &[Dim::constant(3)]);
    assert_eq!(guards("top_k", k), [GuardFact::Within(&n - 3, Range::at_least(0))]);
    let even = GuardFact::Multiple(n.clone(), 2);
    assert!(guards("glu", Attrs::new()).contains(&even));
    assert!(guards("group_norm", Attrs::new().int("groups", 2)).contains(&even));
}
