//: fn fd_pack_bf16(f32, f32) -> u32
//: uses fd_round_bf16
//: error exact
//: from the definition
fn fd_pack_bf16(low: f32, high: f32) -> u32 {
  return (bitcast<u32>(fd_round_bf16(low)) >> 16u) | (bitcast<u32>(fd_round_bf16(high)) & 0xffff0000u);
}
