//: fn fd_rem(f32, f32) -> f32
//: uses fd_is_nan
//: error relative 1e-4 absolute 1e-5 on -20..20, 0.5..20
//: from C fmod: the sign of the dividend
fn fd_rem(a: f32, b: f32) -> f32 {
  let size = abs(b);
  var rest = abs(a) - size * trunc(abs(a) / size);
  // The quotient was rounded: the rest may lie one divisor off.
  rest = select(rest, rest + size, rest < 0.0);
  rest = select(rest, rest - size, rest >= size);
  var nan_bits = 0x7fc00000u | (bitcast<u32>(a) & 1u);
  let signed_rest = bitcast<f32>(bitcast<u32>(rest) | (bitcast<u32>(a) & 0x80000000u));
  let value = select(signed_rest, bitcast<f32>(nan_bits), size == 0.0 || fd_is_nan(a) || fd_is_nan(b));
  return select(value, a, (bitcast<u32>(b) & 0x7fffffffu) == 0x7f800000u && !fd_is_nan(a));
}
