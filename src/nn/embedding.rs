//! Vectors for classes.

use ferrodyne_macros::{Module, module};

use crate::device::Device;
use crate::module::Parameter;
use crate::tensor::Tensor;

/// A table of vectors, looked up by integer classes.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct Embedding {
    /// Rows of the table.
    pub num_embeddings: usize,
    /// Length of a row.
    pub embedding_dim: usize,
    /// `[classes, length]`.
    pub weight: Parameter,
}

impl Embedding {
    /// A table of normally distributed numbers.
    #[track_caller]
    pub fn new(num_embeddings: usize, embedding_dim: usize, device: &Device) -> Embedding {
        let weight = Parameter::new(Tensor::randn([num_embeddings, embedding_dim], device));
        Embedding { num_embeddings, embedding_dim, weight }
    }

    fn extra_repr(&self) -> String {
        format!("{}, {}", self.num_embeddings, self.embedding_dim)
    }
}

#[module]
impl Embedding {
    /// The rows of the classes.
    #[track_caller]
    pub fn forward(&self, classes: &Tensor) -> Tensor {
        self.weight.tensor().embedding(classes)
    }
}
