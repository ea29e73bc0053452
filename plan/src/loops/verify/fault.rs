//! What can be wrong with a kernel.

use crate::{Dim, Name, Scalar};

/// A broken rule, with the names involved and the next move.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// Two declarations of one name.
    #[error("`{0}` is declared twice: params, axes and values of a kernel need distinct names")]
    Duplicate(Name),
    /// A name that is not declared.
    #[error("`{0}` is not declared: declare it as a param, an axis or a value in scope")]
    Unknown(Name),
    /// An axis that is bound by two loops, one inside the other.
    #[error("axis `{0}` is bound twice on one path: a loop inside its own loop needs another axis")]
    BoundTwice(Name),
    /// An axis that is used outside its loops.
    #[error(
        "axis `{axis}` is used in `{place}` but no loop binds it there: enclose it by a loop, a fold or `over`"
    )]
    Unbound {
        /// The axis.
        axis: Name,
        /// Who uses it.
        place: Name,
    },
    /// Parts that do not make up the axis.
    #[error(
        "the parts of axis `{0}` are not proved to cover its extent as its tail says: state a fact or another tail"
    )]
    Split(Name),
    /// An axis whose binding does not allow its extent.
    #[error(
        "axis `{axis}` has the extent {extent}, but its binding needs a constant (2 or 4 for `vec`)"
    )]
    BindExtent {
        /// The axis.
        axis: Name,
        /// Its extent.
        extent: Dim,
    },
    /// Two vec axes in force.
    #[error(
        "axes `{0}` and `{1}` are both bound to `vec` at one point: a value has one vector axis"
    )]
    TwoVecs(Name, Name),
    /// A kept value over a loop.
    #[error(
        "`{value}` is kept over axis `{axis}`, which is serial: registers need `unroll`, `vec` or a parallel axis"
    )]
    KeptOverLoop {
        /// The value.
        value: Name,
        /// The axis.
        axis: Name,
    },
    /// An order that is no order of the fold's axes.
    #[error("the order of fold `{0}` must name each axis of its `over` and its reduction once")]
    Order(Name),
    /// A tail that falsifies a fold.
    #[error(
        "fold `{fold}` reduces axis `{axis}`, whose tail repeats terms that are not idempotent: use `tail unit`"
    )]
    FoldTail {
        /// The fold.
        fold: Name,
        /// The split axis.
        axis: Name,
    },
    /// A padded tail over a buffer without padding.
    #[error(
        "axis `{axis}` runs into the padding of `{buf}`, which has none: declare it `padded` or use another tail"
    )]
    Padding {
        /// The axis.
        axis: Name,
        /// The param.
        buf: Name,
    },
    /// Another number of coordinates than dims.
    #[error("`{buf}` has {want} dims but is accessed by {got} coordinates")]
    Rank {
        /// The param.
        buf: Name,
        /// Number of dims.
        want: usize,
        /// Number of coordinates.
        got: usize,
    },
    /// A checked load without a fill.
    #[error("a load of `{0}` has a checked coordinate but no fill: add `else VALUE`")]
    NoFill(Name),
    /// A coordinate that may leave its range.
    #[error(
        "coordinate `{ix}` of `{buf}` is not proved to lie in 0..{extent}: check it, guard it or state a fact"
    )]
    Unproved {
        /// The param.
        buf: Name,
        /// The coordinate.
        ix: Dim,
        /// The extent.
        extent: Dim,
    },
    /// A divisor that may be zero.
    #[error("divisor `{divisor}` in `{place}` is not proved to be at least 1: state a fact")]
    Divisor {
        /// The divisor.
        divisor: Dim,
        /// Who uses it.
        place: Name,
    },
    /// A store into an input.
    #[error("`{0}` is an input and cannot be stored to: make it `out` or `inout`")]
    StoreToInput(Name),
    /// A load from an output.
    #[error("`{0}` is an output and cannot be read: make it `inout`")]
    ReadOfOutput(Name),
    /// A merge into an output.
    #[error("`{0}` is merged into, so that it is read: make it `inout`")]
    MergeIntoOutput(Name),
    /// Points that store one element.
    #[error(
        "the store to `{buf}` does not vary with axis `{axis}`, so that several points store one element: merge, or guard"
    )]
    Repeated {
        /// The param.
        buf: Name,
        /// The axis.
        axis: Name,
    },
    /// A store inside a fold.
    #[error("fold `{0}` contains a store: only definitions stand inside a fold")]
    StoreInFold(Name),
    /// A value of a type that its place does not take.
    #[error("`{place}` takes {want} but the value is {got}: cast it")]
    Type {
        /// Where.
        place: Name,
        /// The type it takes.
        want: Scalar,
        /// The type given.
        got: Scalar,
    },
    /// A value without a type.
    #[error(
        "the value of `{0}` has no type: an operation has operands of types that it does not take, or arms differ"
    )]
    Untyped(Name),
    /// A fold whose names or arguments are not what its kind says.
    #[error("fold `{fold}` does not have the arguments and results of `{kind}`")]
    FoldArguments {
        /// The fold.
        fold: Name,
        /// Its kind.
        kind: &'static str,
    },
    /// An index that is no integer.
    #[error("an index has type {0}: an index is i32 or u32")]
    IndexType(Scalar),
    /// Arms that leave points out or overlap.
    #[error(
        "the arms of the case over `{0}` are not proved to follow each other and to cover every point"
    )]
    Case(Dim),
    /// A stage of a load that is not there, or cannot be fetched ahead.
    #[error(
        "the stage of `{buf}` in fold `{fold}` must name a load of the fold that does not depend on its definitions, and an axis that it walks"
    )]
    Stage {
        /// The param.
        buf: Name,
        /// The fold.
        fold: Name,
    },
    /// An online pass over something else than its folds.
    #[error("the anchor `{0}` of the online pass must be a max fold of its body")]
    Anchor(Name),
}
