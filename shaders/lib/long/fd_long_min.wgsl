//: fn fd_long_min(vec2u, vec2u) -> vec2u
//: uses fd_long_lt
//: error exact
//: from the definition
fn fd_long_min(a: vec2u, b: vec2u) -> vec2u {
  return select(a, b, fd_long_lt(b, a));
}
