//: fn fd_long_rem(vec2u, vec2u) -> vec2u
//: uses fd_long_div
//: uses fd_long_mul
//: uses fd_long_sub
//: error exact
//: from WGSL's remainder of i32: the sign of the dividend, and 0 for a zero divisor
fn fd_long_rem(a: vec2u, b: vec2u) -> vec2u {
  let value = fd_long_sub(a, fd_long_mul(fd_long_div(a, b), b));
  return select(value, vec2u(0u), b.x == 0u && b.y == 0u);
}
