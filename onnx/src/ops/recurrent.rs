//! Recurrent layers: the product of all inputs with their weights at once, then a `scan` over time of what depends on the state.
//!
//! A sequence that is shorter than others keeps its state from its end on, and its outputs there are zero. A layer that reads backward walks
//! from the last position of the longest sequence: until a sequence begins, its state is the first one.

use ferrodyne_compiler::graph::{Attrs, Builder, InputRole, NodeId, TensorType};
use ferrodyne_plan::{DType, Diagnostic, Dim};

use super::Row;
use super::recurrent_cell::{Activation, Cell, Kind};
use crate::context::{Cx, Results};
use crate::value::Value;

pub(super) static ALL: &[Row] = &[
    Row::new("LSTM", &[7, 14, 22], "", lstm),
    Row::new("GRU", &[7, 14, 22], "", gru),
    Row::new("RNN", &[7, 14, 22], "", rnn),
];

fn lstm(cx: &mut Cx<'_>, _: &'static str) -> Results {
    layer(cx, Kind::Lstm)
}

fn gru(cx: &mut Cx<'_>, _: &'static str) -> Results {
    layer(cx, Kind::Gru)
}

fn rnn(cx: &mut Cx<'_>, _: &'static str) -> Results {
    layer(cx, Kind::Rnn)
}

/// The operands of a layer over all its directions, time first.
struct Layer {
    kind: Kind,
    x: NodeId,
    w: NodeId,
    r: NodeId,
    bias: Option<NodeId>,
    lengths: Option<NodeId>,
    /// The first state, a value for each part.
    first: Vec<Option<NodeId>>,
    peepholes: Option<NodeId>,
    hidden: Dim,
    keeps_all: bool,
}

/// What one direction gives.
struct Direction {
    all: Option<NodeId>,
    last: Vec<NodeId>,
}

fn layer(cx: &mut Cx<'_>, kind: Kind) -> Results {
    let directions: &[bool] = match cx.text("direction").as_deref() {
        None | Some("forward") => &[false],
        Some("reverse") => &[true],
        Some("bidirectional") => &[false, true],
        Some(other) => return Err(cx.fault(format_args!("there is no direction `{other}`"))),
    };
    let is_batch_first = match cx.int("layout").unwrap_or(0) {
        0 => false,
        1 => true,
        other => return Err(cx.fault(format_args!("there is no layout {other}"))),
    };
    let layer = operands(cx, kind, directions.len(), is_batch_first)?;
    let activations = activations(cx, kind, directions.len())?;
    let mut parts = Vec::new();
    for (d, &is_backward) in directions.iter().enumerate() {
        parts.push(direction(cx, &layer, d, is_backward, &activations[d])?);
    }
    results(cx, &layer, &parts, is_batch_first)
}

fn operands(
    cx: &mut Cx<'_>,
    kind: Kind,
    directions: usize,
    is_batch_first: bool,
) -> Result<Layer, Diagnostic> {
    let maybe = |cx: &mut Cx<'_>, k: usize| cx.maybe(k).map(|_| cx.x(k)).transpose();
    let (mut x, w, r) = (cx.x(0)?, cx.x(1)?, cx.x(2)?);
    for (k, node) in [x, w, r].into_iter().enumerate() {
        if cx.m.b.rank(node) != 3 {
            let have = cx.m.b.describe(node);
            return Err(cx.fault(format_args!("operand {k}: {have}: it must have rank 3")));
        }
    }
    let (have, hidden) = (cx.m.b.dims(r), cx.m.b.dims(r)[2].clone());
    let rows = &hidden * kind.gates() as i64;
    let fits = cx.facts().prove_eq(&have[0], &Dim::from(directions)).is_yes()
        && cx.facts().prove_eq(&have[1], &rows).is_yes();
    if !fits {
        let (have, gates) = (cx.m.b.describe(r), kind.gates());
        let rule = format!(
            "{have}: for {directions} directions and {gates} gates it must be [{directions}, {rows}, {hidden}]"
        );
        return Err(cx.fault(rule));
    }
    let mut first = vec![maybe(cx, 5)?];
    if kind == Kind::Lstm {
        first.push(maybe(cx, 6)?);
    }
    if is_batch_first {
        x = cx.m.b.transpose(x, 0, 1)?;
        for state in first.iter_mut().flatten() {
            *state = cx.m.b.transpose(*state, 0, 1)?;
        }
    }
    Ok(Layer {
        kind,
        x,
        w,
        r,
        bias: maybe(cx, 3)?,
        lengths: maybe(cx, 4)?,
        first,
        peepholes: if kind == Kind::Lstm { maybe(cx, 7)? } else { None },
        hidden,
        keeps_all: cx.node.output.first().is_some_and(|name| !name.is_empty()),
    })
}

/// The activations of each direction. Numbers are taken in order by those that have any.
fn activations(
    cx: &Cx<'_>,
    kind: Kind,
    directions: usize,
) -> Result<Vec<Vec<Activation>>, Diagnostic> {
    let texts = cx.texts("activations");
    let given = !texts.is_empty();
    let names: Vec<String> = match given {
        true => texts,
        false => kind.activations().iter().map(|&name| name.to_owned()).collect(),
    };
    let each = kind.activations().len();
    let names = match names.len() {
        n if n == each => names.iter().cycle().take(each * directions).cloned().collect(),
        n if n == each * directions => names,
        n => {
            let want = each * directions;
            return Err(cx.fault(format_args!("{n} activations, but it needs {want}")));
        }
    };
    let mut alphas = cx.floats("activation_alpha").unwrap_or_default().into_iter();
    let mut betas = cx.floats("activation_beta").unwrap_or_default().into_iter();
    let mut all = Vec::new();
    for name in &names {
        let activation = Activation::new(name, &mut alphas, &mut betas);
        all.push(
            activation.ok_or_else(|| cx.unsupported(format_args!("the activation `{name}`")))?,
        );
    }
    Ok(all.chunks(each).map(<[_]>::to_vec).collect())
}

/// One of the first axis, without that axis.
pub(super) fn at(b: &mut Builder, x: NodeId, k: usize) -> Result<NodeId, Diagnostic> {
    let part = b.slice_axis(x, 0, &Dim::from(k), &Dim::from(k + 1), 1)?;
    b.squeeze(part, 0)
}

fn direction(
    cx: &mut Cx<'_>,
    layer: &Layer,
    d: usize,
    is_backward: bool,
    activations: &[Activation],
) -> Result<Direction, Diagnostic> {
    let kind = layer.kind;
    let resets_after = kind == Kind::Gru && cx.flag("linear_before_reset");
    let (clip, couples) = (cx.float("clip"), cx.flag("input_forget"));
    let (w, r) = (at(&mut cx.m.b, layer.w, d)?, at(&mut cx.m.b, layer.r, d)?);
    let (bias, inner_bias) = biases(&mut cx.m.b, layer, d, resets_after)?;
    let walked = walked(&mut cx.m.b, layer, w, bias, is_backward)?;
    let state = first_state(&mut cx.m.b, layer, d)?;
    let peepholes = layer.peepholes.map(|all| at(&mut cx.m.b, all, d)).transpose()?;
    let recurrent = recurrent_weights(&mut cx.m.b, layer, r, resets_after)?;
    let lengths = lengths(&mut cx.m.b, layer)?;
    let value = |node: NodeId| Value::node(cx.m, node);
    let around = (
        recurrent.into_iter().map(value).collect::<Vec<_>>(),
        [peepholes, inner_bias, lengths].map(|node| node.map(value)),
    );
    let types = state.iter().map(|&node| cx.m.b.ty(node).clone());
    let slices = walked.iter().map(|&node| {
        let ty = cx.m.b.ty(node);
        TensorType { dtype: ty.dtype, dims: ty.dims[1..].to_vec() }
    });
    let types: Vec<TensorType> = types.chain(slices).collect();
    let (carried, sliced) = (state.len(), walked.len());
    let (_, graph) = cx.m.subgraph("cell", |m| {
        let names = (0..types.len()).map(|k| format!("x{k}"));
        let inputs: Vec<NodeId> =
            names.zip(types).map(|(name, ty)| m.b.input(name, InputRole::Argument, ty)).collect();
        let (recurrent, [peepholes, bias, lengths]) = around;
        let recurrent = recurrent.iter().map(|value| value.on_graph(m));
        let recurrent = recurrent.collect::<Result<Vec<_>, _>>()?;
        let mut own = |value: Option<Value>| value.map(|value| value.on_graph(m)).transpose();
        let (peepholes, bias, lengths) = (own(peepholes)?, own(bias)?, own(lengths)?);
        let hidden = layer.hidden.clone();
        let cell = Cell { kind, hidden, recurrent, peepholes, bias, activations, clip, couples };
        let (old, x) = (&inputs[..carried], inputs[carried]);
        let mut next = cell.next(&mut m.b, x, old)?;
        let mut shown = next[0];
        if let Some(lengths) = lengths {
            let is_inside = m.b.binary("lt", inputs[carried + 1], lengths)?;
            let zero = m.b.scalar_like(shown, 0.0)?;
            shown = m.b.select(is_inside, shown, zero)?;
            for (value, &old) in next.iter_mut().zip(old) {
                *value = m.b.select(is_inside, *value, old)?;
            }
        }
        let shown = layer.keeps_all.then_some(shown);
        for (k, node) in next.into_iter().chain(shown).enumerate() {
            m.b.output(format!("y{k}"), node);
        }
        Ok(())
    })?;
    let attrs = Attrs::new().int("carried", carried as i64).int("sliced", sliced as i64);
    let mut last = cx.m.call("scan", [state, walked].concat(), attrs, vec![graph])?;
    let mut all = last.split_off(carried).pop();
    if let (true, Some(all)) = (is_backward, &mut all) {
        *all = cx.m.b.flip(*all, &[0])?;
    }
    Ok(Direction { all, last })
}

/// What the loop walks along, in the order in which it does: products of the inputs and, where sequences end early, positions.
fn walked(
    b: &mut Builder,
    layer: &Layer,
    w: NodeId,
    bias: Option<NodeId>,
    is_backward: bool,
) -> Result<Vec<NodeId>, Diagnostic> {
    let operands: Vec<NodeId> = [layer.x, w].into_iter().chain(bias).collect();
    let mut walked = vec![b.add("linear", &operands, Attrs::new())?];
    if layer.lengths.is_some() {
        let length = b.dims(layer.x)[0].clone();
        walked.push(b.iota(&[length], 0, DType::I32)?);
    }
    if is_backward {
        for x in &mut walked {
            *x = b.flip(*x, &[0])?;
        }
    }
    Ok(walked)
}

/// Lengths of the sequences as a column.
fn lengths(b: &mut Builder, layer: &Layer) -> Result<Option<NodeId>, Diagnostic> {
    let Some(lengths) = layer.lengths else { return Ok(None) };
    let column = b.unsqueeze(lengths, 1)?;
    b.cast(column, DType::I32).map(Some)
}

/// The biases of the inputs and, where these are all that can be added before the loop, of the states; and the bias of a state that can
/// not.
fn biases(
    b: &mut Builder,
    layer: &Layer,
    d: usize,
    resets_after: bool,
) -> Result<(Option<NodeId>, Option<NodeId>), Diagnostic> {
    let Some(all) = layer.bias else { return Ok((None, None)) };
    let all = at(b, all, d)?;
    let rows = &layer.hidden * layer.kind.gates() as i64;
    let of_x = b.slice_axis(all, 0, &Dim::constant(0), &rows, 1)?;
    let of_h = b.slice_axis(all, 0, &rows, &(&rows * 2), 1)?;
    if !resets_after {
        return Ok((Some(b.binary("add", of_x, of_h)?), None));
    }
    let gates = &layer.hidden * 2;
    let early = b.slice_axis(of_h, 0, &Dim::constant(0), &gates, 1)?;
    let late = b.slice_axis(of_h, 0, &gates, &rows, 1)?;
    let early = b.pad_axis(early, 0, &Dim::constant(0), &layer.hidden, 0.0)?;
    Ok((Some(b.binary("add", of_x, early)?), Some(late)))
}

/// The weights of the state: those of a candidate that is made of a part of the state apart.
fn recurrent_weights(
    b: &mut Builder,
    layer: &Layer,
    r: NodeId,
    resets_after: bool,
) -> Result<Vec<NodeId>, Diagnostic> {
    if layer.kind != Kind::Gru || resets_after {
        return Ok(vec![r]);
    }
    let (gates, rows) = (&layer.hidden * 2, &layer.hidden * 3);
    let early = b.slice_axis(r, 0, &Dim::constant(0), &gates, 1)?;
    Ok(vec![early, b.slice_axis(r, 0, &gates, &rows, 1)?])
}

fn first_state(b: &mut Builder, layer: &Layer, d: usize) -> Result<Vec<NodeId>, Diagnostic> {
    let mut all = Vec::new();
    for state in &layer.first {
        all.push(match state {
            Some(state) => at(b, *state, d)?,
            None => {
                let dims = [b.dims(layer.x)[1].clone(), layer.hidden.clone()];
                b.full(b.dtype(layer.x), &dims, 0.0)?
            }
        });
    }
    Ok(all)
}

fn results(cx: &mut Cx<'_>, layer: &Layer, parts: &[Direction], is_batch_first: bool) -> Results {
    let joined = |b: &mut Builder, nodes: Vec<NodeId>, axis: i64| {
        let apart = nodes.into_iter().map(|node| b.unsqueeze(node, axis));
        let apart = apart.collect::<Result<Vec<_>, _>>()?;
        b.concat(&apart, axis)
    };
    let b = &mut cx.m.b;
    let mut nodes = Vec::new();
    let all: Option<Vec<NodeId>> = parts.iter().map(|part| part.all).collect();
    let all = match all.filter(|_| layer.keeps_all) {
        Some(all) => {
            let all = joined(b, all, 1)?;
            if is_batch_first { b.permute(all, &[2, 0, 1, 3])? } else { all }
        }
        // The result is not wanted, but the others are counted from it on.
        None => layer.x,
    };
    nodes.push(all);
    for k in 0..layer.first.len() {
        let last = joined(b, parts.iter().map(|part| part.last[k]).collect(), 0)?;
        nodes.push(if is_batch_first { b.transpose(last, 0, 1)? } else { last });
    }
    Ok(nodes.into_iter().map(|node| Value::node(cx.m, node)).collect())
}
