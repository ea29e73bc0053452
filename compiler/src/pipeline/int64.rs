//! How devices hold 64-bit integers: the choice, what it makes of a graph, and what the narrow form refuses.

use ferrodyne_plan::{DType, Diagnostic, HostTensor};

use crate::graph::analysis::live;
use crate::graph::{Attr, Graph, NodeId};
use crate::passes;

/// How devices hold 64-bit integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Int64 {
    /// As `i32`, with the range checked where values come in.
    #[default]
    Narrow,
    /// As a pair of `u32`: exact and wrapping, over the whole range, and several times slower.
    Pair,
}

impl Int64 {
    /// The type in which devices hold elements that are declared as `dtype`.
    pub fn held(self, dtype: DType) -> DType {
        if self == Int64::Pair && dtype == DType::I64 { DType::Long } else { dtype }
    }

    /// The graph with its integers as devices are to hold them.
    ///
    /// # Errors
    /// Faults of the type rules, which are ferrodyne's.
    pub fn applied(self, graph: &Graph) -> Result<Graph, Diagnostic> {
        if self == Int64::Pair { passes::widen(graph) } else { Ok(graph.clone()) }
    }
}

/// Integers from which on a constant of 64 bits is no number but an end that nothing reaches: 32 bits have one too.
const INFINITE: u64 = i64::MAX as u64 - 1;

/// Refuses constants that 32 bits do not hold, in a graph whose `i64` are held so.
///
/// # Errors
/// The first of them, by its name.
pub(super) fn check_constants(graph: &Graph) -> Result<(), Diagnostic> {
    let live = live(graph);
    for id in graph.ids().filter(|id| live[id.index()]) {
        let node = graph.node(id);
        let Some(Attr::Tensor(data)) = node.attrs.get("value") else { continue };
        if let Some(value) = beyond(data) {
            let message = format!(
                "{} holds {value}, which does not fit i32 on the device; compile with `int64 = pair` for 64 bits",
                called(graph, id)
            );
            return Err(Diagnostic::new("range", message).at(node.source.clone()));
        }
    }
    Ok(())
}

/// A constant by its name, or by that of what is made of it.
fn called(graph: &Graph, id: NodeId) -> String {
    let users = graph.nodes.iter().filter(|node| node.inputs.contains(&id));
    match (&graph.node(id).name, users.filter_map(|user| user.name.as_ref()).next()) {
        (Some(name), _) => format!("`{name}`"),
        (None, Some(user)) => format!("a constant of `{user}`"),
        (None, None) => "a constant".to_owned(),
    }
}

/// The first element that 32 bits do not hold.
fn beyond(data: &HostTensor) -> Option<i64> {
    if data.dtype != DType::I64 {
        return None;
    }
    let mut values = data.bytes.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
    values.find(|value| i32::try_from(*value).is_err() && value.unsigned_abs() < INFINITE)
}
