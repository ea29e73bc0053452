//! Arithmetic of 64-bit integers: a [`Math`] and its operands in, the value out, wrapping.

use super::{Literal, Math};
use crate::Scalar;

/// A number converted to 64 bits: floats truncate and saturate, NaN is 0.
pub(super) fn of(x: Literal) -> i64 {
    match x {
        Literal::F32(x) => x as i64,
        Literal::I32(x) => x.into(),
        Literal::U32(x) => x.into(),
        Literal::Long(x) => x,
        Literal::Bool(x) => x.into(),
    }
}

/// 64 bits converted to another type: to fewer bits they wrap.
pub(super) fn cast(x: i64, to: Scalar) -> Literal {
    match to {
        Scalar::F32 => Literal::F32(x as f32),
        Scalar::I32 => Literal::I32(x as i32),
        Scalar::U32 => Literal::U32(x as u32),
        Scalar::Long => Literal::Long(x),
        Scalar::Bool => Literal::Bool(x != 0),
    }
}

pub(super) fn unary(math: Math, x: i64) -> Option<i64> {
    Some(match math {
        Math::Not => !x,
        Math::Neg => x.wrapping_neg(),
        Math::Abs => x.wrapping_abs(),
        Math::Sign => x.signum(),
        _ => return None,
    })
}

pub(super) fn binary(math: Math, a: i64, b: i64) -> Option<i64> {
    Some(match math {
        Math::Add => a.wrapping_add(b),
        Math::Sub => a.wrapping_sub(b),
        Math::Mul => a.wrapping_mul(b),
        Math::Div if b == 0 => a,
        Math::Div => a.wrapping_div(b),
        Math::Rem if b == 0 => 0,
        Math::Rem => a.wrapping_rem(b),
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
