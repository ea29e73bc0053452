//: fn fd_f16_bits(f32) -> u32
//: error exact
//: from IEEE 754 binary16, to nearest, ties to even
fn fd_f16_bits(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  let whole = (size + 0xfffu + ((size >> 13u) & 1u) - 0x38000000u) >> 13u;
  let small = u32(round(bitcast<f32>(min(size, 0x38800000u)) * 16777216.0));
  var value = select(whole, small, size < 0x38800000u);
  value = select(value, 0x7c00u, size >= 0x477ff000u);
  value = select(value, 0x7e00u, size > 0x7f800000u);
  return value | ((bits >> 16u) & 0x8000u);
}
