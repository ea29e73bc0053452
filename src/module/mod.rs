//! Modules: types with parameters, whose `forward` can be called and compiled.

mod cell;
mod state;
mod tree;

pub(crate) use cell::Cell;
pub use cell::{Buffer, Parameter};
pub use state::StateDict;

/// What a module is made of, as a visitor sees it.
pub trait Visitor {
    /// A parameter in the module that was entered last.
    fn parameter(&mut self, name: &str, parameter: &Parameter);

    /// A buffer.
    fn buffer(&mut self, name: &str, buffer: &Buffer);

    /// A field that is part of what the module means: its `Debug` text is compared when a compiled call is checked.
    fn config(&mut self, name: &str, value: &dyn std::fmt::Debug);

    /// Enters a submodule of a type.
    fn enter(&mut self, name: &str, type_name: &str);

    /// Leaves the submodule entered last.
    fn leave(&mut self);
}

/// A type with parameters. `#[derive(Module)]` implements it.
pub trait Module {
    /// Name of the type, as it is printed.
    fn type_name(&self) -> &str;

    /// Shows parameters, buffers, configuration and submodules, in the order of the fields.
    fn visit(&self, visitor: &mut dyn Visitor);

    /// Switches layers that differ between training and inference. Modules without such layers need not implement it.
    fn set_training(&mut self, training: bool) {
        let _ = training;
    }
}
