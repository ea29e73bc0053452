//! GPUs through wgpu: choosing an adapter, its memory, and programs made of plans.
//!
//! In: a [`ferrodyne_plan::Plan`] whose kernels are WGSL. Out: [`GpuProgram`]s that run it. Promised: every fault is a
//! typed error, the device's limits are checked before wgpu is asked, and a program that runs again with the same sizes
//! creates nothing.

mod adapter;
mod buffer;
mod device;
mod encode;
mod fault;
mod interop;
mod pipeline;
mod pool;
mod prepare;
mod program;
mod resolve;
mod signal;
mod target;
mod timing;
mod transfer;
mod weights;
mod workgroup;

#[cfg(not(target_arch = "wasm32"))]
pub use adapter::adapters;
pub use adapter::adapters_async;
pub use adapter::{AdapterSummary, Choice};
pub use buffer::GpuBuffer;
pub use device::{GpuDevice, Options};
pub use interop::Recording;
pub use pool::MemoryUse;
pub use program::GpuProgram;
/// The crate through which GPUs are driven, for users who bring their own device, buffers and encoders.
pub use wgpu;
