//: fn fd_round_f16(f32) -> f32
//: error exact
//: from IEEE 754 binary16, to nearest, ties to even
fn fd_round_f16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  let whole = (size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u;
  let small = bitcast<u32>(round(bitcast<f32>(size) * 16777216.0) * 0.000000059604645);
  var value = select(whole, small, size < 0x38800000u);
  value = select(value, 0x7f800000u, size >= 0x477ff000u);
  value = select(value, 0x7fc00000u, size > 0x7f800000u);
  return bitcast<f32>(value | (bits & 0x80000000u));
}
