//: fn fd_f32_to_i32(f32) -> i32
//: uses fd_is_nan
//: error exact
//: from the definition
fn fd_f32_to_i32(x: f32) -> i32 {
  let inner = i32(clamp(x, -2147483648.0, 2147483520.0));
  let value = select(inner, 2147483647, x >= 2147483648.0);
  return select(value, 0, fd_is_nan(x));
}
