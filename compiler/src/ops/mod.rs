//! The table of operators: what each one is, in one row.
//!
//! A primitive says how its result's type follows from its operands, what it computes in f64, and how it is read at an index
//! (its lowering to loops). A composite is a function over the graph builder; everything else follows from it.
//! There is no `match` over all operators anywhere: stages ask the row.

mod activation;
mod attention;
mod case;
mod contract;
mod control;
mod convolve;
pub mod element;
mod elementwise;
mod indexed;
mod indexing;
mod linear;
mod losses;
mod lowering;
mod normalise;
mod order;
mod pointwise;
mod pooling;
mod random;
mod reduce;
mod resize;
mod row;
mod running;
mod shorthand;
mod sources;
mod special;
mod statistics;
mod table;
mod typing;
mod views;

pub use case::{Case, Domain, Operand};
pub(crate) use indexed::constant_in;
pub use lowering::{FoldArgs, Lower, Lowering, ScatterFn, Scattered, Viewed, coords, literal};
pub use row::{Arity, Build, Eval, EvalCx, EvalError, Op, OpClass, TypeRule};
pub use table::{Table, all, expansion, find};

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use pointwise::erf;
