//: fn fd_long_to_bool(vec2u) -> bool
//: error exact
//: from the definition
fn fd_long_to_bool(x: vec2u) -> bool {
  return (x.x | x.y) != 0u;
}
