//! Passes do not change what a graph computes: the interpreter judges, in f64, before and after.

use std::collections::BTreeMap;

use ferrodyne_plan::{DType, Dim, Name, Range, Target};
use ndarray::ArrayD;
use proptest::prelude::*;

use crate::graph::{Attrs, Builder, Graph, InputRole, NodeId, ParseCx, TensorType, parse, verify};
use crate::interpret::{Sizes, interpret};
use crate::ops::{self, Case, Domain, Operand, Table};
use crate::passes::{PassCx, PassList};

/// Values for the inputs of a graph; sizes are those given.
pub(super) fn inputs(graph: &Graph, sizes: &Sizes, seed: u64) -> Vec<ArrayD<f64>> {
    let fixed = |dim: &Dim| Dim::constant(dim.eval(&|var| sizes.get(var.name()).copied()).unwrap());
    let mut case = Case::new();
    for input in &graph.inputs {
        let ty = graph.ty(input.node);
        let dims = ty.dims.iter().map(fixed).collect();
        let domain = match ty.dtype {
            DType::Bool => Domain::Int(0, 1),
            dtype if dtype.is_float() => Domain::Real(-1.5, 2.0),
            _ => Domain::Int(0, 3),
        };
        case.operands.push(Operand { ty: TensorType { dtype: ty.dtype, dims }, domain });
    }
    case.inputs(seed)
}

/// The first difference between two lists of results, relative to the largest element of each.
fn difference(want: &[ArrayD<f64>], got: &[ArrayD<f64>], tolerance: f64) -> Option<String> {
    for (at, (want, got)) in want.iter().zip(got).enumerate() {
        if want.shape() != got.shape() {
            return Some(format!(
                "result {at} has shape {:?}, not {:?}",
                got.shape(),
                want.shape()
            ));
        }
        let finite = want.iter().filter(|v| v.is_finite());
        let scale = finite.fold(1.0f64, |scale, v| scale.max(v.abs()));
        for (a, b) in want.iter().zip(got) {
            let same = a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * scale;
            if !same {
                return Some(format!("result {at} has {b} where {a} is right"));
            }
        }
    }
    None
}

/// Runs passes and compares; gives the graph afterwards, or what differs.
pub(super) fn agree(
    graph: &Graph,
    list: &PassList,
    sizes: &Sizes,
    values: &[ArrayD<f64>],
) -> Result<Graph, String> {
    let mut after = graph.clone();
    let run = list.run(&mut after, &PassCx::default(), &mut |_, _| {});
    run.map_err(|fault| format!("{fault}\n{graph}"))?;
    verify(&after, &Table).map_err(|fault| format!("{fault}\n{after}"))?;
    let Ok(want) = interpret(graph, values, sizes) else { return Ok(after) };
    let got = interpret(&after, values, sizes).map_err(|fault| format!("{fault}\n{after}"))?;
    match difference(&want, &got, 1e-5) {
        None => Ok(after),
        Some(text) => Err(format!("{text}\nbefore:\n{graph}\nafter:\n{after}")),
    }
}

#[test]
fn every_example_of_every_operator_computes_the_same_after_all_passes() {
    let list = PassList::default_for(&Target::cpu());
    let mut faults = Vec::new();
    for op in ops::all() {
        for case in (op.cases)() {
            let graph = case.graph(op.name).unwrap();
            let sizes =
                case.sizes.iter().map(|(name, value)| (Name::from(*name), *value)).collect();
            if let Err(fault) = agree(&graph, &list, &sizes, &case.inputs(7)) {
                faults.push(format!("{}: {fault}", op.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn every_example_reads_back_from_its_text_before_and_after_passes() {
    let list = PassList::default_for(&Target::cpu());
    for op in ops::all() {
        for case in (op.cases)() {
            let mut graph = case.graph(op.name).unwrap();
            for _ in 0..2 {
                let text = graph.text().whole().to_string();
                let back = parse(&text, ParseCx::new(&Table));
                let back = back.unwrap_or_else(|fault| panic!("{}: {fault}\n{text}", op.name));
                assert_eq!(back.text().whole().to_string(), text);
                assert_eq!(back.facts, graph.facts, "{text}");
                list.run(&mut graph, &PassCx::default(), &mut |_, _| {}).unwrap();
            }
        }
    }
}

/// Choices of a random graph, spent one by one.
struct Choices<'a> {
    left: std::slice::Iter<'a, u16>,
}

impl Choices<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.left.next().copied().unwrap_or(0)) % end.max(1)
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

type Made = Result<NodeId, ferrodyne_plan::Diagnostic>;

/// Adds one random operation over what is there; one that does not fit adds nothing.
fn grow(b: &mut Builder, c: &mut Choices<'_>) {
    let ids: Vec<NodeId> = b.graph().ids().collect();
    let recent = ids.len().saturating_sub(6);
    let x = if c.below(3) == 0 { c.of(&ids) } else { c.of(&ids[recent..]) };
    let y = c.of(&ids);
    let ty = b.ty(x).clone();
    let unary = ["neg", "abs", "sin", "tanh", "floor"];
    let binary = ["add", "sub", "mul", "max", "min", "add", "mul"];
    let made = match c.below(13) {
        0 => b.add(c.of(&unary), &[x], Attrs::new()),
        12 => of_positive(b, c, x, y),
        1..=3 => b.add(c.of(&binary), &[x, y], Attrs::new()),
        4..=5 => reorder(b, c, x, &ty),
        6..=7 => recut(b, c, x, y, &ty),
        8 => {
            let axis = c.below(ty.rank().max(1)) as i64;
            let attrs = Attrs::new().ints("axes", &[axis]).bool("keepdim", c.below(2) == 0);
            b.add(c.of(&["sum", "amax", "amin"]), &[x], attrs)
        }
        9 => conv(b, c, x, &ty),
        10 => linear(b, c, x, &ty),
        _ => {
            let number = c.of(&[0.0, 1.0, -1.0, 2.0, 0.5]);
            let value = ops::element::host(DType::F32, &[], &[number]);
            let number = b.add("constant", &[], Attrs::new().tensor("value", value));
            number.and_then(|k| b.add(c.of(&["add", "mul", "max"]), &[x, k], Attrs::new()))
        }
    };
    // Values grow no larger than the interpreter can compute in a moment.
    if let Ok(made) = made {
        let hint = b.graph().hint(&b.ty(made).elements());
        if hint.is_none_or(|count| count > 20_000) || b.ty(made).rank() > 6 {
            b.graph_mut().nodes.truncate(made.index());
        }
    }
}

/// An operation on a number that is positive, so that no infinity arises: passes may add and multiply in another order, and
/// what becomes of infinities depends on it.
fn of_positive(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, y: NodeId) -> Made {
    let mut number = |value: f64| {
        let value = ops::element::host(DType::F32, &[], &[value]);
        b.add("constant", &[], Attrs::new().tensor("value", value))
    };
    let (half, power) = (number(0.5)?, number(c.of(&[0.0, 1.0, 2.0, 3.0, 0.5, -0.5, -1.0]))?);
    let size = b.add("abs", &[x], Attrs::new())?;
    let positive = b.add("add", &[size, half], Attrs::new())?;
    match c.below(5) {
        0 => b.add("sqrt", &[positive], Attrs::new()),
        1 => b.add("recip", &[positive], Attrs::new()),
        2 => b.add("log", &[positive], Attrs::new()),
        3 => b.add("pow", &[positive, power], Attrs::new()),
        _ => b.add("div", &[y, positive], Attrs::new()),
    }
}

/// The same elements under another shape or order.
fn reorder(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, ty: &TensorType) -> Made {
    let axis = c.below(ty.rank().max(1));
    match c.below(4) {
        0 => {
            let mut axes: Vec<i64> = (0..ty.rank() as i64).collect();
            axes.rotate_left(axis);
            b.add("permute", &[x], Attrs::new().ints("axes", &axes))
        }
        1 => b.add("flip", &[x], Attrs::new().ints("axes", &[axis as i64])),
        2 => {
            let mut dims = ty.dims.clone();
            dims.insert(axis, Dim::constant(1));
            b.add("reshape", &[x], Attrs::new().dims("dims", &dims))
        }
        _ => {
            let mut dims = ty.dims.clone();
            if axis + 1 < dims.len() {
                let next = dims.remove(axis + 1);
                dims[axis] = &dims[axis] * &next;
            }
            b.add("reshape", &[x], Attrs::new().dims("dims", &dims))
        }
    }
}

/// More or fewer elements along an axis.
fn recut(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, y: NodeId, ty: &TensorType) -> Made {
    let axis = c.below(ty.rank().max(1));
    let zero = || vec![Dim::constant(0); ty.rank()];
    match c.below(3) {
        0 => {
            let (mut low, mut high) = (zero(), zero());
            if let (Some(low), Some(high)) = (low.get_mut(axis), high.get_mut(axis)) {
                *low = Dim::constant(c.below(2) as i64);
                *high = Dim::constant(c.below(3) as i64);
            }
            let attrs = Attrs::new().dims("low", &low).dims("high", &high).float("value", 0.5);
            b.add("pad", &[x], attrs)
        }
        1 => {
            let mut starts = zero();
            let mut steps = vec![1i64; ty.rank()];
            if let Some(start) = starts.get_mut(axis) {
                *start = Dim::constant(c.below(2) as i64);
                steps[axis] = 1 + c.below(2) as i64;
            }
            let attrs = Attrs::new().dims("starts", &starts).dims("ends", &ty.dims);
            b.add("slice", &[x], attrs.ints("steps", &steps))
        }
        _ => {
            let other = if c.below(2) == 0 { x } else { y };
            b.add("concat", &[x, other], Attrs::new().int("axis", axis as i64))
        }
    }
}

/// A convolution by a parameter, sometimes with a scale and a shift per channel behind it.
fn conv(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, ty: &TensorType) -> Made {
    let channels = ty.dims.get(1).and_then(Dim::as_const).unwrap_or(1);
    let out = 1 + c.below(3) as i64;
    let name = format!("w{}", b.graph().nodes.len());
    let weight = TensorType::new(DType::F32, [out, channels, 2, 1]);
    let weight = b.input(name.clone(), InputRole::Parameter, weight);
    let attrs =
        Attrs::new().ints("strides", &[1, 1 + c.below(2) as i64]).ints("pads", &[1, 0, 0, 0]);
    let attrs = attrs.ints("dilations", &[1, 1]).int("groups", 1).str("layout", "nchw");
    let mut value = b.add("conv", &[x, weight], attrs)?;
    for step in 0..c.below(4) {
        let ty = TensorType::new(DType::F32, [out, 1, 1]);
        let other = b.input(format!("{name}.{step}"), InputRole::Parameter, ty);
        let operands = if c.below(3) == 0 { [other, value] } else { [value, other] };
        value = b.add(c.of(&["add", "mul", "sub"]), &operands, Attrs::new())?;
    }
    Ok(value)
}

/// Two linear layers of one value.
fn linear(b: &mut Builder, c: &mut Choices<'_>, x: NodeId, ty: &TensorType) -> Made {
    let inner = ty.dims.last().and_then(Dim::as_const).unwrap_or(1);
    let name = format!("w{}", b.graph().nodes.len());
    let mut values = Vec::new();
    for (k, transposed) in [(0, true), (1, c.below(2) == 0)] {
        let dims = if transposed { [3, inner] } else { [inner, 3] };
        let weight =
            b.input(format!("{name}.{k}"), InputRole::Parameter, TensorType::new(DType::F32, dims));
        let attrs = Attrs::new().ints("lhs_batch", &[]).ints("rhs_batch", &[]);
        let attrs = attrs.ints("lhs_contract", &[ty.rank() as i64 - 1]);
        let attrs = attrs.ints("rhs_contract", &[i64::from(transposed)]);
        let value = b.add("dot", &[x, weight], attrs)?;
        let bias =
            b.input(format!("{name}.b{k}"), InputRole::Parameter, TensorType::new(DType::F32, [3]));
        values.push(b.add("add", &[value, bias], Attrs::new())?);
    }
    b.add("mul", &values, Attrs::new())
}

fn random_graph(choices: &[u16]) -> (Graph, Sizes) {
    let mut c = Choices { left: choices.iter() };
    let mut b = Builder::new("random", &Table);
    let size = 1 + c.below(3) as i64;
    let n = b.symbol("n", Range::between(1, 64), Some(size));
    let three = Dim::constant(3);
    b.input(
        "x",
        InputRole::Argument,
        TensorType::new(DType::F32, [n.clone(), three.clone(), Dim::constant(4), Dim::constant(5)]),
    );
    b.input("v", InputRole::Argument, TensorType::new(DType::F32, [n, three.clone()]));
    b.input(
        "w",
        InputRole::Parameter,
        TensorType::new(DType::F32, [three, Dim::constant(1), Dim::constant(1)]),
    );
    while c.left.len() > 0 {
        grow(&mut b, &mut c);
    }
    let last: Vec<NodeId> = b.graph().ids().rev().step_by(3).take(3).collect();
    for (at, id) in last.into_iter().enumerate() {
        b.output(format!("y{at}"), id);
    }
    let mut graph = b.finish();
    let kept = graph.nodes.len() as u32;
    graph.inputs.retain(|input| input.node.0 < kept);
    (graph, BTreeMap::from([(Name::from("n"), size)]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn random_graphs_compute_the_same_after_all_passes(
        choices in prop::collection::vec(any::<u16>(), 20..300),
        seed in any::<u64>(),
    ) {
        let (graph, sizes) = random_graph(&choices);
        let values = inputs(&graph, &sizes, seed);
        let list = PassList::default_for(&Target::cpu());
        if let Err(fault) = agree(&graph, &list, &sizes, &values) {
            prop_assert!(false, "{}", fault);
        }
    }
}
