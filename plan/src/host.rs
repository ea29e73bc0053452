//! Dense tensors in host memory: what crosses the border between files, users and devices.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::DType;

/// A dense row-major tensor on the host; elements are little endian, with the sizes of [`DType::host_bytes`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostTensor {
    /// Element type.
    pub dtype: DType,
    /// Shape, outermost first.
    pub dims: Vec<usize>,
    /// Elements.
    pub bytes: Arc<Vec<u8>>,
}

/// Bytes that do not fill the shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tensor {dtype}{dims:?} has {want} bytes, not {got}")]
pub struct WrongLength {
    /// Element type.
    pub dtype: DType,
    /// Shape.
    pub dims: Vec<usize>,
    /// Bytes that the shape needs.
    pub want: usize,
    /// Bytes given.
    pub got: usize,
}

impl HostTensor {
    /// A tensor of the given bytes.
    ///
    /// # Errors
    /// When the number of bytes is not that of the shape.
    pub fn new(dtype: DType, dims: Vec<usize>, bytes: Vec<u8>) -> Result<HostTensor, WrongLength> {
        let elements = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        let want = elements.and_then(|n| n.checked_mul(dtype.host_bytes())).unwrap_or(usize::MAX);
        if want != bytes.len() {
            return Err(WrongLength { dtype, dims, want, got: bytes.len() });
        }
        Ok(HostTensor { dtype, dims, bytes: Arc::new(bytes) })
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl std::fmt::Debug for HostTensor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HostTensor({}{:?})", self.dtype, self.dims)
    }
}
