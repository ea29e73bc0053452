//! Sizes as numbers: symbolic arithmetic, comparisons that are guarded, and reads that fix them.

use ferrodyne::prelude::*;

use super::values;
use crate::tensor::sample;

/// Calls a function with so many rows, and gives the first value of its result.
fn at<F>(f: &ferrodyne::Compiled<F>, rows: usize) -> f32
where
    F: for<'a> Fn(&'a Tensor) -> Tensor,
{
    values(&f.call(&Tensor::ones([rows], &Device::cpu())).unwrap())[0]
}

macro_rules! symbolic {
    ($body:expr) => {
        compile($body).dynamic(0, 0, "rows", 0..=1000)
    };
}

#[test]
fn a_size_as_a_number_is_an_input() {
    let f = symbolic!(|x: &Tensor| x.sum() / x.dim(0) + x.dim(0) * 2 + 2 * x.dim(0) - 1);
    for rows in [3, 5, 1, 9] {
        assert_eq!(at(&f, rows), 4.0 * rows as f32);
    }
    assert_eq!(f.stats().compilations, 1);
}

#[test]
fn arithmetic_of_sizes_is_symbolic_from_either_side() {
    let f = symbolic!(|x: &Tensor| {
        let n = x.dim(0);
        let m = (10 - &n) + (100 / &n) * (&n % 4) + 7usize % (&n + 3) + 2usize * (&n - 1) / 2;
        x.sum() - x.dim(0) + m
    });
    for n in [3i32, 7, 1, 10] {
        let want = (10 - n) + (100 / n) * (n % 4) + 7 % (n + 3) + 2 * (n - 1) / 2;
        assert_eq!(at(&f, n as usize), want as f32, "at {n}");
    }
    assert_eq!(f.stats().compilations, 1);
}

#[test]
fn shapes_of_sizes_are_symbolic() {
    let f = compile(|x: &Tensor| x.reshape(shape![x.dim(0) / 2, 2, -1]).sum_dim(0, false)).dynamic(
        0,
        0,
        "rows",
        2..=64,
    );
    for rows in [2, 8, 6] {
        let x = sample(&[rows, 3], &Device::cpu());
        let want = x.reshape([rows / 2, 2, 3]).sum_dim(0, false);
        assert_eq!(values(&f.call(&x).unwrap()), values(&want));
    }
    assert_eq!(f.stats().compilations, 1);
}

macro_rules! guarded {
    ($name:ident: $x:ident, $test:expr, $rows:expr) => {
        #[test]
        fn $name() {
            let f = symbolic!(|$x: &Tensor| if $test { $x.sum() * 0 + 1 } else { $x.sum() * 0 });
            for rows in $rows {
                let $x = Tensor::ones([rows], &Device::cpu());
                assert_eq!(at(&f, rows), f32::from(u8::from($test)), "at {rows}");
            }
            let stats = f.stats();
            assert_eq!(stats.compilations, 2, "{:?}", stats.reasons);
            let reason = &stats.reasons[0];
            assert!(reason.contains("`rows`") || reason.contains("rows"), "{reason}");
            assert!(reason.contains("(tests/guards/sizes.rs:"), "{reason}");
        }
    };
}
guarded!(less_than_a_number_is_guarded: x, x.dim(0) < 4, [1, 3, 4, 9, 2]);
guarded!(at_most_a_number_is_guarded: x, x.dim(0) <= 4, [1, 4, 5, 9, 2]);
guarded!(more_than_a_number_is_guarded: x, x.dim(0) > 4, [1, 4, 5, 9, 2]);
guarded!(at_least_a_number_is_guarded: x, x.dim(0) >= 4, [1, 3, 4, 9, 2]);
guarded!(equal_to_a_number_is_guarded: x, x.dim(0) == 4, [1, 4, 5, 4, 2]);
guarded!(a_number_first_is_guarded: x, 4 < x.dim(0), [1, 4, 5, 9, 2]);
guarded!(a_number_that_equals_is_guarded: x, 4 == x.dim(0), [1, 4, 5, 4, 2]);
guarded!(a_remainder_is_guarded: x, x.dim(0) % 4 == 0, [4, 8, 5, 16]);
guarded!(two_expressions_are_guarded: x, x.dim(0) * 2 > x.dim(0) + 5, [1, 5, 6, 9, 2]);
guarded!(shapes_are_guarded: x, x.shape() == [4], [1, 4, 5, 4, 2]);
guarded!(shapes_that_differ_are_guarded: x, x.shape() != x.t().shape() || x.shape() != [5], [1, 4, 5, 4, 2]);
guarded!(the_number_of_elements_is_guarded: x, x.numel() != 4, [1, 4, 5, 4, 2]);

#[compile(dynamic(x[0] = "rows" in 1..=64))]
fn chosen(x: &Tensor) -> Tensor {
    if x.dim(0) > 3 && x.dim(0) % 2 == 0 { x * 2 } else { x * 3 }
}

#[test]
fn conditions_on_sizes_are_host_conditions_in_compiled_functions() {
    for rows in [1, 4, 5, 6, 2, 64] {
        let x = Tensor::ones([rows], &Device::cpu());
        let want = if rows > 3 && rows % 2 == 0 { 2.0 } else { 3.0 };
        assert_eq!(values(&chosen(&x)), vec![want; rows]);
    }
}

#[test]
fn reading_a_size_fixes_it() {
    let device = Device::cpu();
    let get = symbolic!(|x: &Tensor| (0..x.dim(0).get()).fold(x.sum(), |y, _| y + 1));
    let convert = symbolic!(|x: &Tensor| {
        let n = usize::try_from(x.dim(0)).expect("a size is not negative");
        x.sum() + n
    });
    for f in [&get as &dyn Calls, &convert] {
        for rows in [3, 5, 3, 5] {
            assert_eq!(f.at(rows), 2.0 * rows as f32);
        }
        let (compilations, reason) = f.made();
        assert_eq!(compilations, 2);
        let want = "rows must be 3, and is 5, because of a size that is compared or read (tests/guards/sizes.rs:";
        assert!(reason.replace('`', "").starts_with(want), "{reason}");
    }
    assert!(usize::try_from(Tensor::ones([1], &device).dim(0) - 2).is_err());
}

/// A compiled function of one tensor.
trait Calls {
    fn at(&self, rows: usize) -> f32;
    /// Programs made, and why the second one was.
    fn made(&self) -> (usize, String);
}

impl<F: for<'a> Fn(&'a Tensor) -> Tensor> Calls for ferrodyne::Compiled<F> {
    fn at(&self, rows: usize) -> f32 {
        at(self, rows)
    }

    fn made(&self) -> (usize, String) {
        let stats = self.stats();
        (stats.compilations, stats.reasons[0].clone())
    }
}

#[compile]
fn by_size(x: &Tensor) -> Tensor {
    if x.dim(0) > 3 { x.sum() } else { -x.sum() }
}

#[test]
fn a_guard_on_a_size_names_the_line_of_a_condition() {
    for rows in [4usize, 5, 6, 2] {
        let want = if rows > 3 { rows as f32 } else { -(rows as f32) };
        assert_eq!(values(&by_size(&Tensor::ones([rows], &Device::cpu()))), [want]);
    }
    let reasons = ferrodyne::function_stats("by_size").unwrap().reasons;
    assert!(
        reasons[1].contains("because of a size that is compared or read (tests/guards/sizes.rs:"),
        "{reasons:?}"
    );
}

#[compile]
fn sorted(a: &Tensor, b: &Tensor) -> (Tensor, Tensor) {
    let (mut low, mut high) = (a.clone(), b.clone());
    if low.sum() > high.sum() {
        std::mem::swap(&mut low, &mut high);
    }
    (low, high)
}

#[test]
fn sizes_that_a_join_needs_equal_are_guarded() {
    for rows in [2usize, 3, 4] {
        let x = |v: f32| Tensor::full([rows], v, &Device::cpu());
        for (a, b) in [(1.0, 2.0), (2.0, 1.0)] {
            let (low, high) = sorted(&x(a), &x(b));
            assert_eq!((values(&low)[0], values(&high)[0]), (1.0, 2.0));
        }
    }
    let stats = ferrodyne::function_stats("sorted").unwrap();
    assert_eq!((stats.compilations, stats.hits), (2, 4), "{stats:?}");
    let (low, _) = sorted(&Tensor::ones([2], &Device::cpu()), &Tensor::zeros([5], &Device::cpu()));
    assert_eq!(values(&low), [0.0; 5]);
    let breaks = ferrodyne::function_stats("sorted").unwrap().breaks;
    assert!(breaks[0].reason.contains("in one branch of a decision"), "{breaks:?}");
}
