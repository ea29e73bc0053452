//! Where the programs of a function are kept: one place per attribute, instantiation and module.

use std::any::TypeId;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

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

/// Every cache there is, with its function's name.
static ALL: Mutex<Vec<(String, Weak<Cache>)>> = Mutex::new(Vec::new());

static CACHES: LazyLock<Caches> = LazyLock::new(Mutex::default);

/// The cache of a key under options, in text; a new one has the function's name.
pub(crate) fn cache_of(key: Key, options: String, name: &str) -> Arc<Cache> {
    let mut caches = CACHES.lock().unwrap_or_else(PoisonError::into_inner);
    caches.entry((key, options)).or_insert_with(|| registered(name)).clone()
}

/// A new cache of a function, which [`reset`] finds.
pub(crate) fn registered(name: &str) -> Arc<Cache> {
    let cache = Arc::<Cache>::default();
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|(_, cache)| cache.strong_count() > 0);
    all.push((name.to_owned(), Arc::downgrade(&cache)));
    cache
}

/// Drops all programs of all compiled functions: every next call compiles anew.
///
/// ```
/// use ferrodyne::prelude::*;
/// let f = compile(|x: &Tensor| x + 1);
/// let x = Tensor::ones([2], &Device::cpu());
/// f.call(&x)?;
/// ferrodyne::reset();
/// assert_eq!(f.stats().programs, 0);
/// f.call(&x)?;
/// assert_eq!(f.stats().compilations, 1);
/// # Ok::<(), ferrodyne::Error>(())
/// ```
pub fn reset() {
    dropped(|_| true);
}

/// Drops all programs of the functions of a name, that of a function under `#[compile]` being its own; gives how many functions
/// there were. An instance of a generic function, and of a method for each module, counts by itself.
pub fn reset_function(name: &str) -> usize {
    dropped(|known| known == name)
}

fn dropped(is_wanted: impl Fn(&str) -> bool) -> usize {
    let all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    let wanted = all.iter().filter(|(name, _)| is_wanted(name));
    let caches: Vec<Arc<Cache>> = wanted.filter_map(|(_, cache)| cache.upgrade()).collect();
    drop(all);
    caches.iter().for_each(|cache| cache.reset());
    caches.len()
}
