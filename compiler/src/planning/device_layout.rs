//! Constants as devices store them.

use ferrodyne_plan::{DType, HostTensor};

/// A host tensor's elements in device layout. 64-bit integers beyond 32 bits saturate, so that an "infinite" end of a slice
/// keeps its meaning.
pub(super) fn device_bytes(value: &HostTensor) -> Vec<u8> {
    match value.dtype {
        DType::I64 => value
            .bytes
            .as_chunks::<8>()
            .0
            .iter()
            .flat_map(|b| narrow(i64::from_le_bytes(*b)))
            .collect(),
        DType::F64 => value
            .bytes
            .as_chunks::<8>()
            .0
            .iter()
            .flat_map(|b| (f64::from_le_bytes(*b) as f32).to_le_bytes())
            .collect(),
        DType::Bool => value.bytes.iter().flat_map(|&b| u32::from(b != 0).to_le_bytes()).collect(),
        _ => value.bytes.to_vec(),
    }
}

fn narrow(value: i64) -> [u8; 4] {
    (value.clamp(i32::MIN.into(), i32::MAX.into()) as i32).to_le_bytes()
}
