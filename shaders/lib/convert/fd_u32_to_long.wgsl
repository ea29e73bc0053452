//: fn fd_u32_to_long(u32) -> vec2u
//: error exact
//: from the definition
fn fd_u32_to_long(x: u32) -> vec2u {
  return vec2u(x, 0u);
}
