//! The rules of `simplify`, each with a graph that it changes, and graphs that no rule may touch.

use super::{after, unchanged};

/// Checks that a body simplifies to another.
fn becomes(inputs: &str, text: &str, want: &str) {
    let got = after("simplify, dce", inputs, text);
    assert_eq!(got.trim_end().replace('\n', "; "), want, "{text}");
}

const X: &str = "%x: f32[n, 4], %y: f32[n, 4], %i: i32[n], %b: bool[n]";

#[test]
fn algebra() {
    let number = |v: &str| format!("%k = constant {{value=f32[]({v})}} ");
    for (op, value, want) in [
        ("add %x %k", "0.0", "return %x as r"),
        ("add %k %x", "0.0", "return %x as r"),
        ("sub %x %k", "0.0", "return %x as r"),
        ("sub %k %x", "0.0", "%r = neg %x; return %r"),
        ("mul %k %x", "1.0", "return %x as r"),
        ("mul %x %k", "-1.0", "%r = neg %x; return %r"),
        ("div %x %k", "1.0", "return %x as r"),
        ("div %k %x", "1.0", "%r = recip %x; return %r"),
        ("div %x %k", "8.0", "%0 = constant {value=f32[](0.125)}; %r = mul %x %0; return %r"),
        ("pow %x %k", "1.0", "return %x as r"),
        ("pow %x %k", "2.0", "%r = mul %x %x; return %r"),
        ("pow %x %k", "3.0", "%0 = mul %x %x; %r = mul %0 %x; return %r"),
        (
            "pow %x %k",
            "-0.5",
            "%0 = constant {value=f32[](0.0)}; %1 = lt %x %0; %2 = constant {value=f32[](-inf)}; %3 = gt %x %2; %4 = and %1 %3; %5 = abs %x; %6 = select %4 %x %5; %r = rsqrt %6; return %r",
        ),
        ("pow %x %k", "-1.0", "%r = recip %x; return %r"),
        (
            "pow %x %k",
            "0.0",
            "%0 = constant {value=f32[](1.0)}; %r = expand %0 {dims=[n, 4]}; return %r",
        ),
        ("max %x %x", "0.0", "return %x as r"),
    ] {
        becomes(X, &format!("{}%r = {op} return %r", number(value)), want);
    }
    for (op, want) in [
        ("%0 = neg %x %r = neg %0 return %r", "return %x as r"),
        ("%0 = neg %y %r = add %x %0 return %r", "%r = sub %x %y; return %r"),
        ("%0 = neg %x %r = abs %0 return %r", "%r = abs %x; return %r"),
        ("%0 = sqrt %x %r = recip %0 return %r", "%r = rsqrt %x; return %r"),
        ("%0 = floor %x %r = round %0 return %r", "%r = floor %x; return %r"),
        ("%0 = not %b %1 = not %0 %r = select %1 %i %i return %r", "return %i as r"),
        (
            "%0 = not %b %1 = add %i %i %r = select %0 %1 %i return %r",
            "%0 = add %i %i; %r = select %b %i %0; return %r",
        ),
        (
            "%0 = cast %b {dtype=f32} %1 = constant {value=f32[](0.0)} %r = ne %0 %1 return %r",
            "return %b as r",
        ),
    ] {
        becomes(X, op, want);
    }
}

#[test]
fn a_power_of_what_is_never_negative_is_a_root() {
    let half = "%k = constant {value=f32[](0.5)} ";
    for (before, base) in [("%0 = exp %x", "exp %x"), ("%0 = mul %x %x", "mul %x %x")] {
        let text = format!("{half}{before} %r = pow %0 %k return %r");
        becomes(X, &text, &format!("%0 = {base}; %r = sqrt %0; return %r"));
    }
    let text = "%k = constant {value=f32[](-0.5)} %e = constant {value=f32[](0.1)} %0 = mul %x %x
                %1 = sum %0 {axes=[1], keepdim=true} %2 = add %1 %e %r = pow %2 %k return %r";
    let got = after("simplify, dce", X, text);
    assert!(got.contains("rsqrt") && !got.contains("select"), "{got}");
}

#[test]
fn clamps_are_joined_and_lose_no_bound() {
    let text = "%k = constant {value=f32[](1.0)} %l = constant {value=f32[](2.0)}
                %0 = max %x %k %1 = max %0 %l %2 = min %1 %l return %2 as r";
    let want = "%l = constant {value=f32[](2.0)}; %0 = constant {value=f32[](2.0)}; %1 = max %x %0; \
                %2 = min %1 %l; return %2 as r";
    becomes(X, text, want);
}

#[test]
fn what_differs_for_nan_infinities_or_rounding_stays() {
    let zero = "%k = constant {value=f32[](0.0)} ";
    for text in ["%r = mul %x %k return %r", "%r = sub %x %x return %r", "%r = div %x %x return %r"]
    {
        unchanged("simplify", X, &format!("{}{text}", if text.contains("%k") { zero } else { "" }));
    }
    unchanged("simplify", X, "%k = constant {value=f32[](3.0)} %r = div %x %k return %r");
    unchanged("simplify", X, "%0 = cast %x {dtype=f16} %1 = cast %0 {dtype=f32} return %1 as r");
    unchanged("simplify", X, "%0 = cast %i {dtype=f32} %1 = cast %0 {dtype=i32} return %1 as r");
}

#[test]
fn conversions() {
    let cast = |a: &str, b: &str| {
        format!("%0 = cast %i {{dtype={a}}} %r = cast %0 {{dtype={b}}} return %r")
    };
    becomes(X, &cast("i64", "i32"), "return %i as r");
    becomes(X, &cast("i64", "f32"), "%r = cast %i {dtype=f32}; return %r");
    becomes(X, "%r = cast %x {dtype=f32} return %r", "return %x as r");
}

#[test]
fn views_of_views() {
    for (text, want) in [
        ("%0 = permute %x {axes=[1, 0]} %r = permute %0 {axes=[1, 0]} return %r", "return %x as r"),
        ("%0 = reshape %x {dims=[4*n]} %r = reshape %0 {dims=[n, 4]} return %r", "return %x as r"),
        ("%0 = reshape %x {dims=[1, n, 4]} %r = permute %0 {axes=[1, 0, 2]} return %r", "%r = reshape %x {dims=[n, 1, 4]}; return %r"),
        ("%r = expand %x {dims=[n, 4]} return %r", "return %x as r"),
        ("%0 = expand %x {dims=[2, n, 4]} %r = expand %0 {dims=[3, 2, n, 4]} return %r", "%r = expand %x {dims=[3, 2, n, 4]}; return %r"),
        ("%0 = reshape %x {dims=[1, n, 4]} %r = expand %0 {dims=[5, n, 4]} return %r", "%r = expand %x {dims=[5, n, 4]}; return %r"),
        ("%r = slice %x {starts=[0, 0], ends=[n, 4], steps=[1, 1]} return %r", "return %x as r"),
        (
            "%0 = slice %x {starts=[0, 1], ends=[n, 4], steps=[1, 1]} %r = slice %0 {starts=[0, 1], ends=[n, 3], steps=[1, 1]} return %r",
            "%r = slice %x {ends=[n, 4], starts=[0, 2], steps=[1, 1]}; return %r",
        ),
        (
            "%0 = concat %x %y {axis=1} %r = slice %0 {starts=[0, 4], ends=[n, 8], steps=[1, 1]} return %r",
            "return %y as r",
        ),
        (
            "%0 = slice %x {starts=[0, 0], ends=[n, 1], steps=[1, 1]} %1 = slice %x {starts=[0, 1], ends=[n, 4], steps=[1, 1]}
             %r = concat %0 %1 {axis=1} return %r",
            "return %x as r",
        ),
        ("%0 = concat %x %y {axis=1} %r = concat %0 %x {axis=1} return %r", "%r = concat %x %y %x {axis=1}; return %r"),
        ("%r = pad %x {low=[0, 0], high=[0, 0], value=0.0} return %r", "return %x as r"),
        ("%0 = flip %x {axes=[1]} %r = flip %0 {axes=[1]} return %r", "return %x as r"),
        ("%0 = reshape %x {dims=[n, 1, 4]} %r = sum %0 {axes=[1]} return %r", "return %x as r"),
    ] {
        becomes(X, text, want);
    }
}

#[test]
fn a_contraction_reads_permuted_operands_itself() {
    let text = "%0 = permute %x {axes=[1, 0]}
                %r = dot %0 %y {lhs_batch=[], rhs_batch=[], lhs_contract=[1], rhs_contract=[0]} return %r";
    let want = "%r = dot %x %y {lhs_batch=[], lhs_contract=[0], rhs_batch=[], rhs_contract=[0]}; return %r";
    becomes(X, text, want);
}

#[test]
fn an_operand_that_was_broadcast_is_repeated() {
    let text =
        "%k = constant {value=i32[](0)} %0 = expand %k {dims=[3, n]} %r = add %i %0 return %r";
    becomes(X, text, "%r = expand %i {dims=[3, n]}; return %r");
}
