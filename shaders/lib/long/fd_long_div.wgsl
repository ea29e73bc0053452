//: fn fd_long_div(vec2u, vec2u) -> vec2u
//: uses fd_long_abs
//: uses fd_long_neg
//: uses fd_long_quotient
//: error exact
//: from WGSL's division of i32: truncates, and a zero divisor gives the dividend
fn fd_long_div(a: vec2u, b: vec2u) -> vec2u {
  let magnitude = fd_long_quotient(fd_long_abs(a), fd_long_abs(b));
  let value = select(magnitude, fd_long_neg(magnitude), ((a.y ^ b.y) & 0x80000000u) != 0u);
  return select(value, a, b.x == 0u && b.y == 0u);
}
