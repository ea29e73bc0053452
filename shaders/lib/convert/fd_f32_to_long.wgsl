//: fn fd_f32_to_long(f32) -> vec2u
//: uses fd_is_nan
//: uses fd_long_neg
//: uses fd_long_shl
//: error exact
//: from Rust: truncates, saturates, and NaN is 0
fn fd_f32_to_long(x: f32) -> vec2u {
  let bits = bitcast<u32>(x);
  let power = (bits >> 23u) & 255u;
  let digits = (bits & 0x7fffffu) | 0x800000u;
  let small = vec2u(digits >> min(150u - min(power, 150u), 31u), 0u);
  let large = fd_long_shl(vec2u(digits, 0u), max(power, 150u) - 150u);
  var value = select(small, large, power > 150u);
  let negative = bits >= 0x80000000u;
  if (power >= 190u) {
    value = select(vec2u(0xffffffffu, 0x7fffffffu), vec2u(0u, 0x80000000u), negative);
  } else if (negative) {
    value = fd_long_neg(value);
  }
  return select(value, vec2u(0u), fd_is_nan(x));
}
