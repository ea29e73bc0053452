//: fn fd_unpack_bf16(u32) -> vec2f
//: error exact
//: from the definition
fn fd_unpack_bf16(word: u32) -> vec2f {
  return vec2f(bitcast<f32>(word << 16u), bitcast<f32>(word & 0xffff0000u));
}
