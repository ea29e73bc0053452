//: fn fd_rem_i32(i32, i32) -> i32
//: error exact
//: from WGSL: a zero divisor gives 0
fn fd_rem_i32(a: i32, b: i32) -> i32 {
  let least = a == i32(-2147483648) && b == -1;
  return a % select(b, 1, b == 0 || least);
}
