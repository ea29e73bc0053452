//! Arithmetic on sizes: which whole numbers of a graph are expressions over its symbols.
//!
//! A graph goes in; for each node that is one whole number known as a size, the expression comes out. Sizes fit their types (a
//! larger one cannot be allocated), so wrapping never matters. Divisions are taken over only where the facts show that truncating and
//! rounding down are the same.

use ferrodyne_plan::{DType, Dim, Proof};

use crate::graph::{Graph, Node};
use crate::ops::element;

/// The expression that each node is, where it is one.
pub(super) fn sizes(graph: &Graph) -> Vec<Option<Dim>> {
    let mut sizes: Vec<Option<Dim>> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let operands: Option<Vec<&Dim>> =
            node.inputs.iter().map(|operand| sizes[operand.index()].as_ref()).collect();
        let size = operands.filter(|_| is_number(node)).and_then(|x| size(graph, node, &x));
        // Data of 64 bits may be large and wrap, which sizes never do.
        let small = |dim: &Dim| dim.as_const().is_none_or(|n| i32::try_from(n).is_ok());
        let size = size.filter(|dim| node.ty().dtype != DType::Long || small(dim));
        sizes.push(size);
    }
    sizes
}

/// Whether a node is one whole number.
fn is_number(node: &Node) -> bool {
    let [ty] = node.types.as_slice() else { return false };
    matches!(ty.dtype, DType::I64 | DType::Long | DType::I32)
        && ty.dims.iter().all(|d| *d == Dim::constant(1))
}

fn size(graph: &Graph, node: &Node, x: &[&Dim]) -> Option<Dim> {
    let rounds_down = |a: &Dim, b: &Dim| {
        graph.facts.prove_nonneg(a) == Proof::Yes
            && graph.facts.prove_lt(&Dim::constant(0), b) == Proof::Yes
    };
    match (node.op.as_str(), x) {
        ("size", []) => node.attrs.get_dims("dim").first().cloned(),
        ("constant", []) => {
            let value = *element::values(node.attrs.get_tensor("value")).first()?;
            (value.abs() < 1e15).then(|| Dim::constant(value as i64))
        }
        ("neg", [a]) => Some(-*a),
        ("add", [a, b]) => Some(*a + *b),
        ("sub", [a, b]) => Some(*a - *b),
        ("mul", [a, b]) => Some(*a * *b),
        ("min", [a, b]) => Some(Dim::min(a, b)),
        ("max", [a, b]) => Some(Dim::max(a, b)),
        ("div", [a, b]) => rounds_down(a, b).then(|| a.floor_div(b)),
        ("rem", [a, b]) => rounds_down(a, b).then(|| a.modulo(b)),
        ("cast" | "reshape" | "expand", [a]) => Some((*a).clone()),
        _ => None,
    }
}
