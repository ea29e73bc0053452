//! What right means: the float64 rule.
//!
//! A result is right when its root-mean-square error is at most twice that of eager execution plus 1e-6 of the output's
//! scale, and no element is NaN or infinite where the reference is not. Integers and truth values are equal.

use ferrodyne::DType;
use ndarray::ArrayD;

/// Root-mean-square difference over the elements that are finite in the first.
pub(crate) fn rms(want: &ArrayD<f64>, got: &ArrayD<f64>) -> f64 {
    let pairs = want.iter().zip(got).filter(|(want, _)| want.is_finite());
    let (mut sum, mut count) = (0.0, 0.0);
    for (want, got) in pairs {
        sum += (want - got) * (want - got);
        count += 1.0;
    }
    if count > 0.0 { f64::sqrt(sum / count) } else { 0.0 }
}

/// What is wrong with a result; nothing where it is right. `allowed` is the error that eager execution or rounding has.
pub(crate) fn fault(
    dtype: DType,
    want: &ArrayD<f64>,
    got: &ArrayD<f64>,
    allowed: f64,
) -> Option<String> {
    if want.shape() != got.shape() {
        return Some(format!("the shape is {:?}, not {:?}", got.shape(), want.shape()));
    }
    let differs = |(k, (want, got)): (usize, (&f64, &f64))| {
        let wrong = match dtype.is_float() {
            true => want.is_finite() && !got.is_finite(),
            false => want != got,
        };
        wrong.then(|| format!("element {k} is {got}, not {want}"))
    };
    if let Some(text) = want.iter().zip(got).enumerate().find_map(differs) {
        return Some(text);
    }
    let scale = want.iter().filter(|v| v.is_finite()).fold(0.0, |m: f64, v| m.max(v.abs()));
    let (error, most) = (rms(want, got), 2.0 * allowed + 1e-6 * scale);
    if !dtype.is_float() || error <= most {
        return None;
    }
    let finite = want.iter().zip(got).enumerate().filter(|(_, (want, _))| want.is_finite());
    let worst = finite.max_by(|(_, a), (_, b)| (a.0 - a.1).abs().total_cmp(&(b.0 - b.1).abs()));
    let worst = worst.map(|(k, (want, got))| format!("; worst is element {k}: {got}, not {want}"));
    Some(format!("the error is {error:e}, more than {most:e}{}", worst.unwrap_or_default()))
}
