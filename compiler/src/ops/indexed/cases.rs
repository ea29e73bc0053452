//! Examples of joining, picking and scattering.

use ferrodyne_plan::{DType, Dim};

use crate::graph::Attrs;
use crate::ops::case::{Case, Domain};

fn along(axis: i64) -> Attrs {
    Attrs::new().int("axis", axis)
}

pub(super) fn concat() -> Vec<Case> {
    let n = || vec![Dim::sym("n"), 3i64.into()];
    let real = || Domain::Real(-2.0, 2.0);
    vec![
        Case::new().f32(&[2, 3]).f32(&[4, 3]).with(along(0)),
        Case::new().f32(&[2, 3]).f32(&[2, 1]).f32(&[2, 5]).with(along(1)),
        Case::new().i32(&[4]).with(along(0)),
        Case::new().f32(&[2, 0]).f32(&[2, 3]).with(along(1)),
        Case::new()
            .symbolic(DType::F32, n(), real())
            .f32(&[2, 3])
            .symbolic(DType::F32, n(), real())
            .size("n", 4)
            .with(along(0)),
    ]
}

pub(super) fn gather() -> Vec<Case> {
    let table = vec![Dim::sym("n"), 4i64.into()];
    vec![
        Case::new().f32(&[7, 3]).index(&[2, 5], 7).with(along(0)),
        Case::new().f32(&[2, 6, 3]).operand(DType::I32, &[4], Domain::Int(-6, 5)).with(along(1)),
        Case::new().i32(&[5]).index(&[], 5).with(along(0)),
        Case::new()
            .symbolic(DType::F32, table, Domain::Real(-2.0, 2.0))
            .index(&[3], 4)
            .size("n", 5)
            .with(along(0)),
    ]
}

pub(super) fn take_along() -> Vec<Case> {
    vec![
        Case::new().f32(&[4, 3]).index(&[2, 3], 4).with(along(0)),
        Case::new().f32(&[2, 5]).operand(DType::I64, &[2, 8], Domain::Int(-5, 4)).with(along(1)),
    ]
}

pub(super) fn scatter() -> Vec<Case> {
    let mode = |axis, mode| along(axis).str("mode", mode);
    let once = |dims: &[i64]| {
        Case::new().f32(dims).operand(DType::I64, dims, Domain::Permutation).f32(dims)
    };
    vec![
        once(&[3, 5]).with(mode(1, "set")),
        Case::new().f32(&[4, 3]).index(&[6, 3], 4).f32(&[6, 3]).with(mode(0, "add")),
        Case::new().i32(&[6]).index(&[9], 6).i32(&[9]).with(mode(0, "add")),
        Case::new().f32(&[4, 3]).index(&[6, 3], 4).f32(&[6, 3]).with(mode(0, "mul")),
        Case::new().i32(&[6]).index(&[9], 6).i32(&[9]).with(mode(0, "mul")),
        Case::new().f32(&[4, 3]).index(&[6, 2], 4).f32(&[6, 2]).with(mode(0, "min")),
        Case::new().i32(&[5]).index(&[9], 5).i32(&[9]).with(mode(0, "max")),
    ]
}
