//! Reading files.
//!
//! A path or bytes come in; the decoded model goes out, with a way to the data that lies in other files. Nothing outside the
//! model's own folder is read.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use prost::Message;

use crate::error::OnnxError;
use crate::proto::{ModelProto, TensorProto};

/// Where a model comes from: its name for messages, and the folder of its data.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// Name of the file for messages and sources.
    pub(crate) name: String,
    /// Folder that external data is relative to; none for a model given as bytes.
    folder: Option<PathBuf>,
}

/// Reads the bytes of a file.
pub(crate) fn file(path: &Path) -> Result<(Vec<u8>, Origin), OnnxError> {
    let fault = |error: std::io::Error| OnnxError::File {
        path: path.display().to_string(),
        message: error.to_string(),
    };
    let bytes = std::fs::read(path).map_err(fault)?;
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let folder = path.parent().map(Path::to_path_buf);
    Ok((bytes, Origin { name, folder }))
}

impl Origin {
    /// A model given as bytes.
    pub(crate) fn bytes(name: &str) -> Origin {
        Origin { name: name.to_owned(), folder: None }
    }

    /// A fault of the file as a whole.
    pub(crate) fn malformed(&self, message: impl std::fmt::Display) -> OnnxError {
        OnnxError::Malformed { file: self.name.clone(), message: message.to_string() }
    }

    /// Decodes a model.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<ModelProto, OnnxError> {
        let model = ModelProto::decode(bytes).map_err(|error| {
            let text = error.to_string();
            let rule = text.lines().next().unwrap_or_default();
            self.malformed(format_args!("not a whole ONNX file: {rule}"))
        })?;
        match &model.graph {
            None => Err(self.malformed("not a whole ONNX file: it holds no graph")),
            Some(graph) if graph.output.is_empty() => {
                Err(self.malformed("the graph has no outputs"))
            }
            Some(_) => Ok(model),
        }
    }

    /// The bytes of a tensor whose data lies in another file; `want` is how many its shape needs.
    pub(crate) fn external(&self, tensor: &TensorProto, want: usize) -> Result<Vec<u8>, String> {
        let entry = |key: &str| {
            tensor.external_data.iter().find(|e| e.key == key).map(|e| e.value.as_str())
        };
        let number = |key: &str| match entry(key) {
            None => Ok(None),
            Some(text) => text
                .parse::<u64>()
                .map(Some)
                .map_err(|_| format!("its external {key} is `{text}`, which is no size")),
        };
        let location = entry("location").ok_or("its external data has no location")?;
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        if length.is_some_and(|length| length != want as u64) {
            let length = length.unwrap_or_default();
            return Err(format!(
                "its external data has {length} bytes, but its shape needs {want}"
            ));
        }
        let path = self.inside(location)?;
        let fault = |error: std::io::Error| format!("its data in `{location}`: {error}");
        let mut file = File::open(path).map_err(fault)?;
        let size = file.metadata().map_err(fault)?.len();
        if offset.checked_add(want as u64).is_none_or(|end| end > size) {
            return Err(format!(
                "its data in `{location}` is cut off: bytes {offset} to {offset}+{want} of {size}"
            ));
        }
        let mut bytes = vec![0; want];
        file.seek(SeekFrom::Start(offset)).map_err(fault)?;
        file.read_exact(&mut bytes).map_err(fault)?;
        Ok(bytes)
    }

    /// A path in the model's folder; links that leave the folder are refused too.
    fn inside(&self, location: &str) -> Result<PathBuf, String> {
        let Some(folder) = &self.folder else {
            return Err(format!("its data lies in `{location}`, but the model was given as bytes"));
        };
        let relative = Path::new(location);
        if !relative.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir)) {
            return Err(format!("its data lies in `{location}`, outside the model's folder"));
        }
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let fault = |error: std::io::Error| format!("its data in `{location}`: {error}");
        let (root, path) =
            (folder.canonicalize().map_err(fault)?, folder.join(relative).canonicalize());
        let path = path.map_err(fault)?;
        match path.starts_with(&root) {
            true => Ok(path),
            false => Err(format!("its data lies in `{location}`, outside the model's folder")),
        }
    }
}
