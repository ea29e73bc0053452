//! A layer of a transformer encoder, with the norms behind the sums as BERT has them.

use ferrodyne::prelude::*;

/// Attention and a perceptron, each beside a shortcut.
#[derive(Module)]
pub(super) struct EncoderLayer {
    attention: MultiheadAttention,
    norm1: LayerNorm,
    up: Linear,
    down: Linear,
    norm2: LayerNorm,
}

impl EncoderLayer {
    pub(super) fn new(width: usize, heads: usize, hidden: usize, device: &Device) -> EncoderLayer {
        EncoderLayer {
            attention: MultiheadAttention::new(width, heads, device),
            norm1: LayerNorm::new(&[width], device),
            up: Linear::new(width, hidden, device),
            down: Linear::new(hidden, width, device),
            norm2: LayerNorm::new(&[width], device),
        }
    }
}

#[module]
impl EncoderLayer {
    /// Of `[N, L, width]`.
    pub(super) fn forward(&self, x: &Tensor) -> Tensor {
        let seen = self.attention.forward(x, x, x, None);
        let x = self.norm1.forward(&(x + seen));
        let hidden = self.up.forward(&x).gelu("none");
        self.norm2.forward(&(self.down.forward(&hidden) + &x))
    }
}
