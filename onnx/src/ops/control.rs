//! Branches and loops: graphs of the file as graphs that the compiler's `cond`, `while` and `scan` call.
//!
//! A loop whose trips are counted before it begins is a `scan`, all others are a `while`. What is stacked in a `while` has the bound of the
//! trips as its length, and the number of trips says how much of it counts. A loop whose values change their shapes is written out
//! where its trips are a constant.

use ferrodyne_compiler::graph::{Attrs, InputRole, NodeId, TensorType};
use ferrodyne_plan::{DType, Diagnostic, Dim, Proof};

use super::Row;
use crate::context::{Cx, Results};
use crate::error::OnnxError;
use crate::flatten::Body;
use crate::import::Importer;
use crate::known::{Elem, Known};
use crate::scope::Subgraph;
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("If", &[1, 11, 13, 16, 19, 21, 23, 24, 25], "", branch)
        .limits("no sequences; branches of a condition that is data must give equal types"),
    Row::new("Loop", &[1, 11, 13, 16, 19, 21, 23, 24, 25], "", repeat).limits(
        "no sequences; carried values keep their types unless the trips are constant; stacked values of a loop whose condition is \
         data need a bound of the trips, and are outputs of the model",
    ),
    Row::new("Scan", &[9, 11, 16, 19, 21, 23, 24, 25], "", scan),
];

/// Trips up to which a loop may be written out.
const WRITTEN_OUT_MAX: i64 = 64;

/// Nodes up to which loops, one inside of another, may be written out.
const WRITTEN_OUT_NODES: usize = 1 << 14;

/// A fault inside of a graph, as one of the node that has the graph.
fn inner(error: OnnxError) -> Diagnostic {
    match error {
        OnnxError::Node(fault) => *fault,
        error => Diagnostic::new("onnx", error.to_string()),
    }
}

/// A fault of the compiler's operator, said of the file's.
fn renamed(cx: &Cx<'_>, mut fault: Diagnostic, help: &str) -> Diagnostic {
    for op in ["cond:", "while:", "scan:"] {
        if let Some(rule) = fault.message.strip_prefix(op) {
            fault.message = format!("{}:{rule}", cx.node.op_type);
            fault.help.get_or_insert_with(|| help.to_owned());
            break;
        }
    }
    fault
}

/// The one number of a known value.
fn number(value: &Value) -> Option<Elem> {
    value.as_known().and_then(|known| known.elems.first().cloned())
}

fn truth(value: bool) -> Value {
    let elems = vec![Elem::Size(Dim::constant(i64::from(value)))];
    Value::known(Known { dtype: DType::Bool, dims: Vec::new(), elems })
}

fn branch(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let condition = cx.value(0)?;
    let arms = [cx.body("then_branch")?, cx.body("else_branch")?];
    if let Some(known) = number(&condition).and_then(|elem| elem.number()) {
        return cx.m.inline(arms[usize::from(known == 0.0)], &[]).map_err(inner);
    }
    let mut graphs = Vec::new();
    for (arm, name) in arms.into_iter().zip(["then", "else"]) {
        let (_, graph) = cx.m.subgraph(name, |m| {
            let results = m.inline(arm, &[]).map_err(inner)?;
            outputs(m, &results)
        })?;
        graphs.push(graph);
    }
    let operands = vec![condition.on_graph(cx.m)?];
    let results = cx.m.call("cond", operands, Attrs::new(), graphs);
    let help =
        "make both branches give equal types and sizes, or the condition a constant of the file";
    let results = results.map_err(|fault| renamed(cx, fault, help))?;
    Ok(results.into_iter().map(|node| Value::node(cx.m, node)).collect())
}

/// Makes values the results of the graph that is being built.
fn outputs(m: &mut Importer, values: &[Value]) -> Result<(), Diagnostic> {
    for value in values {
        let node = value.on_graph(m)?;
        output(m, node);
    }
    Ok(())
}

fn output(m: &mut Importer, node: NodeId) {
    let name = format!("y{}", m.b.graph().outputs.len());
    m.b.output(name, node);
}

fn input(m: &mut Importer, name: &str, ty: TensorType) -> NodeId {
    let name = m.free_input(name);
    m.b.input(name, InputRole::Argument, ty)
}

/// Inputs of the graph that is being built for values, by the names that a graph of the file gives them.
fn inputs(m: &mut Importer, names: &[String], types: Vec<TensorType>) -> Vec<NodeId> {
    names.iter().zip(types).map(|(name, ty)| input(m, name, ty)).collect()
}

/// What bounds the trips of a loop.
enum Bound {
    /// The condition alone.
    None,
    /// A size.
    Size(Dim),
    /// A value that the graph computes.
    Data(Value),
}

fn bound(cx: &Cx<'_>) -> Result<Bound, Diagnostic> {
    let Some(value) = cx.maybe(0) else { return Ok(Bound::None) };
    let Some(elem) = number(&value) else { return Ok(Bound::Data(value)) };
    let size = elem.size().ok_or_else(|| cx.fault("the trip count is no integer"))?;
    let zero = Dim::constant(0);
    Ok(match (size.as_const(), cx.facts().prove_le(&zero, &size)) {
        (Some(trips), _) if trips >= i64::from(i32::MAX) => Bound::None,
        (_, Proof::Yes) => Bound::Size(size),
        (_, Proof::No) => Bound::Size(zero),
        (_, Proof::Unknown) => Bound::Size(Dim::max(&size, &zero)),
    })
}

/// A loop of the file.
struct Loop<'a> {
    body: &'a Body,
    bound: Bound,
    /// Whether the first trip is made, bound apart.
    start: Value,
    state: Vec<Value>,
    /// How many results are stacked.
    stacked: usize,
}

fn repeat(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let body = cx.body("body")?;
    let (mut bound, mut start) = (bound(cx)?, cx.maybe(1).unwrap_or_else(|| truth(true)));
    if number(&start).and_then(|elem| elem.number()) == Some(0.0) {
        (bound, start) = (Bound::Size(Dim::constant(0)), truth(true));
    }
    let state = (2..cx.inputs.len()).map(|k| cx.value(k)).collect::<Result<Vec<_>, _>>()?;
    let (takes, gives) = (body.inputs.len(), body.outputs.len());
    if takes != state.len() + 2 || gives < state.len() + 1 {
        let carried = state.len();
        let rule =
            format!("it carries {carried} values, but its body takes {takes} and gives {gives}");
        return Err(cx.fault(rule));
    }
    let stacked = gives - 1 - state.len();
    let this = Loop { body, bound, start, state, stacked };
    let before = (cx.facts().clone(), cx.m.b.graph().guards.clone());
    let fault = match this.on_graph(cx) {
        Ok(results) => return Ok(results),
        Err(fault) => fault,
    };
    let graph = cx.m.b.graph_mut();
    (graph.facts, graph.guards) = before;
    let Some(trips) = this.constant_trips(cx.m.repeats) else { return Err(fault) };
    let repeats = cx.m.repeats;
    cx.m.repeats = repeats.saturating_mul((trips as usize).max(1));
    let results = this.written_out(cx, trips);
    cx.m.repeats = repeats;
    results.map_err(|_| fault)
}

impl Loop<'_> {
    /// The number of trips where that is a small constant, the condition apart.
    fn constant_trips(&self, repeats: usize) -> Option<i64> {
        let Bound::Size(size) = &self.bound else { return None };
        let nodes: usize = self.body.steps.iter().map(|step| step.all().len()).sum();
        let trips = size.as_const().filter(|&trips| trips <= WRITTEN_OUT_MAX)?;
        let all = nodes.saturating_mul(trips as usize).saturating_mul(repeats);
        (all <= WRITTEN_OUT_NODES).then_some(trips)
    }

    /// The loop as one trip after another, each with its own shapes.
    fn written_out(&self, cx: &mut Cx<'_>, trips: i64) -> Results {
        let mut state = self.state.clone();
        let mut stacks: Vec<Vec<NodeId>> = vec![Vec::new(); self.stacked];
        for trip in 0..trips {
            let mut given = vec![Value::known(Known::size(Dim::constant(trip))), truth(true)];
            given.extend(state.iter().cloned());
            let results = cx.m.inline(self.body, &given).map_err(inner)?;
            let goes_on = number(&results[0]).and_then(|elem| elem.number());
            let goes_on = goes_on.ok_or_else(|| cx.unsupported("a condition that is data"))?;
            for (stack, part) in stacks.iter_mut().zip(&results[1 + state.len()..]) {
                let part = part.on_graph(cx.m)?;
                stack.push(cx.m.b.unsqueeze(part, 0)?);
            }
            state = results[1..=state.len()].to_vec();
            if goes_on == 0.0 {
                break;
            }
        }
        for stack in stacks {
            let whole = cx.m.b.concat(&stack, 0)?;
            state.push(Value::node(cx.m, whole));
        }
        Ok(state)
    }

    fn on_graph(&self, cx: &mut Cx<'_>) -> Results {
        let state = nodes(cx.m, &self.state)?;
        let types: Vec<TensorType> = state.iter().map(|&id| cx.m.b.ty(id).clone()).collect();
        let starts = number(&self.start).is_some();
        let size = match &self.bound {
            Bound::Size(size) => Some(size.clone()),
            _ => None,
        };
        let (way, body) = cx.m.subgraph("body", |m| {
            let index = input(m, &self.body.inputs[0], TensorType::new(DType::I64, [0i64; 0]));
            let carried = inputs(m, &self.body.inputs[2..], types);
            // A trip is made only where the condition holds.
            let mut given = vec![Value::node(m, index), truth(true)];
            given.extend(carried.iter().map(|&node| Value::node(m, node)));
            let results = m.inline(self.body, &given).map_err(inner)?;
            let always = number(&results[0]).and_then(|elem| elem.number()) == Some(1.0) && starts;
            if always && size.is_some() {
                outputs(m, &results[1..])?;
                return Ok(Way::Counted);
            }
            let (next, rows) = results[1..].split_at(self.state.len());
            let goes_on = (!always).then_some(&results[0]);
            round(m, index, next, goes_on, rows, size.as_ref())?;
            Ok(if always { Way::Bounded } else { Way::Conditional })
        })?;
        let results = match (way, &size) {
            (Way::Counted, Some(size)) => self.counted(cx, body, state, size),
            (way, _) => self.uncounted(cx, body, state, matches!(way, Way::Conditional)),
        };
        let help = "a value that a loop carries keeps its type and sizes; a loop of a constant trip count of at most 64 is written out";
        results.map_err(|fault| renamed(cx, fault, help))
    }

    /// A loop along the numbers of its trips.
    fn counted(
        &self,
        cx: &mut Cx<'_>,
        mut body: Subgraph,
        mut operands: Vec<NodeId>,
        trips: &Dim,
    ) -> Results {
        let carried = operands.len();
        body.graph.inputs[..=carried].rotate_left(1);
        operands.push(cx.m.b.iota(std::slice::from_ref(trips), 0, DType::I64)?);
        let attrs = Attrs::new().int("carried", carried as i64).int("sliced", 1);
        let results = cx.m.call("scan", operands, attrs, vec![body])?;
        Ok(results.into_iter().map(|node| Value::node(cx.m, node)).collect())
    }

    /// A loop whose trips are known when it has run.
    fn uncounted(
        &self,
        cx: &mut Cx<'_>,
        body: Subgraph,
        state: Vec<NodeId>,
        is_conditional: bool,
    ) -> Results {
        let mut operands = vec![cx.m.b.scalar(DType::I64, 0.0)?];
        operands.extend(state);
        if is_conditional {
            let start = self.start.on_graph(cx.m)?;
            operands.push(cx.m.b.reshape(start, &[])?);
        }
        let stacks = operands.len()..operands.len() + self.stacked;
        let own = &body.graph.inputs[..stacks.end];
        let types: Vec<TensorType> = own.iter().map(|i| body.graph.ty(i.node).clone()).collect();
        for ty in &types[stacks.clone()] {
            operands.push(cx.m.b.full(ty.dtype, &ty.dims, 0.0)?);
        }
        let carried = operands.len() as i64;
        let (_, head) = cx.m.subgraph("head", |m| {
            let state: Vec<NodeId> = types.into_iter().map(|ty| input(m, "state", ty)).collect();
            let goes_on = is_conditional.then(|| state[stacks.start - 1]);
            let goes_on = self.head(m, state[0], goes_on)?;
            output(m, goes_on);
            Ok(())
        })?;
        let attrs = Attrs::new().int("carried", carried);
        let results = cx.m.call("while", operands, attrs, vec![head, body])?;
        let trips = Value::node(cx.m, results[0]);
        let values = results[1..=self.state.len()].iter().map(|&node| Value::node(cx.m, node));
        let mut all: Vec<Value> = values.collect();
        let parts = results[stacks].iter();
        all.extend(parts.map(|&node| Value::up_to(cx.m, node, trips.clone())));
        Ok(all)
    }

    /// Whether another trip follows.
    fn head(
        &self,
        m: &mut Importer,
        index: NodeId,
        goes_on: Option<NodeId>,
    ) -> Result<NodeId, Diagnostic> {
        let bound = match &self.bound {
            Bound::None => None,
            Bound::Size(size) => Some(m.b.size(size, DType::I64)?),
            Bound::Data(value) => {
                let bound = value.on_graph(m)?;
                let bound = m.b.reshape(bound, &[])?;
                Some(m.b.cast(bound, DType::I64)?)
            }
        };
        let within = bound.map(|bound| m.b.binary("lt", index, bound)).transpose()?;
        match (goes_on, within) {
            (Some(a), Some(b)) => m.b.binary("and", a, b),
            (Some(one), None) | (None, Some(one)) => Ok(one),
            (None, None) => m.b.scalar(DType::Bool, 1.0),
        }
    }
}

/// How a loop ends.
enum Way {
    /// After a number of trips that is known before the first.
    Counted,
    /// After a number of trips that the graph computes.
    Bounded,
    /// Where a condition fails.
    Conditional,
}

/// The rest of a trip that is not counted before: the next index, the condition, and the rows put in their places.
fn round(
    m: &mut Importer,
    index: NodeId,
    next: &[Value],
    goes_on: Option<&Value>,
    rows: &[Value],
    size: Option<&Dim>,
) -> Result<(), Diagnostic> {
    let following = m.b.with_number("add", index, 1.0)?;
    output(m, following);
    outputs(m, next)?;
    if let Some(value) = goes_on {
        input(m, "goes_on", TensorType::new(DType::Bool, [0i64; 0]));
        let goes_on = value.on_graph(m)?;
        let goes_on = m.b.reshape(goes_on, &[])?;
        output(m, goes_on);
    }
    for row in rows {
        let Some(size) = size else {
            let text = "Loop: stacking values of a loop whose trips nothing bounds before the run is not supported; \
                        give it a trip count that is constant or a size, or carry a value of a fixed size";
            return Err(Diagnostic::new("unsupported", text).at(m.b.source().clone()));
        };
        stacked(m, index, row, size)?;
    }
    Ok(())
}

/// A row put among those of the trips before it.
fn stacked(m: &mut Importer, index: NodeId, row: &Value, size: &Dim) -> Result<(), Diagnostic> {
    let row = row.on_graph(m)?;
    let row = m.b.unsqueeze(row, 0)?;
    let mut ty = m.b.ty(row).clone();
    ty.dims[0] = size.clone();
    let mut column = vec![Dim::constant(1); ty.dims.len()];
    column[0] = size.clone();
    let stack = input(m, "stack", ty);
    let places = m.b.iota(&column, 0, DType::I64)?;
    let is_here = m.b.binary("eq", places, index)?;
    let next = m.b.select(is_here, row, stack)?;
    output(m, next);
    Ok(())
}

fn nodes(m: &mut Importer, values: &[Value]) -> Result<Vec<NodeId>, Diagnostic> {
    values.iter().map(|value| value.on_graph(m)).collect()
}

/// An axis and a direction for each of so many values.
fn ways(cx: &Cx<'_>, what: &str, count: usize) -> Result<Vec<(i64, bool)>, Diagnostic> {
    let list = |name: String| match cx.ints(&name) {
        None => Ok(vec![0; count]),
        Some(given) if given.len() == count => Ok(given),
        Some(given) => {
            Err(cx.fault(format_args!("`{name}` has {} numbers for {count} values", given.len())))
        }
    };
    let axes = list(format!("scan_{what}_axes"))?;
    let directions = list(format!("scan_{what}_directions"))?;
    Ok(axes.into_iter().zip(directions).map(|(axis, way)| (axis, way == 1)).collect())
}

/// An axis moved to another place, both plain.
fn moved(m: &mut Importer, x: NodeId, from: usize, to: usize) -> Result<NodeId, Diagnostic> {
    let mut order: Vec<i64> = (0..m.b.rank(x) as i64).collect();
    let axis = order.remove(from);
    order.insert(to, axis);
    m.b.permute(x, &order)
}

fn reversed(m: &mut Importer, x: NodeId, is_backward: bool) -> Result<NodeId, Diagnostic> {
    if is_backward { m.b.flip(x, &[0]) } else { Ok(x) }
}

fn scan(cx: &mut Cx<'_>, _: &'static str) -> Results {
    let body = cx.body("body")?;
    let all = (0..cx.inputs.len()).map(|k| cx.value(k)).collect::<Result<Vec<_>, _>>()?;
    let sliced = usize::try_from(cx.int("num_scan_inputs").unwrap_or(0)).unwrap_or(0);
    let Some(carried) = all.len().checked_sub(sliced).filter(|_| sliced > 0) else {
        let (has, wants) = (all.len(), cx.int("num_scan_inputs").unwrap_or(0));
        return Err(cx.fault(format_args!("it has {has} operands, {wants} of them to be walked")));
    };
    let (takes, gives) = (body.inputs.len(), body.outputs.len());
    if takes != all.len() || gives < carried {
        let has = all.len();
        let rule =
            format_args!("it has {has} operands, but its body takes {takes} and gives {gives}");
        return Err(cx.fault(rule));
    }
    let mut operands = nodes(cx.m, &all)?;
    for (k, (axis, is_backward)) in ways(cx, "input", sliced)?.into_iter().enumerate() {
        let x = &mut operands[carried + k];
        let axis = cx.axis(axis, cx.m.b.rank(*x))?;
        let first = moved(cx.m, *x, axis, 0)?;
        *x = reversed(cx.m, first, is_backward)?;
    }
    let mut types: Vec<TensorType> = operands.iter().map(|&x| cx.m.b.ty(x).clone()).collect();
    types[carried..].iter_mut().for_each(|ty| drop(ty.dims.remove(0)));
    let (_, graph) = cx.m.subgraph("body", |m| {
        let given = inputs(m, &body.inputs, types);
        let given: Vec<Value> = given.into_iter().map(|node| Value::node(m, node)).collect();
        let results = m.inline(body, &given).map_err(inner)?;
        outputs(m, &results)
    })?;
    let attrs = Attrs::new().int("carried", carried as i64).int("sliced", sliced as i64);
    let results = cx.m.call("scan", operands, attrs, vec![graph]);
    let help = "the state of a Scan keeps its type and sizes";
    let mut results = results.map_err(|fault| renamed(cx, fault, help))?;
    for (k, (axis, is_backward)) in ways(cx, "output", gives - carried)?.into_iter().enumerate() {
        let x = &mut results[carried + k];
        let axis = cx.axis(axis, cx.m.b.rank(*x))?;
        let whole = reversed(cx.m, *x, is_backward)?;
        *x = moved(cx.m, whole, 0, axis)?;
    }
    Ok(results.into_iter().map(|node| Value::node(cx.m, node)).collect())
}
