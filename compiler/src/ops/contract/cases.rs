//! Examples of contractions.

use ferrodyne_plan::{DType, Dim};

use crate::graph::Attrs;
use crate::ops::case::{Case, Domain};

pub(super) fn dot() -> Vec<Case> {
    let over = |lhs_batch: &[i64], rhs_batch: &[i64], lhs: &[i64], rhs: &[i64]| {
        let batch = Attrs::new().ints("lhs_batch", lhs_batch).ints("rhs_batch", rhs_batch);
        batch.ints("lhs_contract", lhs).ints("rhs_contract", rhs)
    };
    let real = || Domain::Real(-1.0, 1.0);
    vec![
        Case::new().f32(&[5, 7]).f32(&[7, 6]).with(over(&[], &[], &[1], &[0])),
        Case::new().f32(&[2, 5, 7]).f32(&[2, 6, 7]).with(over(&[0], &[0], &[2], &[2])),
        Case::new().f32(&[5, 3, 2]).f32(&[2, 4, 3]).with(over(&[], &[], &[1, 2], &[2, 0])),
        Case::new().f32(&[4]).f32(&[3]).with(over(&[], &[], &[], &[])),
        Case::new().f32(&[3, 0]).f32(&[0, 2]).with(over(&[], &[], &[1], &[0])),
        Case::new().f32(&[37, 129]).f32(&[129, 41]).with(over(&[], &[], &[1], &[0])),
        Case::new().i32(&[3, 4]).i32(&[4, 2]).with(over(&[], &[], &[1], &[0])),
        Case::new()
            .symbolic(DType::F32, vec![Dim::sym("m"), Dim::sym("k")], real())
            .symbolic(DType::F32, vec![Dim::sym("k"), 8i64.into()], real())
            .size("m", 9)
            .size("k", 16)
            .with(over(&[], &[], &[1], &[0])),
    ]
}

pub(super) fn conv() -> Vec<Case> {
    let of = |strides: &[i64], pads: &[i64], dilations: &[i64], groups, layout: &str| {
        let window = Attrs::new().ints("strides", strides).ints("pads", pads);
        window.ints("dilations", dilations).int("groups", groups).str("layout", layout)
    };
    let images = vec![Dim::sym("n"), 3i64.into(), Dim::sym("h"), 8i64.into()];
    vec![
        Case::new().f32(&[2, 3, 9]).f32(&[4, 3, 3]).with(of(&[2], &[1, 1], &[1], 1, "nchw")),
        Case::new().f32(&[1, 3, 8, 7]).f32(&[5, 3, 3, 3]).with(of(
            &[2, 1],
            &[1, 1, 1, 1],
            &[1, 1],
            1,
            "nchw",
        )),
        Case::new().f32(&[2, 8, 7, 4]).f32(&[3, 3, 2, 6]).with(of(
            &[1, 1],
            &[2, 0, 1, 1],
            &[2, 1],
            2,
            "nhwc",
        )),
        Case::new().f32(&[1, 4, 6, 6]).f32(&[4, 1, 3, 3]).with(of(
            &[1, 1],
            &[1, 1, 1, 1],
            &[1, 1],
            4,
            "nchw",
        )),
        Case::new().f32(&[1, 2, 4, 5, 4]).f32(&[3, 2, 2, 2, 2]).with(of(
            &[1, 1, 2],
            &[0; 6],
            &[1, 1, 1],
            1,
            "nchw",
        )),
        Case::new()
            .symbolic(DType::F32, images, Domain::Real(-1.0, 1.0))
            .f32(&[2, 3, 3, 3])
            .size("n", 2)
            .size("h", 6)
            .with(of(&[1, 1], &[1, 1, 1, 1], &[1, 1], 1, "nchw")),
    ]
}
