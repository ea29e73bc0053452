//: fn fd_first_max_i32(i32, u32, i32, u32) -> bool
//: error exact
//: from PyTorch: NaN before all, and the first index of equal values
fn fd_first_max_i32(x: i32, i: u32, best: i32, at: u32) -> bool {
  return x > best || (x == best && i < at);
}
