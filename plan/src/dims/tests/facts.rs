//! What facts prove, bound and simplify, against all values that they allow.

use proptest::prelude::*;

use super::strategies::{NAMES, Written, classify, lookup, var, written};
use crate::dims::{Dim, Facts, Proof, Range};

fn dim(text: &str) -> Dim {
    Dim::parse(text, &classify).expect("the text of a dim")
}

fn facts(text: &str) -> Facts {
    Facts::parse(text, &classify).expect("the text of facts")
}

/// Facts over the four names, with few enough values to try them all.
fn some_facts() -> impl Strategy<Value = Facts> {
    let range = (-4i64..9, 0i64..4).prop_map(|(lo, len)| Range::between(lo, lo + len));
    let relation = prop::sample::select(vec![
        "",
        "n % 4 == 0",
        "i < n",
        "i < m, j < i",
        "m % 3 == 0, n % 2 == 0",
        "i < n*m",
        "n == 2*m",
        "n == m",
        "n + i == m + j",
        "n + i % 4 == 0",
        "i < ceildiv(n, 4)",
        "m == j + 1",
        "i + j < n",
        "i % 2 == 0, j % 4 == 0",
    ]);
    (prop::array::uniform4(range), relation).prop_map(|(ranges, relation)| {
        let ranges = NAMES.iter().zip(ranges).map(|(name, range)| format!("{name} in {range}"));
        let mut text = ranges.collect::<Vec<_>>().join(", ");
        if !relation.is_empty() {
            text = format!("{text}, {relation}");
        }
        facts(&text)
    })
}

/// Calls `check` with all values that the facts allow.
fn for_all(
    facts: &Facts,
    mut check: impl FnMut([i64; 4]) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let ends = NAMES.map(|name| facts.range(&var(name)));
    let values = |at: usize| ends[at].lo.expect("a start")..=ends[at].hi.expect("an end");
    for n in values(0) {
        for m in values(1) {
            for i in values(2) {
                for j in values(3) {
                    let get = lookup([n, m, i, j]);
                    if facts.broken_by(&|var| Some(get(var.name()))).is_none() {
                        check([n, m, i, j])?;
                    }
                }
            }
        }
    }
    Ok(())
}

fn agrees(proof: Proof, holds: bool) -> bool {
    proof == Proof::Unknown || proof.is_yes() == holds
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn simplified_has_the_same_value(facts in some_facts(), expr in written()) {
        let dim = facts.simplify(&expr.dim());
        for_all(&facts, |values| {
            let get = lookup(values);
            if let Some(value) = expr.value(&get) {
                let got = dim.eval(&|var| Some(get(var.name()))).map(i128::from);
                prop_assert_eq!(got, Ok(value), "{} became {} at {:?}", expr.dim(), dim, values);
            }
            Ok(())
        })?;
    }

    #[test]
    fn range_holds_every_value(facts in some_facts(), expr in written()) {
        let range = facts.range_of(&expr.dim());
        for_all(&facts, |values| {
            let value = expr.value(&lookup(values)).and_then(|value| i64::try_from(value).ok());
            prop_assert!(
                value.is_none_or(|value| range.contains(value)),
                "{} = {:?} at {:?} is outside {}", expr.dim(), value, values, range
            );
            Ok(())
        })?;
    }

    #[test]
    fn proofs_never_lie(
        facts in some_facts(), a in written(), b in written(), factor in 2i64..9,
    ) {
        let (x, y) = (a.dim(), b.dim());
        let (lt, le, eq) = (facts.prove_lt(&x, &y), facts.prove_le(&x, &y), facts.prove_eq(&x, &y));
        let (positive, multiple) = (facts.prove_nonneg(&x), facts.prove_multiple(&x, factor));
        for_all(&facts, |values| {
            let get = lookup(values);
            let value = |expr: &Written| expr.value(&get);
            let (Some(a), Some(b)) = (value(&a), value(&b)) else { return Ok(()) };
            prop_assert!(agrees(lt, a < b), "{x} < {y}: {lt:?} at {values:?}");
            prop_assert!(agrees(le, a <= b), "{x} <= {y}: {le:?} at {values:?}");
            prop_assert!(agrees(eq, a == b), "{x} == {y}: {eq:?} at {values:?}");
            prop_assert!(agrees(positive, a >= 0), "0 <= {x}: {positive:?} at {values:?}");
            let divides = a % i128::from(factor) == 0;
            prop_assert!(agrees(multiple, divides), "{x} % {factor}: {multiple:?} at {values:?}");
            Ok(())
        })?;
    }

    #[test]
    fn facts_read_back(facts in some_facts()) {
        let read = Facts::parse(&facts.to_string(), &classify);
        prop_assert_eq!(read.as_ref(), Ok(&facts));
    }
}

#[track_caller]
fn check(known: &str, from: &str, to: &str) {
    assert_eq!(facts(known).simplify(&dim(from)).to_string(), to);
}

#[test]
fn simplified() {
    check("j in 0..=7", "(8*i + j) div 8", "i");
    check("j in 0..=7", "(8*i + j) mod 8", "j");
    check("i in 0..=3", "i mod 8", "i");
    check("i in 0.., i < n", "i mod n", "i");
    check("i in 0.., i < n", "(j*n + i) div n", "j");
    check("n % 4 == 0", "4*(n div 4)", "n");
    check("n % 4 == 0", "n mod 4", "0");
    check("n % 64 == 0", "64*ceildiv(n, 64)", "n");
    check("j in 0..=3", "(4*i + j) div 8", "i div 2");
    check("j in 0..=3", "(4*i + j) mod 8", "j + 4*(i mod 2)");
    check("i in 0..=3, n in 4..=9", "min(i, n)", "i");
    check("i in 0..=3, n in 4..=9", "max(i, n)", "n");
    check("n in 1.., m in 1..", "(i div n) div m", "i div (m*n)");
    check("n in 1.., m in 1..", "((i div n) mod m)*k + (i div (m*n))*m*k", "k*(i div n)");
    check("n in 1.., m in 1..", "(i mod n)*k + ((i div n) mod m)*n*k + (i div (m*n))*m*n*k", "k*i");
    check(
        "n in 1.., m in 1..",
        "((i div n) mod m) + (i div (m*n))*m*2",
        "(i div n) mod m + 2*m*(i div (m*n))",
    );
    check("m == 2*n", "m + n", "3*n");
    check("i in 0.., j in 0.., i < n, j < m", "(i*m + j) div (n*m)", "0");
}

#[test]
fn proved() {
    let yes = |known: &str, a: &str, b: &str| {
        assert_eq!(facts(known).prove_lt(&dim(a), &dim(b)), Proof::Yes, "{a} < {b} for {known}");
    };
    yes("i in 0.., j in 0..=3, i < n div 4", "4*i + j", "n");
    yes("i in 0.., j in 0.., i < n, j < m", "i*m + j", "n*m");
    yes("i < ceildiv(n, 8)", "8*i", "n");
    yes("i in 0.., i < 12*n - 12", "0", "8*n - 8");
    yes("n in 1..", "n mod 4", "4");
    yes("", "max(n - 3, 0) - 1", "n");
    yes("", "min(2, n) + max(min(5, n) - 2, 0)", "n + 1");
    assert_eq!(facts("").prove_le(&dim("max(n, 1)"), &dim("n")), Proof::Unknown);
    assert_eq!(facts("").prove_eq(&dim("n - min(1, n)"), &dim("max(n - 1, 0)")), Proof::Yes);
    assert_eq!(facts("").prove_lt(&dim("i"), &dim("n")), Proof::Unknown);
    assert_eq!(facts("").prove_eq(&dim("2*n + 1"), &dim("2*m")), Proof::No);
    assert_eq!(facts("").prove_le(&dim("n + 1"), &dim("n")), Proof::No);
    yes("4*(n div 2) == 4", "n", "4");
    yes("4*(n div 2) == 4", "1", "n");
    assert_eq!(facts("n + i == m + j").prove_eq(&dim("n - m"), &dim("j - i")), Proof::Yes);
}

#[test]
fn ranges() {
    let range = |known: &str, text: &str| facts(known).range_of(&dim(text)).to_string();
    assert_eq!(range("", "n - (n div 4)*4"), "0..=3");
    assert_eq!(range("n in 1..=10, n % 4 == 0", "n"), "4..=8");
    assert_eq!(range("i in 0..=9", "2*i + 1"), "1..=19");
    assert_eq!(range("i in 0..=9", "(i - 3)*(i - 3)"), "-45..=90");
    assert_eq!(range("", "n"), "0..");
}

#[test]
fn an_equation_in_one_symbol_makes_it_a_number() {
    let simplified = |a: &str, b: &str| {
        let mut facts = Facts::new();
        facts.assume_equal(&dim(a), &dim(b));
        facts.simplify(&dim("n")).to_string()
    };
    assert_eq!(simplified("n + 1", "4"), "3");
    assert_eq!(simplified("7", "2*n - 1"), "4");
    assert_eq!(simplified("2*n", "5"), "n");
    assert_eq!(simplified("4*(n div 2)", "4"), "n");
    assert_eq!(simplified("n + m", "4"), "n");
}

#[test]
fn an_inequality_narrows_the_range_of_its_variable() {
    let range = |a: &str, b: &str| {
        let mut facts = Facts::new();
        facts.assume_lt(dim(a), dim(b));
        facts.range(&var("n")).to_string()
    };
    assert_eq!(range("0", "n div 8"), "8..");
    assert_eq!(range("6", "(n - 1) div 4 + 2"), "21..");
    assert_eq!(range("n div 8", "3"), "0..=23");
    assert_eq!(range("max(n - 4, 0)", "1"), "0..=4");
    assert_eq!(range("2", "min(2*n, m)"), "2..");
    assert_eq!(range("0", "n + m"), "0..");
}
