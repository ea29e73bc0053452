//! Typed loops over blocks of 32-bit lanes, compiled once for each level.
//!
//! A block is a slice of `u32` holding the bits of f32, i32 or u32 lanes, or of truth values as
//! 0 and 1. An operation is looked up once ([`Op1::at`], [`Op2::at`], [`select`], [`Fold::at`])
//! and then runs one vectorised loop a call. Destinations never overlap operands.

mod binary;
mod fold;
mod long;
mod storage;
mod turn;
mod unary;

pub use binary::Op2;
pub use fold::{FOLD_LANES, Fold, FoldFn};
pub use long::{LongFn, LongOp, fold_long, long, pair, pairs, pairs_mut, unpair};
pub use storage::{Storage, gather, load, splat, store};
pub use turn::{SIDE, TurnFn, turn};
pub use unary::Op1;

use super::Level;

/// One loop of one operand: destination, operand, both of one length.
///
/// # Safety
/// The processor must have the level that the function was looked up for.
pub type Lane1 = unsafe fn(&mut [u32], &[u32]);

/// One loop of two operands: destination, left, right, all of one length.
///
/// # Safety
/// As [`Lane1`].
pub type Lane2 = unsafe fn(&mut [u32], &[u32], &[u32]);

/// One loop of three operands: destination, first, second, third, all of one length.
///
/// # Safety
/// As [`Lane1`].
pub type Lane3 = unsafe fn(&mut [u32], &[u32], &[u32], &[u32]);

/// Whether products and sums are fused at the level that has no `#[target_feature]`.
pub(crate) const BASE_FMA: bool = cfg!(target_arch = "aarch64");

/// Expands a function body once per level and gives the function compiled for `$level`.
///
/// `FMA` is in scope of the body, true where the level fuses products and sums.
macro_rules! per_level {
    ($level:expr, fn($($arg:ident : $ty:ty),*) $body:block) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,fma,f16c")]
        unsafe fn avx512($($arg: $ty),*) {
            #[allow(dead_code)]
            const FMA: bool = true;
            $body
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma,f16c")]
        unsafe fn avx2($($arg: $ty),*) {
            #[allow(dead_code)]
            const FMA: bool = true;
            $body
        }
        unsafe fn base($($arg: $ty),*) {
            #[allow(dead_code)]
            const FMA: bool = $crate::cpu::lanes::BASE_FMA;
            $body
        }
        match $level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2,
            _ => base,
        }
    }};
}
pub(crate) use per_level;

/// `c ? a : b` for every lane: the function for destination, `c`, `a`, `b`.
pub fn select(level: Level) -> Lane3 {
    per_level!(level, fn(d: &mut [u32], c: &[u32], a: &[u32], b: &[u32]) {
        for (((d, &c), &a), &b) in d.iter_mut().zip(c).zip(a).zip(b) {
            *d = if c != 0 { a } else { b };
        }
    })
}

/// `a * b + c` in f32 for every lane, rounded once where the level fuses.
pub fn mul_add(level: Level) -> Lane3 {
    per_level!(level, fn(d: &mut [u32], a: &[u32], b: &[u32], c: &[u32]) {
        for (((d, &a), &b), &c) in d.iter_mut().zip(a).zip(b).zip(c) {
            let (a, b, c) = (f32::from_bits(a), f32::from_bits(b), f32::from_bits(c));
            *d = super::maths::fma::<FMA>(a, b, c).to_bits();
        }
    })
}

/// `d + a * b` in f32 for every lane, rounded once where the level fuses: the function for `d`,
/// `a`, `b`.
pub fn mul_accumulate(level: Level) -> Lane2 {
    per_level!(level, fn(d: &mut [u32], a: &[u32], b: &[u32]) {
        for ((d, &a), &b) in d.iter_mut().zip(a).zip(b) {
            let (a, b, c) = (f32::from_bits(a), f32::from_bits(b), f32::from_bits(*d));
            *d = super::maths::fma::<FMA>(a, b, c).to_bits();
        }
    })
}

/// One loop of numbers in steps: destination, the first one, the step.
///
/// # Safety
/// As [`Lane1`].
pub type IotaFn = unsafe fn(&mut [u32], u32, u32);

/// Numbers in steps, wrapping.
pub fn iota(level: Level) -> IotaFn {
    per_level!(level, fn(d: &mut [u32], first: u32, step: u32) {
        for (i, d) in d.iter_mut().enumerate() {
            *d = first.wrapping_add(step.wrapping_mul(i as u32));
        }
    })
}

/// One loop of multiples of lanes added: destination, factor, lanes.
///
/// # Safety
/// As [`Lane1`].
pub type ScaledFn = unsafe fn(&mut [u32], u32, &[u32]);

/// Adds a multiple of integers to others, wrapping.
pub fn add_scaled(level: Level) -> ScaledFn {
    per_level!(level, fn(d: &mut [u32], factor: u32, a: &[u32]) {
        for (d, &a) in d.iter_mut().zip(a) {
            *d = d.wrapping_add(factor.wrapping_mul(a));
        }
    })
}

/// The smallest and the largest of signed lanes, joined into the destination.
///
/// # Safety
/// As [`Lane1`].
pub type ExtremesFn = unsafe fn(&mut [i32; 2], &[u32]);

/// Finds extremes.
pub fn extremes(level: Level) -> ExtremesFn {
    per_level!(level, fn(d: &mut [i32; 2], a: &[u32]) {
        for &a in a {
            *d = [d[0].min(a as i32), d[1].max(a as i32)];
        }
    })
}

/// Conversions between a lane's bits and its value.
pub(crate) trait Lane: Copy {
    fn of(bits: u32) -> Self;
    fn bits(self) -> u32;
}

impl Lane for f32 {
    #[inline(always)]
    fn of(bits: u32) -> f32 {
        f32::from_bits(bits)
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        self.to_bits()
    }
}

impl Lane for i32 {
    #[inline(always)]
    fn of(bits: u32) -> i32 {
        bits as i32
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        self as u32
    }
}

impl Lane for u32 {
    #[inline(always)]
    fn of(bits: u32) -> u32 {
        bits
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        self
    }
}

impl Lane for bool {
    #[inline(always)]
    fn of(bits: u32) -> bool {
        bits != 0
    }
    #[inline(always)]
    fn bits(self) -> u32 {
        self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn select_and_mul_add_agree_with_scalars_at_every_level() {
        let a: Vec<u32> = (0..77).map(|i| (i as f32 * 0.5).to_bits()).collect();
        let b: Vec<u32> = (0..77).map(|i| (3.0 - i as f32).to_bits()).collect();
        let c: Vec<u32> = (0..77).map(|i| i % 3).collect();
        for level in Level::available() {
            let mut d = vec![0; 77];
            // SAFETY: the level is available.
            unsafe { select(level)(&mut d, &c, &a, &b) };
            for i in 0..77 {
                assert_eq!(d[i], if c[i] != 0 { a[i] } else { b[i] });
            }
            // SAFETY: as above.
            unsafe { mul_add(level)(&mut d, &a, &b, &a) };
            for i in 0..77 {
                let (x, y) = (f32::from_bits(a[i]), f32::from_bits(b[i]));
                assert_eq!(f32::from_bits(d[i]), x * y + x, "small integers are exact");
            }
            // SAFETY: as above.
            unsafe { iota(level)(&mut d, u32::MAX - 5, u32::MAX - 2) };
            for (i, &d) in d.iter().enumerate() {
                assert_eq!(d as i32, -6 - 3 * i as i32);
            }
        }
    }
}
