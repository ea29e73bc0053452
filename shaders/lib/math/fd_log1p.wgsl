//: fn fd_log1p(f32) -> f32
//: error relative 4e-6 absolute 1e-12 on -0.9..1000
//: from ln(1 + x) = 2 artanh(x / (2 + x))
fn fd_log1p(x: f32) -> f32 {
  let s = x / (2.0 + x);
  let q = s * s;
  let near = 2.0 * s * (1.0 + q * (0.33333334 + q * (0.2 + q * (0.14285715 + q * (0.11111111 + q * 0.09090909)))));
  return select(log(1.0 + x), near, x > -0.3 && x < 0.5);
}
