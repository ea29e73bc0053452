//: fn fd_tanh(f32) -> f32
//: uses fd_is_nan
//: error relative 5e-6 absolute 1e-12 on -20..20
//: from Taylor's series near 0, exponentials elsewhere
fn fd_tanh(x: f32) -> f32 {
  let q = x * x;
  let near = x * (1.0 + q * (-0.33333334 + q * (0.13333334 + q * (-0.053968254 + q * (0.021869488 - q * 0.008863236)))));
  let far = 1.0 - 2.0 / (exp(2.0 * min(abs(x), 12.0)) + 1.0);
  let value = select(select(far, -far, x < 0.0), near, abs(x) < 0.3);
  return select(value, x, fd_is_nan(x));
}
