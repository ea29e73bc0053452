//! Types that a compiled function or a module does not take.

use ferrodyne::prelude::*;

struct Handle;

#[compile]
fn takes(x: &Tensor, _handle: &Handle) -> Tensor {
    x + 1
}

#[derive(Module)]
struct Net {
    fc: Linear,
    handle: Handle,
}

#[compile]
fn decides(x: &Tensor) -> Tensor {
    if 3 { x.clone() } else { -x }
}

#[compile]
fn compares(x: &Tensor) -> Tensor {
    if x.sum() > "a" { x.clone() } else { -x }
}

fn main() {}
