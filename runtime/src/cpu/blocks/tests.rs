//! Block programs against the interpreter of loops.

use super::compile;
use crate::cpu::cases::Case;
use crate::cpu::form::form;
use crate::cpu::{Level, Pool};

/// Checks a kernel against the loop interpreter at every level.
fn check(text: &str, sizes: &[(&str, i64)]) {
    let case = Case::new(text, sizes, 7);
    let form = form(&case.kernel, &case.sizes).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let pool = Pool::new(2);
    for level in Level::available() {
        let blocks = compile(&form, level).unwrap_or_else(|e| panic!("{e}\n{text}"));
        // SAFETY: the buffers are those of the case's kernel.
        case.check(&format!("blocks at {level}"), |buffers| unsafe { blocks.run(&pool, buffers) });
    }
}

#[test]
fn chains_of_operations_run_over_rows_of_any_length() {
    let text = "\
kernel chain(in x: f32[R, C], in y: f32[C], in s: f32[], out o: f32[R, C], out p: bool[R, C]) {
  axis r in R
  axis c in C
  for r c {
    let t: f32 = sin(x[r, c]) + cos(y[c]) * s[]
    o[r, c] = select(t < 0.0, t * t, exp(t) - 1.0)
    p[r, c] = t < 0.5
  }
}
";
    for (r, c) in [(1, 1), (3, 700), (40, 5), (2, 1537), (0, 4), (4, 0)] {
        check(text, &[("R", r), ("C", c)]);
    }
}

#[test]
fn transposes_pads_and_concatenations_find_their_elements() {
    let transpose = "\
kernel transpose(in x: f32[A, B], out o: f32[B, A]) {
  axis b in B
  axis a in A
  for b a { o[b, a] = x[a, b] }
}
";
    let pad = "\
kernel pad(in x: f32[A, B], out o: f32[A + 3, B + 2]) {
  axis a in A + 3
  axis b in B + 2
  for a b { o[a, b] = x[(a - 1)?, (b - 2)?] else 7.0 }
}
";
    let concat = "\
kernel concat(in x: f32[A, B], in y: f32[A, 4], out o: f32[A, B + 4]) {
  axis a in A
  axis b in B + 4
  for a b { o[a, b] = case b { 0..B => x[a, b], B..B + 4 => y[a, -B + b] * 2.0 } }
}
";
    let reshape = "\
kernel reshape(in x: f32[A*B], out o: f32[B, A]) {
  axis b in B
  axis a in A
  for b a { o[b, a] = x[(A*b + a) mod (A*B)] + f32(ix((A*b + a) div 3)) }
}
";
    for text in [transpose, pad, concat, reshape] {
        for (a, b) in [(1, 1), (5, 3), (17, 600), (70, 33)] {
            check(text, &[("A", a), ("B", b)]);
        }
    }
}

#[test]
fn rows_that_an_axis_repeats_may_vary_with_other_axes() {
    // The first two axes become one along which rows of `x` repeat; lanes run along the third.
    let text = "\
kernel turned(in x: f32[C, B], in y: f32[A, B, C], out o: f32[A, B, C]) {
  axis a in A
  axis b in B
  axis c in C
  for a b c { o[a, b, c] = y[a, b, c] + x[c, b] }
}
";
    for (a, b, c) in [(2, 3, 5), (3, 1, 600), (2, 40, 33), (5, 128, 1)] {
        check(text, &[("A", a), ("B", b), ("C", c)]);
    }
}

#[test]
fn rows_are_folded_and_used_again() {
    let softmax = "\
kernel softmax(in x: f32[R, K], in m: bool[R, K], out o: f32[R, K]) {
  axis r in R
  axis k in K
  for r {
    let t[k]: f32 = select(m[r, k], x[r, k], -3.0)
    fold m = max over k { t }
    let e[k]: f32 = exp(t - m)
    fold z = sum over k { e }
    o[r, k] over k = e / z
  }
}
";
    let norm = "\
kernel norm(in x: f32[R, K], in w: f32[K], out o: f32[R, K], out mu: f32[R]) {
  axis r in R
  axis k in K
  for r {
    fold mean, m2, n = welford over k { x[r, k] }
    mu[r] = mean
    o[r, k] over k = (x[r, k] - mean) * rsqrt(m2 / n + 0.00001) * w[k]
  }
}
";
    let argmax = "\
kernel argmax(in x: i32[R, K], in y: f32[R, K], out o: i32[R], out p: i32[R]) {
  axis r in R
  axis k in K
  for r {
    fold v, n = argmax over k { x[r, k], ix(k) }
    fold w, l = argmin over k { y[r, k], ix(k) }
    o[r] = n
    p[r] = l
  }
}
";
    for text in [softmax, norm, argmax] {
        for (r, k) in [(1, 1), (3, 5), (2, 64), (5, 1000), (70, 33)] {
            check(text, &[("R", r), ("K", k)]);
        }
    }
}

#[test]
fn columns_are_folded_lane_by_lane() {
    for fold in ["sum", "prod", "max", "min"] {
        let text = format!(
            "\
kernel columns(in x: f32[R, K], out o: f32[K]) {{
  axis k in K
  axis r in R
  for k {{
    fold s = {fold} over r {{ x[r, k] }}
    o[k] = s
  }}
}}
"
        );
        for (r, k) in [(1, 1), (3, 5), (9, 700), (70, 33), (0, 3)] {
            check(&text, &[("R", r), ("K", k)]);
        }
    }
    let best = "\
kernel best(in x: f32[R, K], out o: i32[K], out p: f32[K]) {
  axis k in K
  axis r in R
  for k {
    fold v, n = argmin over r { x[r, k], ix(r) }
    fold mean, m2, c = welford over r { x[r, k] }
    o[k] = n
    p[k] = mean + m2 + c
  }
}
";
    check(best, &[("R", 9), ("K", 600)]);
}

#[test]
fn everything_is_folded_into_one_number() {
    let text = "\
kernel total(in x: f32[A, B], in k: i32[A, B], out o: f32[], out n: i32[]) {
  axis a in A
  axis b in B
  fold s = sum over a b { x[a, b] }
  fold t = sum over a b { k[a, b] }
  o[] = s / 3.0
  n[] = t
}
";
    for (a, b) in [(1, 1), (30, 50), (7, 1)] {
        check(text, &[("A", a), ("B", b)]);
    }
}

#[test]
fn windows_and_products_are_folded() {
    let pool = "\
kernel pool(in x: f32[C, H, H], out o: f32[C, H div 2, H div 2]) {
  axis c in C
  axis y in H div 2
  axis u in H div 2
  axis ky in 3
  axis kx in 3
  for c y u {
    fold m = max over ky kx { x[c, (2*y + ky - 1)?, (2*u + kx - 1)?] else -inf }
    o[c, y, u] = m
  }
}
";
    let conv = "\
kernel conv(in x: f32[H, H, C], in w: f32[3, 3, C, J], in b: f32[J], out o: f32[H, H, J]) {
  axis y in H
  axis u in H
  axis j in J
  axis ky in 3
  axis kx in 3
  axis c in C
  for y u j {
    fold s = sum over ky kx c { x[(ky + y - 1)?, (kx + u - 1)?, c] else 0.0 * w[ky, kx, c, j] }
    o[y, u, j] = max(s + b[j], 0.0)
  }
}
";
    for (h, c, j) in [(2, 1, 1), (7, 3, 5), (12, 20, 70)] {
        check(pool, &[("H", h), ("C", c)]);
        check(conv, &[("H", h), ("C", c), ("J", j)]);
    }
}

#[test]
fn a_fold_inside_a_fold_and_families_of_folds() {
    let attention = "\
kernel attention(in q: f32[H, S, D], in kk: f32[H, S, D], in vv: f32[H, S, D], out o: f32[H, S, D]) {
  axis h in H
  axis i in S
  axis j in S
  axis d in D
  axis e in D
  for h i {
    fold s[j] = sum over d { q[h, i, d] * kk[h, j, d] }
    fold m = max over j { s }
    let p[j]: f32 = exp(s - m)
    fold z = sum over j { p }
    fold y[e] = sum over j { p * vv[h, j, e] }
    o[h, i, e] over e = y / z
  }
}
";
    let nested = "\
kernel nested(in x: f32[H, S, D], out o: f32[H]) {
  axis h in H
  axis j in S
  axis d in D
  for h {
    fold s = sum over j {
      fold t = max over d { x[h, j, d] }
      t * 2.0
    }
    o[h] = s
  }
}
";
    for (h, s, d) in [(1, 1, 1), (2, 5, 3), (3, 40, 16)] {
        check(attention, &[("H", h), ("S", s), ("D", d)]);
        check(nested, &[("H", h), ("S", s), ("D", d)]);
    }
}

#[test]
fn rows_are_gathered_and_scattered() {
    let text = "\
kernel gather(in t: f32[N, D], in ids: i32[L], inout h: f32[N], out o: f32[L, D]) {
  axis l in L
  axis d in D
  for l {
    let id: i32 = ids[l]
    h[id] if id < N merge sum = 1.0
    for d {
      o[l, d] = t[id?, d] else 9.0
    }
  }
  where L in 1..
}
";
    check(text, &[("N", 5), ("D", 3), ("L", 30)]);
    check(text, &[("N", 3), ("D", 600), ("L", 4)]);
}

#[test]
fn lanes_are_gathered_whether_all_of_them_fit_or_not() {
    let text = "\
kernel columns(in t: f32[D, 2*N], in h: f16[D, N], in ids: i32[L], out o: f32[D, L], out p: f16[D, L]) {
  axis d in D
  axis l in L
  for d l {
    let id: i32 = ids[l]
    o[d, l] = t[d, (2*id + 4)?] else 9.0
    p[d, l] = h[d, (id + 2)?] else 9.0
  }
}
";
    // Numbers from -2 to 6 are what the operand holds.
    check(text, &[("D", 3), ("N", 9), ("L", 700)]);
    check(text, &[("D", 3), ("N", 8), ("L", 700)]);
    check(text, &[("D", 2), ("N", 1), ("L", 40)]);
}

#[test]
fn one_value_is_scattered_to_places_that_a_repeated_row_names() {
    let text = "\
kernel scatter(in x: f32[], in ids: i32[R, C], inout h: f32[N, C]) {
  axis i in 3*R
  axis j in C
  for i j {
    let id: i32 = ids[i mod R, j]
    h[id, j] if id < N merge sum = x[]
  }
}
";
    check(text, &[("R", 2), ("C", 3), ("N", 4)]);
    check(text, &[("R", 1), ("C", 5), ("N", 4)]);
    check(text, &[("R", 3), ("C", 40), ("N", 2)]);
}

#[test]
fn narrow_types_are_widened_and_narrowed() {
    let text = "\
kernel narrow(in x: f16[N], in y: bf16[N], in z: i8[N], in u: u8[N], out o: f16[N], out p: i8[N]) {
  axis i in N
  for i {
    o[i] = x[i] + y[i] * f32(z[i]) + f32(u[i])
    p[i] = z[i] + 1
  }
}
";
    check(text, &[("N", 5)]);
    check(text, &[("N", 1300)]);
}

#[test]
fn short_rows_are_repeated_whatever_axis_is_the_lanes() {
    let text = "\
kernel pairs(in x: f32[A, 1, C], in y: f32[1, B, C], out o: f32[A, B, C]) {
  axis a in A
  axis b in B
  axis c in C
  for a b c { o[a, b, c] = x[a, 0, c] - y[0, b, c] }
}
";
    for a in [1, 7, 9, 40] {
        for (b, c) in [(1, 2), (2, 2), (3, 2), (2, 3), (4, 1), (40, 2), (2, 40)] {
            check(text, &[("A", a), ("B", b), ("C", c)]);
        }
    }
}

#[test]
fn integers_of_64_bits_have_lanes_of_two_words() {
    let chain = "\
kernel chain(in x: long[R, C], in y: long[C], in s: u32[], out o: long[R, C], out p: bool[R, C], out q: f32[R, C]) {
  axis r in R
  axis c in C
  for r c {
    let t: long = x[r, c] * y[c] - (x[r, c] / y[c] ^ 81985529216486895l)
    o[r, c] = select(t < 0l, neg(t) % 1000l, (t >> s[]) + long(q2))
    p[r, c] = t <= y[c]
    q[r, c] = f32(t)
  }
}
"
    .replace("long(q2)", "long(f32(y[c]) * 0.5)");
    for (r, c) in [(1, 1), (3, 700), (40, 5), (2, 1537), (0, 4)] {
        check(&chain, &[("R", r), ("C", c)]);
    }
    let folds = "\
kernel folds(in x: long[R, C], out a: long[R], out b: long[R], out w: i32[R], out m: long[C]) {
  axis r in R
  axis c in C
  for r {
    fold sums = sum over c { x[r, c] * 3l }
    fold least = min over c { x[r, c] }
    fold best, place = argmax over c { x[r, c], ix(c) }
    a[r] = sums
    b[r] = least + best
    w[r] = place
  }
  for c {
    fold most = max over r { x[r, c] }
    m[c] = most
  }
}
";
    for (r, c) in [(1, 1), (3, 700), (40, 5), (2, 1537), (70, 33)] {
        check(folds, &[("R", r), ("C", c)]);
    }
    let moved = "\
kernel moved(in x: long[A, B], in k: i32[A], out o: long[A + 3, B + 2], out h: long[A, B]) {
  axis a in A
  axis b in B
  axis d in A + 3
  axis e in B + 2
  for d e { o[d, e] = x[(d - 1)?, (e - 2)?] else -1152921504606846976l }
  for a b {
    let id: i32 = k[a]
    h[a, b] = x[id?, b] else 7l
  }
}
";
    check(moved, &[("A", 5), ("B", 300)]);
    let merged = "\
kernel merged(in x: long[], in k: i32[R], inout h: long[N, 3]) {
  axis i in R
  axis j in 3
  for i j {
    let id: i32 = k[i]
    h[id, j] if id < N merge sum = x[]
  }
}
";
    check(merged, &[("R", 9), ("N", 4)]);
}
