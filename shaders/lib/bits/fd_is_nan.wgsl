//: fn fd_is_nan(f32) -> bool
//: error exact
//: from IEEE 754: drivers assume that floats are numbers, bits are not theirs to assume
fn fd_is_nan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}
