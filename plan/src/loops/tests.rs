//! Kernels as text: printed, read back, run.

use super::*;
use crate::{DType, Name, Var};

const SOFTMAX: &str = "\
kernel softmax(in x: f32[R, K], out o: f32[R, K]) {
  axis r in R
  axis k in K
  for r {
    let t[k]: f32 = x[r, k]
    fold m = max over k { t }
    let e[k]: f32 = exp(t - m)
    fold z = sum over k { e }
    o[r, k] over k = e / z
  }
}
";

const SCHEDULED_SOFTMAX: &str = "\
kernel softmax(in x: f32[R, K], out o: f32[R, K]) {
  axis r in R @group.x
  axis k in K = k.u k.l k.v tail unit
  axis k.u in 2 @unroll
  axis k.l in 2 @lane
  axis k.v in 4 @vec
  for r {
    keep let t[k.u k.l k.v]: f32 = x[r, k]
    fold m = max over k.u k.l k.v { t }
    keep let e[k.u k.l k.v]: f32 = exp(t - m)
    fold z = sum over k.u k.l k.v { e }
    o[r, k] over k.u k.l k.v = e / z
  }
  where K in 1..=16
}
";

const ONLINE_SOFTMAX: &str = "\
kernel softmax(in x: f32[R, K], out o: f32[R, K]) {
  axis r in R
  axis k in K = k.o k.u tail unit
  axis k.o in ceildiv(K, 4)
  axis k.u in 4
  for r {
    online k.o block k.u anchor m {
      fold m = max over k.u { x[r, k] }
      fold z = sum over k.u { exp(x[r, k] - m) }
    }
    o[r, k] over k.o k.u = exp(x[r, k] - m) / z
  }
}
";

const MATMUL: &str = "\
kernel mm(in a: f32[M, K], in b: f32[K, N], in bias: f32[N], out o: f32[M, N]) {
  axis i in M
  axis j in N
  axis k in K
  for i j {
    fold c = sum over k { a[i, k] * b[k, j] }
    let h: f32 = c + bias[j]
    o[i, j] = h * 0.5 * (erf(h * 0.70710677) + 1.0)
  }
}
";

const SCHEDULED_MATMUL: &str = "\
kernel mm(in a: f32[M, K], in b: f32[K, N], in bias: f32[N], out o: f32[M, N]) {
  note \"split i g t:4\"
  axis i in M = i.g i.t tail clamp
  axis i.g in ceildiv(M, 4) @group.y
  axis i.t in 4 @unroll
  axis j in N = j.l j.v tail clamp
  axis j.l in ceildiv(N, 4) @lane
  axis j.v in 4 @vec
  axis k in K = k.o k.q tail unit
  axis k.o in ceildiv(K, 2)
  axis k.q in 2 @unroll
  for i.g j.l {
    fold c[i.t j.v] = sum over k.o k.q order k.o i.t k.q j.v { a[i, k] * b[k, j] } \
with a at k.o lane i.t vec(k.q) with b at k.o register
    let h[i.t j.v]: f32 = c + bias[j]
    o[i, j] over i.t j.v = h * 0.5 * (erf(h * 0.70710677) + 1.0)
  }
}
";

const CONV: &str = "\
kernel conv(in x: f32[H, H, C], in w: f32[3, 3, C, J], out o: f32[(H + 1) div 2, (H + 1) div 2, J]) {
  axis y in (H + 1) div 2
  axis u in (H + 1) div 2
  axis j in J
  axis ky in 3
  axis kx in 3
  axis c in C
  for y u j {
    fold s = sum over ky kx c {
      x[(ky + 2*y - 1)?, (kx + 2*u - 1)?, c] else 0.0 * w[ky, kx, c, j]
    }
    o[y, u, j] = s
  }
}
";

const ARGMAX: &str = "\
kernel argmax(in x: f32[R, K], out o: i32[R]) {
  axis r in R
  axis k in K
  for r {
    fold v, n = argmax over k { x[r, k], ix(k) }
    o[r] = n
  }
}
";

const CONCAT: &str = "\
kernel concat(in a: i32[A], in b: i32[B], out o: i32[A + B]) {
  axis i in A + B
  for i {
    o[i] = case i { 0..A => a[i], A..A + B => b[-A + i] } << 1 | 1
  }
}
";

const GATHER: &str = "\
kernel gather(in t: f32[N, D], in ids: i32[L], inout h: f32[N], out o: f32[L, D]) {
  axis l in L
  axis d in D
  for l {
    let id: i32 = ids[l]
    h[id] if id < N merge sum = 1.0
    for d {
      o[l, d] = t[id?, d] else nan
    }
  }
  where L in 1..
}
";

const ALL: [&str; 9] = [
    SOFTMAX,
    SCHEDULED_SOFTMAX,
    ONLINE_SOFTMAX,
    MATMUL,
    SCHEDULED_MATMUL,
    CONV,
    ARGMAX,
    CONCAT,
    GATHER,
];

fn run(
    text: &str,
    sizes: &[(&str, i64)],
    buffers: Vec<Tensor>,
) -> Result<Vec<Tensor>, InterpretError> {
    let kernel = Kernel::parse(text).expect("the text is a kernel");
    run_kernel(&kernel, sizes, buffers)
}

fn run_kernel(
    kernel: &Kernel,
    sizes: &[(&str, i64)],
    mut buffers: Vec<Tensor>,
) -> Result<Vec<Tensor>, InterpretError> {
    let size = |name: &Name| sizes.iter().find(|(own, _)| *name == *own).map(|pair| pair.1);
    interpret(kernel, &size, &mut buffers)?;
    Ok(buffers)
}

fn numbers(dims: &[usize], seed: usize) -> Tensor {
    let len = dims.iter().product::<usize>();
    Tensor::f32(dims, (0..len).map(|n| ((n * 37 + seed * 11) % 23) as f32 / 8.0 - 1.25))
}

#[test]
fn what_is_printed_reads_back_the_same() {
    for text in ALL {
        let kernel = Kernel::parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let printed = kernel.to_string();
        assert_eq!(Kernel::parse(&printed).as_ref(), Ok(&kernel), "{printed}");
    }
    for text in [SOFTMAX, SCHEDULED_SOFTMAX, ONLINE_SOFTMAX, SCHEDULED_MATMUL, ARGMAX, CONCAT] {
        assert_eq!(Kernel::parse(text).expect("the text is a kernel").to_string(), text);
    }
}

/// A step of the generator of Park and Miller, 1988.
fn next(seed: &mut u64) -> usize {
    *seed = *seed * 48_271 % 0x7fff_ffff;
    *seed as usize
}

#[test]
fn no_change_of_a_text_makes_the_reader_or_the_verifier_panic() {
    let words =
        ["0", "-1", "9223372036854775807", "for", "fold", "let", "[", "}", ",", "=", "x", ":"];
    let mut seed = 7;
    for text in ALL {
        for _ in 0..200 {
            let mut changed = text.as_bytes().to_vec();
            let at = next(&mut seed) % changed.len();
            match next(&mut seed) % 3 {
                0 => changed.truncate(at),
                1 => drop(changed.drain(at..(at + 1 + next(&mut seed) % 9).min(text.len()))),
                _ => {
                    let word = words[next(&mut seed) % words.len()];
                    changed.splice(at..at, word.bytes());
                }
            }
            let changed = String::from_utf8_lossy(&changed);
            if let Ok(kernel) = Kernel::parse(&changed) {
                verify(&kernel).ok();
            }
        }
    }
}

#[test]
fn the_verifier_passes_kernels_that_run() {
    for text in ALL {
        let kernel = Kernel::parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(verify(&kernel), Ok(()), "{text}");
    }
}

#[test]
fn every_operation_prints_and_reads_back() {
    for math in parse::all_math() {
        let args = [val::named("a"), val::f32(-0.0), val::named("for")];
        let value = Val::Op(math, args[..number::operands(math)].to_vec());
        let outer = val::sub(val::mul(value.clone(), val::u32(3)), val::add(value, val::i32(-4)));
        let kernel = KernelBuilder::new("k").body(vec![stmt::store("o", ["i"; 0], outer)]);
        assert_eq!(Kernel::parse(&kernel.to_string()).as_ref(), Ok(&kernel), "{kernel}");
    }
}

#[test]
fn literals_read_back_bit_by_bit() {
    for bits in (0..u32::MAX - 9999).step_by(9973).chain([
        0x8000_0000,
        0x7f80_0000,
        0xff80_0000,
        0x7fc0_0001,
    ]) {
        let value = Val::Const(Literal::F32(f32::from_bits(bits)));
        let kernel = KernelBuilder::new("k").body(vec![stmt::store("o", ["i"; 0], value)]);
        assert_eq!(Kernel::parse(&kernel.to_string()).as_ref(), Ok(&kernel), "{kernel}");
    }
}

fn softmax(x: &Tensor) -> Vec<f32> {
    let (columns, x) = (x.dims[1], x.to_f32());
    x.chunks(columns)
        .flat_map(|row| {
            let m = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let z: f32 = row.iter().map(|x| (x - m).exp()).sum();
            row.iter().map(|x| (x - m).exp() / z).collect::<Vec<_>>()
        })
        .collect()
}

fn assert_close(got: &[f32], want: &[f32]) {
    assert_eq!(got.len(), want.len());
    for (a, b) in got.iter().zip(want) {
        assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{a} is not {b}");
    }
}

#[test]
fn softmax_is_the_same_before_and_after_scheduling() {
    for columns in [16, 13, 1] {
        let x = numbers(&[3, columns], 1);
        let sizes = [("R", 3), ("K", columns as i64)];
        for text in [SOFTMAX, SCHEDULED_SOFTMAX, ONLINE_SOFTMAX] {
            let buffers = vec![x.clone(), Tensor::zeros(DType::F32, &x.dims)];
            let out = run(text, &sizes, buffers).expect("the kernel runs");
            assert_close(&out[1].to_f32(), &softmax(&x));
        }
    }
}

#[test]
fn online_softmax_bears_masked_blocks() {
    let mut x = numbers(&[1, 8], 3);
    for at in 0..5 {
        x.data[at] = Literal::F32(f32::NEG_INFINITY);
    }
    let buffers = vec![x.clone(), Tensor::zeros(DType::F32, &[1, 8])];
    let out = run(ONLINE_SOFTMAX, &[("R", 1), ("K", 8)], buffers).expect("the kernel runs");
    assert_close(&out[1].to_f32(), &softmax(&x));
}

#[test]
fn a_matmul_is_bit_equal_before_and_after_scheduling() {
    let (m, k, n) = (7, 5, 6);
    let sizes = [("M", m as i64), ("K", k as i64), ("N", n as i64)];
    let buffers = || {
        let out = Tensor::zeros(DType::F32, &[m, n]);
        vec![numbers(&[m, k], 1), numbers(&[k, n], 2), numbers(&[n], 3), out]
    };
    let plain = run(MATMUL, &sizes, buffers()).expect("the kernel runs");
    let scheduled = run(SCHEDULED_MATMUL, &sizes, buffers()).expect("the kernel runs");
    assert_eq!(plain, scheduled);
    let (a, b) = (plain[0].to_f32(), plain[1].to_f32());
    let c: f32 = (0..k).map(|k_at| a[2 * k + k_at] * b[k_at * n + 4]).sum();
    let h = f64::from(c + plain[2].to_f32()[4]);
    let gelu = h * 0.5 * (number_erf(h * std::f64::consts::FRAC_1_SQRT_2) + 1.0);
    assert_close(&plain[3].to_f32()[2 * n + 4..][..1], &[gelu as f32]);
}

/// By Simpson's rule, which shares nothing with the code under test.
fn number_erf(x: f64) -> f64 {
    let steps = 2000;
    let h = x / f64::from(steps);
    let f = |n: i32| (-(f64::from(n) * h).powi(2)).exp();
    let inside: f64 = (1..steps).map(|n| f(n) * if n % 2 == 1 { 4.0 } else { 2.0 }).sum();
    (f(0) + inside + f(steps)) * h / 3.0 * std::f64::consts::FRAC_2_SQRT_PI
}

#[test]
fn a_large_matmul_is_quick() {
    let sizes = [("M", 64), ("K", 64), ("N", 64)];
    let buffers = vec![
        numbers(&[64, 64], 1),
        numbers(&[64, 64], 2),
        numbers(&[64], 3),
        Tensor::zeros(DType::F32, &[64, 64]),
    ];
    run(MATMUL, &sizes, buffers).expect("the kernel runs");
}

#[test]
fn a_convolution_fills_its_border() {
    let (x, w) = (numbers(&[5, 5, 2], 1), numbers(&[3, 3, 2, 3], 2));
    let buffers = vec![x.clone(), w.clone(), Tensor::zeros(DType::F32, &[3, 3, 3])];
    let out = run(CONV, &[("H", 5), ("C", 2), ("J", 3)], buffers).expect("the kernel runs");
    let (x, w) = (x.to_f32(), w.to_f32());
    for (at, got) in out[2].to_f32().into_iter().enumerate() {
        let (y, u, j) = (at / 9, at / 3 % 3, at % 3);
        let mut want = 0.0;
        for (ky, kx) in (0..3).flat_map(|ky| (0..3).map(move |kx| (ky, kx))) {
            let (row, column) = (2 * y + ky, 2 * u + kx);
            if (1..6).contains(&row) && (1..6).contains(&column) {
                for c in 0..2 {
                    want += x[((row - 1) * 5 + column - 1) * 2 + c]
                        * w[((ky * 3 + kx) * 2 + c) * 3 + j];
                }
            }
        }
        assert_close(&[got], &[want]);
    }
}

#[test]
fn argmax_takes_the_first_largest_and_nan_before_all() {
    let x = Tensor::f32(&[2, 4], [1.0, 3.0, 3.0, 2.0, 1.0, 9.0, f32::NAN, f32::NAN]);
    let buffers = vec![x, Tensor::zeros(DType::I32, &[2])];
    let out = run(ARGMAX, &[("R", 2), ("K", 4)], buffers).expect("the kernel runs");
    assert_eq!(out[1].to_i32(), [1, 2]);
}

#[test]
fn a_case_evaluates_only_the_chosen_arm() {
    let buffers = vec![
        Tensor::i32(&[2], [5, 6]),
        Tensor::i32(&[3], [7, 8, 9]),
        Tensor::zeros(DType::I32, &[5]),
    ];
    let out = run(CONCAT, &[("A", 2), ("B", 3)], buffers).expect("the kernel runs");
    assert_eq!(out[2].to_i32(), [11, 13, 15, 17, 19]);
}

#[test]
fn a_gather_reads_by_value_and_a_merge_adds() {
    let buffers = vec![
        numbers(&[3, 2], 1),
        Tensor::i32(&[4], [2, 0, 7, 2]),
        Tensor::f32(&[3], [0.0, 0.5, 1.0]),
        Tensor::zeros(DType::F32, &[4, 2]),
    ];
    let t = buffers[0].to_f32();
    let out = run(GATHER, &[("N", 3), ("D", 2), ("L", 4)], buffers).expect("the kernel runs");
    assert_eq!(out[2].to_f32(), [1.0, 0.5, 3.0]);
    let got = out[3].to_f32();
    assert_eq!(got[..4], [t[4], t[5], t[0], t[1]]);
    assert!(got[4].is_nan() && got[6] == t[4]);
}

#[test]
fn trips_count_serial_loops_of_one_invocation() {
    let size =
        |name: &Name| [("M", 8), ("K", 6), ("N", 8)].iter().find(|s| *name == *s.0).map(|s| s.1);
    let of = |text| {
        let kernel = Kernel::parse(text).expect("the text is a kernel");
        let trips = trips(&kernel, &size);
        let value = |var: &Var| size(var.name());
        let expected = trips.as_ref().map(|trips| trips.per_invocation as i64);
        assert_eq!(iterations(&kernel).eval(&value).ok(), expected.ok());
        trips
    };
    // For each of 8 rows and 8 columns 6 terms, and the loops around them.
    let plain = Trips { per_invocation: 8 + 8 * 8 + 8 * 8 * 6, invocations: 1 };
    assert_eq!(of(MATMUL), Ok(plain));
    assert_eq!(of(SCHEDULED_MATMUL), Ok(Trips { per_invocation: 3, invocations: 4 }));
}

#[test]
fn faults_of_a_run_are_found() {
    let fault = |text: &str, buffers: Vec<Tensor>| {
        run(text, &[], buffers).expect_err("a fault").to_string()
    };
    let one = || Tensor::f32(&[4], [1.0, 2.0, 3.0, 4.0]);
    let out = || Tensor::zeros(DType::F32, &[4]);
    let kernel = |body: &str| {
        format!("kernel k(in x: f32[4], inout y: f32[4], out o: f32[4]) {{ axis i in 4 {body} }}")
    };
    let text = |body: &str| fault(&kernel(body), vec![one(), one(), out()]);
    assert!(text("for i { o[i] = x[i + 1] }").starts_with("coordinate 0 of `x` is 4"));
    assert!(text("for i { o[i + 1] = x[i] }").starts_with("coordinate 0 of `o` is 4"));
    assert!(text("for i { o[i div 2] = x[i] }").starts_with("two points store element 0 of `o`"));
    assert!(text("for i { o[i] = o[i] }").starts_with("element 0 of the output `o` is read"));
    assert!(text("for i { y[i] = y[0] }").starts_with("element 0 of `y` is read after"));
    assert!(text("for i { x[i] = 1.0 }").starts_with("`x` is an input"));
    assert!(text("for i { o[i] = x[i] + 1 }").starts_with("operation `Add`"));
    assert!(
        text("for i { o[i] = case i { 0..3 => 1.0 } }").starts_with("no arm of the case over `i`")
    );
    assert!(text("for i { o[i] = x[(i + 1)?] }").starts_with("the checked load of `x`"));
    assert!(text("for i { o[i] = x[n] }").contains("`n` has no value"));
    assert!(text("for i { o[i] = t }").contains("`t` is not declared"));
    assert!(fault(&kernel(""), vec![one()]).contains("3 params but 1 buffers"));
    assert!(fault(&kernel(""), vec![one(), one(), Tensor::i32(&[1], [1])]).contains("param `o`"));
}

#[test]
fn a_padded_tail_stays_inside_the_padding() {
    let text = |padded: &str| {
        format!(
            "kernel k(in x: f32[6]{padded}, out o: f32[6]{padded}) {{
               axis i in 6 = i.o i.v tail pad axis i.o in 2 axis i.v in 4 @vec
               for i.o {{ o[i] over i.v = x[i] }} }}"
        )
    };
    let buffers = || vec![numbers(&[6], 1), Tensor::zeros(DType::F32, &[6])];
    let out = run(&text(" padded"), &[], buffers()).expect("the kernel runs");
    assert_eq!(out[0], out[1]);
    let fault = run(&text(""), &[], buffers()).expect_err("the tail leaves the buffer");
    assert!(matches!(fault, InterpretError::OutOfRange { value: 6, .. }), "{fault}");
}

/// Code for GPUs computes a fold over a family where it is used, again in each step of the loops there.
#[test]
fn folds_over_families_count_where_they_are_used() {
    let kernel = Kernel::parse(
        "kernel norm(in x: f32[N, 96], out y: f32[N, 96]) {
  axis l in 96
  axis m in N
  fold sum[m] = sum over l { x[m, l] }
  y[m, l] over l m = x[m, l] - sum
}
",
    )
    .expect("the text is a kernel");
    let at = |n: i64| iterations(&kernel).eval(&|_| Some(n)).unwrap();
    assert!(at(16) >= 16 * 96 * 96, "{}", at(16));
    assert!(at(16) < 2 * 16 * 96 * 96, "{}", at(16));
}
