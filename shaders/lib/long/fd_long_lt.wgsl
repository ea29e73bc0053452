//: fn fd_long_lt(vec2u, vec2u) -> bool
//: error exact
//: from the definition: the high words are signed
fn fd_long_lt(a: vec2u, b: vec2u) -> bool {
  let high = bitcast<i32>(a.y);
  let other = bitcast<i32>(b.y);
  return high < other || (high == other && a.x < b.x);
}
