//: fn fd_pow(f32, f32) -> f32
//: uses fd_is_nan
//: error relative 2e-5 absolute 1e-10 on 0.01..100, -4..4
//: from IEEE 754 pow
fn fd_pow(x: f32, y: f32) -> f32 {
  var infinity_bits = 0x7f800000u;
  let infinity = bitcast<f32>(infinity_bits);
  let size = bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu);
  let negative = bitcast<u32>(x) >> 31u == 1u;
  let endless = bitcast<u32>(size) == infinity_bits;
  let endless_power = (bitcast<u32>(y) & 0x7fffffffu) == infinity_bits;
  let whole = endless_power || floor(y) == y;
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
  let root = exp2(y * log2(size));
  let power = select(root, -root, negative && odd);
  var nan_bits = 0x7fc00000u | (bitcast<u32>(y) & 1u);
  var value = select(power, bitcast<f32>(nan_bits), negative && !whole);
  value = select(value, product, whole && abs(y) <= 31.0);
  // What a device makes of the logarithm of 0 and of infinities is up to its driver.
  let grows = (size > 1.0) == (y > 0.0);
  let limit = select(0.0, infinity, grows);
  let end = select(limit, -limit, negative && odd);
  value = select(value, end, endless || size == 0.0);
  value = select(value, select(limit, 1.0, size == 1.0), endless_power);
  value = select(value, x, fd_is_nan(x));
  value = select(value, y, fd_is_nan(y));
  return select(value, 1.0, y == 0.0 || x == 1.0);
}
