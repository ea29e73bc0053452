//: fn fd_pow_u32(u32, u32) -> u32
//: error exact
//: from the definition
fn fd_pow_u32(x: u32, y: u32) -> u32 {
  var n = y;
  var square = x;
  var product = 1u;
  for (var bit = 0u; bit < 32u; bit++) {
    product = select(product, product * square, (n & 1u) == 1u);
    square = square * square;
    n = n >> 1u;
  }
  return product;
}
