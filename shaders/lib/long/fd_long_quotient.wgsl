//: fn fd_long_quotient(vec2u, vec2u) -> vec2u
//: uses fd_long_by_word
//: uses fd_long_shl
//: uses fd_long_mul
//: uses fd_long_sub
//: error exact
//: from Warren, Hacker's Delight, 9-5: unsigned; nothing is promised of a zero divisor. No loop: some drivers end invocations after 65,535 iterations
fn fd_long_quotient(a: vec2u, b: vec2u) -> vec2u {
  if (b.y == 0u) {
    let by = max(b.x, 1u);
    let high = a.y / by;
    return vec2u(fd_long_by_word(vec2u(a.x, a.y - high * by), by), high);
  }
  let shift = countLeadingZeros(b.y);
  let half = vec2u((a.x >> 1u) | (a.y << 31u), a.y >> 1u);
  let near = fd_long_by_word(half, fd_long_shl(b, shift).y);
  let guess = near >> (31u - shift);
  let low = vec2u(guess - select(0u, 1u, guess != 0u), 0u);
  let rest = fd_long_sub(a, fd_long_mul(low, b));
  let more = rest.y > b.y || (rest.y == b.y && rest.x >= b.x);
  return vec2u(low.x + select(0u, 1u, more), 0u);
}
