//! Fields of modules, sorted by what their types can do. `#[derive(Module)]` calls these methods; nobody else needs them.

use std::fmt::Debug;
use std::sync::Arc;

pub use super::interior::{AsInterior, Interior};
use super::{Buffer, Module, Parameter, Visitor};

/// A type that is part of a module's tree: a module, a parameter, a buffer, or a container of them.
pub trait Field {
    /// Shows the field under its name.
    fn show(&self, name: &str, visitor: &mut dyn Visitor);

    /// Switches between training and inference.
    fn switch(&mut self, training: bool);
}

impl<M: Module> Field for M {
    fn show(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.enter(name, self.type_name());
        self.visit(visitor);
        visitor.leave();
    }

    fn switch(&mut self, training: bool) {
        self.set_training(training);
    }
}

impl Field for Parameter {
    fn show(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.parameter(name, self);
    }

    fn switch(&mut self, _training: bool) {}
}

impl Field for Buffer {
    fn show(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.buffer(name, self);
    }

    fn switch(&mut self, _training: bool) {}
}

/// Members are named by their positions, below the field's own name.
fn show_list<'a, T: Field + 'a>(
    name: &str,
    list: impl Iterator<Item = &'a T>,
    visitor: &mut dyn Visitor,
) {
    visitor.enter(name, "ModuleList");
    for (index, member) in list.enumerate() {
        member.show(&index.to_string(), visitor);
    }
    visitor.leave();
}

impl<T: Field> Field for Vec<T> {
    fn show(&self, name: &str, visitor: &mut dyn Visitor) {
        show_list(name, self.iter(), visitor);
    }

    fn switch(&mut self, training: bool) {
        self.iter_mut().for_each(|member| member.switch(training));
    }
}

impl<T: Field, const N: usize> Field for [T; N] {
    fn show(&self, name: &str, visitor: &mut dyn Visitor) {
        show_list(name, self.iter(), visitor);
    }

    fn switch(&mut self, training: bool) {
        self.iter_mut().for_each(|member| member.switch(training));
    }
}

impl<T: Field> Field for Option<T> {
    fn show(&self, name: &str, visitor: &mut dyn Visitor) {
        if let Some(member) = self {
            member.show(name, visitor);
        }
    }

    fn switch(&mut self, training: bool) {
        if let Some(member) = self {
            member.switch(training);
        }
    }
}

/// A shared module is switched only while nobody else holds it.
impl<T: Field> Field for Arc<T> {
    fn show(&self, name: &str, visitor: &mut dyn Visitor) {
        (**self).show(name, visitor);
    }

    fn switch(&mut self, training: bool) {
        if let Some(member) = Arc::get_mut(self) {
            member.switch(training);
        }
    }
}

/// A borrowed module is shown, and not switched.
impl<M: Module + ?Sized> Module for &M {
    fn type_name(&self) -> &str {
        (**self).type_name()
    }

    fn visit(&self, visitor: &mut dyn Visitor) {
        (**self).visit(visitor);
    }
}

impl<M: Module + ?Sized> Module for Box<M> {
    fn type_name(&self) -> &str {
        (**self).type_name()
    }

    fn visit(&self, visitor: &mut dyn Visitor) {
        (**self).visit(visitor);
    }

    fn set_training(&mut self, training: bool) {
        (**self).set_training(training);
    }
}

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Field),*> Field for ($($name,)*) {
            fn show(&self, name: &str, visitor: &mut dyn Visitor) {
                visitor.enter(name, "ModuleList");
                $(self.$index.show(stringify!($index), visitor);)*
                visitor.leave();
            }

            fn switch(&mut self, training: bool) {
                $(self.$index.switch(training);)*
            }
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

/// A field whose kind is chosen by method resolution: the trait on the most-referenced receiver that applies wins.
pub struct Sorted<'a, T: ?Sized>(pub &'a T);

/// Chosen for fields that belong to the tree.
pub trait AsField {
    /// Shows the field.
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor);
}

impl<T: Field> AsField for &&Sorted<'_, T> {
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor) {
        self.0.show(name, visitor);
    }
}

/// Chosen for fields that can be printed: configuration.
pub trait AsConfig {
    /// Shows the field.
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor);
}

impl<T: Debug> AsConfig for &Sorted<'_, T> {
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.config(name, self.0);
    }
}

/// What a field must be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a module",
    label = "neither a module, a parameter nor a buffer, and it has no `Debug` by which its configuration could be compared",
    note = "derive `Debug` if the field is part of what the module computes, or write `#[module(skip)]` on it if it is not"
)]
pub trait Known {}

/// Chosen for what is left, to say what is wrong.
pub trait AsUnknown<T: ?Sized> {
    /// Refuses the field.
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor)
    where
        T: Known;
}

impl<T: ?Sized> AsUnknown<T> for Sorted<'_, T> {
    fn visit_field(&self, _name: &str, _visitor: &mut dyn Visitor)
    where
        T: Known,
    {
    }
}

/// A field to be switched, sorted as [`Sorted`] is.
pub struct SortedMut<'a, T: ?Sized>(pub std::cell::RefCell<&'a mut T>);

/// Chosen for fields that belong to the tree.
pub trait SwitchField {
    /// Switches the field.
    fn switch_field(&self, training: bool);
}

impl<T: Field> SwitchField for &SortedMut<'_, T> {
    fn switch_field(&self, training: bool) {
        self.0.borrow_mut().switch(training);
    }
}

/// Chosen for all others, which have nothing to switch.
pub trait SwitchNothing {
    /// Does nothing.
    fn switch_field(&self, training: bool);
}

impl<T: ?Sized> SwitchNothing for SortedMut<'_, T> {
    fn switch_field(&self, _training: bool) {}
}
