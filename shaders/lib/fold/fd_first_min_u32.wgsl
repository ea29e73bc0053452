//: fn fd_first_min_u32(u32, u32, u32, u32) -> bool
//: error exact
//: from PyTorch: NaN before all, and the first index of equal values
fn fd_first_min_u32(x: u32, i: u32, best: u32, at: u32) -> bool {
  return x < best || (x == best && i < at);
}
