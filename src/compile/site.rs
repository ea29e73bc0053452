//! Where the programs of a function are kept: one place per attribute, instantiation and module.

use std::any::TypeId;
use std::collections::{BTreeSet, HashMap};
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use super::cache::Cache;
use super::event::Stats;

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

impl Key {
    fn cell(&self) -> Option<u64> {
        match self {
            Key::Function(_) => None,
            Key::Module(_, cell) => *cell,
        }
    }
}

type Caches = Mutex<HashMap<(Key, String), Arc<Cache>>>;

/// Every cache there is, with its function's name.
static ALL: Mutex<Vec<(String, Weak<Cache>)>> = Mutex::new(Vec::new());

static CACHES: LazyLock<Caches> = LazyLock::new(Mutex::default);

/// The caches of one attribute: one for each instantiation of the function, and each module.
pub(crate) type OfSite = RwLock<HashMap<(TypeId, Option<u64>), Arc<Cache>>>;

/// The caches of every attribute whose function was called.
static SITES: Mutex<Vec<&'static OfSite>> = Mutex::new(Vec::new());

/// Cells by which a cache is found, or which a program reads.
static CELLS_IN_USE: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes the caches of an attribute.
pub(crate) fn note_site(caches: &'static OfSite) {
    lock(&SITES).push(caches);
}

/// Notes that a cache or a program would serve nobody without that cell.
pub(crate) fn note_cell(id: u64) {
    lock(&CELLS_IN_USE).insert(id);
}

/// Drops the programs of a cell that nobody holds any more: of the module that it was the first of, and those that read it.
pub(crate) fn forget_cell(id: u64) {
    if !lock(&CELLS_IN_USE).remove(&id) {
        return;
    }
    // Whatever goes is dropped when no lock is held, since it may hold other cells.
    let sites = lock(&SITES).clone();
    let mut gone: Vec<Arc<Cache>> =
        lock(&CACHES).extract_if(|(key, _), _| key.cell() == Some(id)).map(|(_, c)| c).collect();
    for caches in sites {
        let mut caches = caches.write().unwrap_or_else(PoisonError::into_inner);
        gone.extend(caches.extract_if(|key, _| key.1 == Some(id)).map(|(_, cache)| cache));
    }
    drop(gone);
    let others: Vec<Arc<Cache>> = lock(&ALL).iter().filter_map(|(_, c)| c.upgrade()).collect();
    others.iter().for_each(|cache| cache.forget_cell(id));
}

/// The cache of a key under options, in text; a new one has the function's name.
pub(crate) fn cache_of(key: Key, options: String, name: &str) -> Arc<Cache> {
    key.cell().into_iter().for_each(note_cell);
    let mut caches = lock(&CACHES);
    caches.entry((key, options)).or_insert_with(|| registered(name)).clone()
}

/// A new cache of a function, which [`reset`] finds.
pub(crate) fn registered(name: &str) -> Arc<Cache> {
    let cache = Arc::<Cache>::default();
    let mut all = lock(&ALL);
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

/// What has happened to the functions of a name, as [`Compiled::stats`](crate::Compiled::stats) tells of a wrapper: that of a
/// function or a method under `#[compile]` is its own. All instances of a generic function count together, and so do the modules of a
/// method that are still there. `None` if no function of the name was called.
///
/// ```
/// use ferrodyne::prelude::*;
/// #[compile]
/// fn twice(x: &Tensor) -> Tensor {
///     x * 2
/// }
/// for n in [2usize, 3, 4] {
///     twice(&Tensor::ones([n], &Device::cpu()));
/// }
/// let stats = ferrodyne::function_stats("twice").unwrap();
/// assert_eq!((stats.compilations, stats.hits), (2, 1));
/// assert_eq!(stats.reasons, ["x's dim 0 was 2, and is 3"]);
/// assert!(ferrodyne::function_stats("thrice").is_none());
/// ```
pub fn function_stats(name: &str) -> Option<Stats> {
    let caches = named(|known| known == name);
    caches.iter().map(|cache| cache.stats()).reduce(Stats::and)
}

fn dropped(is_wanted: impl Fn(&str) -> bool) -> usize {
    let caches = named(is_wanted);
    caches.iter().for_each(|cache| cache.reset());
    caches.len()
}

fn named(is_wanted: impl Fn(&str) -> bool) -> Vec<Arc<Cache>> {
    let all = lock(&ALL);
    let wanted = all.iter().filter(|(name, _)| is_wanted(name));
    wanted.filter_map(|(_, cache)| cache.upgrade()).collect()
}
