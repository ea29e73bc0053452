//: fn fd_pack_f16(f32, f32) -> u32
//: uses fd_f16_bits
//: error exact
//: from the definition
fn fd_pack_f16(low: f32, high: f32) -> u32 {
  return fd_f16_bits(low) | (fd_f16_bits(high) << 16u);
}
