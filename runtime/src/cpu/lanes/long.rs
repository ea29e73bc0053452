//! Operations on 64-bit integers, of which a lane is two words, the low one first.
//!
//! They are few and plain: kernels with them are asked for by an option, to be exact. Blocks need no more alignment than words.

use ferrodyne_plan::Scalar;
use ferrodyne_plan::loops::{FoldKind, Math};

/// A loop over up to three operands: destination, operands. Each has as many words a lane as its type.
pub type LongFn = fn(&mut [u32], [&[u32]; 3]);

/// An operation that takes or gives 64-bit integers.
#[derive(Clone, Copy, Debug)]
pub struct LongOp {
    /// Its loop.
    pub run: LongFn,
    /// Whether it gives a 64-bit integer.
    pub gives_long: bool,
}

/// The number that two words are.
#[inline(always)]
pub fn pair([low, high]: [u32; 2]) -> i64 {
    (i64::from(high) << 32) | i64::from(low)
}

/// The two words of a number.
#[inline(always)]
pub fn unpair(x: i64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

/// Words two by two.
pub fn pairs(words: &[u32]) -> &[[u32; 2]] {
    words.as_chunks().0
}

/// Words two by two, to be written.
pub fn pairs_mut(words: &mut [u32]) -> &mut [[u32; 2]] {
    words.as_chunks_mut().0
}

/// A 64-bit integer of one.
macro_rules! one {
    (|$x:ident| $val:expr) => {
        (|d, [a, ..]| {
            for (d, &a) in pairs_mut(d).iter_mut().zip(pairs(a)) {
                let $x = pair(a);
                *d = unpair($val);
            }
        }) as LongFn
    };
}

/// A 64-bit integer of two.
macro_rules! two {
    (|$x:ident, $y:ident| $val:expr) => {
        (|d, [a, b, _]| {
            for ((d, &a), &b) in pairs_mut(d).iter_mut().zip(pairs(a)).zip(pairs(b)) {
                let ($x, $y) = (pair(a), pair(b));
                *d = unpair($val);
            }
        }) as LongFn
    };
}

/// A truth value of two.
macro_rules! truth {
    (|$x:ident, $y:ident| $val:expr) => {
        (|d, [a, b, _]| {
            for ((d, &a), &b) in d.iter_mut().zip(pairs(a)).zip(pairs(b)) {
                let ($x, $y) = (pair(a), pair(b));
                *d = u32::from($val);
            }
        }) as LongFn
    };
}

/// A shift by a word.
macro_rules! shift {
    (|$x:ident, $by:ident| $val:expr) => {
        (|d, [a, b, _]| {
            for ((d, &a), &$by) in pairs_mut(d).iter_mut().zip(pairs(a)).zip(b) {
                let $x = pair(a);
                *d = unpair($val);
            }
        }) as LongFn
    };
}

/// A 64-bit integer of a word.
macro_rules! from {
    (|$x:ident| $val:expr) => {
        (|d, [a, ..]| {
            for (d, &$x) in pairs_mut(d).iter_mut().zip(a) {
                *d = unpair($val);
            }
        }) as LongFn
    };
}

/// A word of a 64-bit integer.
macro_rules! to {
    (|$x:ident| $val:expr) => {
        (|d, [a, ..]| {
            for (d, &a) in d.iter_mut().zip(pairs(a)) {
                let $x = pair(a);
                *d = $val;
            }
        }) as LongFn
    };
}

/// The operation on operands of these types; `None` where it is not defined, or has nothing to do with 64 bits.
pub fn long(math: Math, types: &[Scalar]) -> Option<LongOp> {
    use Scalar::{Bool, Long, U32};
    let wide = |run| Some(LongOp { run, gives_long: true });
    let narrow = |run| Some(LongOp { run, gives_long: false });
    match (math, types) {
        (Math::Cast(Long), [from]) => wide(widening(*from)),
        (Math::Cast(to), [Long]) => narrow(narrowing(to)),
        (math, [Long]) => wide(unary(math)?),
        (Math::Shl, [Long, U32]) => wide(shift!(|x, by| x.wrapping_shl(by))),
        (Math::Shr, [Long, U32]) => wide(shift!(|x, by| x.wrapping_shr(by))),
        (math, [Long, Long]) => match comparison(math) {
            Some(run) => narrow(run),
            None => wide(binary(math)?),
        },
        (Math::Select, [Bool, Long, Long]) => wide(|d, [c, a, b]| {
            let values = pairs(a).iter().zip(pairs(b));
            for ((d, &c), (&a, &b)) in pairs_mut(d).iter_mut().zip(c).zip(values) {
                *d = if c != 0 { a } else { b };
            }
        }),
        _ => None,
    }
}

fn widening(from: Scalar) -> LongFn {
    match from {
        Scalar::F32 => from!(|x| f32::from_bits(x) as i64),
        Scalar::I32 => from!(|x| (x as i32).into()),
        Scalar::U32 | Scalar::Bool => from!(|x| x.into()),
        Scalar::Long => one!(|x| x),
    }
}

fn narrowing(to: Scalar) -> LongFn {
    match to {
        Scalar::F32 => to!(|x| (x as f32).to_bits()),
        Scalar::Bool => to!(|x| u32::from(x != 0)),
        Scalar::I32 | Scalar::U32 | Scalar::Long => to!(|x| x as u32),
    }
}

fn unary(math: Math) -> Option<LongFn> {
    Some(match math {
        Math::Neg => one!(|x| x.wrapping_neg()),
        Math::Abs => one!(|x| x.wrapping_abs()),
        Math::Sign => one!(|x| x.signum()),
        Math::Not => one!(|x| !x),
        _ => return None,
    })
}

fn binary(math: Math) -> Option<LongFn> {
    Some(match math {
        Math::Add => two!(|x, y| x.wrapping_add(y)),
        Math::Sub => two!(|x, y| x.wrapping_sub(y)),
        Math::Mul => two!(|x, y| x.wrapping_mul(y)),
        Math::Div => two!(|x, y| if y == 0 { x } else { x.wrapping_div(y) }),
        Math::Rem => two!(|x, y| if y == 0 { 0 } else { x.wrapping_rem(y) }),
        Math::Min => two!(|x, y| x.min(y)),
        Math::Max => two!(|x, y| x.max(y)),
        Math::And => two!(|x, y| x & y),
        Math::Or => two!(|x, y| x | y),
        Math::Xor => two!(|x, y| x ^ y),
        Math::Shl => two!(|x, y| x.wrapping_shl(y as u32)),
        Math::Shr => two!(|x, y| x.wrapping_shr(y as u32)),
        _ => return None,
    })
}

fn comparison(math: Math) -> Option<LongFn> {
    Some(match math {
        Math::Eq => truth!(|x, y| x == y),
        Math::Ne => truth!(|x, y| x != y),
        Math::Lt => truth!(|x, y| x < y),
        Math::Le => truth!(|x, y| x <= y),
        Math::Gt => truth!(|x, y| x > y),
        Math::Ge => truth!(|x, y| x >= y),
        _ => return None,
    })
}

/// What a reduction of 64-bit integers begins with, and how it joins two states; `None` for those of several values.
pub fn fold_long(kind: FoldKind) -> Option<(i64, LongFn)> {
    let (unit, math) = match kind {
        FoldKind::Sum => (0, Math::Add),
        FoldKind::Prod => (1, Math::Mul),
        FoldKind::Max => (i64::MIN, Math::Max),
        FoldKind::Min => (i64::MAX, Math::Min),
        _ => return None,
    };
    Some((unit, binary(math)?))
}
