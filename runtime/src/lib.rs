//! Devices, buffers and executors: a plan goes in, results come out.

pub mod cpu;
