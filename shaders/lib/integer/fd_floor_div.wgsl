//: fn fd_floor_div(i32, i32) -> i32
//: error exact
//: from the definition
fn fd_floor_div(a: i32, b: i32) -> i32 {
  let divisor = select(b, 1, b == 0);
  let quotient = a / divisor;
  let rest = a - quotient * divisor;
  return select(quotient, quotient - 1, rest != 0 && (rest < 0) != (divisor < 0));
}
