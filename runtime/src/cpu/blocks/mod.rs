//! The block interpreter: any form, evaluated a block of lanes at a time.
//!
//! In comes a [`Form`](super::form::Form); out comes a list of instructions, each of which is one
//! typed loop over up to 512 lanes. One axis at a time gives the lanes: [`choose`] picks it by
//! estimated cost, so that loads are contiguous and folds keep their running lanes. Elements that
//! are neighbours along another axis are turned over a group of rows at a time ([`rows`]). Values
//! that do not vary with an inner loop are computed outside it.

mod choose;
mod elements;
mod emit;
mod folds;
mod inst;
mod long;
mod maths;
mod reduce;
mod registers;
mod rows;
mod run;
mod run_long;
mod values;

pub(crate) use emit::{compile, compile_tile};
pub(crate) use inst::Blocks;
pub(crate) use run::{Buffers, Window};

/// Lanes of a block at most.
pub(crate) const BLOCK: usize = 512;

/// Checks that one element may have.
const CHECKS: usize = 16;

#[cfg(test)]
mod rows_tests;
#[cfg(test)]
mod tests;
