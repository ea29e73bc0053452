//: fn fd_first_max_f32(f32, u32, f32, u32) -> bool
//: uses fd_is_nan
//: error exact
//: from PyTorch: NaN before all, and the first index of equal values
fn fd_first_max_f32(x: f32, i: u32, best: f32, at: u32) -> bool {
  let x_nan = fd_is_nan(x);
  let best_nan = fd_is_nan(best);
  let first = i < at;
  let better = x > best || (x == best && first);
  return select(better && !best_nan, !best_nan || first, x_nan);
}
