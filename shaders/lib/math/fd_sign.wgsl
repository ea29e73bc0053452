//: fn fd_sign(f32) -> f32
//: uses fd_is_nan
//: error exact
//: from the definition
fn fd_sign(x: f32) -> f32 {
  return select(sign(x), x, fd_is_nan(x));
}
