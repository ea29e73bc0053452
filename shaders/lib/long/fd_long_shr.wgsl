//: fn fd_long_shr(vec2u, u32) -> vec2u
//: error exact
//: from the definition: the sign is repeated, and the amount is taken modulo 64
fn fd_long_shr(x: vec2u, by: u32) -> vec2u {
  let bits = by & 31u;
  let sign = select(0u, 0xffffffffu, x.y >= 0x80000000u);
  let high = bitcast<u32>(bitcast<i32>(x.y) >> bits);
  let over = select(x.y << (32u - max(bits, 1u)), 0u, bits == 0u);
  return select(vec2u((x.x >> bits) | over, high), vec2u(high, sign), (by & 32u) != 0u);
}
