//! The float64 rule: whether numbers are right, judged by the interpreter and by eager execution.

use ferrodyne_compiler::ops::element;
use ferrodyne_plan::HostTensor;

/// How a result compares with the interpreter's.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whether the result is right.
    pub agrees: bool,
    /// Root mean square of the error.
    pub error: f64,
    /// Root mean square of the error of eager execution.
    pub eager_error: f64,
    /// Root mean square of what is right.
    pub scale: f64,
    /// The largest error of an element.
    pub worst: f64,
    /// Position of that element in row-major order.
    pub at: usize,
}

/// Judges a result: its root mean square error is at most twice that of eager execution plus 1e-6 of the scale, and nothing is
/// infinite or NaN where the interpreter's result is not. Integers and truth values must be equal, as must shape and type.
pub fn judge(got: &HostTensor, want: &HostTensor, eager: &HostTensor) -> Verdict {
    let (g, w, e) = (element::values(got), element::values(want), element::values(eager));
    let error = root_mean_square(g.iter().zip(&w).map(|(a, b)| a - b));
    let eager_error = root_mean_square(e.iter().zip(&w).map(|(a, b)| a - b));
    let scale = root_mean_square(w.iter().copied());
    let differs = |(a, b): (&f64, &f64)| {
        let same = a == b || (a.is_nan() && b.is_nan());
        let error = (a - b).abs();
        if same {
            0.0
        } else if error.is_nan() {
            f64::INFINITY
        } else {
            error
        }
    };
    let errors = g.iter().zip(&w).map(differs).enumerate();
    let (at, worst) = errors.fold((0, 0.0), |most, next| if next.1 > most.1 { next } else { most });
    let finite = g.iter().zip(&w).all(|(a, b)| a.is_finite() || !b.is_finite());
    let close = match want.dtype.is_float() {
        true => finite && error <= 2.0 * eager_error + 1e-6 * scale,
        false => worst == 0.0,
    };
    let alike = got.dims == want.dims && got.dtype == want.dtype;
    Verdict { agrees: alike && close, error, eager_error, scale, worst, at }
}

/// The root of the mean of the squares of the finite values.
fn root_mean_square(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) =
        values.filter(|v| v.is_finite()).fold((0.0, 0), |(sum, n), v| (sum + v * v, n + 1));
    (sum / f64::from(n.max(1))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferrodyne_plan::DType;

    fn floats(values: &[f32]) -> HostTensor {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        HostTensor::new(DType::F32, vec![values.len()], bytes).expect("four bytes a value")
    }

    #[test]
    fn an_error_may_be_twice_that_of_eager_execution() {
        let (want, eager) = (floats(&[1.0, 2.0]), floats(&[1.0, 2.001]));
        assert!(judge(&floats(&[1.0, 2.0019]), &want, &eager).agrees);
        let wrong = judge(&floats(&[1.0, 2.003]), &want, &eager);
        assert!(!wrong.agrees);
        assert_eq!(wrong.at, 1);
    }

    #[test]
    fn what_is_not_finite_must_not_be_finite_in_the_interpreter() {
        let want = floats(&[1.0, f32::INFINITY]);
        assert!(judge(&want, &want, &want).agrees);
        assert!(!judge(&floats(&[f32::NAN, f32::INFINITY]), &want, &want).agrees);
    }

    #[test]
    fn other_shapes_never_agree() {
        assert!(!judge(&floats(&[1.0]), &floats(&[1.0, 1.0]), &floats(&[1.0, 1.0])).agrees);
    }
}
