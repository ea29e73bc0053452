//! The lane loops of each operation, by the type of its operands.

use ferrodyne_plan::loops::{FoldKind, Math};
use ferrodyne_plan::{DType, Scalar};

use crate::cpu::lanes::{Fold, Op1, Op2};

/// How an operation is done.
pub(super) enum Way {
    /// A loop of one operand.
    One(Op1),
    /// A loop of two operands.
    Two(Op2),
    /// A loop of two operands, which change places.
    Swapped(Op2),
    /// A choice by the first of three operands.
    Select,
}

/// How an operation on operands of a type is done; `None` where it is not defined.
pub(super) fn way(math: Math, scalar: Scalar) -> Option<Way> {
    use Scalar::{Bool, F32, I32, U32};
    let one = match (math, scalar) {
        (Math::Cast(to), from) => Some(cast(from, to)),
        (Math::Bitcast(_), _) => Some(Op1::Copy),
        (Math::RoundTo(DType::F16), F32) => Some(Op1::RoundF16),
        (Math::RoundTo(DType::BF16), F32) => Some(Op1::RoundBf16),
        (Math::RoundTo(_), F32) => Some(Op1::Copy),
        (Math::Not, Bool) => Some(Op1::NotBool),
        (Math::Not, I32 | U32) => Some(Op1::NotBits),
        (math, F32) => float(math),
        (Math::Neg, I32 | U32) => Some(Op1::NegI),
        (Math::Abs, I32) => Some(Op1::AbsI),
        (Math::Sign, I32) => Some(Op1::SignI),
        (Math::Sign, U32) => Some(Op1::SignU),
        (Math::Abs | Math::Floor | Math::Ceil | Math::Round | Math::Trunc, _) => Some(Op1::Copy),
        _ => None,
    };
    if let Some(op) = one {
        return Some(Way::One(op));
    }
    let two = match (math, scalar) {
        (Math::Select, _) => return Some(Way::Select),
        (Math::Gt, I32) => return Some(Way::Swapped(Op2::LtI)),
        (Math::Ge, I32) => return Some(Way::Swapped(Op2::LeI)),
        (Math::Gt, U32 | Bool) => return Some(Way::Swapped(Op2::LtU)),
        (Math::Ge, U32 | Bool) => return Some(Way::Swapped(Op2::LeU)),
        (math, F32) => float2(math)?,
        (math, scalar) => integer2(math, scalar == I32)?,
    };
    Some(Way::Two(two))
}

fn float(math: Math) -> Option<Op1> {
    Some(match math {
        Math::Neg => Op1::Neg,
        Math::Abs => Op1::Abs,
        Math::Exp => Op1::Exp,
        Math::Expm1 => Op1::Expm1,
        Math::Log => Op1::Log,
        Math::Log1p => Op1::Log1p,
        Math::Sin => Op1::Sin,
        Math::Cos => Op1::Cos,
        Math::Tanh => Op1::Tanh,
        Math::Sqrt => Op1::Sqrt,
        Math::Rsqrt => Op1::Rsqrt,
        Math::Recip => Op1::Recip,
        Math::Floor => Op1::Floor,
        Math::Ceil => Op1::Ceil,
        Math::Round => Op1::Round,
        Math::Trunc => Op1::Trunc,
        Math::Erf => Op1::Erf,
        Math::Sign => Op1::Sign,
        Math::IsNan => Op1::IsNan,
        _ => return None,
    })
}

fn cast(from: Scalar, to: Scalar) -> Op1 {
    use Scalar::{Bool, F32, I32, U32};
    match (from, to) {
        (F32, I32) => Op1::FloatToInt,
        (F32, U32) => Op1::FloatToUint,
        (F32, Bool) => Op1::FloatToBool,
        (I32, F32) => Op1::IntToFloat,
        (U32, F32) => Op1::UintToFloat,
        (Bool, F32) => Op1::BoolToFloat,
        (I32 | U32, Bool) => Op1::BitsToBool,
        _ => Op1::Copy,
    }
}

fn float2(math: Math) -> Option<Op2> {
    Some(match math {
        Math::Add => Op2::Add,
        Math::Sub => Op2::Sub,
        Math::Mul => Op2::Mul,
        Math::Div => Op2::Div,
        Math::Rem => Op2::Rem,
        Math::Pow => Op2::Pow,
        Math::Min => Op2::Min,
        Math::Max => Op2::Max,
        Math::Atan2 => Op2::Atan2,
        Math::Eq => Op2::Eq,
        Math::Ne => Op2::Ne,
        Math::Lt => Op2::Lt,
        Math::Le => Op2::Le,
        Math::Gt => Op2::Gt,
        Math::Ge => Op2::Ge,
        _ => return None,
    })
}

fn integer2(math: Math, signed: bool) -> Option<Op2> {
    let by_sign = |s: Op2, u: Op2| if signed { s } else { u };
    Some(match math {
        Math::Add => Op2::AddI,
        Math::Sub => Op2::SubI,
        Math::Mul => Op2::MulI,
        Math::Div => by_sign(Op2::DivI, Op2::DivU),
        Math::Rem => by_sign(Op2::RemI, Op2::RemU),
        Math::Pow => by_sign(Op2::PowI, Op2::PowU),
        Math::Min => by_sign(Op2::MinI, Op2::MinU),
        Math::Max => by_sign(Op2::MaxI, Op2::MaxU),
        Math::And => Op2::And,
        Math::Or => Op2::Or,
        Math::Xor => Op2::Xor,
        Math::Shl => Op2::Shl,
        Math::Shr => by_sign(Op2::ShrI, Op2::ShrU),
        Math::Eq => Op2::EqI,
        Math::Ne => Op2::NeI,
        Math::Lt => by_sign(Op2::LtI, Op2::LtU),
        Math::Le => by_sign(Op2::LeI, Op2::LeU),
        _ => return None,
    })
}

/// The fold of one lane that a reduction of a type is; `None` for those of several.
pub(super) fn fold(kind: FoldKind, scalar: Scalar) -> Option<Fold> {
    use Scalar::{F32, I32, Long};
    Some(match (kind, scalar) {
        (_, Long) => return None,
        (FoldKind::Sum, F32) => Fold::Sum,
        (FoldKind::Sum, _) => Fold::SumI,
        (FoldKind::Prod, F32) => Fold::Prod,
        (FoldKind::Prod, _) => Fold::ProdI,
        (FoldKind::Max, F32) => Fold::Max,
        (FoldKind::Max, I32) => Fold::MaxI,
        (FoldKind::Max, _) => Fold::MaxU,
        (FoldKind::Min, F32) => Fold::Min,
        (FoldKind::Min, I32) => Fold::MinI,
        (FoldKind::Min, _) => Fold::MinU,
        (FoldKind::And, _) => Fold::And,
        (FoldKind::Or, _) => Fold::Or,
        (FoldKind::ArgMax | FoldKind::ArgMin | FoldKind::Welford, _) => return None,
    })
}
