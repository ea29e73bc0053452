//: fn fd_long_neg(vec2u) -> vec2u
//: error exact
//: from two's complement
fn fd_long_neg(x: vec2u) -> vec2u {
  return vec2u(~x.x + 1u, ~x.y + select(0u, 1u, x.x == 0u));
}
