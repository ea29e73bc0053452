//! Options that are not there, or not so.

use ferrodyne::prelude::*;

#[compile(speed = 11)]
fn option(x: &Tensor) -> Tensor {
    x + 1
}

#[compile(mode = "fastest")]
fn mode(x: &Tensor) -> Tensor {
    x + 1
}

#[compile(dynamic(z[0] = "batch"))]
fn argument(x: &Tensor) -> Tensor {
    x + 1
}

#[compile(dynamic(x = "batch"))]
fn dim(x: &Tensor) -> Tensor {
    x + 1
}

#[compile(dynamic(x[0] = batch))]
fn name(x: &Tensor) -> Tensor {
    x + 1
}

#[compile(args(x = "f32[2]"), kernels >= 1)]
fn promise(x: &Tensor) -> Tensor {
    x + 1
}

fn main() {}
