//! Dropout.

use ferrodyne_macros::{Module, module};

use super::repr;
use crate::tensor::Tensor;

/// In training, zeros with probability `p`, and the rest divided by `1 - p`; else nothing.
#[derive(Clone, Debug, Module)]
#[module(extra_repr)]
pub struct Dropout {
    /// Probability of a zero.
    pub p: f64,
    #[module(training)]
    training: bool,
}

impl Dropout {
    /// A layer in inference mode.
    pub fn new(p: f64) -> Dropout {
        Dropout { p, training: false }
    }

    fn extra_repr(&self) -> String {
        format!("p={}, inplace=False", repr::float(self.p))
    }
}

#[module]
impl Dropout {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.dropout(self.p, self.training)
    }
}
