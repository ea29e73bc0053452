//! Attention with several heads.

use ferrodyne_macros::{Module, module};

use super::Linear;
use super::init::{xavier, zeros};
use crate::device::Device;
use crate::module::Parameter;
use crate::tensor::Tensor;

/// Attention with several heads over `[N, L, E]`, batch first, or over `[L, E]` for one sample.
#[derive(Clone, Debug, Module)]
pub struct MultiheadAttention {
    /// Size of the last axis.
    pub embed_dim: usize,
    /// Heads.
    pub num_heads: usize,
    /// Projections of queries, keys and values: `[3 E, E]`.
    pub in_proj_weight: Parameter,
    /// Their shifts: `[3 E]`.
    pub in_proj_bias: Parameter,
    /// The projection of the result.
    pub out_proj: Linear,
}

impl MultiheadAttention {
    /// A layer.
    ///
    /// # Panics
    /// When the heads do not divide the last axis.
    #[track_caller]
    pub fn new(embed_dim: usize, num_heads: usize, device: &Device) -> MultiheadAttention {
        assert!(
            num_heads > 0 && embed_dim.is_multiple_of(num_heads),
            "{num_heads} heads do not divide an embedding of {embed_dim}"
        );
        let out_proj = Linear::new(embed_dim, embed_dim, device);
        out_proj.bias.iter().for_each(|bias| {
            bias.set(&Tensor::zeros([embed_dim], device)).expect("zeros have the bias's shape");
        });
        MultiheadAttention {
            embed_dim,
            num_heads,
            in_proj_weight: xavier(3 * embed_dim, embed_dim, device),
            in_proj_bias: zeros(3 * embed_dim, device),
            out_proj,
        }
    }

    /// A projection of the input, by heads: `[.., heads, L, E / heads]`.
    #[track_caller]
    fn heads(&self, x: &Tensor, part: usize) -> Tensor {
        let start = part * self.embed_dim;
        let weight = self.in_proj_weight.tensor().narrow(0, start, self.embed_dim);
        let bias = self.in_proj_bias.tensor().narrow(0, start, self.embed_dim);
        let projected = x.linear(&weight, Some(&bias));
        projected.unflatten(-1, [self.num_heads as i64, -1]).transpose(-3, -2)
    }
}

#[module]
impl MultiheadAttention {
    /// The attention of queries over keys and values; a bool mask is true where a key may be seen, a float mask is added.
    #[track_caller]
    pub fn forward(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        mask: Option<&Tensor>,
    ) -> Tensor {
        let (query, key, value) = (self.heads(query, 0), self.heads(key, 1), self.heads(value, 2));
        let seen = query.scaled_dot_product_attention(&key, &value, mask, false, None);
        self.out_proj.forward(&seen.transpose(-3, -2).flatten(-2, -1))
    }
}
