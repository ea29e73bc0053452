//! Calls of graphs. They are inlined before anything is lowered.

use ferrodyne_plan::Diagnostic;

use super::row::{Arity, Op, OpClass};
use crate::graph::{AttrKind, AttrSpec, TensorType, TypeCx};

/// The family.
pub(super) static ALL: &[&Op] = &[&CALL, &RESULT];

fn call_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let Some(graph) = cx.calls.first() else {
        return Err(cx.fault("call", "names no graph to call"));
    };
    if graph.inputs.len() != cx.inputs.len() {
        let (want, got) = (graph.inputs.len(), cx.inputs.len());
        return Err(cx.fault(
            "arity",
            format_args!("`{}` takes {want} operands, but got {got}", graph.name),
        ));
    }
    for (k, input) in graph.inputs.iter().enumerate() {
        let want = graph.ty(input.node);
        let same = want.dtype == cx.inputs[k].dtype && want.rank() == cx.inputs[k].rank();
        let have = cx.inputs[k];
        if !same || !want.dims.iter().zip(&have.dims).all(|(a, b)| cx.equal(a, b)) {
            let text = format_args!(
                "{} but input `{}` of `{}` is {want}",
                cx.operand(k),
                input.name,
                graph.name
            );
            return Err(cx.fault("shape", text));
        }
    }
    Ok(graph.outputs.iter().map(|output| graph.ty(output.node).clone()).collect())
}

fn result_types(cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
    let index = cx.attrs.get_int("index");
    let called = cx.calls.first();
    let outputs = called.map_or(&[][..], |graph| graph.outputs.as_slice());
    match (called, usize::try_from(index).ok().and_then(|k| outputs.get(k))) {
        (Some(graph), Some(output)) => Ok(vec![graph.ty(output.node).clone()]),
        _ => {
            let count = outputs.len();
            Err(cx.fault(
                "call",
                format_args!("`index` is {index}, but {} has {count} results", cx.names[0]),
            ))
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

/// One result of a call. The called graph of its operand is passed to its type rule.
static RESULT: Op = Op::new(
    "result",
    "Result number `index` of the operand, a call.",
    OpClass::Control,
    Arity::Exactly(1),
)
.attrs(&[AttrSpec::required("index", AttrKind::Int)])
.types(result_types);
