//! Layers one behind the other.

use ferrodyne_macros::{Module, module};

use super::Layer;
use crate::module::field::{Field, Short};
use crate::module::{Module, Visitor};
use crate::tensor::Tensor;

/// Layers that are applied one behind the other. Their names are their positions.
#[derive(Default)]
pub struct Sequential {
    layers: Vec<Box<dyn Layer>>,
}

impl Sequential {
    /// No layers: the result is the input.
    pub fn new() -> Sequential {
        Sequential::default()
    }

    /// With one more layer.
    #[expect(clippy::should_implement_trait, reason = "layers are added, not summed")]
    pub fn add(mut self, layer: impl Layer + 'static) -> Sequential {
        self.layers.push(Box::new(layer));
        self
    }

    /// The layers.
    pub fn layers(&self) -> &[Box<dyn Layer>] {
        &self.layers
    }
}

impl Module for Sequential {
    fn type_name(&self) -> &str {
        "Sequential"
    }

    fn visit(&self, visitor: &mut dyn Visitor) {
        for (index, layer) in self.layers.iter().enumerate() {
            layer.show(Short::number(index).as_str(), visitor);
        }
    }

    fn set_training(&mut self, training: bool) {
        self.layers.iter_mut().for_each(|layer| layer.set_training(training));
    }
}

#[module]
impl Sequential {
    /// The result of the last layer.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.layers.iter().fold(x.clone(), |x, layer| layer.apply(&x))
    }
}

/// [`Tensor::flatten`] as a module.
#[derive(Clone, Debug, Module)]
pub struct Flatten {
    /// The first axis.
    pub start_dim: isize,
    /// The last axis.
    pub end_dim: isize,
}

impl Flatten {
    /// All axes but the first as one.
    pub fn new() -> Flatten {
        Flatten { start_dim: 1, end_dim: -1 }
    }
}

impl Default for Flatten {
    fn default() -> Flatten {
        Flatten::new()
    }
}

#[module]
impl Flatten {
    /// The layer's result.
    #[track_caller]
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.flatten(self.start_dim, self.end_dim)
    }
}

/// A layer that changes nothing.
#[derive(Clone, Debug, Default, Module)]
pub struct Identity;

#[module]
impl Identity {
    /// The input.
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.clone()
    }
}
