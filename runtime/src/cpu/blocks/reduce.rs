//! Steps of reductions whose state is several lanes.

use ferrodyne_plan::Scalar;

/// Joins values and indices into a state: lane by lane, or all into a state of one lane. NaN comes
/// first, and of equal values the smallest index.
pub(super) fn best(
    values: &mut [u32],
    indices: &mut [u32],
    a: &[u32],
    b: &[u32],
    max: bool,
    scalar: Scalar,
) {
    let one = values.len() == 1;
    for (i, (&a, &b)) in a.iter().zip(b).enumerate() {
        let to = if one { 0 } else { i };
        let (old, new) = (rank(values[to], max, scalar), rank(a, max, scalar));
        if new > old || new == old && (b as i32 as u32) < indices[to] {
            (values[to], indices[to]) = (a, b);
        }
    }
}

/// An integer that is larger where a value comes first.
#[inline(always)]
fn rank(bits: u32, max: bool, scalar: Scalar) -> i64 {
    let key = match scalar {
        Scalar::F32 if f32::from_bits(bits).is_nan() => return i64::MAX,
        // Both zeros are equal.
        Scalar::F32 if bits << 1 == 0 => 0,
        Scalar::F32 if bits >> 31 == 1 => -i64::from(bits & 0x7fff_ffff),
        Scalar::I32 => i64::from(bits as i32),
        _ => i64::from(bits),
    };
    if max { key } else { -key }
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
