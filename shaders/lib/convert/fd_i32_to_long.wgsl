//: fn fd_i32_to_long(i32) -> vec2u
//: error exact
//: from the definition
fn fd_i32_to_long(x: i32) -> vec2u {
  return vec2u(bitcast<u32>(x), bitcast<u32>(x >> 31u));
}
