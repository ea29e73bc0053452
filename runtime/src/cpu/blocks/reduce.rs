//! Steps of reductions whose state is several lanes.

use ferrodyne_plan::Scalar;

use crate::cpu::Level;
use crate::cpu::lanes::per_level;

/// Compiles the loops of [`best`] for an order of keys and a level: the value with the largest key wins.
macro_rules! by_key {
    ($level:expr, $state:expr, $a:expr, $b:expr, |$bits:ident| $key:expr) => {{
        let join = per_level!($level, fn(values: &mut [u32], indices: &mut [u32], a: &[u32], b: &[u32]) {
            let key = |$bits: u32| -> i32 { $key };
            if values.len() > 1 {
                let old = values.iter_mut().zip(indices.iter_mut());
                for ((value, index), (&a, &b)) in old.zip(a.iter().zip(b)) {
                    let (before, now) = (key(*value), key(a));
                    let wins = (now > before) | ((now == before) & (b < *index));
                    *value = if wins { a } else { *value };
                    *index = if wins { b } else { *index };
                }
                return;
            }
            let most = largest(a, key);
            let before = key(values[0]);
            if a.is_empty() || most < before {
                return;
            }
            let first = smallest_of(a, b, |a| key(a) == most);
            if most > before || first < indices[0] {
                // The value is that of the index: equal keys may have other bits.
                let is_it = |(&b, &a): (&u32, &u32)| b == first && key(a) == most;
                // Indices mostly follow each other.
                let near = first.wrapping_sub(b[0]) as usize;
                let at = match b.get(near).zip(a.get(near)).is_some_and(is_it) {
                    true => Some(near),
                    false => b.iter().zip(a).position(is_it),
                };
                (values[0], indices[0]) = (at.map_or(values[0], |at| a[at]), first);
            }
        });
        let [values, indices] = $state;
        // SAFETY: the level is one of this processor, as the executor looked it up.
        unsafe { join(values, indices, $a, $b) }
    }};
}

/// Joins values and indices into a state: lane by lane, or all into a state of one lane. NaN comes
/// first, and of equal values the smallest index.
pub(super) fn best(
    state: [&mut [u32]; 2],
    [a, b]: [&[u32]; 2],
    max: bool,
    scalar: Scalar,
    level: Level,
) {
    match (scalar, max) {
        (Scalar::F32, true) => by_key!(level, state, a, b, |bits| float_key(bits, 0)),
        (Scalar::F32, false) => by_key!(level, state, a, b, |bits| float_key(bits, -1)),
        (Scalar::I32, true) => by_key!(level, state, a, b, |bits| bits as i32),
        (Scalar::I32, false) => by_key!(level, state, a, b, |bits| !(bits as i32)),
        (_, true) => by_key!(level, state, a, b, |bits| (bits ^ 1 << 31) as i32),
        (_, false) => by_key!(level, state, a, b, |bits| !(bits ^ 1 << 31) as i32),
    }
}

/// An integer that is larger where a float comes first; `flip` is -1 where the smallest does. Both zeros are equal.
#[inline(always)]
fn float_key(bits: u32, flip: i32) -> i32 {
    let signed = bits as i32;
    let ordered = if bits << 1 == 0 { 0 } else { signed ^ ((signed >> 31) & 0x7fff_ffff) };
    if bits & 0x7fff_ffff > 0x7f80_0000 { i32::MAX } else { ordered ^ flip }
}

/// Lanes that a search keeps, so that its loops become vectors.
const LANES: usize = 32;

/// The largest key of some values.
#[inline(always)]
fn largest(values: &[u32], key: impl Fn(u32) -> i32 + Copy) -> i32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut most = [i32::MIN; LANES];
    for chunk in chunks {
        for (most, &value) in most.iter_mut().zip(chunk) {
            *most = (*most).max(key(value));
        }
    }
    rest.iter().map(|&value| key(value)).chain(most).fold(i32::MIN, i32::max)
}

/// The smallest index of those whose values pass.
#[inline(always)]
fn smallest_of(values: &[u32], indices: &[u32], passes: impl Fn(u32) -> bool + Copy) -> u32 {
    let index = |value: u32, index: u32| if passes(value) { index } else { u32::MAX };
    let ((a, rest), (b, rest_of_b)) = (values.as_chunks::<LANES>(), indices.as_chunks::<LANES>());
    let mut first = [u32::MAX; LANES];
    for (a, b) in a.iter().zip(b) {
        for (first, (&a, &b)) in first.iter_mut().zip(a.iter().zip(b)) {
            *first = (*first).min(index(a, b));
        }
    }
    let rest = rest.iter().zip(rest_of_b).map(|(&a, &b)| index(a, b));
    rest.chain(first).fold(u32::MAX, u32::min)
}

/// Joins values into mean, sum of squared deviations and count: lane by lane, or all into one.
pub(super) fn moments(mean: &mut [u32], m2: &mut [u32], count: &mut [u32], a: &[u32]) {
    if mean.len() == 1 && a.len() > 1 {
        let all = moments_of(a);
        let old = [mean[0], m2[0], count[0]].map(f32::from_bits);
        let new = join(old, all);
        [mean[0], m2[0], count[0]] = new.map(f32::to_bits);
        return;
    }
    for (((mean, m2), count), &a) in mean.iter_mut().zip(m2).zip(count).zip(a) {
        let old = [*mean, *m2, *count].map(f32::from_bits);
        let delta = f32::from_bits(a) - old[0];
        let n = old[2] + 1.0;
        let new = old[0] + delta / n;
        *mean = new.to_bits();
        *m2 = (old[1] + delta * (f32::from_bits(a) - new)).to_bits();
        *count = n.to_bits();
    }
}

/// Mean, sum of squared deviations and count of a block, in two passes over sixteen lanes.
fn moments_of(a: &[u32]) -> [f32; 3] {
    let sum = |f: &dyn Fn(f32) -> f32| {
        let mut lanes = [0f32; 16];
        for chunk in a.chunks(16) {
            for (lane, &a) in lanes.iter_mut().zip(chunk) {
                *lane += f(f32::from_bits(a));
            }
        }
        lanes.iter().sum::<f32>()
    };
    let n = a.len() as f32;
    let mean = sum(&|x| x) / n;
    [mean, sum(&|x| (x - mean) * (x - mean)), n]
}

fn join(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    if a[2] == 0.0 {
        return b;
    }
    let (n, delta) = (a[2] + b[2], b[0] - a[0]);
    [a[0] + delta * (b[2] / n), a[1] + b[1] + delta * delta * (a[2] * b[2] / n), n]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place that comes first: NaN before all, then the largest (or smallest) value, then the smallest index.
    fn first(values: &[f32], max: bool) -> usize {
        let wins = |a: f32, b: f32| match (a.is_nan(), b.is_nan()) {
            (true, nan) => !nan,
            (false, nan) => !nan && if max { a > b } else { a < b },
        };
        (1..values.len()).fold(0, |best, k| if wins(values[k], values[best]) { k } else { best })
    }

    #[test]
    fn the_first_of_the_best_wins() {
        let special = [0.0, -0.0, 1.5, -1.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3.0];
        for seed in 0..200usize {
            let n = 1 + seed % 150;
            let most = if seed % 3 == 0 { 4 } else { 8 };
            let values: Vec<f32> =
                (0..n).map(|k| special[(k * k * 7 + seed * 13 + k * seed) % most]).collect();
            let bits: Vec<u32> = values.iter().map(|v| v.to_bits()).collect();
            let indices: Vec<u32> = (0..n as u32).map(|k| k * (1 + seed as u32 % 2)).collect();
            for max in [true, false] {
                let (mut value, mut index) = ([bits[0]], [0]);
                let (front, back) = bits.split_at(n / 2);
                let (low, high) = indices.split_at(n / 2);
                for (a, b) in [(front, low), (back, high)] {
                    let state = [&mut value[..], &mut index[..]];
                    best(state, [a, b], max, Scalar::F32, Level::current());
                }
                let want = first(&values, max);
                assert_eq!((index[0], value[0]), (indices[want], bits[want]), "{values:?} {max}");
            }
        }
    }
}
