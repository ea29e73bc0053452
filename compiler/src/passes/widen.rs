//! Integers of 64 bits as pairs of words: comes in a graph, goes out one in which every `i64` is a `long`, called graphs included.
//!
//! Values get the types that the rules give for their new operands. What is an `i64` whatever the operands are, as the index of a
//! maximum, is small and becomes a `long` by a conversion behind it. Sizes, facts and guards stay.

use std::sync::Arc;

use ferrodyne_plan::{DType, Diagnostic, HostTensor};

use crate::graph::{Attr, Attrs, Graph, NodeId, Rewriter};
use crate::ops::Table;

/// The graph with pairs in the place of 64-bit integers.
///
/// # Errors
/// Faults of the type rules, which are ferrodyne's.
pub fn widen(graph: &Graph) -> Result<Graph, Diagnostic> {
    let mut old = graph.clone();
    for sub in old.subgraphs.values_mut() {
        *sub = Arc::new(widen(sub)?);
    }
    for input in &graph.inputs {
        let ty = &mut old.node_mut(input.node).types[0];
        ty.dtype = wide(ty.dtype);
    }
    let mut rewriter = Rewriter::new(&old, &Table);
    for id in rewriter.ids() {
        widen_node(&mut rewriter, id)?;
    }
    Ok(rewriter.finish())
}

fn widen_node(rewriter: &mut Rewriter<'_>, id: NodeId) -> Result<(), Diagnostic> {
    let old = rewriter.old();
    rewriter.enter(id);
    let (operands, attrs) = (rewriter.operands(id), widen_attrs(&old.node(id).attrs));
    let mut node = rewriter.retyped(id, operands, attrs)?;
    // Only control has several results, and its types are those of graphs that are widened.
    let narrow = node.types.len() == 1 && node.types[0].dtype == DType::I64;
    if narrow {
        node.name = None;
    }
    let mut new = rewriter.push_node(node);
    if narrow {
        new = rewriter.builder().cast(new, DType::Long)?;
    }
    rewriter.replace(id, new);
    Ok(())
}

fn wide(dtype: DType) -> DType {
    if dtype == DType::I64 { DType::Long } else { dtype }
}

fn widen_attrs(attrs: &Attrs) -> Attrs {
    attrs.iter().fold(Attrs::new(), |new, (name, attr)| {
        let attr = match attr {
            Attr::DType(dtype) => Attr::DType(wide(*dtype)),
            Attr::Tensor(data) if data.dtype == DType::I64 => {
                Attr::Tensor(Arc::new(HostTensor { dtype: DType::Long, ..(**data).clone() }))
            }
            other => other.clone(),
        };
        new.with(name, attr)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{ParseCx, parse, verify};

    #[test]
    fn every_value_of_64_bits_becomes_a_pair() {
        let text = "graph f(%x: i64[3, 4], %y: f32[3, 4]) {
  %0 = constant {value=i64[](6364136223846793005)} : i64[]
  %1 = mul %x %0 : i64[3, 4]
  %2 = argmax %y {axis=1} : i64[3]
  %3 = cast %y {dtype=i64} : i64[3, 4]
  %4 = take_along %1 %3 {axis=0} : i64[3, 4]
  return %4 as values, %2 as places
}
";
        let graph = parse(text, ParseCx::new(&Table)).unwrap_or_else(|fault| panic!("{fault}"));
        let graph = widen(&graph).expect("the graph is right");
        verify(&graph, &Table).unwrap_or_else(|fault| panic!("{fault}\n{graph}"));
        let narrow = |id: &NodeId| graph.ty(*id).dtype == DType::I64;
        let narrow: Vec<_> = graph.ids().filter(narrow).map(|id| &*graph.node(id).op).collect();
        assert_eq!(narrow, ["argmax"], "{graph}");
        for output in &graph.outputs {
            assert_eq!(graph.ty(output.node).dtype, DType::Long, "{graph}");
        }
    }
}
