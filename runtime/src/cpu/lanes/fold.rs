//! Folds of a row: 64 running lanes, joined at the end by a fixed tree.
//!
//! Element `i` of a row goes to lane `i % 64`, whatever the level or the number of threads, so
//! that the order of a sum is part of the row and of nothing else.

use super::{Lane, Op2, per_level};
use crate::cpu::{Level, maths};

/// Running lanes of a fold.
pub const FOLD_LANES: usize = 64;

/// Folds a slice into the running lanes; all slices of a row but the last have a multiple of
/// [`FOLD_LANES`] elements.
///
/// # Safety
/// The processor must have the level that the function was looked up for.
pub type FoldFn = unsafe fn(&mut [u32; FOLD_LANES], &[u32]);

macro_rules! folds {
    ($($(#[$doc:meta])* $op:ident($x:ident, $y:ident: $from:ty) = $unit:expr, $val:expr,
       $join:ident;)*) => {
        /// A reduction whose state is one lane.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Fold { $($(#[$doc])* $op,)* }

        impl Fold {
            /// All folds.
            pub const ALL: &[Fold] = &[$(Fold::$op,)*];

            /// The state of an empty fold, as bits.
            pub fn unit(self) -> u32 {
                match self { $(Fold::$op => Lane::bits($unit),)* }
            }

            /// The operation that joins two states.
            pub fn join(self) -> Op2 {
                match self { $(Fold::$op => Op2::$join,)* }
            }

            /// The loop of this fold for a level.
            pub fn at(self, level: Level) -> FoldFn {
                match self {
                    $(Fold::$op => per_level!(level, fn(s: &mut [u32; FOLD_LANES], a: &[u32]) {
                        let mut lanes: [$from; FOLD_LANES] = [$unit; FOLD_LANES];
                        for (lane, s) in lanes.iter_mut().zip(s.iter()) {
                            *lane = Lane::of(*s);
                        }
                        let whole = a.chunks_exact(FOLD_LANES);
                        let rest = whole.remainder();
                        for a in whole {
                            for (lane, a) in lanes.iter_mut().zip(a) {
                                let ($x, $y) = (*lane, <$from as Lane>::of(*a));
                                *lane = $val;
                            }
                        }
                        for (lane, a) in lanes.iter_mut().zip(rest) {
                            let ($x, $y) = (*lane, <$from as Lane>::of(*a));
                            *lane = $val;
                        }
                        for (lane, s) in lanes.iter().zip(s.iter_mut()) {
                            *s = Lane::bits(*lane);
                        }
                    }),)*
                }
            }

            /// Joins the running lanes: 64 to 32 to 16 and so on.
            pub fn finish(self, lanes: &[u32; FOLD_LANES]) -> u32 {
                match self {
                    $(Fold::$op => {
                        let mut lanes: [$from; FOLD_LANES] = lanes.map(Lane::of);
                        let mut n = FOLD_LANES / 2;
                        while n > 0 {
                            for i in 0..n {
                                let ($x, $y) = (lanes[i], lanes[i + n]);
                                lanes[i] = $val;
                            }
                            n /= 2;
                        }
                        Lane::bits(lanes[0])
                    })*
                }
            }
        }
    };
}

folds! {
    /// Sum in f32.
    Sum(x, y: f32) = 0.0f32, x + y, Add;
    /// Product in f32.
    Prod(x, y: f32) = 1.0f32, x * y, Mul;
    /// Largest in f32; NaN if any is.
    Max(x, y: f32) = f32::NEG_INFINITY, maths::max(x, y), Max;
    /// Smallest in f32; NaN if any is.
    Min(x, y: f32) = f32::INFINITY, maths::min(x, y), Min;
    /// Sum in integers, wrapping.
    SumI(x, y: u32) = 0u32, x.wrapping_add(y), AddI;
    /// Product in integers, wrapping.
    ProdI(x, y: u32) = 1u32, x.wrapping_mul(y), MulI;
    /// Largest in i32.
    MaxI(x, y: i32) = i32::MIN, x.max(y), MaxI;
    /// Smallest in i32.
    MinI(x, y: i32) = i32::MAX, x.min(y), MinI;
    /// Largest in u32.
    MaxU(x, y: u32) = 0u32, x.max(y), MaxU;
    /// Smallest in u32.
    MinU(x, y: u32) = u32::MAX, x.min(y), MinU;
    /// Conjunction of truth values.
    And(x, y: u32) = 1u32, x & y, And;
    /// Disjunction of truth values.
    Or(x, y: u32) = 0u32, x | y, Or;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(fold: Fold, level: Level, row: &[u32], piece: usize) -> u32 {
        let mut lanes = [fold.unit(); FOLD_LANES];
        for piece in row.chunks(piece) {
            // SAFETY: callers take the level from `Level::available`.
            unsafe { fold.at(level)(&mut lanes, piece) };
        }
        fold.finish(&lanes)
    }

    #[test]
    fn pieces_and_levels_do_not_change_the_result() {
        let row: Vec<u32> = (0..1234).map(|i| ((i as f32 * 0.7).sin() + 0.1).to_bits()).collect();
        for op in Fold::ALL {
            for n in [0, 1, 5, 63, 64, 65, 640, 1234] {
                let want = fold(*op, Level::Base, &row[..n], 64);
                for level in Level::available() {
                    for piece in [64, 512, 1280] {
                        let got = fold(*op, level, &row[..n], piece);
                        assert_eq!(got, want, "{op:?} of {n} at {level} by {piece}");
                    }
                }
            }
        }
    }

    #[test]
    fn results_are_those_of_the_definition() {
        let floats: Vec<u32> = [3.0f32, -1.0, 7.5].map(f32::to_bits).to_vec();
        let float = |f| f32::from_bits(fold(f, Level::Base, &floats, 64));
        assert_eq!([float(Fold::Sum), float(Fold::Prod)], [9.5, -22.5]);
        assert_eq!([float(Fold::Max), float(Fold::Min)], [7.5, -1.0]);
        let ints = [5u32, -3i32 as u32, 2];
        let int = |f| fold(f, Level::Base, &ints, 64) as i32;
        assert_eq!([int(Fold::SumI), int(Fold::ProdI)], [4, -30]);
        assert_eq!([int(Fold::MaxI), int(Fold::MinI), int(Fold::MinU)], [5, -3, 2]);
        assert_eq!(
            [fold(Fold::And, Level::Base, &[1, 0], 64), fold(Fold::Or, Level::Base, &[1, 0], 64)],
            [0, 1]
        );
        let with_nan: Vec<u32> = [1.0, f32::NAN, 2.0].map(f32::to_bits).to_vec();
        for level in Level::available() {
            assert!(f32::from_bits(fold(Fold::Max, level, &with_nan, 64)).is_nan());
            assert!(f32::from_bits(fold(Fold::Min, level, &with_nan, 64)).is_nan());
        }
    }
}
