//: fn fd_rem(f32, f32) -> f32
//: uses fd_is_nan
//: error relative 1e-4 absolute 1e-5 on -20..20, 0.5..20
//: from C fmod: the sign of the dividend
fn fd_rem(a: f32, b: f32) -> f32 {
  let size = abs(b);
  let quotient = trunc(abs(a) / size);
  // The product is taken in halves of 12 bits, which are exact: rounded, it would hide a rest that is nearly a divisor.
  let high = bitcast<f32>(bitcast<u32>(size) & 0xfffff000u);
  let much = bitcast<f32>(bitcast<u32>(quotient) & 0xfffff000u);
  let low = size - high;
  let few = quotient - much;
  var rest = ((abs(a) - high * much) - high * few - low * much) - low * few;
  // The quotient was rounded: the rest may lie one divisor off.
  rest = select(rest, rest + size, rest < 0.0);
  rest = select(rest, rest - size, rest >= size);
  // Of a quotient beyond all numbers nothing is known.
  rest = select(rest, 0.0, bitcast<u32>(quotient) == 0x7f800000u);
  let endless = (bitcast<u32>(a) & 0x7fffffffu) == 0x7f800000u;
  var nan_bits = 0x7fc00000u | (bitcast<u32>(a) & 1u);
  let signed_rest = bitcast<f32>(bitcast<u32>(rest) | (bitcast<u32>(a) & 0x80000000u));
  let value = select(signed_rest, bitcast<f32>(nan_bits), size == 0.0 || endless || fd_is_nan(a) || fd_is_nan(b));
  return select(value, a, (bitcast<u32>(b) & 0x7fffffffu) == 0x7f800000u && !fd_is_nan(a) && !endless);
}
