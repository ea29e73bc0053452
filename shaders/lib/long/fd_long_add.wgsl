//: fn fd_long_add(vec2u, vec2u) -> vec2u
//: error exact
//: from the definition: the low words' sum is below either where it carries
fn fd_long_add(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + select(0u, 1u, low < a.x));
}
