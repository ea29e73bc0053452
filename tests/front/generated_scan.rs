//! Written by `ferrodyne::code::rust` from the graph of a test; do not edit.

use ferrodyne::code::{constant, op};
use ferrodyne::prelude::*;

fn body_1(x0: &Tensor, x1: &Tensor, x2: &Tensor) -> (Tensor, Tensor) {
    let v3 = x1 * x2; // tests/front/listing.rs:108
    let v4 = x0 + &v3; // tests/front/listing.rs:108
    let v5 = v4.relu(); // tests/front/listing.rs:109
    (v4.clone(), v5.clone())
}

pub fn running(x: &Tensor, factor: &Tensor) -> (Tensor, Tensor) {
    let device = x.device();
    let v2 = op("sum", &[x], &[("axes", [0].into()), ("keepdim", false.into())]); // tests/front/listing.rs:105
    let v3 = constant(DType::F32, &[], &[0.0], device); // tests/front/listing.rs:105
    let v4 = &v2 * &v3; // tests/front/listing.rs:105
    let v5 = { let (state, stacked) = ferrodyne::flow::scan(|state, slices| { let next = body_1(&state[0], &slices[0], factor); (vec![next.0.clone()], vec![next.1.clone()]) }, std::slice::from_ref(&v4), std::slice::from_ref(x)); (state[0].clone(), stacked[0].clone()) }; // tests/front/listing.rs:106
    let v6 = v5.0.clone(); // tests/front/listing.rs:106
    let v7 = v5.1.clone(); // tests/front/listing.rs:106
    (v6.clone(), v7.clone())
}
