//! Elements between the host's layout and the device's.
//!
//! In: a [`HostTensor`], laid out as numpy does (`i64` in 8 bytes, `bool` in 1). Out: bytes as kernels read them (`i64` as
//! `i32`, or as it is where the compiler made `long` of it; `bool` as `u32`), and back. No value is changed silently: what does not fit is an error that names tensor and value.

use std::borrow::Cow;

use ferrodyne_plan::{DType, HostTensor};

use crate::RuntimeError;

/// Bytes that so many elements take on a device, before rounding up.
pub fn device_len(dtype: DType, elements: usize) -> usize {
    dtype.device_bytes() * elements
}

/// The elements as a device stores them. `name` is the tensor's, for errors.
///
/// # Errors
/// An `i64` outside the range of `i32`; the type `f64`, which devices do not have.
pub fn to_device<'a>(name: &str, tensor: &'a HostTensor) -> Result<Cow<'a, [u8]>, RuntimeError> {
    match tensor.dtype {
        DType::I64 => narrow(name, &tensor.bytes).map(Cow::Owned),
        DType::Bool => Ok(Cow::Owned(
            tensor.bytes.iter().flat_map(|&b| u32::from(b != 0).to_le_bytes()).collect(),
        )),
        DType::F64 => {
            Err(RuntimeError::HostOnly { tensor: name.to_owned(), dtype: "f64", instead: "f32" })
        }
        DType::F32
        | DType::F16
        | DType::BF16
        | DType::Long
        | DType::I32
        | DType::U32
        | DType::I8
        | DType::U8 => Ok(Cow::Borrowed(&tensor.bytes)),
    }
}

fn narrow(name: &str, bytes: &[u8]) -> Result<Vec<u8>, RuntimeError> {
    let mut narrowed = Vec::with_capacity(bytes.len() / 2);
    let (words, _) = bytes.as_chunks::<8>();
    for word in words {
        let value = i64::from_le_bytes(*word);
        let Ok(value) = i32::try_from(value) else {
            return Err(RuntimeError::Range {
                tensor: name.to_owned(),
                value: value.to_string(),
                dtype: "i32",
            });
        };
        narrowed.extend_from_slice(&value.to_le_bytes());
    }
    Ok(narrowed)
}

/// The tensor whose elements a device stores as `bytes`; bytes beyond the shape are padding. A `long` comes back as the `i64` that it is.
///
/// # Errors
/// Fewer bytes than the shape needs; the type `f64`, which devices do not have.
pub fn from_device(
    name: &str,
    dtype: DType,
    dims: Vec<usize>,
    bytes: &[u8],
) -> Result<HostTensor, RuntimeError> {
    if dtype == DType::F64 {
        return Err(RuntimeError::HostOnly {
            tensor: name.to_owned(),
            dtype: "f64",
            instead: "f32",
        });
    }
    let need = device_len(dtype, dims.iter().product());
    let Some(bytes) = bytes.get(..need) else {
        let (need, have) = (need as u64, bytes.len() as u64);
        return Err(RuntimeError::BufferTooSmall { tensor: name.to_owned(), need, have });
    };
    let (words, _) = bytes.as_chunks::<4>();
    let host = match dtype {
        DType::I64 => {
            words.iter().flat_map(|w| i64::from(i32::from_le_bytes(*w)).to_le_bytes()).collect()
        }
        DType::Bool => words.iter().map(|w| u8::from(*w != [0; 4])).collect(),
        _ => bytes.to_vec(),
    };
    Ok(HostTensor { dtype: dtype.declared(), dims, bytes: std::sync::Arc::new(host) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(dtype: DType, dims: &[usize], bytes: Vec<u8>) -> HostTensor {
        HostTensor::new(dtype, dims.to_vec(), bytes).expect("the bytes fill the shape")
    }

    fn round_trip(tensor: &HostTensor) -> HostTensor {
        let bytes = to_device("x", tensor).expect("the values fit");
        from_device("x", tensor.dtype, tensor.dims.clone(), &bytes).expect("enough bytes")
    }

    #[test]
    fn i64_is_held_as_i32() {
        let values = [-3i64, 0, i64::from(i32::MAX)];
        let tensor = host(DType::I64, &[3], bytemuck::cast_slice(&values).to_vec());
        assert_eq!(to_device("x", &tensor).unwrap().len(), 12);
        assert_eq!(round_trip(&tensor), tensor);
    }

    #[test]
    fn an_i64_out_of_range_names_tensor_and_value() {
        let tensor = host(DType::I64, &[1], (1i64 << 31).to_le_bytes().to_vec());
        let error = to_device("ids", &tensor).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`ids` holds 2147483648, which does not fit i32 on the device; compile with `int64 = pair` for 64 bits"
        );
    }

    #[test]
    fn a_long_is_held_as_it_is_and_comes_back_as_i64() {
        let values = [i64::MIN, -1, 1 << 40, i64::MAX];
        let tensor = host(DType::Long, &[4], bytemuck::cast_slice(&values).to_vec());
        let bytes = to_device("x", &tensor).unwrap();
        assert_eq!(bytes[..], tensor.bytes[..]);
        let back = from_device("x", DType::Long, vec![4], &bytes).unwrap();
        assert_eq!(back, HostTensor { dtype: DType::I64, ..tensor });
    }

    #[test]
    fn bool_is_held_as_u32_and_any_byte_but_zero_is_true() {
        let tensor = host(DType::Bool, &[3], vec![0, 1, 7]);
        let bytes = to_device("mask", &tensor).unwrap();
        assert_eq!(bytemuck::cast_slice::<u8, u32>(&bytes), [0, 1, 1]);
        assert_eq!(*round_trip(&tensor).bytes, [0, 1, 1]);
    }

    #[test]
    fn f64_is_refused_with_the_type_to_take_instead() {
        let tensor = host(DType::F64, &[1], vec![0; 8]);
        let error = to_device("x", &tensor).unwrap_err();
        assert_eq!(error.to_string(), "`x` is f64, which devices do not have: convert it to f32");
    }

    #[test]
    fn padding_is_cut_off_and_missing_bytes_are_named() {
        let tensor = from_device("y", DType::F16, vec![3], &[1, 2, 3, 4, 5, 6, 9, 9]).unwrap();
        assert_eq!(*tensor.bytes, [1, 2, 3, 4, 5, 6]);
        let error = from_device("y", DType::F32, vec![3], &[0; 8]).unwrap_err();
        assert_eq!(error.to_string(), "`y` needs a buffer of 12 bytes, but it has 8");
    }
}
