//! Functions that cannot be compiled.

use ferrodyne::prelude::*;

#[compile]
async fn later(x: &Tensor) -> Tensor {
    x + 1
}

#[compile]
const fn early(x: &Tensor) -> &Tensor {
    x
}

#[compile]
unsafe fn risky(x: &Tensor) -> Tensor {
    x + 1
}

fn main() {}
