//! `.npz` files: archives of numpy arrays, read into and written from host tensors.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use ferrodyne::{DType, HostTensor};
use npyz::{NpyHeader, Order, TypeChar, WriteOptions, WriterBuilder};

/// What is wrong with a file of arrays.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NpzError {
    /// The file itself.
    #[error("{path}: {message}")]
    File {
        /// Path.
        path: String,
        /// What is wrong.
        message: String,
    },
    /// One array.
    #[error("{path}: array `{array}`: {message}")]
    Array {
        /// Path.
        path: String,
        /// Name of the array.
        array: String,
        /// What is wrong.
        message: String,
    },
}

/// Names of arrays spell `/` as `|`, since a member of an archive is a file name.
fn array_name(member: &str) -> String {
    member.strip_suffix(".npy").unwrap_or(member).replace('|', "/")
}

fn member_name(array: &str) -> String {
    format!("{}.npy", array.replace('/', "|"))
}

/// Reads all arrays of a file, in its order.
///
/// # Errors
/// A file that is no archive, and arrays that are damaged or of a type ferrodyne does not have.
pub(crate) fn read(path: &Path) -> Result<Vec<(String, HostTensor)>, NpzError> {
    let file_fault = |message: String| NpzError::File { path: path.display().to_string(), message };
    let file = File::open(path).map_err(|error| file_fault(error.to_string()))?;
    let mut archive = zip::ZipArchive::new(file)
        .map_err(|error| file_fault(format!("not an npz archive: {error}")))?;
    let mut arrays = Vec::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).map_err(|error| file_fault(error.to_string()))?;
        if member.is_dir() {
            continue;
        }
        let name = array_name(&member.name().map_err(|error| file_fault(error.to_string()))?);
        if arrays.iter().any(|(other, _)| *other == name) {
            return Err(file_fault(format!("there are two arrays `{name}`")));
        }
        let array = read_array(&mut member).map_err(|message| NpzError::Array {
            path: path.display().to_string(),
            array: name.clone(),
            message,
        })?;
        arrays.push((name, array));
    }
    Ok(arrays)
}

fn read_array(reader: &mut impl Read) -> Result<HostTensor, String> {
    let header = NpyHeader::from_reader(&mut *reader)
        .map_err(|error| format!("not a numpy array: {}", first_line(&error)))?;
    let (dtype, swapped) = element_type(&header)?;
    let dims: Vec<usize> = header.shape().iter().map(|&d| d as usize).collect();
    let elements = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    let want = elements.and_then(|n| n.checked_mul(dtype.host_bytes()));
    let want = want.ok_or_else(|| format!("its shape {dims:?} is too large"))?;
    let mut bytes = Vec::new();
    reader.take(want as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() != want {
        return Err(format!("{dtype}{dims:?} needs {want} bytes, but it has {}", bytes.len()));
    }
    if swapped {
        bytes.chunks_exact_mut(dtype.host_bytes()).for_each(<[u8]>::reverse);
    }
    if header.order() == Order::Fortran {
        bytes = row_major(&bytes, &dims, dtype.host_bytes());
    }
    HostTensor::new(dtype, dims, bytes).map_err(|error| error.to_string())
}

/// The parser of headers draws pictures of what it read; its first line says what is wrong.
fn first_line(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_end_matches([' ', ':']).to_owned()
}

/// The element type, and whether its bytes are in the other order.
fn element_type(header: &NpyHeader) -> Result<(DType, bool), String> {
    let text = header.dtype().descr();
    let npyz::DType::Plain(plain) = header.dtype() else {
        return Err(format!("element type {text} is not supported"));
    };
    let dtype = match (plain.type_char(), plain.size_field()) {
        (TypeChar::Float, 8) => DType::F64,
        (TypeChar::Float, 4) => DType::F32,
        (TypeChar::Float, 2) => DType::F16,
        (TypeChar::Int, 8) => DType::I64,
        (TypeChar::Int, 4) => DType::I32,
        (TypeChar::Int, 1) => DType::I8,
        (TypeChar::Uint, 4) => DType::U32,
        (TypeChar::Uint, 1) => DType::U8,
        (TypeChar::Bool, 1) => DType::Bool,
        _ => return Err(format!("element type {text} is not supported")),
    };
    let swapped = dtype.host_bytes() > 1 && plain.endianness() == npyz::Endianness::Big;
    Ok((dtype, swapped))
}

/// Elements in column-major order, brought into row-major order.
fn row_major(bytes: &[u8], dims: &[usize], size: usize) -> Vec<u8> {
    let mut strides = vec![0; dims.len()];
    let mut stride = 1;
    for (axis, &dim) in dims.iter().enumerate() {
        strides[axis] = stride;
        stride *= dim;
    }
    let mut index = vec![0; dims.len()];
    let mut out = Vec::with_capacity(bytes.len());
    for _ in 0..bytes.len() / size.max(1) {
        let from: usize = index.iter().zip(&strides).map(|(i, s)| i * s).sum();
        out.extend_from_slice(&bytes[from * size..(from + 1) * size]);
        for axis in (0..dims.len()).rev() {
            index[axis] += 1;
            if index[axis] < dims[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    out
}

/// Writes arrays, stored and in C order. The file appears whole or not at all.
///
/// # Errors
/// Faults of the file system.
pub(crate) fn write(path: &Path, arrays: &[(String, HostTensor)]) -> Result<(), NpzError> {
    let fault = |message: String| NpzError::File { path: path.display().to_string(), message };
    crate::whole::write(path, |partial| write_archive(partial, arrays))
        .map_err(|error| fault(error.to_string()))
}

fn write_archive(path: &Path, arrays: &[(String, HostTensor)]) -> std::io::Result<()> {
    let mut archive = zip::ZipWriter::new(File::create(path)?);
    let stored = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(true);
    for (name, tensor) in arrays {
        archive.start_file(member_name(name), stored)?;
        let mut header = Vec::new();
        let shape: Vec<u64> = tensor.dims.iter().map(|&d| d as u64).collect();
        let dtype =
            npyz::DType::Plain(type_string(tensor.dtype).parse().map_err(std::io::Error::other)?);
        WriteOptions::new_header_only()
            .dtype(dtype)
            .shape(&shape)
            .writer(&mut header)
            .write_header_only()?;
        archive.write_all(&header)?;
        archive.write_all(&tensor.bytes)?;
    }
    archive.finish()?;
    Ok(())
}

/// numpy's name of an element type; numpy has no `bf16`, whose bits are written as `u16`.
fn type_string(dtype: DType) -> &'static str {
    match dtype {
        DType::F64 => "<f8",
        DType::F32 => "<f4",
        DType::F16 => "<f2",
        DType::BF16 => "<u2",
        DType::I64 | DType::Long => "<i8",
        DType::I32 => "<i4",
        DType::U32 => "<u4",
        DType::I8 => "|i1",
        DType::U8 => "|u1",
        DType::Bool => "|b1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn f32s(dims: &[usize], values: &[f32]) -> HostTensor {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        HostTensor::new(DType::F32, dims.to_vec(), bytes).expect("the values fill the shape")
    }

    #[test]
    fn what_is_written_is_read_back_under_its_name() {
        let path = std::env::temp_dir().join(format!("ferrodyne-npz-{}.npz", std::process::id()));
        let arrays = vec![
            ("block/x".to_owned(), f32s(&[2, 3], &[1., 2., 3., 4., 5., 6.])),
            ("scalar".to_owned(), f32s(&[], &[7.])),
            ("none".to_owned(), f32s(&[0, 4], &[])),
        ];
        write(&path, &arrays).expect("the folder of temporary files can be written");
        assert_eq!(read(&path).expect("it was just written"), arrays);
        std::fs::remove_file(&path).expect("it was just read");
    }

    #[test]
    fn fortran_order_is_brought_into_row_major_order() {
        let columns = [1u8, 4, 2, 5, 3, 6];
        assert_eq!(row_major(&columns, &[2, 3], 1), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn no_change_of_a_byte_makes_the_reader_panic_or_say_more_than_a_line() {
        let path = std::env::temp_dir().join(format!("ferrodyne-fuzz-{}.npz", std::process::id()));
        let arrays = vec![("x".to_owned(), f32s(&[2, 3], &[1., 2., 3., 4., 5., 6.]))];
        write(&path, &arrays).expect("the folder of temporary files can be written");
        let whole = std::fs::read(&path).expect("it was just written");
        for at in 0..whole.len() {
            for value in [0x27, 0xff, whole[at] ^ 0x01] {
                let mut changed = whole.clone();
                changed[at] = value;
                std::fs::write(&path, &changed).expect("the folder can be written");
                if let Err(error) = read(&path) {
                    assert_eq!(error.to_string().lines().count(), 1, "{error}");
                }
            }
            std::fs::write(&path, &whole[..at]).expect("the folder can be written");
            read(&path).expect_err("an archive ends with its list of members");
        }
        std::fs::remove_file(&path).expect("it was just written");
    }

    #[test]
    fn a_file_that_is_no_archive_is_one_line() {
        let path =
            std::env::temp_dir().join(format!("ferrodyne-not-npz-{}.npz", std::process::id()));
        std::fs::write(&path, b"nothing").expect("the folder of temporary files can be written");
        let error = read(&path).expect_err("it is no archive").to_string();
        std::fs::remove_file(&path).expect("it was just written");
        assert!(error.contains("not an npz archive") && !error.contains('\n'), "{error}");
    }
}
