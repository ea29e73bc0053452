//! Steps keep what a kernel computes: the interpreter before and after random ones; and refusals.

use ferrodyne_compiler::schedule::steps::{bind, fuse, hold, online, split, stage, tile};
use ferrodyne_plan::Name;
use ferrodyne_plan::loops::{Bind, Kernel, Level, Literal, Role, Tail, Tensor, interpret};
use proptest::prelude::*;

fn product(m: i64, n: i64, k: i64) -> Kernel {
    let text = format!(
        "kernel mm(in a: f32[{m}, {k}], in b: f32[{k}, {n}], out o: f32[{m}, {n}]) {{\n  axis i in {m}\n  axis j in {n}\n  \
         axis k in {k}\n  for i j {{\n    fold c = sum over k {{ a[i, k] * b[k, j] }}\n    o[i, j] = max(c, 0.0)\n  }}\n}}\n"
    );
    Kernel::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Small whole numbers, so that sums are exact in any order.
fn results(kernel: &Kernel) -> Vec<Literal> {
    let mut buffers: Vec<Tensor> = kernel
        .params
        .iter()
        .map(|param| {
            let dims: Vec<usize> =
                param.dims.iter().map(|d| d.as_const().expect("static") as usize).collect();
            let data = (0..dims.iter().product::<usize>())
                .map(|at| Literal::F32(((at * 7 + 3) % 11) as f32 - 5.0));
            Tensor::new(param.dtype, &dims, data.collect::<Vec<_>>())
        })
        .collect();
    interpret(kernel, &|_| None, &mut buffers).unwrap_or_else(|fault| panic!("{fault}\n{kernel}"));
    let out =
        kernel.params.iter().position(|param| param.role == Role::Out).expect("a kernel writes");
    buffers.swap_remove(out).data
}

proptest! {
    #[test]
    fn splits_keep_what_a_kernel_computes(
        m in 1i64..7, n in 1i64..7, k in 1i64..9, ti in 1i64..5, tj in 1i64..5, tk in 1i64..5,
    ) {
        let mut kernel = product(m, n, k);
        let want = results(&kernel);
        split(&mut kernel, &Name::from("i"), &[("g", None), ("t", Some(ti))], Tail::Clamp).unwrap();
        split(&mut kernel, &Name::from("j"), &[("t", Some(tj)), ("g", None)], Tail::Clamp).unwrap();
        split(&mut kernel, &Name::from("k"), &[("o", None), ("q", Some(tk))], Tail::Unit).unwrap();
        prop_assert_eq!(&results(&kernel), &want);
        bind(&mut kernel, &Name::from("i.t"), Bind::Unroll).unwrap();
        bind(&mut kernel, &Name::from("k.q"), Bind::Unroll).unwrap();
        tile(&mut kernel, &[Name::from("i.t")]).unwrap();
        prop_assert_eq!(&results(&kernel), &want);
    }

    #[test]
    fn fusing_keeps_what_a_kernel_computes(m in 1i64..7, n in 1i64..7, k in 1i64..5, t in 1i64..6) {
        let mut kernel = product(m, n, k);
        let want = results(&kernel);
        let all = fuse(&mut kernel, &[Name::from("i"), Name::from("j")], "p").unwrap();
        prop_assert_eq!(&results(&kernel), &want);
        split(&mut kernel, &all, &[("g", None), ("l", Some(t))], Tail::Clamp).unwrap();
        prop_assert_eq!(&results(&kernel), &want);
    }
}

#[test]
fn steps_refuse_what_would_change_the_meaning() {
    let name = |text: &str| Name::from(text);
    let mut kernel = product(6, 8, 5);
    let overhang =
        split(&mut kernel, &name("k"), &[("o", None), ("q", Some(4))], Tail::Exact).unwrap_err();
    assert_eq!(overhang.to_string(), "split k: 4 does not divide 5, and no tail is given");
    let vector = bind(&mut kernel, &name("j"), Bind::Vec).unwrap_err();
    assert_eq!(vector.to_string(), "bind j: a vector has 2 or 4 components");
    let apart = fuse(&mut kernel, &[name("j"), name("i")], "p").unwrap_err();
    assert_eq!(apart.to_string(), "fuse j: the axes do not stand beside each other everywhere");
    let serial = tile(&mut kernel, &[name("i")]).unwrap_err();
    assert_eq!(
        serial.to_string(),
        "tile i: a tile of registers needs axes that are unrolled or form vectors"
    );
    let written = stage(&mut kernel, &name("o"), &name("k"), Level::Register, &[]).unwrap_err();
    assert_eq!(
        written.to_string(),
        "stage o: only a buffer that the kernel does not write can be held"
    );
}

/// A softmax's folds over `k`, with `more` at the end of the nest, and `k` split in blocks of four.
fn rows(more: &str) -> Kernel {
    let text = format!(
        "kernel rows(in x: f32[3, 10], in v: f32[10], out o: f32[3], out e: f32[3, 10]) {{\n  axis r in 3\n  axis k in 10\n  \
         for r {{\n    fold m = max over k {{ x[r, k] }}\n    fold z = sum over k {{ exp(x[r, k] - m) }}\n    {more}\n  }}\n}}\n"
    );
    let mut kernel = Kernel::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    split(&mut kernel, &Name::from("k"), &[("o", None), ("u", Some(4))], Tail::Unit).unwrap();
    bind(&mut kernel, &Name::from("k.u"), Bind::Unroll).unwrap();
    kernel
}

fn one_pass(kernel: &mut Kernel) -> Result<(), String> {
    let name = |text: &str| Name::from(text);
    online(kernel, &name("k"), [&name("k.o"), &name("k.u")]).map_err(|refusal| refusal.to_string())
}

#[test]
fn sums_of_exponentials_are_carried_on_in_one_pass() {
    for last in
        ["o[r] = m + log(z)", "fold y = sum over k { exp(x[r, k] - m) / z * v[k] } o[r] = y"]
    {
        let mut kernel = rows(last);
        let want = results(&kernel);
        one_pass(&mut kernel).unwrap();
        let got = results(&kernel);
        assert_eq!(got.len(), 3);
        for (a, b) in got.iter().zip(&want) {
            let (Literal::F32(a), Literal::F32(b)) = (a, b) else { panic!("floats") };
            assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{a} is not {b}\n{kernel}");
        }
    }
}

#[test]
fn one_pass_takes_nothing_but_exponentials_below_the_maximum() {
    let terms = "its terms are not exponentials below the maximum times something else";
    let refused = [
        ("fold y = sum over k { x[r, k] * v[k] } o[r] = y + z", format!("online y: {terms}")),
        ("fold y = sum over k { exp(x[r, k] - m) * m } o[r] = y / z", format!("online y: {terms}")),
        ("fold y = sum over k { exp(v[k] - m) } o[r] = y / z", format!("online y: {terms}")),
        (
            "fold y = prod over k { exp(x[r, k] - m) } o[r] = y / z",
            "online y: only sums are carried on beside a maximum".to_owned(),
        ),
        ("e[r, k] over k = exp(x[r, k] - m) / z", "online k: a store runs along it".to_owned()),
        (
            "let w: f32 = 1.0 / z fold y = sum over k { exp(x[r, k] - m) * w } o[r] = y",
            "online y: it needs what stands after the pass".to_owned(),
        ),
    ];
    for (last, want) in refused {
        assert_eq!(one_pass(&mut rows(last)), Err(want), "{last}");
    }
    let mut product = product(6, 8, 5);
    let unsplit = online(&mut product, &Name::from("k"), [&Name::from("k"), &Name::from("k")]);
    let refusal = unsplit.unwrap_err().to_string();
    assert_eq!(refusal, "online k: it is not split in a loop and a block");
}

#[test]
fn only_what_varies_along_the_lanes_waits_there() {
    let name = |text: &str| Name::from(text);
    let mut kernel = product(6, 8, 5);
    let held = hold(&mut kernel, &name("c"), "a_at", &name("k"), &name("i")).unwrap_err();
    let rule = "hold i: what is held is chosen by constants: the axis must be unrolled";
    assert_eq!(held.to_string(), rule);
    bind(&mut kernel, &name("i"), Bind::Unroll).unwrap();
    let none = hold(&mut kernel, &name("o"), "a_at", &name("k"), &name("i")).unwrap_err();
    assert_eq!(none.to_string(), "hold o: no factor of it is made of loads along the axis alone");
}
