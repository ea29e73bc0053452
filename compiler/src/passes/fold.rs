//! Computes while compiling what depends on small constants alone.
//!
//! Assumes nothing. A primitive without symbolic sizes whose operands are all constants (or counters over constant sizes) is evaluated
//! by its row, in f64, and becomes a `constant`, if operands and result have at most `PassCx::fold_elements_max` elements and some user
//! is not folded itself. 64-bit integers beyond what f64 holds exactly are left alone, as are rows that refuse their operands. A
//! size that is a number becomes a constant, and arithmetic on sizes becomes one `size`. Parameters are never read. Linear in nodes and in
//! the elements computed.

use ferrodyne_plan::{DType, Diagnostic, Dim};
use ndarray::{ArrayD, IxDyn};

use super::{Changed, Pass, PassCx};
use crate::graph::analysis::{Users, users};
use crate::graph::{Attrs, Graph, NodeId, Rewriter, TensorType};
use crate::ops::{self, EvalCx, OpClass, element};

mod sizes;

/// The pass.
pub(super) const PASS: Pass =
    Pass { name: "fold", doc: "computes what depends on small constants alone", run };

fn run(graph: &mut Graph, cx: &PassCx) -> Result<Changed, Diagnostic> {
    let mut values: Vec<Option<ArrayD<f64>>> = vec![None; graph.nodes.len()];
    for id in graph.ids() {
        values[id.index()] = evaluate(graph, id, &values, cx);
    }
    let sizes = sizes::sizes(graph);
    let users = users(graph);
    let mut rewriter = Rewriter::new(graph, cx.rules);
    for id in rewriter.ids() {
        let needed =
            users.is_root(id) || users.of(id).iter().any(|user| values[user.index()].is_none());
        match &values[id.index()] {
            Some(value) if needed && pays(graph, id) => {
                let dtype = graph.ty(id).dtype;
                let elements: Vec<f64> = value.iter().copied().collect();
                let data = element::host(dtype, value.shape(), &elements);
                rewriter.enter(id);
                let attrs = Attrs::new().tensor("value", data);
                let types = vec![TensorType::new(dtype, value.shape().iter().copied())];
                let constant = rewriter.push("constant", &[], attrs, types);
                rewriter.replace(id, constant);
            }
            _ => match sum_of_sizes(graph, id, &sizes, &users) {
                Some(size) => {
                    rewriter.enter(id);
                    let value = number(&mut rewriter, graph.ty(id), size)?;
                    rewriter.replace(id, value);
                }
                None => {
                    rewriter.copy(id);
                }
            },
        }
    }
    let changed = rewriter.changed();
    *graph = rewriter.finish();
    Ok(changed.into())
}

/// The size that arithmetic on sizes comes to, where somebody needs the result itself.
fn sum_of_sizes<'s>(
    graph: &Graph,
    id: NodeId,
    sizes: &'s [Option<Dim>],
    users: &Users,
) -> Option<&'s Dim> {
    let size = sizes[id.index()].as_ref()?;
    let is_arithmetic = !matches!(graph.node(id).op.as_str(), "size" | "constant")
        && !matches!(graph.node(id).op.as_str(), "reshape" | "expand");
    let needed = users.is_root(id) || users.of(id).iter().any(|user| sizes[user.index()].is_none());
    (is_arithmetic && needed).then_some(size)
}

/// A size as a value of a type with one element.
fn number(rewriter: &mut Rewriter<'_>, ty: &TensorType, size: &Dim) -> Result<NodeId, Diagnostic> {
    let value = match size.as_const() {
        Some(value) => {
            let data = element::host(ty.dtype, &[], &[value as f64]);
            rewriter.add("constant", &[], Attrs::new().tensor("value", data))?
        }
        None => {
            let attrs = Attrs::new().dims("dim", std::slice::from_ref(size));
            rewriter.add("size", &[], attrs.dtype("dtype", ty.dtype))?
        }
    };
    match ty.rank() {
        0 => Ok(value),
        _ => rewriter.add("reshape", &[value], Attrs::new().dims("dims", &ty.dims)),
    }
}

/// Constants stay as they are, and counters and repeated numbers are cheaper to compute than to read.
fn pays(graph: &Graph, id: NodeId) -> bool {
    match graph.node(id).op.as_str() {
        "constant" => false,
        "iota" | "expand" => graph.ty(id).elements().as_const() == Some(1),
        _ => true,
    }
}

/// The value of a node, if it can be had from those of its operands.
fn evaluate(
    graph: &Graph,
    id: NodeId,
    values: &[Option<ArrayD<f64>>],
    cx: &PassCx,
) -> Option<ArrayD<f64>> {
    let node = graph.node(id);
    let row = ops::find(&node.op).filter(|row| row.class != OpClass::Control)?;
    let eval = row.eval?;
    let inputs: Vec<&ArrayD<f64>> =
        node.inputs.iter().map(|i| values[i.index()].as_ref()).collect::<Option<_>>()?;
    let [ty] = node.types.as_slice() else { return None };
    // What is between the terms of a sum may need more bits than f64 has, though neither they nor the sum do.
    let many = matches!(row.class, OpClass::Reduce | OpClass::Contract | OpClass::Movement);
    if ty.dtype == DType::Long && many {
        return None;
    }
    let out_dims = static_dims(ty)?;
    if out_dims.iter().product::<usize>() > cx.fold_elements_max {
        return None;
    }
    let fixed = node.attrs.iter().all(|(_, attr)| match attr {
        crate::graph::Attr::Dims(dims) => dims.iter().all(|dim| dim.is_const()),
        _ => true,
    });
    if !fixed {
        return None;
    }
    let types: Vec<&TensorType> = node.inputs.iter().map(|i| graph.ty(*i)).collect();
    let sizes = |dim: &Dim| dim.as_const().unwrap_or(0);
    let cx = EvalCx { node, inputs: &inputs, out_dims: &out_dims, sizes: &sizes, types: &types };
    let value = eval(&cx).ok()?;
    let stored = stored(&value, ty.dtype)?;
    (value.shape() == out_dims).then(|| {
        ArrayD::from_shape_vec(IxDyn(&out_dims), stored).expect("as many elements as were computed")
    })
}

/// The elements as they are when stored; `None` where f64 may not hold them exactly.
fn stored(value: &ArrayD<f64>, dtype: DType) -> Option<Vec<f64>> {
    let wide = matches!(dtype, DType::I64 | DType::Long);
    let exact = !wide || value.iter().all(|v| v.abs() < element::EXACT_MAX);
    let flat: Vec<f64> = value.iter().copied().collect();
    let back = |data| element::values(&data);
    exact.then(|| back((*element::host(dtype, &[flat.len()], &flat)).clone()))
}

fn static_dims(ty: &TensorType) -> Option<Vec<usize>> {
    ty.dims.iter().map(|dim| dim.as_const().and_then(|n| usize::try_from(n).ok())).collect()
}
