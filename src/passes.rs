//! Passes of one's own: functions over the captured graph that run among ferrodyne's.
//!
//! ```
//! use ferrodyne::passes::{self, Pattern, Position, UserPass};
//! use ferrodyne::prelude::*;
//!
//! // x + x becomes 2 x, before anything else is done.
//! passes::register(UserPass::new("double", Position::First, |graph, _| {
//!     let (sum, product) = (Pattern::parse("add(?x, ?x)")?, Pattern::parse("mul(?x, 2)")?);
//!     Ok((sum.replace(graph, &product)? > 0).into())
//! }));
//! let f = compile(|x: &Tensor| x + x).pass("double")?;
//! let y = f.call(&Tensor::ones([3], &Device::cpu()))?;
//! assert_eq!(y.to_vec::<f32>()?, [2.0; 3]);
//! # Ok::<(), ferrodyne::Error>(())
//! ```
//!
//! A [`Pattern`] is a shape of nodes in text; [`Pattern::find`] gives the places where it fits, [`Pattern::replace`] puts another
//! one there, and [`Pattern::replace_with`] what a function builds with a [`Rewriter`]. [`Graph::table`] lists a graph's nodes.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

pub use ferrodyne_compiler::graph::{
    Attr, Attrs, Builder, Graph, InputRole, Node, NodeId, Rewriter, TensorType,
};
pub use ferrodyne_compiler::passes::{
    Changed, Match, PassCx, PassList, Pattern, Position, UserPass,
};
use ferrodyne_plan::{Diagnostic, Source};

use crate::error::{Error, Result};

static REGISTRY: LazyLock<Mutex<BTreeMap<String, UserPass>>> = LazyLock::new(Mutex::default);

/// Adds a pass, to be chosen by its name; one of the same name is replaced for functions that choose it from now on.
pub fn register(pass: UserPass) {
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    registry.insert(pass.name.to_string(), pass);
}

/// Names of the registered passes.
pub fn registered() -> Vec<String> {
    REGISTRY.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
}

/// The registered pass of a name.
///
/// # Errors
/// A name that none has, with the names there are.
pub(crate) fn named(name: &str) -> Result<UserPass> {
    let registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    registry.get(name).cloned().ok_or_else(|| {
        let known: Vec<&str> = registry.keys().map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let message = format!("no pass `{name}` is registered; registered are: {known}");
        Error::Tensor(Diagnostic::new("pass", message).at(Source::unknown()))
    })
}
