//: fn fd_long_eq(vec2u, vec2u) -> bool
//: error exact
//: from the definition
fn fd_long_eq(a: vec2u, b: vec2u) -> bool {
  return a.x == b.x && a.y == b.y;
}
