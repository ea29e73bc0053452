//: fn fd_join_mean(f32, f32, f32, f32) -> f32
//: error exact
//: from Chan, Golub, LeVeque 1979
fn fd_join_mean(mean_a: f32, count_a: f32, mean_b: f32, count_b: f32) -> f32 {
  let count = max(count_a + count_b, 1.0);
  let joined = mean_a + (mean_b - mean_a) * (count_b / count);
  return select(joined, mean_b, count_a == 0.0);
}
