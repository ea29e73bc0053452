//! Elements as f64: decoding host data, and what storing a number in an element type makes of it.

use std::sync::Arc;

use ferrodyne_plan::{DType, HostTensor};
use half::{bf16, f16};

/// What becomes of an integer when it is stored: it wraps. 64 bits keep it; floats keep it as they can.
pub fn wrap(dtype: DType, value: i64) -> f64 {
    match dtype {
        DType::I32 => f64::from(value as i32),
        DType::U32 => f64::from(value as u32),
        DType::I8 => f64::from(value as i8),
        DType::U8 => f64::from(value as u8),
        DType::Bool => f64::from(value != 0),
        DType::I64 | DType::Long | DType::F32 | DType::F16 | DType::BF16 | DType::F64 => {
            value as f64
        }
    }
}

/// A number converted from one element type to another: floats to integers truncate, saturate at the borders of 32 bits (of 64
/// for `long`) and wrap to narrower types, NaN becomes 0; anything not zero is true; narrow floats are rounded to nearest even. Conversion
/// to `f32` keeps the number, since this arithmetic stands for real numbers.
pub fn convert(from: DType, to: DType, value: f64) -> f64 {
    match to {
        DType::Bool => f64::from(value != 0.0),
        DType::F16 => f16::from_f64(value).to_f64(),
        DType::BF16 => bf16::from_f64(value).to_f64(),
        DType::F32 | DType::F64 => value,
        DType::I64 if from.is_float() => saturate(value, f64::from(i32::MIN), f64::from(i32::MAX)),
        DType::Long if from.is_float() => saturate(value, i64::MIN as f64, i64::MAX as f64),
        DType::U32 if from.is_float() => saturate(value, 0.0, f64::from(u32::MAX)),
        DType::I32 | DType::I8 | DType::U8 if from.is_float() => {
            wrap(to, saturate(value, f64::from(i32::MIN), f64::from(i32::MAX)) as i64)
        }
        DType::I64 | DType::Long | DType::I32 | DType::U32 | DType::I8 | DType::U8 => {
            wrap(to, value as i64)
        }
    }
}

fn saturate(value: f64, low: f64, high: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.trunc().clamp(low, high) }
}

/// The elements of host data as f64, in row-major order.
pub fn values(tensor: &HostTensor) -> Vec<f64> {
    let chunks = tensor.bytes.chunks_exact(tensor.dtype.host_bytes());
    let decode: fn(&[u8]) -> f64 = match tensor.dtype {
        DType::F32 => |b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
        DType::F64 => |b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]),
        DType::F16 => |b| f16::from_le_bytes([b[0], b[1]]).to_f64(),
        DType::BF16 => |b| bf16::from_le_bytes([b[0], b[1]]).to_f64(),
        DType::I64 | DType::Long => {
            |b| i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f64
        }
        DType::I32 => |b| f64::from(i32::from_le_bytes([b[0], b[1], b[2], b[3]])),
        DType::U32 => |b| f64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])),
        DType::I8 => |b| f64::from(b[0] as i8),
        DType::U8 => |b| f64::from(b[0]),
        DType::Bool => |b| f64::from(b[0] != 0),
    };
    chunks.map(decode).collect()
}

/// The largest integer up to which f64 holds all of them.
pub const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// The number that all elements are, where they are one and f64 holds it exactly.
pub fn splat(tensor: &HostTensor) -> Option<f64> {
    let mut elements = tensor.bytes.chunks_exact(tensor.dtype.host_bytes());
    let first = elements.next()?;
    let value = elements.all(|e| e == first).then(|| values(tensor)[0])?;
    let wide = tensor.dtype.is_integer() && tensor.dtype.host_bytes() == 8;
    (!wide || value.abs() < EXACT_MAX).then_some(value)
}

/// Host data of the given elements.
///
/// # Panics
/// When there are not as many elements as the shape has: a fault of the caller's code, not of a user's data.
pub fn host(dtype: DType, dims: &[usize], elements: &[f64]) -> Arc<HostTensor> {
    let mut bytes = Vec::with_capacity(elements.len() * dtype.host_bytes());
    for &value in elements {
        match dtype {
            DType::F32 => bytes.extend((value as f32).to_le_bytes()),
            DType::F64 => bytes.extend(value.to_le_bytes()),
            DType::F16 => bytes.extend(f16::from_f64(value).to_le_bytes()),
            DType::BF16 => bytes.extend(bf16::from_f64(value).to_le_bytes()),
            DType::I64 | DType::Long => bytes.extend((value as i64).to_le_bytes()),
            DType::I32 => bytes.extend((value as i32).to_le_bytes()),
            DType::U32 => bytes.extend((value as u32).to_le_bytes()),
            DType::I8 => bytes.push(value as i8 as u8),
            DType::U8 => bytes.push(value as u8),
            DType::Bool => bytes.push(u8::from(value != 0.0)),
        }
    }
    let tensor = HostTensor::new(dtype, dims.to_vec(), bytes);
    Arc::new(tensor.expect("the caller gives as many elements as the shape has"))
}
