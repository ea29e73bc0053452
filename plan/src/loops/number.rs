//! Scalar arithmetic: a [`Math`] and its operands in, the value out, as the interpreter and constant folding see it.
//!
//! Promised: exactly what the documentation of [`Math`] says; operands of other types than it takes give `None`.

use super::{Literal, Math, long};
use crate::{DType, Scalar};

/// A value of one of the five scalar types.
pub type Number = Literal;

impl Literal {
    /// Its type.
    pub fn scalar(self) -> Scalar {
        match self {
            Literal::F32(_) => Scalar::F32,
            Literal::I32(_) => Scalar::I32,
            Literal::U32(_) => Scalar::U32,
            Literal::Long(_) => Scalar::Long,
            Literal::Bool(_) => Scalar::Bool,
        }
    }

    /// Zero, or `false`.
    pub fn zero(scalar: Scalar) -> Literal {
        match scalar {
            Scalar::F32 => Literal::F32(0.0),
            Scalar::I32 => Literal::I32(0),
            Scalar::U32 => Literal::U32(0),
            Scalar::Long => Literal::Long(0),
            Scalar::Bool => Literal::Bool(false),
        }
    }

    /// One, or `true`.
    pub fn one(scalar: Scalar) -> Literal {
        match scalar {
            Scalar::F32 => Literal::F32(1.0),
            Scalar::I32 => Literal::I32(1),
            Scalar::U32 => Literal::U32(1),
            Scalar::Long => Literal::Long(1),
            Scalar::Bool => Literal::Bool(true),
        }
    }

    /// The smallest value: minus infinity for floats.
    pub fn lowest(scalar: Scalar) -> Literal {
        match scalar {
            Scalar::F32 => Literal::F32(f32::NEG_INFINITY),
            Scalar::I32 => Literal::I32(i32::MIN),
            Scalar::Long => Literal::Long(i64::MIN),
            Scalar::U32 => Literal::U32(0),
            Scalar::Bool => Literal::Bool(false),
        }
    }

    /// The largest value: infinity for floats.
    pub fn highest(scalar: Scalar) -> Literal {
        match scalar {
            Scalar::F32 => Literal::F32(f32::INFINITY),
            Scalar::I32 => Literal::I32(i32::MAX),
            Scalar::Long => Literal::Long(i64::MAX),
            Scalar::U32 => Literal::U32(u32::MAX),
            Scalar::Bool => Literal::Bool(true),
        }
    }

    /// The value as a float, converted.
    pub fn to_f32(self) -> f32 {
        match self {
            Literal::F32(x) => x,
            Literal::I32(x) => x as f32,
            Literal::U32(x) => x as f32,
            Literal::Long(x) => x as f32,
            Literal::Bool(x) => f32::from(u8::from(x)),
        }
    }

    /// The value as an index; floats, `long`s and `bool`s have none.
    pub fn to_index(self) -> Option<i64> {
        match self {
            Literal::I32(x) => Some(x.into()),
            Literal::U32(x) => Some(x.into()),
            Literal::F32(_) | Literal::Long(_) | Literal::Bool(_) => None,
        }
    }

    /// Converted as [`Math::Cast`] does.
    pub fn cast(self, to: Scalar) -> Literal {
        match (self, to) {
            (x, Scalar::F32) => Literal::F32(x.to_f32()),
            (x, Scalar::Long) => Literal::Long(long::of(x)),
            (Literal::Long(x), to) => long::cast(x, to),
            (Literal::F32(x), Scalar::I32) => Literal::I32(x as i32),
            (Literal::F32(x), Scalar::U32) => Literal::U32(x as u32),
            (Literal::F32(x), Scalar::Bool) => Literal::Bool(x != 0.0),
            (Literal::I32(x), Scalar::I32) => Literal::I32(x),
            (Literal::I32(x), Scalar::U32) => Literal::U32(x as u32),
            (Literal::I32(x), Scalar::Bool) => Literal::Bool(x != 0),
            (Literal::U32(x), Scalar::I32) => Literal::I32(x as i32),
            (Literal::U32(x), Scalar::U32) => Literal::U32(x),
            (Literal::U32(x), Scalar::Bool) => Literal::Bool(x != 0),
            (Literal::Bool(x), Scalar::I32) => Literal::I32(i32::from(x)),
            (Literal::Bool(x), Scalar::U32) => Literal::U32(u32::from(x)),
            (Literal::Bool(x), Scalar::Bool) => Literal::Bool(x),
        }
    }

    /// The value as it reads back after being stored as `dtype`: rounded, or wrapped to the narrower integer.
    pub fn stored(self, dtype: DType) -> Literal {
        match (self.cast(dtype.scalar()), dtype) {
            (Literal::F32(x), _) => Literal::F32(round_to(x, dtype)),
            (Literal::I32(x), DType::I8) => Literal::I32((x as i8).into()),
            (Literal::U32(x), DType::U8) => Literal::U32((x as u8).into()),
            (x, _) => x,
        }
    }

    fn bits(self) -> Option<u32> {
        match self {
            Literal::F32(x) => Some(x.to_bits()),
            Literal::I32(x) => Some(x as u32),
            Literal::U32(x) => Some(x),
            Literal::Long(_) | Literal::Bool(_) => None,
        }
    }
}

/// `x` rounded to the nearest `f16` or `bf16` and back; other types leave it as it is.
pub fn round_to(x: f32, dtype: DType) -> f32 {
    match dtype {
        DType::F16 => half::f16::from_f32(x).to_f32(),
        DType::BF16 => half::bf16::from_f32(x).to_f32(),
        _ => x,
    }
}

/// The number of operands.
pub fn operands(math: Math) -> usize {
    use Math::*;
    match math {
        Neg | Abs | Exp | Expm1 | Log | Log1p | Sin | Cos | Tanh | Sqrt | Rsqrt | Recip | Floor
        | Ceil | Round | Trunc | Erf | Sign | Not | IsNan | Cast(_) | Bitcast(_) | RoundTo(_) => 1,
        Add | Sub | Mul | Div | Rem | Pow | Min | Max | Atan2 | And | Or | Xor | Shl | Shr | Eq
        | Ne | Lt | Le | Gt | Ge => 2,
        Select => 3,
    }
}

/// The value of an operation; `None` where it does not take operands of these types.
pub fn apply(math: Math, args: &[Number]) -> Option<Number> {
    match *args {
        [x] => unary(math, x),
        [a, b] => binary(math, a, b),
        [Literal::Bool(c), a, b] if math == Math::Select && a.scalar() == b.scalar() => {
            Some(if c { a } else { b })
        }
        _ => None,
    }
}

fn unary(math: Math, x: Number) -> Option<Number> {
    match (math, x) {
        (Math::Cast(to), x) => Some(x.cast(to)),
        (Math::Bitcast(to), x) => {
            let bits = x.bits()?;
            match to {
                Scalar::F32 => Some(Literal::F32(f32::from_bits(bits))),
                Scalar::I32 => Some(Literal::I32(bits as i32)),
                Scalar::U32 => Some(Literal::U32(bits)),
                Scalar::Long | Scalar::Bool => None,
            }
        }
        (Math::RoundTo(dtype @ (DType::F16 | DType::BF16)), Literal::F32(x)) => {
            Some(Literal::F32(round_to(x, dtype)))
        }
        (Math::IsNan, Literal::F32(x)) => Some(Literal::Bool(x.is_nan())),
        (Math::Not, Literal::Bool(x)) => Some(Literal::Bool(!x)),
        (Math::Not, Literal::I32(x)) => Some(Literal::I32(!x)),
        (Math::Not, Literal::U32(x)) => Some(Literal::U32(!x)),
        (Math::Neg, Literal::I32(x)) => Some(Literal::I32(x.wrapping_neg())),
        (Math::Neg, Literal::U32(x)) => Some(Literal::U32(x.wrapping_neg())),
        (Math::Abs, Literal::I32(x)) => Some(Literal::I32(x.wrapping_abs())),
        (Math::Sign, Literal::I32(x)) => Some(Literal::I32(x.signum())),
        (Math::Abs, Literal::U32(x)) => Some(Literal::U32(x)),
        (Math::Sign, Literal::U32(x)) => Some(Literal::U32(x.min(1))),
        (math, Literal::Long(x)) => long::unary(math, x).map(Literal::Long),
        (math, Literal::F32(x)) => float_unary(math, x).map(Literal::F32),
        _ => None,
    }
}

fn float_unary(math: Math, x: f32) -> Option<f32> {
    Some(match math {
        Math::Neg => -x,
        Math::Abs => x.abs(),
        Math::Exp => x.exp(),
        Math::Expm1 => x.exp_m1(),
        Math::Log => x.ln(),
        Math::Log1p => x.ln_1p(),
        Math::Sin => x.sin(),
        Math::Cos => x.cos(),
        Math::Tanh => x.tanh(),
        Math::Sqrt => x.sqrt(),
        Math::Rsqrt => 1.0 / x.sqrt(),
        Math::Recip => 1.0 / x,
        Math::Floor => x.floor(),
        Math::Ceil => x.ceil(),
        Math::Round => x.round_ties_even(),
        Math::Trunc => x.trunc(),
        Math::Erf => erf(x.into()) as f32,
        Math::Sign if x.is_nan() || x == 0.0 => x,
        Math::Sign => x.signum(),
        _ => return None,
    })
}

/// `2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (2n+1)!!`: all terms have one sign, so nothing cancels.
fn erf(x: f64) -> f64 {
    if x.is_nan() || x.abs() > 6.0 {
        return if x.is_nan() { x } else { x.signum() };
    }
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > sum.abs() * 1e-17 {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    sum * (-x * x).exp() * std::f64::consts::FRAC_2_SQRT_PI
}

fn binary(math: Math, a: Number, b: Number) -> Option<Number> {
    if let Some(order) = comparison(math, a, b) {
        return Some(Literal::Bool(order));
    }
    match (a, b) {
        (Literal::F32(a), Literal::F32(b)) => float_binary(math, a, b).map(Literal::F32),
        (Literal::I32(a), Literal::I32(b)) => i32_binary(math, a, b).map(Literal::I32),
        (Literal::U32(a), Literal::U32(b)) => u32_binary(math, a, b).map(Literal::U32),
        (Literal::Long(a), Literal::Long(b)) => long::binary(math, a, b).map(Literal::Long),
        (Literal::Long(a), Literal::U32(b)) if matches!(math, Math::Shl | Math::Shr) => {
            long::binary(math, a, b.into()).map(Literal::Long)
        }
        (Literal::Bool(a), Literal::Bool(b)) => match math {
            Math::And => Some(Literal::Bool(a & b)),
            Math::Or => Some(Literal::Bool(a | b)),
            Math::Xor => Some(Literal::Bool(a ^ b)),
            _ => None,
        },
        (Literal::I32(a), Literal::U32(b)) if matches!(math, Math::Shl | Math::Shr) => {
            i32_binary(math, a, b as i32).map(Literal::I32)
        }
        _ => None,
    }
}

fn comparison(math: Math, a: Number, b: Number) -> Option<bool> {
    match (a, b) {
        (Literal::F32(a), Literal::F32(b)) => compare(math, a, b),
        (Literal::I32(a), Literal::I32(b)) => compare(math, a, b),
        (Literal::U32(a), Literal::U32(b)) => compare(math, a, b),
        (Literal::Long(a), Literal::Long(b)) => compare(math, a, b),
        (Literal::Bool(a), Literal::Bool(b)) if matches!(math, Math::Eq | Math::Ne) => {
            compare(math, a, b)
        }
        _ => None,
    }
}

fn compare<T: PartialOrd>(math: Math, a: T, b: T) -> Option<bool> {
    Some(match math {
        Math::Eq => a == b,
        Math::Ne => a != b,
        Math::Lt => a < b,
        Math::Le => a <= b,
        Math::Gt => a > b,
        Math::Ge => a >= b,
        _ => return None,
    })
}

fn float_binary(math: Math, a: f32, b: f32) -> Option<f32> {
    Some(match math {
        Math::Add => a + b,
        Math::Sub => a - b,
        Math::Mul => a * b,
        Math::Div => a / b,
        Math::Rem => a % b,
        Math::Pow => a.powf(b),
        Math::Min | Math::Max if a.is_nan() => a,
        Math::Min | Math::Max if b.is_nan() => b,
        Math::Min => a.min(b),
        Math::Max => a.max(b),
        Math::Atan2 => a.atan2(b),
        _ => return None,
    })
}

fn i32_binary(math: Math, a: i32, b: i32) -> Option<i32> {
    Some(match math {
        Math::Add => a.wrapping_add(b),
        Math::Sub => a.wrapping_sub(b),
        Math::Mul => a.wrapping_mul(b),
        Math::Div if b == 0 => a,
        Math::Div => a.wrapping_div(b),
        Math::Rem if b == 0 => 0,
        Math::Rem => a.wrapping_rem(b),
        Math::Pow => pow_i32(a, b),
        Math::Min => a.min(b),
        Math::Max => a.max(b),
        Math::And => a & b,
        Math::Or => a | b,
        Math::Xor => a ^ b,
        Math::Shl => a.wrapping_shl(b as u32),
        Math::Shr => a.wrapping_shr(b as u32),
        _ => return None,
    })
}

fn u32_binary(math: Math, a: u32, b: u32) -> Option<u32> {
    Some(match math {
        Math::Add => a.wrapping_add(b),
        Math::Sub => a.wrapping_sub(b),
        Math::Mul => a.wrapping_mul(b),
        Math::Div if b == 0 => a,
        Math::Div => a / b,
        Math::Rem if b == 0 => 0,
        Math::Rem => a % b,
        Math::Pow => a.wrapping_pow(b),
        Math::Min => a.min(b),
        Math::Max => a.max(b),
        Math::And => a & b,
        Math::Or => a | b,
        Math::Xor => a ^ b,
        Math::Shl => a.wrapping_shl(b),
        Math::Shr => a.wrapping_shr(b),
        _ => return None,
    })
}

/// A power of integers: what `1 / x^-y` truncates to for a negative exponent, and 0 for that of 0.
#[inline]
pub fn pow_i32(x: i32, y: i32) -> i32 {
    match (x, y) {
        (1, _) => 1,
        (-1, _) => 1 - 2 * (y & 1),
        (_, ..0) => 0,
        _ => x.wrapping_pow(y as u32),
    }
}

/// The type of an operation's value; `None` where it does not take operands of these types.
pub fn scalar_of_op(math: Math, args: &[Scalar]) -> Option<Scalar> {
    // The arithmetic itself says which types it takes: one is a safe operand of every operation.
    let ones: smallvec::SmallVec<[Number; 3]> = args.iter().map(|&s| Literal::one(s)).collect();
    (ones.len() == operands(math)).then(|| apply(math, &ones)).flatten().map(Literal::scalar)
}
