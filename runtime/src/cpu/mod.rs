//! The CPU executor: typed loops over lanes, a matrix micro-kernel and a small thread pool.
//!
//! Everything here gives the same result for every number of threads. Levels with fused
//! multiply-add round differently from those without.

pub mod aligned;
mod bind;
mod blocks;
#[cfg(test)]
mod cases;
mod code;
pub mod contract;
mod device;
mod form;
pub mod lanes;
pub mod level;
pub mod maths;
mod memory;
pub mod pool;
mod product;
mod program;
mod window;

pub use device::CpuDevice;
pub use level::Level;
pub use memory::{Block, Memory};
pub use pool::Pool;
