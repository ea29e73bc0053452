//! Constant tensors as text: a tensor in, text out, and back, bit for bit.
//!
//! ```text
//! tensor := DTYPE "[" (INT ",")* "]" data
//! data   := "(" value,* ")"       small tensors, row-major
//!         | "splat" value         all elements have the same bits
//!         | "base64" STRING       any bytes, little endian
//!         | "hash" NAME           bytes that the reader of the text brings
//! ```
//! A value that its decimal form would not give back bit for bit (a NaN with a payload, say) sends the tensor to `base64`.

use std::fmt::Write as _;
use std::sync::Arc;

use ferrodyne_plan::text::{Cursor, TextError, quoted};
use ferrodyne_plan::{DType, HostTensor, Name};
use half::{bf16, f16};

/// Tensors with at most so many elements are printed value by value.
const INLINE_MAX: usize = 16;

/// The name under which the text refers to a large tensor: a hash of its type, shape and bytes.
pub fn tensor_hash(tensor: &HostTensor) -> Name {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let head = format!("{}{:?}", tensor.dtype, tensor.dims);
    for byte in head.bytes().chain(tensor.bytes.iter().copied()) {
        hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    }
    Name::from(format!("h{hash:032x}"))
}

/// Whether the text of a tensor holds all of its data even when constants are not printed whole.
pub(super) fn is_inline(tensor: &HostTensor) -> bool {
    tensor.len() <= INLINE_MAX || splat(tensor).is_some()
}

/// The text of a tensor; a large one is referred to by its hash unless `whole`.
pub(super) fn tensor_text(tensor: &HostTensor, whole: bool) -> String {
    let dims = tensor.dims.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let mut text = format!("{}[{dims}]", tensor.dtype);
    if let (Some(value), true) = (splat(tensor), tensor.len() > 1) {
        let _ = write!(text, " splat {value}");
    } else if tensor.len() <= INLINE_MAX
        && let Some(values) = values(tensor)
    {
        let _ = write!(text, "({})", values.join(", "));
    } else if whole || tensor.len() <= INLINE_MAX {
        let _ = write!(text, " base64 {}", quoted(&base64(&tensor.bytes)));
    } else {
        let _ = write!(text, " hash {}", tensor_hash(tensor));
    }
    text
}

/// Reads a tensor; `constants` finds the bytes of hashes.
pub(super) fn parse_tensor(
    cursor: &mut Cursor,
    constants: &dyn Fn(&str) -> Option<Arc<HostTensor>>,
) -> Result<Arc<HostTensor>, TextError> {
    let start = cursor.clone();
    let dtype: DType = cursor.ident()?.parse().map_err(|e| start.error(format!("{e}")))?;
    let dims = parse_dims(cursor)?;
    let elements = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    let elements = elements.ok_or_else(|| start.error("the tensor is too large"))?;
    if cursor.eat("hash") {
        let name = cursor.ident()?;
        return constants(&name).filter(|t| t.dtype == dtype && t.dims == dims).ok_or_else(|| {
            start.error(format!(
                "no data was brought for the constant `{name}`, {dtype}{dims:?}: print the graph whole"
            ))
        });
    }
    let mut bytes = Vec::new();
    if cursor.eat("splat") {
        parse_value(cursor, dtype, &mut bytes)?;
        let limit = elements.checked_mul(bytes.len()).filter(|n| *n <= isize::MAX as usize);
        limit.ok_or_else(|| start.error("the tensor is too large"))?;
        bytes = bytes.repeat(elements);
    } else if cursor.eat("base64") {
        let text = cursor.string()?;
        bytes = from_base64(&text).ok_or_else(|| start.error("the text is not base64"))?;
    } else {
        cursor.expect("(")?;
        while !cursor.eat(")") {
            parse_value(cursor, dtype, &mut bytes)?;
            if !cursor.is(")") {
                cursor.expect(",")?;
            }
        }
    }
    let tensor = HostTensor::new(dtype, dims, bytes).map_err(|e| start.error(e.to_string()))?;
    Ok(Arc::new(tensor))
}

fn parse_dims(cursor: &mut Cursor) -> Result<Vec<usize>, TextError> {
    cursor.expect("[")?;
    let mut dims = Vec::new();
    while !cursor.eat("]") {
        let at = cursor.clone();
        let dim = usize::try_from(cursor.int()?).map_err(|_| at.error("a size is negative"))?;
        dims.push(dim);
        if !cursor.is("]") {
            cursor.expect(",")?;
        }
    }
    Ok(dims)
}

/// The one element that all elements are, where its decimal form is exact.
fn splat(tensor: &HostTensor) -> Option<String> {
    let size = tensor.dtype.host_bytes();
    let first = tensor.bytes.get(..size)?;
    let equal = tensor.bytes.chunks_exact(size).all(|element| element == first);
    if equal { value(tensor.dtype, first) } else { None }
}

fn values(tensor: &HostTensor) -> Option<Vec<String>> {
    let size = tensor.dtype.host_bytes();
    tensor.bytes.chunks_exact(size).map(|bytes| value(tensor.dtype, bytes)).collect()
}

/// One element in decimal, if that reads back to the same bits.
fn value(dtype: DType, bytes: &[u8]) -> Option<String> {
    let word = |n: usize| {
        let mut word = [0u8; 8];
        word[..n].copy_from_slice(&bytes[..n]);
        u64::from_le_bytes(word)
    };
    let text = match dtype {
        DType::F64 => float(f64::from_bits(word(8))),
        DType::F32 => float_short(f32::from_bits(word(4) as u32)),
        DType::F16 => float_short(f16::from_bits(word(2) as u16).to_f32()),
        DType::BF16 => float_short(bf16::from_bits(word(2) as u16).to_f32()),
        DType::I64 | DType::Long => (word(8) as i64).to_string(),
        DType::I32 => (word(4) as u32 as i32).to_string(),
        DType::U32 => word(4).to_string(),
        DType::I8 => (word(1) as u8 as i8).to_string(),
        DType::U8 => word(1).to_string(),
        DType::Bool => match word(1) {
            0 => "false".to_owned(),
            1 => "true".to_owned(),
            _ => return None,
        },
    };
    let mut back = Vec::new();
    let mut cursor = Cursor::new(&text).ok()?;
    parse_value(&mut cursor, dtype, &mut back).ok()?;
    (back == bytes).then_some(text)
}

/// A number as the lexer reads it.
pub(super) fn float(value: f64) -> String {
    match value.is_nan() {
        true => "nan".to_owned(),
        false => format!("{value:?}"),
    }
}

/// The shortest decimal that names a 32-bit float.
fn float_short(value: f32) -> String {
    match value.is_nan() {
        true => "nan".to_owned(),
        false => format!("{value:?}"),
    }
}

fn parse_value(cursor: &mut Cursor, dtype: DType, bytes: &mut Vec<u8>) -> Result<(), TextError> {
    let at = cursor.clone();
    let outside = || at.error(format!("the value does not fit {dtype}"));
    if dtype.is_float() {
        let value = cursor.float()?;
        match dtype {
            DType::F64 => bytes.extend(value.to_le_bytes()),
            DType::F16 => bytes.extend(f16::from_f64(value).to_le_bytes()),
            DType::BF16 => bytes.extend(bf16::from_f64(value).to_le_bytes()),
            _ => bytes.extend((value as f32).to_le_bytes()),
        }
        return Ok(());
    }
    if dtype == DType::Bool {
        let value = cursor.eat("true");
        if !value {
            cursor.expect("false")?;
        }
        bytes.push(u8::from(value));
        return Ok(());
    }
    let value = cursor.int()?;
    match dtype {
        DType::I64 | DType::Long => bytes.extend(value.to_le_bytes()),
        DType::I32 => bytes.extend(i32::try_from(value).map_err(|_| outside())?.to_le_bytes()),
        DType::U32 => bytes.extend(u32::try_from(value).map_err(|_| outside())?.to_le_bytes()),
        DType::I8 => bytes.extend(i8::try_from(value).map_err(|_| outside())?.to_le_bytes()),
        _ => bytes.push(u8::try_from(value).map_err(|_| outside())?),
    }
    Ok(())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut word = [0u8; 3];
        word[..chunk.len()].copy_from_slice(chunk);
        let word = u32::from_be_bytes([0, word[0], word[1], word[2]]);
        for k in 0..4 {
            let sextet = (word >> (18 - 6 * k)) as usize & 63;
            text.push(if k <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    text
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let last = text.len() / 4;
    for (at, chunk) in text.as_bytes().chunks_exact(4).enumerate() {
        let padding = chunk.iter().rev().take_while(|c| **c == b'=').count();
        if padding > 2 || (padding > 0 && at + 1 != last) {
            return None;
        }
        let mut word = 0u32;
        for (k, c) in chunk.iter().enumerate() {
            let sextet = if k < 4 - padding { sextet(*c)? } else { 0 };
            word = word << 6 | sextet;
        }
        bytes.extend_from_slice(&word.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}

fn sextet(c: u8) -> Option<u32> {
    Some(u32::from(match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}
