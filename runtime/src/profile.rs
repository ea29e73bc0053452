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

/// Measures host time from its making on, also in a browser, where `std` has no clock.
#[derive(Debug)]
pub struct Stopwatch(Instant);

#[cfg(not(target_arch = "wasm32"))]
type Instant = std::time::Instant;

/// Milliseconds since 1970: browsers have no monotonic clock in `std`.
#[cfg(target_arch = "wasm32")]
type Instant = f64;

impl Stopwatch {
    /// Begins to measure.
    pub fn start() -> Stopwatch {
        #[cfg(not(target_arch = "wasm32"))]
        return Stopwatch(std::time::Instant::now());
        #[cfg(target_arch = "wasm32")]
        return Stopwatch(js_sys::Date::now());
    }

    /// Milliseconds since its making.
    pub fn ms(&self) -> f64 {
        #[cfg(not(target_arch = "wasm32"))]
        return self.0.elapsed().as_secs_f64() * 1e3;
        #[cfg(target_arch = "wasm32")]
        return js_sys::Date::now() - self.0;
    }

    /// Milliseconds since its making or the last lap.
    pub fn lap(&mut self) -> f64 {
        let ms = self.ms();
        *self = Stopwatch::start();
        ms
    }
}
