//: fn fd_max(f32, f32) -> f32
//: uses fd_is_nan
//: error exact
//: from PyTorch: NaN if either is
fn fd_max(a: f32, b: f32) -> f32 {
  let best = max(a, b);
  return select(select(best, b, fd_is_nan(b)), a, fd_is_nan(a));
}
