//! Fields of modules, sorted by what their types can do. `#[derive(Module)]` calls these methods; nobody else needs them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug, Display, Write};
use std::hash::Hash;
use std::sync::Arc;

pub use super::interior::{AsInterior, Interior};
use super::{Buffer, Module, Parameter, TypeKey, Visitor};
use crate::compile::fingerprint;
use crate::tensor::Tensor;

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
        visitor.kind(self.type_key());
        visitor.extra(&|| self.extra_repr());
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

impl Field for Tensor {
    fn show(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.constant(name, self);
    }

    fn switch(&mut self, _training: bool) {}
}

/// A short text without an allocation: names of members are needed at every call.
#[derive(Default)]
pub(crate) struct Short {
    bytes: [u8; 20],
    len: usize,
}

impl Short {
    /// A number, of at most 20 digits.
    pub(crate) fn number(value: usize) -> Short {
        let mut text = Short::default();
        // Every `usize` has room.
        let _ = write!(text, "{value}");
        text
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Members are named by their positions, below the field's own name.
fn show_list<'a, T: Field + 'a>(
    name: &str,
    list: impl Iterator<Item = &'a T>,
    visitor: &mut dyn Visitor,
) {
    visitor.enter(name, "ModuleList");
    for (index, member) in list.enumerate() {
        member.show(Short::number(index).as_str(), visitor);
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

macro_rules! map {
    ($($map:ident),*) => {$(
        /// Members are named by their keys, and shown in the order of the keys.
        impl<K: Ord + Hash + Display, T: Field> Field for $map<K, T> {
            fn show(&self, name: &str, visitor: &mut dyn Visitor) {
                visitor.enter(name, "ModuleDict");
                for (key, member) in self.iter().collect::<BTreeMap<_, _>>() {
                    member.show(&key.to_string(), visitor);
                    visitor.hashed("key", &format_args!("{key}"), fingerprint(key));
                }
                visitor.leave();
            }

            fn switch(&mut self, training: bool) {
                self.values_mut().for_each(|member| member.switch(training));
            }
        }
    )*};
}
map!(BTreeMap, HashMap);

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

    fn extra_repr(&self) -> Option<String> {
        (**self).extra_repr()
    }

    fn visit(&self, visitor: &mut dyn Visitor) {
        (**self).visit(visitor);
    }
}

impl<M: Module + ?Sized> Module for Box<M> {
    fn type_name(&self) -> &str {
        (**self).type_name()
    }

    fn type_key(&self) -> TypeKey {
        (**self).type_key()
    }

    fn extra_repr(&self) -> Option<String> {
        (**self).extra_repr()
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

impl<T: Field> AsField for &&&&Sorted<'_, T> {
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor) {
        self.0.show(name, visitor);
    }
}

/// Chosen for floats, which are told apart by their bits.
pub trait AsFloat {
    /// Shows the field.
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor);
}

impl AsFloat for &&&Sorted<'_, f32> {
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.hashed(name, self.0, self.0.to_bits().into());
    }
}

impl AsFloat for &&&Sorted<'_, f64> {
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.hashed(name, self.0, self.0.to_bits());
    }
}

/// Chosen for fields with a hash and a text: configuration.
pub trait AsHashed {
    /// Shows the field.
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor);
}

impl<T: Hash + Debug> AsHashed for &&Sorted<'_, T> {
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.hashed(name, self.0, fingerprint(self.0));
    }
}

/// Chosen for fields that can be printed, whose text is compared: configuration.
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
