//! The table of operators: what each one is, in one row.
//!
//! A primitive says how its result's type follows from its operands, what it computes in f64, and how it is read at an index
//! (its lowering to loops). A composite is a function over the graph builder; everything else follows from it.
//! There is no `match` over all operators anywhere: stages ask the row.

mod lowering;
mod row;

pub use lowering::{Lower, Lowering};
pub use row::{Arity, EvalCx, EvalError, Op, OpClass, Table};
