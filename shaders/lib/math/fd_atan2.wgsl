//: fn fd_atan2(f32, f32) -> f32
//: uses fd_is_nan
//: error relative 2e-6 absolute 1e-6 on -20..20, -20..20
//: from argument reduction to tan(pi/8), polynomial fit of the arctangent
fn fd_atan2(y: f32, x: f32) -> f32 {
  let ay = abs(y);
  let ax = abs(x);
  let big = max(ax, ay);
  let ratio = select(min(ax, ay) / big, select(0.0, 1.0, ax == ay && ax > 0.0), big == 0.0 || ax == ay);
  // Of arguments above tan(pi/8) the arc of pi/4 is taken off.
  let reduced = ratio > 0.41421357;
  let t = select(ratio, (ratio - 1.0) / (ratio + 1.0), reduced);
  let q = t * t;
  let series = t * (1.0 + q * (-0.3333333 + q * (0.19999404 + q * (-0.1426849 + q * (0.10829741 + q * -0.0649189)))));
  var angle = series + select(0.0, 0.78539816, reduced);
  angle = select(angle, 1.5707964 - angle, ay > ax);
  angle = select(angle, 3.1415927 - angle, (bitcast<u32>(x) >> 31u) == 1u);
  angle = bitcast<f32>(bitcast<u32>(angle) | (bitcast<u32>(y) & 0x80000000u));
  return select(select(angle, x, fd_is_nan(x)), y, fd_is_nan(y));
}
