//! Graphs: SSA over tensors with symbolic dims.
//!
//! A [`Graph`] is an arena of [`Node`]s in topological order. What an operator means is not known here: a node holds the
//! operator's name and attributes, and whoever builds, verifies or parses a graph passes the [`OpRules`] that know them.
//! In reading order: the data, building it, checking it, its text form, questions about it, and building one from another.

mod attrs;
mod build;
mod data;

mod parse;
mod print;
mod table;
mod tensor_text;
mod verify;

pub mod analysis;
mod node_map;
mod rewrite;
mod specialise;

pub use attrs::{Attr, AttrKind, AttrSpec, Attrs};
pub(crate) use build::estimate;
pub use build::{Builder, OpRules, TypeCx, in_words};
pub use data::{
    Graph, Guard, GuardFact, Input, InputRole, Node, NodeId, Output, SymbolInfo, TensorType,
};
pub(crate) use node_map::NodeMap;
pub use parse::{ParseCx, parse};
pub use print::{GraphText, constants};
pub use rewrite::Rewriter;
pub use specialise::specialise;
pub use tensor_text::tensor_hash;
pub use verify::{INPUT, check_attrs, same_type, verify};

#[cfg(test)]
mod tests;
