//! Kernels compute what the operators mean.

mod cases;
mod engine;
mod random;
