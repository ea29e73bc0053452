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
        "add: `x` is bool[2]: it must be a number; convert it with `cast`"
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
        "exp: `x` is i32[2]: it must be a float; convert it with `cast`"
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
