//! Modules: types with parameters, whose `forward` can be called and compiled.

mod cell;
pub mod field;
mod interior;
mod snapshot;
mod state;
mod tree;

use crate::error::Result;
use crate::tensor::Tensor;

pub(crate) use cell::CellValue;
pub use cell::{Buffer, Parameter};
pub(crate) use snapshot::Snapshot;
pub use state::StateDict;
pub(crate) use tree::{Place, Walk, first_cell, interior, write_tree};

/// What a module is made of, as a visitor sees it.
pub trait Visitor {
    /// A parameter in the module that was entered last.
    fn parameter(&mut self, name: &str, parameter: &Parameter);

    /// A buffer.
    fn buffer(&mut self, name: &str, buffer: &Buffer);

    /// A field that is part of what the module means: its `Debug` text is compared when a compiled call is checked.
    fn config(&mut self, name: &str, value: &dyn std::fmt::Debug);

    /// A field that can be changed behind a shared reference, such as a `Cell` or a `Mutex`, and the name of its type. Its value is
    /// compared nowhere; compiled calls that do not run the body are refused.
    fn interior(&mut self, name: &str, type_name: &str) {
        let _ = (name, type_name);
    }

    /// As [`Visitor::config`], of a value whose fingerprint tells it from all others.
    fn hashed(&mut self, name: &str, value: &dyn std::fmt::Debug, fingerprint: u64) {
        let _ = fingerprint;
        self.config(name, value);
    }

    /// A tensor that is no parameter: another one in its place is another program.
    fn constant(&mut self, name: &str, tensor: &Tensor) {
        self.config(name, tensor);
    }

    /// Enters a submodule of a type.
    fn enter(&mut self, name: &str, type_name: &str);

    /// The exact type of the submodule entered last, since two types may have one name.
    fn kind(&mut self, key: TypeKey) {
        let _ = key;
    }

    /// What the submodule entered last says of itself when it is printed: [`Module::extra_repr`].
    fn extra(&mut self, repr: &dyn Fn() -> Option<String>) {
        let _ = repr;
    }

    /// Leaves the submodule entered last.
    fn leave(&mut self);
}

/// A number for the exact type of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeKey(pub(crate) u64);

/// A type with parameters. `#[derive(Module)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no module",
    note = "write `#[derive(Module)]` on the type"
)]
pub trait Module {
    /// Name of the type, as it is printed.
    fn type_name(&self) -> &str;

    /// The exact type. Nobody needs to implement it but wrappers of other modules.
    fn type_key(&self) -> TypeKey {
        TypeKey(crate::compile::site::type_fingerprint::<Self>())
    }

    /// Shows parameters, buffers, configuration and submodules, in the order of the fields.
    fn visit(&self, visitor: &mut dyn Visitor);

    /// What is printed of the module itself, in place of the names and values of its configuration. `#[module(extra_repr)]` on a type
    /// with `#[derive(Module)]` takes it from the type's own method `fn extra_repr(&self) -> String`.
    ///
    /// ```
    /// use ferrodyne::prelude::*;
    /// #[derive(Module)]
    /// #[module(extra_repr)]
    /// struct Scale { by: f32 }
    /// #[module]
    /// impl Scale {
    ///     fn forward(&self, x: &Tensor) -> Tensor { x * self.by }
    ///     fn extra_repr(&self) -> String { format!("{} times", self.by) }
    /// }
    /// assert_eq!(Scale { by: 2.0 }.to_string(), "Scale(2 times)");
    /// ```
    fn extra_repr(&self) -> Option<String> {
        None
    }

    /// Parameters, in the order of the fields.
    fn parameters(&self) -> Vec<Parameter> {
        self.named_parameters().into_iter().map(|(_, parameter)| parameter).collect()
    }

    /// Parameters with their paths: `fc1.weight`.
    fn named_parameters(&self) -> Vec<(String, Parameter)> {
        let leaves = tree::Walk::of(self).leaves.into_iter();
        leaves
            .filter_map(|(name, leaf)| match leaf {
                tree::Leaf::Parameter(parameter) => Some((name, parameter)),
                tree::Leaf::Buffer(_) => None,
            })
            .collect()
    }

    /// Buffers with their paths.
    fn named_buffers(&self) -> Vec<(String, Buffer)> {
        let leaves = tree::Walk::of(self).leaves.into_iter();
        leaves
            .filter_map(|(name, leaf)| match leaf {
                tree::Leaf::Buffer(buffer) => Some((name, buffer)),
                tree::Leaf::Parameter(_) => None,
            })
            .collect()
    }

    /// The values of all parameters and buffers by path.
    fn state_dict(&self) -> StateDict {
        state::state_dict(self)
    }

    /// Gives parameters and buffers the values of a state dict; nothing is changed when something does not fit.
    ///
    /// # Errors
    /// All values of another shape or element type, and, if `strict`, all names that are missing or unexpected.
    fn load_state_dict(&self, state: &StateDict, strict: bool) -> Result<()> {
        state::load_state_dict(self, state, strict)
    }

    /// Switches to training: dropout drops, and batch norms take the statistics of the batch.
    fn train(&mut self) {
        self.set_training(true);
    }

    /// Switches to inference.
    fn eval(&mut self) {
        self.set_training(false);
    }

    /// Switches layers that differ between training and inference. Modules without such layers need not implement it.
    fn set_training(&mut self, training: bool) {
        let _ = training;
    }
}
