//: fn fd_rem_u32(u32, u32) -> u32
//: error exact
//: from WGSL: a zero divisor gives 0
fn fd_rem_u32(a: u32, b: u32) -> u32 {
  return a % select(b, 1u, b == 0u);
}
