//! A kernel at given sizes: extents are numbers, indices are affine where they can be, values are
//! shared.
//!
//! In comes a [`Kernel`](ferrodyne_plan::loops::Kernel) and the sizes of a call; out comes a
//! [`Form`]. Promised: every load and store names an element of its buffer or carries a check
//! that fails, so that running a form never leaves its memory.

mod affine;
mod build;
mod families;
mod fuse;
mod values;

pub(crate) use affine::{Affine, AxisId, Ix};
pub(crate) use build::{form, storage};
pub(crate) use fuse::fuse_axes;

use ferrodyne_plan::loops::{FoldKind, Math};
use ferrodyne_plan::{DType, Scalar};

use super::lanes::Storage;

/// A value: an index into [`Form::values`]; operands come before what uses them.
pub(crate) type ValId = usize;
/// A named value: an index into [`Form::defs`].
pub(crate) type DefId = usize;
/// A buffer: an index into [`Form::buffers`].
pub(crate) type BufId = usize;
/// A set of axes, one bit each.
pub(crate) type AxisSet = u128;

/// Why a kernel cannot be run: this is a fault of the compiler.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(pub(crate) String);

/// A kernel at given sizes.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// Extents by axis.
    pub(crate) extents: Vec<i64>,
    /// Parameters, in binding order.
    pub(crate) buffers: Vec<Buffer>,
    /// Values.
    pub(crate) values: Vec<Value>,
    /// Results of folds and kept families.
    pub(crate) defs: Vec<Def>,
    /// Statements.
    pub(crate) body: Vec<St>,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffer {
    pub(crate) dtype: DType,
    pub(crate) storage: Storage,
    /// Elements.
    pub(crate) len: i64,
    /// Whether the kernel reads it.
    pub(crate) read: bool,
    /// Whether the kernel writes it.
    pub(crate) written: bool,
}

/// A named value.
#[derive(Clone, Debug)]
pub(crate) struct Def {
    pub(crate) scalar: Scalar,
    /// Axes of the family.
    pub(crate) over: Vec<AxisId>,
    /// Axes of the loops around the definition, and of the family.
    pub(crate) axes: AxisSet,
}

/// A value with its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Value {
    pub(crate) kind: V,
    pub(crate) scalar: Scalar,
    /// Axes that it varies with.
    pub(crate) axes: AxisSet,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum V {
    /// Bits.
    Const(u32),
    /// A 64-bit integer.
    ConstLong(i64),
    /// An element, or the fill where a check fails.
    Load { buf: BufId, at: Ix, checks: Vec<Check>, fill: u64 },
    /// Element `at + axis mod period`: a short row, again and again.
    Repeat { buf: BufId, at: Affine, axis: AxisId, period: i64 },
    /// A named value.
    Def(DefId),
    /// An index as an integer.
    Index(Affine),
    /// Arithmetic.
    Math(Math, Vec<ValId>),
    /// `e^x` where `x <= 0` is known.
    ExpNonpositive(ValId),
    /// Integer division, rounded down.
    FloorDiv(ValId, ValId),
    /// Its remainder.
    FloorMod(ValId, ValId),
}

/// A condition `0 <= ix < extent`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Check {
    pub(crate) ix: Ix,
    pub(crate) extent: i64,
}

/// A statement.
#[derive(Clone, Debug)]
pub(crate) enum St {
    /// Runs the body for every point of the axes.
    For { axes: Vec<AxisId>, body: Vec<St> },
    /// Keeps a family of values.
    Keep { def: DefId, val: ValId },
    /// A reduction.
    Fold(Fold),
    /// Writes an element for every point of the enclosing loops and of `over`.
    Store(Store),
}

/// A reduction.
#[derive(Clone, Debug)]
pub(crate) struct Fold {
    pub(crate) defs: Vec<DefId>,
    pub(crate) kind: FoldKind,
    /// Type of what is folded.
    pub(crate) scalar: Scalar,
    pub(crate) over: Vec<AxisId>,
    pub(crate) red: Vec<AxisId>,
    pub(crate) args: Vec<ValId>,
    /// Folds and families that the arguments use.
    pub(crate) body: Vec<St>,
}

/// A write.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) buf: BufId,
    pub(crate) at: Ix,
    /// The element is skipped where one fails.
    pub(crate) checks: Vec<Check>,
    pub(crate) val: ValId,
    pub(crate) over: Vec<AxisId>,
    pub(crate) merge: Option<FoldKind>,
}

impl Form {
    /// Extent of an axis.
    pub(crate) fn extent(&self, axis: AxisId) -> i64 {
        self.extents[axis]
    }

    /// Number of points of some axes.
    pub(crate) fn volume(&self, axes: &[AxisId]) -> i64 {
        axes.iter().map(|&a| self.extents[a]).product()
    }
}

/// The set of some axes.
pub(crate) fn set(axes: &[AxisId]) -> AxisSet {
    axes.iter().fold(0, |set, a| set | 1 << a)
}

impl Form {
    /// Makes constants of the values that no statement needs, so that they bind no axes.
    pub(crate) fn prune(&mut self) {
        let mut needed = vec![false; self.values.len()];
        mark_roots(&self.body, &mut needed);
        for id in (0..self.values.len()).rev() {
            if needed[id] {
                self.values[id].kind.operands(&mut |a| needed[a] = true);
            } else {
                self.values[id].kind = V::Const(0);
                self.values[id].axes = 0;
            }
        }
    }

    /// Buffers that a value is computed from.
    pub(crate) fn sources(&self, val: ValId) -> Vec<BufId> {
        let (mut open, mut found) = (vec![val], Vec::new());
        while let Some(val) = open.pop() {
            if let V::Load { buf, .. } | V::Repeat { buf, .. } = &self.values[val].kind {
                found.push(*buf);
            }
            self.values[val].kind.operands(&mut |a| open.push(a));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl V {
    /// Visits the values that this one is computed from.
    pub(crate) fn operands(&self, f: &mut dyn FnMut(ValId)) {
        match self {
            V::Load { at, checks, .. } => {
                let parts = checks.iter().flat_map(|c| &c.ix.parts).chain(&at.parts);
                parts.for_each(|p| f(p.1));
            }
            V::Math(_, args) => args.iter().for_each(|&a| f(a)),
            V::ExpNonpositive(a) => f(*a),
            V::FloorDiv(a, b) | V::FloorMod(a, b) => [*a, *b].into_iter().for_each(f),
            V::Const(_) | V::ConstLong(_) | V::Def(_) | V::Index(_) | V::Repeat { .. } => {}
        }
    }
}

fn mark_roots(body: &[St], needed: &mut [bool]) {
    for st in body {
        match st {
            St::For { body, .. } => mark_roots(body, needed),
            St::Keep { val, .. } => needed[*val] = true,
            St::Fold(fold) => {
                mark_roots(&fold.body, needed);
                fold.args.iter().for_each(|&a| needed[a] = true);
            }
            St::Store(store) => {
                needed[store.val] = true;
                let checks = store.checks.iter().flat_map(|c| &c.ix.parts);
                checks.chain(&store.at.parts).for_each(|p| needed[p.1] = true);
            }
        }
    }
}
