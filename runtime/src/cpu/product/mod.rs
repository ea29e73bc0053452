//! Loops that are a contraction: a sum of products of two values that vary with different axes.
//!
//! In comes a form; out comes a run of the micro-kernel, or `None` where the loops are something
//! else. Recognition looks at loops alone: matrix products, batched ones, convolutions and their
//! fused neighbours are one case. Operands that are loads are read where they lie; others are
//! computed by the block interpreter into memory first, weights once. What follows the sum runs
//! on tiles while they lie in the cache.

mod operand;
mod recognise;
mod run;
mod runs;
mod tail;

pub(crate) use operand::points;
pub(crate) use recognise::product;
pub(crate) use run::{Cache, Scratch, Setting};
pub(crate) use tail::{TileTail, tile_tail};

use super::form::{AxisId, BufId, DefId, ValId};
use operand::{LeftPlan, RightPlan};
use tail::Tail;

/// A contraction at given sizes, ready to run.
pub(crate) struct Product {
    shape: Shape,
    left: LeftPlan,
    right: RightPlan,
    tail: Tail,
    offsets: Offsets,
    /// Elements by buffer.
    lens: Vec<usize>,
}

/// Where the batches of made operands begin.
struct Offsets {
    left: Vec<usize>,
    right: Vec<usize>,
    panels: Vec<usize>,
}

/// Which axes play which part, outermost first.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) batch: Vec<AxisId>,
    pub(crate) rows: Vec<AxisId>,
    pub(crate) columns: Vec<AxisId>,
    pub(crate) red: Vec<AxisId>,
    pub(crate) n_batch: usize,
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
}

/// The parts of a contraction in a form.
struct Parts {
    def: DefId,
    left: ValId,
    right: ValId,
    shape: Shape,
}

/// Buffers that a value is loaded from.
type Sources = Vec<BufId>;
