//! Element types of the host.

use ferrodyne_plan::DType;
use half::{bf16, f16};

/// A type of the host whose values are elements of tensors.
///
/// `f64` is none: devices have no 64-bit floats. Convert to `f32` first, so that the rounding stands in your code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no element type of tensors",
    note = "element types are f32, f16, bf16, i64, i32, u32, i8, u8 and bool; convert f64 to f32 with `as f32` or `mapv`"
)]
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// The element type of tensors.
    const DTYPE: DType;

    /// Values as little-endian bytes.
    fn to_bytes(values: &[Self]) -> Vec<u8>;

    /// Values of little-endian bytes.
    fn from_bytes(bytes: &[u8]) -> Vec<Self>;
}

macro_rules! plain {
    ($($type:ty => $dtype:ident;)*) => {$(
        impl Element for $type {
            const DTYPE: DType = DType::$dtype;

            fn to_bytes(values: &[$type]) -> Vec<u8> {
                values.iter().flat_map(|v| v.to_le_bytes()).collect()
            }

            fn from_bytes(bytes: &[u8]) -> Vec<$type> {
                let (words, _) = bytes.as_chunks::<{ size_of::<$type>() }>();
                words.iter().map(|word| <$type>::from_le_bytes(*word)).collect()
            }
        }
    )*};
}
plain! {
    f32 => F32;
    f16 => F16;
    bf16 => BF16;
    i64 => I64;
    i32 => I32;
    u32 => U32;
    i8 => I8;
    u8 => U8;
}

impl Element for bool {
    const DTYPE: DType = DType::Bool;

    fn to_bytes(values: &[bool]) -> Vec<u8> {
        values.iter().map(|&v| u8::from(v)).collect()
    }

    fn from_bytes(bytes: &[u8]) -> Vec<bool> {
        bytes.iter().map(|&b| b != 0).collect()
    }
}
