//! Normal form: same value as written, `c*(x div c) + x mod c == x`, print and read.

use proptest::prelude::*;

use super::strategies::{classify, huge, lookup, written};
use crate::dims::{Dim, EvalError, Var};

fn dim(text: &str) -> Dim {
    Dim::parse(text, &classify).expect("the text of a dim")
}

fn check(from: &str, to: &str) {
    assert_eq!(dim(from).to_string(), to, "from {from}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn normal_form_has_the_value_as_written(
        expr in written(),
        values in prop::array::uniform4(-12i64..13),
    ) {
        let values = lookup(values);
        let dim = expr.dim();
        if let Some(value) = expr.value(&values) {
            let got = dim.eval(&|var| Some(values(var.name())));
            prop_assert_eq!(got.map(i128::from), Ok(value), "normal form {}", dim);
        }
    }

    #[test]
    fn numbers_at_the_edge_are_exact_or_an_error(
        expr in huge(),
        values in prop::array::uniform4(prop_oneof![Just(i64::MAX), Just(i64::MIN), -3i64..4]),
    ) {
        let values = lookup(values);
        let dim = expr.dim();
        if let Some(value) = expr.value(&values) {
            match dim.eval(&|var| Some(values(var.name()))) {
                Ok(got) => prop_assert_eq!(i128::from(got), value, "normal form {}", dim),
                Err(error) => prop_assert!(
                    matches!(error, EvalError::Overflow(_)), "normal form {}: {}", dim, error
                ),
            }
        }
    }

    #[test]
    fn text_reads_back(expr in prop_oneof![written(), huge()]) {
        let dim = expr.dim();
        let read = Dim::parse(&dim.to_string(), &classify);
        prop_assert_eq!(read.as_ref(), Ok(&dim));
    }

    #[test]
    fn quotient_and_remainder_make_the_whole(x in written(), c in 1i64..20) {
        let (x, c) = (x.dim(), Dim::constant(c));
        prop_assert_eq!(&c * x.floor_div(&c) + x.modulo(&c), x);
    }
}

#[test]
fn quotient_and_remainder_by_a_symbol_make_the_whole() {
    for x in ["i", "i*m + j", "i + 7", "n*i + j", "4*n*i + 2*n", "n + 1"] {
        for c in ["n", "2*n", "n*m", "n + 1", "-n", "i"] {
            let (x, c) = (dim(x), dim(c));
            assert_eq!(&c * x.floor_div(&c) + x.modulo(&c), x, "divided by {c}");
        }
    }
}

#[test]
fn normal_forms() {
    check("n + n + 2*m - n", "m*2 + n".replace("m*2", "2*m").as_str());
    check("n - (n div 4)*4", "n mod 4");
    check("n - n mod 4", "4*(n div 4)");
    check("(8*i + j) div 8", "i + j div 8");
    check("(8*i + j) mod 8", "j mod 8");
    check("(n div 4) div 8", "n div 32");
    check(
        "(112*i + 2*j + k div 32 + 110*(k div 64)) div 112",
        "i + k div 64 + (2*j + (k div 32) mod 2) div 112",
    );
    check("(112*i + 2*j + k div 32 + 110*(k div 64)) mod 112", "(2*j + (k div 32) mod 2) mod 112");
    check("(k + 6*(k div 4)) div 10", "k div 4 + (k mod 4) div 10");
    check("(n*i + j) div n", "i + j div n");
    check("(n*i) mod (n*m)", "n*(i mod m)");
    check("ceildiv(n, 64)", "ceildiv(n, 64)");
    check("ceildiv(n, m)", "ceildiv(n, m)");
    check("32*(i div 32) + 8*((i div 8) mod 4) + i mod 8", "i");
    check("(3 - n) div -1", "n - 3");
    check("min(n, n + 1) + max(n, n - 2)", "2*n");
    check("-7 div 2", "-4");
    check("-7 mod 2", "1");
    check("\"batch size\" * 2", "2*\"batch size\"");
}

#[test]
fn undefined_and_unbound_are_named() {
    let values = |var: &Var| (&**var.name() == "n").then_some(0);
    let error = |text: &str| dim(text).eval(&values).expect_err("no value").to_string();
    assert_eq!(error("m + 1"), "`m` has no value");
    assert_eq!(error("3 div n"), "division by zero in `3 div n`");
    assert_eq!(error("5 mod 0"), "division by zero in `5 mod 0`");
    assert_eq!(
        error("9223372036854775807*(n + 2)"),
        "the value of `9223372036854775807*n + 18446744073709551614` does not fit 64 bits".replace(
            "9223372036854775807*n + 18446744073709551614",
            "((9223372036854775807)*(n + 2))"
        )
    );
}

#[test]
fn linear_parts() {
    let i = Var::Axis("i".into());
    assert_eq!(dim("n*i + 3*i + j + 1").linear_in(&i), Some((dim("n + 3"), dim("j + 1"))));
    assert_eq!(dim("i div 4 + i").linear_in(&i), None);
    assert_eq!(dim("i*i").linear_in(&i), None);
}

#[test]
fn faults_have_a_place() {
    let error = |text: &str| Dim::parse(text, &|_| None).expect_err("a fault").to_string();
    assert_eq!(error("3 +\n  k"), "line 2, column 3: `k` is neither a size nor an axis in scope");
    assert_eq!(error("(3"), "line 1, column 3: expected `)`, found the end of the text");
    assert!(error(&"(".repeat(100_000)).contains("nest deeper"));
}
