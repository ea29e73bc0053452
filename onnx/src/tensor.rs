//! Constant data of files as host tensors.
//!
//! All element types that a device can hold are read, from raw bytes, typed fields or another file. 64-bit floats become
//! 32-bit ones; the caller is told.

use ferrodyne_plan::{DType, HostTensor};

use crate::proto::TensorProto;
use crate::read::Origin;

/// Most bytes of one tensor.
const MAX_BYTES: u64 = 1 << 40;

/// The element types of ONNX that have a counterpart here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// Number in the file.
    pub code: i32,
    /// Name in the specification.
    pub name: &'static str,
    /// Bytes in raw data; 0 for types that are not read.
    bytes: usize,
    /// What it becomes; none when it is not supported.
    pub dtype: Option<DType>,
}

const fn element(code: i32, name: &'static str, bytes: usize, dtype: Option<DType>) -> Element {
    Element { code, name, bytes, dtype }
}

/// All element types of the specification, in the order of their numbers.
static ELEMENTS: &[Element] = &[
    element(0, "undefined", 0, None),
    element(1, "float", 4, Some(DType::F32)),
    element(2, "uint8", 1, Some(DType::U8)),
    element(3, "int8", 1, Some(DType::I8)),
    element(4, "uint16", 2, None),
    element(5, "int16", 2, None),
    element(6, "int32", 4, Some(DType::I32)),
    element(7, "int64", 8, Some(DType::I64)),
    element(8, "string", 0, None),
    element(9, "bool", 1, Some(DType::Bool)),
    element(10, "float16", 2, Some(DType::F16)),
    element(11, "double", 8, Some(DType::F32)),
    element(12, "uint32", 4, Some(DType::U32)),
    element(13, "uint64", 8, None),
    element(14, "complex64", 0, None),
    element(15, "complex128", 0, None),
    element(16, "bfloat16", 2, Some(DType::BF16)),
    element(17, "float8e4m3fn", 0, None),
    element(18, "float8e4m3fnuz", 0, None),
    element(19, "float8e5m2", 0, None),
    element(20, "float8e5m2fnuz", 0, None),
    element(21, "uint4", 0, None),
    element(22, "int4", 0, None),
    element(23, "float4e2m1", 0, None),
    element(24, "float8e8m0", 0, None),
    element(25, "uint2", 0, None),
    element(26, "int2", 0, None),
];

/// Names of the element types that are read.
fn supported() -> Vec<&'static str> {
    ELEMENTS.iter().filter(|e| e.dtype.is_some()).map(|e| e.name).collect()
}

impl Element {
    /// The number of 64-bit floats.
    pub const DOUBLE: i32 = 11;

    /// The element type of a number in a file.
    pub fn of(code: i32) -> Option<Element> {
        ELEMENTS.get(usize::try_from(code).ok()?).copied()
    }

    /// The supported element type of a number in a file.
    ///
    /// # Errors
    /// A sentence that names the type.
    pub fn dtype_of(code: i32) -> Result<DType, String> {
        match Element::of(code) {
            Some(Element { dtype: Some(dtype), .. }) => Ok(dtype),
            Some(other) => Err(format!(
                "element type {} is not supported; those that are: {}",
                other.name,
                supported().join(", ")
            )),
            None => Err(format!("element type {code} is unknown")),
        }
    }

    /// The number of an element type.
    pub fn code_of(dtype: DType) -> i32 {
        let code = ELEMENTS.iter().find(|e| e.dtype == Some(dtype)).map(|e| e.code);
        code.unwrap_or(Element::DOUBLE)
    }
}

/// The shape of a tensor.
pub(crate) fn dims(tensor: &TensorProto) -> Result<Vec<usize>, String> {
    let size = |&d: &i64| usize::try_from(d).map_err(|_| format!("it has a size of {d}"));
    let dims: Vec<usize> = tensor.dims.iter().map(size).collect::<Result<_, _>>()?;
    let elements = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    match elements.and_then(|n| n.checked_mul(8)).filter(|&bytes| bytes as u64 <= MAX_BYTES) {
        Some(_) => Ok(dims),
        None => Err(format!("its shape {dims:?} has more elements than any memory")),
    }
}

/// The data of a tensor.
///
/// # Errors
/// A sentence without subject: the caller names the tensor.
pub(crate) fn host(tensor: &TensorProto, origin: &Origin) -> Result<HostTensor, String> {
    let code = tensor.data_type.unwrap_or(0);
    let dtype = Element::dtype_of(code)?;
    let width = Element::of(code).map_or(0, |e| e.bytes);
    let dims = dims(tensor)?;
    let count: usize = dims.iter().product();
    let bytes = if tensor.data_location == Some(1) {
        origin.external(tensor, count * width)?
    } else if let Some(raw) = &tensor.raw_data {
        raw.clone()
    } else {
        typed(tensor, code, count)?
    };
    if bytes.len() != count * width {
        let (got, want) = (bytes.len(), count * width);
        return Err(format!("it has {got} bytes of data, but its shape {dims:?} needs {want}"));
    }
    let bytes = if code == Element::DOUBLE { narrowed(&bytes) } else { bytes };
    HostTensor::new(dtype, dims, bytes).map_err(|error| error.to_string())
}

/// 64-bit floats as 32-bit ones.
fn narrowed(bytes: &[u8]) -> Vec<u8> {
    let one =
        |b: &[u8]| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32;
    bytes.chunks_exact(8).flat_map(|b| one(b).to_le_bytes()).collect()
}

/// The elements of the typed fields as little-endian bytes.
fn typed(tensor: &TensorProto, code: i32, count: usize) -> Result<Vec<u8>, String> {
    let words = || tensor.int32_data.iter().copied();
    let (got, bytes): (usize, Vec<u8>) = match code {
        1 => (
            tensor.float_data.len(),
            tensor.float_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
        ),
        2 | 3 | 9 => (tensor.int32_data.len(), words().map(|v| v as u8).collect()),
        10 | 16 => {
            (tensor.int32_data.len(), words().flat_map(|v| (v as u16).to_le_bytes()).collect())
        }
        6 => (tensor.int32_data.len(), words().flat_map(i32::to_le_bytes).collect()),
        7 => (
            tensor.int64_data.len(),
            tensor.int64_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
        ),
        11 => (
            tensor.double_data.len(),
            tensor.double_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
        ),
        12 => (
            tensor.uint64_data.len(),
            tensor.uint64_data.iter().flat_map(|&v| (v as u32).to_le_bytes()).collect(),
        ),
        _ => (0, Vec::new()),
    };
    match got == count {
        true => Ok(bytes),
        false => Err(format!("it has {got} elements, but its shape needs {count}")),
    }
}
