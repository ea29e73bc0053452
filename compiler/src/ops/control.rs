//! Calls of graphs: in place, one of two, again and again, and along an axis.
//!
//! A graph that is called by `call` has symbols of its own, which are read off its inputs. The graphs of `cond`, `while` and `scan` are
//! written over the symbols of their caller: a name means the same inside and outside. What they assume of sizes, their caller
//! assumes too. They write nothing back, and their results are taken one by one with `result`.

use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::row::{Arity, Op, OpClass};
use crate::graph::{AttrKind, AttrSpec, Graph, GuardFact, TensorType, TypeCx};

/// The family.
pub(super) static ALL: &[&Op] = &[&CALL, &RESULT, &COND, &WHILE, &SCAN];

fn call_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let Some(&graph) = cx.calls.first() else {
        return Err(cx.fault("call", "names no graph to call"));
    };
    let operands: Vec<TensorType> = cx.inputs.iter().map(|&ty| ty.clone()).collect();
    takes(cx, graph, &operands, 0)?;
    Ok(output_types(graph))
}

fn output_types(graph: &Graph) -> Vec<TensorType> {
    graph.outputs.iter().map(|output| graph.ty(output.node).clone()).collect()
}

/// Whether two types are equal; what is not known of sizes becomes a guard.
fn same(cx: &mut TypeCx<'_>, a: &TensorType, b: &TensorType) -> bool {
    a.dtype == b.dtype
        && a.rank() == b.rank()
        && a.dims.iter().zip(&b.dims).all(|(a, b)| cx.equal(a, b))
}

/// Refuses a graph that does not take these operands, which are the node's own from `first` on.
fn takes(
    cx: &mut TypeCx<'_>,
    graph: &Graph,
    operands: &[TensorType],
    first: usize,
) -> Result<(), Diagnostic> {
    if graph.inputs.len() != operands.len() {
        let (want, got) = (graph.inputs.len(), operands.len());
        let plural = if want == 1 { "" } else { "s" };
        let text = format!("`{}` takes {want} operand{plural}, but got {got}", graph.name);
        return Err(cx.fault("arity", text));
    }
    for (k, (input, have)) in graph.inputs.iter().zip(operands).enumerate() {
        let want = graph.ty(input.node);
        if !same(cx, want, have) {
            let (name, graph) = (&cx.names[first + k], &graph.name);
            let text =
                format!("`{name}` is {have} but input `{}` of `{graph}` is {want}", input.name);
            return Err(cx.fault("shape", text));
        }
    }
    Ok(())
}

/// The graphs that a node calls, which must be so many and have no effects; their guards become the caller's.
fn bodies<'a, const N: usize>(
    cx: &mut TypeCx<'a>,
    what: &str,
) -> Result<[&'a Graph; N], Diagnostic> {
    let Ok(graphs) = <[&Graph; N]>::try_from(cx.calls) else {
        let got = cx.calls.len();
        return Err(cx.fault("call", format_args!("calls {what}, but names {got} graphs")));
    };
    for graph in graphs {
        if !graph.write_backs.is_empty() {
            let text = format!(
                "`{}` writes to an input; return the new value and carry it instead",
                graph.name
            );
            return Err(cx.fault("call", text));
        }
        for guard in &graph.guards {
            assume(cx, &guard.fact);
        }
    }
    Ok(graphs)
}

fn assume(cx: &mut TypeCx<'_>, fact: &GuardFact) {
    match fact {
        GuardFact::Equal(a, b) => cx.facts.assume_equal(a, b),
        GuardFact::Multiple(a, n) => cx.facts.assume_multiple(a, *n),
        GuardFact::Differ(..) | GuardFact::Within(..) => {}
    }
    cx.guard(fact.clone());
}

/// Refuses a value that is no single truth value.
fn one_bool(cx: &mut TypeCx<'_>, what: &str, ty: &TensorType) -> Result<(), Diagnostic> {
    let one = ty.dtype == DType::Bool && ty.dims.iter().all(|dim| cx.equal(dim, &Dim::constant(1)));
    match one {
        true => Ok(()),
        false => Err(cx.fault("shape", format_args!("{what} is {ty}: it must be one bool"))),
    }
}

/// A count given as an attribute, at most `max`.
fn count(cx: &TypeCx<'_>, name: &str, max: usize) -> Result<usize, Diagnostic> {
    let value = cx.attrs.get_int(name);
    match usize::try_from(value).ok().filter(|&n| n <= max) {
        Some(count) => Ok(count),
        None => Err(cx.fault("attribute", format_args!("`{name}` is {value}, not in 0..={max}"))),
    }
}

fn cond_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let [then, otherwise] = bodies(cx, "a graph for each of two arms")?;
    let (what, predicate) = (format!("`{}`", cx.names[0]), cx.inputs[0].clone());
    one_bool(cx, &what, &predicate)?;
    let operands: Vec<TensorType> = cx.inputs[1..].iter().map(|&ty| ty.clone()).collect();
    takes(cx, then, &operands, 1)?;
    takes(cx, otherwise, &operands, 1)?;
    let (types, others) = (output_types(then), output_types(otherwise));
    agree(cx, then, &types, otherwise, &others)?;
    Ok(types)
}

/// Refuses two arms with different results, and arms without any.
fn agree(
    cx: &mut TypeCx<'_>,
    a: &Graph,
    types: &[TensorType],
    b: &Graph,
    others: &[TensorType],
) -> Result<(), Diagnostic> {
    if types.is_empty() || types.len() != others.len() {
        let (n, m) = (types.len(), others.len());
        let text = format!(
            "`{}` gives {n} results and `{}` gives {m}: both must give as many, at least one",
            a.name, b.name
        );
        return Err(cx.fault("arity", text));
    }
    for (k, (one, other)) in types.iter().zip(others).enumerate() {
        if !same(cx, one, other) {
            let text = format!(
                "result {k} of `{}` is {one}, but that of `{}` is {other}: they must be equal",
                a.name, b.name
            );
            return Err(cx.fault("shape", text));
        }
    }
    Ok(())
}

fn while_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let [head, body] = bodies(cx, "a head and a body")?;
    let carried = count(cx, "carried", cx.inputs.len())?;
    let operands: Vec<TensorType> = cx.inputs.iter().map(|&ty| ty.clone()).collect();
    takes(cx, head, &operands, 0)?;
    takes(cx, body, &operands, 0)?;
    let [condition] = output_types(head).try_into().map_err(|types: Vec<_>| {
        let got = types.len();
        cx.fault("arity", format_args!("`{}` gives {got} results, not one bool", head.name))
    })?;
    one_bool(cx, &format!("the result of `{}`", head.name), &condition)?;
    let next = output_types(body);
    carries(cx, body, &next, carried)?;
    Ok(next)
}

/// Refuses a body whose first results are not the next values of its first inputs.
fn carries(
    cx: &mut TypeCx<'_>,
    body: &Graph,
    next: &[TensorType],
    carried: usize,
) -> Result<(), Diagnostic> {
    let exact = cx.op != "while" || next.len() == carried;
    if next.is_empty() || next.len() < carried || !exact {
        let got = next.len();
        let text = format!("`{}` gives {got} results, but carries {carried}", body.name);
        return Err(cx.fault("arity", text));
    }
    for (k, next) in next[..carried].iter().enumerate() {
        if !same(cx, cx.inputs[k], next) {
            let (state, have) = (cx.operand(k), &body.name);
            let text =
                format_args!("{state}, but `{have}` gives {next}: a state must keep its type");
            return Err(cx.fault("shape", text));
        }
    }
    Ok(())
}

fn scan_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let [body] = bodies(cx, "a body")?;
    let carried = count(cx, "carried", cx.inputs.len())?;
    let sliced = count(cx, "sliced", cx.inputs.len() - carried)?;
    if sliced == 0 {
        return Err(cx.fault("attribute", "`sliced` is 0: a scan walks along at least one operand"));
    }
    let mut operands: Vec<TensorType> = cx.inputs.iter().map(|&ty| ty.clone()).collect();
    let mut trips: Option<Dim> = None;
    for (k, operand) in operands.iter_mut().enumerate().skip(carried).take(sliced) {
        if operand.rank() == 0 {
            let text = format!("{}: it has no axis to walk along", cx.operand(k));
            return Err(cx.fault("shape", text));
        }
        let length = operand.dims.remove(0);
        let have = trips.get_or_insert_with(|| length.clone()).clone();
        if !cx.equal(&have, &length) {
            let (first, other) = (cx.operand(carried), cx.operand(k));
            let text = format!("{first} but {other}: {have} and {length} must be equal");
            return Err(cx.fault("shape", text));
        }
    }
    takes(cx, body, &operands, 0)?;
    let mut types = output_types(body);
    carries(cx, body, &types, carried)?;
    for ty in &mut types[carried..] {
        ty.dims.splice(0..0, trips.clone());
    }
    Ok(types)
}

fn result_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let index = cx.attrs.get_int("index");
    match usize::try_from(index).ok().and_then(|k| cx.results.get(k)) {
        Some(ty) => Ok(vec![ty.clone()]),
        None => {
            let (name, count) = (&cx.names[0], cx.results.len());
            let text = format!("`index` is {index}, but `{name}` has {count} results");
            Err(cx.fault("call", text))
        }
    }
}

/// A graph applied to operands.
static CALL: Op = Op::new(
    "call",
    "The results of a graph of its own; taken one by one with `result`.",
    OpClass::Control,
    Arity::AtLeast(0),
)
.types(call_types);

/// One result of a node that calls graphs.
static RESULT: Op = Op::new(
    "result",
    "Result number `index` of the operand, which calls graphs.",
    OpClass::Control,
    Arity::Exactly(1),
)
.attrs(&[AttrSpec::required("index", AttrKind::Int)])
.types(result_types);

/// One of two graphs, chosen by a value.
static COND: Op = Op::new(
    "cond",
    "The results of the first graph called where the first operand, one bool, is true, and of the second where it is false. \
     Both take the other operands and give equal types; only the one chosen is computed.",
    OpClass::Control,
    Arity::AtLeast(1),
)
.types(cond_types);

/// A graph applied as long as another says so.
static WHILE: Op = Op::new(
    "while",
    "The first `carried` operands are a state, the rest captured values. As long as the first graph called (the head) gives true of \
     both, the second (the body) gives the next state. The results are the last state; where the head gives false at once, the first. \
     With `trips_max`, at most so many rounds are gone, whatever the head says; `trips` promises how often the head gives true.",
    OpClass::Control,
    Arity::AtLeast(1),
)
.attrs(&[
    AttrSpec::required("carried", AttrKind::Int),
    AttrSpec::optional("trips", AttrKind::Dims),
    AttrSpec::optional("trips_max", AttrKind::Int),
])
.types(while_types);

/// A graph applied along an axis.
static SCAN: Op = Op::new(
    "scan",
    "The first `carried` operands are a state, the next `sliced` ones are walked along their first axis, the rest are captured. For \
     each position in order the graph called takes the state, the slices there (without that axis) and the captured values, and gives \
     the next state and values of its own. The results are the last state, and the other values of all positions stacked along a new first axis.",
    OpClass::Control,
    Arity::AtLeast(1),
)
.attrs(&[
    AttrSpec::required("carried", AttrKind::Int),
    AttrSpec::required("sliced", AttrKind::Int),
])
.types(scan_types);
