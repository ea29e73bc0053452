//! What the macros' code calls. Nothing here is stable.

use std::any::TypeId;
use std::panic::Location;
use std::sync::{Arc, OnceLock, PoisonError};

use ferrodyne_plan::{Name, Range, Source};

use crate::capture;
use crate::compile::{
    Arg, Axis, BackendKind, Cache, CallSite, Declared, Options, Place, Ret, site,
};
use crate::error::Result;
use crate::fault::{self, raise};
use crate::module::{Module, first_cell};
use crate::shape::Size;

pub use crate::capture::{Held, HeldHost, HeldOpaque, HeldTree, Loop, Mark, Val, Var};
pub use crate::compile::pick;
pub use crate::compile::ret::{given_back, member, note};
pub use crate::condition::*;
pub use crate::connect::*;
pub use crate::module::field;
pub use crate::range::*;

/// The programs of one `#[compile]` attribute: a cache for each instantiation of the function, and each module.
pub struct Site {
    options: OnceLock<Options>,
    make: fn() -> SiteOptions,
    caches: OnceLock<site::OfSite>,
}

impl Site {
    /// An empty site.
    pub const fn new(make: fn() -> SiteOptions) -> Site {
        Site { options: OnceLock::new(), make, caches: OnceLock::new() }
    }

    fn cache(&'static self, key: (TypeId, Option<u64>)) -> Arc<Cache> {
        let mut is_new = false;
        let caches = self.caches.get_or_init(|| {
            is_new = true;
            site::OfSite::default()
        });
        if is_new {
            site::note_site(caches);
        }
        if let Some(cache) = caches.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return cache.clone();
        }
        key.1.into_iter().for_each(site::note_cell);
        let mut caches = caches.write().unwrap_or_else(PoisonError::into_inner);
        caches.entry(key).or_insert_with(|| site::registered(&self.options().name)).clone()
    }

    fn options(&self) -> &Options {
        self.options.get_or_init(|| (self.make)().0)
    }
}

/// The options of a site, as the attribute gives them.
pub struct SiteOptions(Options);

impl SiteOptions {
    /// The options of a function with these arguments, declared where this is called.
    #[track_caller]
    pub fn new(name: &str, arguments: &[&str]) -> SiteOptions {
        let (name, source) = (name.to_owned(), Source::caller());
        let arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        SiteOptions(Options { name, arguments, source, ..Options::default() })
    }

    /// With a backend. A name that no backend has is a fault of the first call.
    pub fn backend(mut self, name: &'static str) -> SiteOptions {
        self.0.backend = BackendKind::named(name).unwrap_or(BackendKind::Registered(name));
        self
    }

    /// With so many programs.
    pub fn programs_max(mut self, n: usize) -> SiteOptions {
        self.0.programs_max = n;
        self
    }

    /// With graph breaks as errors.
    pub fn fullgraph(mut self) -> SiteOptions {
        self.0.fullgraph = true;
        self
    }

    /// With a body that runs on every call.
    pub fn replay(mut self) -> SiteOptions {
        self.0.replay = true;
        self
    }

    /// Without compilation.
    pub fn disable(mut self) -> SiteOptions {
        self.0.disabled = true;
        self
    }

    /// With schedules that may be timed on the device.
    pub fn tune(mut self) -> SiteOptions {
        self.0.tune = true;
        self
    }

    /// With 64-bit integers held as a name says.
    ///
    /// # Panics
    /// When it says nothing: the macro has looked before.
    pub fn int64(mut self, name: &str) -> SiteOptions {
        self.0.int64 = crate::fault::expect(crate::compile::int64(name));
        self
    }

    /// With a dim that is symbolic from the first call.
    pub fn dynamic(
        mut self,
        tensor: &str,
        axis: usize,
        name: &str,
        low: i64,
        high: i64,
    ) -> SiteOptions {
        let range = if high == i64::MAX { Range::at_least(low) } else { Range::between(low, high) };
        let at = Axis { tensor: Place::Path(tensor.to_owned()), axis };
        self.0.dynamic.push(Declared { at, name: name.to_owned(), range });
        self
    }

    /// With a dim that is a number in every program.
    pub fn static_dim(mut self, tensor: &str, axis: usize) -> SiteOptions {
        self.0.fixed.push(Axis { tensor: Place::Path(tensor.to_owned()), axis });
        self
    }
}

/// Calls a compiled function.
#[track_caller]
pub fn call<A: Arg, R: Ret, F: Fn(A) -> R>(site: &'static Site, args: A, body: F) -> R {
    let cache = site.cache((site::type_id::<F>(), None));
    let site = CallSite { options: site.options(), arguments: &[], module: None, progress: None };
    let at = Location::caller();
    finish(with_faults::<R, _>(|| cache.call(&site, at, args, body)))
}

/// Calls a compiled method of a module.
#[track_caller]
pub fn call_method<M: Module, A: Arg, R: Ret, F: Fn(A) -> R>(
    site: &'static Site,
    module: &M,
    args: A,
    body: F,
) -> R {
    let cache = site.cache((site::type_id::<F>(), first_cell(module)));
    let site =
        CallSite { options: site.options(), arguments: &[], module: Some(module), progress: None };
    let at = Location::caller();
    finish(with_faults::<R, _>(|| cache.call(&site, at, args, body)))
}

/// Calls a compiled function that changes some of its arguments: gives the result, and the new values where the call came so far.
#[track_caller]
pub fn change<A: Arg, R: Ret, C: Ret, F: Fn(A) -> (R, C)>(
    site: &'static Site,
    args: A,
    body: F,
) -> (R, Option<C>) {
    let cache = site.cache((site::type_id::<F>(), None));
    let site = CallSite { options: site.options(), arguments: &[], module: None, progress: None };
    let at = Location::caller();
    changed(with_faults::<R, _>(|| cache.call(&site, at, args, body)))
}

/// Calls a compiled method that changes some of its arguments, as [`change`].
#[track_caller]
pub fn change_method<M: Module, A: Arg, R: Ret, C: Ret, F: Fn(A) -> (R, C)>(
    site: &'static Site,
    module: &M,
    args: A,
    body: F,
) -> (R, Option<C>) {
    let cache = site.cache((site::type_id::<F>(), first_cell(module)));
    let options = site.options();
    let site = CallSite { options, arguments: &[], module: Some(module), progress: None };
    let at = Location::caller();
    changed(with_faults::<R, _>(|| cache.call(&site, at, args, body)))
}

/// Runs a call whose result takes the faults of operators in it, if it has room for them: else they are panics at their lines.
fn with_faults<R: Ret, T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    if R::HOLDS_FAULTS { fault::returned(call) } else { call() }
}

#[track_caller]
fn changed<R: Ret, C>(result: Result<(R, C)>) -> (R, Option<C>) {
    match result {
        Ok((result, changed)) => (result, Some(changed)),
        Err(error) => (finish(Err(error)), None),
    }
}

/// A fault becomes a result where the type has room for one, and a panic at the caller's line where not.
#[track_caller]
fn finish<R: Ret>(result: Result<R>) -> R {
    match result {
        Ok(value) => value,
        Err(error) => match R::from_error(error) {
            Ok(value) => value,
            Err(error) => raise(error),
        },
    }
}

/// A size of `shape!`, which takes none away from its user.
pub fn size<T: Clone + Into<Size>>(size: &T) -> Size {
    size.clone().into()
}

/// Leaves a module when it is dropped.
pub struct Scope(bool);

/// Enters a module while a function is captured, so that what it does is known to be its own.
pub fn enter(module: &dyn Module) -> Scope {
    if !capture::is_recording() {
        return Scope(false);
    }
    let Some(first) = first_cell(module) else { return Scope(false) };
    let place = capture::with(|recorder| recorder.place_of(first, module.type_name())).flatten();
    match place {
        Some(name) => {
            capture::with(|recorder| recorder.enter(Name::from(name)));
            Scope(true)
        }
        None => Scope(false),
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if self.0 {
            capture::with(capture::Recorder::leave);
        }
    }
}

/// Writes the tree of a module.
pub fn write_tree(module: &dyn Module, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    crate::module::write_tree(module, f)
}
