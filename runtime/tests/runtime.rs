//! What executors promise, on hand-written plans.

mod gpu;
