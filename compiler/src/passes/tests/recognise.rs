//! Composites as exporters write them are found again, and what is found computes the same.

use super::{agree, body, graph};
use crate::interpret::Sizes;
use crate::passes::PassList;

/// Checks that a body becomes one composite, which computes what the body did.
fn is_found(inputs: &str, text: &str, want: &str) {
    let graph = graph(inputs, text);
    let sizes = Sizes::from([("n".into(), 2)]);
    let values = agree::inputs(&graph, &sizes, 5);
    let list = PassList::named("recognise, simplify, cse, dce").unwrap();
    let found =
        agree::agree(&graph, &list, &sizes, &values).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(body(&found).trim_end().replace('\n', "; "), want, "{text}");
    let list = PassList::named("recognise, decompose, simplify, cse, dce").unwrap();
    agree::agree(&graph, &list, &sizes, &values).unwrap_or_else(|fault| panic!("{fault}"));
}

fn constants(list: &[(&str, &str)]) -> String {
    list.iter().map(|(name, v)| format!("%{name} = constant {{value=f32[]({v})}} ")).collect()
}

const X: &str = "%x: f32[n, 6]";

#[test]
fn gelu_by_the_error_function() {
    let k = constants(&[
        ("half", "0.5"),
        ("one", "1.0"),
        ("root", "1.4142135"),
        ("inverse", "0.70710677"),
    ]);
    for text in [
        "%0 = div %x %root %1 = erf %0 %2 = add %1 %one %3 = mul %x %2 %y = mul %3 %half return %y",
        "%0 = mul %x %inverse %1 = erf %0 %2 = add %one %1 %3 = mul %x %half %y = mul %3 %2 return %y",
        "%0 = div %x %root %1 = erf %0 %2 = add %1 %one %3 = mul %half %2 %y = mul %3 %x return %y",
    ] {
        is_found(X, &format!("{k}{text}"), "%y = gelu %x; return %y");
    }
}

#[test]
fn gelu_by_the_hyperbolic_tangent() {
    let k = constants(&[
        ("half", "0.5"),
        ("one", "1.0"),
        ("c", "0.044715"),
        ("s", "0.7978846"),
        ("three", "3.0"),
    ]);
    for cube in
        ["%0 = pow %x %three %1 = mul %c %0", "%0 = mul %x %x %4 = mul %0 %c %1 = mul %4 %x"]
    {
        let text = format!(
            "{k}{cube} %2 = add %x %1 %5 = mul %2 %s %6 = tanh %5 %7 = add %6 %one %8 = mul %half %x %y = mul %8 %7 return %y"
        );
        is_found(X, &text, "%y = gelu %x {approximate=\"tanh\"}; return %y");
    }
}

#[test]
fn swish() {
    let k = constants(&[("one", "1.0")]);
    for text in [
        "%0 = neg %x %1 = exp %0 %2 = add %1 %one %3 = div %one %2 %y = mul %3 %x return %y",
        "%0 = neg %x %1 = exp %0 %2 = add %one %1 %y = div %x %2 return %y",
        "%0 = sigmoid %x %y = mul %x %0 return %y",
    ] {
        is_found(X, &format!("{k}{text}"), "%y = silu %x; return %y");
    }
}

#[test]
fn a_layer_norm_of_nine_nodes() {
    let inputs = "%x: f32[n, 3, 6], parameter %w: f32[6], parameter %b: f32[6]";
    let k = constants(&[("two", "2.0"), ("eps", "1e-5"), ("count", "6.0")]);
    let mean = |of: &str| format!("mean {of} {{axes=[2], keepdim=true}}");
    let sum = |of: &str| format!("sum {of} {{axes=[2], keepdim=true}}");
    for (first, second) in [
        (format!("%m = {}", mean("%x")), format!("%v = {}", mean("%sq"))),
        (
            format!("%s = {} %m = div %s %count", sum("%x")),
            format!("%t = {} %v = div %t %count", sum("%sq")),
        ),
    ] {
        let text = format!(
            "{k}{first} %d = sub %x %m %sq = pow %d %two {second} %e = add %v %eps %r = sqrt %e %n = div %d %r
             %f = mul %n %w %y = add %f %b return %y"
        );
        is_found(
            inputs,
            &text,
            "%y = layer_norm %x %w %b {eps=9.999999747378752e-6, rank=1}; return %y",
        );
    }
}

#[test]
fn a_norm_by_the_mean_square() {
    let inputs = "%x: f32[n, 3, 6], parameter %w: f32[6]";
    let k = constants(&[("two", "2.0"), ("eps", "1e-5"), ("one", "1.0")]);
    let text = format!(
        "{k}%sq = pow %x %two %m = mean %sq {{axes=[2], keepdim=true}} %e = add %m %eps %r = sqrt %e %i = div %one %r
         %z = mul %x %i %y = mul %w %z return %y"
    );
    is_found(inputs, &text, "%y = rms_norm %x %w {eps=9.999999747378752e-6, rank=1}; return %y");
}

#[test]
fn attention_with_and_without_a_mask() {
    let inputs =
        "%q: f32[n, 2, 3, 4], %k: f32[n, 2, 5, 4], %v: f32[n, 2, 5, 4], %m: f32[n, 1, 1, 5]";
    let c = constants(&[("c", "2.0")]);
    let turned = "%t = permute %k {axes=[0, 1, 3, 2]} %s = matmul %q %t";
    for (text, want) in [
        (
            "%d = div %s %c %a = add %d %m %p = softmax %a {axis=3}",
            "%y = scaled_dot_product_attention %q %k %v %m {scale=0.5}; return %y",
        ),
        (
            "%d = mul %c %s %p = softmax %d",
            "%y = scaled_dot_product_attention %q %k %v {scale=2.0}; return %y",
        ),
        ("%p = softmax %s", "%y = scaled_dot_product_attention %q %k %v {scale=1.0}; return %y"),
    ] {
        is_found(inputs, &format!("{c}{turned} {text} %y = matmul %p %v return %y"), want);
    }
}

#[test]
fn what_only_looks_alike_is_left() {
    let k = constants(&[("half", "0.5"), ("one", "1.0"), ("root", "1.5"), ("eps", "1e-5")]);
    for text in [
        "%0 = div %x %root %1 = erf %0 %2 = add %1 %one %3 = mul %x %2 %y = mul %3 %half return %y",
        "%0 = neg %x %1 = exp %0 %2 = add %1 %half %y = div %x %2 return %y",
        "%m = mean %x {axes=[0], keepdim=true} %d = sub %x %m %q = mul %d %d %v = mean %q {axes=[0], keepdim=true}
         %e = add %v %eps %r = rsqrt %e %y = mul %d %r return %y",
        "%m = mean %x {axes=[1], keepdim=true} %d = sub %x %m %q = mul %x %x %v = mean %q {axes=[1], keepdim=true}
         %e = add %v %eps %r = rsqrt %e %y = mul %d %r return %y",
    ] {
        super::unchanged("recognise", X, &format!("{k}{text}"));
    }
}
