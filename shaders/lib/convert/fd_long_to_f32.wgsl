//: fn fd_long_to_f32(vec2u) -> f32
//: uses fd_long_abs
//: uses fd_long_shl
//: error exact
//: from IEEE 754: to the nearest, ties to even
fn fd_long_to_f32(x: vec2u) -> f32 {
  let whole = fd_long_abs(x);
  let zeros = select(countLeadingZeros(whole.y), 32u + countLeadingZeros(whole.x), whole.y == 0u);
  let top = fd_long_shl(whole, zeros);
  let digits = top.y >> 8u;
  let rest = top.y & 255u;
  let up = rest > 128u || (rest == 128u && (top.x != 0u || (digits & 1u) == 1u));
  let value = f32(digits + select(0u, 1u, up)) * bitcast<f32>((167u - zeros) << 23u);
  return select(value, -value, x.y >= 0x80000000u);
}
