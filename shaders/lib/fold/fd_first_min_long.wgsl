//: fn fd_first_min_long(vec2u, u32, vec2u, u32) -> bool
//: uses fd_long_lt
//: uses fd_long_eq
//: error exact
//: from PyTorch: the first index of equal values
fn fd_first_min_long(x: vec2u, i: u32, best: vec2u, at: u32) -> bool {
  return fd_long_lt(x, best) || (fd_long_eq(x, best) && i < at);
}
