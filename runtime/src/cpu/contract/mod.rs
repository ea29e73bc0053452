//! Contractions: `c[i, j] = sum over k of a[i, k] * b[k, j]`, with hooks on every side.
//!
//! Rows of the left operand are read through pointers, so that convolution, gather and padding
//! are tables of offsets and nothing is copied. The right operand is packed in panels, once for
//! weights. Finished tiles go to an epilogue while they lie in the cache. Sums run over `k` in
//! order, one accumulator an element: results depend neither on threads nor on tiling.

mod drive;
mod kernel;
mod pack;

pub use drive::{
    Contraction, Epilogue, FillChunk, FillRows, Left, Right, Table, Tile, TileRows, contract,
};
pub use kernel::Micro;
pub use pack::{Packed, Panels, pack_panel};
