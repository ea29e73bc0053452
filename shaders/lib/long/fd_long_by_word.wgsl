//: fn fd_long_by_word(vec2u, u32) -> u32
//: uses fd_long_digit
//: error exact
//: from Warren, Hacker's Delight, 9-4: the quotient by a word that is larger than the dividend's high word
fn fd_long_by_word(x: vec2u, word: u32) -> u32 {
  let shift = countLeadingZeros(max(word, 1u));
  let by = word << shift;
  let over = select(x.x >> (32u - max(shift, 1u)), 0u, shift == 0u);
  let top = (x.y << shift) | over;
  let rest = x.x << shift;
  let first = fd_long_digit(top, rest >> 16u, by);
  let left = (top << 16u) + (rest >> 16u) - first * by;
  return (first << 16u) + fd_long_digit(left, rest & 0xffffu, by);
}
