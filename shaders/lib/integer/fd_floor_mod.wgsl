//: fn fd_floor_mod(i32, i32) -> i32
//: error exact
//: from the definition
fn fd_floor_mod(a: i32, b: i32) -> i32 {
  let divisor = select(b, 1, b == 0);
  let rest = a % divisor;
  return select(rest, rest + divisor, rest != 0 && (rest < 0) != (divisor < 0));
}
