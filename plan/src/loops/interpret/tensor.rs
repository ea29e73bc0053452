//! Tensors as the interpreter holds them.

use crate::loops::Number;
use crate::{DType, Scalar};

/// A dense row-major tensor; each element as it reads back from storage of its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Extents, outermost first.
    pub dims: Vec<usize>,
    /// Element type as stored.
    pub dtype: DType,
    /// Elements, in the scalar type of `dtype`.
    pub data: Vec<Number>,
}

impl Tensor {
    /// A tensor of the given elements, rounded to the storage of `dtype`.
    ///
    /// # Panics
    /// When the number of elements is not that of the shape: a test's mistake.
    pub fn new(dtype: DType, dims: &[usize], data: impl IntoIterator<Item = Number>) -> Tensor {
        let data: Vec<Number> = data.into_iter().map(|x| x.stored(dtype)).collect();
        assert_eq!(data.len(), dims.iter().product::<usize>(), "elements of shape {dims:?}");
        Tensor { dims: dims.to_vec(), dtype, data }
    }

    /// Zeros.
    pub fn zeros(dtype: DType, dims: &[usize]) -> Tensor {
        let zero = Number::zero(dtype.scalar());
        Tensor { dims: dims.to_vec(), dtype, data: vec![zero; dims.iter().product()] }
    }

    /// A tensor of `f32`.
    pub fn f32(dims: &[usize], data: impl IntoIterator<Item = f32>) -> Tensor {
        Tensor::new(DType::F32, dims, data.into_iter().map(Number::F32))
    }

    /// A tensor of `i32`.
    pub fn i32(dims: &[usize], data: impl IntoIterator<Item = i32>) -> Tensor {
        Tensor::new(DType::I32, dims, data.into_iter().map(Number::I32))
    }

    /// The elements converted to `f32`.
    pub fn to_f32(&self) -> Vec<f32> {
        self.data.iter().map(|x| x.to_f32()).collect()
    }

    /// The elements converted to `i32`.
    pub fn to_i32(&self) -> Vec<i32> {
        let to_i32 = |x: &Number| if let Number::I32(x) = x.cast(Scalar::I32) { x } else { 0 };
        self.data.iter().map(to_i32).collect()
    }
}
