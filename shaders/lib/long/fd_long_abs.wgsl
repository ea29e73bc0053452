//: fn fd_long_abs(vec2u) -> vec2u
//: uses fd_long_neg
//: error exact
//: from the definition: the smallest number wraps to itself
fn fd_long_abs(x: vec2u) -> vec2u {
  return select(x, fd_long_neg(x), x.y >= 0x80000000u);
}
