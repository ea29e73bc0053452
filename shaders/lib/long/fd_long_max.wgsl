//: fn fd_long_max(vec2u, vec2u) -> vec2u
//: uses fd_long_lt
//: error exact
//: from the definition
fn fd_long_max(a: vec2u, b: vec2u) -> vec2u {
  return select(a, b, fd_long_lt(a, b));
}
