//! Branch-free scalar maths in f32: a lane in, a lane out, written so that loops vectorise.
//!
//! Every function is generic over `FMA`: with it products and sums are rounded once, without it
//! no function calls a software `fmaf`. NaN goes in and comes out. Error bounds stand with each
//! function and are tested against f64. Sine and cosine hold for `|x| <= REDUCIBLE`; the lane
//! loops send larger arguments to the standard library.

/// The largest argument that [`sin`] and [`cos`] reduce with full precision.
pub const REDUCIBLE: f32 = 8192.0;

/// Adding and subtracting this rounds to an integer, and leaves that integer in the low bits.
const ROUND: f32 = 12_582_912.0;

/// `a * b + c`.
#[inline(always)]
pub fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// A polynomial by Horner's rule, the highest coefficient first.
#[inline(always)]
fn poly<const FMA: bool, const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[0];
    let mut i = 1;
    while i < N {
        sum = fma::<FMA>(sum, x, coefficients[i]);
        i += 1;
    }
    sum
}

/// The smaller of `x` and `limit`, NaN where `x` is.
#[inline(always)]
fn at_most(x: f32, limit: f32) -> f32 {
    if x > limit { limit } else { x }
}

/// The larger of `x` and `limit`, NaN where `x` is.
#[inline(always)]
fn at_least(x: f32, limit: f32) -> f32 {
    if x < limit { limit } else { x }
}

/// Two to the power of an integer in -126..=127.
#[inline(always)]
fn exp2_int(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

/// `exp(x) = 2^n * (1 + p)`: gives `n` and `1 + p` for arguments that overflow no i32.
#[inline(always)]
fn exp_parts<const FMA: bool>(x: f32) -> (i32, f32) {
    let shifted = fma::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = fma::<FMA>(n, -0.693_359_4, x);
    let r = fma::<FMA>(n, 2.121_944_4e-4, r);
    let p = poly::<FMA, 6>(
        r,
        [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5],
    );
    let q = fma::<FMA>(p * r, r, r) + 1.0;
    (shifted.to_bits().wrapping_sub(ROUND.to_bits()) as i32, q)
}

/// e to the x; 0 below -104, infinity above 88.73. Relative error 2e-7 where the result is
/// normal.
#[inline(always)]
pub fn exp<const FMA: bool>(x: f32) -> f32 {
    let (n, q) = exp_parts::<FMA>(at_least(at_most(x, 89.0), -104.0));
    // One step would leave the range of exponents at both ends.
    let half = n >> 1;
    q * exp2_int(half) * exp2_int(n.wrapping_sub(half))
}

/// e to the x for `x <= 0`; results below 2^-126 are 0. Relative error 2e-7 above that.
#[inline(always)]
pub fn exp_nonpositive<const FMA: bool>(x: f32) -> f32 {
    let (n, q) = exp_parts::<FMA>(at_least(x, -87.9));
    q * exp2_int(n)
}

/// e to the x less 1, without cancellation near 0. Relative error 4e-7.
#[inline(always)]
pub fn expm1<const FMA: bool>(x: f32) -> f32 {
    let tail = poly::<FMA, 7>(
        x,
        [1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5],
    );
    let small = fma::<FMA>(tail * x, x, x);
    let large = exp::<FMA>(x) - 1.0;
    if x.abs() < 0.5 { small } else { large }
}

/// The natural logarithm; -infinity at 0, NaN below. Relative error 2e-7, near 1 too.
#[inline(always)]
pub fn log<const FMA: bool>(x: f32) -> f32 {
    let tiny = x < f32::MIN_POSITIVE;
    let scaled = if tiny { x * 8_388_608.0 } else { x };
    let bits = scaled.to_bits();
    // The mantissa lies in sqrt(1/2)..sqrt(2).
    let e = (bits.wrapping_sub(0x3f35_04f3) as i32) >> 23;
    let m = f32::from_bits(bits.wrapping_sub((e << 23) as u32)) - 1.0;
    let e = e as f32 - if tiny { 23.0 } else { 0.0 };
    let p = poly::<FMA, 9>(
        m,
        [
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_7e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        ],
    );
    let square = m * m;
    let y = fma::<FMA>(e, -2.121_944_4e-4, m * square * p);
    let y = fma::<FMA>(-0.5, square, y);
    let y = fma::<FMA>(e, 0.693_359_4, m + y);
    let y = if x == f32::INFINITY { x } else { y };
    let y = if x == 0.0 { f32::NEG_INFINITY } else { y };
    if x < 0.0 || x.is_nan() { f32::NAN } else { y }
}

/// log(1 + x), without cancellation near 0. Relative error 4e-7.
#[inline(always)]
pub fn log1p<const FMA: bool>(x: f32) -> f32 {
    // Kahan: the rounding error of 1 + x is corrected by the quotient.
    let u = 1.0 + x;
    let corrected = log::<FMA>(u) * (x / (u - 1.0));
    let plain = if u == 1.0 { x } else { corrected };
    if x == f32::INFINITY {
        x
    } else if u <= 0.0 {
        log::<FMA>(u)
    } else {
        plain
    }
}

/// Quadrant, and the sine and cosine of what is left of `x` in -pi/4..pi/4.
#[inline(always)]
fn sin_cos_reduced<const FMA: bool>(x: f32) -> (u32, f32, f32) {
    let shifted = fma::<FMA>(x, std::f32::consts::FRAC_2_PI, ROUND);
    let n = shifted - ROUND;
    let r = fma::<FMA>(n, -1.570_312_5, x);
    let r = fma::<FMA>(n, -4.837_513e-4, r);
    let r = fma::<FMA>(n, -7.549_79e-8, r);
    let s = r * r;
    let sin = poly::<FMA, 3>(s, [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1]);
    let cos = poly::<FMA, 3>(s, [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2]);
    let sin = fma::<FMA>(sin * s, r, r);
    let cos = fma::<FMA>(cos, s * s, fma::<FMA>(-0.5, s, 1.0));
    (shifted.to_bits(), sin, cos)
}

/// The sine of radians within [`REDUCIBLE`]. Absolute error 2e-7.
#[inline(always)]
pub fn sin<const FMA: bool>(x: f32) -> f32 {
    let (quadrant, sin, cos) = sin_cos_reduced::<FMA>(x);
    let y = if quadrant & 1 == 0 { sin } else { cos };
    f32::from_bits(y.to_bits() ^ ((quadrant & 2) << 30))
}

/// The cosine of radians within [`REDUCIBLE`]. Absolute error 2e-7.
#[inline(always)]
pub fn cos<const FMA: bool>(x: f32) -> f32 {
    let (quadrant, sin, cos) = sin_cos_reduced::<FMA>(x);
    let y = if quadrant & 1 == 0 { cos } else { sin };
    f32::from_bits(y.to_bits() ^ ((quadrant.wrapping_add(1) & 2) << 30))
}

/// The hyperbolic tangent. Relative error 5e-7.
///
/// The rational approximation 13/6 that Eigen uses.
#[inline(always)]
pub fn tanh<const FMA: bool>(x: f32) -> f32 {
    let c = at_least(at_most(x, 7.905_311), -7.905_311);
    let s = c * c;
    let p = poly::<FMA, 7>(
        s,
        [
            -2.760_768_5e-16,
            2.000_188e-13,
            -8.604_672e-11,
            5.122_297_1e-8,
            1.485_722_4e-5,
            6.372_619_3e-4,
            4.893_524_6e-3,
        ],
    );
    let q = poly::<FMA, 4>(s, [1.198_258_4e-6, 1.185_347_1e-4, 2.268_434_6e-3, 4.893_525e-3]);
    let y = c * p / q;
    let y = if x.abs() < 4e-4 { x } else { y };
    if x.abs() > 9.0 { 1f32.copysign(x) } else { y }
}

/// Where the two forms of [`erf`] meet.
const ERF_FAR: f32 = 0.93;

/// The error function. Relative error 1.5e-7.
///
/// Below [`ERF_FAR`] an odd polynomial, above it `1 - e^-p(|x|)`; the coefficients make the largest error least.
#[inline(always)]
pub fn erf<const FMA: bool>(x: f32) -> f32 {
    let (size, square) = (x.abs(), x * x);
    let rest = poly::<FMA, 7>(
        square,
        [
            8.316_992e-5,
            -8.130_074e-4,
            5.199_913_4e-3,
            -2.685_894_4e-2,
            1.128_368_75e-1,
            -3.761_263_2e-1,
            1.283_791_7e-1,
        ],
    );
    let near = fma::<FMA>(rest, x, x);
    let decay = poly::<FMA, 7>(
        size,
        [
            1.188_571_5e-5,
            -3.293_117_6e-4,
            3.668_734_3e-3,
            -2.381_721_5e-2,
            1.063_003_9e-1,
            6.351_132_4e-1,
            1.128_657_8,
        ],
    );
    let far = (1.0 - exp_nonpositive::<FMA>(-(decay * size))).copysign(x);
    if size >= ERF_FAR { far } else { near }
}

/// The logistic function `1 / (1 + exp(-x))`. Relative error 4e-7 where the result is normal.
#[inline(always)]
pub fn sigmoid<const FMA: bool>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<FMA>(-x))
}

/// The nearest integer, ties to even. Exact.
#[inline(always)]
pub fn round(x: f32) -> f32 {
    x.round_ties_even()
}

/// -1, 0 or 1; NaN where `x` is.
#[inline(always)]
pub fn sign(x: f32) -> f32 {
    let y = if x > 0.0 { 1.0 } else { x };
    if x < 0.0 { -1.0 } else { y }
}

/// The larger of two; NaN where either is.
#[inline(always)]
pub fn max(a: f32, b: f32) -> f32 {
    let y = if a > b { a } else { b };
    // `y` is `b` where `a` is NaN.
    if a.is_nan() { a } else { y }
}

/// The smaller of two; NaN where either is.
#[inline(always)]
pub fn min(a: f32, b: f32) -> f32 {
    let y = if a < b { a } else { b };
    if a.is_nan() { a } else { y }
}

/// The remainder with the sign of the dividend, as in C and WGSL.
#[inline(always)]
pub fn rem(a: f32, b: f32) -> f32 {
    a % b
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points over a range, with the ends and numbers around 0.
    fn points(low: f32, high: f32) -> impl Iterator<Item = f32> {
        let n = 40_000;
        let step = (high as f64 - low as f64) / n as f64;
        let even = (0..=n).map(move |i| (low as f64 + i as f64 * step) as f32);
        let tiny = (-30..10).flat_map(|e| [2f32.powi(e) * 1.1, -(2f32.powi(e)) * 1.3]);
        even.chain(tiny).filter(move |x| (low..=high).contains(x))
    }

    /// Asserts `|f - exact| <= relative * |exact| + absolute` with and without FMA.
    fn check(
        name: &str,
        range: (f32, f32),
        f: [fn(f32) -> f32; 2],
        exact: fn(f64) -> f64,
        (relative, absolute): (f64, f64),
    ) {
        for x in points(range.0, range.1) {
            let want = exact(x as f64);
            for f in f {
                let error = (f(x) as f64 - want).abs();
                let bound = relative * want.abs() + absolute;
                assert!(error <= bound, "{name}({x}) = {}, exactly {want}: error {error}", f(x));
            }
        }
    }

    fn erf_exact(x: f64) -> f64 {
        // The Maclaurin series, exact in f64 to 1e-10 for |x| <= 4.
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while n < 200.0 {
            n += 1.0;
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn errors_stay_below_the_stated_bounds() {
        let normal = (-87.0, 88.7);
        check("exp", normal, [exp::<true>, exp::<false>], f64::exp, (2e-7, 0.0));
        let below = [exp_nonpositive::<true>, exp_nonpositive::<false>];
        check("exp_nonpositive", (-87.0, 0.0), below, f64::exp, (2e-7, 0.0));
        check("expm1", (-20.0, 80.0), [expm1::<true>, expm1::<false>], f64::exp_m1, (4e-7, 0.0));
        check("log", (1e-38, 4.0), [log::<true>, log::<false>], f64::ln, (2e-7, 0.0));
        check("log", (4.0, 3e38), [log::<true>, log::<false>], f64::ln, (2e-7, 0.0));
        check("log1p", (-0.99, 9.0), [log1p::<true>, log1p::<false>], f64::ln_1p, (4e-7, 0.0));
        let wide = (-REDUCIBLE, REDUCIBLE);
        check("sin", wide, [sin::<true>, sin::<false>], f64::sin, (0.0, 2e-7));
        check("cos", wide, [cos::<true>, cos::<false>], f64::cos, (0.0, 2e-7));
        check("sin", (-6.0, 6.0), [sin::<true>, sin::<false>], f64::sin, (0.0, 2e-7));
        check("tanh", (-12.0, 12.0), [tanh::<true>, tanh::<false>], f64::tanh, (5e-7, 0.0));
        check("erf", (-4.0, 4.0), [erf::<true>, erf::<false>], erf_exact, (1.5e-7, 1e-9));
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        check("sigmoid", normal, [sigmoid::<true>, sigmoid::<false>], logistic, (4e-7, 0.0));
    }

    #[test]
    fn ends_of_the_ranges_are_exact() {
        for exp in [exp::<true>, exp::<false>] {
            assert_eq!([exp(f32::NEG_INFINITY), exp(-200.0), exp(0.0)], [0.0, 0.0, 1.0]);
            assert_eq!([exp(f32::INFINITY), exp(89.0), exp(1e30)], [f32::INFINITY; 3]);
            assert!(exp(-95.0) > 0.0, "results below the normal range are kept");
        }
        for exp in [exp_nonpositive::<true>, exp_nonpositive::<false>] {
            assert_eq!([exp(f32::NEG_INFINITY), exp(-200.0), exp(0.0)], [0.0, 0.0, 1.0]);
        }
        for log in [log::<true>, log::<false>] {
            assert_eq!(
                [log(0.0), log(-0.0), log(1.0)],
                [f32::NEG_INFINITY, f32::NEG_INFINITY, 0.0]
            );
            assert_eq!(log(f32::INFINITY), f32::INFINITY);
            assert!(log(-1.0).is_nan());
            assert!((log(1e-42) as f64 - (1e-42f32 as f64).ln()).abs() < 1e-5);
        }
        assert_eq!(
            [log1p::<true>(-1.0), log1p::<true>(f32::INFINITY)],
            [f32::NEG_INFINITY, f32::INFINITY]
        );
        assert_eq!([tanh::<true>(50.0), tanh::<true>(f32::NEG_INFINITY)], [1.0, -1.0]);
        assert_eq!([erf::<true>(9.0), erf::<true>(f32::NEG_INFINITY)], [1.0, -1.0]);
        assert_eq!([sigmoid::<true>(-200.0), sigmoid::<true>(200.0)], [0.0, 1.0]);
    }

    #[test]
    fn nan_goes_in_and_comes_out() {
        let functions: [fn(f32) -> f32; 11] = [
            exp::<true>,
            exp_nonpositive::<true>,
            expm1::<true>,
            log::<true>,
            log1p::<true>,
            sin::<true>,
            cos::<true>,
            tanh::<true>,
            erf::<true>,
            sigmoid::<true>,
            sign,
        ];
        for (i, f) in functions.into_iter().enumerate() {
            assert!(f(f32::NAN).is_nan(), "function {i}");
        }
        for f in [max, min] {
            assert!(f(f32::NAN, 1.0).is_nan() && f(1.0, f32::NAN).is_nan());
        }
        assert_eq!([max(1.0, 2.0), min(1.0, 2.0), sign(-0.5), sign(0.0)], [2.0, 1.0, -1.0, 0.0]);
    }
}
