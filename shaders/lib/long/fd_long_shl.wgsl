//: fn fd_long_shl(vec2u, u32) -> vec2u
//: error exact
//: from the definition: the amount is taken modulo 64
fn fd_long_shl(x: vec2u, by: u32) -> vec2u {
  let bits = by & 31u;
  let low = x.x << bits;
  let over = select(x.x >> (32u - max(bits, 1u)), 0u, bits == 0u);
  return select(vec2u(low, (x.y << bits) | over), vec2u(0u, low), (by & 32u) != 0u);
}
