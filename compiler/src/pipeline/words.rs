//! Slices of a `scan` in whole words: comes in a graph, goes out one that walks along, and stacks, elements of less than a word as
//! wider ones, where a slice may not fill its last word. Devices copy words, and a slice begins where the one before it ends.

use ferrodyne_plan::{DType, Diagnostic, Name, Proof};

use super::bodies::{over, put, splice};
use crate::graph::{Attrs, Graph, InputRole, Node, NodeId, Rewriter, TensorType};
use crate::ops::Table;

/// Bytes of a word.
const WORD: i64 = 4;

/// Widens what a `scan` of the graph walks along and stacks.
///
/// # Errors
/// Faults of the type rules, which are ferrodyne's.
pub(super) fn whole_words(graph: &Graph) -> Result<Graph, Diagnostic> {
    let mut rewriter = Rewriter::new(graph, &Table);
    let mut widened: Vec<(NodeId, NodeId)> = Vec::new();
    for id in rewriter.ids() {
        let node = graph.node(id);
        if node.op.as_str() == "result"
            && let Some(&(old, new)) = widened.iter().find(|(old, _)| *old == node.inputs[0])
        {
            let index = node.attrs.get_int("index");
            let value = rewriter.add("result", &[new], Attrs::new().int("index", index))?;
            let dtype = graph.node(old).types[index as usize].dtype;
            let value = rewriter.builder().cast(value, dtype)?;
            rewriter.replace(id, value);
            continue;
        }
        let types = if node.op.as_str() == "scan" { moved(graph, node) } else { Vec::new() };
        if !types.iter().any(|ty| wide(graph, ty).is_some()) {
            rewriter.copy(id);
            continue;
        }
        rewriter.enter(id);
        let new = widen(&mut rewriter, graph, id)?;
        widened.push((id, new));
        let first = rewriter.builder().cast(new, node.ty().dtype)?;
        rewriter.replace(id, first);
    }
    Ok(rewriter.finish())
}

/// Types of what a `scan` walks along, then of what it stacks.
fn moved(graph: &Graph, node: &Node) -> Vec<TensorType> {
    let carried = node.attrs.get_int("carried") as usize;
    let sliced = node.attrs.get_int("sliced") as usize;
    let walked = node.inputs[carried..carried + sliced].iter().map(|id| graph.ty(*id));
    walked.chain(&node.types[carried..]).cloned().collect()
}

/// The type that the elements of a value are to have whose slices may end within a word.
fn wide(graph: &Graph, ty: &TensorType) -> Option<DType> {
    let bytes = ty.dtype.tensor_bytes(&ty.dims[1..]);
    match graph.facts.prove_multiple(&bytes, WORD) {
        Proof::Yes => None,
        _ if ty.dtype.is_float() => Some(DType::F32),
        _ => Some(DType::I32),
    }
}

/// A `scan` over wider elements with a body that narrows and widens them.
fn widen(rewriter: &mut Rewriter<'_>, graph: &Graph, id: NodeId) -> Result<NodeId, Diagnostic> {
    let node = graph.node(id);
    let carried = node.attrs.get_int("carried") as usize;
    let sliced = carried..carried + node.attrs.get_int("sliced") as usize;
    let body = &graph.subgraphs[&node.calls[0]];
    let mut operands = rewriter.operands(id);
    let mut builder = over(graph, Name::from(format!("{}_words", node.calls[0])));
    let mut inputs = Vec::new();
    for (k, input) in body.inputs.iter().enumerate() {
        let mut ty = body.ty(input.node).clone();
        let narrow = ty.dtype;
        if sliced.contains(&k) {
            ty.dtype = wide(graph, graph.ty(node.inputs[k])).unwrap_or(narrow);
            operands[k] = rewriter.builder().cast(operands[k], ty.dtype)?;
        }
        let value = builder.input(input.name.clone(), InputRole::Argument, ty);
        inputs.push(builder.cast(value, narrow)?);
    }
    for (k, value) in splice(&mut builder, body, &inputs).into_iter().enumerate() {
        let ty = if k < carried { None } else { wide(graph, &node.types[k]) };
        let value = ty.map_or(Ok(value), |dtype| builder.cast(value, dtype))?;
        builder.output(format!("y{k}"), value);
    }
    let outer = rewriter.builder();
    let body = put(outer, builder.finish());
    outer.add_calling("scan", &operands, node.attrs.clone(), &[body])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{ParseCx, parse};

    fn scanned(dtype: &str, size: &str) -> Graph {
        let text = format!(
            "graph sums(%s: {dtype}[{size}], %x: {dtype}[t, {size}]) where t in 0.., n in 0.. {{
  body = graph body(%s: {dtype}[{size}], %x: {dtype}[{size}]) where n in 0.. {{
    %next = add %s %x : {dtype}[{size}]
    return %next as a, %next as b
  }}
  %0 = scan @body %s %x {{carried=1, sliced=1}} : {dtype}[{size}], {dtype}[t, {size}]
  %y = result %0 {{index=1}} : {dtype}[t, {size}]
  return %y
}}
"
        );
        parse(&text, ParseCx::new(&Table)).unwrap_or_else(|fault| panic!("{fault}\n{text}"))
    }

    #[test]
    fn slices_that_may_end_within_a_word_are_walked_along_as_wider_ones() {
        let walked = |dtype: &str, size: &str| {
            let graph = whole_words(&scanned(dtype, size)).expect("the graph is right");
            crate::graph::verify(&graph, &Table).unwrap_or_else(|fault| panic!("{fault}\n{graph}"));
            let scan = graph.nodes.iter().find(|node| node.op.as_str() == "scan");
            let scan = scan.expect("the scan stays");
            let types = [graph.ty(scan.inputs[0]), graph.ty(scan.inputs[1]), &scan.types[1]];
            types.map(|ty| ty.dtype)
        };
        assert_eq!(walked("f16", "n"), [DType::F16, DType::F32, DType::F32]);
        assert_eq!(walked("f16", "3"), [DType::F16, DType::F32, DType::F32]);
        assert_eq!(walked("f16", "4"), [DType::F16; 3]);
        assert_eq!(walked("u8", "6"), [DType::U8, DType::I32, DType::I32]);
        assert_eq!(walked("f32", "n"), [DType::F32; 3]);
    }
}
