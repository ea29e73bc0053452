//! Modules whose `forward` cannot be called as one.

use ferrodyne::prelude::*;

#[derive(Module)]
struct Net {
    fc: Linear,
}

#[module]
impl Net {
    fn forward(&mut self, x: &Tensor) -> Tensor {
        self.fc.forward(x)
    }
}

#[derive(Module)]
union Both {
    a: u32,
    b: f32,
}

fn main() {}
