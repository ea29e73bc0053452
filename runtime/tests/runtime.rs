//! What executors promise, on hand-written plans.

mod cpu;
mod gpu;
