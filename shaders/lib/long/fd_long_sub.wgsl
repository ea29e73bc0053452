//: fn fd_long_sub(vec2u, vec2u) -> vec2u
//: error exact
//: from the definition
fn fd_long_sub(a: vec2u, b: vec2u) -> vec2u {
  return vec2u(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}
