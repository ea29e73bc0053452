//: fn fd_round_bf16(f32) -> f32
//: uses fd_is_nan
//: error exact
//: from bfloat16, to nearest, ties to even
fn fd_round_bf16(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let value = (bits + 0x7fffu + ((bits >> 16u) & 1u)) & 0xffff0000u;
  return bitcast<f32>(select(value, bits & 0xffff0000u | 0x400000u, fd_is_nan(x)));
}
