//! Bytecode of kernels against the interpreter of loops.

use super::*;
use crate::cpu::Pool;
use crate::cpu::cases::Case;

/// Checks a kernel against the loop interpreter at every level, with variable operands and with
/// weights; returns whether it was taken for a contraction.
fn check(text: &str, sizes: &[(&str, i64)]) -> bool {
    check_code(text, sizes) == "product"
}

/// As [`check`], but names what the kernel was taken for.
fn check_code(text: &str, sizes: &[(&str, i64)]) -> &'static str {
    let case = Case::new(text, sizes, 3);
    let pool = Pool::new(2);
    let mut taken = "";
    for level in Level::available() {
        let code = Code::new(&case.kernel, &case.sizes, level).unwrap_or_else(|e| panic!("{e}"));
        taken = match code.0[0] {
            Piece::Blocks(_) => "blocks",
            Piece::Product(_) => "product",
            Piece::Windows(_) => "windows",
            Piece::Planes(_) => "planes",
        };
        let n = case.kernel.params.len();
        for weights in [vec![None; n], (0..n as u64).map(Some).collect()] {
            let (mut cache, mut scratch) = (Caches::default(), Scratch::default());
            for run in 0..2 {
                case.check(&format!("{level}, run {run}, weights {weights:?}"), |buffers| {
                    let setting = Setting { pool: &pool, level, buffers, weights: &weights };
                    // SAFETY: the buffers are those of the case's kernel.
                    unsafe { code.run(&setting, &mut cache, &mut scratch) };
                });
            }
        }
    }
    taken
}

const GEMM: &str = "\
kernel mm(in a: f32[M, K], in b: f32[K, N], in bias: f32[N], in res: f32[M, N], out o: f32[M, N]) {
  axis i in M
  axis j in N
  axis k in K
  for i j {
    fold c = sum over k { a[i, k] * b[k, j] }
    let h: f32 = c + bias[j]
    o[i, j] = h * 0.5 * (erf(h * 0.70710677) + 1.0) + res[i, j]
  }
}
";

#[test]
fn matrix_products_with_what_follows_them() {
    for (m, n, k) in [
        (200, 96, 20),
        (20, 30, 40),
        (7, 64, 300),
        (100, 130, 9),
        (1, 80, 64),
        (33, 100, 1),
        (90, 3, 50),
        (700, 2, 9),
    ] {
        let taken = check(GEMM, &[("M", m), ("N", n), ("K", k)]);
        assert_eq!(taken, m * n * k >= 4096, "{m} x {n} x {k}");
    }
}

#[test]
fn batches_may_be_stored_innermost() {
    let text = "\
kernel scores(in q: f32[S, H, D], in k: f32[T, H, D], in bias: f32[S, T], out o: f32[S, T, H]) {
  axis i in S
  axis j in T
  axis l in H
  axis c in D
  for i j l {
    fold s = sum over c { q[i, l, c] * k[j, l, c] }
    o[i, j, l] = s * 0.5 + bias[i, j]
  }
}
";
    for (s, t, h, d) in [(16, 24, 3, 40), (7, 33, 4, 9), (2, 50, 2, 64)] {
        let taken = check(text, &[("S", s), ("T", t), ("H", h), ("D", d)]);
        assert!(taken, "{s} {t} {h} {d}");
    }
}

#[test]
fn columns_are_stored_where_their_parts_belong() {
    let text = "\
kernel up(in x: f32[H, W, C], in w: f32[C, 4*F], in bias: f32[F], out o: f32[2*H, 2*W, F]) {
  axis i in H
  axis j in W
  axis p in 4*F
  axis c in C
  for i j p {
    fold s = sum over c { x[i, j, c] * w[c, p] }
    o[2*i + p div (2*F), 2*j + (p div F) mod 2, p mod F] = s + bias[p mod F]
  }
}
";
    for (h, w, c, f) in [(5, 7, 12, 8), (3, 4, 40, 3), (8, 8, 9, 16)] {
        assert!(check(text, &[("H", h), ("W", w), ("C", c), ("F", f)]), "{h} {w} {c} {f}");
    }
}

#[test]
fn transposed_batched_and_computed_operands() {
    let batched = "\
kernel scores(in q: f32[B, H, S, D], in kk: f32[B, S, H, D], in m: f32[B, S], out o: f32[B, H, S, S]) {
  axis b in B
  axis h in H
  axis i in S
  axis j in S
  axis d in D
  for b h i j {
    fold c = sum over d { q[b, h, i, d] * 0.125 * kk[b, j, h, d] }
    o[b, h, i, j] = c + m[b, j]
  }
}
";
    let plain = batched.replace(" * 0.125", "");
    let shared = "\
kernel shared(in x: f32[B, M, K], in w: f32[N, K], out o: f32[B, M, N]) {
  axis b in B
  axis i in M
  axis j in N
  axis k in K
  for b i j {
    fold c = sum over k { w[j, k] * max(x[b, i, k], 0.0) }
    o[b, i, j] = tanh(c)
  }
}
";
    for (b, h, s, d) in [(1, 3, 20, 16), (2, 2, 33, 40)] {
        assert!(check(batched, &[("B", b), ("H", h), ("S", s), ("D", d)]));
        assert!(check(&plain, &[("B", b), ("H", h), ("S", s), ("D", d)]));
    }
    assert!(check(shared, &[("B", 3), ("M", 20), ("N", 17), ("K", 50)]));
}

#[test]
fn convolutions_in_both_layouts() {
    let last = "\
kernel conv(in x: f32[B, H, H, C], in w: f32[3, 3, C, J], in b: f32[J], in r: f32[B, H, H, J], out o: f32[B, H, H, J]) {
  axis n in B
  axis y in H
  axis u in H
  axis j in J
  axis ky in 3
  axis kx in 3
  axis c in C
  for n y u j {
    fold s = sum over ky kx c { x[n, (ky + y - 1)?, (kx + u - 1)?, c] else 0.0 * w[ky, kx, c, j] }
    o[n, y, u, j] = max(s + b[j] + r[n, y, u, j], 0.0)
  }
}
";
    let first = "\
kernel conv(in x: f32[B, C, H, H], in w: f32[J, C, 3, 3], in b: f32[J], out o: f32[B, J, (H + 1) div 2, (H + 1) div 2]) {
  axis n in B
  axis j in J
  axis y in (H + 1) div 2
  axis u in (H + 1) div 2
  axis ky in 3
  axis kx in 3
  axis c in C
  for n j y u {
    fold s = sum over ky kx c { x[n, c, (ky + 2*y - 1)?, (kx + 2*u - 1)?] else 0.0 * w[j, c, ky, kx] }
    o[n, j, y, u] = max(s + b[j], 0.0)
  }
}
";
    for (b, h, c, j) in [(1, 7, 16, 20), (2, 9, 3, 16), (1, 12, 32, 70)] {
        assert!(check(last, &[("B", b), ("H", h), ("C", c), ("J", j)]));
        assert!(check(first, &[("B", b), ("H", h), ("C", c), ("J", j)]));
    }
}

#[test]
fn results_in_another_order_and_narrow_types() {
    let heads = "\
kernel heads(in x: f16[S, K], in w: f16[K, H * D], out o: f16[H, S, D]) {
  axis h in H
  axis i in S
  axis d in D
  axis k in K
  for h i d {
    fold c = sum over k { x[i, k] * w[k, D*h + d] }
    o[h, i, d] = c
  }
}
";
    assert!(check(heads, &[("S", 20), ("K", 30), ("H", 3), ("D", 16)]));
}

#[test]
fn windows_over_channels_are_taken_as_such() {
    let depthwise = "\
kernel depthwise(in x: f32[H, H, C], in w: f32[3, 3, C], in b: f32[C], out o: f32[H, H, C]) {
  axis y in H
  axis u in H
  axis c in C
  axis ky in 3
  axis kx in 3
  for y u c {
    fold s = sum over ky kx { x[(ky + y - 1)?, (kx + u - 1)?, c] else 0.0 * w[ky, kx, c] }
    o[y, u, c] = min(max(s + b[c], 0.0), 6.0)
  }
}
";
    let pool = "\
kernel pool(in x: f32[H, H, C], out o: f32[(H + 1) div 2, (H + 1) div 2, C]) {
  axis y in (H + 1) div 2
  axis u in (H + 1) div 2
  axis c in C
  axis ky in 3
  axis kx in 3
  for y u c {
    fold s = FOLD over ky kx { x[(ky + 2*y - 1)?, (kx + 2*u - 1)?, c] else FILL }
    o[y, u, c] = s * 0.5
  }
}
";
    let max = pool.replace("FOLD", "max").replace("FILL", "-inf");
    let sum = pool.replace("FOLD", "sum").replace("FILL", "0.0");
    let odd = pool.replace("FOLD", "sum").replace("FILL", "1.5");
    for (h, c) in [(14, 40), (5, 16), (7, 200)] {
        let sizes = [("H", h), ("C", c)];
        assert_eq!(check_code(depthwise, &sizes), "windows");
        let transposed = depthwise.replace("f32[3, 3, C]", "f32[C, 3, 3]");
        let transposed = transposed.replace("w[ky, kx, c]", "w[c, ky, kx]");
        assert_eq!(check_code(&transposed, &sizes), "windows");
        assert_eq!(check_code(&max, &sizes), "windows");
        assert_eq!(check_code(&sum, &sizes), "windows");
        assert_eq!(check_code(&odd, &sizes), "blocks");
    }
    assert_eq!(check_code(depthwise, &[("H", 9), ("C", 5)]), "blocks");
}

/// A fold over windows of `x`, channels first, with strides and dilations along both axes.
fn plane(fold: &str, fill: &str, [down, right]: [[i64; 2]; 2]) -> String {
    let ([sy, dy], [sx, dx]) = (down, right);
    let weight = if fold == "sum" && fill == "0.0" { " * w[c, ky, kx]" } else { "" };
    format!(
        "\
kernel plane(in x: f32[B, C, H, W], in w: f32[C, KY, KX], in b: f32[C], out o: f32[B, C, OH, OW]) {{
  axis n in B
  axis c in C
  axis y in OH
  axis u in OW
  axis ky in KY
  axis kx in KX
  for n c y u {{
    fold s = {fold} over ky kx {{ x[n, c, ({dy}*ky + {sy}*y - 1)?, ({dx}*kx + {sx}*u - 2)?] else {fill}{weight} }}
    o[n, c, y, u] = max(s + b[c], -0.5)
  }}
}}
"
    )
}

#[test]
fn windows_along_rows_are_taken_as_such() {
    let steps = [[[1, 1], [1, 1]], [[2, 1], [2, 1]], [[1, 2], [1, 3]], [[3, 1], [2, 2]]];
    for (i, &step) in steps.iter().enumerate() {
        for (fold, fill) in [("sum", "0.0"), ("max", "-inf"), ("max", "0.25")] {
            for (h, w, k) in [(11, 13, 3), (5, 40, 2), (2, 4, 2), (9, 70, 5)] {
                let sizes = [
                    ("B", 2),
                    ("C", 3 + i as i64),
                    ("H", h),
                    ("W", w),
                    ("KY", k),
                    ("KX", k + 1),
                    ("OH", h),
                    ("OW", w),
                ];
                assert_eq!(check_code(&plane(fold, fill, step), &sizes), "planes", "{sizes:?}");
            }
        }
    }
    let sizes =
        [("B", 1), ("C", 2), ("H", 4), ("W", 3), ("KY", 2), ("KX", 2), ("OH", 4), ("OW", 3)];
    assert_eq!(check_code(&plane("max", "-inf", steps[0]), &sizes), "blocks");
}

#[test]
fn windows_over_groups_of_channels_sum_over_lines_of_all() {
    let text = "\
kernel grouped(in x: f32[G, 3, H, W], in w: f32[G, 2, 3, 3, 3], out o: f32[G, 2, H, W]) {
  axis g in G
  axis j in 2
  axis y in H
  axis u in W
  axis c in 3
  axis ky in 3
  axis kx in 3
  for g j y u {
    fold s = sum over c ky kx { x[g, c, (ky + y - 1)?, (kx + u - 1)?] else 0.0 * w[g, j, c, ky, kx] }
    o[g, j, y, u] = s
  }
}
";
    check_code(text, &[("G", 4), ("H", 6), ("W", 37)]);
}

#[test]
fn groups_of_channels_that_come_last_are_batches_of_a_contraction() {
    for (wide, step) in [(4, 1), (8, 2), (5, 1), (16, 1)] {
        let text = format!(
            "\
kernel grouped(in x: f32[B, H, H, G * {wide}], in w: f32[3, 3, {wide}, G * {wide}], in b: f32[G * {wide}], out o: f32[B, (H - 1) div {step} + 1, H, G * {wide}]) {{
  axis n in B
  axis y in (H - 1) div {step} + 1
  axis u in H
  axis j in G * {wide}
  axis ky in 3
  axis kx in 3
  axis c in {wide}
  for n y u j {{
    fold s = sum over ky kx c {{ x[n, (ky + {step}*y - 1)?, (kx + u - 1)?, c + {wide}*(j div {wide})] else 0.0 * w[ky, kx, c, j] }}
    o[n, y, u, j] = max(s + b[j], 0.0)
  }}
}}
"
        );
        assert!(check(&text, &[("B", 2), ("H", 7), ("G", 3)]), "{wide} channels a group");
        assert!(check(&text, &[("B", 1), ("H", 14), ("G", 8)]), "{wide} channels a group");
    }
}

#[test]
fn joined_values_are_written_a_part_at_a_time() {
    let text = "\
kernel joined(in x: f32[R, A], in y: f32[R, B], in z: f32[R, 3], in s: f32[A + B + 3], out o: f32[R, A + B + 3], out p: f32[R, A + B + 3]) {
  axis r in R
  axis c in A + B + 3
  for r c {
    let j: f32 = case c { 0..A => x[r, c], A..A + B => y[r, -A + c], A + B..A + B + 3 => z[r, c - A - B] }
    o[r, c] = max(j * s[c], 0.0)
    p[r, c] = j + f32(ix(c))
  }
}
";
    let parts = |sizes: &[(&str, i64)]| {
        check(text, sizes);
        let case = Case::new(text, sizes, 3);
        Code::new(&case.kernel, &case.sizes, Level::Base).expect("the kernel is legal").0.len()
    };
    assert_eq!(parts(&[("R", 100), ("A", 40), ("B", 1)]), 3);
    assert_eq!(parts(&[("R", 100), ("A", 0), ("B", 64)]), 2);
    assert_eq!(parts(&[("R", 3), ("A", 40), ("B", 1)]), 1, "small ones are not worth it");
    assert_eq!(parts(&[("R", 0), ("A", 40), ("B", 1)]), 1);
}

#[test]
fn each_nest_of_a_kernel_is_taken_by_itself() {
    let text = "\
kernel two(in a: f32[M, K], in b: f32[K, N], out o: f32[M, N], out p: f32[M, K]) {
  axis i in M
  axis j in N
  axis k in K
  for i j {
    fold c = sum over k { a[i, k] * b[k, j] }
    o[i, j] = c
  }
  for i k { p[i, k] = a[i, k] * 2.0 }
}
";
    assert!(check(text, &[("M", 20), ("N", 30), ("K", 40)]));
}

#[test]
fn axes_that_indices_take_apart_are_two() {
    let text = "\
kernel dense(in x: f32[H, S, 16], in w: f32[H * 16, N], out o: f32[S, N]) {
  axis i in S
  axis j in N
  axis k in H * 16
  for i j {
    fold c = sum over k { x[k div 16, i, k mod 16] * w[k, j] }
    o[i, j] = c
  }
}
";
    assert!(check(text, &[("H", 3), ("S", 20), ("N", 30)]));
    let stem = "\
kernel stem(in x: f32[3, H, H], in w: f32[J, 3, 7, 7], out o: f32[(H + 1) div 2, (H + 1) div 2, J]) {
  axis y in (H + 1) div 2
  axis u in (H + 1) div 2
  axis j in J
  axis ky in 7
  axis kx in 7
  axis c in 3
  for y u j {
    fold s = sum over ky kx c { x[c, (ky + 2*y - 3)?, (kx + 2*u - 3)?] else 0.0 * w[j, c, ky, kx] }
    o[y, u, j] = max(s, 0.0)
  }
}
";
    assert!(check(stem, &[("H", 14), ("J", 16)]));
}

const JOINED: &str = "\
kernel join(in a: f32[M, N], in b: f32[M, K], out o: f32[M], out c: f32[M, N + K]) {
  axis i in M
  axis j in N + K
  axis k in N + K
  for i {
    fold s = sum over k { case k { 0..N => a[i, k], N..N + K => b[i, k - N] } }
    o[i] = s
  }
  for i j {
    c[i, j] = case j { 0..N => a[i, j], N..N + K => b[i, j - N] }
  }
}
";

#[test]
fn parts_that_are_all_empty_are_joined() {
    for (n, k) in [(3, 2), (0, 2), (3, 0), (0, 0)] {
        check(JOINED, &[("M", 2), ("N", n), ("K", k)]);
    }
}

#[test]
fn families_are_kept_or_computed_again_as_costs_less() {
    let softmax = "\
kernel softmax(in x: f32[R, C], out y: f32[R, C]) {
  axis i in R
  axis j in C
  for i {
    fold top = max over j { x[i, j] }
    let e[j]: f32 = exp(x[i, j] - top)
    fold sum = sum over j { e }
    y[i, j] over j = e / sum
  }
}
";
    for (rows, columns) in [(1, 1), (64, 16), (700, 5), (3, 64), (2, 900)] {
        assert_eq!(check_code(softmax, &[("R", rows), ("C", columns)]), "blocks");
    }
    let case = Case::new(softmax, &[("R", 64), ("C", 16)], 1);
    let form = form(&case.kernel, &case.sizes).unwrap();
    let cost = |form: &Form| blocks::compile(form, Level::available()[0]).unwrap().cost();
    let computed = form.without_families(FAMILY_MAX).unwrap();
    assert!(cost(&computed) < cost(&form) && computed.without_families(FAMILY_MAX).is_none());
    assert!(form.without_families(15).is_none());
}
