//! Where the programs of a function are kept: one place per attribute, instantiation and module.

use std::any::TypeId;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::cache::Cache;

/// A number for a type that need not be `'static`; types that differ in lifetimes alone have the same one.
pub(crate) fn type_id<T: ?Sized>() -> TypeId {
    trait Identified {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T: ?Sized> Identified for PhantomData<T> {
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }
    let phantom = PhantomData::<T>;
    let object: &dyn Identified = &phantom;
    // SAFETY: only the lifetime bound of the trait object changes. The object is a zero-sized `PhantomData` that lives until
    // the end of this call, and `id` reads nothing through it: it returns a constant of the type, from which lifetimes are
    // erased.
    let object =
        unsafe { std::mem::transmute::<&dyn Identified, &(dyn Identified + 'static)>(object) };
    object.id()
}

/// A number for a type, as [`type_id`].
pub(crate) fn type_fingerprint<T: ?Sized>() -> u64 {
    super::fingerprint(&type_id::<T>())
}

/// What a cache is found by.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A function item or a closure without captured values.
    Function(TypeId),
    /// A module: its type, and the identity of its first parameter or buffer. Those without any share a cache, in which their
    /// configuration tells them apart.
    Module(TypeId, Option<u64>),
}

type Caches = Mutex<HashMap<(Key, String), Arc<Cache>>>;

static CACHES: LazyLock<Caches> = LazyLock::new(Mutex::default);

/// The cache of a key under options, in text.
pub(crate) fn cache_of(key: Key, options: String) -> Arc<Cache> {
    let mut caches = CACHES.lock().unwrap_or_else(PoisonError::into_inner);
    caches.entry((key, options)).or_default().clone()
}
