//: fn fd_join_squares(f32, f32, f32, f32, f32, f32) -> f32
//: error exact
//: from Chan, Golub, LeVeque 1979
fn fd_join_squares(mean_a: f32, squares_a: f32, count_a: f32, mean_b: f32, squares_b: f32, count_b: f32) -> f32 {
  let count = max(count_a + count_b, 1.0);
  let delta = mean_b - mean_a;
  let joined = squares_a + squares_b + delta * delta * (count_a * count_b / count);
  return select(select(joined, squares_a, count_b == 0.0), squares_b, count_a == 0.0);
}
