//: fn fd_f32_to_u32(f32) -> u32
//: uses fd_is_nan
//: error exact
//: from the definition
fn fd_f32_to_u32(x: f32) -> u32 {
  let inner = u32(clamp(x, 0.0, 4294967040.0));
  let value = select(inner, 4294967295u, x >= 4294967296.0);
  return select(value, 0u, fd_is_nan(x));
}
