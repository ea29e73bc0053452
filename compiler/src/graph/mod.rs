//! Graphs: SSA over tensors with symbolic dims.
//!
//! A [`Graph`] is an arena of [`Node`]s in topological order. What an operator means is not known here: a node holds the
//! operator's name and attributes, and whoever builds, verifies or parses a graph passes the [`OpRules`] that know them.

mod attrs;
mod build;
mod data;

pub use attrs::{Attr, AttrKind, AttrSpec, Attrs};
pub use build::{Builder, OpRules, TypeCx};
pub use data::{
    Graph, Guard, GuardFact, Input, InputRole, Node, NodeId, Output, SymbolInfo, TensorType,
};
