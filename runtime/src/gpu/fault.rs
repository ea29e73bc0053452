//! Faults that wgpu reports: from error scopes, from its handler of uncaptured errors, and from a device that is lost.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::RuntimeError;

/// Locks a mutex; what it holds stays usable after a panic elsewhere, since every change to it is made in one step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What wgpu said about a piece of work.
#[derive(Clone, Debug)]
#[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "scopes answer too late there"))]
pub(super) enum Fault {
    /// The driver has no more memory.
    Memory,
    /// Anything else.
    Refused(String),
}

/// Faults that arrive when nobody asked: kept until the next call.
#[derive(Debug)]
pub(super) struct Faults {
    device: String,
    lost: OnceLock<String>,
    stray: Mutex<Option<String>>,
}

impl Faults {
    pub(super) fn new(device: &str) -> Faults {
        Faults { device: device.to_owned(), lost: OnceLock::new(), stray: Mutex::new(None) }
    }

    /// Marks the device as lost; the first reason stays.
    pub(super) fn lose(&self, reason: &str) {
        let _ = self.lost.set(reason.to_owned());
    }

    /// Keeps an error that no scope caught; the first stays until it is reported.
    pub(super) fn keep(&self, message: String) {
        lock(&self.stray).get_or_insert(message);
    }

    /// The fault that arrived since the last call, if any.
    pub(super) fn check(&self) -> Result<(), RuntimeError> {
        if let Some(reason) = self.lost.get() {
            return Err(self.lost_error(reason));
        }
        match lock(&self.stray).take() {
            Some(message) => Err(self.driver(message)),
            None => Ok(()),
        }
    }

    /// The error that a refusal is; after a loss all refusals are that loss.
    pub(super) fn error(&self, device: &wgpu::Device, message: String) -> RuntimeError {
        poll(device, wgpu::PollType::Poll);
        match self.lost.get() {
            Some(reason) => self.lost_error(reason),
            None => self.driver(message),
        }
    }

    /// Whether the device is gone.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.get().is_some()
    }

    /// Name of the device.
    pub(super) fn device(&self) -> &str {
        &self.device
    }

    fn lost_error(&self, reason: &str) -> RuntimeError {
        RuntimeError::DeviceLost { device: self.device.clone(), reason: reason.to_owned() }
    }

    fn driver(&self, message: String) -> RuntimeError {
        RuntimeError::Driver { device: self.device.clone(), message }
    }
}

/// Lets wgpu work off what is done. A device that was lost makes `poll` panic; its callback tells of the loss.
pub(super) fn poll(device: &wgpu::Device, how: wgpu::PollType) {
    let poll = std::panic::AssertUnwindSafe(|| device.poll(how));
    let _ = std::panic::catch_unwind(poll);
}

/// Does work that may be refused, and says why it was. Panics of naga's writers are refusals.
///
/// In a browser a scope answers later than this function may wait: refusals go to the handler of uncaptured errors there.
pub(super) fn guarded<T>(device: &wgpu::Device, work: impl FnOnce() -> T) -> Result<T, Fault> {
    #[cfg(target_arch = "wasm32")]
    {
        let _ = device;
        Ok(work())
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        let validation = crate::blocking::wait(validation.pop());
        let internal = crate::blocking::wait(internal.pop());
        let memory = crate::blocking::wait(memory.pop());
        if memory.is_some() {
            return Err(Fault::Memory);
        }
        if let Some(error) = validation.or(internal) {
            return Err(Fault::Refused(error.to_string()));
        }
        outcome.map_err(|panic| Fault::Refused(words(&*panic)))
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic in wgpu").to_owned()
}
