//! Types whose values change behind shared references: a compiled call, which does not run the body, would lose such changes.

use std::cell::{Cell, OnceCell, RefCell, UnsafeCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock, atomic};

use super::Visitor;
use super::field::Sorted;

/// A type whose value changes behind a shared reference.
pub trait Interior {}

macro_rules! interior {
    ($([$($parameter:tt)*] $ty:ty),* $(,)?) => {$(
        impl<$($parameter)*> Interior for $ty {}
    )*};
}
interior! {
    [T: ?Sized] Cell<T>, [T: ?Sized] RefCell<T>, [T: ?Sized] UnsafeCell<T>, [T] OnceCell<T>,
    [T: ?Sized] Mutex<T>, [T: ?Sized] RwLock<T>, [T] OnceLock<T>,
    [] atomic::AtomicBool, [] atomic::AtomicI8, [] atomic::AtomicU8, [] atomic::AtomicI16, [] atomic::AtomicU16,
    [] atomic::AtomicI32, [] atomic::AtomicU32, [] atomic::AtomicI64, [] atomic::AtomicU64, [] atomic::AtomicIsize,
    [] atomic::AtomicUsize,
    ['a, T: Interior + ?Sized] &'a T, [T: Interior + ?Sized] Box<T>, [T: Interior + ?Sized] Rc<T>,
    [T: Interior + ?Sized] Arc<T>, [T: Interior] Option<T>, [T: Interior] Vec<T>, [T: Interior, const N: usize] [T; N],
}

/// Chosen for fields that change behind shared references.
pub trait AsInterior {
    /// Shows the field.
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor);
}

impl<T: Interior + ?Sized> AsInterior for &&&Sorted<'_, T> {
    fn visit_field(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.interior(name, std::any::type_name::<T>());
    }
}
