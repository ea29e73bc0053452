//: fn fd_long_mul(vec2u, vec2u) -> vec2u
//: error exact
//: from Knuth, The Art of Computer Programming, volume 2, 4.3.1 M, with digits of 16 bits
fn fd_long_mul(a: vec2u, b: vec2u) -> vec2u {
  let a0 = a.x & 0xffffu;
  let a1 = a.x >> 16u;
  let b0 = b.x & 0xffffu;
  let b1 = b.x >> 16u;
  let p01 = a0 * b1;
  let p10 = a1 * b0;
  let middle = ((a0 * b0) >> 16u) + (p01 & 0xffffu) + (p10 & 0xffffu);
  let carried = a1 * b1 + (p01 >> 16u) + (p10 >> 16u) + (middle >> 16u);
  return vec2u(a.x * b.x, carried + a.x * b.y + a.y * b.x);
}
