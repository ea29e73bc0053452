//! Written by `ferrodyne::code::rust` from the graph of a test; do not edit.

use ferrodyne::code::{constant, op};
use ferrodyne::prelude::*;

fn body_1(x0: &Tensor, x1: &Tensor, x2: &Tensor) -> (Tensor, Tensor) {
    let v3 = x1 * x2; // tests/front/listing.rs:107
    let v4 = x0 + &v3; // tests/front/listing.rs:107
    let v5 = v4.relu(); // tests/front/listing.rs:108
    (v4.clone(), v5.clone())
}

pub fn running(x: &Tensor, factor: &Tensor) -> (Tensor, Tensor) {
    let device = x.device();
    let v2 = op("sum", &[x], &[("axes", [0].into()), ("keepdim", false.into())]); // tests/front/listing.rs:110
    let v3 = constant(DType::F32, &[], &[0.0], device); // tests/front/listing.rs:110
    let v4 = &v2 * &v3; // tests/front/listing.rs:110
    let v5 = { let (state, stacked) = ferrodyne::flow::scan(|state, slice| { let next = body_1(state, slice, factor); (next.0, next.1) }, v4.clone(), x); (state.clone(), stacked.clone()) }; // tests/front/listing.rs:105
    let v6 = v5.0.clone(); // tests/front/listing.rs:105
    let v7 = v5.1.clone(); // tests/front/listing.rs:105
    (v6.clone(), v7.clone())
}
