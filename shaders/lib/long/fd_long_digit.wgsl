//: fn fd_long_digit(u32, u32, u32) -> u32
//: error exact
//: from Knuth, The Art of Computer Programming, volume 2, 4.3.1 D3: of `(top, next) / by`, where `by` has its highest bit, `top` is below it and `next` has 16 bits
fn fd_long_digit(top: u32, next: u32, by: u32) -> u32 {
  let high = max(by >> 16u, 1u);
  let low = by & 0xffffu;
  var digit = top / high;
  var rest = top - digit * high;
  if (digit > 0xffffu || digit * low > (rest << 16u) + next) {
    digit -= 1u;
    rest += high;
    if (rest <= 0xffffu && (digit > 0xffffu || digit * low > (rest << 16u) + next)) {
      digit -= 1u;
    }
  }
  return digit;
}
