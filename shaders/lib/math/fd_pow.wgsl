//: fn fd_pow(f32, f32) -> f32
//: uses fd_is_nan
//: error relative 2e-5 absolute 1e-10 on 0.01..100, -4..4
//: from IEEE 754 pow
fn fd_pow(x: f32, y: f32) -> f32 {
  let whole = floor(y) == y;
  let odd = whole && abs(y) < 16777216.0 && abs(y - 2.0 * floor(y * 0.5)) == 1.0;
  // Small whole exponents by squaring: exact for whole numbers, and safe for negative bases.
  var n = u32(min(abs(y), 31.0));
  var square = x;
  var product = 1.0;
  for (var bit = 0u; bit < 5u; bit++) {
    product = select(product, product * square, (n & 1u) == 1u);
    square = square * square;
    n = n >> 1u;
  }
  product = select(product, 1.0 / product, y < 0.0);
  let root = exp2(y * log2(abs(x)));
  let power = select(root, -root, x < 0.0 && odd);
  var nan_bits = 0x7fc00000u | (bitcast<u32>(y) & 1u);
  var value = select(power, bitcast<f32>(nan_bits), x < 0.0 && !whole);
  value = select(value, product, whole && abs(y) <= 31.0);
  value = select(value, x, fd_is_nan(x));
  value = select(value, y, fd_is_nan(y));
  return select(value, 1.0, y == 0.0 || x == 1.0);
}
