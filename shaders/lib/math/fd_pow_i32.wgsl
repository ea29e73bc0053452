//: fn fd_pow_i32(i32, i32) -> i32
//: error exact
//: from the definition
fn fd_pow_i32(x: i32, y: i32) -> i32 {
  var n = u32(max(y, 0));
  var square = x;
  var product = 1;
  for (var bit = 0u; bit < 31u; bit++) {
    product = select(product, product * square, (n & 1u) == 1u);
    square = square * square;
    n = n >> 1u;
  }
  // A negative exponent gives the integer part of the fraction.
  let odd = select(1, x, (y & 1) == 1);
  let fraction = select(0, odd, x == 1 || x == -1);
  return select(product, fraction, y < 0);
}
