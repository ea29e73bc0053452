//! Operations on one operand, from a table of one line each.

use super::{Lane, Lane1, per_level};
use crate::cpu::{Level, maths};

macro_rules! unary {
    ($($(#[$doc:meta])* $op:ident($x:ident: $from:ty) = $val:expr
       $(, beyond $far:expr => $slow:expr)?;)*) => {
        /// An operation on one operand.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Op1 { $($(#[$doc])* $op,)* }

        impl Op1 {
            /// All operations.
            pub const ALL: &[Op1] = &[$(Op1::$op,)*];

            /// The loop of this operation for a level.
            pub fn at(self, level: Level) -> Lane1 {
                match self {
                    $(Op1::$op => per_level!(level, fn(d: &mut [u32], a: &[u32]) {
                        for (d, &a) in d.iter_mut().zip(a) {
                            let $x = <$from as Lane>::of(a);
                            *d = Lane::bits($val);
                        }
                        $(
                            let far = a.iter().fold(false, |far, &a| {
                                let $x = <$from as Lane>::of(a);
                                far | $far
                            });
                            if far {
                                for (d, &a) in d.iter_mut().zip(a) {
                                    let $x = <$from as Lane>::of(a);
                                    if $far {
                                        *d = Lane::bits($slow);
                                    }
                                }
                            }
                        )?
                    }),)*
                }
            }
        }
    };
}

unary! {
    /// The same bits.
    Copy(x: u32) = x;
    /// `-x` in f32.
    Neg(x: f32) = -x;
    /// `|x|` in f32.
    Abs(x: f32) = x.abs();
    /// `e^x`.
    Exp(x: f32) = maths::exp::<FMA>(x);
    /// `e^x` for `x <= 0`.
    ExpNonpositive(x: f32) = maths::exp_nonpositive::<FMA>(x);
    /// `e^x - 1`.
    Expm1(x: f32) = maths::expm1::<FMA>(x);
    /// Natural logarithm.
    Log(x: f32) = maths::log::<FMA>(x);
    /// `ln(1 + x)`.
    Log1p(x: f32) = maths::log1p::<FMA>(x);
    /// Sine of radians.
    Sin(x: f32) = maths::sin::<FMA>(x), beyond x.abs() > maths::REDUCIBLE => x.sin();
    /// Cosine of radians.
    Cos(x: f32) = maths::cos::<FMA>(x), beyond x.abs() > maths::REDUCIBLE => x.cos();
    /// Hyperbolic tangent.
    Tanh(x: f32) = maths::tanh::<FMA>(x);
    /// Error function.
    Erf(x: f32) = maths::erf::<FMA>(x);
    /// `1 / (1 + e^-x)`.
    Sigmoid(x: f32) = maths::sigmoid::<FMA>(x);
    /// Square root.
    Sqrt(x: f32) = x.sqrt();
    /// `1 / sqrt(x)`.
    Rsqrt(x: f32) = 1.0 / x.sqrt();
    /// `1 / x`.
    Recip(x: f32) = 1.0 / x;
    /// Largest integer not above.
    Floor(x: f32) = x.floor();
    /// Smallest integer not below.
    Ceil(x: f32) = x.ceil();
    /// Nearest integer, halves to even.
    Round(x: f32) = maths::round(x);
    /// Integer part.
    Trunc(x: f32) = x.trunc();
    /// -1, 0 or 1; NaN for NaN.
    Sign(x: f32) = maths::sign(x);
    /// `max(x, 0)`; NaN for NaN.
    Relu(x: f32) = if x < 0.0 { 0.0 } else { x };
    /// `x * x`.
    Square(x: f32) = x * x;
    /// Whether `x` is NaN.
    IsNan(x: f32) = x.is_nan();
    /// f32 rounded to f16.
    RoundF16(x: f32) = half::f16::from_f32(x).to_f32();
    /// f32 rounded to bf16.
    RoundBf16(x: f32) = half::bf16::from_f32(x).to_f32();
    /// `-x` in i32, wrapping.
    NegI(x: i32) = x.wrapping_neg();
    /// `|x|` in i32, wrapping.
    AbsI(x: i32) = x.wrapping_abs();
    /// -1, 0 or 1.
    SignI(x: i32) = x.signum();
    /// 0 or 1.
    SignU(x: u32) = x.min(1);
    /// Complement of a truth value.
    NotBool(x: bool) = !x;
    /// Complement of the bits.
    NotBits(x: u32) = !x;
    /// f32 to i32: truncates, saturates, NaN to 0.
    FloatToInt(x: f32) = x as i32;
    /// f32 to u32: truncates, saturates, NaN to 0.
    FloatToUint(x: f32) = x as u32;
    /// f32 to a truth value: `x != 0`.
    FloatToBool(x: f32) = x != 0.0;
    /// i32 to f32.
    IntToFloat(x: i32) = x as f32;
    /// u32 to f32.
    UintToFloat(x: u32) = x as f32;
    /// An integer to a truth value: `x != 0`.
    BitsToBool(x: u32) = x != 0;
    /// A truth value to f32.
    BoolToFloat(x: bool) = if x { 1.0f32 } else { 0.0 };
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs an operation on f32 lanes at a level.
    fn run(op: Op1, level: Level, x: &[f32]) -> Vec<u32> {
        let bits: Vec<u32> = x.iter().map(|x| x.to_bits()).collect();
        let mut d = vec![0; x.len()];
        // SAFETY: callers take the level from `Level::available`.
        unsafe { op.at(level)(&mut d, &bits) };
        d
    }

    #[test]
    fn every_level_agrees_with_the_standard_library() {
        let x: Vec<f32> = (1..1111).map(|i| i as f32 * 0.031).collect();
        type Case = (Op1, fn(f32) -> f32);
        let table: &[Case] = &[
            (Op1::Neg, |x| -x),
            (Op1::Exp, f32::exp),
            (Op1::Log, f32::ln),
            (Op1::Log1p, f32::ln_1p),
            (Op1::Expm1, f32::exp_m1),
            (Op1::Sin, f32::sin),
            (Op1::Cos, f32::cos),
            (Op1::Tanh, f32::tanh),
            (Op1::Sqrt, f32::sqrt),
            (Op1::Rsqrt, |x| 1.0 / x.sqrt()),
            (Op1::Recip, |x| 1.0 / x),
            (Op1::Floor, f32::floor),
            (Op1::Ceil, f32::ceil),
            (Op1::Round, f32::round_ties_even),
            (Op1::Trunc, f32::trunc),
            (Op1::Square, |x| x * x),
            (Op1::Sigmoid, |x| 1.0 / (1.0 + (-x).exp())),
        ];
        for level in Level::available() {
            for (op, want) in table {
                for (x, y) in x.iter().zip(run(*op, level, &x)) {
                    let (y, want) = (f32::from_bits(y), want(*x));
                    let close = (y - want).abs() <= 6e-7 * want.abs().max(1.0);
                    assert!(close, "{op:?} at {level}: {x} gives {y}, not {want}");
                }
            }
        }
    }

    #[test]
    fn large_angles_go_to_the_standard_library() {
        let x = [1e5, 1.0, -3e7, f32::INFINITY, 2e9];
        for level in Level::available() {
            let y = run(Op1::Sin, level, &x);
            assert_eq!(f32::from_bits(y[0]), 1e5f32.sin());
            assert_eq!(f32::from_bits(y[2]), (-3e7f32).sin());
            assert!(f32::from_bits(y[3]).is_nan());
        }
    }

    #[test]
    fn conversions_truncate_and_saturate() {
        for level in Level::available() {
            let x = [-1.7, 3e9, f32::NAN, -5e9, 0.0];
            let ints: Vec<i32> =
                run(Op1::FloatToInt, level, &x).into_iter().map(|x| x as i32).collect();
            assert_eq!(ints, [-1, i32::MAX, 0, i32::MIN, 0]);
            assert_eq!(run(Op1::FloatToUint, level, &x), [0, 3_000_000_000, 0, 0, 0]);
            assert_eq!(run(Op1::FloatToBool, level, &x), [1, 1, 1, 1, 0]);
            assert!(f32::from_bits(run(Op1::Relu, level, &x)[2]).is_nan());
            assert_eq!(f32::from_bits(run(Op1::Relu, level, &x)[0]), 0.0);
        }
    }

    #[test]
    fn no_operation_changes_with_the_place_of_a_lane() {
        let bits: Vec<u32> = (0..131u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect();
        for level in Level::available() {
            for op in Op1::ALL {
                let mut all = vec![0; bits.len()];
                // SAFETY: the level is available.
                unsafe { op.at(level)(&mut all, &bits) };
                for (i, bits) in bits.iter().enumerate() {
                    let mut one = [0];
                    // SAFETY: as above.
                    unsafe { op.at(level)(&mut one, &[*bits]) };
                    let nan = f32::from_bits(one[0]).is_nan() && f32::from_bits(all[i]).is_nan();
                    assert!(one[0] == all[i] || nan, "{op:?} at {level}, lane {i}");
                }
            }
        }
    }
}
