//! Kernels as loop nests over symbolic extents: load, compute, fold, store.
//!
//! A [`Kernel`] is a tree of [`Stmt`]s over axes that are declared once in its header. Reductions are [`Stmt::Fold`]s with a
//! tuple state taken from the table [`FoldKind`]. Indices are exact integers ([`Dim`]); values are typed arithmetic
//! ([`Val`]) in one of four scalar types. A kernel means the same before and after scheduling: a schedule only splits axes,
//! binds them to the hardware and says where values are held.

mod data;

pub use data::{
    Axis, Bind, Coord, FoldKind, GridDim, Kernel, Level, Literal, Math, Param, Place, Role, Stage,
    Stmt, Tail, Val,
};
