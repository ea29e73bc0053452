//! Element types: as the user declares them, as a device stores them, and as a kernel computes with them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Dim;

/// The element type of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DType {
    /// 32-bit IEEE float.
    F32,
    /// 16-bit IEEE float.
    F16,
    /// 16-bit brain float.
    BF16,
    /// 64-bit float; host only.
    F64,
    /// 64-bit signed integer; held as `i32` on devices, with its range checked at the border.
    I64,
    /// 64-bit signed integer, held on devices as a pair of `u32`, the low word first: what the compiler makes of `i64` under
    /// `int64 = pair`. Host data of it and of `i64` are the same bytes.
    Long,
    /// 32-bit signed integer.
    I32,
    /// 32-bit unsigned integer.
    U32,
    /// 8-bit signed integer.
    I8,
    /// 8-bit unsigned integer.
    U8,
    /// Truth value.
    Bool,
}

/// The type in which a kernel computes: what a loaded element becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scalar {
    /// 32-bit float.
    F32,
    /// 32-bit signed integer, wrapping.
    I32,
    /// 32-bit unsigned integer, wrapping.
    U32,
    /// 64-bit signed integer, wrapping; a pair of `u32` in WGSL.
    Long,
    /// Truth value.
    Bool,
}

impl DType {
    /// All element types.
    pub const ALL: [DType; 11] = [
        DType::F32,
        DType::F16,
        DType::BF16,
        DType::F64,
        DType::I64,
        DType::Long,
        DType::I32,
        DType::U32,
        DType::I8,
        DType::U8,
        DType::Bool,
    ];

    /// The name in text forms: `f32`, `bool`.
    pub fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::F64 => "f64",
            DType::I64 => "i64",
            DType::Long => "long",
            DType::I32 => "i32",
            DType::U32 => "u32",
            DType::I8 => "i8",
            DType::U8 => "u8",
            DType::Bool => "bool",
        }
    }

    /// The type in which kernels compute with elements of this type.
    pub fn scalar(self) -> Scalar {
        match self {
            DType::F32 | DType::F16 | DType::BF16 | DType::F64 => Scalar::F32,
            DType::I64 | DType::I32 | DType::I8 => Scalar::I32,
            DType::U32 | DType::U8 => Scalar::U32,
            DType::Long => Scalar::Long,
            DType::Bool => Scalar::Bool,
        }
    }

    /// Bytes of one element in device memory: `i64` is held as `i32`, `bool` as `u32`.
    pub fn device_bytes(self) -> usize {
        match self {
            DType::Long => 8,
            DType::F16 | DType::BF16 => 2,
            DType::I8 | DType::U8 => 1,
            DType::F32 | DType::F64 | DType::I64 | DType::I32 | DType::U32 | DType::Bool => 4,
        }
    }

    /// Bytes of a tensor in device memory.
    pub fn tensor_bytes(self, dims: &[Dim]) -> Dim {
        dims.iter().cloned().product::<Dim>() * self.device_bytes() as i64
    }

    /// Bytes of one element on the host, as in a numpy file.
    pub fn host_bytes(self) -> usize {
        match self {
            DType::F64 | DType::I64 | DType::Long => 8,
            DType::F32 | DType::I32 | DType::U32 => 4,
            DType::F16 | DType::BF16 => 2,
            DType::I8 | DType::U8 | DType::Bool => 1,
        }
    }

    /// The type that the user knows the elements by: `i64` whether a device holds it narrowed or as a pair.
    pub fn declared(self) -> DType {
        if self == DType::Long { DType::I64 } else { self }
    }

    /// Whether this is a floating-point type.
    pub fn is_float(self) -> bool {
        self.scalar() == Scalar::F32
    }

    /// Whether this is an integer type; `bool` is not.
    pub fn is_integer(self) -> bool {
        matches!(self.scalar(), Scalar::I32 | Scalar::U32 | Scalar::Long)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no element type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an element type")]
pub struct UnknownDType(pub String);

impl FromStr for DType {
    type Err = UnknownDType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DType::ALL
            .into_iter()
            .find(|d| d.name() == text)
            .ok_or_else(|| UnknownDType(text.to_owned()))
    }
}

impl Scalar {
    /// The name in text forms, and in WGSL but for `long`, which WGSL does not have.
    pub fn name(self) -> &'static str {
        match self {
            Scalar::F32 => "f32",
            Scalar::I32 => "i32",
            Scalar::U32 => "u32",
            Scalar::Long => "long",
            Scalar::Bool => "bool",
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
