//! Written by `ferrodyne::code::rust` from the graph of a test; do not edit.

use ferrodyne::code::{constant, op};
use ferrodyne::prelude::*;

fn left(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Tensor {
    op("linear", &[x, weight, bias], &[]) // tests/front/listing.rs:76
}

fn then_0(x: &Tensor, left_weight: &Tensor, left_bias: &Tensor) -> Tensor {
    left(x, left_weight, left_bias) // left
}

fn right(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Tensor {
    op("linear", &[x, weight, bias], &[]) // tests/front/listing.rs:76
}

fn else_0(x: &Tensor, right_weight: &Tensor, right_bias: &Tensor) -> Tensor {
    right(x, right_weight, right_bias) // right
}

fn then_1(device: &Device) -> Tensor {
    let v0 = constant(DType::F32, &[], &[1.0], device); // tests/front/listing.rs:77
    op("expand", &[&v0], &[("dims", shape![2, 3].into())]) // tests/front/listing.rs:77
}

fn else_1(device: &Device) -> Tensor {
    let v0 = constant(DType::F32, &[], &[0.0], device); // tests/front/listing.rs:76
    op("expand", &[&v0], &[("dims", shape![2, 3].into())]) // tests/front/listing.rs:77
}

#[compile]
pub fn gate(
    x: &Tensor,
    left_weight: &Tensor,
    left_bias: &Tensor,
    right_weight: &Tensor,
    right_bias: &Tensor,
) -> (Tensor, Tensor) {
    let device = x.device();
    let v5 = op("sum", &[x], &[("axes", [0, 1].into()), ("keepdim", false.into())]); // tests/front/listing.rs:76
    let v6 = constant(DType::F32, &[], &[0.0], device); // tests/front/listing.rs:76
    let v7 = v5.gt(&v6); // tests/front/listing.rs:76
    let v8 = if &v7 { then_0(x, left_weight, left_bias) } else { else_0(x, right_weight, right_bias) }; // tests/front/listing.rs:76
    let v9 = v8.clone(); // tests/front/listing.rs:76
    let v10 = op("mean", &[&v9], &[("axes", [0, 1].into()), ("keepdim", false.into())]); // tests/front/listing.rs:77
    let v11 = v10.gt(&v6); // tests/front/listing.rs:77
    let v12 = if &v11 { then_1(v11.device()) } else { else_1(v11.device()) }; // tests/front/listing.rs:77
    let v13 = v12.clone(); // tests/front/listing.rs:77
    (v9.clone(), v13.clone())
}
