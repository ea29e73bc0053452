//! Kernels as loop nests over symbolic extents: load, compute, fold, store.
//!
//! A [`Kernel`] is a tree of [`Stmt`]s over axes that are declared once in its header. Reductions are [`Stmt::Fold`]s with a
//! tuple state taken from the table [`FoldKind`]. Indices are exact integers ([`Dim`](crate::Dim)); values are typed
//! arithmetic ([`Val`]) in one of five scalar types. A kernel means the same before and after scheduling: a schedule only
//! splits axes, binds them to the hardware and says where values are held.

mod build;
mod data;
mod fold;
mod interpret;
mod iterations;
mod long;
pub mod number;
mod parse;
mod print;
mod typing;
mod verify;
mod walk;
mod words;

pub use build::{KernelBuilder, stmt, val};
pub use data::{
    Axis, Bind, Coord, FoldKind, GridDim, Kernel, Level, Literal, Math, Param, Place, Role, Stage,
    Stmt, Tail, Val,
};
pub use fold::{FOLDS, FoldRow, Laws, State};
pub use interpret::{InterpretError, Tensor, Trips, interpret, trips};
pub use iterations::iterations;
pub use number::{Number, pow_i32};
pub use typing::{scalar_in, scalars};
pub use verify::{Fault, verify};

#[cfg(test)]
mod tests;
