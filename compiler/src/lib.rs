//! The graph compiler: from a graph of tensor operations to a plan of kernels.
//!
//! The modules stand in the order in which data passes through them; [`pipeline`] reads as the list of stages.
//! No stage has a clock, an environment, a file system, a device or an order of hashing: equal input gives equal text.

pub mod fusion;
pub mod graph;
pub mod interpret;
pub mod lower;
pub mod ops;
pub mod passes;
pub mod pipeline;
pub mod planning;
pub mod schedule;
pub mod wgsl;

pub use ferrodyne_plan as plan;
