//! How devices hold 64-bit integers: the choice, what it makes of a graph, and what the narrow form refuses.

use ferrodyne_plan::{DType, Diagnostic, HostTensor};

use crate::graph::analysis::live;
use crate::graph::{Attr, Graph};
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
    for node in graph.ids().filter(|id| live[id.index()]).map(|id| graph.node(id)) {
        let Some(Attr::Tensor(data)) = node.attrs.get("value") else { continue };
        if let Some(value) = beyond(data) {
            let name =
                node.name.as_ref().map_or("a constant".to_owned(), |name| format!("`{name}`"));
            let message = format!(
                "{name} holds {value}, which does not fit i32 on the device; compile with `int64 = pair` for 64 bits"
            );
            return Err(Diagnostic::new("range", message).at(node.source.clone()));
        }
    }
    Ok(())
}

/// The first element that 32 bits do not hold.
fn beyond(data: &HostTensor) -> Option<i64> {
    if data.dtype != DType::I64 {
        return None;
    }
    let mut values = data.bytes.as_chunks::<8>().0.iter().map(|bytes| i64::from_le_bytes(*bytes));
    values.find(|value| i32::try_from(*value).is_err() && value.unsigned_abs() < INFINITE)
}
