//! Which kernels models become, and the reason for every edge that is not fused.

mod checks;
mod facts;
mod reasons;
