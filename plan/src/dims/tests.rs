//! The normal form against brute-force evaluation.

mod facts;
mod normal;
mod strategies;
