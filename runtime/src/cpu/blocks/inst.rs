//! Instructions of the block interpreter.

use ferrodyne_plan::Scalar;

use super::long::Long;
use crate::cpu::Level;
use crate::cpu::form::{Affine, AxisId, BufId};
use crate::cpu::lanes::{Fold, FoldFn, IotaFn, Lane1, Lane2, Lane3, Storage, TurnFn};

/// A register: a block of lanes, one lane, or the running lanes of a fold.
pub(super) type Reg = usize;

/// How many words a register has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Width {
    /// One lane.
    One,
    /// The running lanes of a fold.
    State,
    /// A block.
    Block,
    /// A block of two words a lane.
    LongBlock,
    /// A block for every row of a group.
    Tile,
    /// A block of two words a lane for every row of a group.
    LongTile,
}

/// An index at run time.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    pub(super) affine: Affine,
    /// Step from lane to lane.
    pub(super) step: i64,
    /// Coefficients and registers of one lane.
    pub(super) parts: Vec<(i64, Reg)>,
    /// Coefficients and registers of a block.
    pub(super) lanes: Vec<(i64, Reg)>,
}

/// An element for every lane.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) buf: BufId,
    pub(super) storage: Storage,
    pub(super) at: Index,
    /// `0 <= index < extent` must hold.
    pub(super) checks: Vec<(Index, i64)>,
    /// Whether a register may point into the buffer instead of holding a copy.
    pub(super) in_place: bool,
    pub(super) level: Level,
}

/// Elements of all rows of a group.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// The tile.
    pub(super) d: Reg,
    pub(super) access: Access,
    /// The axis of the rows.
    pub(super) axis: AxisId,
    /// What elements are whose checks fail.
    pub(super) fill: u64,
    pub(super) turn: TurnFn,
}

/// An instruction. `wide` says whether it runs over the lanes of the block or over one lane.
#[derive(Clone, Debug)]
pub(super) enum Inst {
    /// All words of a register.
    Fill { d: Reg, bits: u32, width: Width },
    /// One operand.
    Un { f: Lane1, d: Reg, a: Reg, wide: bool },
    /// One operand, joined into the destination.
    Join { f: Lane1, d: Reg, a: Reg, wide: bool },
    /// Two operands.
    Bin { f: Lane2, d: Reg, a: Reg, b: Reg, wide: bool },
    /// Three operands.
    Ter { f: Lane3, d: Reg, abc: [Reg; 3], wide: bool },
    /// One lane to all lanes.
    Splat { d: Reg, a: Reg },
    /// An index as integers.
    Iota { f: IotaFn, d: Reg, at: Box<Index>, wide: bool },
    /// Elements.
    Load { d: Reg, access: Box<Access>, fill: u32, wide: bool },
    /// Elements of all rows of a group into a tile.
    Stage(Box<Stage>),
    /// The present row of a tile.
    Row { d: Reg, tile: Reg, long: bool },
    /// Elements `at + axis mod period`. Lanes are places on the axis where they are `along` it, else places on another one.
    Repeat { d: Reg, access: Box<Access>, axis: AxisId, period: i64, along: bool, wide: bool },
    /// The next operation of one, two or three operands writes to a buffer.
    Into { access: Box<Access> },
    /// Writes elements.
    Store { s: Reg, access: Box<Access>, wide: bool },
    /// Joins elements with values, lane after lane.
    Merge { s: Reg, access: Box<Access>, join: Lane1, wide: bool },
    /// A step of a row fold.
    Step { f: FoldFn, s: Reg, a: Reg },
    /// The end of a row fold.
    Finish { fold: Fold, d: Reg, s: Reg },
    /// A step of `argmax` or `argmin`: state of value and index, lanes into one or each its own.
    Best {
        state: [Reg; 2],
        args: [Reg; 2],
        max: bool,
        scalar: Scalar,
        wide: bool,
        lanes: bool,
        level: Level,
    },
    /// A step of mean, squared deviations and count, lanes into one or each its own.
    Moments { state: [Reg; 3], a: Reg, wide: bool, lanes: bool },
    /// What takes or gives lanes of two words.
    Long(Box<Long>),
    /// A loop.
    Loop { axis: AxisId, extent: i64, body: Vec<Inst> },
    /// A loop over the rows of a group.
    Rows { axis: AxisId, body: Vec<Inst> },
    /// A loop by blocks.
    Lanes { axis: AxisId, extent: i64, body: Vec<Inst> },
}

/// A part of a kernel whose iterations may run at the same time.
#[derive(Clone, Debug, Default)]
pub(super) struct Phase {
    /// Axes with their extents, outermost first.
    pub(super) axes: Vec<(AxisId, i64)>,
    /// The axis that gives the lanes; it is visited by blocks, inside of `axes`.
    pub(super) lane: Option<(AxisId, i64)>,
    /// The axis that gives the rows; it is visited by groups, innermost.
    pub(super) rows: Option<(AxisId, i64)>,
    /// Run once a task.
    pub(super) setup: Vec<Inst>,
    /// Run once an iteration.
    pub(super) body: Vec<Inst>,
    /// Estimated nanoseconds of all iterations.
    pub(super) cost: f64,
    /// Whether iterations must run in order.
    pub(super) ordered: bool,
}

/// A kernel for the block interpreter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    pub(super) phases: Vec<Phase>,
    /// Where each register lies in a thread's memory, in words.
    pub(super) homes: Vec<usize>,
    /// Words of a thread's memory: registers, then kept families.
    pub(super) words: usize,
    /// Where each kept family lies.
    pub(super) kept: Vec<usize>,
    /// Number of axes.
    pub(super) n_axes: usize,
    /// Lanes of a block.
    pub(super) block: usize,
}

impl Blocks {
    /// Estimated nanoseconds of a run by one thread.
    pub(crate) fn cost(&self) -> f64 {
        self.phases.iter().map(|phase| phase.cost).sum()
    }
}
