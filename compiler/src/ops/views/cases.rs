//! Examples of views.

use ferrodyne_plan::{DType, Dim};

use crate::graph::Attrs;
use crate::ops::case::{Case, Domain};

fn dims(sizes: &[i64]) -> Vec<Dim> {
    sizes.iter().map(|&d| Dim::constant(d)).collect()
}

fn n() -> Dim {
    Dim::sym("n")
}

/// An operand `[n, 4]` with a symbolic `n` of 6.
fn symbolic() -> Case {
    Case::new().symbolic(DType::F32, vec![n(), 4i64.into()], Domain::Real(-2.0, 2.0)).size("n", 6)
}

pub(super) fn reshape() -> Vec<Case> {
    let to = |sizes: &[i64]| Attrs::new().dims("dims", &dims(sizes));
    vec![
        Case::new().f32(&[4, 6]).with(to(&[2, 3, 4])),
        Case::new().f32(&[2, 3, 4, 5]).with(to(&[2, 12, 5])),
        Case::new().i32(&[6]).with(to(&[1, 6, 1])),
        Case::new().f32(&[1, 1]).with(to(&[])),
        symbolic().with(Attrs::new().dims("dims", &[n() * 2i64, 2i64.into()])),
        symbolic().with(Attrs::new().dims("dims", &[n() * 4i64])),
    ]
}

pub(super) fn permute() -> Vec<Case> {
    vec![
        Case::new().f32(&[2, 3, 4]).with(Attrs::new().ints("axes", &[2, 0, 1])),
        symbolic().with(Attrs::new().ints("axes", &[1, 0])),
    ]
}

pub(super) fn expand() -> Vec<Case> {
    vec![
        Case::new().f32(&[3, 1]).with(Attrs::new().dims("dims", &dims(&[2, 3, 4]))),
        Case::new().f32(&[]).with(Attrs::new().dims("dims", &dims(&[5]))),
        symbolic().with(Attrs::new().dims("dims", &[3i64.into(), n(), 4i64.into()])),
    ]
}

pub(super) fn slice() -> Vec<Case> {
    let cut = |starts: &[Dim], ends: &[Dim], steps: &[i64]| {
        Attrs::new().dims("starts", starts).dims("ends", ends).ints("steps", steps)
    };
    vec![
        Case::new().f32(&[5, 8]).with(cut(&dims(&[1, 0]), &dims(&[4, 8]), &[1, 3])),
        Case::new().f32(&[6]).with(cut(&dims(&[2]), &dims(&[2]), &[1])),
        symbolic().with(cut(&[1i64.into(), 2i64.into()], &[n(), 4i64.into()], &[2, 1])),
    ]
}

pub(super) fn flip() -> Vec<Case> {
    vec![
        Case::new().f32(&[3, 4]).with(Attrs::new().ints("axes", &[0, 1])),
        symbolic().with(Attrs::new().ints("axes", &[0])),
    ]
}

pub(super) fn pad() -> Vec<Case> {
    let by = |low: &[i64], high: &[i64], value: f64| {
        Attrs::new().dims("low", &dims(low)).dims("high", &dims(high)).float("value", value)
    };
    vec![
        Case::new().f32(&[3, 4]).with(by(&[1, 0], &[2, 3], 0.5)),
        Case::new().f32(&[3, 4]).with(by(&[-1, 2], &[0, -1], f64::NEG_INFINITY)),
        Case::new().i32(&[5]).with(by(&[2], &[1], -7.0)),
        Case::new().bool(&[5]).with(by(&[-1], &[-1], 0.0)),
        symbolic().with(by(&[1, 1], &[1, 0], 0.0)),
    ]
}

pub(super) fn window() -> Vec<Case> {
    let of = |axes: &[i64], sizes: &[i64], strides: &[i64], dilations: &[i64]| {
        let attrs = Attrs::new().ints("axes", axes).dims("sizes", &dims(sizes));
        attrs.ints("strides", strides).ints("dilations", dilations)
    };
    vec![
        Case::new().f32(&[2, 9]).with(of(&[1], &[3], &[2], &[1])),
        Case::new().f32(&[2, 6, 7]).with(of(&[1, 2], &[3, 2], &[1, 2], &[2, 3])),
        symbolic().with(of(&[0], &[3], &[1], &[1])),
    ]
}
