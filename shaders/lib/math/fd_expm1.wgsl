//: fn fd_expm1(f32) -> f32
//: error relative 6e-6 absolute 1e-12 on -20..20
//: from Taylor's series near 0
fn fd_expm1(x: f32) -> f32 {
  let near = x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666668 + x * (0.008333334
    + x * (0.0013888889 + x * (0.00019841270 + x * (0.000024801588 + x * 0.0000027557319))))))));
  return select(exp(x) - 1.0, near, abs(x) < 0.5);
}
