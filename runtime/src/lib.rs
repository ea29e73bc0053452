//! Runs plans: on a GPU through wgpu, or on the CPU.
//!
//! This crate alone loads and runs a program; it does not know the compiler. A [`Backend`] is a device, a [`Buffer`] its
//! memory, a [`Prepared`] a plan made ready on it.

#![recursion_limit = "256"]

mod backend;
#[cfg(not(target_arch = "wasm32"))]
mod blocking;
mod error;
mod flow;
mod places;
mod profile;

pub mod cpu;
pub mod gpu;
pub mod transfer;

pub use backend::{Backend, Buffer, Download, Prepared, Profiling, Progress, RunStats};
pub use error::RuntimeError;
pub use profile::{KernelTime, Profile, Stopwatch};
