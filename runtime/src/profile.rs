//! How long kernels take: what a timed run returns, and the clock that measures host work.

use crate::Buffer;

/// The time of one dispatch.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelTime {
    /// Name of the kernel.
    pub name: String,
    /// Milliseconds on the device.
    pub ms: f64,
}

/// A timed run.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What the run returned, as [`crate::Prepared::run`] does.
    pub results: Vec<Buffer>,
    /// Dispatches in the order in which they ran.
    pub kernels: Vec<KernelTime>,
}

/// Measures host time from its making on.
pub(crate) struct Stopwatch(Instant);

#[cfg(not(target_arch = "wasm32"))]
type Instant = std::time::Instant;

/// Milliseconds since 1970: browsers have no monotonic clock in `std`.
#[cfg(target_arch = "wasm32")]
type Instant = f64;

impl Stopwatch {
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(std::time::Instant::now())
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1e3
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn start() -> Stopwatch {
        Stopwatch(js_sys::Date::now())
    }

    #[cfg(target_arch = "wasm32")]
    pub(crate) fn ms(&self) -> f64 {
        js_sys::Date::now() - self.0
    }
}
