//! Operations on two operands, from a table of one line each.

use ferrodyne_plan::loops::pow_i32;

use super::{Lane, Lane1, Lane2, per_level};
use crate::cpu::{Level, maths};

macro_rules! binary {
    ($($(#[$doc:meta])* $op:ident($x:ident, $y:ident: $from:ty) = $val:expr;)*) => {
        /// An operation on two operands of one type.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Op2 { $($(#[$doc])* $op,)* }

        impl Op2 {
            /// All operations.
            pub const ALL: &[Op2] = &[$(Op2::$op,)*];

            /// The loop `d = a op b` for a level.
            pub fn at(self, level: Level) -> Lane2 {
                match self {
                    $(Op2::$op => per_level!(level, fn(d: &mut [u32], a: &[u32], b: &[u32]) {
                        for ((d, &a), &b) in d.iter_mut().zip(a).zip(b) {
                            let ($x, $y) = (<$from as Lane>::of(a), <$from as Lane>::of(b));
                            *d = Lane::bits($val);
                        }
                    }),)*
                }
            }

            /// The loop `d = d op a` for a level.
            pub fn accumulate(self, level: Level) -> Lane1 {
                match self {
                    $(Op2::$op => per_level!(level, fn(d: &mut [u32], a: &[u32]) {
                        for (d, &a) in d.iter_mut().zip(a) {
                            let ($x, $y) = (<$from as Lane>::of(*d), <$from as Lane>::of(a));
                            *d = Lane::bits($val);
                        }
                    }),)*
                }
            }
        }
    };
}

binary! {
    /// `a + b` in f32.
    Add(x, y: f32) = x + y;
    /// `a - b` in f32.
    Sub(x, y: f32) = x - y;
    /// `a * b` in f32.
    Mul(x, y: f32) = x * y;
    /// `a / b` in f32.
    Div(x, y: f32) = x / y;
    /// Remainder in f32 with the sign of `a`.
    Rem(x, y: f32) = maths::rem(x, y);
    /// `a^b` in f32.
    Pow(x, y: f32) = x.powf(y);
    /// Angle of the point `(b, a)`.
    Atan2(x, y: f32) = x.atan2(y);
    /// Smaller in f32; NaN if either is.
    Min(x, y: f32) = maths::min(x, y);
    /// Larger in f32; NaN if either is.
    Max(x, y: f32) = maths::max(x, y);
    /// `a == b` in f32.
    Eq(x, y: f32) = x == y;
    /// `a != b` in f32.
    Ne(x, y: f32) = x != y;
    /// `a < b` in f32.
    Lt(x, y: f32) = x < y;
    /// `a <= b` in f32.
    Le(x, y: f32) = x <= y;
    /// `a >= b` in f32.
    Ge(x, y: f32) = x >= y;
    /// `a > b` in f32.
    Gt(x, y: f32) = x > y;
    /// `a + b` in integers, wrapping.
    AddI(x, y: u32) = x.wrapping_add(y);
    /// `a - b` in integers, wrapping.
    SubI(x, y: u32) = x.wrapping_sub(y);
    /// `a * b` in integers, wrapping.
    MulI(x, y: u32) = x.wrapping_mul(y);
    /// `a / b` in i32, truncating; `a` where `b` is 0.
    DivI(x, y: i32) = if y == 0 { x } else { x.wrapping_div(y) };
    /// `a / b` in u32; `a` where `b` is 0.
    DivU(x, y: u32) = x.checked_div(y).unwrap_or(x);
    /// Remainder in i32 with the sign of `a`; 0 where `b` is 0.
    RemI(x, y: i32) = if y == 0 { 0 } else { x.wrapping_rem(y) };
    /// Remainder in u32; 0 where `b` is 0.
    RemU(x, y: u32) = x.checked_rem(y).unwrap_or(0);
    /// `a / b` in i32, rounded down; 0 where `b` is 0.
    FloorDivI(x, y: i32) = if y == 0 { 0 } else { x.wrapping_div(y) - floor_borrow(x, y) };
    /// What [`Op2::FloorDivI`] leaves; 0 where `b` is 0.
    FloorModI(x, y: i32) =
        if y == 0 { 0 } else { x.wrapping_rem(y) + floor_borrow(x, y) * y };
    /// `a^b` in i32, wrapping; a negative power truncates.
    PowI(x, y: i32) = pow_i32(x, y);
    /// `a^b` in u32, wrapping.
    PowU(x, y: u32) = x.wrapping_pow(y);
    /// Smaller in i32.
    MinI(x, y: i32) = x.min(y);
    /// Larger in i32.
    MaxI(x, y: i32) = x.max(y);
    /// Smaller in u32.
    MinU(x, y: u32) = x.min(y);
    /// Larger in u32.
    MaxU(x, y: u32) = x.max(y);
    /// Conjunction of bits.
    And(x, y: u32) = x & y;
    /// Disjunction of bits.
    Or(x, y: u32) = x | y;
    /// Exclusive or of bits.
    Xor(x, y: u32) = x ^ y;
    /// `a << b`, by the low five bits of `b`.
    Shl(x, y: u32) = x.wrapping_shl(y);
    /// `a >> b` in i32, arithmetic.
    ShrI(x, y: i32) = x.wrapping_shr(y as u32);
    /// `a >> b` in u32.
    ShrU(x, y: u32) = x.wrapping_shr(y);
    /// `a == b` in bits.
    EqI(x, y: u32) = x == y;
    /// `a != b` in bits.
    NeI(x, y: u32) = x != y;
    /// `a < b` in i32.
    LtI(x, y: i32) = x < y;
    /// `a <= b` in i32.
    LeI(x, y: i32) = x <= y;
    /// `a < b` in u32.
    LtU(x, y: u32) = x < y;
    /// `a <= b` in u32.
    LeU(x, y: u32) = x <= y;
}

/// 1 where truncating `x / y` rounds up, else 0.
#[inline(always)]
fn floor_borrow(x: i32, y: i32) -> i32 {
    (x.wrapping_rem(y) != 0 && (x < 0) != (y < 0)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(op: Op2, level: Level, a: &[u32], b: &[u32]) -> Vec<u32> {
        let mut d = vec![0; a.len()];
        // SAFETY: callers take the level from `Level::available`.
        unsafe { op.at(level)(&mut d, a, b) };
        let mut in_place = a.to_vec();
        // SAFETY: as above.
        unsafe { op.accumulate(level)(&mut in_place, b) };
        for (d, e) in d.iter().zip(&in_place) {
            let nan = f32::from_bits(*d).is_nan() && f32::from_bits(*e).is_nan();
            assert!(d == e || nan, "{op:?} at {level}: the two forms differ");
        }
        d
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        let mut seed = 1u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if seed & 0x700 == 0 { seed >> 28 } else { seed }
        };
        let a: Vec<u32> = (0..333).map(|_| next()).collect();
        let b: Vec<u32> = (0..333).map(|_| next()).collect();
        for op in Op2::ALL {
            let base = run(*op, Level::Base, &a, &b);
            for level in Level::available() {
                for (i, (x, y)) in base.iter().zip(run(*op, level, &a, &b)).enumerate() {
                    let nan = f32::from_bits(*x).is_nan() && f32::from_bits(y).is_nan();
                    assert!(*x == y || nan, "{op:?} at {level}, lane {i}: {x:#x} and {y:#x}");
                }
            }
        }
    }

    #[test]
    fn rules_of_division_shifts_and_nan_hold() {
        let f = |x: f32| x.to_bits();
        for level in Level::available() {
            let one = |op, a, b| run(op, level, &[a], &[b])[0];
            assert_eq!(one(Op2::DivI, 7, 0), 7);
            assert_eq!(one(Op2::DivI, i32::MIN as u32, -1i32 as u32), i32::MIN as u32);
            assert_eq!(one(Op2::RemU, 7, 0), 0);
            assert_eq!(one(Op2::RemI, -7i32 as u32, 3) as i32, -1);
            assert_eq!(one(Op2::FloorDivI, -7i32 as u32, 3) as i32, -3);
            assert_eq!(one(Op2::FloorModI, -7i32 as u32, 3) as i32, 2);
            assert_eq!(one(Op2::Shl, 1, 33), 2);
            assert_eq!(one(Op2::ShrI, -8i32 as u32, 1) as i32, -4);
            assert_eq!(one(Op2::PowI, -2i32 as u32, 3) as i32, -8);
            assert!(f32::from_bits(one(Op2::Max, f(f32::NAN), f(1.0))).is_nan());
            assert!(f32::from_bits(one(Op2::Min, f(1.0), f(f32::NAN))).is_nan());
            assert_eq!(one(Op2::Ne, f(f32::NAN), f(f32::NAN)), 1);
            assert_eq!(one(Op2::Pow, f(2.0), f(10.0)), f(1024.0));
        }
    }
}
