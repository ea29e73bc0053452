//! Symbolic integers: shapes, indices, grids and memory sizes.
//!
//! A [`Dim`] is an exact integer expression over variables, in a normal form: a constant plus a sum
//! of coefficient times product of atoms. [`Facts`] hold what is known of the variables: they bound
//! expressions, answer questions about order and divisibility, and simplify further.
//!
//! Meaning: integers without bound; `div` rounds down, `mod` has the sign of its divisor. Where an
//! expression is undefined (a divisor is zero) its normal form may be defined; nowhere do two
//! defined values differ. Arithmetic that leaves 64 bits stays an unevaluated atom.

mod division;
mod eval;
mod expr;
mod facts;
mod interval;
mod memo;
mod narrow;
mod normal;
mod ops;
mod print;
mod prove;
mod read;
mod simplify;

pub use eval::EvalError;
pub use expr::{Atom, Atoms, Dim, Term, Var};
pub use facts::{Facts, Proof, Range, parse_facts};
pub use read::{Classifier, parse_dim};

#[cfg(test)]
mod tests;
