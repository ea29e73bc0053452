//! What scalars mean in a recording: expressions over the numbers of a call, and what was assumed of them.

use std::fmt;
use std::sync::Arc;

use ferrodyne_plan::{DType, Source};

/// A number.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Number {
    F32(f32),
    I32(i32),
}

impl Number {
    pub(crate) fn dtype(self) -> DType {
        match self {
            Number::F32(_) => DType::F32,
            Number::I32(_) => DType::I32,
        }
    }

    pub(crate) fn to_f64(self) -> f64 {
        match self {
            Number::F32(value) => value.into(),
            Number::I32(value) => value.into(),
        }
    }

    fn to_f32(self) -> f32 {
        match self {
            Number::F32(value) => value,
            Number::I32(value) => value as f32,
        }
    }

    /// The number in a list of integers; its type stands elsewhere.
    pub(crate) fn to_bits(self) -> i64 {
        match self {
            Number::F32(value) => value.to_bits().into(),
            Number::I32(value) => value.into(),
        }
    }

    fn of_bits(is_float: bool, bits: i64) -> Number {
        match is_float {
            true => Number::F32(f32::from_bits(bits as u32)),
            false => Number::I32(bits as i32),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::F32(value) => value.fmt(f),
            Number::I32(value) => value.fmt(f),
        }
    }
}

/// An operation on two numbers; those of one take it twice.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Pow,
    Min,
    Max,
    Neg,
    Abs,
    Sqrt,
    Exp,
    Log,
}

impl Op {
    /// Whether the result is f32, whatever the operands.
    pub(super) fn is_float(self) -> bool {
        matches!(self, Op::Pow | Op::Sqrt | Op::Exp | Op::Log)
    }

    /// The value; integers wrap, as they do on devices.
    ///
    /// # Panics
    /// For an integer divided by zero.
    pub(super) fn apply(self, a: Number, b: Number) -> Number {
        match (a, b) {
            (Number::I32(a), Number::I32(b)) if !self.is_float() => {
                Number::I32(self.integers(a, b))
            }
            _ => Number::F32(self.floats(a.to_f32(), b.to_f32())),
        }
    }

    fn integers(self, a: i32, b: i32) -> i32 {
        match self {
            Op::Add => a.wrapping_add(b),
            Op::Sub => a.wrapping_sub(b),
            Op::Mul => a.wrapping_mul(b),
            Op::Div => a.wrapping_div(b),
            Op::Rem => a.wrapping_rem(b),
            Op::Min => a.min(b),
            Op::Max => a.max(b),
            Op::Neg => a.wrapping_neg(),
            Op::Abs => a.wrapping_abs(),
            Op::Pow | Op::Sqrt | Op::Exp | Op::Log => unreachable!("these are of floats"),
        }
    }

    fn floats(self, a: f32, b: f32) -> f32 {
        match self {
            Op::Add => a + b,
            Op::Sub => a - b,
            Op::Mul => a * b,
            Op::Div => a / b,
            Op::Rem => a % b,
            Op::Pow => a.powf(b),
            Op::Min => a.min(b),
            Op::Max => a.max(b),
            Op::Neg => -a,
            Op::Abs => a.abs(),
            Op::Sqrt => a.sqrt(),
            Op::Exp => a.exp(),
            Op::Log => a.ln(),
        }
    }

    fn text(self, a: &str, b: &str) -> String {
        match self {
            Op::Add => format!("({a} + {b})"),
            Op::Sub => format!("({a} - {b})"),
            Op::Mul => format!("({a} * {b})"),
            Op::Div => format!("({a} / {b})"),
            Op::Rem => format!("({a} % {b})"),
            Op::Pow => format!("{a}.pow({b})"),
            Op::Min => format!("{a}.minimum({b})"),
            Op::Max => format!("{a}.maximum({b})"),
            Op::Neg => format!("-{a}"),
            Op::Abs => format!("{a}.abs()"),
            Op::Sqrt => format!("{a}.sqrt()"),
            Op::Exp => format!("{a}.exp()"),
            Op::Log => format!("{a}.log()"),
        }
    }
}

/// An expression over the numbers of a call.
#[derive(Clone)]
pub(crate) enum Meaning {
    /// An argument, by its position in the call.
    Input(usize),
    Number(Number),
    Apply(Op, Arc<(Meaning, Meaning)>),
}

impl Meaning {
    pub(super) fn apply(op: Op, a: Meaning, b: Meaning) -> Meaning {
        Meaning::Apply(op, Arc::new((a, b)))
    }

    /// The value, where a number of the call stands with its type before it; `None` where it has none.
    fn value(&self, words: &[i64]) -> Option<Number> {
        Some(match self {
            Meaning::Input(at) => {
                let is_float = *words.get(at.checked_sub(1)?)? == crate::compile::FLOAT_SCALAR;
                Number::of_bits(is_float, *words.get(*at)?)
            }
            Meaning::Number(number) => *number,
            Meaning::Apply(op, operands) => {
                let (a, b) = (operands.0.value(words)?, operands.1.value(words)?);
                if matches!((op, b), (Op::Div | Op::Rem, Number::I32(0))) {
                    return None;
                }
                op.apply(a, b)
            }
        })
    }

    fn text(&self, name: &dyn Fn(usize) -> String) -> String {
        match self {
            Meaning::Input(at) => name(*at),
            Meaning::Number(number) => number.to_string(),
            Meaning::Apply(op, operands) => op.text(&operands.0.text(name), &operands.1.text(name)),
        }
    }
}

/// How two numbers are compared.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Relation {
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    /// The same to the bit.
    Is,
}

impl Relation {
    pub(super) fn holds(self, a: Number, b: Number) -> bool {
        let order = match (a, b) {
            (Number::I32(a), Number::I32(b)) => Some(a.cmp(&b)),
            _ => a.to_f32().partial_cmp(&b.to_f32()),
        };
        match self {
            Relation::Lt => order.is_some_and(|order| order.is_lt()),
            Relation::Le => order.is_some_and(|order| order.is_le()),
            Relation::Gt => order.is_some_and(|order| order.is_gt()),
            Relation::Ge => order.is_some_and(|order| order.is_ge()),
            Relation::Eq => order.is_some_and(|order| order.is_eq()),
            Relation::Is => a.dtype() == b.dtype() && a.to_bits() == b.to_bits(),
        }
    }

    /// Its spelling, or that of its opposite.
    fn text(self, holds: bool) -> &'static str {
        match (self, holds) {
            (Relation::Lt, true) | (Relation::Ge, false) => "<",
            (Relation::Le, true) | (Relation::Gt, false) => "<=",
            (Relation::Gt, true) | (Relation::Le, false) => ">",
            (Relation::Ge, true) | (Relation::Lt, false) => ">=",
            (Relation::Eq | Relation::Is, true) => "==",
            (Relation::Eq | Relation::Is, false) => "!=",
        }
    }
}

/// How a comparison of scalars came out, and where.
#[derive(Clone)]
pub(crate) struct ScalarGuard {
    pub(crate) left: Meaning,
    pub(crate) relation: Relation,
    pub(crate) right: Meaning,
    pub(crate) holds: bool,
    pub(crate) source: Source,
}

impl ScalarGuard {
    /// Whether it comes out the same for the numbers of another call.
    pub(crate) fn is_kept(&self, words: &[i64]) -> bool {
        let values = (self.left.value(words), self.right.value(words));
        matches!(values, (Some(a), Some(b)) if self.relation.holds(a, b) == self.holds)
    }

    /// `lr > 0.5`, with the arguments' names.
    pub(crate) fn text(&self, name: &dyn Fn(usize) -> String) -> String {
        let (left, right) = (self.left.text(name), self.right.text(name));
        format!("{left} {} {right}", self.relation.text(self.holds))
    }

    /// Both sides at a call.
    pub(crate) fn values(&self, words: &[i64]) -> Option<(Number, Number)> {
        Some((self.left.value(words)?, self.right.value(words)?))
    }
}
