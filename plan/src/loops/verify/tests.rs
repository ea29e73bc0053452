//! Every fault, by the smallest kernel that has it.

use super::{Fault, verify};
use crate::loops::Kernel;

fn fault(axes: &str, body: &str) -> String {
    let text = format!(
        "kernel f(in x: f32[n], in ids: i32[n], inout y: f32[n], out o: f32[n]) {{
           axis i in n axis j in 4 {axes} {body} }}"
    );
    let kernel = Kernel::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let fault: Fault = verify(&kernel).expect_err(&text);
    format!("{fault:?}").split(['(', ' ']).next().unwrap_or_default().to_owned()
}

#[test]
fn every_broken_rule_has_its_fault() {
    let cases = [
        ("Duplicate", "axis x in 4", ""),
        ("Duplicate", "", "for i { let n: f32 = 1.0 o[i] = n }"),
        ("Unknown", "", "for i { o[i] = t }"),
        ("Unknown", "", "for q { o[i] = 1.0 }"),
        ("Unknown", "", "for i { z[i] = 1.0 }"),
        ("BoundTwice", "", "for i { for i { o[i] = 1.0 } }"),
        ("Unbound", "", "for j { o[i] = 1.0 }"),
        ("Unbound", "", "let t[i]: f32 = x[i] for j { y[j] if j < n = t }"),
        ("Split", "axis k in 8 = k.o k.i tail exact axis k.o in 3 axis k.i in 2", ""),
        ("BindExtent", "axis k in n @unroll", ""),
        ("BindExtent", "axis k in 8 @vec", ""),
        ("TwoVecs", "axis a in 4 @vec axis b in 4 @vec", "for a b { }"),
        ("KeptOverLoop", "", "keep let t[i]: f32 = x[i]"),
        ("Order", "", "fold s = sum over i order i j { x[i] }"),
        (
            "FoldTail",
            "axis k in n = k.o k.i tail clamp axis k.o in ceildiv(n, 4) axis k.i in 4",
            "fold s = sum over k.o k.i { x[k] }",
        ),
        (
            "Padding",
            "axis k in n = k.o k.i tail pad axis k.o in ceildiv(n, 4) axis k.i in 4",
            "for k.o k.i { o[k] = 1.0 }",
        ),
        ("Rank", "", "for i j { o[i, j] = 1.0 }"),
        ("NoFill", "", "for i { o[i] = x[(i + 1)?] }"),
        ("Unproved", "", "for i { o[i] = x[i + 1] }"),
        ("Unproved", "", "for i { o[i] = x[i - 1] }"),
        ("Unproved", "", "for i { o[i + 1] = x[i] }"),
        ("Unproved", "", "for i { let id: i32 = ids[i] o[i] = x[id] }"),
        ("Divisor", "", "for i { o[i] = f32(ix(i div m)) }"),
        ("StoreToInput", "", "for i { x[i] = 1.0 }"),
        ("ReadOfOutput", "", "for i { y[i] = o[i] }"),
        ("MergeIntoOutput", "", "for i { o[i] merge sum = 1.0 }"),
        ("Repeated", "", "for i j { o[i] = 1.0 }"),
        ("StoreInFold", "", "fold s = sum over j { for i { o[i] = 1.0 } 1.0 }"),
        ("Type", "", "for i { o[i] = 1 }"),
        ("Type", "", "for i { let t: i32 = x[i] o[i] = 1.0 }"),
        ("Type", "", "for i { o[i] = x[i?] else 0 }"),
        ("Untyped", "", "for i { o[i] = x[i] + 1 }"),
        ("FoldArguments", "", "fold s = argmax over j { 1.0 }"),
        ("FoldArguments", "", "fold s = and over j { 1.0 }"),
        ("IndexType", "", "for i { let t: f32 = x[i] o[i] = x[t?] else 0.0 }"),
        ("Case", "", "for i { o[i] = case i { 0..4 => 1.0 } }"),
        ("Case", "", "for j { o[j] if j < n = case j { 0..2 => 1.0, 3..4 => 1.0 } }"),
        ("Stage", "", "fold s = sum over i { x[i] } with y at i register"),
        (
            "Stage",
            "",
            "fold s = sum over i { let t: i32 = ids[i] x[t?] else 0.0 } with x at i register",
        ),
        ("Anchor", "", "online i block j anchor s { fold s = sum over j { 1.0 } }"),
    ];
    for (want, axes, body) in cases {
        assert_eq!(fault(axes, body), want, "{axes} {body}");
    }
}

#[test]
fn guards_and_arms_prove_what_stands_inside_them() {
    let text = "
        kernel f(in a: f32[n], in b: f32[m], out o: f32[n]) {
          axis i in n + m
          for i { o[i - 1] if i - 1 < n = case i { 0..n => a[i], n..n + m => b[i - n] } }
        }";
    let kernel = Kernel::parse(text).expect("the text is a kernel");
    assert_eq!(verify(&kernel), Ok(()));
    for groups in [1, 2] {
        let text = format!(
            "kernel f(in x: f32[{0}, 5], in y: f32[{0}, 5], out o: f32[{0}, 5]) {{
               axis j in 5
               axis k in 3
               axis g in {groups}
               for g k j {{
                 o[3*g + k, j] = case 3*g + k + {2} {{
                   0..{0} => x[3*g + k + {2}, j],
                   {0}..{1} => case 3*g + k + {groups} {{
                     0..{0} => y[3*g + k + {groups}, j],
                     {0}..{1} => x[3*g + k + {groups} - {0}, j]
                   }}
                 }}
               }}
             }}",
            3 * groups,
            6 * groups,
            2 * groups
        );
        let kernel = Kernel::parse(&text).expect("the text is a kernel");
        assert_eq!(verify(&kernel), Ok(()), "{kernel}");
    }
}
