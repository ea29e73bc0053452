//! Runs plans: on a GPU through wgpu, or on the CPU.
//!
//! This crate alone loads and runs a program; it does not know the compiler. A [`Backend`] is a device, a [`Buffer`] its
//! memory, a [`Prepared`] a plan made ready on it.

mod backend;
mod error;

pub mod cpu;
pub mod gpu;

pub use backend::{Backend, Buffer, Prepared, Progress, RunStats};
pub use error::RuntimeError;
