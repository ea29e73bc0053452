//! State dicts: the values of a module's parameters and buffers by name, and their files.

use std::path::Path;

use ferrodyne_plan::{DType, HostTensor};
use indexmap::IndexMap;
use safetensors::tensor::{Dtype, TensorView};

use super::Module;
use super::tree::{Leaf, Walk};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::tensor::Tensor;

/// Tensors by name, in the order of the module that they come from.
#[derive(Clone, Debug, Default)]
pub struct StateDict(IndexMap<String, Tensor>);

impl StateDict {
    /// No tensors.
    pub fn new() -> StateDict {
        StateDict::default()
    }

    /// The tensor of a name.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.0.get(name)
    }

    /// Adds a tensor, or replaces the one of that name.
    pub fn insert(&mut self, name: impl Into<String>, tensor: Tensor) {
        self.0.insert(name.into(), tensor);
    }

    /// Takes the tensor of a name out.
    pub fn remove(&mut self, name: &str) -> Option<Tensor> {
        self.0.shift_remove(name)
    }

    /// Names and tensors, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.0.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// Number of tensors.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads a safetensors file.
    ///
    /// # Errors
    /// A file that cannot be read, is malformed, or has element types that tensors do not have; values that the device cannot
    /// hold.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<StateDict> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|e| file_fault(path, e))?;
        StateDict::from_bytes(&bytes, device).map_err(|error| match error {
            Error::StateDict(message) => file_fault(path, message),
            other => other,
        })
    }

    /// Reads the bytes of a safetensors file.
    ///
    /// # Errors
    /// As [`StateDict::load`].
    pub fn from_bytes(bytes: &[u8], device: &Device) -> Result<StateDict> {
        let file = safetensors::SafeTensors::deserialize(bytes)
            .map_err(|e| Error::StateDict(e.to_string()))?;
        let mut state = StateDict::new();
        for (name, view) in file.iter() {
            let (_, dtype) = DTYPES
                .into_iter()
                .find(|(theirs, _)| *theirs == view.dtype())
                .ok_or_else(|| {
                    Error::StateDict(format!(
                        "`{name}` is {:?}, which is no element type of tensors",
                        view.dtype()
                    ))
                })?;
            let host = HostTensor::new(dtype, view.shape().to_vec(), view.data().to_vec());
            let host = host.map_err(|e| Error::StateDict(format!("`{name}`: {e}")))?;
            state.insert(name, Tensor::from_host(&host, device)?);
        }
        state.0.sort_keys();
        Ok(state)
    }

    /// Writes a safetensors file; it appears whole or not at all.
    ///
    /// # Errors
    /// A file that cannot be written; a device that was lost.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = self.to_bytes()?;
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        std::fs::write(&part, bytes).map_err(|e| file_fault(path, e))?;
        std::fs::rename(&part, path).map_err(|e| file_fault(path, e))
    }

    /// The bytes of a safetensors file.
    ///
    /// # Errors
    /// A device that was lost.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut hosts = Vec::new();
        for (name, tensor) in &self.0 {
            hosts.push((name, tensor.to_host()?));
        }
        let mut views = Vec::new();
        for (name, host) in &hosts {
            let fault = |message: String| Error::StateDict(format!("`{name}`: {message}"));
            let dtype = DTYPES.into_iter().find(|(_, ours)| *ours == host.dtype);
            let (dtype, _) = dtype.ok_or_else(|| fault(format!("files have no {}", host.dtype)))?;
            let view = TensorView::new(dtype, host.dims.clone(), &host.bytes);
            views.push((name.as_str(), view.map_err(|e| fault(e.to_string()))?));
        }
        safetensors::serialize(views, None).map_err(|e| Error::StateDict(e.to_string()))
    }
}

impl FromIterator<(String, Tensor)> for StateDict {
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(tensors: I) -> StateDict {
        StateDict(tensors.into_iter().collect())
    }
}

/// Element types of files, and ours.
const DTYPES: [(Dtype, DType); 9] = [
    (Dtype::F32, DType::F32),
    (Dtype::F16, DType::F16),
    (Dtype::BF16, DType::BF16),
    (Dtype::I64, DType::I64),
    (Dtype::I32, DType::I32),
    (Dtype::U32, DType::U32),
    (Dtype::I8, DType::I8),
    (Dtype::U8, DType::U8),
    (Dtype::BOOL, DType::Bool),
];

fn file_fault(path: &Path, message: impl ToString) -> Error {
    Error::File { path: path.display().to_string(), message: message.to_string() }
}

/// The values of a module's parameters and buffers.
pub(super) fn state_dict(module: &(impl Module + ?Sized)) -> StateDict {
    let value = |leaf: Leaf| match leaf {
        Leaf::Parameter(parameter) => parameter.stored(),
        Leaf::Buffer(buffer) => buffer.stored(),
    };
    Walk::of(module).leaves.into_iter().map(|(name, leaf)| (name, value(leaf))).collect()
}

/// Gives a module's parameters and buffers the values of a state dict. Nothing is changed when something does not fit.
///
/// # Errors
/// Every name that is missing, unexpected or of another type; missing and unexpected ones only when `strict`.
pub(super) fn load_state_dict(
    module: &(impl Module + ?Sized),
    state: &StateDict,
    strict: bool,
) -> Result<()> {
    let leaves = Walk::of(module).leaves;
    let (mut missing, mut misshapen, mut fitting) = (Vec::new(), Vec::new(), Vec::new());
    for (name, leaf) in &leaves {
        let Some(value) = state.get(name) else {
            missing.push(name.as_str());
            continue;
        };
        let own = match leaf {
            Leaf::Parameter(parameter) => parameter.stored(),
            Leaf::Buffer(buffer) => buffer.stored(),
        };
        let value = if value.device() == own.device() {
            value.clone()
        } else {
            value.to_device(own.device())?
        };
        match value.dtype() == own.dtype() && value.shape() == own.shape() {
            true => fitting.push((leaf, value)),
            false => misshapen.push(format!(
                "`{name}` is {}{} but the state dict has {}{}",
                own.dtype(),
                own.shape(),
                value.dtype(),
                value.shape()
            )),
        }
    }
    let known = |name: &str| leaves.iter().any(|(own, _)| own == name);
    let unexpected: Vec<&str> =
        state.iter().map(|(name, _)| name).filter(|name| !known(name)).collect();
    let mut faults = Vec::new();
    if strict && !missing.is_empty() {
        faults.push(format!("missing: {}", quoted(&missing)));
    }
    if strict && !unexpected.is_empty() {
        faults.push(format!("unexpected: {}", quoted(&unexpected)));
    }
    faults.extend(misshapen);
    if !faults.is_empty() {
        let message = format!(
            "the state dict does not fit {}:\n  {}",
            module.type_name(),
            faults.join("\n  ")
        );
        return Err(Error::StateDict(message));
    }
    for (leaf, value) in fitting {
        match leaf {
            Leaf::Parameter(parameter) => parameter.set(&value)?,
            Leaf::Buffer(buffer) => buffer.set(&value)?,
        }
    }
    Ok(())
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
