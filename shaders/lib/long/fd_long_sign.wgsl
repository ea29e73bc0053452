//: fn fd_long_sign(vec2u) -> vec2u
//: error exact
//: from the definition
fn fd_long_sign(x: vec2u) -> vec2u {
  let positive = vec2u(select(0u, 1u, x.x != 0u || x.y != 0u), 0u);
  return select(positive, vec2u(0xffffffffu), x.y >= 0x80000000u);
}
