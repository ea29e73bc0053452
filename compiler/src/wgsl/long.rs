//! 64-bit integers as pairs of `u32`, the low word first: scalars of the type `vec2u`, whose arithmetic the library has.

use ferrodyne_plan::Scalar;
use ferrodyne_plan::loops::Math;

use super::emit::{Id, Kind, Ty};
use super::expand::Expand;

/// The type of a pair.
const LONG: Ty = Ty { scalar: Scalar::Long, width: 1 };

impl Expand<'_> {
    fn long(&mut self, name: &str, args: &[Id]) -> Id {
        self.library(name, args, Scalar::Long)
    }

    pub(super) fn long_unary(&mut self, math: Math, x: Id) -> Option<Id> {
        Some(match math {
            Math::Neg => self.long("fd_long_neg", &[x]),
            Math::Abs => self.long("fd_long_abs", &[x]),
            Math::Sign => self.long("fd_long_sign", &[x]),
            Math::Not => self.prefix("~", x),
            Math::Cast(Scalar::Long) => x,
            Math::Cast(Scalar::F32) => self.library("fd_long_to_f32", &[x], Scalar::F32),
            Math::Cast(Scalar::Bool) => self.library("fd_long_to_bool", &[x], Scalar::Bool),
            Math::Cast(to) => {
                let low = self.emit.node(Kind::Component(0), &[x], Ty::U32);
                self.cast(low, to)
            }
            _ => return None,
        })
    }

    pub(super) fn long_binary(&mut self, math: Math, a: Id, b: Id) -> Option<Id> {
        Some(match math {
            Math::Add => self.long("fd_long_add", &[a, b]),
            Math::Sub => self.long("fd_long_sub", &[a, b]),
            Math::Mul => self.long("fd_long_mul", &[a, b]),
            Math::Div => self.long("fd_long_div", &[a, b]),
            Math::Rem => self.long("fd_long_rem", &[a, b]),
            Math::Min => self.long("fd_long_min", &[a, b]),
            Math::Max => self.long("fd_long_max", &[a, b]),
            Math::And => self.emit.node(Kind::Infix("&"), &[a, b], LONG),
            Math::Or => self.emit.node(Kind::Infix("|"), &[a, b], LONG),
            Math::Xor => self.emit.node(Kind::Infix("^"), &[a, b], LONG),
            Math::Shl | Math::Shr => {
                let by = self.cast_amount(b);
                self.long(if math == Math::Shl { "fd_long_shl" } else { "fd_long_shr" }, &[a, by])
            }
            Math::Eq => self.library("fd_long_eq", &[a, b], Scalar::Bool),
            Math::Ne => {
                let equal = self.library("fd_long_eq", &[a, b], Scalar::Bool);
                self.prefix("!", equal)
            }
            Math::Lt => self.library("fd_long_lt", &[a, b], Scalar::Bool),
            Math::Gt => self.library("fd_long_lt", &[b, a], Scalar::Bool),
            Math::Ge => {
                let below = self.library("fd_long_lt", &[a, b], Scalar::Bool);
                self.prefix("!", below)
            }
            Math::Le => {
                let above = self.library("fd_long_lt", &[b, a], Scalar::Bool);
                self.prefix("!", above)
            }
            _ => return None,
        })
    }

    /// The number of bits to shift by, of which only the lowest matter.
    fn cast_amount(&mut self, by: Id) -> Id {
        match self.emit.ty(by).scalar {
            Scalar::U32 => by,
            Scalar::Long => self.emit.node(Kind::Component(0), &[by], Ty::U32),
            _ => self.cast(by, Scalar::U32),
        }
    }

    /// A number of another type as a pair.
    pub(super) fn long_of(&mut self, x: Id, from: Scalar) -> Id {
        match from {
            Scalar::F32 => self.long("fd_f32_to_long", &[x]),
            Scalar::I32 => self.long("fd_i32_to_long", &[x]),
            Scalar::U32 => self.long("fd_u32_to_long", &[x]),
            Scalar::Bool => {
                let number = self.cast(x, Scalar::U32);
                self.long("fd_u32_to_long", &[number])
            }
            Scalar::Long => x,
        }
    }
}
