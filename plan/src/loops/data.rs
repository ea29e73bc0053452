//! The data types of kernels.

use serde::{Deserialize, Serialize};

use crate::{DType, Dim, Facts, Name, Scalar, Source};

/// A kernel: what it reads and writes, its axes, and its statements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kernel {
    /// Name made of the user's words (`layer1_conv_bn_relu`).
    pub name: Name,
    /// Buffers, in binding order.
    pub params: Vec<Param>,
    /// All axes, leaves and split ones, each declared once.
    pub axes: Vec<Axis>,
    /// Statements.
    pub body: Vec<Stmt>,
    /// What is known of the symbols.
    pub facts: Facts,
    /// Steps of the schedule that made the present form, as text.
    pub notes: Vec<String>,
    /// The user's lines that this kernel computes.
    pub sources: Vec<Source>,
}

/// How a kernel uses a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Read only.
    In,
    /// Written, each element at most once and never read.
    Out,
    /// Read and written: each point reads and writes its own element only, or merges into it.
    InOut,
}

/// A buffer of a kernel: a dense row-major tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Name, unique in the kernel.
    pub name: Name,
    /// Element type as stored.
    pub dtype: DType,
    /// Extents, outermost first; empty for a scalar.
    pub dims: Vec<Dim>,
    /// Use.
    pub role: Role,
    /// Whether elements up to the next multiple of 16 bytes may be read and written (their values mean nothing).
    pub padded: bool,
    /// Ranges that it is bound in, one after the other, where a target binds no more of it at once: 1, mostly.
    pub ranges: u32,
}

/// A loop index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Name, unique in the kernel; parts of a split are named `i.g`, `i.t`.
    pub name: Name,
    /// Number of values, from 0.
    pub extent: Dim,
    /// How the values are visited.
    pub bind: Bind,
    /// Parts, outermost first, when the axis was split; its value is then the mixed-radix number of theirs.
    pub parts: Vec<Name>,
    /// What happens to values beyond the extent when the parts overhang.
    pub tail: Tail,
}

/// A dimension of the dispatch grid or of the workgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GridDim {
    /// First.
    X,
    /// Second.
    Y,
    /// Third.
    Z,
}

/// How an axis is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Bind {
    /// A loop.
    Serial,
    /// Written out; needs a constant extent.
    Unroll,
    /// The components of a vector; constant extent 2 or 4.
    Vec,
    /// Workgroups.
    Group(GridDim),
    /// Subgroups of a workgroup.
    Sub,
    /// Invocations of a subgroup.
    Lane,
    /// Invocations of a workgroup.
    Local(GridDim),
    /// Tasks of the CPU executor.
    Thread,
    /// Lanes of a block of the CPU executor.
    Block,
}

/// What a split does with values beyond the extent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tail {
    /// There are none: the product of the parts is the extent.
    Exact,
    /// Loads repeat the last element, stores are guarded.
    Clamp,
    /// The term of a fold becomes the fold's unit, stores are guarded.
    Unit,
    /// Buffers are padded: nothing is guarded.
    Pad,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stmt {
    /// Runs the body for every point of the axes, outermost first.
    For {
        /// Axes, outermost first.
        axes: Vec<Name>,
        /// Statements.
        body: Vec<Stmt>,
    },
    /// Names a value. With `over`, a family of values: one for every point of those axes.
    Let {
        /// Name, unique in the kernel.
        name: Name,
        /// Type of the value.
        scalar: Scalar,
        /// Axes of the family that no enclosing loop binds.
        over: Vec<Name>,
        /// The value.
        val: Val,
        /// Whether it is computed at each use or kept.
        place: Place,
    },
    /// A reduction; its state is a tuple of one to three values.
    Fold {
        /// Names of the results.
        names: Vec<Name>,
        /// Which reduction.
        kind: FoldKind,
        /// Axes of the family of results that no enclosing loop binds (a register tile, or a vector that others read).
        over: Vec<Name>,
        /// Axes that are reduced.
        red: Vec<Name>,
        /// Order in which `over` and `red` are walked, outermost first; empty means `over`, then `red`.
        order: Vec<Name>,
        /// Definitions inside the fold, used by `args`.
        inner: Vec<Stmt>,
        /// What is folded: one value, or value and index for `ArgMax` and `ArgMin`.
        args: Vec<Val>,
        /// Loads that are fetched ahead.
        stages: Vec<Stage>,
    },
    /// Folds that are merged into one pass over `axis` by the algebra of exponentials (online softmax).
    Online {
        /// The axis of the pass: blocks of it are visited.
        axis: Name,
        /// The part of the axis inside a block.
        block: Name,
        /// Name of the fold whose running maximum rescales the others.
        anchor: Name,
        /// Definitions and folds of the pass, in order.
        body: Vec<Stmt>,
    },
    /// Writes one element for every point of the enclosing loops and of `over`.
    Store {
        /// Parameter written.
        buf: Name,
        /// Coordinates, proved or guarded to be in range.
        at: Vec<Dim>,
        /// The value.
        val: Val,
        /// Axes that no enclosing loop binds.
        over: Vec<Name>,
        /// The store happens only where every `.0 < .1` (and `.0 >= 0`).
        guard: Vec<(Dim, Dim)>,
        /// How the value joins the one that stands there (scatter); `None` replaces.
        merge: Option<FoldKind>,
    },
}

/// Where a `let` lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// Computed again wherever it is used.
    Inline,
    /// Kept in registers over its axes.
    Keep,
}

/// A load that is fetched when an axis is entered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Parameter whose loads inside the fold are staged.
    pub buf: Name,
    /// The axis at whose entry the footprint is fetched.
    pub at: Name,
    /// Where it is held.
    pub level: Level,
    /// Axes that form vectors of the fetched data.
    pub vec: Vec<Name>,
}

/// Where staged data is held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Level {
    /// Named values of each invocation.
    Register,
    /// Spread over the lanes of a subgroup along an axis; a use is a broadcast.
    Lane(Name),
    /// Workgroup memory.
    Workgroup,
}

/// A typed value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Val {
    /// A constant.
    Const(Literal),
    /// An element of a parameter, converted to its scalar type.
    Load {
        /// Parameter read.
        buf: Name,
        /// Coordinates.
        at: Vec<Coord>,
        /// The value where a checked coordinate is out of range; required when any is checked.
        fill: Option<Literal>,
    },
    /// A `let` or a result of a fold.
    Ref(Name),
    /// An integer expression as a value of type `i32` or `u32`.
    Index(Dim, Scalar),
    /// Arithmetic.
    Op(Math, Vec<Val>),
    /// The arm in whose range `on` lies: `(from, to, value)`, `from <= on < to`. Ranges are disjoint and cover every point.
    /// Only the chosen arm is evaluated.
    Case {
        /// What decides.
        on: Dim,
        /// Arms.
        arms: Vec<(Dim, Dim, Val)>,
    },
}

/// A coordinate of a load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coord {
    /// Its value.
    pub ix: Dim,
    /// Whether it may be out of range, so that the load gives its fill.
    pub checked: bool,
}

/// A constant of a scalar type.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Literal {
    /// `f32`.
    F32(f32),
    /// `i32`.
    I32(i32),
    /// `u32`.
    U32(u32),
    /// `long`.
    Long(i64),
    /// `bool`.
    Bool(bool),
}

impl PartialEq for Literal {
    /// Floats are compared by their bits, so that a NaN equals itself.
    fn eq(&self, other: &Literal) -> bool {
        match (self, other) {
            (Literal::F32(a), Literal::F32(b)) => a.to_bits() == b.to_bits(),
            (Literal::I32(a), Literal::I32(b)) => a == b,
            (Literal::U32(a), Literal::U32(b)) => a == b,
            (Literal::Long(a), Literal::Long(b)) => a == b,
            (Literal::Bool(a), Literal::Bool(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Literal {}

/// Arithmetic on scalars. Floats follow IEEE 754 in f32; integers wrap; shifts use the low five bits of the amount, six for `long`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Math {
    /// `-x`.
    Neg,
    /// `|x|`.
    Abs,
    /// `e^x`.
    Exp,
    /// `e^x - 1`, accurate near 0.
    Expm1,
    /// Natural logarithm.
    Log,
    /// `ln(1 + x)`, accurate near 0.
    Log1p,
    /// Sine of radians.
    Sin,
    /// Cosine of radians.
    Cos,
    /// Hyperbolic tangent.
    Tanh,
    /// Square root.
    Sqrt,
    /// `1 / sqrt(x)`.
    Rsqrt,
    /// `1 / x`.
    Recip,
    /// Largest integer not above.
    Floor,
    /// Smallest integer not below.
    Ceil,
    /// Nearest integer, halves to even.
    Round,
    /// Integer part.
    Trunc,
    /// Error function.
    Erf,
    /// -1, 0 or 1; NaN for NaN.
    Sign,
    /// Complement of a `bool`, or of the bits of an integer.
    Not,
    /// Whether a float is NaN.
    IsNan,
    /// Conversion. Float to integer truncates and saturates, NaN to 0; to `bool` is `!= 0`.
    Cast(Scalar),
    /// The same 32 bits as another type; not to or from `bool` and `long`.
    Bitcast(Scalar),
    /// `f32` rounded to the nearest `f16` or `bf16` and back.
    RoundTo(DType),
    /// `a + b`.
    Add,
    /// `a - b`.
    Sub,
    /// `a * b`.
    Mul,
    /// `a / b`; integers truncate, and a zero divisor gives `a`.
    Div,
    /// Remainder with the sign of `a`; a zero divisor gives 0 for integers, NaN for floats.
    Rem,
    /// `a^b` as IEEE `pow`.
    Pow,
    /// Smaller; NaN if either is.
    Min,
    /// Larger; NaN if either is.
    Max,
    /// Angle of the point `(b, a)`.
    Atan2,
    /// Conjunction of `bool`s, or of bits.
    And,
    /// Disjunction of `bool`s, or of bits.
    Or,
    /// Exclusive or.
    Xor,
    /// `a << b`.
    Shl,
    /// `a >> b`; arithmetic for `i32` and `long`.
    Shr,
    /// `a == b`.
    Eq,
    /// `a != b`.
    Ne,
    /// `a < b`.
    Lt,
    /// `a <= b`.
    Le,
    /// `a > b`.
    Gt,
    /// `a >= b`.
    Ge,
    /// `c ? a : b` for operands `c, a, b`; both are evaluated.
    Select,
}

/// The table of reductions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FoldKind {
    /// Sum.
    Sum,
    /// Product.
    Prod,
    /// Largest; NaN if any is.
    Max,
    /// Smallest; NaN if any is.
    Min,
    /// Conjunction of `bool`s.
    And,
    /// Disjunction of `bool`s.
    Or,
    /// Largest value and its first index; state (value, index). NaN counts as largest.
    ArgMax,
    /// Smallest value and its first index; state (value, index). NaN counts as smallest.
    ArgMin,
    /// Mean, sum of squared deviations and count; state (mean, m2, count).
    Welford,
}
