//! Nests walked by groups of rows, against the interpreter of loops.

use super::super::cases::Case;
use super::super::form::{Form, St, form, set};
use super::super::{Level, Pool};
use super::emit::compile_along;
use super::inst::{Blocks, Inst};
use super::rows::Walk;
use super::{BLOCK, compile};

/// Numbers that look random.
struct Draw(u32);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 10) as usize % n
    }

    fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

/// Checks a kernel at every level with one and two threads; returns whether some element is staged.
fn check(text: &str, sizes: &[(&str, i64)]) -> bool {
    let case = Case::new(text, sizes, 7);
    let form = form(&case.kernel, &case.sizes).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let mut staged = false;
    for level in Level::available() {
        let blocks = compile(&form, level).unwrap_or_else(|e| panic!("{e}\n{text}"));
        staged = stages(&blocks);
        for n_threads in [1, 2] {
            run(&case, &blocks, &format!("{level}, {n_threads} threads"), n_threads);
        }
    }
    check_walks(&case, &form);
    staged
}

fn stages(blocks: &Blocks) -> bool {
    let stages = |inst: &Inst| matches!(inst, Inst::Stage(_));
    blocks.phases.iter().any(|phase| phase.body.iter().any(stages))
}

fn run(case: &Case, blocks: &Blocks, what: &str, n_threads: usize) {
    let pool = Pool::new(n_threads);
    // SAFETY: the buffers are those of the case's kernel.
    case.check(what, |buffers| unsafe { blocks.run(&pool, buffers) });
}

/// Checks every walk of a kernel of one loop nest, whatever it costs.
fn check_walks(case: &Case, form: &Form) {
    let [St::For { axes, .. }] = &form.body[..] else { return };
    for lane in axes {
        for rows in axes.iter().filter(|rows| *rows != lane) {
            let walk = Walk { lane: Some(*lane), rows: Some(*rows), axes: set(axes) };
            let what = format!("{walk:?}");
            let blocks = compile_along(form, Level::current(), walk, BLOCK);
            run(case, &blocks.unwrap_or_else(|e| panic!("{e}: {what}")), &what, 1);
        }
    }
}

/// Names of axes or sizes, separated by commas.
fn list(prefix: &str, of: impl IntoIterator<Item = usize>) -> String {
    let names: Vec<String> = of.into_iter().map(|i| format!("{prefix}{i}")).collect();
    names.join(", ")
}

/// A kernel that reads `x` along permuted axes and `y` along its own.
fn permutation(dtype: &str, order: &[usize], value: &str) -> String {
    let n = order.len();
    let axes: String = (0..n).map(|i| format!("  axis a{i} in N{i}\n")).collect();
    let (own, turned) = (list("a", 0..n), list("a", order.iter().copied()));
    let (sizes, turned_sizes) = (list("N", 0..n), list("N", order.iter().copied()));
    let value = value.replace("X", &format!("x[{turned}]")).replace("Y", &format!("y[{own}]"));
    format!(
        "kernel turned(in x: {dtype}[{turned_sizes}], in y: {dtype}[{sizes}], out o: {dtype}[{sizes}]) {{\n{axes}  \
           for {} {{ o[{own}] = {value} }}\n}}\n",
        own.replace(',', "")
    )
}

#[test]
fn permutations_of_any_rank_type_and_size_find_their_elements() {
    let types: &[(&str, &[&str])] = &[
        ("f32", &["X", "X + Y", "max(X * Y, 0.5) - X"]),
        ("f16", &["X", "X + Y"]),
        ("bf16", &["X"]),
        ("i32", &["X", "X * Y"]),
        ("u8", &["X", "X + Y"]),
        ("i8", &["X"]),
        ("bool", &["X", "select(Y, X, Y)"]),
        ("long", &["X", "X + Y"]),
    ];
    let extents: &[i64] = &[0, 1, 2, 3, 5, 7, 13, 16, 17, 29, 32, 47];
    let mut draw = Draw(1);
    for _ in 0..200 {
        let rank = 2 + draw.below(4);
        let order = draw.order(rank);
        let (dtype, values) = types[draw.below(types.len())];
        let text = permutation(dtype, &order, values[draw.below(values.len())]);
        let names: Vec<String> = (0..rank).map(|i| format!("N{i}")).collect();
        // Two long axes at most, so that the interpreter is not kept for long.
        let long = [draw.below(rank), draw.below(rank)];
        let extent = |i: usize, draw: &mut Draw| {
            let most = if long.contains(&i) { extents.len() } else { 4 };
            extents[draw.below(most)]
        };
        let sizes: Vec<(&str, i64)> = (names.iter().enumerate())
            .map(|(i, name)| (name.as_str(), extent(i, &mut draw)))
            .collect();
        check(&text, &sizes);
    }
}

#[test]
fn large_transposes_are_turned_over() {
    for (a, b) in [(600, 700), (1, 999), (16, 1030), (1037, 17), (64, 64)] {
        for (dtype, value) in [("f32", "X + Y"), ("f16", "X"), ("long", "X")] {
            let sizes = [("N0", a), ("N1", b)];
            let staged = check(&permutation(dtype, &[1, 0], value), &sizes);
            assert_eq!(staged, a > 1, "{a} x {b} of {dtype}");
        }
    }
}

#[test]
fn rows_of_what_is_padded_joined_and_turned_round() {
    let joined = "\
kernel joined(in x: f32[B, A], in y: f32[C, A], out o: f32[A + 5, B + C]) {
  axis a in A + 5
  axis b in B + C
  for a b {
    o[a, b] = case b { 0..B => x[b?, (a - 3)?] else 2.5, B..B + C => y[-B + b, (A + 1 - a)?] else -1.0 * 2.0 }
  }
}
";
    let padded = "\
kernel shifted(in w: long[B, A], out p: long[A, B]) {
  axis c in A
  axis d in B
  for c d { p[c, d] = w[(d + 1)?, (c - 2)?] else -5l }
}
";
    for (a, b, c) in [(40, 50, 30), (16, 16, 16), (33, 70, 1), (5, 300, 200), (0, 4, 4), (9, 0, 3)]
    {
        check(joined, &[("A", a), ("B", b), ("C", c)]);
        check(padded, &[("A", a), ("B", b)]);
    }
}

#[test]
fn what_does_not_vary_with_rows_is_computed_once_a_group() {
    let text = "\
kernel scaled(in x: f32[B, A], in s: f32[B], in t: f32[A], in w: f32[3], out o: f32[A, B], out p: f32[A, B]) {
  axis a in A
  axis b in B
  axis k in 3
  for a b {
    let e: f32 = exp(s[b])
    fold c = sum over k { x[b, a] * s[b] + t[a] * w[k] }
    o[a, b] = x[b, a] * e + t[a]
    p[a, b] = c + e
  }
}
";
    for (a, b) in [(50, 60), (17, 600), (300, 310), (1, 20)] {
        assert!(check(text, &[("A", a), ("B", b)]) || a == 1, "{a} x {b}");
    }
}
