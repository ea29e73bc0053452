//! The words of the text form, for its printer and its parser.

use super::{Bind, GridDim, Math, Tail};
use crate::{DType, Scalar};

/// Words that a name must not be without quotes.
pub(super) const WORDS: &[&str] = &[
    "axis",
    "at",
    "case",
    "else",
    "false",
    "fold",
    "for",
    "if",
    "in",
    "inf",
    "ix",
    "keep",
    "let",
    "merge",
    "nan",
    "note",
    "online",
    "order",
    "over",
    "register",
    "lane",
    "source",
    "tail",
    "true",
    "uix",
    "vec",
    "where",
    "with",
    "workgroup",
    "block",
    "anchor",
    "bits",
    "padded",
    "ranges",
];

/// Names of the bindings.
pub(super) const BINDS: [(Bind, &str); 13] = [
    (Bind::Serial, "serial"),
    (Bind::Unroll, "unroll"),
    (Bind::Vec, "vec"),
    (Bind::Group(GridDim::X), "group.x"),
    (Bind::Group(GridDim::Y), "group.y"),
    (Bind::Group(GridDim::Z), "group.z"),
    (Bind::Sub, "sub"),
    (Bind::Lane, "lane"),
    (Bind::Local(GridDim::X), "local.x"),
    (Bind::Local(GridDim::Y), "local.y"),
    (Bind::Local(GridDim::Z), "local.z"),
    (Bind::Thread, "thread"),
    (Bind::Block, "block"),
];

/// Names of the tails.
pub(super) const TAILS: [(Tail, &str); 4] =
    [(Tail::Exact, "exact"), (Tail::Clamp, "clamp"), (Tail::Unit, "unit"), (Tail::Pad, "pad")];

/// Infix operators with their level; a higher one binds tighter.
pub(super) const INFIX: [(Math, &str, u8); 16] = [
    (Math::Or, "|", 1),
    (Math::Xor, "^", 2),
    (Math::And, "&", 3),
    (Math::Eq, "==", 4),
    (Math::Ne, "!=", 4),
    (Math::Lt, "<", 4),
    (Math::Le, "<=", 4),
    (Math::Gt, ">", 4),
    (Math::Ge, ">=", 4),
    (Math::Shl, "<<", 5),
    (Math::Shr, ">>", 5),
    (Math::Add, "+", 6),
    (Math::Sub, "-", 6),
    (Math::Mul, "*", 7),
    (Math::Div, "/", 7),
    (Math::Rem, "%", 7),
];

/// Operations written as calls.
pub(super) const CALLS: [(Math, &str); 37] = [
    (Math::Neg, "neg"),
    (Math::Abs, "abs"),
    (Math::Exp, "exp"),
    (Math::Expm1, "expm1"),
    (Math::Log, "log"),
    (Math::Log1p, "log1p"),
    (Math::Sin, "sin"),
    (Math::Cos, "cos"),
    (Math::Tanh, "tanh"),
    (Math::Sqrt, "sqrt"),
    (Math::Rsqrt, "rsqrt"),
    (Math::Recip, "recip"),
    (Math::Floor, "floor"),
    (Math::Ceil, "ceil"),
    (Math::Round, "round"),
    (Math::Trunc, "trunc"),
    (Math::Erf, "erf"),
    (Math::Sign, "sign"),
    (Math::Not, "not"),
    (Math::IsNan, "is_nan"),
    (Math::Pow, "pow"),
    (Math::Min, "min"),
    (Math::Max, "max"),
    (Math::Atan2, "atan2"),
    (Math::Select, "select"),
    (Math::Cast(Scalar::F32), "f32"),
    (Math::Cast(Scalar::I32), "i32"),
    (Math::Cast(Scalar::U32), "u32"),
    (Math::Cast(Scalar::Long), "long"),
    (Math::Cast(Scalar::Bool), "bool"),
    (Math::Bitcast(Scalar::F32), "bitcast.f32"),
    (Math::Bitcast(Scalar::I32), "bitcast.i32"),
    (Math::Bitcast(Scalar::U32), "bitcast.u32"),
    (Math::Bitcast(Scalar::Bool), "bitcast.bool"),
    (Math::RoundTo(DType::F16), "round.f16"),
    (Math::RoundTo(DType::BF16), "round.bf16"),
    (Math::RoundTo(DType::F32), "round.f32"),
];
