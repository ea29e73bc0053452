//! The normal form against brute-force evaluation.

mod normal;
mod strategies;
